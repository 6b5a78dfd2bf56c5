"""Notes of one part that are given in bars of which the rest is composed: a theme, or the rhythm of a line of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from menura.score.steps.tokens import DURATIONS

POSITION, LOWEST, HIGHEST, LENGTH = range(4)
"""Columns of `Given.bars`."""
NOTHING = np.zeros((0, 4), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Given:
    """What one part plays in some bars.

    Attributes:
        slot: the part.
        bars: for every bar its notes in order of time, ``[note, 4]``: position in twelfths of a quarter, the lowest and
            the highest pitch it may have (sounding; alike where it is fixed), and index into DURATIONS; None: the part
            is composed as any other.
        leap: the widest interval in semitones between notes that follow one another and are not fixed; 0 for any.
        is_alone: whether its player also accompanies it, below.
    """

    slot: int
    bars: Sequence[Int[np.ndarray, "note 4"] | None]
    leap: int = 0
    is_alone: bool = False

    def floors(self, lengths: np.ndarray) -> np.ndarray:
        """Under which pitch the same player may accompany itself: the lowest of what is given and sounds in each bar.

        Args:
            lengths: of bars, in twelfths of a quarter.

        Returns:
            int64 ``[bar]``; where nothing sounds, as in the bar before.
        """
        starts = np.cumsum(lengths) - lengths
        floors, floor, held = [], 128, (0, 128)
        for bar, start in zip(self.bars, starts.tolist(), strict=True):
            notes = NOTHING if bar is None else bar
            sounding = [*notes[:, LOWEST].tolist(), *([held[1]] if held[0] > start else [])]
            floor = min(sounding, default=floor)
            floors.append(floor)
            if len(notes):
                position, lowest, _, length = notes[-1].tolist()
                held = (start + position + int(DURATIONS[length]), lowest)
        return np.array(floors, dtype=np.int64)

    def sounding(self, bar: int, position: int) -> int | None:
        """The pitch that sounds there, of those that begin in the bar and are fixed."""
        notes = self.bars[bar]
        if notes is None or not len(notes):
            return None
        last = int(np.searchsorted(notes[:, POSITION], position, side="right")) - 1
        if last < 0:
            return None
        at, lowest, highest, length = notes[last].tolist()
        return lowest if lowest == highest and position < at + DURATIONS[length] else None

    def is_same(self, bar: int, other: int) -> bool:
        """Whether two bars are given alike."""
        one, two = self.bars[bar], self.bars[other]
        if one is None or two is None:
            return one is two
        return np.array_equal(one, two)
