"""Tones on a circle, without what lies over half the rate.

Välimäki and Huovilainen, "Antialiasing oscillators in subtractive synthesis", IEEE Signal Processing Magazine, 2007.
"""

from __future__ import annotations

import numpy as np

from menura.compiled import QUICK, compiled


@compiled(**QUICK)
def _sums(hz, rate, out):
    total = 0.0
    for at in range(len(out)):
        out[at] = total
        total += hz[at] / rate
    return total


def phase_of(hz: np.ndarray | float, num_samples: int, rate: int, wraps: bool = False) -> np.ndarray:
    """Cycles since the beginning, at every sample; where it `wraps`, moved so little that they are a whole number."""
    if np.ndim(hz) == 0:
        step = float(hz) / rate
        ends = step * num_samples
        return np.arange(num_samples) * (max(round(ends), 1) / num_samples if wraps and ends > 0 else step)
    phase = np.empty(num_samples)
    ends = _sums(np.ascontiguousarray(hz, np.float64), float(rate), phase)
    return phase * (max(round(ends), 1) / ends) if wraps and ends > 0 else phase


def sine(phase: np.ndarray) -> np.ndarray:
    return np.sin(2 * np.pi * phase)


def saw(phase: np.ndarray) -> np.ndarray:
    """From -1 to 1 in each cycle, its jumps rounded."""
    return _ramp(phase) * 2 - 1


def pulse(phase: np.ndarray, width: float = 0.5) -> np.ndarray:
    """1 for a share `width` of each cycle, then -1."""
    return 2 * (_ramp(phase) - _ramp(phase - width)) + (2 * width - 1)


@compiled(**QUICK)
def _rounded(phase, out):
    size = len(phase)
    for at in range(size):
        step = abs(phase[at] - phase[at - 1]) if at else abs(phase[1] - phase[0])
        step = max(step, 1e-9)
        place = phase[at] - np.floor(phase[at])
        level = place
        if place < step:
            near = place / step
            level -= (2 * near - near * near - 1) / 2
        elif place > 1 - step:
            near = (place - 1) / step
            level -= (near * near + 2 * near + 1) / 2
        out[at] = level


def _ramp(phase: np.ndarray) -> np.ndarray:
    """From 0 to 1 in each cycle, its jumps rounded."""
    if len(phase) < 2:
        return phase % 1.0
    out = np.empty(len(phase))
    _rounded(phase, out)
    return out


@compiled(**QUICK)
def _harmonics(phase, amplitudes, out):
    for at in range(len(phase)):
        angle = 2 * np.pi * (phase[at] - np.floor(phase[at]))
        twice_cosine, before, now, total = 2 * np.cos(angle), 0.0, np.sin(angle), 0.0
        for amplitude in amplitudes:
            total += amplitude * now
            before, now = now, twice_cosine * now - before
        out[at] = total


def harmonics(phase: np.ndarray, amplitudes: np.ndarray, hz_highest: float, rate: int) -> np.ndarray:
    """A sum of sines at 1, 2, 3 … cycles a cycle; those over half the rate are left out."""
    heard = np.arange(1, len(amplitudes) + 1) * hz_highest < 0.47 * rate
    out = np.empty(len(phase))
    _harmonics(np.asarray(phase, np.float64), np.asarray(amplitudes, np.float64)[heard], out)
    return out
