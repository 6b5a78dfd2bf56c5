"""The mel scale of Slaney's Auditory Toolbox (1998), librosa's default, and its filterbank. Needs no torch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_BREAK_HZ, _BREAK_MEL = 1000.0, 15.0  # straight under 1 kHz, logarithmic over it
_HZ_PER_MEL = 200.0 / 3.0
_LOG_STEP = np.log(6.4) / 27.0


def hz_to_mel(hz: np.ndarray | float) -> np.ndarray:
    """Slaney's mel scale: 15 mel are 1 kHz."""
    hz = np.asarray(hz, np.float64)
    logarithmic = _BREAK_MEL + np.log(np.maximum(hz, 1e-9) / _BREAK_HZ) / _LOG_STEP
    return np.where(hz < _BREAK_HZ, hz / _HZ_PER_MEL, logarithmic)


def mel_to_hz(mel: np.ndarray | float) -> np.ndarray:
    """The inverse of `hz_to_mel`."""
    mel = np.asarray(mel, np.float64)
    logarithmic = _BREAK_HZ * np.exp(_LOG_STEP * (mel - _BREAK_MEL))
    return np.where(mel < _BREAK_MEL, mel * _HZ_PER_MEL, logarithmic)


@lru_cache(maxsize=16)
def mel_triangles(sample_rate_hz: int, fft_samples: int, num_mels: int, low_hz: float, high_hz: float) -> np.ndarray:
    """Triangles of equal area, equally spaced on the mel scale from `low_hz` to `high_hz`.

    Returns:
        Read-only float32 `[mel, frequency]`, for spectra of `fft_samples // 2 + 1` frequencies.

    Raises:
        ValueError: the band is empty or goes over half the sample rate.
    """
    if not 0 <= low_hz < high_hz <= sample_rate_hz / 2:
        raise ValueError(f"mel bands lie between 0 and {sample_rate_hz / 2:g} Hz, not {low_hz:g} to {high_hz:g}")
    frequencies_hz = np.arange(fft_samples // 2 + 1) * (sample_rate_hz / fft_samples)
    corners_hz = mel_to_hz(np.linspace(hz_to_mel(low_hz), hz_to_mel(high_hz), num_mels + 2))
    left, centre, right = (corners_hz[start : start + num_mels, None] for start in range(3))
    rising, falling = (frequencies_hz - left) / (centre - left), (right - frequencies_hz) / (right - centre)
    triangles = (np.maximum(np.minimum(rising, falling), 0.0) * (2 / (right - left))).astype(np.float32)
    triangles.flags.writeable = False
    return triangles


def warped(mel: np.ndarray, factor: float, sample_rate_hz: int) -> np.ndarray:
    """Frames `[frame, mel]` of logarithms, up to half the sample rate, whose resonances are so many times as high."""
    num_mels = mel.shape[1]
    top = float(hz_to_mel(sample_rate_hz / 2))
    centres_hz = mel_to_hz(np.arange(1, num_mels + 1) / (num_mels + 1) * top)
    places = hz_to_mel(centres_hz / factor) / top * (num_mels + 1) - 1
    below = np.clip(np.floor(places).astype(int), 0, num_mels - 2)
    share = np.clip(places - below, 0, 1).astype(mel.dtype)
    return mel[:, below] * (1 - share) + mel[:, below + 1] * share
