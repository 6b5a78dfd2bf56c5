"""A slider that means what it says: from what was asked and what was then heard to what should be asked within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

_LEAST_SLOPE = 1e-3
_SHARPNESS = np.exp(np.linspace(np.log(0.1), np.log(4), 75))


@dataclass(frozen=True, eq=False)
class Slider:
    """A monotone map from a share that is asked, 0 to 1, to the weight that makes it heard.

    Args:
        shares, weights: knots, both rising from 0 to 1, joined by monotone cubics (Fritsch & Carlson 1980).
    """

    shares: np.ndarray
    weights: np.ndarray

    def __call__(self, share: np.ndarray | float) -> np.ndarray:
        return PchipInterpolator(self.shares, self.weights)(np.clip(share, 0, 1))


def fit_slider(weights: np.ndarray, read: np.ndarray) -> Slider:
    """The slider that evens out a measured response.

    Args:
        weights: ``[point]``, what was given within, rising from 0 to 1.
        read: ``[point]``, what was then heard, on any scale.

    Raises:
        ValueError: the response does not rise from the first weight to the last.
    """
    heard = rising_shares(read) + _LEAST_SLOPE * np.asarray(weights)
    return Slider(heard / heard[-1], np.asarray(weights, dtype=float))


def rising_shares(read: np.ndarray) -> np.ndarray:
    """Readings, made never to fall, as shares of the way from the first to the last.

    Raises:
        ValueError: they do not rise at all.
    """
    rising = isotonic(read)
    if len(rising) < 2 or rising[-1] <= rising[0]:
        raise ValueError("what is heard does not rise with what is given, so nothing can be fitted to it")
    return (rising - rising[0]) / (rising[-1] - rising[0])


def isotonic(values: np.ndarray) -> np.ndarray:
    """The nearest sequence that never falls, by least squares (pool adjacent violators)."""
    means: list[float] = []
    sizes: list[int] = []
    for value in values:
        means.append(float(value))
        sizes.append(1)
        while len(means) > 1 and means[-2] >= means[-1]:
            size, mean = sizes.pop(), means.pop()
            means[-1] = (means[-1] * sizes[-1] + mean * size) / (sizes[-1] + size)
            sizes[-1] += size
    return np.repeat(means, sizes)


def sharpened(shares: np.ndarray, sharpness: float) -> np.ndarray:
    """Weights of styles asked in shares that sum to 1 along the last axis: each to the power of `sharpness`, summing
    to 1 again. Below 1 the lesser styles gain."""
    powers = np.asarray(shares, dtype=float) ** sharpness
    return powers / powers.sum(-1, keepdims=True)


def slider_error(weights: np.ndarray, read: np.ndarray, given: np.ndarray) -> float:
    """Mean distance of a share asked, 0 to 1 in even steps, from what is heard when the weights `given` are given for
    them, under a measured response.

    Args:
        weights, read: as for `fit_slider`.
        given: ``[share]``.
    """
    response = PchipInterpolator(weights, rising_shares(read))
    return float(np.abs(response(given) - np.linspace(0, 1, len(given))).mean())


def fit_sharpness(weights: np.ndarray, readings: Sequence[np.ndarray]) -> float:
    """The `sharpened` exponent under which several measured responses are nearest to what is asked, 0.1 to 4.

    Args:
        weights: as for `fit_slider`.
        readings: of each pair of styles.
    """
    shares = np.linspace(0, 1, 21)
    pairs = np.column_stack((shares, 1 - shares))
    errors = [
        sum(slider_error(weights, read, sharpened(pairs, sharpness)[:, 0]) for read in readings)
        for sharpness in _SHARPNESS
    ]
    return float(_SHARPNESS[int(np.argmin(errors))])
