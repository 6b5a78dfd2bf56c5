"""Noise with a spectrum, on a circle: its end leads into its beginning, as it is made of whole cycles.

Julius O. Smith, "Spectral Audio Signal Processing", 2011.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
from jaxtyping import Float
from numpy.fft import irfft, rfft, rfftfreq
from scipy.fft import next_fast_len

from menura.compiled import QUICK, compiled

Gain = Callable[[np.ndarray], np.ndarray]
"""Frequencies in Hz -> amplitudes."""

_SLOW_POINTS = 8
_KNOTS = 4096
_HELD = 16
"""Samples for which a moving filter stands still."""
_SETTLED = 6
"""Periods after which nothing is left of how a filter began."""


def band(low_hz: float, high_hz: float, steepness: float = 2.0) -> Gain:
    """What lies between two frequencies, falling by 6 dB an octave times `steepness` beyond them."""

    def gain(hz: np.ndarray) -> np.ndarray:
        hz = np.maximum(hz, 1e-3)
        low = (low_hz / hz) ** (2 * steepness) if low_hz > 0 else 0.0
        return 1 / np.sqrt((1 + low) * (1 + (hz / high_hz) ** (2 * steepness)))

    return gain


def peak(centre_hz: float, q: float) -> Gain:
    """A resonance."""
    return lambda hz: 1 / np.sqrt(1 + (q * (hz / centre_hz - centre_hz / np.maximum(hz, 1e-3))) ** 2)


def tilted(power: float, low_hz: float = 30.0) -> Gain:
    """Amplitudes as frequency to a power above `low_hz`: 0 white, -0.5 pink, -1 brown."""
    return lambda hz: np.where(hz > low_hz / 2, np.maximum(hz, low_hz) ** power, 0.0)


def times(*gains: Gain) -> Gain:
    """All of them, one after another."""

    def gain(hz: np.ndarray) -> np.ndarray:
        result = np.ones_like(hz)
        for one in gains:
            result = result * one(hz)
        return result

    return gain


@compiled(**QUICK)
def _between(places, values, step, out):
    """Straight lines between values at places that rise, at 0, `step`, 2 `step`, …"""
    last, knot = len(places) - 2, 0
    for at in range(len(out)):
        place = at * step
        while knot < last and places[knot + 1] <= place:
            knot += 1
        share = (place - places[knot]) / (places[knot + 1] - places[knot])
        out[at] = values[knot] + min(share, 1.0) * (values[knot + 1] - values[knot])


def stretched(points: Float[np.ndarray, " point"], num_samples: int) -> Float[np.ndarray, " sample"]:
    """Straight lines between points that are evenly spread over a circle."""
    out = np.empty(num_samples)
    _between(np.arange(len(points) + 1.0), np.append(points, points[0]), len(points) / num_samples, out)
    return out


def _at(gain: Gain, hz: np.ndarray) -> np.ndarray:
    """A smooth gain at very many frequencies: worked out at some, and straight between them."""
    if len(hz) < 2 * _KNOTS:
        return gain(hz).astype(np.float32)
    knots = np.concatenate(([0.0], np.geomspace(hz[1], hz[-1], _KNOTS)))
    out = np.empty(len(hz), np.float32)
    _between(knots, gain(knots), hz[1], out)
    return out


def shaped(num_samples: int, rate: int, gain: Gain, rng: np.random.Generator) -> Float[np.ndarray, " sample"]:
    """Gaussian noise of a spectrum, of root mean square 1, that wraps."""
    hz = rfftfreq(num_samples, 1 / rate)
    size = len(hz)
    drawn = rng.standard_normal(2 * size, dtype=np.float32)
    spectrum = (drawn[:size] + 1j * drawn[size:]) * _at(gain, hz)
    spectrum[0] = 0
    samples = irfft(spectrum, num_samples)
    return samples / max(float(np.sqrt(np.mean(np.square(samples)))), 1e-12)


def fast_size(least: int) -> int:
    """So many samples, or a few more, of which a Fourier transform is quick."""
    return cast(int, next_fast_len(least, real=True))


def filtered(samples: np.ndarray, rate: int, gain: Gain, wraps: bool = True) -> np.ndarray:
    """Without any delay; as if on a circle where it `wraps`, otherwise as if in silence."""
    num = len(samples)
    size = num if wraps else fast_size(num + rate // 10)
    spectrum = rfft(samples, size)
    return irfft(spectrum * _at(gain, rfftfreq(size, 1 / rate)), size)[:num]


@compiled(**QUICK)
def _third_order(samples, g, warm, out):
    size = len(samples)
    one = first = second = 0.0
    a = 1.0 / (1.0 + g * (g + 1.0))
    for place in range(-warm, size):
        now = samples[place % size if place < 0 else place]
        step = (now - one) * g / (1.0 + g)
        low = one + step
        one = low + step
        now -= low
        b = a * (first + g * (now - second))
        c = second + g * b
        first, second = 2.0 * b - first, 2.0 * c - second
        if place >= 0:
            out[place] = now - b - c


def above(samples: np.ndarray, rate: int, low_hz: float, wraps: bool = True) -> np.ndarray:
    """Without what is lower: a Butterworth filter that falls by 18 dB an octave (Zavalishin, 2012)."""
    out = np.empty(len(samples))
    warm = round(_SETTLED / low_hz * rate) if wraps else 0
    _third_order(np.asarray(samples, np.float64), np.tan(np.pi * low_hz / rate), warm, out)
    return out


def slow(num_samples: int, rate: float, fastest_hz: float, rng: np.random.Generator) -> Float[np.ndarray, " sample"]:
    """Something that wanders: smooth, of mean 0 and deviation 1, that wraps."""
    waves = max(round(num_samples / rate * fastest_hz), 1)
    numbers = np.arange(1, waves + 1)
    spectrum = np.zeros(_SLOW_POINTS * waves // 2 + 1, complex)
    spectrum[1 : waves + 1] = (rng.normal(size=waves) + 1j * rng.normal(size=waves)) / numbers**0.5
    points = irfft(spectrum, _SLOW_POINTS * waves)
    points /= max(points.std(), 1e-12)
    return stretched(points, num_samples)


def gusty(num_samples: int, rate: int, fastest_hz: float, depth: float, rng: np.random.Generator) -> np.ndarray:
    """A level that wanders around 1: its logarithm is `slow` times `depth`."""
    return np.exp(depth * slow(num_samples, rate, fastest_hz, rng) - depth**2 / 2)


@compiled(**QUICK)
def _state_variable(samples, cutoffs, damping, low, bandpass, high, warm, out):
    first = second = g = a = 0.0
    size = len(samples)
    for place in range(-warm, size):
        at = place % size
        if place % _HELD == 0 or place == -warm:
            g = np.tan(cutoffs[at * len(cutoffs) // size])
            a = 1.0 / (1.0 + g * (g + damping))
        b = a * (first + g * (samples[at] - second))
        c = second + g * b
        first, second = 2.0 * b - first, 2.0 * c - second
        if place >= 0:
            out[at] = low * c + bandpass * damping * b + high * (samples[at] - damping * b - c)


def swept(samples: np.ndarray, rate: int, cutoff_hz: np.ndarray | float, q: float, kind: str = "band") -> np.ndarray:
    """Through a filter whose frequency moves (Zavalishin, "The Art of VA Filter Design", 2012); wraps.

    Args:
        samples: what goes in.
        rate: samples a second.
        cutoff_hz: at every sample, at points evenly spread over them, or throughout.
        q: of the resonance.
        kind: "low", "band" or "high".
    """
    cutoffs = (np.pi / rate) * np.clip(np.atleast_1d(np.asarray(cutoff_hz, np.float64)), 5.0, 0.45 * rate)
    mix = {"low": (1.0, 0.0, 0.0), "band": (0.0, 1.0, 0.0), "high": (0.0, 0.0, 1.0)}[kind]
    out = np.empty(len(samples))
    _state_variable(samples.astype(np.float64), cutoffs, 1 / q, *mix, rate // 2, out)
    return out
