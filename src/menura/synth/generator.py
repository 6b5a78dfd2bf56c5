"""A kind of sound that is known how to make: what it is called, what can be set, and how it is rendered.

A texture (rain) goes on for ever, and so does a cycle (a clock); both are made on a circle, so that their end leads
into their beginning. An event (a door that slams) has a length of its own and ends in silence.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float

from menura.progress import check
from menura.synth.envelopes import faded
from menura.synth.noise import above, fast_size

Kind = Literal["texture", "cycle", "event"]
Axis = Literal["", "intensity", "size", "-size", "speed", "-speed", "density", "pitch"]
"""What words of degree move a parameter: heavy and gentle its intensity, big and small its size."""
Value = float | str

_PEAK = 0.9
_LOWEST_HZ = 18.0
_LEAST_CIRCLE_S = 3.0
_FADE_S = 0.008
_SILENT = 1e-9
_MOST_EVENT_S = 30.0


@dataclass(frozen=True)
class Parameter:
    """A number that can be set.

    Args:
        name: with the unit in it where that is short, as ``wind_m_s``.
        low, high: its range.
        usual: its value where nothing is said.
        unit: as it is written: "m/s".
        about: what it is.
        axis: the words that move it; with "-" they move it down.
    """

    name: str
    low: float
    high: float
    usual: float
    unit: str
    about: str
    axis: Axis = ""

    def moved(self, amount: float) -> float:
        """From the usual value towards the highest (`amount` 1) or the lowest (-1), by ratios where it can."""
        end, share = (self.high, min(amount, 1.0)) if amount > 0 else (self.low, min(-amount, 1.0))
        if self.low > 0:
            return float(self.usual * (end / self.usual) ** share)
        return float(self.usual + (end - self.usual) * share)

    def checked(self, value: object) -> float:
        """The value as a number.

        Raises:
            ValueError: it is none, or out of range.
        """
        try:
            number = float(str(value))
        except ValueError:
            raise ValueError(f"{self.name} is a number, not {str(value)[:30]!r}") from None
        if not self.low <= number <= self.high:
            raise ValueError(f"{self.name} is {self.low:g} to {self.high:g} {self.unit}".rstrip() + f", not {number:g}")
        return number


@dataclass(frozen=True)
class Choice:
    """One of several words that can be set."""

    name: str
    values: tuple[str, ...]
    usual: str
    about: str

    def checked(self, value: object) -> str:
        """The word.

        Raises:
            ValueError: it is none of these.
        """
        if value not in self.values:
            raise ValueError(f"{self.name} is {', '.join(self.values)}, not {str(value)[:30]!r}")
        return str(value)


@dataclass(frozen=True, eq=False)
class Stage:
    """What a generator is given.

    Attributes:
        num_samples, rate: how long, and samples a second.
        rng: of what all channels have in common: gusts, when things happen.
        detail: of what each channel has for itself: noise, single drops.
        values: every parameter's.
    """

    num_samples: int
    rate: int
    rng: np.random.Generator
    detail: np.random.Generator
    values: Mapping[str, Value]

    def __getitem__(self, name: str) -> float:
        return float(self.values[name])

    def word(self, name: str) -> str:
        """The value of a choice."""
        return str(self.values[name])

    def hz(self, name: str, times: float = 1.0) -> float:
        """A parameter times a number, as a frequency that the rate can hold."""
        return min(self[name] * times, 0.4 * self.rate)

    @property
    def seconds(self) -> float:
        return self.num_samples / self.rate

    @cached_property
    def times(self) -> Float[np.ndarray, " sample"]:
        """Of the samples, in seconds."""
        return np.arange(self.num_samples) / self.rate


@dataclass(frozen=True, eq=False)
class Generator:
    """One kind of sound.

    Args:
        name: one word or several with underscores.
        summary: one line.
        kind: how it stands in time.
        play: makes one channel.
        parameters: what can be set.
        length_s: of an event, from the values of its parameters.
        is_wide: whether it comes from all around, so that channels differ.
        level_db: how loud it stands in a scene, against steady rain.
    """

    name: str
    summary: str
    kind: Kind
    play: Callable[[Stage], np.ndarray]
    parameters: tuple[Parameter | Choice, ...]
    length_s: Callable[[Mapping[str, Value]], float] = lambda _: 1.0
    is_wide: bool = False
    level_db: float = 0.0

    def settled(self, asked: Mapping[str, object]) -> dict[str, Value]:
        """The value of every parameter: as asked, or the usual.

        Raises:
            ValueError: a name or a value is not possible; one line.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in asked:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {close[0]}? " if close else ""
                raise ValueError(
                    f"{self.name} has no {name[:30]!r}; {hint}it has {', '.join(known) or 'nothing to set'}"
                )
        return {name: known[name].checked(asked[name]) if name in asked else known[name].usual for name in known}

    def natural_s(self, values: Mapping[str, Value]) -> float:
        """How long an event with these values sounds."""
        return min(self.length_s(values), _MOST_EVENT_S)

    def render(
        self,
        values: Mapping[str, Value],
        num_samples: int,
        sample_rate_hz: int,
        rng: np.random.Generator,
        num_channels: int = 1,
        wraps: bool = False,
    ) -> Float[np.ndarray, "channel sample"]:
        """The sound, with no peak over 0.9.

        Args:
            values: as `settled` gives them.
            num_samples: of the result; an event that is longer is faded out there, one that is shorter ends in silence.
            sample_rate_hz: 8000 or more.
            rng: the same state gives the same samples.
            num_channels: of the result; they differ only where the sound `is_wide`.
            wraps: whether the end is to lead into the beginning; not of events.
        """
        shared = rng.integers(2**62)
        seeds = rng.integers(2**62, size=num_channels)
        made = num_samples
        if self.kind == "event":
            made = fast_size(max(round(self.natural_s(values) * sample_rate_hz), 16))
        elif not wraps:
            made = fast_size(max(num_samples, round(_LEAST_CIRCLE_S * sample_rate_hz)))
        channels = []
        for seed in seeds if self.is_wide else seeds[:1]:
            check()
            stage = Stage(made, sample_rate_hz, np.random.default_rng(shared), np.random.default_rng(seed), values)
            channels.append(self._finished(self.play(stage), num_samples, sample_rate_hz, wraps))
        samples = np.stack(channels)
        peak = float(np.abs(samples).max(initial=0.0))
        samples *= _PEAK / peak if peak > _SILENT else 0.0
        return np.repeat(samples, num_channels // len(samples), axis=0)

    def _finished(self, samples: np.ndarray, num_samples: int, rate: int, wraps: bool) -> np.ndarray:
        """Without what is too low to hear, as long as asked, and silent at the ends if it has any."""
        samples = above(samples, rate, _LOWEST_HZ, wraps=self.kind != "event")
        if self.kind != "event" and wraps:
            return samples - samples.mean()
        samples = samples[:num_samples]
        fade = min(round(_FADE_S * rate), len(samples) // 2)
        samples = faded(samples, min(fade, round(0.0005 * rate)) if self.kind == "event" else fade, fade)
        places = (np.arange(len(samples)) + 0.5) / len(samples)
        window = places * (1 - places)
        samples = samples - window * (samples.mean() / window.mean())
        return np.pad(samples, (0, num_samples - len(samples)))
