"""A piece while it is composed: its bars so far, the rules for what may come next, and what is preferred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from menura.models.score_lm.model import Context
from menura.score.harmony import NO_CHORD, Chord, chord_at, first_half, transposed
from menura.score.roles import ROLES
from menura.score.steps.conditions import BARS_UNTIL, FUTURE, Controls, bar_buckets, to_c
from menura.score.steps.context import Context as RowContext
from menura.score.steps.context import Music, context, fill_one
from menura.score.steps.grammar import Grammar
from menura.score.steps.steering import ChordBias, DensityBias, KeyBias
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    DURATION_FIELD,
    DURATIONS,
    FIELD_SIZES,
    GRID_PER_QUARTER,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
    TokenPiece,
    bar_length,
)

BAR_LINE = np.array([[BAR, 0, 0, 0, 0]])
_ACCOMPANIED = (1 + ROLES.index("lead"), 1 + ROLES.index("counter"))
_GRATES, _COVERS = -3.0, -4.0
"""For pitches a semitone, or that and octaves, from what is given, and for those above it."""
_MOST_AHEAD, _HOMEWARDS = 4, 8
"""How many bars the model is shown of the music ahead, and how many of a loop's last it is shown them in."""
_ROOM = 1024
"""Rows at first."""
IS_AHEAD = -1
"""In place of the bars until the music ahead: this is that music."""

Plan = Sequence[np.ndarray | int | None]
"""For every bar of a piece its rows (``[row, 5]`` without the bar line, sounding pitch), the number of an earlier bar
to repeat, or None: compose it, leading into given bars that follow."""


class Rows:
    """The rows of a piece so far, in the model's C, and the context of each.

    Args:
        metres: int ``[bar, 2]``, of the whole piece.
        halves: int ``[bar, 2]``, the chords of each bar's halves.
        is_drum: bool ``[slot]``.
    """

    def __init__(self, metres: np.ndarray, halves: np.ndarray, is_drum: np.ndarray) -> None:
        self.metres, self.halves, self.is_drum = metres, halves, is_drum
        self.starts = np.cumsum([0, *(bar_length(int(n), int(d)) for n, d in metres)])
        self.first_halves = first_half(metres, np.diff(self.starts))
        self.num_bars = self.size = 0
        self.lines = np.zeros(len(metres), dtype=np.int64)
        self.room = Music.of(np.repeat(BAR_LINE, _ROOM, axis=0), np.zeros((0, 2)), is_drum)
        self.draft = RowContext.empty(1)

    def open_bar(self) -> None:
        """Write the next bar line."""
        self.lines[self.num_bars] = self.size
        self.num_bars += 1
        self.room = self.room._replace(lines=self.lines[: self.num_bars])
        self.append(BAR_LINE[0])

    def append(self, row: Sequence[int] | np.ndarray) -> None:
        """Write a row of the last bar."""
        self._draft(row)
        self.size += 1

    def context_of_draft(self, row: Sequence[int]) -> tuple[RowContext, int]:
        """Of a row that is being drawn, and may be known in part, until the next is asked for; and the chord at its
        position."""
        bar = self.num_bars - 1
        fill_one(self._draft(row), self.size, self.draft)
        in_first_half = row[0] % BAR < self.first_halves[bar]  # a bar line stands where its bar begins
        return self.draft, int(self.halves[bar, 0 if in_first_half else 1])

    def contexts(self, bar: int, count: int) -> Context:
        """Of the first `count` rows of a bar."""
        rows = slice(self.lines[bar], self.lines[bar] + count)
        chords = self._chords(self.room.steps[rows, POSITION_FIELD], [bar] * count)
        return Context.of(context(self.room, rows.start, rows.stop), chords)

    def contexts_ahead(self, ahead: Sequence[tuple[int, np.ndarray]]) -> Context:
        """Of given bars to arrive at, each with its number, as if nothing had come before."""
        if not ahead:
            return Context.of(RowContext.empty(0), np.zeros(0, dtype=np.int64))
        bars = np.array([bar for bar, _ in ahead])
        music = Music.of(np.concatenate([rows for _, rows in ahead]), self.metres[bars], self.is_drum)
        chords = self._chords(music.steps[:, POSITION_FIELD], bars[music.bar])
        return Context.of(context(music, 0, len(music.steps)), chords)

    def _draft(self, row: Sequence[int] | np.ndarray) -> Music:
        """The rows with one more, which stays only if it is counted."""
        if self.size == len(self.room.steps):
            steps, bar, lines, onset, end, is_drum = self.room
            steps, bar, onset, end = (np.concatenate((part, part)) for part in (steps, bar, onset, end))
            self.room = Music(steps, bar, lines, onset, end, is_drum)
        bar, at, music = self.num_bars - 1, self.size, self.room
        is_note = row[0] != BAR
        music.steps[at], music.bar[at] = row, bar
        music.onset[at] = self.starts[bar] + is_note * row[0]
        music.end[at] = music.onset[at] + is_note * DURATIONS[row[3]]
        return music

    def _chords(self, position: np.ndarray, bars: Sequence[int] | np.ndarray) -> np.ndarray:
        # A bar line stands where its bar begins.
        return chord_at(position % BAR, self.metres[bars], self.halves[bars], 4 * GRID_PER_QUARTER)


