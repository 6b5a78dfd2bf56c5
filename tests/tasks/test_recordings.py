"""A long recording is cut at its pauses: nothing of it is lost, and every piece keeps its own sounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.audio import Audio
from menura.models.synthesizer.example import Example
from menura.tasks.inputs import SoundInput
from menura.tasks.recordings import aligned, pieces, read, symbols_of


@given(st.lists(st.tuples(st.sampled_from(["a", " ", ",", "s"]), st.integers(0, 60)), min_size=1, max_size=80))
def test_pieces_hold_all_sounds_and_all_frames(said):
    symbols = ("a", *(symbol for symbol, _ in said), "s")
    durations = np.array([5, 9, *(count for _, count in said), 9, 5])
    frames = np.arange(durations.sum())
    found = list(pieces(Example(symbols, durations, frames[:, None].astype(float), frames.astype(float))))
    assert np.concatenate([one.f0 for one in found]).tolist() == frames.tolist()
    for one in found:
        assert one.durations.sum() == len(one.mel) == len(one.f0)
        assert len(one.durations) == len(one.symbols) + 2
        assert min(one.durations) >= 0
    sounds = [symbol for one in found for symbol in one.symbols if symbol in "as"]
    assert sounds == [symbol for symbol in symbols if symbol in "as"]


def test_long_speech_with_pauses_becomes_short_pieces():
    symbols = ("a", " ") * 40 + ("a",)
    durations = np.array([0, *([60, 20] * 40), 60, 0])
    count = int(durations.sum())
    found = list(pieces(Example(symbols, durations, np.zeros((count, 1)), np.zeros(count))))
    assert all(80 <= len(one.mel) <= 800 for one in found)


def test_a_recording_is_brought_to_one_level():
    sound = np.random.default_rng(0).standard_normal((2, 16_000)).astype(np.float32)
    soft, loud = (read(SoundInput.of(Audio(gain * sound, 16_000))) for gain in (0.01, 0.2))
    np.testing.assert_allclose(soft.mel, loud.mel, atol=0.02)
    assert soft.num_samples == 24_000 == 300 * len(soft.mel) == 300 * len(soft.f0)
    with pytest.raises(ValueError, match="silent"):
        read(SoundInput.of(Audio(0 * sound, 16_000)))


class Deaf:
    """An aligner to whom nothing fits."""

    config, sample_rate_hz = None, 24_000

    def align(self, mel, symbols):  # noqa: ARG002
        return type("Found", (), {"score": -3.0, "durations": np.zeros(len(symbols) + 2)})


def test_a_text_that_does_not_fit_is_refused():
    sound = np.random.default_rng(0).standard_normal((1, 16_000)).astype(np.float32)
    with pytest.raises(ValueError, match="the transcript is not what is said in it, word for word"):
        aligned(read(SoundInput.of(Audio(sound, 16_000))), symbols_of("So he sings.", "en-us"), Deaf())
