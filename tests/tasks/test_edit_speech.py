"""Other words are put into a recording, and whatever was not to be changed is as it was; what cannot be is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import menura
from menura import checkpoint
from menura.audio import Audio, read, write
from menura.files import read_json
from menura.models.aligner import model as aligner
from menura.models.voicebox import model as voicebox
from menura.tasks.splicing import width_of
from menura.text.speech.phonemes import SYMBOLS

SAID = "So he often sings aloud."


@pytest.fixture(scope="module")
def models(tmp_path_factory, speech_models) -> dict[str, str]:
    """Models that have learnt nothing."""
    folder = tmp_path_factory.mktemp("models")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = {
            "aligner": checkpoint.save(aligner.Aligner(aligner.tiny()), folder / "aligner", {}),
            "model": checkpoint.save(voicebox.Voicebox(voicebox.tiny(SYMBOLS)), folder / "voicebox", {}),
        }
    return {name: str(speech_models / name) for name in ("synthesizer", "vocoder")} | {
        name: str(path) for name, path in found.items()
    }


@pytest.fixture
def edit(models, tmp_path) -> Callable[..., Any]:
    """Edits four seconds of stereo noise."""
    sound = 0.1 * np.random.default_rng(0).standard_normal((2, 4 * 16_000)).astype(np.float32)
    write(Audio(sound, 16_000), tmp_path / "said.wav")
    return lambda text, **how: menura.edit_speech(
        tmp_path / "said.wav", text, **{"said": SAID, "seed": 1, **models, **how}
    )


def kept_around(old: Audio, new: Audio) -> tuple[float, float]:
    """Seconds that are the same at the beginning and at the end."""
    count = min(old.num_samples, new.num_samples)
    same = [(one[:, :count] == other[:, :count]).all(0) for one, other in (
        (old.samples, new.samples), (old.samples[:, ::-1], new.samples[:, ::-1])
    )]  # fmt: skip
    before, after = (int(np.argmin(one)) if not one.all() else count for one in same)
    return before / old.sample_rate_hz, after / old.sample_rate_hz


@pytest.mark.parametrize("model", ["a voicebox", "no voicebox"])
@pytest.mark.parametrize("text", ["So he never sings aloud.", "So he sings aloud.", "So he very often sings aloud."])
def test_what_is_not_changed_is_kept_to_the_last_bit(edit, tmp_path, model, text):
    result = edit(text, output=tmp_path / "new", **({} if model == "a voicebox" else {"model": None}))
    old, new = read(tmp_path / "said.wav"), read(tmp_path / "new.wav")
    (span,) = result.summary()["new"]
    start_s, end_s = map(float, span.removesuffix(" s").split("-"))
    before_s, after_s = kept_around(old, new)
    assert before_s >= start_s - 0.01
    assert after_s >= new.duration_s - end_s - 0.01
    assert new.num_channels == 2
    assert np.isfinite(new.samples).all()


def test_several_words_are_changed_at_once(edit):
    result = edit("He he often sings badly.")
    assert len(result.summary()["new"]) == 2


def test_a_seed_gives_the_same_sound_and_a_sidecar_makes_it_again(edit, tmp_path):
    first = edit("So he never sings aloud.", output=tmp_path / "one")
    assert read_json(tmp_path / "one.json")["remarks"]["new"] == first.summary()["new"][0]
    again: Any = menura.replay(tmp_path / "one.json", output=tmp_path / "two")
    assert (again.audio.samples == first.audio.samples).all()
    other = edit("So he never sings aloud.", seed=2)
    assert not np.array_equal(other.audio.samples, first.audio.samples)


def test_the_file_is_as_wide_as_the_recording(models, tmp_path):
    sound = Audio(0.1 * np.random.default_rng(0).standard_normal((1, 32_000)).astype(np.float32), 16_000)
    write(sound, tmp_path / "said.wav", bits=24)
    menura.edit_speech(tmp_path / "said.wav", "So she sings.", said="So he sings.", output=tmp_path / "new", **models)
    old, new = read(tmp_path / "said.wav"), read(tmp_path / "new.wav")
    assert kept_around(old, new)[0] > 0.1
    assert width_of(new.samples) == 24


@pytest.mark.parametrize(
    ("text", "told", "complaint"),
    [
        (SAID, {}, "sounds like what is said already"),
        ("So, he OFTEN sings aloud!", {}, "sounds like what is said already"),
        ("...", {}, "has no word that can be said"),
        ("So he sings.", {"said": ""}, "give what is said"),
        ("So he sings.", {"said": "..."}, "said: there is no sound"),
        ("So he sings.", {"said": "word " * 500}, "said: the text has"),
        ("So he sings.", {"language": "nl"}, "does not speak nl; it speaks en-us, de"),
        ("So " + "never " * 400, {}, "more than 20 s anew"),
    ],
)
def test_what_cannot_be_edited_is_told(edit, text, told, complaint):
    with pytest.raises(ValueError, match=complaint):
        edit(text, **told)


def test_silence_is_told(models, tmp_path):
    write(Audio(np.zeros((1, 32_000), np.float32), 16_000), tmp_path / "silence.wav")
    with pytest.raises(ValueError, match=r"silence.wav: it is silent"):
        menura.edit_speech(tmp_path / "silence.wav", "So.", said="So he.", **models)
