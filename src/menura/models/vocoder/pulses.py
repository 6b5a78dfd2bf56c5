"""Pulses at the fundamental frequency of a voice: what the harmonic part of the vocoder filters.

Each pulse is a windowed sinc where the phase passes a whole number of periods, between samples as a rule, so that
nothing lies over half the sample rate that could be mirrored.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from jaxtyping import Complex, Float, Int

_REACH_FRAMES = 3
"""Pulses go on so far beyond what is voiced, at the F0 there; it is for the filter to end them."""
_SIDE_SAMPLES = 32
_POSITIONS = 128
_CUT_OFF = 0.46
"""Of the sample rate: where a pulse's spectrum has fallen to a half; from a half of the rate on it has nothing."""
_BETA = 8.0
_HARMONICS, _HIGHEST_HARMONIC_HZ = 20, 4000.0
_PLACES = 64
_AGREEING_FRAMES = 7
_LARGEST_STRAY = 0.12
"""In periods, of where pulses stand in a period of the fundamental."""


def frequencies(f0: Float[np.ndarray, " frame"], hop_samples: int) -> Float[np.ndarray, " sample"]:
    """F0 at every sample, straight from the middle of a frame to the next; 0 where there are no pulses."""
    if not len(f0):
        return np.zeros(0)
    f0 = np.pad(_reaching(f0.astype(np.float64)), 1, mode="edge")
    left, right = f0[:-1, None], f0[1:, None]
    share = (np.arange(hop_samples) + 0.5) / hop_samples
    nearer = np.where(share < 0.5, left, right)
    between = np.where((left > 0) & (right > 0), left + (right - left) * share, nearer)
    half = hop_samples // 2
    return between.reshape(-1)[hop_samples - half : len(between) * hop_samples - half]


def phases(hz: Float[np.ndarray, " sample"], sample_rate_hz: int) -> Float[np.ndarray, " sample"]:
    """Periods since the beginning, at every sample."""
    return np.cumsum(hz) / sample_rate_hz


