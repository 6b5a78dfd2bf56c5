"""A melody that is given to a song: words on its notes, its bars, and chords under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int

from menura.score.arranger.progressions import Chords
from menura.score.form import Section
from menura.score.harmonise import harmonise
from menura.score.harmony import Chord
from menura.score.notes import TICKS_PER_QUARTER, Key
from menura.score.steps.tokens import GRID_PER_QUARTER, bar_length
from menura.score.theme import LENGTH, ONSET, PITCH, Theme
from menura.score.vocal import Ground, VocalLine

_TICKS = TICKS_PER_QUARTER // GRID_PER_QUARTER
_BREATH_S = 0.25
_MOST_BEYOND = 2
"""Semitones that a melody may leave the compass by, at each end."""


@dataclass(frozen=True, eq=False)
class GivenTune:
    """A melody, once through for each verse.

    Attributes:
        theme: where the voice sings it.
        metre: of its bars.
    """

    theme: Theme
    metre: tuple[int, int]

    @classmethod
    def of(cls, theme: Theme, compass: tuple[int, int]) -> GivenTune:
        """A theme moved to the middle of a voice's compass.

        Raises:
            ValueError: it spans more than the voice does; one line.
        """
        lowest, highest = int(theme.notes[:, PITCH].min()), int(theme.notes[:, PITCH].max())
        most = compass[1] - compass[0] + 2 * _MOST_BEYOND
        if highest - lowest > most:
            raise ValueError(f"it spans {highest - lowest} semitones, and a voice sings {most}; give its lead alone")
        moved = round((compass[0] + compass[1] - lowest - highest) / 2)
        return cls(theme.transposed(moved), theme.usual_metre or (4, 4))

    @cached_property
    def bars(self) -> int:
        """How many it has."""
        end = max(self.theme.length, int(self.theme.notes[-1, ONSET] + self.theme.notes[-1, LENGTH]))
        return -(-end // bar_length(*self.metre))

    def spans(self, counts: Sequence[int], section: str) -> list[tuple[int, int]]:
        """First bar of each line of a section, and the one after its last, for lines of so many notes.

        Raises:
            ValueError: the words need another number of notes than there are; one line.
        """
        needed, there = sum(counts), len(self.theme.notes)
        if needed % there:
            what = ", ".join(map(str, counts))
            more = "hold syllables with _, or cut words with hyphens" if needed < there else "leave words out"
            raise ValueError(
                f"melody: has {there} notes, and the lines of [{section}] need {what}, {needed} in all; {more}"
            )
        times, which = np.divmod(np.concatenate(([0], np.cumsum(counts)[:-1])), there)
        firsts = times * self.bars + self.theme.notes[which, ONSET] // bar_length(*self.metre)
        ends = [*np.maximum(firsts[1:], firsts[:-1] + 1).tolist(), needed // there * self.bars]
        return list(zip(firsts.tolist(), ends, strict=True))

    def notes(self, lines: Sequence[VocalLine], ground: Ground) -> tuple[Int[np.ndarray, "note 3"], ...]:
        """The notes of each line: onset and length in ticks, pitch. A line's last one leaves time to breathe."""
        rows = self.theme.notes * np.array([_TICKS, _TICKS, 1])
        found, start, at = [], 0, 0
        for line in lines:
            if line.place == 0:
                start, at = line.start, 0
            times, which = np.divmod(np.arange(at, at + len(line.stresses)), len(rows))
            own = rows[which] + np.outer(start + times * self.bars * ground.bar, [1, 0, 0])
            own[-1, 1] -= min(int(_BREATH_S / ground.seconds(1)), own[-1, 1] // 2)
            found.append(own)
            at += len(own)
        return tuple(found)

    def chords(self, sections: Sequence[Section], key: Key) -> Chords:
        """Chords of all bars; where nobody sings, those that the melody begins with; the last bar is the tonic's."""
        half = bar_length(*self.metre) / 2
        under = harmonise(self.theme.notes, np.arange(2 * self.bars + 1) * half, key)
        found: Chords = []
        for section in sections:
            at = [bar % self.bars for bar in range(section.bars)]
            found += [(under[2 * bar], under[2 * bar + 1]) for bar in at]
        home = Chord(key.tonic, "" if key.mode == "major" else "m")
        return [*found[:-1], (home, home)]