class PartialScore:
    """A piece that is being composed, in the model's C: its bars so far, and what may and should come next.

    Args:
        controls, plan, steering: as of `sample` and `Sampling`.
        density: what is usual in the model's music, as its config has it.
    """

    def __init__(self, controls: Controls, plan: Plan, steering: float, density: tuple[float, float]) -> None:
        self.controls, self.plan, self.steering = controls, plan, steering
        self.shift = -to_c(controls.key.tonic)
        said = np.zeros((len(plan), 2)) if controls.chords is None else transposed(controls.chords, -self.shift)
        halves = said.astype(np.int64)
        last = Chord.of(int(halves[-1, 0])) or Chord(0, "" if controls.key.mode == "major" else "m")
        ending = last.pitch_classes if controls.closes else ()
        roles, has_lead = list(controls.roles), 1 + ROLES.index("lead")
        lead = roles.index(has_lead) if has_lead in roles and len(roles) > 1 else None
        self.grammar = Grammar(controls.slots, self.shift, controls.metres, ending, controls.given, lead)
        self.key_bias = KeyBias(controls.key.mode)
        share = 0.5 if controls.density is None else controls.density
        self.density_bias = DensityBias(len(controls.slots), share, density)
        self.is_drum = np.array([slot.program == DRUMS for slot in controls.slots])
        order = np.arange(len(plan))
        # Of a loop the model is told that a second round is to come.
        rounds = 2 if controls.loops else 1
        self._places = np.column_stack((controls.metres, order, rounds * len(plan) - 1 - order))
        self._chords = np.column_stack((halves, np.append(halves[1:, 0], NO_CHORD)))
        self.rows = Rows(controls.metres, halves, self.is_drum)
        self.chord_bias = (
            ChordBias(halves, self.rows.first_halves, np.diff(self.rows.starts), controls.key.mode)
            if controls.chords is not None
            else None
        )
        # Without anybody who accompanies, a band plays the chords.
        self.is_over_band = bool(controls.roles) and all(role in _ACCOMPANIED for role in controls.roles)
        self.bars: list[np.ndarray] = []

    def open_bar(self, bar: int) -> None:
        """Come to a bar."""
        self.grammar.open_bar(bar)
        self.rows.open_bar()
        self._pitch_bias = self.steering * self.key_bias.bias()

    def take_planned(self, planned: np.ndarray | int) -> None:
        """Close the open bar with what the plan says of it."""
        rows = self.bars[planned] if isinstance(planned, int) else self.transposed(planned, -self.shift)
        for row in rows:
            self.take(row)
        self.close_bar(rows)

    def take(self, row: Sequence[int] | np.ndarray) -> None:
        """Add a row to the open bar."""
        self.grammar.take(row)
        self.rows.append(row)

    def close_bar(self, rows: np.ndarray) -> None:
        """Add the rows of the open bar, which the grammar has taken."""
        self.density_bias.take(len(rows), float(self.grammar.lengths[len(self.bars)]) / GRID_PER_QUARTER)
        for row in rows:
            if not self.is_drum[row[SLOT_FIELD]]:
                self.key_bias.take(int(row[PITCH_FIELD]), float(DURATIONS[row[DURATION_FIELD]]))
        self.bars.append(rows)

    def bias(self, row: Sequence[int]) -> np.ndarray:
        """What to add to the logits of the next field of a row of which some are known; -inf where the rules forbid a
        value."""
        grammar = self.grammar
        if len(row) == POSITION_FIELD:
            return grammar.positions() + self.steering * self.density_bias.bias(grammar.position)
        if len(row) == SLOT_FIELD:
            return grammar.slot_mask(row[POSITION_FIELD])
        if len(row) == PITCH_FIELD:
            allowed = grammar.pitches(row[POSITION_FIELD], row[SLOT_FIELD])
            return np.where(allowed, 0.0 if self.is_drum[row[SLOT_FIELD]] else self._preferred(row), -np.inf)
        if len(row) == DURATION_FIELD:
            allowed = grammar.durations(row[POSITION_FIELD], row[SLOT_FIELD], row[PITCH_FIELD])
            if self.chord_bias is None or self.is_drum[row[SLOT_FIELD]]:
                return np.where(allowed, 0.0, -np.inf)
            position, pitch = int(row[POSITION_FIELD]), int(row[PITCH_FIELD])
            return np.where(allowed, self.chord_bias.of_lengths(len(self.bars), position, pitch, DURATIONS), -np.inf)
        return np.zeros(FIELD_SIZES[VELOCITY_FIELD])

    def _preferred(self, row: Sequence[int]) -> np.ndarray:
        """What to add to the logits of pitches."""
        return self._in_key(row) + self._beside_given(row)

    def _beside_given(self, row: Sequence[int]) -> np.ndarray | float:
        """What others prefer beside what is given, which at one place they are written before they could hear."""
        if row[SLOT_FIELD] == self.grammar.led or (top := self.grammar.top(row[POSITION_FIELD])) == 127:
            return 0.0
        above = np.arange(128) - top
        return np.where(above > 0, _COVERS, 0.0) + np.where(np.isin(above % 12, (1, 11)), _GRATES, 0.0)

    def _in_key(self, row: Sequence[int]) -> np.ndarray:
        if self.chord_bias is None:
            return self._pitch_bias
        slot, position = row[SLOT_FIELD], int(row[POSITION_FIELD])
        if not self.chord_bias.is_said(len(self.bars), position):
            return self._pitch_bias
        struck = (position, slot) == (self.grammar.position, self.grammar.slot)
        accompanied = bool(self.controls.roles) and self.controls.roles[slot] in _ACCOMPANIED
        is_lowest = slot == self.grammar.bottom and not struck and not accompanied
        return self.chord_bias.of_pitches(len(self.bars), position, is_lowest, self.is_over_band)

    def bar_conditions(self, bar: int, count: int, until: int) -> np.ndarray:
        """What the model is told of a bar at each of `count` rows; `until` bars to the music ahead, 0 = there is none,
        or `IS_AHEAD`."""
        place = np.repeat(self._places[bar : bar + 1], count, axis=0)
        chords = np.repeat(self._chords[bar : bar + 1], count, axis=0)
        conditions = bar_buckets(place, np.full(count, until) if until > 0 else None, chords)
        if until == IS_AHEAD:
            conditions[:, BARS_UNTIL] = FUTURE
        return conditions

    def music_ahead(self, bar: int, room: int) -> tuple[int | None, list[tuple[int, np.ndarray]]]:
        """The next given bar, if any, and up to four of them that have `room` rows at most."""
        if self.leads_home(bar):
            return self._beginning(room)
        given = next((b for b in range(bar, len(self.plan)) if isinstance(self.plan[b], np.ndarray)), None)
        ahead: list[tuple[int, np.ndarray]] = []
        for b in range(given if given is not None else len(self.plan), len(self.plan)):
            planned = self.plan[b]
            if (
                not isinstance(planned, np.ndarray)
                or len(ahead) == _MOST_AHEAD
                or (room := room - len(planned) - 1) < 0
            ):
                break
            ahead.append((b, np.concatenate((BAR_LINE, self.transposed(planned, -self.shift)))))
        return (given if ahead else None), ahead

    def leads_home(self, bar: int) -> bool:
        """Whether a bar is among the last of a loop, which lead into its first."""
        return self.controls.loops and bar >= max(len(self.plan) - _HOMEWARDS, len(self.plan) // 2, 1)

    def _beginning(self, room: int) -> tuple[int | None, list[tuple[int, np.ndarray]]]:
        """The first bars of a loop as the music ahead of its last."""
        ahead: list[tuple[int, np.ndarray]] = []
        for bar, rows in enumerate(self.bars[:_MOST_AHEAD]):
            if (room := room - len(rows) - 1) < 0:
                break
            ahead.append((bar, np.concatenate((BAR_LINE, rows))))
        return (len(self.plan) if ahead else None), ahead

    def piece(self) -> TokenPiece:
        """What stands of it, in the wished key."""
        bars = range(len(self.bars))
        steps = np.concatenate([part for bar in bars for part in (BAR_LINE, self._sounding(bar))])
        metres = np.asarray(self.controls.metres[: len(bars)], dtype=np.int16)
        return TokenPiece(self.controls.slots, metres, steps.astype(np.int16))

    def _sounding(self, bar: int) -> np.ndarray:
        """A bar's rows in the wished key; a given one as it was given, for moving it to C may have clipped it."""
        planned = self.plan[bar]
        if isinstance(planned, int):
            return self._sounding(planned)
        return self.transposed(self.bars[bar], self.shift) if planned is None else self.transposed(planned, 0)

    def transposed(self, rows: np.ndarray, semitones: int) -> np.ndarray:
        """Rows with all that has a pitch moved."""
        moved = np.array(rows, dtype=np.int64).reshape(-1, 5)
        pitched = ~self.is_drum[moved[:, SLOT_FIELD]]
        moved[pitched, PITCH_FIELD] = np.clip(moved[pitched, PITCH_FIELD] + semitones, 0, 127)
        return moved
