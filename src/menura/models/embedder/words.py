"""Texts as numbers: each word as itself and as its runs of letters, so that words never met have relatives (Bojanowski
et al. 2017, "Enriching word vectors with subword information"). Numbers are hashes: there is no vocabulary to keep.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Int

_WORD = re.compile(r"[^\W_]+")
_RUNS = (3, 5)
_MOST_WORDS, _MOST_FEATURES = 64, 24
_MOST_CHARACTERS = 4000


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, the first 64."""
    return _WORD.findall(text[:_MOST_CHARACTERS].lower())[:_MOST_WORDS]


def features(texts: Sequence[str], num_buckets: int) -> Int[np.ndarray, "text word feature"]:
    """Numbers from 1 to `num_buckets` - 1 of each word's features; 0 where there is none.

    Args:
        texts: in any language; of long ones the beginning counts.
        num_buckets: numbers there are.
    """
    found = [[_features_of(word, num_buckets) for word in words_of(text)] for text in texts]
    longest = max((len(words) for words in found), default=0)
    out = np.zeros((len(texts), max(longest, 1), _MOST_FEATURES), np.int64)
    for row, words in zip(out, found, strict=True):
        for place, numbers in zip(row, words, strict=False):
            place[: len(numbers)] = numbers
    return out


@lru_cache(maxsize=1 << 16)
def _features_of(word: str, num_buckets: int) -> tuple[int, ...]:
    marked = f"<{word}>"
    runs = [marked[start : start + run] for run in _RUNS for start in range(len(marked) - run + 1)]
    # The whole word twice: it says more than any of its parts.
    return tuple(1 + zlib.crc32(one.encode()) % (num_buckets - 1) for one in (marked, marked, *runs)[:_MOST_FEATURES])
