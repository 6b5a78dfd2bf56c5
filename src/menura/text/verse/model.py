"""A small language model of words: trigrams, bigrams and words, interpolated; counts of public-domain verse and prose.

`python -m menura.text.verse.build FOLDER` counts them; model.md says in what.
"""

from __future__ import annotations

import lzma
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

_FILE = Path(__file__).parent / "model.bin"
EDGE = "|"
_WEIGHTS = (0.05, 0.35, 0.6)
"""Of words, bigrams and trigrams."""
_UNSEEN = 0.5
_RARITY = 0.7
"""Of a word's own likelihood: with none, small and common words would win."""


class WordModel:
    """Counts: of words, of pairs and of threes, each "a b c"."""

    def __init__(self, counts: dict[str, int]):
        self._counts = counts
        self._words = sum(count for key, count in counts.items() if " " not in key)
        self._kinds = sum(" " not in key for key in counts)

    def fluency(self, words: Sequence[str]) -> float:
        """How much likelier a line's words are after each other than by themselves, in nats a word."""
        said = [EDGE, EDGE, *(word.lower() for word in words), EDGE]
        total = 0.0
        for end in range(2, len(said)):
            alone = self._alone(said[end])
            likelihood = self._likelihood(said[end - 2], said[end - 1], said[end], alone)
            total += math.log(likelihood) - _RARITY * math.log(alone)
        return total / (len(words) + 1)

    def _alone(self, word: str) -> float:
        return (self._counts.get(word, 0) + _UNSEEN) / (self._words + _UNSEEN * (self._kinds + 1))

    def _likelihood(self, first: str, second: str, word: str, alone: float) -> float:
        counts = self._counts
        found, weight = _WEIGHTS[0] * alone, 1 - _WEIGHTS[0]
        of_two, of_three = counts.get(second, 0), counts.get(f"{first} {second}", 0)
        for context, key, share in (
            (of_three, f"{first} {second} {word}", _WEIGHTS[2]),
            (of_two, f"{second} {word}", 0),
        ):
            if context:
                # What a context has seen often counts for more than what it has seen once (Witten and Bell).
                trust = (share or weight) * context / (context + 3.0)
                found += trust * counts.get(key, 0) / context
                weight -= trust
        return found + weight * alone


def counted(lines: Iterable[Sequence[str]]) -> dict[str, int]:
    """The counts of lines: of all words and pairs, and of threes that are there twice."""
    words: Counter[str] = Counter()
    twos: Counter[str] = Counter()
    threes: Counter[str] = Counter()
    for line in lines:
        said = [EDGE, EDGE, *line, EDGE]
        words.update(said[1:])
        twos.update(f"{one} {two}" for one, two in pairwise(said))
        threes.update(f"{one} {two} {three}" for one, two, three in zip(said, said[1:], said[2:], strict=False))
    return words | twos | {key: count for key, count in threes.items() if count > 1}


def packed(counts: dict[str, int]) -> bytes:
    """Counts as the bytes of a file."""
    return lzma.compress("\n".join(f"{key}\t{count}" for key, count in sorted(counts.items())).encode(), preset=9)


@cache
def word_model() -> WordModel:
    """The one that comes with the package."""
    rows = (row.split("\t") for row in lzma.decompress(_FILE.read_bytes()).decode().splitlines())
    return WordModel({key: int(count) for key, count in rows})
