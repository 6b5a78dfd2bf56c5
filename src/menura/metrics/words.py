"""How far a text is from what it should be: word and character error rate.

The edit distance is that of Levenshtein, by Myers 1999, "A fast bit-vector algorithm for approximate string matching",
in the form of Hyyrö 2003: one column of the table is a whole number of as many bits.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from menura.metrics.english import normalised
from menura.progress import check

_LOOK_EVERY = 1000


def word_error_rate(reference: str, estimate: str) -> float:
    """Words put in, left out and replaced, a word of the reference, both spelled alike: 0 is perfect.

    Raises:
        ValueError: the reference has no word.
    """
    return _rate(normalised(reference).split(), normalised(estimate).split())


def character_error_rate(reference: str, estimate: str) -> float:
    """Characters put in, left out and replaced, a character of the reference, both spelled alike: 0 is perfect.

    Raises:
        ValueError: the reference has none.
    """
    return _rate(normalised(reference), normalised(estimate))


WORD_METRICS: dict[str, Callable[[str, str], float]] = {"wer": word_error_rate, "cer": character_error_rate}
"""Name -> measure of a reference and an estimate; lower is better."""


def edit_distance(reference: Sequence[Hashable], estimate: Sequence[Hashable]) -> int:
    """The fewest items to put in, leave out or replace so that one becomes the other."""
    if not reference:
        return len(estimate)
    places: dict[Hashable, int] = {}
    for place, item in enumerate(reference):
        places[item] = places.get(item, 0) | 1 << place
    last, every = 1 << (len(reference) - 1), (1 << len(reference)) - 1
    more, less, distance = every, 0, len(reference)  # bit i: the table climbs, or falls, from row i to the next
    for number, item in enumerate(estimate):
        if number % _LOOK_EVERY == 0:
            check()
        same = places.get(item, 0)
        diagonal = (((same & more) + more) ^ more) | same | less
        right_more, right_less = less | ~(diagonal | more), more & diagonal
        distance += bool(right_more & last) - bool(right_less & last)
        right_more, right_less = right_more << 1 | 1, right_less << 1
        more, less = (right_less | ~(diagonal | right_more)) & every, right_more & diagonal & every
    return distance


def _rate(reference: Sequence[Hashable], estimate: Sequence[Hashable]) -> float:
    if not reference:
        raise ValueError("the reference has no word")
    return edit_distance(reference, estimate) / len(reference)
