"""A scene's layers as sound: each made on a circle or event by event, block after block, and mixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from menura.audio import Audio
from menura.audio.loudness import integrated_lufs
from menura.progress import Progress
from menura.synth.catalogue import GENERATORS
from menura.synth.generator import Choice, Generator, Parameter, Value
from menura.synth.space import at_place
from menura.text.sounds import Layer

_BLOCK_SAMPLES, _OVERLAP_S = 40 * 48_000, 2.0
_LOWEST_LUFS = -60.0
USUAL_M = 3.0
_LOUDNESS_LUFS = -26.0
_INTENSITY_DB = 5.0
_DISTANCE_DB = 2.2
"""A doubling of distance; less than the 6 dB of a single source in the open, so that what is far is still heard."""
_EVENT_DISTANCE_S = 5.0
_SPREAD_DB = 2.0
PLACE = (
    Parameter("gain_db", -40, 24, 0, "dB", "louder than it would be"),
    Parameter("distance_m", 0.3, 2000, USUAL_M, "m", "how far it is"),
)
"""What can be set of every layer; a kind of sound that has a parameter of that name has it instead."""
_OF_MANY = 0.4
_SHIFT_SAMPLES = 1024


@dataclass(frozen=True, eq=False)
class Planned:
    """A layer with every number decided.

    Attributes:
        words: that it was read from.
        generator, values: how it is made.
        distance_m, side: where it is; side from -1 to 1.
        level_db: how loud, against steady rain nearby.
        gain_db: how much of that was asked for.
        repeats: of an event, whether it comes again and again.
        spacing: of its repetitions, times the usual.
    """

    words: str
    generator: Generator
    values: Mapping[str, Value]
    distance_m: float
    side: float
    level_db: float
    repeats: bool
    spacing: float = 1.0
    gain_db: float = 0.0


def place_of(generator: Generator) -> tuple[Parameter, ...]:
    """What can be set of where a layer is."""
    own = {parameter.name for parameter in generator.parameters}
    return tuple(one for one in PLACE if one.name not in own)


def plan(layer: Layer, asked: Mapping[str, object], side: float, repeats: bool) -> Planned:
    """Decide the numbers of a layer: its words first, then what is `asked` by name.

    Raises:
        ValueError: what is asked is not possible.
    """
    generator = GENERATORS[layer.generator]
    said: dict[str, object] = {}
    distance = layer.distance_m
    for parameter in generator.parameters:
        if isinstance(parameter, Choice):
            chosen = (value for words in layer.meanings for value in words if value in parameter.values)
            if (value := next(chosen, None)) is not None:
                said[parameter.name] = value
            continue
        if parameter.name == "distance_m" and distance is not None:
            said["distance_m"], distance = parameter.moved(0.8 if distance > USUAL_M else -0.8), None
        amount = layer.axes.get(parameter.axis.removeprefix("-"), 0.0) if parameter.axis else 0.0
        if amount and parameter.name not in layer.settings:
            said[parameter.name] = parameter.moved(-amount if parameter.axis.startswith("-") else amount)
    placed = {one.name: one for one in place_of(generator)}
    values = generator.settled(
        {**layer.settings, **said, **{name: value for name, value in asked.items() if name not in placed}}
    )
    place = {name: one.checked(asked[name]) for name, one in placed.items() if name in asked}
    distance_m, gain_db = place.get("distance_m", distance or USUAL_M), place.get("gain_db", 0.0)
    level = generator.level_db + _INTENSITY_DB * float(np.clip(layer.axes.get("intensity", 0.0), -1.5, 1.5))
    level += gain_db - _DISTANCE_DB * np.log2(distance_m / USUAL_M)
    spacing = _OF_MANY if layer.is_many else 1.0
    many = repeats or layer.is_many
    return Planned(layer.words, generator, values, distance_m, side, float(level), many, spacing, gain_db)


@dataclass(frozen=True, eq=False)
class Scene:
    """Layers over a time.

    Args:
        layers: what is heard.
        num_samples, sample_rate_hz, num_channels: of the whole.
        loops: whether its end leads into its beginning.
        seed: the same gives the same samples.
    """

    layers: tuple[Planned, ...]
    num_samples: int
    sample_rate_hz: int
    num_channels: int
    loops: bool
    seed: int

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """Of the blocks, each of about `_BLOCK_SAMPLES`."""
        blocks = max(round(self.num_samples / _BLOCK_SAMPLES), 1)
        return tuple(self.num_samples * number // blocks for number in range(blocks + 1))

    def mixed(self, progress: Progress | None = None) -> Iterator[Float[np.ndarray, "channel sample"]]:
        """The sum of the layers, block by block."""
        made = [self.layer(number) for number in range(len(self.layers))]
        for number in range(len(self.edges) - 1):
            total = np.zeros((self.num_channels, self.edges[number + 1] - self.edges[number]))
            for at, layer in enumerate(made):
                total += next(layer)
                if progress is not None:
                    progress.update(number * len(made) + at + 1, len(made) * (len(self.edges) - 1), "sounding")
            yield total

    def layer(self, number: int) -> Iterator[Float[np.ndarray, "channel sample"]]:
        """One of them, as it is in the sum."""
        planned = self.layers[number]
        if planned.generator.kind == "event":
            return self._events(planned, number)
        if len(self.edges) == 2 or planned.generator.kind == "cycle":
            return self._turns(planned, number)
        return self._blended(planned, number)

    def _made(self, planned: Planned, seeds: Sequence[int], count: int, wraps: bool) -> np.ndarray:
        """One rendering, in its place, as loud as it shall be."""
        rng = np.random.default_rng((self.seed, *seeds))
        samples = planned.generator.render(planned.values, count, self.sample_rate_hz, rng, self.num_channels, wraps)
        samples = at_place(samples, self.sample_rate_hz, planned.distance_m, planned.side, wraps)
        lufs = max(integrated_lufs(Audio(samples, self.sample_rate_hz)), _LOWEST_LUFS)
        return samples * 10 ** ((_LOUDNESS_LUFS + planned.level_db - lufs) / 20)

    def _turns(self, planned: Planned, number: int) -> Iterator[np.ndarray]:
        """A circle that goes round once a block, so that a clock ticks on; some turns are a sample shorter."""
        blocks = len(self.edges) - 1
        circle = -(-self.num_samples // blocks)
        samples = self._made(planned, (number,), circle, wraps=self.loops or blocks > 1)[:, :circle]
        for first, end in pairwise(self.edges):
            yield samples if end - first == circle else _shorter(samples)

    def _blended(self, planned: Planned, number: int) -> Iterator[np.ndarray]:
        """Blocks made one by one, each fading into the next at equal power."""
        blocks = len(self.edges) - 1
        overlap = round(_OVERLAP_S * self.sample_rate_hz)
        fade = np.sin(0.5 * np.pi * (np.arange(overlap) + 0.5) / overlap)

        def block(at: int) -> np.ndarray:
            count = self.edges[at + 1] - self.edges[at] + overlap
            return self._made(planned, (number, at), count, wraps=False)[:, :count]

        tail = block(blocks - 1)[:, -overlap:] * fade[::-1] if self.loops else None
        for at in range(blocks):
            samples = block(at)
            if tail is not None:
                samples[:, :overlap] = samples[:, :overlap] * fade + tail
            tail = samples[:, -overlap:] * fade[::-1]
            yield samples[:, :-overlap]

    def _events(self, planned: Planned, number: int) -> Iterator[np.ndarray]:
        starts = self._starts(planned, number)

        @lru_cache(maxsize=8)
        def event(index: int) -> np.ndarray:
            rng = np.random.default_rng((self.seed, number, index))
            count = round(planned.generator.natural_s(planned.values) * self.sample_rate_hz)
            count = count if planned.repeats else min(count, self.num_samples)
            gain = 10 ** (rng.normal(0, _SPREAD_DB) / 20) if index else 1.0
            return gain * self._made(planned, (number, index), max(count, 16), wraps=False)

        for first, end in pairwise(self.edges):
            out = np.zeros((self.num_channels, end - first))
            for start, index in starts:
                if start >= end:
                    continue
                sound = event(index) if start + self._longest(planned) > first else None
                if sound is None or start + sound.shape[1] <= first:
                    continue
                low, high = max(start, first), min(start + sound.shape[1], end)
                out[:, low - first : high - first] += sound[:, low - start : high - start]
            yield out

    def _longest(self, planned: Planned) -> int:
        return round((planned.generator.natural_s(planned.values) + 1.0) * self.sample_rate_hz)

    def _starts(self, planned: Planned, number: int) -> list[tuple[int, int]]:
        """When each event begins, and its number; in a loop once more a round earlier, for what passes the end."""
        starts = [0]
        if planned.repeats:
            rng = np.random.default_rng((self.seed, number, 1 << 20))
            length = planned.generator.natural_s(planned.values)
            spacing = planned.spacing * ((_EVENT_DISTANCE_S if length > 1.5 else 1.2) + 0.8 * length)
            at = rng.uniform(0.05, 0.4) * min(spacing, self.num_samples / self.sample_rate_hz / 2)
            starts = []
            while at * self.sample_rate_hz < self.num_samples - (
                0 if self.loops else 0.5 * length * self.sample_rate_hz
            ):
                starts.append(int(at * self.sample_rate_hz))
                at += spacing * rng.uniform(0.5, 1.6)
            starts = starts or [0]
        once = [(start, index) for index, start in enumerate(starts)]
        rounds = -(-self._longest(planned) // self.num_samples) if self.loops else 0
        earlier = [(start - turn * self.num_samples, index) for turn in range(1, rounds + 1) for start, index in once]
        return earlier + once


def _shorter(samples: np.ndarray) -> np.ndarray:
    """A turn without one of its samples, which nobody hears go: in its middle it moves on by one, little by little."""
    places = np.arange(samples.shape[1] - 1)
    share = np.clip((places - len(places) // 2) / _SHIFT_SAMPLES, 0, 1)
    return samples[:, :-1] * (1 - share) + samples[:, 1:] * share
