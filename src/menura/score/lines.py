"""Lines of words: when the notes of a melody begin that carries so many syllables a line.

A line's last note is long and followed by a breath; the others keep a pace, rather on beats than between them, found
by dynamic programming over the places where they may begin. Lines of one length have one rhythm, as those of a hymn do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from jaxtyping import Int

from menura.score.arranger.plan import drawn
from menura.score.steps.given import Given
from menura.score.steps.tokens import DURATIONS, GRID_PER_QUARTER, bar_length

MOST_SYLLABLES = 64
"""Of a line."""
_LEAST_QUARTERS = (0.75, 2.0)
"""How much time a line has as a rule: for each syllable, and for the end of the line."""
_SHORTEST = GRID_PER_QUARTER // 4
_MOST_QUARTERS_A_SYLLABLE = 2
"""Slower no line goes: what is left of its bars is an interlude."""
_COMPASS = (60, 77)
"""Where most people can sing, some in another octave."""
_LEAP = 7
_OFF_BEAT, _UNEVEN, _WHIM = 0.6, 0.9, 0.12
_LAST = 2.2
"""How much longer than the others a line's last note is rather."""
_EIGHTH = GRID_PER_QUARTER // 2


def usual_bars(syllables: Sequence[int], metre: tuple[int, int]) -> int:
    """How many bars a line has where nobody says: 1, 2, 4 or 8, the least that its syllables have time in."""
    each, end = _LEAST_QUARTERS
    wanted = max(syllables) * each + end
    quarters = bar_length(*metre) / GRID_PER_QUARTER
    return min(2 ** max(math.ceil(math.log2(wanted / quarters)), 0), 8)


def rhythm(count: int, bars: int, metre: tuple[int, int], seed: int) -> Int[np.ndarray, "note 2"]:
    """Onsets and lengths of a line's notes, in twelfths of a quarter from its beginning.

    Args:
        count: of syllables.
        bars: that the line has, its breath among them.
        metre: of the bars.
        seed: the same gives the same rhythm.

    Raises:
        ValueError: so many do not fit.
    """
    bar = bar_length(*metre)
    beat = bar // _beats(metre)
    breath = beat if beat * 4 <= bars * bar else max(beat // 2, _SHORTEST)
    total = min(bars * bar, _rounded_up((_MOST_QUARTERS_A_SYLLABLE * count + 2) * GRID_PER_QUARTER, bar))
    for unit in (_EIGHTH, _SHORTEST):
        found = _fitted(count, unit, total - breath, (bar, beat), drawn(seed, "line", count))
        if found is not None:
            return found
    raise ValueError(
        f"{count} notes and a breath do not fit {bars} bar{'s' * (bars != 1)} of {metre[0]}/{metre[1]}; give more"
    )


def as_given(
    syllables: Sequence[int],
    num_bars: int,
    metre: tuple[int, int],
    slot: int,
    compass: tuple[int, int],
    seed: int,
    *,
    is_alone: bool = False,
) -> Given:
    """What the part that carries the lines is given: when its notes begin, and in which range they lie.

    Args:
        syllables: of each line.
        num_bars: of the piece, a multiple of the number of lines.
        metre: of all bars.
        slot: the part.
        compass: the lowest and the highest pitch of who plays it.
        seed: of the rhythm.
        is_alone: whether its player also accompanies it.

    Raises:
        ValueError: a line does not fit its bars.
    """
    each, length = num_bars // len(syllables), bar_length(*metre)
    low = int(np.clip(_COMPASS[0], compass[0], max(compass[1] - (_COMPASS[1] - _COMPASS[0]), compass[0])))
    high = min(low + _COMPASS[1] - _COMPASS[0], compass[1])
    bars: list[np.ndarray | None] = []
    for count in syllables:
        notes = rhythm(count, each, metre, seed)
        index = np.searchsorted(DURATIONS, notes[:, 1], side="right") - 1
        rows = np.column_stack((notes[:, 0] % length, np.full(count, low), np.full(count, high), index))
        bars += [rows[notes[:, 0] // length == bar] for bar in range(each)]
    return Given(slot, bars, _LEAP, is_alone)


def first_notes(syllables: Sequence[int]) -> list[int]:
    """The number, from 1, of the melody's note that begins each line."""
    return [1 + before for before in accumulate(syllables[:-1], initial=0)]


def _beats(metre: tuple[int, int]) -> int:
    numerator, denominator = metre
    return numerator // 3 if denominator >= 8 and numerator % 3 == 0 else numerator


def _fitted(
    count: int, unit: int, end: int, places: tuple[int, int], rng: np.random.Generator
) -> Int[np.ndarray, "note 2"] | None:
    """The best rhythm on a grid of `unit`s that is over by `end`; None where so many do not fit."""
    bar, beat = places
    last = _last_onset(count, unit, end, places)
    if last is None:
        return None
    onsets = np.arange(0, last + 1, unit)
    if len(onsets) < count:
        return None
    weak = np.where(onsets % bar == 0, 0.0, np.where(onsets % beat == 0, 0.3, np.where(onsets % _EIGHTH == 0, 1, 2)))
    price = _OFF_BEAT * weak + rng.uniform(0, _WHIM, len(onsets))
    longest = max((end - last) // unit, 1)
    pace = last / unit / max(count - 1, 1)
    steps = np.arange(1, longest + 1)
    uneven = _UNEVEN * np.abs(np.log(steps / max(pace, 1e-9)))
    best = np.where(onsets < beat, price, np.inf)  # a line may begin within its first beat
    came_from = []
    for _ in range(count - 1):
        options = np.full((longest, len(onsets)), np.inf)
        for row, step in enumerate(steps[: len(onsets) - 1]):
            options[row, step:] = best[: len(onsets) - step] + uneven[row]
        came_from.append(options.argmin(0) + 1)
        best = options.min(0) + price
    if not np.isfinite(best[-1]):
        return None
    places_found = [len(onsets) - 1]
    for back in reversed(came_from):
        places_found.append(places_found[-1] - int(back[places_found[-1]]))
    found = onsets[places_found[::-1]]
    return np.column_stack((found, np.diff(found, append=end)))


def _last_onset(count: int, unit: int, end: int, places: tuple[int, int]) -> int | None:
    """Where the last note begins: rather on a strong beat, and about twice as long as the others; None: nowhere."""
    bar, beat = places
    if count == 1:
        return 0 if end >= unit else None
    best: tuple[float, int] | None = None
    for at in range((count - 1) * unit, end - unit, unit):
        pace, long = at / (count - 1), end - at
        if long < max(min(beat, 2 * unit), pace):
            continue
        weak = 0.0 if at % bar == 0 else 0.4 if at % (2 * beat) == 0 else 0.8 if at % beat == 0 else 2.0
        price = weak + abs(math.log(long / (_LAST * pace)))
        best = min(best or (price, at), (price, at))
    return best and best[1]


def _rounded_up(value: int, unit: int) -> int:
    return -(-value // unit) * unit
