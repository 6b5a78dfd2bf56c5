"""Pronunciations of unknown words: an n-gram model of letters with their sounds, counted from a dictionary.

Papers: Bisani and Ney, "Joint-sequence models for grapheme-to-phoneme conversion", 2008; Kneser and Ney, "Improved
backing-off for m-gram language modeling", 1995 (here interpolated, with one discount an order).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ORDER = 7
BEAM = 24
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class Graphones:
    """Counts of n-grams up to `ORDER`, looked up by hashes.

    Args:
        words: graphones of each word, numbered from 1; 0 stands before and after words.
        letters: letter -> its graphones.
    """

    def __init__(self, words: Sequence[np.ndarray], letters: dict[str, np.ndarray], order: int = ORDER):
        self.letters = letters
        self.order = order
        self.levels = _levels(words, order)

    def best(self, word: str, beam: int = BEAM) -> list[int] | None:
        """The likeliest graphones of a word; None where a letter is unknown."""
        if not word or any(letter not in self.letters for letter in word):
            return None
        contexts = np.zeros((1, self.order), np.uint64)
        for length in range(1, self.order):
            contexts[:, length] = _extended(contexts[:, length - 1], np.zeros(1, np.uint64))
        scores, paths = np.zeros(1), np.zeros((1, 0), np.int64)
        for letter in word:
            candidates = self.letters[letter]
            total = scores[:, None] + np.log(self._probabilities(contexts, candidates))
            flat = np.argsort(total, axis=None)[::-1][:beam]
            rows, columns = np.unravel_index(flat, total.shape)
            scores, chosen = total[rows, columns], candidates[columns]
            contexts = self._moved(contexts[rows], chosen)
            paths = np.concatenate((paths[rows], chosen[:, None]), axis=1)
        scores = scores + np.log(self._probabilities(contexts, np.zeros(1, np.int64))[:, 0])
        return paths[int(np.argmax(scores))].tolist()

    def _moved(self, contexts: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Hashes of the last 0, 1, … graphones after one more; the row's first is that of none."""
        moved = np.zeros_like(contexts)
        moved[:, 1:] = _extended(contexts[:, :-1], chosen.astype(np.uint64)[:, None])
        return moved

    def _probabilities(self, contexts: np.ndarray, candidates: np.ndarray) -> np.ndarray:
        """(beam, candidates): of each candidate after each context, interpolated over all orders."""
        found = np.full((len(contexts), len(candidates)), self.levels[0].uniform)
        for length, level in enumerate(self.levels):
            keys = _extended(contexts[:, length, None], candidates.astype(np.uint64)[None])
            kept, weight = level.context(contexts[:, length])
            found = level.share(keys) * kept[:, None] + weight[:, None] * found
        return found


class _Level:
    """One order: discounted counts by hash, and what its contexts leave to the order below."""

    def __init__(self, grams: np.ndarray, counts: np.ndarray, contexts: np.ndarray):
        singles, doubles = int((counts == 1).sum()), int((counts == 2).sum())
        discount = min(0.95, max(0.1, singles / max(1, singles + 2 * doubles)))
        order = np.argsort(grams)
        self._grams = grams[order]
        self._values = (counts[order] - discount).astype(np.float32)
        self._contexts, places = np.unique(contexts, return_inverse=True)
        self._totals = np.bincount(places, counts).astype(np.float32)
        self._left = (discount * np.bincount(places) / self._totals).astype(np.float32)
        self.uniform = 1.0 / max(1, len(grams))

    def share(self, keys: np.ndarray) -> np.ndarray:
        places = np.minimum(np.searchsorted(self._grams, keys), len(self._grams) - 1)
        return np.where(self._grams[places] == keys, self._values[places], 0.0)

    def context(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """1 / total of each context, 0 where it was not met, and the weight of the order below."""
        places = np.minimum(np.searchsorted(self._contexts, keys), len(self._contexts) - 1)
        known = self._contexts[places] == keys
        return np.where(known, 1.0 / self._totals[places], 0.0), np.where(known, self._left[places], 1.0)


def _levels(words: Sequence[np.ndarray], order: int) -> list[_Level]:
    """Kneser-Ney: true counts for the longest n-grams, numbers of different predecessors for the others."""
    pads = np.zeros(order - 1, np.int64)
    stream = np.concatenate([part for word in words for part in (pads, word, pads[:1])]).astype(np.uint64)
    is_said = np.concatenate(
        [part for word in words for part in (np.zeros(order - 1, bool), np.ones(len(word) + 1, bool))]
    )
    hashes = [np.zeros(len(stream) + 1, np.uint64)]
    for _ in range(order):
        longer = np.zeros(len(stream) + 1, np.uint64)
        longer[1:] = _extended(hashes[-1][:-1], stream)
        hashes.append(longer)
    levels, places, counts = [], np.flatnonzero(is_said) + 1, None
    grams, first, counts = np.unique(hashes[order][places], return_index=True, return_counts=True)
    places = places[first]
    for length in range(order, 0, -1):
        levels.append(_Level(grams, counts, hashes[length - 1][places - 1]))
        if length > 1:
            grams, first, counts = np.unique(hashes[length - 1][places], return_index=True, return_counts=True)
            places = places[first]
    return levels[::-1]


def _extended(hashed: np.ndarray, following: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return hashed * _MULTIPLIER + following + np.uint64(1)
