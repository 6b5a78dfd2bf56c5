"""A piece as its players read it: bars, beats, phrases and sections, who leads, and which notes are melody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float, Int

from menura.score.arranger.patterns import beats_of
from menura.score.form import Section
from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER, Metre, Score
from menura.score.roles import ROLES, find_roles
from menura.score.steps.tokens import GRID_TICKS, MAX_SLOTS, nearest_duration

_PHRASE_BARS, _LONGEST_HALF = 4, 6
LEADING = (1 + ROLES.index("solo"), 1 + ROLES.index("lead"))


@dataclass(frozen=True, slots=True)
class Span:
    """A phrase or a section, from one tick to another, and the section's name."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, eq=False)
class Reading:
    """A piece that is to be played.

    Args:
        score: as it was written.
        notes: of all tracks, int64 ``[note, 4]``, track after track.
        part: the track of each.
        roles: of each track, numbers of `menura.score.roles.find_roles`.
        lines: ticks at which bars begin, and the end, ``[bar + 1]``.
        metres: of every bar, ``[bar, 2]``.
        sections, phrases: what they are divided into.
    """

    score: Score
    notes: Int[np.ndarray, "note 4"]
    part: Int[np.ndarray, "note"]
    roles: Int[np.ndarray, "track"]
    lines: Int[np.ndarray, "line"]
    metres: Int[np.ndarray, "bar 2"]
    sections: tuple[Span, ...]
    phrases: tuple[Span, ...]

    @classmethod
    def of(cls, score: Score, form: Sequence[Section]) -> Reading:
        """Read a score that has notes; without a form all of it is one section."""
        starts = score.bar_starts()
        changes = np.array([metre.tick for metre in score.metres])
        metres = [score.metres[at] for at in np.searchsorted(changes, starts, side="right") - 1]
        lines = np.append(starts, starts[-1] + metres[-1].bar_ticks)
        notes = np.concatenate([track.notes for track in score.tracks]).astype(np.int64)
        part = np.repeat(np.arange(len(score.tracks)), [len(track.notes) for track in score.tracks])
        form = form or (Section("A", 0, len(starts)),)
        sections = [(section.name, *_clipped(section, len(starts))) for section in form]
        sections = [section for section in sections if section[1] < section[2]]
        phrases = [(name, *bars) for name, start, end in sections for bars in _phrases(start, end)]
        return cls(
            score,
            notes,
            part,
            _roles(score, notes, part, lines),
            lines,
            np.array([(metre.numerator, metre.denominator) for metre in metres]),
            tuple(Span(int(lines[start]), int(lines[end]), name) for name, start, end in sections),
            tuple(Span(int(lines[start]), int(lines[end]), name) for name, start, end in phrases),
        )

    @property
    def num_bars(self) -> int:
        return len(self.metres)

    @property
    def bpm(self) -> float:
        return self.score.tempos[0].bpm

    @cached_property
    def onset(self) -> Int[np.ndarray, "note"]:
        return self.notes[:, ONSET]

    @cached_property
    def end(self) -> Int[np.ndarray, "note"]:
        return self.notes[:, ONSET] + self.notes[:, DURATION]

    @cached_property
    def bar(self) -> Int[np.ndarray, "note"]:
        """The bar of each note."""
        return np.clip(np.searchsorted(self.lines, self.onset, side="right") - 1, 0, self.num_bars - 1)

    @cached_property
    def beats(self) -> list[list[int]]:
        """Of every bar, the ticks at which its beats begin, and its end."""
        found = []
        for (numerator, denominator), (start, end) in zip(
            self.metres.tolist(), pairwise(self.lines.tolist()), strict=True
        ):
            whole = Metre(0, numerator, denominator).bar_ticks == end - start and denominator <= 16
            lengths = beats_of(numerator, denominator) if whole else (end - start,)
            found.append([start, *(start + np.cumsum(lengths)).tolist()])
        return found

    @cached_property
    def drums(self) -> Bool[np.ndarray, "note"]:
        return np.array([track.is_drum for track in self.score.tracks])[self.part]

    @cached_property
    def top(self) -> Bool[np.ndarray, "note"]:
        """Whether a note has none above it in its part when it begins."""
        return self._outermost(1)

    @cached_property
    def lowest(self) -> Bool[np.ndarray, "note"]:
        """Whether a note has none below it in its part when it begins."""
        return self._outermost(-1)

    @cached_property
    def melody(self) -> Bool[np.ndarray, "note"]:
        """The upper notes of who leads."""
        return self.top & np.isin(self.roles[self.part], LEADING)

    def _outermost(self, sign: int) -> np.ndarray:
        found = np.zeros(len(self.notes), dtype=bool)
        sounding: list[tuple[int, int]] = []
        order = np.lexsort((-sign * self.notes[:, PITCH], self.onset, self.part))
        before = -1
        for index in order.tolist():
            onset, duration, pitch, _ = self.notes[index].tolist()
            if self.part[index] != before:
                before, sounding = int(self.part[index]), []
            sounding = [(end, other) for end, other in sounding if end > onset]
            found[index] = all(sign * other <= sign * pitch for _, other in sounding)
            sounding.append((onset + duration, pitch))
        return found


def within(spans: Sequence[Span], ticks: Float[np.ndarray, "tick"]) -> Float[np.ndarray, "tick"]:
    """How far each tick is through the span that holds it, 0 to 1; NaN outside all."""
    found = np.full(len(ticks), np.nan)
    for span in spans:
        inside = (ticks >= span.start) & (ticks < span.end)
        found[inside] = (ticks[inside] - span.start) / (span.end - span.start)
    return found


def _clipped(section: Section, num_bars: int) -> tuple[int, int]:
    return min(section.start, num_bars), min(section.start + section.bars, num_bars)


def _phrases(start: int, end: int) -> list[tuple[int, int]]:
    """Bars of a section as phrases: its halves, or fours of bars where those are long."""
    bars = end - start
    if bars < _PHRASE_BARS + 2:
        return [(start, end)]
    length = bars // 2 if bars // 2 <= _LONGEST_HALF else _PHRASE_BARS
    edges = [*range(start, end - length // 2, length), end]
    if len(edges) > 2 and edges[-1] - edges[-2] < length // 2:
        del edges[-2]
    return list(pairwise(edges))


def _roles(score: Score, notes: np.ndarray, part: np.ndarray, lines: np.ndarray) -> np.ndarray:
    if len(score.tracks) > MAX_SLOTS:
        return np.zeros(len(score.tracks), dtype=np.int64)
    onset = (notes[:, ONSET] + GRID_TICKS // 2) // GRID_TICKS
    length = nearest_duration(np.maximum(notes[:, DURATION] // GRID_TICKS, 1))
    rows = np.column_stack((np.zeros_like(onset), part, notes[:, PITCH], length, notes[:, 3]))
    order = np.lexsort((rows[:, 2], rows[:, 1], onset))
    bar = np.searchsorted(lines, notes[:, ONSET], side="right") - 1
    is_drum = np.array([track.is_drum for track in score.tracks])
    return find_roles(rows[order], onset[order], bar[order], len(lines) - 1, is_drum).roles[: len(score.tracks)]


def ticks_of(milliseconds: float | np.ndarray, bpm: float) -> float | np.ndarray:
    """Milliseconds at a tempo, in ticks."""
    return milliseconds * bpm * TICKS_PER_QUARTER / 60_000
