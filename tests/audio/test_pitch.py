"""Pitch is near what a voice was made with, whatever its level and spectrum; what has none is unvoiced."""

from __future__ import annotations

import numpy as np
import pytest

from menura.audio.mel_inversion import mel_energies
from menura.audio.pitch import pitch
from menura.audio.resample import resample

RATE, HOP = 24_000, 300
FORMANTS = ((700, 80), (1200, 100), (2600, 150))


def vowel(hz: float | np.ndarray, seconds: float = 1.0, rate: int = RATE, harmonics: slice = slice(0, None)):
    """A voice saying "a": harmonics of `hz`, under three formants."""
    course = np.broadcast_to(np.asarray(hz, float), (round(seconds * rate),))
    phase = 2 * np.pi * np.cumsum(course) / rate
    sound = np.zeros(len(course))
    for k in range(1, int(rate / 2 / course.min()) + 1)[harmonics]:
        level = sum(1 / (1 + ((k * course - centre) / width) ** 2) for centre, width in FORMANTS) + 0.05
        sound += np.where(k * course < rate / 2 - 200, level / k, 0) * np.cos(k * phase)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def speech(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four seconds of a voice that glides and stops every half second, and its pitch at the middles of frames."""
    draw = np.random.default_rng(seed)
    course = np.interp(np.arange(4 * RATE), np.linspace(0, 4 * RATE, 12), draw.uniform(90, 260, 12))
    voiced = np.arange(4 * RATE) % (RATE // 2) < 0.35 * RATE
    return vowel(course, 4) * voiced, (course * voiced)[HOP // 2 :: HOP]


def assert_near(found: np.ndarray, hz: float | np.ndarray, within: float = 0.005) -> None:
    inside = slice(4, -4)
    truth = np.broadcast_to(hz, found.shape)
    np.testing.assert_allclose(found[inside], truth[inside], rtol=within)


@pytest.mark.parametrize("hz", [61, 85, 118, 174.6, 220, 311.1, 440, 523.3, 690])
def test_a_steady_vowel(hz):
    assert_near(pitch(vowel(hz), RATE, HOP), hz)


@pytest.mark.parametrize("hz", [659.3, 880, 1090])
def test_a_soprano_where_one_is_looked_for(hz):
    assert_near(pitch(vowel(hz), RATE, HOP, high_hz=1100), hz)


@pytest.mark.parametrize(("rate", "hop"), [(8000, 80), (16_000, 200), (22_050, 256), (44_100, 441), (48_000, 600)])
def test_a_sweep_at_any_rate_each_frame_around_its_middle(rate, hop):
    course = 70 * 8 ** (np.arange(2 * rate) / (2 * rate))
    found = pitch(vowel(course, 2, rate), rate, hop)
    assert_near(found, course[np.minimum(np.arange(len(found)) * hop + hop // 2, 2 * rate - 1)])


@pytest.mark.parametrize("samples", [1, 299, 300, 301, 5000])
def test_as_many_frames_as_mel_energies_has(samples):
    sound = vowel(200)[:samples]
    found = pitch(sound, RATE, HOP)
    assert found.dtype == np.float32
    assert found.shape == mel_energies(sound, RATE, HOP, 80).shape[:1]


def test_no_samples_have_no_frames():
    assert pitch(np.zeros(0, np.float32), RATE, HOP).shape == (0,)


def test_stops_of_the_voice_are_found():
    sound, truth = speech()
    found = pitch(sound, RATE, HOP)
    both = (found > 0) & (truth > 0)
    assert ((found > 0) != (truth > 0)).mean() < 0.08
    assert (np.abs(found[both] / truth[both] - 1) > 0.2).mean() < 0.01


@pytest.mark.parametrize("gain", [1e-3, 0.1, 30])
def test_the_level_does_not_matter(gain):
    sound, _ = speech()
    np.testing.assert_allclose(pitch(gain * sound, RATE, HOP), pitch(sound, RATE, HOP), rtol=1e-3)


def test_noise_twenty_decibels_below_changes_little():
    sound, truth = speech()
    level = 0.1 * np.sqrt(np.mean(sound[sound != 0] ** 2))
    noisy = sound + level * np.random.default_rng(1).standard_normal(len(sound)).astype(np.float32)
    found = pitch(noisy, RATE, HOP)
    both = (found > 0) & (truth > 0)
    assert ((found > 0) != (truth > 0)).mean() < 0.1
    assert (np.abs(found[both] / truth[both] - 1) > 0.2).mean() < 0.01
    assert np.median(np.abs(found[both] / truth[both] - 1)) < 0.005


def test_silence_and_noise_are_unvoiced():
    noise = np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32)
    assert not pitch(np.zeros(RATE, np.float32), RATE, HOP).any()
    assert (pitch(0.1 * noise, RATE, HOP) > 0).mean() < 0.02


def test_a_hum_that_is_much_softer_than_the_voice_is_unvoiced():
    sound = vowel(200, 2)
    sound[RATE:] *= 0.003
    found = pitch(sound, RATE, HOP)
    assert found[4:76].all()
    assert not found[-76:-4].any()


def test_pulses_of_a_creaky_man():
    """Each a short ring, with little of it left at the next."""
    ring = vowel(1, 0.02) * np.exp(-np.arange(0.02 * RATE) / (0.004 * RATE))
    draw, sound, truth, at = np.random.default_rng(3), np.zeros(2 * RATE, np.float32), np.zeros(2 * RATE), 0
    while at < 2 * RATE - len(ring):
        period = round(RATE / 72 * draw.uniform(0.98, 1.02))
        sound[at : at + len(ring)] += ring
        truth[at : at + period] = RATE / period
        at += period
    assert_near(pitch(sound, RATE, HOP), truth[HOP // 2 :: HOP], 0.04)


@pytest.mark.parametrize("hz", [80, 140, 230])
def test_a_fundamental_that_is_missing_is_heard_by_its_harmonics(hz):
    """As on a telephone."""
    assert_near(pitch(vowel(hz, harmonics=slice(2, None)), RATE, HOP), hz)


@pytest.mark.parametrize("hz", [100, 180, 300])
def test_a_strong_second_harmonic_is_not_the_pitch(hz):
    time = np.arange(RATE) / RATE
    assert_near(pitch((vowel(hz) + 0.4 * np.sin(4 * np.pi * hz * time)).astype(np.float32), RATE, HOP), hz)


def test_a_telephone_hears_the_same_pitch():
    sound, _ = speech()
    whole, narrow = pitch(sound, RATE, HOP), pitch(resample(sound[None], RATE, 8000)[0], 8000, 100)
    both = (whole > 0) & (narrow > 0)
    assert both.sum() > 0.95 * (whole > 0).sum()
    np.testing.assert_allclose(narrow[both], whole[both], rtol=0.01)


@pytest.mark.parametrize(("low", "high"), [(0, 700), (300, 200), (60, 4000)])
def test_a_range_in_which_there_is_no_pitch_is_refused(low, high):
    with pytest.raises(ValueError, match="between 20 and 2000 Hz"):
        pitch(vowel(200), RATE, HOP, low, high)
