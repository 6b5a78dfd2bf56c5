"""True peak: signals 15 to 23 of EBU Tech 3341, synthesised as published, and the meter's invariants."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import firwin, oaconvolve

from menura.audio.samples import Audio
from menura.audio.true_peak import BLOCK, block_peaks, true_peak_dbtp


def assert_true_peak(audio: Audio, dbtp: float) -> None:
    """Within the document's tolerance of +0.2 and -0.4 dB."""
    assert dbtp - 0.4 <= true_peak_dbtp(audio) <= dbtp + 0.2


def tapered(samples: np.ndarray, rate_hz: int) -> Audio:
    """Risen from and fallen to silence over ten milliseconds, on two channels."""
    length = rate_hz // 100
    ramp = np.sin(np.linspace(0, np.pi / 2, length)) ** 2
    envelope = np.concatenate((ramp, np.ones(len(samples) - 2 * length), ramp[::-1]))
    return Audio(np.tile((samples * envelope).astype(np.float32), (2, 1)), rate_hz)


@pytest.mark.parametrize("rate_hz", [44100, 48000, 96000])
@pytest.mark.parametrize(
    ("divisor", "amplitude", "phase_degrees", "dbtp"),
    [(4, 0.5, 0.0, -6.0), (4, 0.5, 45.0, -6.0), (6, 0.5, 60.0, -6.0), (8, 0.5, 67.5, -6.0), (4, 1.41, 45.0, 3.0)],
    ids=["15", "16", "17", "18", "19"],
)
def test_tech_3341_signals_15_to_19(
    divisor: int, amplitude: float, phase_degrees: float, dbtp: float, rate_hz: int
) -> None:
    angle = 2 * np.pi * np.arange(rate_hz // 4) / divisor + np.radians(phase_degrees)
    assert_true_peak(tapered(amplitude * np.sin(angle), rate_hz), dbtp)


@pytest.mark.parametrize("offset", range(4), ids=["20", "21", "22", "23"])
def test_tech_3341_signals_20_to_23(offset: int) -> None:
    """fs/6 at 0.5 with a single period of fs/4 at 1.0, made at 4 fs, filtered, decimated at an offset."""
    rate_hz, periods = 48000, 400
    slow = 0.5 * np.sin(2 * np.pi * np.arange(24 * periods) / 24)
    fast = np.sin(2 * np.pi * np.arange(16) / 16)
    oversampled = np.concatenate((slow, fast, slow))
    filtered = oaconvolve(oversampled, firwin(511, 0.25, window=("kaiser", 8.0)), mode="same")
    assert_true_peak(tapered(filtered[offset::4], rate_hz), 0.0)


@given(seed=st.integers(0, 10**6), num_samples=st.integers(1, 300), num_channels=st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_it_is_never_under_the_sample_peak_and_has_no_sign(seed: int, num_samples: int, num_channels: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1, (num_channels, num_samples))
    audio = Audio(samples, 44100)
    assert true_peak_dbtp(audio) >= 20 * np.log10(audio.peak) - 1e-4
    assert true_peak_dbtp(Audio(-samples, 44100)) == pytest.approx(true_peak_dbtp(audio), abs=1e-4)
    assert true_peak_dbtp(audio) == pytest.approx(20 * np.log10(block_peaks(audio).max()), abs=1e-4)


def test_it_finds_what_lies_between_samples_as_resampling_does() -> None:
    random = np.random.default_rng(3)
    audio = Audio(random.standard_normal(20000), 12000).resampled(48000)
    resampled_db = 20 * np.log10(audio.resampled(192000).peak)
    assert true_peak_dbtp(audio) == pytest.approx(resampled_db, abs=0.02)


def test_blocks_show_where_the_peak_is() -> None:
    samples = np.zeros(BLOCK * 10 + 5, np.float32)
    samples[BLOCK * 7 + 3] = 0.5
    peaks = block_peaks(Audio(samples, 48000))
    assert len(peaks) == 11
    assert np.argmax(peaks) == 7
    assert peaks[7] == pytest.approx(0.5)


def test_silence_has_no_peak() -> None:
    assert true_peak_dbtp(Audio.silence(1, 48000)) == true_peak_dbtp(Audio.silence(0, 48000)) == float("-inf")
