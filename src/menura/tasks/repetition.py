"""Phrases that a recogniser says over and over: a loop it fell into, not what was said."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

_LONGEST_PHRASE = 24
_LEAST_REPEATS = 4
_LEAST_TOKENS = 10
"""A loop has so many phrases, and so many tokens, at least: people do say "no, no, no"."""


def loop(tokens: Sequence[Hashable]) -> tuple[int, int] | None:
    """The first loop among tokens: where its second phrase begins, and where it ends; None where there is none."""
    best: tuple[int, int] | None = None
    for length in range(1, min(_LONGEST_PHRASE, len(tokens) // _LEAST_REPEATS) + 1):
        run = 0
        for place in range(length, len(tokens) + 1):
            if place < len(tokens) and tokens[place] == tokens[place - length]:
                run += 1
                continue
            if run + length >= max(_LEAST_REPEATS * length, _LEAST_TOKENS):
                found = place - run, place
                best = found if best is None or found[0] < best[0] else best
                break
            run = 0
    return best


def without_loops(tokens: Sequence[int], is_text: Sequence[bool]) -> list[int]:
    """Tokens with one phrase of each loop; what is not text (times) is no part of a phrase, and stays where it stands.

    Args:
        tokens: of a window.
        is_text: of each token.
    """
    kept = list(range(len(tokens)))
    while True:
        said = [place for place in kept if is_text[place]]
        found = loop([tokens[place] for place in said])
        if found is None:
            return [tokens[place] for place in kept]
        gone = set(said[found[0] : found[1]])
        kept = [place for place in kept if place not in gone]
