"""Changes that make more of little sound: each is one page of arithmetic, and a recipe chains those it wants.

A change takes a crop, float32 ``[sample]``, and gives one of the same length. All that is drawn comes from the
generator it is handed, so that a crop remains a pure function of seed, step and item.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import soxr

Draw = Callable[[np.random.Generator], np.ndarray]
"""Gives another crop of the same corpus, of the same length."""

_QUIET = 1e-9  # power of what counts as silence
_LARGEST = 0.99
_NUM_BANDS, _NUM_OCTAVES = 6, 8
_SPEED_STEPS = 200  # speeds are drawn in steps of half a per cent, which resampling does exactly


class Change(Protocol):
    """One kind of change."""

    def __call__(self, crop: np.ndarray, rng: np.random.Generator, another: Draw, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Gain:
    """Another level, never above full scale, and another polarity in half of the cases; decibels."""

    least_db: float = -14.0
    most_db: float = 8.0

    def __call__(self, crop: np.ndarray, rng: np.random.Generator, _: Draw, /) -> np.ndarray:
        peak = max(float(np.abs(crop).max()), 1e-4)
        gain = min(10 ** (rng.uniform(self.least_db, self.most_db) / 20), _LARGEST / peak) * rng.choice((-1, 1))
        return crop * np.float32(gain)


@dataclass(frozen=True)
class Mix:
    """Another crop under this one, by so many decibels."""

    least_db: float = 0.0
    most_db: float = 18.0

    def __call__(self, crop: np.ndarray, rng: np.random.Generator, another: Draw, /) -> np.ndarray:
        other = another(rng)
        return crop + other * _ratio(crop, other, rng.uniform(self.least_db, self.most_db))


@dataclass(frozen=True)
class Resample:
    """Played faster or slower, pitch and all; what is played faster ends in silence."""

    slowest: float = 0.9
    fastest: float = 1.1

    def __call__(self, crop: np.ndarray, rng: np.random.Generator, _: Draw, /) -> np.ndarray:
        speed = round(rng.uniform(self.slowest, self.fastest) * _SPEED_STEPS)
        played = soxr.resample(crop, speed, _SPEED_STEPS)[: len(crop)]
        return np.pad(played, (0, len(crop) - len(played)))


@dataclass(frozen=True)
class Equalise:
    """Six bands over the eight highest octaves, each raised or lowered by up to so many decibels; no delay."""

    most_db: float = 9.0

    def __call__(self, crop: np.ndarray, rng: np.random.Generator, _: Draw, /) -> np.ndarray:
        # Twice the length: the ends of a crop do not run into each other.
        frequencies = np.fft.rfftfreq(2 * len(crop))
        octaves = np.log2(np.maximum(frequencies, frequencies[1]))
        bands = np.linspace(octaves[-1] - _NUM_OCTAVES, octaves[-1], _NUM_BANDS)
        gains_db = np.interp(octaves, bands, rng.uniform(-self.most_db, self.most_db, _NUM_BANDS))
        spectrum = np.fft.rfft(crop, 2 * len(crop)) * 10 ** (gains_db / 20)
        return np.fft.irfft(spectrum)[: len(crop)].astype(np.float32)


@dataclass(frozen=True)
class Chain:
    """Changes one after another, each in a share of the cases, 0 to 1."""

    changes: Sequence[tuple[float, Change]]

    def __call__(self, crop: np.ndarray, rng: np.random.Generator, another: Draw, /) -> np.ndarray:
        for share, change in self.changes:
            if share >= 1 or rng.random() < share:
                crop = change(crop, rng, another)
        return crop


def _ratio(crop: np.ndarray, other: np.ndarray, under_db: float) -> np.float32:
    """What to multiply another crop with so that it is so many decibels under the first."""
    return np.float32(np.sqrt((crop.var() + _QUIET) / (other.var() + _QUIET)) * 10 ** (-under_db / 20))
