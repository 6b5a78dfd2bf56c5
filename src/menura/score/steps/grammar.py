"""What may come next: the rules that make every sampled piece playable.

A model's logits are masked field by field, so that time never runs backwards, a chord is written in one way, an
instrument stays in its range and plays no more notes at once than it can, nothing sounds beyond the last bar, every
instrument that was asked is heard, a piece begins at its beginning, and one that is to close does so on its tonic
chord, held.

Where notes of a part are given (`menura.score.steps.given`), masks say what may be drawn, and `Grammar.settled` what it
comes to: whatever lies beyond the next given note means that nothing else comes before it, and so is that note. Its
share of the draw is then what the model thinks of all that lies beyond, and nobody else is crowded in before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from menura.score.instruments import INSTRUMENTS
from menura.score.steps.given import HIGHEST, LENGTH, NOTHING, POSITION, Given
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    DURATION_FIELD,
    DURATIONS,
    FIELD_SIZES,
    GRID_PER_QUARTER,
    NUM_POSITIONS,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    Slot,
    TokenPiece,
    bar_length,
)

MAX_NOTES_PER_BAR = 48
"""Of one instrument: a run of thirty-seconds in 4/4 and then some."""
_FORBIDDEN = -np.inf
_FEW = 5
_PATIENCE = {"few": (1.0, 1.5), "many": (4.0, 0.6)}
"""After how many silent bars a player is encouraged, and by how much more with every bar: in orchestras many rest."""
_URGE_OF_LEAD = 3.0
"""The same for every bar that the lead rests, from the first on."""
_MOST_URGED = 4.0
_FIRST_BEAT = GRID_PER_QUARTER
"""A piece begins before that: of the silence before an upbeat a listener knows nothing."""


def chord_size(program: int) -> int:
    """How many notes an instrument may strike at once."""
    if program == DRUMS or program < 24:
        return 8
    if program < 32 or program in (46, 48, 49, 50, 51, 52, 54, 61, 62, 63) or 88 <= program < 104:
        return 6 if program < 32 else 4
    if 32 <= program < 40 or program == 53 or 56 <= program < 61 or 64 <= program < 88:
        return 1
    return 2


class Grammar:
    """The rules for one piece, and where in its bar the pen stands.

    Args:
        slots: the instruments, in `slot_order`.
        shift: semitones from the model's C to the piece's key; ranges are kept in sounding pitch.
        metres: int ``[bar, 2]`` of the whole piece.
        last_chord: pitch classes (in the model's C, bass first) of the last bar; empty if it is free.
        given: notes of a part that stand, sounding; None: all are composed.
        lead: the slot that has the melody, and hardly rests; None: there is none.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        shift: int,
        metres: np.ndarray,
        last_chord: Sequence[int] = (),
        given: Given | None = None,
        lead: int | None = None,
    ) -> None:
        self.slots = tuple(slots)
        self.chords = np.array([chord_size(slot.program) for slot in slots])
        self.lengths = np.array([bar_length(int(n), int(d)) for n, d in metres])
        self.remaining = self.lengths[::-1].cumsum()[::-1]
        self.ranges = np.stack([_range_mask(slot.program, shift) for slot in slots])
        self.last_chord = tuple(last_chord)
        self.is_drum = np.array([slot.program == DRUMS for slot in slots])
        self.silent_bars = np.zeros(len(slots))
        self.patience, self.urge = _PATIENCE["few" if (~self.is_drum).sum() <= _FEW else "many"]
        accompanies = ~self.is_drum & (np.arange(len(slots)) != (-1 if given is None else given.slot))
        self.bottom = int((accompanies if accompanies.any() else ~self.is_drum).argmax())
        self.heard = np.zeros(len(slots), dtype=bool)
        self.given, self.shift, self.lead = given, shift, lead
        self.floors = given.floors(self.lengths) - shift if given else np.zeros(len(metres))
        self.melody: int | None = None
        self.bar = -1
        self.was_empty = True
        self.open_bar(0)

    def open_bar(self, bar: int) -> None:
        """Move to the start of a bar."""
        if bar != self.bar and self.bar >= 0:
            self.silent_bars += 1
            self.was_empty = not self.counts.any()
        self.bar = bar
        self.position, self.slot, self.pitch, self.struck = 0, -1, -1, 0
        self.counts = np.zeros(len(self.slots), dtype=int)
        self.lowest = np.full(len(self.slots), 127)
        notes = self.given.bars[bar] if self.given else None
        self.led = self.given.slot if self.given and notes is not None else -1
        self.due = (NOTHING if notes is None else notes - np.array([0, self.shift, self.shift, 0])).tolist()
        self.melody = self.melody if self.led >= 0 else None

    def take(self, row: Sequence[int] | np.ndarray) -> None:
        """Note a row that was written in the open bar."""
        position, slot, pitch = int(row[0]), int(row[1]), int(row[2])
        same_chord = position == self.position and slot == self.slot
        self.struck = self.struck + 1 if same_chord else 1
        self.position, self.slot, self.pitch = position, slot, pitch
        self.counts[slot] += 1
        self.lowest[slot] = min(self.lowest[slot], pitch)
        self.silent_bars[slot] = 0
        self.heard[slot] = True
        if self._is_due(position, slot, pitch):
            self.due.pop(0)
            self.melody = pitch

    @property
    def bars_left(self) -> int:
        return len(self.lengths) - 1 - self.bar

    @property
    def closing(self) -> bool:
        """Whether the open bar is the last chord."""
        return bool(self.last_chord) and self.bars_left == 0

    @property
    def overdue(self) -> np.ndarray:
        """Slots that must be heard now: not yet heard with a quarter of the piece, or one bar, left."""
        late = self.bars_left <= len(self.lengths) // 4
        return ~self.heard & late

    def positions(self) -> np.ndarray:
        """Additive mask ``[97]``: now or later in the bar, or the next bar line."""
        mask = np.full(FIELD_SIZES[0], _FORBIDDEN)
        overdue = self.overdue
        is_overdue = overdue.any()
        if self._may_play().any():
            mask[self.position : self._end] = 0.0
            if self.bar == 0 and not self.heard.any():
                mask[_FIRST_BEAT:NUM_POSITIONS] = _FORBIDDEN
            here = self._players(self.position)
            if not (here & overdue if is_overdue else here).any():
                mask[self.position] = _FORBIDDEN
        must_play = is_overdue or (not self.counts.any() and (self.was_empty or self.bars_left == 0))
        mask[BAR] = _FORBIDDEN if must_play and np.isfinite(mask[:NUM_POSITIONS]).any() else 0.0
        return mask

    def slot_mask(self, position: int) -> np.ndarray:
        """Additive mask ``[16]`` of who may play at a position; those long silent are encouraged."""
        mask = np.full(FIELD_SIZES[1], _FORBIDDEN)
        silent = self.silent_bars - np.where(self.heard, self.patience, 0.0)
        eagerness = np.minimum(np.maximum(self.urge * silent, 0.0), _MOST_URGED)
        if self.lead is not None and not self.counts[self.lead]:
            silent = self.silent_bars[self.lead] - 1 + position / self.lengths[self.bar]
            eagerness[self.lead] = min(max(_URGE_OF_LEAD * silent, 0.0), _MOST_URGED)
        chosen = self._players(position)
        mask[: len(chosen)] = np.where(chosen, eagerness, _FORBIDDEN)
        return mask

    def _players(self, position: int) -> np.ndarray:
        """Bool ``[slot]``: who may play at a position."""
        free = self._may_play()
        if position == self.position and self.slot >= 0:
            free[: self.slot] = False
            free[self.slot] &= self.struck < self.chords[self.slot] and self.pitches(position, self.slot).any()
        overdue = self.overdue & free
        if self.due and position == self.due[0][POSITION]:
            free[self.led] = True
            overdue[self.led :] = False  # they have their turn after what is given
        if position == self._end - 1:
            overdue[overdue.argmax() + 1 :] = False  # the last place in the bar: from below, so that all have a turn
        return overdue if overdue.any() else free

    def pitches(self, position: int, slot: int) -> np.ndarray:
        """Bool ``[128]``: in range, and above the note just struck if it belongs to the same chord."""
        allowed = self.ranges[slot]
        if slot == self.led:
            allowed = self._led_pitches(position)
        if position == self.position and slot == self.slot and self.pitch >= 0:
            allowed = allowed.copy()
            allowed[: self.pitch + 1] = False
            if slot != self.led:
                allowed[self.top(position) + 1 :] = False  # no chord is piled up over what is given
        if self.closing and not self.is_drum[slot]:
            closed = allowed & self._last_chord_of(slot)
            allowed = closed if closed.any() or slot != self.led else allowed
        return allowed

    def settled(self, row: Sequence[int], value: int) -> int:
        """What a value comes to that is drawn for the next field of a row of which some are known."""
        if not self.due:
            return value
        position, lowest, highest, _ = self.due[0]
        if len(row) == POSITION_FIELD:
            return min(value, position)
        if len(row) == SLOT_FIELD and row[POSITION_FIELD] == position:
            return min(value, self.led)
        if len(row) == PITCH_FIELD and tuple(row) == (position, self.led) and value >= self.floors[self.bar]:
            return lowest if lowest == highest else value
        return value

    def top(self, position: int) -> int:
        """The pitch of the given note that sounds at a position, or else came last, or else comes next; 127 where there
        is none."""
        sounding = self.given.sounding(self.bar, position) if self.given and self.led >= 0 else None
        if sounding is not None:
            return sounding - self.shift
        coming = self.due[0][HIGHEST] if self.due else 127
        return coming if self.melody is None else self.melody

    @property
    def _end(self) -> int:
        """Where in the bar nothing begins any more."""
        end = self.lengths[self.bar] // (2 if self.closing else 1)
        return int(max(end, self.due[-1][POSITION] + 1)) if self.due else int(end)

    def _may_play(self) -> np.ndarray:
        """Bool ``[slot]``: who has room in this bar for notes that are not given."""
        room = self.counts < MAX_NOTES_PER_BAR
        if self.led >= 0:
            below = self._below().any() and self.counts[self.led] < MAX_NOTES_PER_BAR - len(self.due)
            room[self.led] = below
        return room

    def _below(self) -> np.ndarray:
        """Bool ``[128]``: what the player of a given melody may play under it."""
        if not (self.given and self.given.is_alone):
            return np.zeros(128, dtype=bool)
        return self.ranges[self.led] & (np.arange(128) < self.floors[self.bar])

    def _led_pitches(self, position: int) -> np.ndarray:
        """Bool ``[128]``: what may be drawn for the part of which notes are given."""
        below = self._below()
        if not self.due or self.due[0][POSITION] != position:
            return below
        _, lowest, highest, _ = self.due[0]
        last = position == self.position and self.slot == self.led and self.struck == self.chords[self.led] - 1
        pitch = np.arange(128)
        if lowest == highest:
            return (below & (not last)) | (pitch >= min(lowest, self.floors[self.bar]))
        own = self.ranges[self.led] & (pitch >= lowest) & (pitch <= highest)
        if self.given and self.given.leap and self.melody is not None:
            near = own & (np.abs(pitch - self.melody) <= self.given.leap)
            own = near if near.any() else own
        return own if last else below | own

    def _is_due(self, position: int, slot: int, pitch: int) -> bool:
        """Whether a note is the next of those that are given."""
        if not self.due or slot != self.led:
            return False
        at, lowest, highest, _ = self.due[0]
        return position == at and lowest <= pitch <= highest

    def _last_chord_of(self, slot: int) -> np.ndarray:
        """The last chord's pitches: it begins with its root, and so does its lowest player, who goes no lower."""
        pitches, is_lowest = np.arange(128), slot == self.bottom
        if not self.counts[~self.is_drum].any() or (is_lowest and not self.counts[slot]):
            return pitches % 12 == self.last_chord[0]
        return np.isin(pitches % 12, self.last_chord) & (pitches >= self.lowest[slot] if is_lowest else True)

    def durations(self, position: int, slot: int = -1, pitch: int = -1) -> np.ndarray:
        """Bool: what ends by the end of the piece; of a given note, how long it is."""
        if self._is_due(position, slot, pitch):
            return np.arange(len(DURATIONS)) == self.due[0][LENGTH]
        fits = self.remaining[self.bar] - position >= DURATIONS
        held = fits & (position + DURATIONS >= 0.75 * self.lengths[self.bar])
        return held if self.closing and held.any() else fits


def one_voice(piece: TokenPiece) -> TokenPiece:
    """The piece with every note of an instrument that plays one at a time ended where its next begins."""
    steps = piece.steps.copy()
    bar = np.cumsum(steps[:, POSITION_FIELD] == BAR) - 1
    starts = np.concatenate(([0], np.cumsum([bar_length(int(n), int(d)) for n, d in piece.metres])))
    onset = starts[bar] + steps[:, POSITION_FIELD]
    for index, slot in enumerate(piece.slots):
        own = np.flatnonzero((steps[:, SLOT_FIELD] == index) & (steps[:, POSITION_FIELD] != BAR))
        if chord_size(slot.program) == 1 and len(own) > 1:
            gap = np.maximum(np.diff(onset[own]), 1)
            longest = np.searchsorted(DURATIONS, gap, side="right") - 1
            steps[own[:-1], DURATION_FIELD] = np.minimum(steps[own[:-1], DURATION_FIELD], longest)
    return replace(piece, steps=steps)


def _range_mask(program: int, shift: int) -> np.ndarray:
    instrument = INSTRUMENTS[program]
    sounding = np.arange(128) + (0 if program == DRUMS else shift)
    return (sounding >= instrument.low) & (sounding <= instrument.high)
