"""A recording in another voice is as long as it was, with its pauses and course of pitch; what is told is kept to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import menura
from menura.audio import Audio, write
from menura.models.synthesizer.example import Example
from menura.progress import Progress
from menura.tasks.convert import _converted, as_another
from menura.tasks.models import Models

TEXT = "So he sings, and nobody listens."


@pytest.fixture
def convert(speech_models, tmp_path) -> Callable[..., Any]:
    """Converts two seconds and a bit of noise, by models that have learnt nothing."""
    sound = 0.1 * np.random.default_rng(0).standard_normal((2, 33_333)).astype(np.float32)
    write(Audio(sound, 16_000), tmp_path / "said.wav")
    usual = {name: str(speech_models / name) for name in ("vocoder", "aligner")}
    usual["model"] = str(speech_models / "synthesizer")
    return lambda file=tmp_path / "said.wav", **how: menura.convert(file, **{"seed": 1, **usual, **how})


@pytest.mark.parametrize("said", [{}, {"text": TEXT}])
def test_it_is_as_long_as_the_recording_with_a_text_and_without(convert, said):
    result = convert(voice="fenrir", **said)
    assert abs(result.audio.num_samples - 33_333 * 1.5) <= 1
    assert np.isfinite(result.audio.samples).all()
    assert result.summary()["voice"] == "fenrir"


def test_one_seed_gives_the_same_samples_and_another_voice_others(convert):
    one, again, other = convert(voice="heart"), convert(voice="heart"), convert(voice="fenrir")
    np.testing.assert_array_equal(one.audio.samples, again.audio.samples)
    assert not np.allclose(one.audio.samples, other.audio.samples)


def test_pitch_keeps_its_course_and_moves_as_told(speech_models):
    """Of two pieces F0 is moved alike, whatever the model would have said."""
    synthesizer = Models().get(speech_models / "synthesizer")
    f0 = np.where(np.arange(60) % 12 < 8, 150 + np.arange(60.0), 0).astype(np.float32)
    mel = np.random.default_rng(0).normal(-4, 1, (60, 100)).astype(np.float32)
    said = [Example(("s", "oʊ"), np.array([3, 10, 44, 3]), mel, f0)] * 2
    speaker = synthesizer.speaker({"heart": 1.0})
    moved = [_converted(said, synthesizer, speaker, "en-us", pitch, Progress()) for pitch in (0.0, 2.0)]
    voiced = np.tile(f0, 2) > 0
    for found, their_f0, semitones in moved:
        assert found.shape == (120, 100)
        assert ((their_f0 > 0) == voiced).all()
        inside = (their_f0 > 51) & (their_f0 < 799)
        np.testing.assert_allclose(12 * np.log2(their_f0 / np.tile(f0, 2))[inside], semitones, atol=0.01)
    assert moved[1][2] - moved[0][2] == pytest.approx(2)


def test_energy_is_given_the_level_of_the_voice_and_keeps_its_course():
    own, other = np.sin(np.arange(50.0)) * 3, np.linspace(-9, -4, 50)
    found = as_another(own, other)
    assert other.min() <= found.min() <= found.max() <= other.max()
    assert np.corrcoef(found, own)[0, 1] > 0.95


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"voice": "nobody"}, "^voice: there is no voice 'nobody'"),
        ({"text": "word " * 300}, "it is another text"),
        ({"pitch": 30}, "^pitch: "),
        ({"formant": 2}, "^formant: "),
    ],
)
def test_what_cannot_be_converted_is_told(convert, given, says):
    with pytest.raises(ValueError, match=says):
        convert(**given)


def test_silence_is_told(convert, tmp_path):
    write(Audio(np.zeros((1, 16_000), np.float32), 16_000), tmp_path / "silent.wav")
    with pytest.raises(ValueError, match=r"silent\.wav: it is silent"):
        convert(tmp_path / "silent.wav")
