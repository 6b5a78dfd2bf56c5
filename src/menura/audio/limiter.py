"""A look-ahead limiter that keeps the true peak under a ceiling by a gain that moves smoothly."""

from __future__ import annotations

import numpy as np
import scipy
from jaxtyping import Float

from menura.audio.samples import Audio
from menura.audio.true_peak import BLOCK, amplitude_db, block_peaks

_ATTACK_S = 0.005
_RELEASE_S = 0.08  # time in which a reduction in dB falls to 1/e
_MARGIN_DB = 0.01  # for what the moving gain itself adds between the samples, and for dither


def limit(audio: Audio, ceiling_dbtp: float = -1.0) -> Audio:
    """Turn down, briefly and without clipping, whatever would exceed a true peak of `ceiling_dbtp` (dB, at most 0).

    All channels share one gain, so that the stereo image stands still. Sound under the ceiling passes unchanged.

    Raises:
        ValueError: the ceiling is above full scale.
    """
    if not ceiling_dbtp <= 0:
        raise ValueError(f"a true-peak ceiling is at most 0 dBTP, not {ceiling_dbtp:g}")
    peaks = block_peaks(audio, matters=10 ** (ceiling_dbtp / 20))
    if amplitude_db(float(peaks.max(initial=0.0))) <= ceiling_dbtp:
        return audio
    return under_ceiling(audio, limiter_gains(peaks, audio.sample_rate_hz, ceiling_dbtp), ceiling_dbtp)


class Limiter:
    """`limit` for sound of one channel that comes in pieces: it waits for the few blocks that gains look ahead to.

    Args:
        sample_rate_hz: of the sound.
        ceiling_dbtp: the highest true peak wanted, at most 0.
    """

    def __init__(self, sample_rate_hz: int, ceiling_dbtp: float = -1.0) -> None:
        self._rate_hz, self._ceiling_dbtp = sample_rate_hz, ceiling_dbtp
        self._half = _half_window(sample_rate_hz)
        self._given = np.zeros(BLOCK, np.float32)  # the last block before those that wait, as it came
        self._waiting = np.zeros(0, np.float32)
        self._reduction_db = 0.0  # what that block needs by itself
        self._released_db = np.zeros(2 * self._half)  # at the last edges before those that wait

    def limited(self, samples: Float[np.ndarray, " sample"], is_last: bool = False) -> Float[np.ndarray, " ready"]:
        """What is ready once these have come; all of it if they are the last."""
        self._waiting = np.concatenate((self._waiting, samples))
        half = self._half
        whole = -(-len(self._waiting) // BLOCK) if is_last else len(self._waiting) // BLOCK
        ready = whole if is_last else max(whole - 2 * half - 2, 0)
        if not ready:
            return self._waiting[:0]
        around = Audio(np.concatenate((self._given, self._waiting)), self._rate_hz)
        peaks = block_peaks(around, matters=10 ** (self._ceiling_dbtp / 20))[1 : 1 + whole]
        reduction_db = np.concatenate(([self._reduction_db], _reductions_db(peaks, self._ceiling_dbtp), [0.0]))
        edges_db = np.maximum(reduction_db[1:], reduction_db[:-1])
        released_db = _released(np.append(self._released_db[-1:], edges_db), _RELEASE_S * self._rate_hz / BLOCK)[1:]
        seen_db = np.concatenate((self._released_db, released_db, np.zeros(2 * half if is_last else 0)))
        out, self._waiting = self._waiting[: ready * BLOCK], self._waiting[ready * BLOCK :]
        self._released_db, self._reduction_db = seen_db[ready : ready + 2 * half], reduction_db[ready]
        self._given = out[-BLOCK:]
        if not seen_db.any():
            return out
        held_db = np.lib.stride_tricks.sliding_window_view(seen_db, 2 * half + 1).max(-1)
        return out * _at_samples(10 ** (-_smooth(held_db, half)[: ready + 1] / 20))[: len(out)]


def limiter_gains(peaks: np.ndarray, sample_rate_hz: int, ceiling_dbtp: float) -> np.ndarray:
    """The gain at each edge between blocks that brings blocks of these true peaks under the ceiling.

    Args:
        peaks: linear true peak of each block of `BLOCK` samples.
        sample_rate_hz: of the samples.
        ceiling_dbtp: the highest true peak wanted.

    Returns:
        float64 `[block + 1]`, linear, at most 1; gains between edges are interpolated in a straight line.
    """
    reduction_db = _reductions_db(peaks, ceiling_dbtp)
    edges_db = np.maximum(np.append(reduction_db, 0.0), np.insert(reduction_db, 0, 0.0))
    released_db = _released(edges_db, _RELEASE_S * sample_rate_hz / BLOCK)
    # Held for as long either side as it is then averaged over, the curve is smooth and nowhere too shallow.
    half = _half_window(sample_rate_hz)
    held_db = scipy.ndimage.maximum_filter1d(np.pad(released_db, half), 2 * half + 1)
    return 10 ** (-_smooth(held_db, half) / 20)


def under_ceiling(audio: Audio, gains: np.ndarray, ceiling_dbtp: float) -> Audio:
    """Apply `limiter_gains` and take off the last thousandth of a decibel if need be."""
    limited = audio.samples * _at_samples(gains)[: audio.num_samples]
    limited.flags.writeable = False
    result = Audio(limited, audio.sample_rate_hz)
    peaks = block_peaks(result, matters=10 ** (ceiling_dbtp / 20))
    excess_db = amplitude_db(float(peaks.max(initial=0.0))) - ceiling_dbtp
    return result.gain(-excess_db - 1e-4) if excess_db > 0 else result


def _reductions_db(peaks: np.ndarray, ceiling_dbtp: float) -> np.ndarray:
    needed_db = 20 * np.log10(np.maximum(peaks, 1e-20).astype(np.float64)) - ceiling_dbtp
    return np.where(needed_db > -_MARGIN_DB, needed_db + _MARGIN_DB, 0.0)


def _half_window(sample_rate_hz: int) -> int:
    """Edges on either side over which gains are held, and then averaged."""
    return max(round(_ATTACK_S / 2 * sample_rate_hz / BLOCK), 1)


def _smooth(held_db: np.ndarray, half: int) -> np.ndarray:
    window = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(held_db, window / window.sum(), mode="valid")


def _released(reduction_db: np.ndarray, release_edges: float) -> np.ndarray:
    """Each reduction dies away exponentially: y[n] = max(x[n], c y[n-1]), as a running maximum of logarithms."""
    slope = np.arange(len(reduction_db)) / release_edges
    with np.errstate(divide="ignore"):
        logarithm = np.log(reduction_db)
    return np.exp(np.maximum.accumulate(logarithm + slope) - slope)


def _at_samples(gains: np.ndarray) -> np.ndarray:
    start, step = gains[:-1].astype(np.float32), np.diff(gains).astype(np.float32)
    ramp = (np.arange(BLOCK, dtype=np.float32) + np.float32(0.5)) / np.float32(BLOCK)
    return (start[:, None] + step[:, None] * ramp).reshape(-1)
