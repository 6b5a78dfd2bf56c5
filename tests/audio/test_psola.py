"""A voice at another pitch: F0 is moved, formants, length, level and what is unvoiced stay."""

from __future__ import annotations

import numpy as np
import pytest

from menura.audio.mel_inversion import mel_energies
from menura.audio.pitch import pitch
from menura.audio.psola import shift_pitch

RATE_HZ, HOP = 24_000, 300
FORMANTS_HZ = (600.0, 1700.0)


def vowel(hz: float, seconds: float = 0.6) -> np.ndarray:
    """Harmonics under two formants, between hisses."""
    count = round(seconds * RATE_HZ / HOP) * HOP
    phase = 2 * np.pi * hz * np.arange(count) / RATE_HZ
    heights = [(k, sum(np.exp(-(((k * hz - f) / 250) ** 2)) for f in FORMANTS_HZ)) for k in range(1, int(4000 / hz))]
    tone = sum(height * np.cos(k * phase) for k, height in heights)
    hiss = 0.02 * np.random.default_rng(0).standard_normal(20 * HOP)
    return np.concatenate([hiss, 0.1 * tone, hiss]).astype(np.float32)


def measured(samples: np.ndarray) -> np.ndarray:
    return pitch(samples, RATE_HZ, HOP, 60, 1000)


@pytest.mark.parametrize("ratio", [0.6, 0.8, 1.3, 2.0, 2.5])
@pytest.mark.parametrize("hz", [110.0, 233.0])
def test_pitch_is_moved_and_formants_are_not(hz, ratio):
    sound = vowel(hz)
    f0 = measured(sound)
    moved = shift_pitch(sound, f0, ratio, RATE_HZ, HOP)
    assert moved.shape == sound.shape
    inside = slice(26, -26)
    assert np.abs(1200 * np.log2(measured(moved)[inside] / (ratio * hz))).max() < 15
    ours, theirs = (np.sqrt(mel_energies(one, RATE_HZ, HOP, 100)[inside].mean(0)[:60]) for one in (moved, sound))
    places = np.arange(60)
    assert abs(np.average(places, weights=ours) - np.average(places, weights=theirs)) < 3
    assert np.std(moved[9000:-9000]) == pytest.approx(np.std(sound[9000:-9000]), rel=0.35)


def test_what_is_unvoiced_stays_to_the_sample():
    sound = vowel(150.0)
    f0 = measured(sound)
    moved = shift_pitch(sound, f0, 1.5, RATE_HZ, HOP)
    unvoiced = np.repeat(f0 == 0, HOP)
    assert np.array_equal(moved[unvoiced], sound[unvoiced])


def test_a_ratio_of_one_sounds_the_same():
    sound = vowel(150.0)
    ours, theirs = (
        np.log(mel_energies(one, RATE_HZ, HOP, 100))
        for one in (shift_pitch(sound, measured(sound), 1.0, RATE_HZ, HOP), sound)
    )
    assert np.abs(ours - theirs)[:, :60].mean() < 0.1


@pytest.mark.parametrize("count", [0, 1, 299, 700])
def test_short_and_silent_sounds_are_left_alone(count):
    sound = np.zeros(count, np.float32)
    assert np.array_equal(shift_pitch(sound, np.full(3, 100.0), 1.5, RATE_HZ, HOP), sound)


def test_what_cannot_be_moved_is_refused():
    with pytest.raises(ValueError, match=r"a ratio of 0\.25 to 4, not 9"):
        shift_pitch(np.zeros(300, np.float32), np.zeros(1), 9.0, RATE_HZ, HOP)
    with pytest.raises(ValueError, match="601 samples have more than 2 frames of 300"):
        shift_pitch(np.zeros(601, np.float32), np.zeros(2), 1.5, RATE_HZ, HOP)
