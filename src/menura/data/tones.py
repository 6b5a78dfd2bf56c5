"""Steady and gliding tones as a corpus of their own: what recordings hardly hold, and every test of a codec plays.

Sines, beeps, sweeps, chords, band-limited waves, vibrato and pairs of keys, each a pure function of its number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import sawtooth, square

from menura.audio import Audio

_LOWEST_HZ, _HIGHEST_SHARE = 40.0, 0.46
_FADE_S = 0.004
_SHORTEST_S = 0.4
_SOFTEST_DB, _LOUDEST_DB = -36.0, -3.0
_NUM_SEPARATE = 20  # one in twenty is held out to judge by, one to measure


@dataclass(frozen=True)
class Tones:
    """Several tones one after another.

    Args:
        number: which; the sound is a function of it alone.
        rate_hz: of the sound.
        seconds: of the whole.
    """

    number: int
    rate_hz: int
    seconds: float = 6.0

    @property
    def name(self) -> str:
        return f"tones/{self.number}"

    def split(self) -> str:
        return {0: "valid", 1: "test"}.get(self.number % _NUM_SEPARATE, "train")

    def fingerprint(self) -> str:
        """What changes when the sound does."""
        return repr(self)

    def read(self, sample_rate_hz: int | None = None, mono: bool = True) -> Audio:  # noqa: ARG002
        """The sound, mono, at its own rate or another."""
        rng = np.random.default_rng((0x70E5, self.number))
        parts, left = [], round(self.seconds * self.rate_hz)
        while left > 0:
            wanted = round(self.rate_hz * _SHORTEST_S * (self.seconds / _SHORTEST_S) ** rng.random())
            count = min(wanted, left)
            parts.append(_tone(rng, np.arange(count) / self.rate_hz, self.rate_hz))
            left -= count
        return Audio(np.concatenate(parts)[None].astype(np.float32), self.rate_hz).resampled(
            sample_rate_hz or self.rate_hz
        )


def _tone(rng: np.random.Generator, time_s: np.ndarray, rate_hz: int) -> np.ndarray:
    """One tone of a kind, a pitch and a level that are drawn."""
    wave = _KINDS[rng.choice(len(_KINDS), p=_SHARES)](rng, time_s, rate_hz)
    edges = np.minimum(time_s, time_s[-1] - time_s) / _FADE_S
    level = 10 ** (rng.uniform(_SOFTEST_DB, _LOUDEST_DB) / 20)
    return wave * np.clip(edges, 0, 1) * level / max(np.abs(wave).max(), 1e-6)


def _hz(rng: np.random.Generator, rate_hz: int, highest: float = _HIGHEST_SHARE) -> float:
    """Half of them equally likely in every octave, half in every hertz: a codec has as much to learn of each."""
    lowest, highest_hz, place = _LOWEST_HZ, highest * rate_hz, rng.random()
    if rng.random() < 0.5:
        return float(lowest * (highest_hz / lowest) ** place)
    return float(lowest + (highest_hz - lowest) * place)


def _sine(rng: np.random.Generator, time_s: np.ndarray, rate_hz: int) -> np.ndarray:
    return np.sin(2 * np.pi * (_hz(rng, rate_hz) * time_s + rng.random()))


def _beeps(rng: np.random.Generator, time_s: np.ndarray, rate_hz: int) -> np.ndarray:
    period = rng.uniform(0.08, 0.8)
    within = time_s % period
    edges = np.minimum(within, period * rng.uniform(0.2, 0.8) - within) / _FADE_S
    return _sine(rng, time_s, rate_hz) * np.clip(edges, 0, 1)


def _sweep(rng: np.random.Generator, time_s: np.ndarray, rate_hz: int) -> np.ndarray:
    """From one pitch to another, in equal intervals or in equal hertz."""
    start, stop = _hz(rng, rate_hz), _hz(rng, rate_hz)
    share = time_s / time_s[-1]
    hz = start * (stop / start) ** share if rng.random() < 0.5 else start + (stop - start) * share
    return np.sin(2 * np.pi * np.cumsum(hz) / rate_hz)


def _chord(rng: np.random.Generator, time_s: np.ndarray, rate_hz: int) -> np.ndarray:
    """Two to five notes of the keyboard, each with a few harmonics or none."""
    notes = 440 * 2 ** ((rng.choice(np.arange(-30, 34), rng.integers(2, 6), replace=False)) / 12)
    harmonics, slope = rng.integers(1, 6), rng.uniform(0.5, 2)
    numbers = np.arange(1, harmonics + 1)
    found = np.zeros_like(time_s)
    for hz in np.outer(notes, numbers).ravel():
        if hz < _HIGHEST_SHARE * rate_hz:
            found += np.sin(2 * np.pi * (hz * time_s + rng.random())) / (hz / notes.min()) ** slope
    return found


def _wave(rng: np.random.Generator, time_s: np.ndarray, rate_hz: int) -> np.ndarray:
    """Square, sawtooth or triangle, without what would fold back."""
    hz, times = _hz(rng, rate_hz, 0.08), 4
    fine = np.arange(len(time_s) * times) / (rate_hz * times)
    kind = rng.integers(3)
    turns = 2 * np.pi * hz * fine
    width = 1.0 if kind == 1 else 0.5
    wave = square(turns) if kind == 0 else sawtooth(turns, width)  # pyright: ignore[reportArgumentType]
    return Audio(wave[None].astype(np.float32), rate_hz * times).resampled(rate_hz).samples[0, : len(time_s)]


def _vibrato(rng: np.random.Generator, time_s: np.ndarray, rate_hz: int) -> np.ndarray:
    """A tone that wavers in pitch or in level."""
    hz, wavering = _hz(rng, rate_hz, 0.3), np.sin(2 * np.pi * rng.uniform(2, 9) * time_s)
    if rng.random() < 0.5:
        return np.sin(2 * np.pi * hz * time_s) * (1 + rng.uniform(0.2, 1) * wavering)
    return np.sin(2 * np.pi * np.cumsum(hz * 2 ** (rng.uniform(0.1, 2) * wavering / 12)) / rate_hz)


def _pair(rng: np.random.Generator, time_s: np.ndarray, rate_hz: int) -> np.ndarray:
    """Two sines at once, as the keys of a telephone have."""
    return _sine(rng, time_s, rate_hz) + _sine(rng, time_s, rate_hz) * rng.uniform(0.3, 1)


_KINDS: tuple[Callable[[np.random.Generator, np.ndarray, int], np.ndarray], ...] = (
    _sine, _beeps, _sweep, _chord, _wave, _vibrato, _pair,
)  # fmt: skip
_SHARES = (0.4, 0.12, 0.12, 0.14, 0.08, 0.07, 0.07)
