"""Notes as steps: what a note model reads and writes.

A piece is a table of steps, one row a note, one row a bar line. A row has five fields, always in this order:

    position   0..95  twelfths of a quarter since the bar line;  96 = BAR, a new bar begins
    slot       0..15  which of the piece's instruments
    pitch      0..127
    duration   index into DURATIONS (twelfths of a quarter)
    velocity   0..15  velocity // 8

Within a bar rows are sorted by position, slot and pitch, so that every chord is written in one way only, and a note
costs one step of the model rather than five (Compound Word, Hsiao et al. 2021; Multitrack Music Transformer, 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from menura.score.instruments import INSTRUMENTS
from menura.score.notes import (
    DURATION,
    ONSET,
    PITCH,
    TICKS_PER_QUARTER,
    VELOCITY,
    KeyMark,
    Marker,
    Metre,
    Score,
    Tempo,
    Track,
)

GRID_PER_QUARTER = 12
"""Sixteenths are 3, triplet eighths 4."""
GRID_TICKS = TICKS_PER_QUARTER // GRID_PER_QUARTER
NUM_POSITIONS = 96
"""The longest bar is eight quarters."""
BAR = NUM_POSITIONS
MAX_SLOTS = 16
MAX_COPIES = 4
DRUMS = 128
"""The drum kit's place after the 128 General MIDI programs."""
DURATIONS = np.array(
    [
        *range(1, 13),
        14,
        15,
        16,
        18,
        20,
        21,
        24,
        27,
        28,
        30,
        32,
        33,
        36,
        42,
        45,
        48,
        54,
        60,
        66,
        72,
        84,
        96,
        120,
        144,
        192,
    ]
)
NUM_VELOCITIES = 16

POSITION_FIELD, SLOT_FIELD, PITCH_FIELD, DURATION_FIELD, VELOCITY_FIELD = range(5)
FIELD_SIZES = (NUM_POSITIONS + 1, MAX_SLOTS, 128, len(DURATIONS), NUM_VELOCITIES)

# One player's two staves, or a guitar's voices, are one instrument; two violins are two.
_ONE_PLAYER = frozenset([*range(0, 32), 46])


@dataclass(frozen=True, slots=True)
class Slot:
    """One instrument of a piece: a General MIDI program (128 = drums) and which of its kind (violin 2 is copy 1)."""

    program: int
    copy: int = 0


@dataclass(frozen=True, eq=False)
class TokenPiece:
    """A piece as steps.

    Args:
        slots: its instruments, in `slot_order`.
        metres: int16 ``[bar, 2]``, numerator and denominator of every bar.
        steps: int16 ``[step, 5]``; the first row is a BAR, and there are as many BARs as metres.
    """

    slots: tuple[Slot, ...]
    metres: np.ndarray
    steps: np.ndarray

    @property
    def num_bars(self) -> int:
        return len(self.metres)

    @property
    def bar_rows(self) -> np.ndarray:
        """Rows at which bars begin, and the number of rows last."""
        return np.append(np.flatnonzero(self.steps[:, POSITION_FIELD] == BAR), len(self.steps))


def bar_length(numerator: int, denominator: int) -> int:
    """Length of a bar in grid units."""
    return GRID_PER_QUARTER * 4 * numerator // denominator


