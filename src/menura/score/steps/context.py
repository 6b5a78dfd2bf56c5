"""What a note stands beside: the part's last notes, what sounds, and what stood at the same place in earlier bars.

Intervals and returns are most of what makes notes a melody or a groove, and a small network hears neither in bare
numbers (relative pitch: RIPO attention, Guo et al. 2023). Here they are counted once, for training and for sampling
alike; rows are those of `menura.score.steps.tokens`, sorted within a bar.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from menura.compiled import compiled
from menura.score.steps.tokens import BAR, DURATIONS, MAX_SLOTS, POSITION_FIELD, bar_length

LAGS = (1, 2, 4, 8)
"""How many bars ago."""
ANCHORS = ("chord note below", "top of the last onset", "bottom of the last onset", "lowest sounding")
"""What a pitch is compared with: in its own part three, and the lowest of all that sounds."""
NONE = -1
_NOTHING = (NONE, False, NONE, False, False, 0, NONE, NONE)
"""What the parts of a `Context` hold where nothing is known."""
_REACH = 96
"""Notes further back are not looked for among those that still sound."""
_LAGS = np.array(LAGS)


class Context(NamedTuple):
    """What is known of each row before it is chosen; `NONE` where there is nothing.

    Attributes:
        anchors: pitches of ANCHORS.
        sounding: pitch classes that sound when the note begins.
        position: where, at each of LAGS, the next note stood; BAR where none came.
        slots: who, at each of LAGS, played at this position.
        pitches: which pitches this part struck there.
        shift: by how many semitones the part's last top note has moved since.
        duration, velocity: of the note it struck there.
    """

    anchors: Int[np.ndarray, "row 4"]
    sounding: Bool[np.ndarray, "row 12"]
    position: Int[np.ndarray, "row lag"]
    slots: Bool[np.ndarray, "row lag 16"]
    pitches: Bool[np.ndarray, "row lag 128"]
    shift: Int[np.ndarray, "row lag"]
    duration: Int[np.ndarray, "row lag"]
    velocity: Int[np.ndarray, "row lag"]

    @classmethod
    def empty(cls, rows: int) -> Context:
        """For `rows` rows that know nothing."""
        lags = len(LAGS)
        sizes = ((len(ANCHORS),), (12,), (lags,), (lags, MAX_SLOTS), (lags, 128), (lags,), (lags,), (lags,))
        return cls(
            *(
                np.full((rows, *size), nothing, np.bool_ if nothing is False else np.int16)
                for size, nothing in zip(sizes, _NOTHING, strict=True)
            )
        )


class Music(NamedTuple):
    """Rows with what `context` needs beside them.

    Attributes:
        steps: a piece, or its beginning.
        bar: of each row.
        lines: row at which each bar begins.
        onset, end: in twelfths of a quarter since the piece began; a bar line has its bar's.
        is_drum: which slots are drums.
    """

    steps: Int[np.ndarray, "row 5"]
    bar: Int[np.ndarray, "row"]
    lines: Int[np.ndarray, "bar"]
    onset: Int[np.ndarray, "row"]
    end: Int[np.ndarray, "row"]
    is_drum: Bool[np.ndarray, "16"]

    @classmethod
    def of(cls, steps: np.ndarray, metres: np.ndarray, is_drum: np.ndarray) -> Music:
        """Rows whose first is a bar line.

        Args:
            steps: int ``[row, 5]``.
            metres: int ``[bar, 2]``, of as many bars as there are lines, or more.
            is_drum: bool ``[slot]``, up to 16.
        """
        steps = np.ascontiguousarray(steps, dtype=np.int16)
        is_line = steps[:, POSITION_FIELD] == BAR
        bar = np.cumsum(is_line) - 1
        lengths = [bar_length(int(numerator), int(denominator)) for numerator, denominator in metres]
        starts = np.cumsum([0, *lengths])
        onset = starts[np.minimum(bar, len(lengths))] + np.where(is_line, 0, steps[:, POSITION_FIELD])
        end = onset + np.where(is_line, 0, DURATIONS[steps[:, 3]])
        drums = np.zeros(MAX_SLOTS, np.bool_)
        drums[: len(is_drum)] = is_drum
        return cls(steps, bar, np.flatnonzero(is_line), onset.astype(np.int64), end.astype(np.int64), drums)

    def cut(self, first: int, beyond: int) -> Music:
        """Rows from a bar line on, as if nothing had come before."""
        rows = slice(first, beyond)
        lines = self.lines[(self.lines >= first) & (self.lines < beyond)] - first
        return Music(
            self.steps[rows], self.bar[rows] - self.bar[first], lines, self.onset[rows], self.end[rows], self.is_drum
        )


def context(music: Music, first: int, beyond: int) -> Context:
    """The context of rows `first` to ``beyond - 1``, each from the rows before it."""
    found = Context.empty(beyond - first)
    _fill(music, _LAGS, first, beyond, found)
    return found


def fill_one(music: Music, row: int, found: Context) -> None:
    """As `context` of one row, written over the only row of `found`: for a row that is being drawn."""
    _clear(found)
    _fill(music, _LAGS, row, row + 1, found)


@compiled()
def _clear(found):
    """As `Context.empty`."""
    found.anchors[:], found.position[:], found.duration[:], found.velocity[:] = NONE, NONE, NONE, NONE
    found.sounding[:], found.slots[:], found.pitches[:] = False, False, False
    found.shift[:] = 0


@compiled()
def _fill(music, lags, first, beyond, found):
    for row in range(first, beyond):
        at = row - first
        place = row - 1 if row else 0
        bar = music.bar[place]
        for k in range(len(lags)):
            if bar >= lags[k]:
                low, high = _bar_rows(music, bar - lags[k])
                found.position[at, k] = _next_position(music.steps, low, high, music.steps[place])
        if music.steps[row, 0] == BAR:
            continue
        slot = music.steps[row, 1]
        _fill_lags(music, lags, row, found, at)
        if not music.is_drum[slot]:
            _fill_anchors(music, row, found.anchors[at], found.sounding[at])


@compiled()
def _bar_rows(music, bar):
    """The notes of a bar: its first row, and the row after its last."""
    high = music.lines[bar + 1] if bar + 1 < len(music.lines) else len(music.steps)
    return music.lines[bar] + 1, high


@compiled()
def _next_position(steps, low, high, last):
    """Where the first of some rows stands that comes after one that stood in another bar."""
    for row in range(low, high):
        if last[0] == BAR:
            return steps[row, 0]
        for field in range(3):
            if steps[row, field] != last[field]:
                if steps[row, field] > last[field]:
                    return steps[row, 0]
                break
    return BAR


@compiled()
def _fill_lags(music, lags, row, found, at):
    steps, bar = music.steps, music.bar[row]
    position, slot = steps[row, 0], steps[row, 1]
    number = 0  # of this note within what the part strikes here
    while steps[row - 1 - number, 0] == position and steps[row - 1 - number, 1] == slot:
        number += 1
    now = _top_before(music, row - number, slot)
    for k in range(len(lags)):
        if bar < lags[k]:
            continue
        low, high = _bar_rows(music, bar - lags[k])
        struck, before = 0, low
        for other in range(low, high):
            if steps[other, 0] < position:
                before = other + 1
            elif steps[other, 0] == position:
                found.slots[at, k, steps[other, 1]] = True
                if steps[other, 1] < slot:
                    before = other + 1
                if steps[other, 1] == slot:
                    found.pitches[at, k, steps[other, 2]] = True
                    if struck <= number:
                        found.duration[at, k] = steps[other, 3]
                        found.velocity[at, k] = steps[other, 4]
                    struck += 1
            else:
                break
        then = _top_before(music, before, slot)
        if now >= 0 and then >= 0:
            found.shift[at, k] = now - then


@compiled()
def _top_before(music, row, slot):
    """The highest note of the last onset of a slot before a row, at most `_REACH` rows back; -1 for none."""
    for other in range(row - 1, max(row - 1 - _REACH, -1), -1):
        if music.steps[other, 0] != BAR and music.steps[other, 1] == slot:
            return music.steps[other, 2]
    return -1


@compiled()
def _fill_anchors(music, row, anchors, sounding):
    steps = music.steps
    slot, onset = steps[row, 1], music.onset[row]
    last = np.int64(-1)  # when the part's last onset was
    for other in range(row - 1, max(row - 1 - _REACH, -1), -1):
        if steps[other, 0] == BAR or music.is_drum[steps[other, 1]]:
            continue
        pitch = steps[other, 2]
        if steps[other, 1] == slot:
            if music.onset[other] == onset:
                if anchors[0] < 0:
                    anchors[0] = pitch
            elif last < 0 or music.onset[other] == last:
                if last < 0:
                    anchors[1] = pitch
                anchors[2] = pitch
                last = music.onset[other]
        if music.end[other] > onset:
            sounding[pitch % 12] = True
            if anchors[3] < 0 or pitch < anchors[3]:
                anchors[3] = pitch
