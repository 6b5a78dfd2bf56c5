"""The limiter: never over the ceiling, nothing changed under it, no clipping, one gain for all channels."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.audio.limiter import Limiter, limit
from menura.audio.samples import Audio
from menura.audio.true_peak import true_peak_dbtp

RATE = 44100


def sine(height: float | np.ndarray = 1.0, duration_s: float = 1.0) -> np.ndarray:
    return height * np.sin(2 * np.pi * 997 * np.arange(round(RATE * duration_s)) / RATE)


@given(
    seed=st.integers(0, 10**6),
    num_samples=st.integers(1, 20000),
    height_db=st.floats(-20, 40),
    ceiling=st.floats(-20, 0),
    rate_hz=st.sampled_from([8000, 44100, 48000, 96000]),
)
@settings(max_examples=60, deadline=None)
def test_the_true_peak_never_exceeds_the_ceiling(
    seed: int, num_samples: int, height_db: float, ceiling: float, rate_hz: int
) -> None:
    samples = np.random.default_rng(seed).laplace(0, 0.3, (2, num_samples)) * 10 ** (height_db / 20)
    limited = limit(Audio(samples, rate_hz), ceiling)
    assert limited.num_samples == num_samples
    assert true_peak_dbtp(limited) <= ceiling


def test_sound_under_the_ceiling_passes_untouched() -> None:
    audio = Audio(sine(0.8), RATE)
    assert limit(audio, -1.0) is audio


def test_a_short_peak_is_taken_down_and_the_rest_left_alone() -> None:
    height = np.full(RATE, 0.2)
    height[RATE // 2 : RATE // 2 + 200] = 2.0
    audio = Audio(sine(height), RATE)
    limited = limit(audio, -1.0)
    assert limited.cut(0, 0.48) == audio.cut(0, 0.48)
    np.testing.assert_allclose(limited.cut(0.97).samples, audio.cut(0.97).samples, atol=1e-2)
    assert true_peak_dbtp(limited) == pytest.approx(-1.0, abs=0.1)


def test_a_loud_tone_is_turned_down_and_not_distorted() -> None:
    limited = limit(Audio(sine(2.0), RATE), -1.0).cut(0.2, 0.8).samples[0]
    spectrum = np.abs(np.fft.rfft(limited * np.blackman(len(limited))))
    fundamental = int(np.argmax(spectrum))
    spectrum[fundamental - 5 : fundamental + 6] = 0
    assert spectrum.max() < 1e-3 * np.abs(limited).sum() / 2


def test_all_channels_share_one_gain() -> None:
    limited = limit(Audio(np.stack([sine(3.0), sine(0.3)]), RATE), -1.0)
    np.testing.assert_allclose(limited.samples[0], 10 * limited.samples[1], atol=1e-5)


def test_a_ceiling_over_full_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="ceiling"):
        limit(Audio(sine(), RATE), 0.5)


@given(seed=st.integers(0, 10**6), height_db=st.floats(-10, 20), cuts=st.lists(st.integers(0, 9000), max_size=5))
@settings(max_examples=30, deadline=None)
def test_in_pieces_it_is_as_the_whole(seed: int, height_db: float, cuts: list[int]) -> None:
    samples = (np.random.default_rng(seed).laplace(0, 0.3, 9000) * 10 ** (height_db / 20)).astype(np.float32)
    edges = [0, *sorted(cuts), 9000]
    limiter = Limiter(RATE)
    parts = [limiter.limited(samples[a:b]) for a, b in pairwise(edges)]
    limited = np.concatenate([*parts, limiter.limited(samples[:0], True)])
    assert np.array_equal(limited, Limiter(RATE).limited(samples, True))
    assert true_peak_dbtp(Audio(limited, RATE)) <= -0.99
    if height_db < 0:
        np.testing.assert_allclose(limited[:8000], limit(Audio(samples, RATE)).samples[0, :8000], atol=1e-3)
