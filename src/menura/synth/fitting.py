"""Parameters found from a recording: a seeded random search for the sound whose statistics come nearest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from menura.audio import Audio
from menura.synth.generator import Choice, Generator, Parameter, Value
from menura.synth.likeness import Statistics, distance, statistics

_RATE_HZ = 24_000
_SHORTEST_S, _LONGEST_S = 1.0, 4.0
_MOST_HEARD_S = 20.0
_AT_RANDOM = 0.35
_WIDEST, _NARROWEST = 0.25, 0.02
_WIDER, _NARROWER = 1.4, 0.9
_MOVED, _FLIPPED = 0.4, 0.2
_DIGITS = 3
_FINALISTS, _HEARD_AGAIN = 4, 3


@dataclass(frozen=True)
class Fitted:
    """What a search found.

    Attributes:
        values: of every parameter.
        distance: of the sounds that they make, dB (`menura.synth.likeness`): the mean over seeds that the search
            did not hear.
        before: that of the nearest of those that it began from.
        start: the values of that one.
    """

    values: dict[str, Value]
    distance: float
    before: float
    start: dict[str, Value]


class Target:
    """A recording that a generator is to sound like.

    Args:
        recording: what is heard; of what is longer than 20 s, those in its middle.
        generator: how it is to be made.
    """

    def __init__(self, recording: Audio, generator: Generator) -> None:
        sound = recording.mono()
        sound = sound.resampled(min(sound.sample_rate_hz, _RATE_HZ))
        self.rate, self.generator = sound.sample_rate_hz, generator
        most = round(_MOST_HEARD_S * self.rate)
        first = max((sound.num_samples - most) // 2, 0)
        self.heard = statistics(sound.samples[0, first : first + most], self.rate)
        self._lasts_s = float(np.clip(sound.duration_s, _SHORTEST_S, _LONGEST_S))

    def rendered(self, values: Mapping[str, Value], seed: int) -> Statistics:
        """Of the sound that some parameters make."""
        is_event = self.generator.kind == "event"
        seconds = min(self.generator.natural_s(values), _LONGEST_S) if is_event else self._lasts_s
        rng = np.random.default_rng(seed)
        samples = self.generator.render(values, max(round(seconds * self.rate), 16), self.rate, rng)
        return statistics(samples[0], self.rate)

    def distance(self, values: Mapping[str, Value], seed: int) -> float:
        """Of that sound from the recording, dB."""
        return distance(self.heard, self.rendered(values, seed), self.generator.kind == "event")


def fit(
    target: Target,
    starts: Sequence[Mapping[str, Value]],
    fixed: Mapping[str, Value],
    trials: int,
    seed: int,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> Fitted:
    """Search: what it begins from, then values at random, then ever smaller steps from the best (a (1+1) evolution
    strategy with a step that success widens and failure narrows). The last few that were nearest are made again from
    other seeds, and the nearest of them counts: what was lucky once is not taken.

    Args:
        target: the recording.
        starts: parameters to begin from, one set or more; each is tried.
        fixed: parameters that stay as they are.
        trials: how many sounds are made besides.
        seed: the same gives the same.
        told: how many sounds of how many have been made.
    """
    rng = np.random.default_rng((seed, 7))
    free = [one for one in target.generator.parameters if one.name not in fixed]
    tried = len(starts) + (trials if free else 0)
    heard = 0

    def far(values: Mapping[str, Value], of_seed: int) -> float:
        nonlocal heard
        heard += 1
        told(heard, tried + (1 + _FINALISTS) * _HEARD_AGAIN)
        return target.distance(values, of_seed)

    found = sorted((far({**values, **fixed}, seed), number) for number, values in enumerate(starts))
    least, start = found[0][0], {**starts[found[0][1]], **fixed}
    nearest, width = [start], _WIDEST
    for done in range(tried - len(starts)):
        best = nearest[-1]
        is_random = done < _AT_RANDOM * trials
        moved = {one.name: _drawn(one, rng) for one in free} if is_random else _moved(free, best, width, rng)
        distance = far({**best, **moved}, seed)
        width = float(np.clip(width * (_WIDER if distance < least else _NARROWER), _NARROWEST, _WIDEST))
        if distance < least:
            least = distance
            nearest.append({**best, **moved})

    def again(values: Mapping[str, Value]) -> float:
        return float(np.mean([far(values, seed + 1 + number) for number in range(_HEARD_AGAIN)]))

    before = again(start)
    finalists = [(again(values), number) for number, values in enumerate(nearest[1:][-_FINALISTS:])]
    after, number = min([(before, -1), *finalists])
    return Fitted(start if number < 0 else nearest[1:][-_FINALISTS:][number], after, before, start)


def _drawn(one: Parameter | Choice, rng: np.random.Generator) -> Value:
    return one.values[rng.integers(len(one.values))] if isinstance(one, Choice) else _at(one, rng.random())


def _moved(
    free: Sequence[Parameter | Choice], values: Mapping[str, Value], width: float, rng: np.random.Generator
) -> dict[str, Value]:
    """Some of the parameters elsewhere, one at least."""
    chosen = rng.random(len(free)) < [_FLIPPED if isinstance(one, Choice) else _MOVED for one in free]
    chosen[rng.integers(len(free))] = True
    moved: dict[str, Value] = {}
    for one in (one for one, is_chosen in zip(free, chosen, strict=True) if is_chosen):
        if isinstance(one, Choice):
            moved[one.name] = _drawn(one, rng)
        else:
            moved[one.name] = _at(one, _place(one, float(values[one.name])) + rng.normal(0, width))
    return moved


def _place(one: Parameter, value: float) -> float:
    """Where in its range a value is, 0 to 1; by ratios where the range has some."""
    if one.low > 0:
        return float(np.log(value / one.low) / np.log(one.high / one.low))
    return (value - one.low) / (one.high - one.low)


def _at(one: Parameter, place: float) -> float:
    place = float(np.clip(place, 0, 1))
    value = one.low * (one.high / one.low) ** place if one.low > 0 else one.low + place * (one.high - one.low)
    return float(np.clip(float(f"{value:.{_DIGITS}g}"), one.low, one.high))
