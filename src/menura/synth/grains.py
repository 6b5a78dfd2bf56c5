"""Many small sounds on a circle: what passes the end goes on at the beginning.

Curtis Roads, "Microsound", MIT Press, 2001; Andy Farnell, "Designing Sound", MIT Press, 2010.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from menura.compiled import QUICK, compiled

_MOST_EVENTS = 400_000


def poisson(rate_hz: float, num_samples: int, rate: int, rng: np.random.Generator) -> Int[np.ndarray, " event"]:
    """Starts of events that know nothing of each other, so many a second; in order."""
    count = min(rng.poisson(rate_hz * num_samples / rate), _MOST_EVENTS)
    return np.sort(rng.integers(0, num_samples, count))


def uneven(
    rate_hz: float, density: Float[np.ndarray, " sample"], rate: int, rng: np.random.Generator
) -> Int[np.ndarray, " event"]:
    """As `poisson`, in places more often than in others: the rate is `rate_hz` times `density`, sample by sample."""
    sums = np.cumsum(density)
    count = min(rng.poisson(max(rate_hz * sums[-1] / rate, 0.0)), _MOST_EVENTS)
    return np.minimum(np.searchsorted(sums, np.sort(rng.random(count)) * sums[-1]), len(density) - 1)


def steady(period_s: float, jitter: float, num_samples: int, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Starts at even distances that fit the circle, each moved by a share of the distance."""
    count = max(round(num_samples / rate / period_s), 1)
    places = (np.arange(count) + jitter * rng.uniform(-0.5, 0.5, count)) * (num_samples / count)
    return np.round(places).astype(np.int64) % num_samples


@compiled(**QUICK)
def _ring(out, starts, steps, bends, bent, falls, amplitudes, lengths):
    size = len(out)
    for event in range(len(starts)):
        fall, bend, place = falls[event], bends[event], starts[event]
        sine, cosine = 0.0, amplitudes[event]
        turn_sine, turn_cosine = fall * np.sin(steps[event]), fall * np.cos(steps[event])
        bend_sine, bend_cosine = np.sin(bend), np.cos(bend)
        for number in range(lengths[event]):
            out[place] += sine
            sine, cosine = sine * turn_cosine + cosine * turn_sine, cosine * turn_cosine - sine * turn_sine
            if number < bent[event]:
                turn_sine, turn_cosine = (
                    turn_sine * bend_cosine + turn_cosine * bend_sine,
                    turn_cosine * bend_cosine - turn_sine * bend_sine,
                )
            place += 1
            if place == size:
                place = 0


def ring(
    out: np.ndarray,
    rate: int,
    starts: np.ndarray,
    hz: np.ndarray | float,
    decay_s: np.ndarray | float,
    amplitudes: np.ndarray | float,
    rise: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Add sines that die away, and return `out`.

    Args:
        out: what they are added to, from `starts` on and around the circle.
        rate: samples a second.
        starts: of each.
        hz: where each begins; those too high for the rate are left out.
        decay_s: in which each falls by e.
        amplitudes: of each.
        rise: what the frequency gains, as a share of itself a second; it falls to a quarter of itself at most.
    """
    starts = np.asarray(starts, np.int64)
    each = [np.broadcast_to(np.asarray(value, float), starts.shape) for value in (hz, decay_s, amplitudes, rise)]
    heard = (each[0] > 0) & (each[0] * (1 + np.maximum(each[3] * each[1] * 3, 0)) < 0.47 * rate)
    hz, decay_s, amplitudes, rise = (value[heard] for value in each)
    steps = 2 * np.pi * hz / rate
    lengths = np.minimum(np.maximum(7 * decay_s * rate, 2), len(out)).astype(np.int64)
    bent = np.where(rise < 0, 0.75 * rate / np.maximum(-rise, 1e-9), np.where(rise > 0, len(out), 0)).astype(np.int64)
    _ring(out, starts[heard], steps, steps * rise / rate, bent, np.exp(-1 / (decay_s * rate)), amplitudes, lengths)
    return out


@compiled(**QUICK)
def _strew(out, bank, which, starts, gains, speeds):
    size, length = len(out), bank.shape[1]
    for event in range(len(starts)):
        place, row, gain, speed = starts[event], which[event], gains[event], speeds[event]
        count = min(int((length - 1) / speed), size)
        for number in range(count):
            at = number * speed
            whole = int(at)
            part = at - whole
            out[place] += gain * (bank[row, whole] * (1 - part) + bank[row, whole + 1] * part)
            place += 1
            if place == size:
                place = 0


def strew(
    out: np.ndarray,
    bank: Float[np.ndarray, "grain sample"],
    starts: np.ndarray,
    gains: np.ndarray | float,
    rng: np.random.Generator,
    speeds: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Add grains drawn from a bank, each at a gain and a speed, and return `out`."""
    starts = np.asarray(starts, np.int64)
    which = rng.integers(0, len(bank), len(starts))
    each = [np.ascontiguousarray(np.broadcast_to(np.asarray(value, float), starts.shape)) for value in (gains, speeds)]
    _strew(out, np.ascontiguousarray(bank, np.float64), which, starts, *each)
    return out


def placed(out: np.ndarray, sound: np.ndarray, start: int, gain: float = 1.0) -> np.ndarray:
    """Add one sound, around the circle, and return `out`."""
    size = len(out)
    for first in range(0, len(sound), size):
        part = sound[first : first + size]
        at = (start + first) % size
        head = min(len(part), size - at)
        out[at : at + head] += gain * part[:head]
        out[: len(part) - head] += gain * part[head:]
    return out
