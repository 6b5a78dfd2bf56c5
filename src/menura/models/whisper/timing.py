"""When words are said: the cross-attention of some heads, smoothed, and the best path through it.

As openai/whisper's word timestamps: dynamic time warping (Sakoe & Chiba 1978) between tokens and places 20 ms apart.
Needs no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int
from scipy.ndimage import median_filter

from menura.compiled import compiled
from menura.models.whisper.tokenizer import TIME_PRECISION_S, Tokenizer

_MEDIAN_PLACES = 7
_BEFORE = "\"'“¿([{-"
"""Punctuation that belongs to the word behind it …"""
_BEHIND = "\"'.。,，!！?？:：”)]}、"
"""… and to the word before it."""


@dataclass(frozen=True)
class WordTiming:
    """A word and when it is said.

    Attributes:
        word: as written, with the space before it.
        start, end: seconds from the window's beginning.
        probability: mean over its tokens.
        tokens: its ids.
    """

    word: str
    start: float
    end: float
    probability: float
    tokens: tuple[int, ...]


def word_timings(
    tokenizer: Tokenizer,
    tokens: Sequence[int],
    chances: Float[np.ndarray, " token"],
    weights: Float[np.ndarray, "head token place"],
    language: str | None = None,
) -> list[WordTiming]:
    """Words of a text in a window.

    Args:
        tokens: of the text alone.
        chances: of each token of the text, among all that are text.
        weights: of cross-attention, over the places that are sound, for all that the decoder was told: what a
            transcript starts with, the text and its end.
        language: of the text.
    """
    if not len(tokens):
        return []
    words, groups = tokenizer.split_to_word_tokens([*tokens, tokenizer.eot], language)
    spread = weights.std(1, keepdims=True)
    normed = (weights - weights.mean(1, keepdims=True)) / np.maximum(spread, 1e-10)
    side = _MEDIAN_PLACES // 2
    if normed.shape[2] > side:
        normed = median_filter(normed, (1, 1, _MEDIAN_PLACES), mode="mirror")
    said = normed.mean(0)[-len(tokens) - 2 : -1]  # what is told the token before is what attends to it
    rows, places = dynamic_time_warping(-said.astype(np.float64))
    starts = places[np.flatnonzero(np.diff(rows, prepend=-1))] * TIME_PRECISION_S
    edges = np.cumsum([0, *(len(group) for group in groups[:-1])])
    found = []
    for word, group, first, stop in zip(words[:-1], groups[:-1], edges, edges[1:], strict=False):
        likely = float(chances[first:stop].mean())
        found.append(WordTiming(word, float(starts[first]), float(starts[stop]), likely, tuple(group)))
    return merge_punctuation(found)


def merge_punctuation(words: Sequence[WordTiming], before: str = _BEFORE, behind: str = _BEHIND) -> list[WordTiming]:
    """Signs as parts of the words they belong to; the words' times stay."""
    led: list[WordTiming] = []
    for word in reversed(words):
        if word.word.startswith(" ") and word.word.strip() and word.word.strip() in before and led:
            led[-1] = _merged(word, led[-1], keep=led[-1])
        else:
            led.append(word)
    merged: list[WordTiming] = []
    for word in reversed(led):
        if merged and not merged[-1].word.endswith(" ") and word.word in behind:
            merged[-1] = _merged(merged[-1], word, keep=merged[-1])
        else:
            merged.append(word)
    return merged


def _merged(first: WordTiming, second: WordTiming, keep: WordTiming) -> WordTiming:
    return replace(keep, word=first.word + second.word, tokens=first.tokens + second.tokens)


def dynamic_time_warping(
    costs: Float[np.ndarray, "row place"],
) -> tuple[Int[np.ndarray, " step"], Int[np.ndarray, " step"]]:
    """The cheapest path from the first row and place to the last: its rows and places."""
    rows, places = costs.shape
    sums = np.full((rows + 1, places + 1), np.inf)
    moves = np.zeros((rows + 1, places + 1), np.int8)
    sums[0, 0] = 0.0
    moves[0, :] = 2
    moves[:, 0] = 1
    path = _warped(np.ascontiguousarray(costs, np.float64), sums, moves)
    return path[:, 0], path[:, 1]


@compiled()
def _warped(costs, sums, moves):
    rows, places = costs.shape
    for row in range(1, rows + 1):
        for place in range(1, places + 1):
            both, down, right = sums[row - 1, place - 1], sums[row - 1, place], sums[row, place - 1]
            if both < down and both < right:
                best, move = both, 0
            elif down < both and down < right:
                best, move = down, 1
            else:
                best, move = right, 2
            sums[row, place] = costs[row - 1, place - 1] + best
            moves[row, place] = move
    row, place, count = rows, places, 0
    path = np.zeros((rows + places, 2), np.int64)
    while row > 0 or place > 0:
        path[count, 0], path[count, 1] = row - 1, place - 1
        count += 1
        move = moves[row, place]
        if move != 2:
            row -= 1
        if move != 1:
            place -= 1
    return path[:count][::-1]
