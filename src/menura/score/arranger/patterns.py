"""Patterns: bars of music as strings, and how a bar of one metre becomes a bar of another.

A character is a step, ``.`` a rest, ``-`` holds what sounds; spaces are for the eye, ``|`` parts bars, ``/`` parts
alternatives. How many steps a bar has says how fine they are: sixteen in 4/4 are sixteenths, twelve are triplets.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from menura.score.notes import TICKS_PER_QUARTER

REST, HOLD = ".", "-"
_WHOLE = 4 * TICKS_PER_QUARTER
_LONG_BEAT = 3 * TICKS_PER_QUARTER // 2
_BEAT_ORDERS: dict[tuple[int, int], tuple[int, ...]] = {
    (4, 1): (0,),
    (4, 3): (0, 1, 3),
    (4, 5): (0, 1, 1, 2, 3),
    (4, 6): (0, 1, 2, 3, 2, 3),
    (4, 7): (0, 1, 2, 3, 0, 1, 3),
    (3, 2): (0, 1),
    (3, 4): (0, 1, 0, 2),
    (3, 5): (0, 1, 2, 0, 2),
    (2, 3): (0, 1, 1),
    (2, 5): (0, 1, 1, 0, 1),
    (5, 2): (0, 3),
    (5, 3): (0, 1, 4),
    (5, 4): (0, 1, 3, 4),
}
"""(beats of the pattern, beats wanted) -> which of them are played."""


class Event(NamedTuple):
    """A character of a pattern in a bar: where it begins and how long it sounds, in ticks."""

    onset: int
    length: int
    symbol: str


@cache
def beats_of(numerator: int, denominator: int) -> tuple[int, ...]:
    """Lengths of a bar's beats in ticks: threes in 6/8 or 12/8, twos and a three at the end in 7/8, else quarters.

    Raises:
        ValueError: that is no metre.
    """
    if numerator < 1 or denominator not in (1, 2, 4, 8, 16, 32):
        raise ValueError(f"{numerator}/{denominator} is not a metre; write one as 4/4, 6/8 or 7/8")
    unit = _WHOLE // denominator
    if denominator <= 4:
        return (TICKS_PER_QUARTER,) * (numerator * unit // TICKS_PER_QUARTER)
    if numerator % 3 == 0:
        return (3 * unit,) * (numerator // 3)
    twos = [2 * unit] * (numerator // 2)
    if numerator % 2:
        twos[-1:] = [twos[-1] + unit] if twos else [unit]
    return tuple(twos)


@cache
def alternatives(text: str) -> tuple[str, ...]:
    """The patterns of a cell of a table."""
    return tuple("".join(part.split()) for part in text.split("/"))


def num_bars(pattern: str) -> int:
    return pattern.count("|") + 1


@cache
def fit(pattern: str, bar: int, home: tuple[int, ...], beats: tuple[int, ...]) -> tuple[Event, ...]:
    """One bar of a pattern in some metre.

    Args:
        pattern: without spaces.
        bar: which of its bars; they return.
        home: beats of the metre that it was written for, see `beats_of`.
        beats: of the metre that is wanted.

    Returns:
        By onset; a bar that begins with a hold has that as its first event.
    """
    bars = pattern.split("|")
    steps = _steps(bars[bar % len(bars)], home, beats)
    ends = [*(onset for onset, _ in steps[1:]), sum(beats)]
    events: list[Event] = []
    for (onset, symbol), end in zip(steps, ends, strict=True):
        if symbol == HOLD and events and events[-1].onset + events[-1].length == onset:
            events[-1] = events[-1]._replace(length=end - events[-1].onset)
        elif symbol != REST and (symbol != HOLD or onset == 0):
            events.append(Event(onset, end - onset, symbol))
    return tuple(events)


def _steps(text: str, home: tuple[int, ...], beats: tuple[int, ...]) -> list[tuple[int, str]]:
    """Every character of the new bar, and where it stands."""
    cells, taken = [], 0
    for end in (sum(home[: beat + 1]) for beat in range(len(home))):
        upto = len(text) * end // sum(home)
        cells.append(text[taken:upto])
        taken = upto
    was_compound = _is_compound(home)
    steps, start = [], 0
    for target, index in zip(beats, _order(len(home), len(beats)), strict=True):
        beat = beat_steps(cells[index], home[index], target, beats, was_compound)
        steps += [(start + at, symbol) for at, symbol in beat]
        start += target
    return steps


def _is_compound(beats: tuple[int, ...]) -> bool:
    return all(beat == _LONG_BEAT for beat in beats)


def _order(count: int, wanted: int) -> Sequence[int]:
    if (count, wanted) in _BEAT_ORDERS:
        return _BEAT_ORDERS[count, wanted]
    if wanted <= count:
        return range(wanted)
    whole, rest = divmod(wanted, count)
    return [*list(range(count)) * whole, *range(count)[count - rest :]]


def beat_steps(
    cell: str, home: int, target: int, beats: tuple[int, ...], was_compound: bool = False
) -> list[tuple[int, str]]:
    """One beat's characters, and where they stand in a beat of another length.

    Args:
        cell: of a beat that is `home` ticks long, in a bar that `was_compound` (of beats of three eighths only).
        target: ticks of the new beat, which is one of `beats`.
    """
    count = len(cell)
    even = [(step * target // count, symbol) for step, symbol in enumerate(cell)]
    if home == target or count % 2:
        return even
    if home < target == _LONG_BEAT:
        half = count // 2
        if not _is_compound(beats):
            step = home // count
            return [(place * step, symbol) for place, symbol in enumerate(cell + cell[half:])]
        # Two halves become long and short, as in a shuffle.
        long, short = 2 * target // 3, target // 3
        first = [(step * long // half, symbol) for step, symbol in enumerate(cell[:half])]
        return first + [(long + step * short // half, symbol) for step, symbol in enumerate(cell[half:])]
    if target < home == _LONG_BEAT and not was_compound:
        return [(place * home // count, symbol) for place, symbol in enumerate(cell[: count * target // home])]
    return even