def measured_drift(
    sound: Float[np.ndarray, " sample"],
    f0: Float[np.ndarray, " frame"],
    phase: Float[np.ndarray, " sample"],
    sample_rate_hz: int,
    window_samples: int,
) -> Float[np.ndarray, " sample"]:
    """How far a sound's own pulses are ahead of `phases`, in periods.

    F0 is never known so well that its sum has the phase of a recording after a second. With what this adds, pulses
    stand where the harmonics agree best, so that a filter has smooth phases to learn: the fundamental is followed
    first, and then, around the place in its period that suits the whole, where the harmonics of a few frames are high
    at once.

    Args:
        sound: of whole frames.
        f0: of its frames, 0 where unvoiced.
        phase: at its samples.
        sample_rate_hz: of the sound.
        window_samples: over which harmonics are measured around the middle of a frame.
    """
    voiced = np.flatnonzero(f0 > 0)
    if not len(voiced):
        return np.zeros_like(phase)
    hop = len(sound) // len(f0)
    around = np.pad(sound * np.exp(-2j * np.pi * phase), (window_samples - hop) // 2)
    windows = np.lib.stride_tricks.sliding_window_view(around, window_samples)[::hop]
    fundamental = windows[voiced] @ np.hanning(window_samples)
    ahead = np.unwrap(np.angle(fundamental) / (2 * np.pi), period=1)
    harmonics = _harmonics(sound, f0, sample_rate_hz, window_samples)
    turned = np.exp(-2j * np.pi * np.outer(phase[voiced * hop + hop // 2] + ahead, np.arange(1, _HARMONICS + 1)))
    ahead += _agreement(harmonics[voiced] * turned, voiced, len(f0))
    return np.interp(np.arange(len(phase)), (voiced + 0.5) * hop - 0.5, ahead)


def pulses(
    phase: Float[np.ndarray, " sample"], hz: Float[np.ndarray, " sample"], sample_rate_hz: int
) -> Float[np.ndarray, " sample"]:
    """A pulse wherever the phase passes a whole number, of the power of white noise of unit variance."""
    begun = np.floor(phase)
    at = np.flatnonzero((begun[1:] > begun[:-1]) & (hz[1:] > 0)) + 1
    late = (phase[at] - begun[at]) / np.maximum(phase[at] - phase[at - 1], 1e-9)  # samples since it passed
    height = np.sqrt(sample_rate_hz / hz[at])
    place, between = np.divmod(np.clip(late, 0, 1) * _POSITIONS, 1)
    rows = _shapes()[np.minimum(place.astype(int), _POSITIONS - 1)]
    next_rows = _shapes()[np.minimum(place.astype(int), _POSITIONS - 1) + 1]
    shapes = (rows + (next_rows - rows) * between[:, None]) * height[:, None]
    samples = at[:, None] + np.arange(2 * _SIDE_SAMPLES)
    out = np.bincount(samples.ravel(), shapes.ravel(), len(phase) + 2 * _SIDE_SAMPLES)
    return out[_SIDE_SAMPLES : _SIDE_SAMPLES + len(phase)].astype(np.float32)


@lru_cache(maxsize=1)
def _shapes() -> Float[np.ndarray, "position sample"]:
    """The samples around one, of a pulse that passed 0, 1 / `_POSITIONS`, …, 1 samples before it."""
    late = np.arange(_POSITIONS + 1)[:, None] / _POSITIONS
    time = np.arange(2 * _SIDE_SAMPLES) - _SIDE_SAMPLES + late
    inside = np.sqrt(np.maximum(1 - (time / (_SIDE_SAMPLES + 1)) ** 2, 0))
    return 2 * _CUT_OFF * np.sinc(2 * _CUT_OFF * time) * np.i0(_BETA * inside) / np.i0(_BETA)


def _reaching(f0: Float[np.ndarray, " frame"]) -> Float[np.ndarray, " frame"]:
    """F0 also of unvoiced frames near voiced ones: that of the nearest."""
    voiced = np.flatnonzero(f0 > 0)
    if not len(voiced):
        return f0
    frames = np.arange(len(f0))
    after = np.searchsorted(voiced, frames)
    before, after = voiced[np.maximum(after - 1, 0)], voiced[np.minimum(after, len(voiced) - 1)]
    nearest = np.where(np.abs(frames - before) <= np.abs(after - frames), before, after)
    return np.where(np.abs(frames - nearest) <= _REACH_FRAMES, f0[nearest], 0.0)


def _harmonics(
    sound: np.ndarray, f0: np.ndarray, sample_rate_hz: int, window_samples: int
) -> Complex[np.ndarray, "frame harmonic"]:
    """The spectrum at multiples of F0, its phase that of the middle of a frame; loudness counts by its square root."""
    hop = len(sound) // len(f0)
    around = np.pad(sound, (window_samples - hop) // 2)
    windows = np.lib.stride_tricks.sliding_window_view(around, window_samples)[::hop]
    spectra = np.fft.rfft(windows * np.hanning(window_samples))
    hz = np.outer(f0, np.arange(1, _HARMONICS + 1))
    places = np.minimum(np.rint(hz * window_samples / sample_rate_hz).astype(int), window_samples // 2)
    found = np.take_along_axis(spectra, places, 1) * np.where(places % 2, -1, 1) * (hz < _HIGHEST_HARMONIC_HZ)
    return found / np.sqrt(np.abs(found) + 1e-9)


def _agreement(
    harmonics: Complex[np.ndarray, "voiced harmonic"], voiced: Int[np.ndarray, " voiced"], num_frames: int
) -> Float[np.ndarray, " voiced"]:
    """Where in a period the harmonics are high at once, about the same in all frames."""
    places = np.arange(_PLACES) / _PLACES
    turns = np.exp(-2j * np.pi * np.outer(np.arange(1, _HARMONICS + 1), places))
    heights = np.zeros((num_frames, _PLACES))
    heights[voiced] = np.real(harmonics @ turns)
    usual = places[heights.sum(0).argmax()]
    apart = (places - usual + 0.5) % 1 - 0.5
    kernel = np.hanning(_AGREEING_FRAMES + 2)[1:-1]
    side = _AGREEING_FRAMES // 2
    padded = np.pad(heights, ((side, side), (0, 0)))
    smooth = np.tensordot(kernel, [padded[shift : shift + num_frames] for shift in range(_AGREEING_FRAMES)], 1)
    near = np.where(np.abs(apart) <= _LARGEST_STRAY, smooth[voiced], -np.inf)
    return usual + apart[near.argmax(1)]
