"""What a recording becomes when other words are said in it: which of its frames are kept, and where others stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from menura.tasks.utterances import Utterance, joined_symbols
from menura.text.speech.phonemize import row

MARGIN_FRAMES = 3
"""Kept frames beside new ones, made anew as well, for sounds lean on their neighbours; there it is cross-faded."""

_PACES = (0.6, 1.7)
"""Times as long as usual, at least and at most."""


@dataclass(frozen=True, eq=False)
class Said:
    """A text and how long it lasts.

    Attributes:
        symbols: all of them.
        durations: frames of each symbol, and of the pad at either end.
        words: from which to which of the durations each word has.
    """

    symbols: tuple[str, ...]
    durations: Int[np.ndarray, " symbol"]
    words: tuple[tuple[int, int], ...]

    @property
    def sounds(self) -> list[tuple[str, ...]]:
        """The symbols of each word."""
        return [self.symbols[first - 1 : last - 1] for first, last in self.words]

    @property
    def edges(self) -> Int[np.ndarray, " edge"]:
        """Where the durations begin, and where the last one ends."""
        return np.concatenate(([0], np.cumsum(self.durations)))

    def pause(self, place: int) -> slice:
        """Which of the durations stand before the word of that place, or after the last."""
        first = self.words[place - 1][1] if place else 0
        last = self.words[place][0] if place < len(self.words) else len(self.durations)
        return slice(first, last)


class Edited(NamedTuple):
    """A new text in an old recording.

    Attributes:
        said: the new text, with the durations of the old one where words are kept.
        source: the frame of the recording that each frame is, -1 where it is a new one.
    """

    said: Said
    source: Int[np.ndarray, " frame"]

    @property
    def hidden(self) -> Bool[np.ndarray, " frame"]:
        """Frames to be made: new ones, and those within the margin of where the recording is cut."""
        follows = (np.diff(self.source) == 1) & (self.source[1:] > 0)
        hidden = self.source < 0
        for cut in np.flatnonzero(~follows) + 1:
            hidden[max(cut - MARGIN_FRAMES, 0) : cut + MARGIN_FRAMES] = True
        return hidden


def words_of(said: Sequence[Utterance]) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """All symbols of utterances, and from which to which of their durations, pads among them, each word has."""
    symbols, starts = joined_symbols(said)
    spans = [
        (start + first + 1, start + last + 1)
        for one, start in zip(said, starts, strict=True)
        for token, (first, last) in zip(one.tokens, row(one.tokens)[1], strict=True)
        if token.kind != "punctuation" and token.phonemes
    ]
    return tuple(symbols), tuple(spans)


def changes(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> dict[int, int]:
    """Which word of an old text each kept one of a new text is; the ends of both, -1 and their lengths, are kept."""
    kept = {-1: -1, len(new): len(old)}
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        kept |= {block.b + offset: block.a + offset for offset in range(block.size)}
    return kept


def edited(old: Said, new: Said) -> Edited:
    """A new text with the frames of an old one.

    Words that are kept keep their frames. The pause before a kept word is that of the recording, as is the one after it
    where another word is said instead of the next; of two pauses around what is left out the longer one stays.

    Args:
        old: as it was said.
        new: as it would be said; its durations are those of what is new.
    """
    kept = changes(old.sounds, new.sounds)
    durations, edges = new.durations.copy(), old.edges
    source: list[np.ndarray] = []
    used: set[int] = set()
    for place in range(len(new.words) + 1):
        there = new.pause(place)
        taken = _old_pause(old, kept, place)
        if taken is None or taken in used:
            source.append(np.full(int(durations[there].sum()), -1))
        else:
            used.add(taken)
            lasting = old.durations[old.pause(taken)]
            if len(lasting) == there.stop - there.start:
                durations[there] = lasting
            else:  # all of it is the pad's, or the first sign's
                durations[there] = 0
                durations[-1 if place == len(new.words) else there.start] = lasting.sum()
            first = int(edges[old.pause(taken).start])
            source.append(np.arange(first, first + int(lasting.sum())))
        if place < len(new.words):
            word = slice(*new.words[place])
            if place in kept:
                own = slice(*old.words[kept[place]])
                durations[word] = old.durations[own]
                source.append(np.arange(int(edges[own.start]), int(edges[own.stop])))
            else:
                source.append(np.full(int(durations[word].sum()), -1))
    return Edited(Said(new.symbols, durations, new.words), np.concatenate(source))


def _old_pause(old: Said, kept: dict[int, int], place: int) -> int | None:
    """Which pause of the old text stands before a word of the new one, if any does."""
    left, right = kept.get(place - 1), kept.get(place)
    if left is not None and right is not None:
        lasting = {one: int(old.durations[old.pause(one)].sum()) for one in {left + 1, right}}
        return max(lasting, key=lambda one: lasting[one])
    if left is None:
        return right
    following = min(one for later, one in kept.items() if later >= place)
    return left + 1 if left < 0 or following > left + 1 else None


def paced(new: Said, old: Said) -> Said:
    """A new text at the pace of an old one: so many times as long as the words that both have last there."""
    pairs = [pair for pair in changes(old.sounds, new.sounds).items() if 0 <= pair[0] < len(new.words)]
    ours = sum(int(new.durations[slice(*new.words[one])].sum()) for one, _ in pairs)
    theirs = sum(int(old.durations[slice(*old.words[one])].sum()) for _, one in pairs)
    times = float(np.clip(theirs / ours, *_PACES)) if ours else 1.0
    return replace(new, durations=np.diff(np.rint(np.cumsum(new.durations) * times).astype(np.int64), prepend=0))


def cut(said: Said, start: int, stop: int) -> tuple[tuple[str, ...], Int[np.ndarray, " symbol"]]:
    """The symbols of some frames, and their durations there, with a pad at either end."""
    lasting = np.diff(said.edges.clip(start, stop))
    there = np.flatnonzero(lasting[1:-1]) + 1
    if not len(there):
        return (), np.array([stop - start, 0])
    inside = slice(there[0], there[-1] + 1)
    durations = np.concatenate((lasting[:1], lasting[inside], lasting[-1:]))
    return said.symbols[there[0] - 1 : there[-1]], durations


def runs(hidden: Bool[np.ndarray, " frame"]) -> list[tuple[int, int]]:
    """From where to where frames are hidden, one run after another."""
    turns = np.flatnonzero(np.diff(np.concatenate(([0], hidden.astype(np.int8), [0]))))
    return list(zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True))
