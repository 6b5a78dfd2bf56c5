"""The fundamental frequency of a voice, frame by frame.

Boersma (1993): peaks of each frame's autocorrelation, divided by that of its window, are candidates beside being
unvoiced; among them a path is chosen that is strong and seldom jumps in octaves or in voicing (Viterbi).
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from menura.audio.resample import resample
from menura.compiled import compiled
from menura.progress import check

_RATE_HZ = 8000
"""What pitch is looked for at; higher harmonics say no more of it."""
_FINER = 4
"""Lags for each sample: the spectrum is padded, so that a parabola through three lags is near the peak."""
_WINDOW_PERIODS = 2.5
_BATCH_FRAMES = 512
_CANDIDATES = 8
"""Kept for each frame, being unvoiced included."""
_RANGE_HZ = (20.0, 2000.0)

_VOICING = 0.5
"""A peak of this height is as likely voiced as not."""
_SILENCE = 0.05
"""Of the level of loud frames: what is softer is hardly ever voiced."""
_OCTAVE_COST = 0.015
"""Of height, for each octave of a longer period: two periods are alike too."""
_JUMP_COST, _VOICING_COST = 0.6, 0.2
"""For each octave between neighbours, and each beginning and end of a voiced stretch, for frames 10 ms apart."""


def pitch(
    samples: Float[np.ndarray, " sample"],
    sample_rate_hz: int,
    hop_samples: int,
    low_hz: float = 60.0,
    high_hz: float = 700.0,
) -> Float[np.ndarray, " frame"]:
    """The fundamental frequency of one voice.

    Args:
        samples: of any level, float32.
        hop_samples: a frame each, around whose middle it is measured.
        low_hz: what is looked for is no lower; a frame sees two and a half of its periods.
        high_hz: and no higher; some 1100 for singing.

    Returns:
        Hz, 0 where unvoiced; float32, ``ceil(sample / hop_samples)`` of them.

    Raises:
        ValueError: the range is none, or outside of 20 to 2000 Hz.
    """
    if not _RANGE_HZ[0] <= low_hz < high_hz <= _RANGE_HZ[1]:
        raise ValueError(f"pitch is looked for between 20 and 2000 Hz, not from {low_hz:g} to {high_hz:g} Hz")
    count = -(-len(samples) // hop_samples)
    if not count:
        return np.zeros(0, np.float32)
    sound = resample(samples[None].astype(np.float32), sample_rate_hz, _RATE_HZ)[0]
    centres = (np.arange(count) + 0.5) * hop_samples * _RATE_HZ / sample_rate_hz
    frequencies, heights, levels = _candidates(sound, centres, low_hz, high_hz)
    loud = np.quantile(levels, 0.95)
    if not loud > 0:
        return np.zeros(count, np.float32)
    quiet = 2 - levels / loud * (1 + _VOICING) / _SILENCE
    heights[:, 0] = _VOICING + np.maximum(quiet, 0)
    apart = 0.01 * sample_rate_hz / hop_samples
    return _path(frequencies, heights, _JUMP_COST * apart, _VOICING_COST * apart)


def _candidates(
    sound: np.ndarray, centres: np.ndarray, low_hz: float, high_hz: float
) -> tuple[Float[np.ndarray, "frame candidate"], Float[np.ndarray, "frame candidate"], Float[np.ndarray, " frame"]]:
    """Frequencies of each frame's highest peaks, after 0 for unvoiced, their heights, and levels of frames."""
    length = math.ceil(_WINDOW_PERIODS * _RATE_HZ / low_hz)
    shortest, longest = math.floor(_FINER * _RATE_HZ / high_hz), math.ceil(_FINER * _RATE_HZ / low_hz)
    size = 64 * math.ceil((length + longest / _FINER + 2) / 64)  # for which the transform is quick
    window = np.hanning(length + 2)[1:-1].astype(np.float32)
    of_window = _autocorrelations(window[None], size)[0, : longest + 2]
    of_window /= of_window[0]
    starts = np.round(centres - length / 2).astype(int)
    lead = max(-starts[0], 0)
    padded = np.pad(sound, (lead, max(starts[-1] + length - len(sound), 0)))
    every = np.lib.stride_tricks.sliding_window_view(padded, length)
    frequencies = np.zeros((len(centres), _CANDIDATES), np.float32)
    heights, levels = np.full_like(frequencies, -np.inf), np.zeros(len(centres), np.float32)
    for first in range(0, len(centres), _BATCH_FRAMES):
        check()
        part = slice(first, first + _BATCH_FRAMES)
        frames = every[starts[part] + lead]
        frames = (frames - frames.mean(1, keepdims=True)) * window
        found = _autocorrelations(frames, size)[:, : longest + 2]
        levels[part] = np.sqrt(np.maximum(found[:, 0], 0))
        found /= np.maximum(found[:, :1], 1e-20) * of_window
        _peaks(found, shortest, longest, frequencies[part], heights[part])
    return frequencies, heights, levels


def _autocorrelations(frames: np.ndarray, size: int) -> Float[np.ndarray, "frame lag"]:
    spectra = np.fft.rfft(frames, size)
    return np.fft.irfft(spectra.real**2 + spectra.imag**2, size * _FINER)


@compiled()
def _peaks(correlations: np.ndarray, shortest: int, longest: int, frequencies: np.ndarray, heights: np.ndarray) -> None:
    """Write the highest peaks between two lags, the best replacing the least."""
    for t in range(len(correlations)):
        row = correlations[t]
        for lag in range(max(shortest, 1), longest + 1):
            if row[lag] < 0.2 or row[lag] <= row[lag - 1] or row[lag] < row[lag + 1]:
                continue
            slope, bend = 0.5 * (row[lag + 1] - row[lag - 1]), row[lag - 1] - 2 * row[lag] + row[lag + 1]
            shift = -slope / bend
            height = row[lag] + 0.5 * slope * shift
            height = (height if height <= 1 else 1 / height) - _OCTAVE_COST * np.log2((lag + shift) / longest)
            least = 1 + np.argmin(heights[t, 1:])
            if height > heights[t, least]:
                heights[t, least] = height
                frequencies[t, least] = _FINER * _RATE_HZ / (lag + shift)


@compiled()
def _path(frequencies: np.ndarray, heights: np.ndarray, jump_cost: float, voicing_cost: float) -> np.ndarray:
    """The frequencies of the best path through candidates."""
    frames, candidates = frequencies.shape
    came_from = np.zeros((frames, candidates), np.int8)
    scores = heights[0].astype(np.float64)
    for t in range(1, frames):
        following = np.empty(candidates)
        for here in range(candidates):
            best = -np.inf
            for before in range(candidates):
                low, high = frequencies[t - 1, before], frequencies[t, here]
                cost = 0.0
                if low > 0 and high > 0:
                    cost = jump_cost * abs(np.log2(high / low))
                elif low > 0 or high > 0:
                    cost = voicing_cost
                if scores[before] - cost > best:
                    best = scores[before] - cost
                    came_from[t, here] = before
            following[here] = best + heights[t, here]
        scores = following
    path = np.zeros(frames, np.float32)
    at = np.argmax(scores)
    for t in range(frames - 1, -1, -1):
        path[t] = frequencies[t, at]
        at = came_from[t, at]
    return path
