"""Letters aligned with the sounds they stand for: each letter has none, one or two, found by Viterbi training.

Paper: Bisani and Ney, "Joint-sequence models for grapheme-to-phoneme conversion", 2008, with graphones of one letter.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

MOST_SOUNDS = 2
_UNSEEN = -14.0
"""Log probability of a letter's sounds that were not met."""
Costs = dict[tuple[str, str], float]


def align(pairs: Sequence[tuple[str, str]], rounds: int = 6, sample: int = 20_000) -> list[list[str] | None]:
    """The sounds of each letter for pairs of (letters, sounds), a character a sound; None where there are too many.

    Args:
        pairs: words and their pronunciations.
        rounds: of Viterbi training, on every so many-th word so that some `sample` words are used.
    """
    chosen = pairs[:: max(1, len(pairs) // sample)]
    scores = _first_scores(chosen)
    for _ in range(rounds):
        found = [(word, parts) for word, sounds in chosen if (parts := _best(word, sounds, scores))]
        scores = _scores(Counter(one for word, parts in found for one in zip(word, parts, strict=True)))
    return [_best(word, sounds, scores) for word, sounds in pairs]


def _first_scores(pairs: Sequence[tuple[str, str]]) -> Costs:
    """From how often a letter and sounds stand at about the same place of a word."""
    counts: Counter[tuple[str, str]] = Counter()
    for word, sounds in pairs:
        for place, letter in enumerate(word):
            middle = (place + 0.5) * len(sounds) / len(word)
            for start in range(max(0, int(middle) - 1), min(len(sounds), int(middle) + 2)):
                counts[letter, sounds[start]] += 4
                if start + 1 < len(sounds):
                    counts[letter, sounds[start : start + 2]] += 1
            counts[letter, ""] += 4
    return _scores(counts)


def _scores(counts: Counter[tuple[str, str]]) -> Costs:
    totals: defaultdict[str, int] = defaultdict(int)
    for (letter, _), count in counts.items():
        totals[letter] += count
    return {(letter, part): math.log(count / totals[letter]) for (letter, part), count in counts.items()}


def _best(word: str, sounds: str, scores: Costs) -> list[str] | None:
    """The likeliest way to part `sounds` among the letters."""
    if len(sounds) > MOST_SOUNDS * len(word):
        return None
    reached: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for place, letter in enumerate(word):
        ends: dict[int, tuple[float, int]] = {}
        least = len(sounds) - MOST_SOUNDS * (len(word) - place - 1)
        for start, (score, _) in reached[-1].items():
            for end in range(max(start, least), min(start + MOST_SOUNDS, len(sounds)) + 1):
                total = score + scores.get((letter, sounds[start:end]), _UNSEEN)
                if end not in ends or total > ends[end][0]:
                    ends[end] = (total, start)
        reached.append(ends)
    if len(sounds) not in reached[-1]:
        return None
    parts, end = [], len(sounds)
    for ends in reversed(reached[1:]):
        start = ends[end][1]
        parts.append(sounds[start:end])
        end = start
    return parts[::-1]
