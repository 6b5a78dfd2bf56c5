"""True peak (ITU-R BS.1770-4, Annex 2): the height of the wave between its samples, by polyphase interpolation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy

from menura.audio.samples import Audio
from menura.progress import check

BLOCK = 32
"""Samples a block: true peaks are found, and gains set, for each."""

_HALF_TAPS = 12  # each way; Annex 2 itself has 6
_KAISER_BETA = 5.0
_ROWS = 2048  # blocks interpolated at once: what stays in the cache


def true_peak_dbtp(audio: Audio) -> float:
    """The highest true peak of any channel, in dB relative to full scale; -inf for silence.

    Interpolated 4 times up to 48 kHz, 2 times above (ITU-R BS.1770-4, Annex 2).
    """
    peaks = block_peaks(audio, audio.peak)
    return amplitude_db(float(peaks.max(initial=0.0)))


def amplitude_db(amplitude: float) -> float:
    """20 log10, and -inf for 0."""
    return float(20 * np.log10(amplitude)) if amplitude > 0 else float("-inf")


def block_peaks(audio: Audio, matters: float = 0.0) -> np.ndarray:
    """The true peak, over all channels, in each block of `BLOCK` samples.

    Args:
        audio: any sound.
        matters: an amplitude; blocks that cannot reach it are not interpolated and tell their sample peak, which
            saves most of the work.

    Returns:
        float32 `[block]`, linear amplitude; the last block may be a part.
    """
    peaks = np.zeros(-(-audio.num_samples // BLOCK), np.float32)
    for channel in audio.samples:
        np.maximum(peaks, _channel_peaks(channel, _interpolator(audio.sample_rate_hz), matters), out=peaks)
    return peaks


def _channel_peaks(channel: np.ndarray, interpolator: np.ndarray, matters: float) -> np.ndarray:
    num_blocks = -(-len(channel) // BLOCK)
    padded = np.zeros(num_blocks * BLOCK + 2 * _HALF_TAPS, np.float32)
    padded[_HALF_TAPS : _HALF_TAPS + len(channel)] = channel
    blocks = padded[_HALF_TAPS : _HALF_TAPS + num_blocks * BLOCK].reshape(num_blocks, BLOCK)
    peaks = np.maximum(blocks.max(axis=1, initial=0), -blocks.min(axis=1, initial=0))
    if num_blocks == 0:
        return peaks
    rows = np.lib.stride_tricks.sliding_window_view(padded, len(interpolator))[::BLOCK]
    most_overshoot = np.abs(interpolator).sum(axis=0).max()
    candidates = np.flatnonzero(scipy.ndimage.maximum_filter1d(peaks, 3) * most_overshoot >= max(matters, 1e-20))
    for start in range(0, len(candidates), _ROWS):
        check()
        chosen = candidates[start : start + _ROWS]
        between = interpolator.T @ rows[chosen].T.astype(np.float64)  # in float32, pieces would round otherwise
        np.abs(between, out=between)
        peaks[chosen] = np.maximum(peaks[chosen], between.max(axis=0))
    return peaks


@lru_cache(maxsize=2)
def _interpolator_matrix(factor: int) -> np.ndarray:
    """Toeplitz: a block with `_HALF_TAPS` neighbours either side, times this, is every point between the samples."""
    matrix = np.zeros((BLOCK + 2 * _HALF_TAPS, BLOCK, factor - 1))
    for phase in range(1, factor):
        distance = np.arange(1 - _HALF_TAPS, _HALF_TAPS + 1) - phase / factor
        window = np.i0(_KAISER_BETA * np.sqrt(1 - (distance / _HALF_TAPS) ** 2)) / np.i0(_KAISER_BETA)
        taps = np.sinc(distance) * window
        for position in range(BLOCK):
            matrix[position + 1 : position + 1 + 2 * _HALF_TAPS, position, phase - 1] = taps / taps.sum()
    return matrix.reshape(len(matrix), -1)


def _interpolator(sample_rate_hz: int) -> np.ndarray:
    return _interpolator_matrix(4 if sample_rate_hz <= 48000 else 2)
