"""Things that ring when they are struck, rubbed or broken: a bank of modes by material.

Kees van den Doel and Dinesh Pai, "The sounds of physical shapes", Presence 7(4), 1998: each mode dies away at a rate
that grows with its frequency, by the material's internal friction. Frequencies of free bars and plates: Fletcher and
Rossing, "The Physics of Musical Instruments", 1998.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from menura.compiled import QUICK, compiled
from menura.synth.grains import ring

_BAR = (1.0, 2.756, 5.404, 8.933, 13.34, 18.64, 24.8, 31.9)
_PLATE = (1.0, 1.52, 1.94, 2.71, 3.14, 3.98, 4.47, 5.29, 6.1, 6.87, 7.9, 9.2, 10.4, 12.1, 13.7, 15.9, 18.2, 21.0)
_SHELL = (1.0, 1.83, 2.71, 3.62, 4.95, 6.1, 7.4, 9.05, 10.9, 12.6, 14.8, 17.1)
_BLOCK = (1.0, 1.37, 1.71, 2.13, 2.58, 2.99, 3.67, 4.4, 5.2, 6.3, 7.6, 9.1)


@dataclass(frozen=True)
class Material:
    """What a thing is made of.

    Args:
        friction: internal; a mode of frequency f falls by e in 1 / (π f friction) seconds.
        sizes_hz: the lowest mode of a thing of 10 cm.
        ratios: of its modes to the lowest.
        spread: how far modes stray from those ratios, as a share.
        brightness: amplitudes fall as frequency ratio to minus this power.
        longest_s: a decay no mode exceeds, for what holds the thing damps it; of 15 cm, and more of larger things.
    """

    friction: float
    sizes_hz: float
    ratios: tuple[float, ...]
    spread: float
    brightness: float
    longest_s: float


MATERIALS: dict[str, Material] = {
    "wood": Material(0.022, 420.0, _BLOCK, 0.06, 0.9, 0.09),
    "metal": Material(0.0006, 900.0, _PLATE, 0.05, 0.35, 1.1),
    "tin": Material(0.006, 520.0, _PLATE, 0.12, 0.1, 0.16),
    "glass": Material(0.0018, 1700.0, _SHELL, 0.05, 0.3, 0.42),
    "ceramic": Material(0.004, 1300.0, _SHELL, 0.06, 0.45, 0.22),
    "stone": Material(0.016, 1100.0, _BLOCK, 0.1, 0.5, 0.05),
    "plastic": Material(0.04, 600.0, _PLATE, 0.08, 0.7, 0.06),
    "skin": Material(0.06, 110.0, (1.0, 1.59, 2.14, 2.3, 2.65, 2.92, 3.5, 4.06), 0.03, 1.1, 0.3),
    "bar": Material(0.0008, 700.0, _BAR, 0.0, 0.8, 2.5),
}


@dataclass(frozen=True, eq=False)
class Modes:
    """Of one thing: frequencies, seconds in which each falls by e, and gains."""

    hz: Float[np.ndarray, " mode"]
    decay_s: Float[np.ndarray, " mode"]
    gains: Float[np.ndarray, " mode"]


def held_s(kind: Material, size_m: float) -> float:
    """The longest decay of a thing of some size."""
    return kind.longest_s * float(np.clip(size_m / 0.15, 0.6, 6)) ** 0.6


def modes_of(material: str, size_m: float, rng: np.random.Generator, count: int = 18) -> Modes:
    """Those of a thing of some size; which exactly, and where it is touched, is drawn."""
    kind = MATERIALS[material]
    ratios = np.array(kind.ratios[:count])
    ratios = ratios * (1 + kind.spread * rng.uniform(-1, 1, len(ratios)))
    hz = kind.sizes_hz * (0.1 / size_m) ** 0.8 * ratios
    decay_s = 1 / (np.pi * hz * kind.friction + 1 / held_s(kind, size_m))
    gains = ratios**-kind.brightness * rng.uniform(0.35, 1, len(ratios))
    return Modes(hz, decay_s, gains)


def contact(hz: np.ndarray, contact_s: float) -> np.ndarray:
    """What a push of some length, half a sine, gives to modes of these frequencies."""
    place = np.asarray(hz) * contact_s
    return np.abs(np.cos(np.pi * place) / np.maximum(np.abs(1 - 4 * place**2), 0.05)) + 0.002


def struck(
    out: np.ndarray, rate: int, modes: Modes, start: int = 0, strength: float = 1.0, contact_s: float = 0.0004
) -> np.ndarray:
    """Add what is heard of a thing that is struck, and return `out`; a harder stroke is a shorter contact."""
    gains = strength * modes.gains * contact(modes.hz, contact_s)
    return ring(out, rate, np.full(len(modes.hz), start), modes.hz, modes.decay_s, gains)


@compiled(**QUICK)
def _resonate(samples, first, second, gains, warm, out):
    size = len(samples)
    for mode in range(len(first)):
        a, b, gain = first[mode], second[mode], gains[mode]
        last = before = 0.0
        for place in range(-warm, 0):
            now = samples[place % size] + a * last + b * before
            before = last
            last = now
        for place in range(size):
            now = samples[place] + a * last + b * before
            before = last
            last = now
            out[place] += gain * now


def driven(samples: np.ndarray, rate: int, modes: Modes, wraps: bool = True) -> np.ndarray:
    """What a thing makes of a force that acts on it all the time."""
    heard = modes.hz < 0.45 * rate
    hz, decay_s, gains = modes.hz[heard], modes.decay_s[heard], modes.gains[heard]
    radius = np.exp(-1 / (decay_s * rate))
    angle = 2 * np.pi * hz / rate
    out = np.zeros(len(samples))
    warm = rate if wraps else 0
    scale = gains * np.sin(angle) * np.sqrt(1 - radius)
    _resonate(samples.astype(np.float64), 2 * radius * np.cos(angle), -(radius**2), scale, warm, out)
    return out
