"""How loud, over time."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float


def faded(samples: np.ndarray, samples_in: int, samples_out: int) -> np.ndarray:
    """A copy that begins and ends in silence, by half a cosine."""
    samples = np.array(samples)
    if samples_in:
        samples[:samples_in] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(samples_in) / samples_in)
    if samples_out:
        samples[len(samples) - samples_out :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, samples_out + 1) / samples_out)
    return samples


def decay(times: np.ndarray, time_s: float, attack_s: float = 0.0) -> np.ndarray:
    """Falls by e in `time_s`, after a rise of `attack_s`; 0 before time 0."""
    level = np.exp(-np.maximum(times, 0) / time_s) * (times >= 0)
    return level * np.clip(times / attack_s, 0, 1) if attack_s > 0 else level


def breakpoints(times: np.ndarray, *points: tuple[float, float]) -> np.ndarray:
    """Straight lines between points of (time in seconds, level)."""
    return np.interp(times, [time for time, _ in points], [level for _, level in points])


def curve(times: np.ndarray, *points: tuple[float, float]) -> np.ndarray:
    """As `breakpoints`, straight in logarithms: for frequencies and decibels; levels are positive."""
    return np.exp(np.interp(times, [time for time, _ in points], np.log([level for _, level in points])))


def bump(times: np.ndarray, start_s: float, length_s: float, top: float = 0.5) -> np.ndarray:
    """A smooth hill of height 1 from `start_s` on, whose top stands at a share `top` of its length."""
    place = np.clip((times - start_s) / length_s, 0, 1)
    warped = np.where(place < top, place / top / 2, 0.5 + (place - top) / (1 - top) / 2)
    return np.sin(np.pi * warped) ** 2


def shaped_once(num_samples: int, rise: float) -> Float[np.ndarray, " sample"]:
    """A hill over all samples with its top at a share `rise`."""
    return bump(np.arange(num_samples) / num_samples, 0.0, 1.0, rise)
