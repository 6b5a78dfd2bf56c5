"""Resampling keeps a tone's pitch and height, its length, and goes there and back without loss."""

import numpy as np
import pytest

from menura.audio.resample import Resampler
from menura.audio.samples import Audio


def tone(rate_hz: int, frequency_hz: float = 997.0, duration_s: float = 0.5) -> Audio:
    return Audio(0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(round(rate_hz * duration_s)) / rate_hz), rate_hz)


@pytest.mark.parametrize("to_hz", [8000, 11025, 22050, 48000, 96000, 192000])
def test_a_tone_resampled_is_the_tone_at_the_new_rate(to_hz: int) -> None:
    resampled = tone(44100).resampled(to_hz)
    assert resampled.num_samples == tone(to_hz).num_samples
    np.testing.assert_allclose(resampled.cut(0.1, 0.4).samples, tone(to_hz).cut(0.1, 0.4).samples, atol=1e-5)


def test_there_and_back_loses_nothing_audible() -> None:
    there_and_back = tone(44100).resampled(96000).resampled(44100)
    np.testing.assert_allclose(there_and_back.cut(0.1, 0.4).samples, tone(44100).cut(0.1, 0.4).samples, atol=1e-6)


def test_what_would_alias_is_removed() -> None:
    assert tone(48000, frequency_hz=7000).resampled(8000).cut(0.1, 0.4).peak < 1e-5


def test_the_same_rate_changes_nothing_and_no_rate_is_refused() -> None:
    assert tone(8000).resampled(8000) == tone(8000)
    with pytest.raises(ValueError, match="sample rate"):
        tone(8000).resampled(0)


@pytest.mark.parametrize("from_hz", [8000, 16_000, 44_100])
def test_bit_by_bit_is_the_whole(from_hz: int) -> None:
    whole, resampler = tone(from_hz), Resampler(from_hz, 16_000)
    samples = np.array(whole.samples[0])
    parts = [resampler(part) for part in np.split(samples, [100, 101, 2000])]
    joined = np.concatenate([*parts, resampler(samples[:0], is_last=True)])
    wanted = whole.resampled(16_000).samples[0]
    np.testing.assert_allclose(joined[: len(wanted)], wanted, atol=1e-6)
