"""Utterances without durations get some that add up, once; what was told stays, and what cannot fit is left out."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from menura import audio, checkpoint
from menura.audio import Audio
from menura.data.speech import SpeechCorpus
from menura.models.aligner.model import Aligner, tiny
from menura.progress import Progress
from menura.train.aligning import with_durations


class Told(Progress):
    def __init__(self):
        super().__init__()
        self.lines = []

    def say(self, text):
        self.lines.append(text)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> SpeechCorpus:
    """22 half seconds of noise: the first is told, the second has more sounds than frames."""
    folder, rng = tmp_path_factory.mktemp("speech"), np.random.default_rng(0)
    rows: list[dict[str, object]] = []
    for number in range(22):
        row = {"file": f"{number:02d}.flac", "split": "valid" if number == 4 else "train", "phonemes": "mɑ, lɑ."}
        told = {0: {"durations_ms": [50] * 9}, 1: {"phonemes": "mɑ" * 50}}
        rows.append({**row, **told.get(number, {})})
        sound = 0.1 * rng.standard_normal((1, 10_800)).astype(np.float32)
        audio.write(Audio(sound, 24_000), folder / row["file"])
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return SpeechCorpus.of(folder, tmp_path_factory.mktemp("cache"), Progress())


@pytest.fixture(scope="module")
def aligner(tmp_path_factory):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Aligner(tiny())
    model.last.weight.data *= 0.1  # every text fits
    return checkpoint.save(model, tmp_path_factory.mktemp("models") / "aligner", {})


def durations(corpus: SpeechCorpus, index: int) -> np.ndarray:
    found = corpus.utterances[index].durations
    assert found is not None
    return found


def test_durations_are_found_where_none_were_told(corpus, aligner, tmp_path):
    told = Told()
    found = with_durations(corpus, tmp_path, told, aligner)
    assert (durations(found, 0) == durations(corpus, 0)).all()
    assert found.utterances[1].durations is None
    for index in range(2, 22):
        assert len(durations(found, index)) == len(found.utterances[index].symbols) + 2
        assert durations(found, index).sum() == corpus.num_frames(index)
    assert told.lines == ["20 of 21 utterances were aligned with their text; the others do not fit it"]


def test_they_are_kept(corpus, aligner, tmp_path, monkeypatch):
    first = with_durations(corpus, tmp_path, Progress(), aligner)
    monkeypatch.setattr(checkpoint, "load", lambda _folder: pytest.fail("it was found already"))
    again = with_durations(corpus, tmp_path, Progress(), aligner)
    for index in range(2, 22):
        np.testing.assert_array_equal(durations(first, index), durations(again, index))


def test_what_was_told_is_found_anew_if_asked(corpus, aligner, tmp_path):
    found = with_durations(corpus, tmp_path, Progress(), aligner, told_too=True)
    assert durations(found, 0).sum() == corpus.num_frames(0)
    assert (durations(found, 0) != durations(corpus, 0)).any()
