"""A folder's sounds are found by sound, by words and by being the same; only what is new is heard again."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest
import torch

import menura
from menura import audio, checkpoint
from menura.audio import Audio
from menura.models.embedder.model import Embedder, tiny
from menura.tasks.tags import TAGS

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return str(checkpoint.save(Embedder(tiny()).eval(), tmp_path_factory.mktemp("models") / "embedder", {}))


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "sounds"
    (home / "more").mkdir(parents=True)
    time = np.arange(8000) / RATE_HZ
    rng = np.random.default_rng(0)
    for name, sound in {
        "low": np.sin(700 * time),
        "high": np.sin(20_000 * time),
        "more/hiss": rng.normal(size=8000),
    }.items():
        audio.write(Audio((0.2 * sound).astype(np.float32), RATE_HZ), home / f"{name}.wav")
    return home


def names(result):
    return [row["sound"] for row in result.summary()["sounds"]]


def test_a_sound_is_most_like_itself(folder, model):
    found = menura.similar(folder, folder / "low.wav", model=model)
    assert names(found)[0] == "low.wav"
    assert found.sounds[0][1] == pytest.approx(1, abs=1e-4)
    assert len(found.sounds) == found.heard == 3


def test_words_find_sounds_and_words_of_what_must_not_be_heard_send_them_back(folder, model):
    found = menura.similar(folder, "rain", model=model, top=2)
    assert len(found.sounds) == 2
    without = menura.similar(folder, without="rain", model=model)
    assert names(without) == names(menura.similar(folder, "rain", model=model))[::-1]


def test_only_what_is_new_is_heard_again(folder, model, monkeypatch):
    menura.similar(folder, "rain", model=model)
    heard = []
    read = audio.read
    monkeypatch.setattr(audio, "read", lambda path, **how: heard.append(path.name) or read(path, **how))
    (folder / "low.wav").rename(folder / "renamed.wav")
    shutil.copy(folder / "high.wav", folder / "copy.wav")
    os.utime(folder / "more" / "hiss.wav", (1, 1))
    audio.write(Audio(np.full(4000, 0.1, np.float32), RATE_HZ), folder / "new.wav")
    found = menura.similar(folder, "rain", model=model)
    assert heard == ["new.wav"]
    assert set(names(found)) == {"renamed.wav", "high.wav", "copy.wav", "more/hiss.wav", "new.wav"}


def test_near_duplicates_are_named_with_what_they_are_like(folder, model):
    shutil.copy(folder / "high.wav", folder / "z.wav")
    rows = menura.similar(folder, duplicates=True, model=model).summary()["sounds"]
    assert ("z.wav", "high.wav") in [(row["sound"], row["like"]) for row in rows]


def test_what_cannot_be_read_is_left_out_and_another_model_hears_all_again(folder, model, tmp_path):
    (folder / "broken.wav").write_bytes(b"RIFF")
    before = menura.similar(folder, "rain", model=model)
    assert before.heard == 3
    with torch.random.fork_rng():
        torch.manual_seed(1)
        other = str(checkpoint.save(Embedder(tiny()).eval(), tmp_path / "other", {}))
    after = menura.similar(folder, "rain", model=other)
    assert not np.allclose(before.sounds[0][0].point, after.sounds[0][0].point)


@pytest.mark.parametrize(
    ("values", "words"),
    [({}, "like: name a sound or words"), ({"like": "rain", "duplicates": True}, "or ask for duplicates alone")],
)
def test_it_is_told_what_to_find(folder, model, values, words):
    with pytest.raises(ValueError, match=words):
        menura.similar(folder, model=model, **values)


def test_what_is_no_index_is_refused(folder, model, tmp_path):
    (tmp_path / "x.txt").write_text("no index\n" * 200)
    with pytest.raises(ValueError, match="cannot be used as an index"):
        menura.similar(folder, "rain", model=model, index=tmp_path / "x.txt")


def test_a_sound_is_described_by_the_tags_there_are_or_those_that_are_given(folder, model):
    found = menura.describe(folder / "low.wav", model=model)
    assert len(found.tags) == 5
    assert {tag.name for tag in found.tags} <= set(TAGS)
    assert [tag.score for tag in found.tags] == sorted((tag.score for tag in found.tags), reverse=True)
    assert "0.50 s" in found.line
    few = menura.describe(folder / "low.wav", among="rain,a dog barks", model=model)
    assert {tag.name for tag in few.tags} == {"rain", "a dog barks"}


def test_silence_is_described(model):
    assert "silent" in menura.describe(Audio(np.zeros(8000, np.float32), RATE_HZ), model=model).line