def slot_order(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Low instruments first, drums before all; the first violin above the second."""

    def height(slot: Slot) -> tuple[float, int, int]:
        instrument = INSTRUMENTS[slot.program]
        middle = -1.0 if slot.program == DRUMS else (instrument.low + instrument.high) / 2
        return (middle, slot.program, -slot.copy)

    return tuple(sorted(slots, key=height))


def slot_names(slots: Sequence[Slot]) -> tuple[str, ...]:
    """What to call them: ``"flute"``, but ``"violin 1"`` and ``"violin 2"`` where there are two."""
    programs = [slot.program for slot in slots]
    return tuple(
        INSTRUMENTS[slot.program].name + (f" {slot.copy + 1}" if programs.count(slot.program) > 1 else "")
        for slot in slots
    )


def slots_for(programs: Sequence[int]) -> tuple[Slot, ...]:
    """Slots for asked programs (repeats become copies), in `slot_order`.

    Raises:
        ValueError: more than 16, or more than four of a kind.
    """
    seen: dict[int, int] = {}
    slots = []
    for program in programs:
        copy = seen.get(program, 0)
        seen[program] = copy + 1
        slots.append(Slot(program, copy))
    if not 1 <= len(slots) <= MAX_SLOTS:
        raise ValueError(f"a piece has 1 to {MAX_SLOTS} instruments, not {len(slots)}")
    if max(seen.values()) > MAX_COPIES:
        crowded = max(seen, key=lambda program: seen[program])
        raise ValueError(
            f"at most {MAX_COPIES} of one instrument; {INSTRUMENTS[crowded].name} was asked {seen[crowded]} times"
        )
    return slot_order(slots)


def tokenise(score: Score, *, to_end: bool = False) -> TokenPiece:
    """A score as steps on a grid of twelve to the quarter, up to the bar in which its last note begins, or, `to_end`,
    the last bar of which half, and a quarter note, is sounding.

    Tracks of one player (a piano's two hands) share a slot; further tracks of a program become copies from the highest
    to the lowest, at most four and sixteen slots in all, and what is left joins the last of its kind. Of more than
    sixteen programs the sixteen with most notes are kept.

    Raises:
        ValueError: no notes, or a bar longer than eight quarters.
    """
    if not score.num_notes:
        raise ValueError("the piece has no notes")
    grouped = _group_tracks(score.tracks)
    slots = slot_order(tuple(grouped))
    notes = np.concatenate(
        [np.column_stack((np.full(len(grouped[slot]), index), grouped[slot])) for index, slot in enumerate(slots)]
    )
    onset = (notes[:, 1 + ONSET] + GRID_TICKS // 2) // GRID_TICKS * GRID_TICKS
    starts = score.bar_starts(int(onset.max()) + 1)
    if to_end:
        lines = score.bar_starts(score.end_tick + 1)
        lengths = np.diff(lines, append=lines[-1] + score.metres[-1].bar_ticks)
        is_held = lines + np.maximum(lengths // 2, TICKS_PER_QUARTER) <= score.end_tick
        starts = lines[: max(len(starts), int(is_held.sum()))]
    metres = _bar_metres(score, starts)
    longest = max(bar_length(int(n), int(d)) for n, d in metres)
    if longest > NUM_POSITIONS:
        raise ValueError(f"a bar of {longest / GRID_PER_QUARTER:g} quarters is too long; bars have at most 8")
    bar = np.searchsorted(starts, onset, side="right") - 1
    length = np.maximum((notes[:, 1 + DURATION] + GRID_TICKS // 2) // GRID_TICKS, 1)
    rows = np.column_stack(
        (
            np.clip((onset - starts[bar]) // GRID_TICKS, 0, NUM_POSITIONS - 1),
            notes[:, 0],
            notes[:, 1 + PITCH],
            nearest_duration(length),
            np.clip(notes[:, 1 + VELOCITY] // 8, 0, NUM_VELOCITIES - 1),
        )
    )
    order = np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0], bar))
    rows, bar = rows[order], bar[order]
    identity = np.column_stack((bar, rows[:, :3]))
    fresh = np.append(True, (np.diff(identity, axis=0) != 0).any(axis=1))
    return TokenPiece(slots, metres, _with_bar_lines(rows[fresh], bar[fresh], len(metres)))


def detokenise(
    piece: TokenPiece, bpm: float, *, keys: Sequence[KeyMark] = (), markers: Sequence[Marker] = (), title: str = ""
) -> Score:
    """Steps as a score at one tempo. A note is cut where the same pitch of the same slot starts again."""
    lengths = GRID_PER_QUARTER * 4 * piece.metres[:, 0].astype(np.int64) // piece.metres[:, 1]
    starts = np.concatenate(([0], np.cumsum(lengths)))
    is_bar = piece.steps[:, POSITION_FIELD] == BAR
    bar = np.cumsum(is_bar) - 1
    rows, bar = piece.steps[~is_bar].astype(np.int64), bar[~is_bar]
    onset = (starts[bar] + rows[:, POSITION_FIELD]) * GRID_TICKS
    duration = np.minimum(
        DURATIONS[rows[:, DURATION_FIELD]] * GRID_TICKS, np.maximum(starts[-1] * GRID_TICKS - onset, GRID_TICKS)
    )
    notes = np.column_stack((onset, duration, rows[:, PITCH_FIELD], rows[:, VELOCITY_FIELD] * 8 + 4))
    tracks = []
    for index, (slot, name) in enumerate(zip(piece.slots, slot_names(piece.slots), strict=True)):
        own = _cut_overlaps(notes[rows[:, SLOT_FIELD] == index])
        is_drum = slot.program == DRUMS
        tracks.append(Track(name, 0 if is_drum else slot.program, is_drum, own))
    changes = np.append(True, (np.diff(piece.metres, axis=0) != 0).any(axis=1))
    metres = [
        Metre(int(starts[b]) * GRID_TICKS, int(piece.metres[b, 0]), int(piece.metres[b, 1]))
        for b in np.flatnonzero(changes)
    ]
    # Slots go upwards from the bass; a score is read downwards from the treble, drums last.
    return Score(tuple(reversed(tracks)), (Tempo(0, bpm),), tuple(metres), tuple(keys), tuple(markers), title)


def nearest_duration(length: np.ndarray) -> np.ndarray:
    """Index of the nearest of DURATIONS, for lengths in grid units."""
    upper = np.clip(np.searchsorted(DURATIONS, length), 1, len(DURATIONS) - 1)
    return np.where(length - DURATIONS[upper - 1] < DURATIONS[upper] - length, upper - 1, upper)


def _group_tracks(tracks: Sequence[Track]) -> dict[Slot, np.ndarray]:
    by_program: dict[int, list[np.ndarray]] = {}
    for track in tracks:
        if len(track.notes):
            by_program.setdefault(DRUMS if track.is_drum else track.program, []).append(track.notes)
    room = MAX_SLOTS - len(by_program)
    grouped: dict[Slot, np.ndarray] = {}
    for program, parts in by_program.items():
        copies = 1 if program in _ONE_PLAYER or program == DRUMS else max(min(len(parts), MAX_COPIES, 1 + room), 1)
        room -= copies - 1
        parts.sort(key=lambda notes: -float(notes[:, PITCH].mean()))
        for copy in range(copies):
            own = parts[copy:] if copy == copies - 1 else parts[copy : copy + 1]
            grouped[Slot(program, copy)] = np.concatenate(own)
    if len(grouped) > MAX_SLOTS:
        kept = sorted(grouped, key=lambda slot: -len(grouped[slot]))[:MAX_SLOTS]
        grouped = {slot: grouped[slot] for slot in kept}
    return grouped


def _bar_metres(score: Score, starts: np.ndarray) -> np.ndarray:
    changes = np.array([metre.tick for metre in score.metres])
    metres = [score.metres[w] for w in np.searchsorted(changes, starts, side="right") - 1]
    lengths = [*np.diff(starts).tolist(), metres[-1].bar_ticks]
    return np.array([_metre_of(metre, length) for metre, length in zip(metres, lengths, strict=True)], dtype=np.int16)


def _metre_of(metre: Metre, ticks: int) -> tuple[int, int]:
    """A bar's metre; one cut short by the next metre has the metre of what is left of it."""
    if ticks < metre.bar_ticks:
        for denominator in (metre.denominator, 8, 16):
            if ticks * denominator % (4 * TICKS_PER_QUARTER) == 0:
                return ticks * denominator // (4 * TICKS_PER_QUARTER), denominator
    return metre.numerator, metre.denominator


def _with_bar_lines(rows: np.ndarray, bar: np.ndarray, num_bars: int) -> np.ndarray:
    steps = np.zeros((len(rows) + num_bars, 5), dtype=np.int16)
    at = np.arange(len(rows)) + bar + 1
    steps[at] = rows
    lines = np.ones(len(steps), dtype=bool)
    lines[at] = False
    steps[lines, POSITION_FIELD] = BAR
    return steps


def _cut_overlaps(notes: np.ndarray) -> np.ndarray:
    order = np.lexsort((notes[:, ONSET], notes[:, PITCH]))
    notes = notes[order]
    same = np.flatnonzero(np.diff(notes[:, PITCH]) == 0)
    gap = notes[same + 1, ONSET] - notes[same, ONSET]
    notes[same, DURATION] = np.minimum(notes[same, DURATION], np.maximum(gap, 1))
    return notes
