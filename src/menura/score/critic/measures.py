"""What a piece is like, in numbers: its melody, harmony, rhythm, returns and drums.

Most are what musicologists count (Huron, "Sweet Anticipation", 2006: steps, leaps and what follows them; Temperley,
"Music and Probability", 2007). Each is a number for a whole piece, or NaN where there is nothing to count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from menura.score.analysis import find_key, full_scale, pitch_class_histogram
from menura.score.harmony import NO_CHORD, NUM_CHORDS, QUALITIES, Chord, find_chords, half_bars
from menura.score.notes import Key
from menura.score.roles import ROLES, find_roles
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    DURATION_FIELD,
    DURATIONS,
    GRID_PER_QUARTER,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
    TokenPiece,
    bar_length,
)

_STEP, _LEAP = 2, 5
"""Semitones: a step is at most, a leap at least."""
_MOTIF = 3
"""Intervals from a bar's beginning that must return."""
_LEADS = (1 + ROLES.index("solo"), 1 + ROLES.index("lead"))
_SNARES, _HATS = (37, 38, 39, 40), (42, 44, 46, 51, 53, 59)
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Notes:
    """A piece's notes as columns, all int64 ``[note]``, in the order of its steps; `onset` counts grid units from the
    piece's start, `position` from the bar line, `length` is in grid units too."""

    bar: np.ndarray
    position: np.ndarray
    onset: np.ndarray
    slot: np.ndarray
    pitch: np.ndarray
    length: np.ndarray
    velocity: np.ndarray
    pitched: np.ndarray

    def where(self, chosen: np.ndarray) -> Notes:
        return Notes(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.onset)


def notes_of(piece: TokenPiece) -> Notes:
    """The notes of a piece; lengths are cut at its end."""
    is_line = piece.steps[:, POSITION_FIELD] == BAR
    bar = (np.cumsum(is_line) - 1)[~is_line]
    rows = piece.steps[~is_line].astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(bar_lengths(piece))))
    onset = starts[bar] + rows[:, POSITION_FIELD]
    programs = np.array([slot.program for slot in piece.slots])
    return Notes(
        bar=bar,
        position=rows[:, POSITION_FIELD],
        onset=onset,
        slot=rows[:, SLOT_FIELD],
        pitch=rows[:, PITCH_FIELD],
        length=np.minimum(DURATIONS[rows[:, DURATION_FIELD]], np.maximum(starts[-1] - onset, 1)),
        velocity=rows[:, VELOCITY_FIELD],
        pitched=programs[rows[:, SLOT_FIELD]] != DRUMS,
    )


def bar_lengths(piece: TokenPiece) -> np.ndarray:
    """Of every bar, in grid units."""
    return np.array([bar_length(int(numerator), int(denominator)) for numerator, denominator in piece.metres])


def measures(piece: TokenPiece) -> Mapping[str, float]:
    """All measures of a piece, by name.

    Returns:
        Those of the melody (the top notes of the part that leads), the harmony (all notes but drums), returns, rhythm
        and drums; NaN where there is nothing to count. The keys are the same for every piece.
    """
    heard = _Heard(piece)
    return {**_melody(heard), **_harmony(heard), **_returns(heard), **_rhythm(heard), **_drums(heard)}


def chords_of(piece: TokenPiece) -> np.ndarray:
    """The chords heard in the halves of a piece's bars: int64 ``[2 * bar]`` of `menura.score.harmony.Chord.index`."""
    return _Heard(piece).chords


class _Heard:
    """A piece as it is listened to: its parts and what is found in them, once."""

    def __init__(self, piece: TokenPiece) -> None:
        self.piece = piece
        self.lengths = bar_lengths(piece)
        self.starts = np.concatenate(([0], np.cumsum(self.lengths)))
        self.num_bars = piece.num_bars
        self.all = notes_of(piece)
        self.pitched, self.drums = self.all.where(self.all.pitched), self.all.where(~self.all.pitched)

    @cached_property
    def lead(self) -> Notes:
        """The highest note of each moment of the part that leads."""
        rows = self.piece.steps[self.piece.steps[:, POSITION_FIELD] != BAR].astype(np.int64)
        is_drum = np.array([slot.program == DRUMS for slot in self.piece.slots])
        found = find_roles(rows, self.all.onset, self.all.bar, self.num_bars, is_drum).roles
        leads = [slot for slot in range(len(is_drum)) if found[slot] in _LEADS]
        return _outline(self.pitched.where(np.isin(self.pitched.slot, leads)), top=True)

    @cached_property
    def bass(self) -> Notes:
        return _outline(self.pitched, top=False)

    @cached_property
    def key(self) -> Key:
        return find_key(pitch_class_histogram(self.pitched.pitch, self.pitched.length))

    @cached_property
    def edges(self) -> np.ndarray:
        return half_bars(self.starts[:-1], self.piece.metres, int(self.starts[-1]))

    def chord_at(self, onset: np.ndarray) -> np.ndarray:
        return self.chords[np.clip(np.searchsorted(self.edges, onset, side="right") - 1, 0, len(self.chords) - 1)]

    @cached_property
    def chords(self) -> np.ndarray:
        notes = self.pitched
        return find_chords(notes.onset, notes.length, notes.pitch, self.edges, GRID_PER_QUARTER)


def _outline(notes: Notes, *, top: bool) -> Notes:
    order = np.lexsort((-notes.pitch if top else notes.pitch, notes.onset))
    notes = notes.where(order)
    return notes.where(np.append(True, np.diff(notes.onset) > 0)[: len(notes)])


def _share(of: np.ndarray) -> float:
    return float(of.mean()) if len(of) else _NAN


def _entropy(values: np.ndarray) -> float:
    """Bits."""
    if not len(values):
        return _NAN
    shares = np.unique(values, return_counts=True)[1] / len(values)
    return float(-(shares * np.log2(shares)).sum())


def _melody(heard: _Heard) -> dict[str, float]:
    lead = heard.lead
    moves = np.diff(lead.pitch)
    size = np.abs(moves)
    leaps = size[:-1] >= _LEAP
    answered = (size[1:] > 0) & (size[1:] <= _STEP) & (np.sign(moves[1:]) == -np.sign(moves[:-1]))
    turns = moves[moves != 0]
    silent = lead.onset[1:] - lead.onset[:-1] - lead.length[:-1] if len(lead) else np.zeros(0)
    return {
        "steps": _share((size > 0) & (size <= _STEP)),
        "repeated": _share(size == 0),
        "leaps_answered": _share(answered[leaps]),
        "leaps": _share(size >= _LEAP),
        "wide_leaps": _share(size > 12),
        "turns": _share(np.sign(turns[1:]) != np.sign(turns[:-1])),
        "rising": _share(turns > 0),
        "lead_range": float(np.subtract(*np.percentile(lead.pitch, (95, 5)))) if len(lead) else _NAN,
        "lead_entropy": _entropy(lead.pitch),
        "lead_lengths": _entropy(lead.length),
        "lead_sounds": len(np.unique(lead.bar)) / max(heard.num_bars, 1),
        "lead_density": len(lead) * GRID_PER_QUARTER / max(int(heard.starts[-1]), 1) if len(lead) else _NAN,
        "lead_rests": float(np.clip(silent, 0, None).sum() / max(int(heard.starts[-1]), 1)) if len(lead) else _NAN,
        "long_ends": _share(lead.length[:-1][np.diff(lead.bar // 4) > 0] >= GRID_PER_QUARTER),
    }


def _harmony(heard: _Heard) -> dict[str, float]:
    notes, chords, lead, bass = heard.pitched, heard.chords, heard.lead, heard.bass
    roots = (chords[chords > NO_CHORD] - 1) // len(QUALITIES)
    progression = roots[np.append(True, np.diff(roots) != 0)[: len(roots)]]
    inside = np.isin(notes.pitch % 12, list(full_scale(heard.key)))
    sounding = max(int(notes.length.sum()), 1)
    moves = np.abs(np.diff(bass.pitch))
    return {
        "tonic_root": _share(roots == heard.key.tonic),
        "dominant_root": _share(roots == (heard.key.tonic + 7) % 12),
        "root_entropy": _entropy(roots),
        "chord_changes": max(len(progression) - 1, 0) / heard.num_bars if len(roots) else _NAN,
        "fifths_down": _share(np.diff(progression) % 12 == 5),
        "outside": float((notes.length * ~inside).sum() / sounding) if len(notes) else _NAN,
        "chord_tones": _share(_TONES[heard.chord_at(lead.onset), lead.pitch % 12]),
        "bass_is_root": _share(bass.pitch % 12 == (heard.chord_at(bass.onset) - 1) // len(QUALITIES)),
        "bass_steps": _share((moves > 0) & (moves <= _STEP)),
        "register": float(notes.pitch @ notes.length / sounding) if len(notes) else _NAN,
        "polyphony": float(notes.length.sum() / heard.starts[-1]) if len(notes) else _NAN,
        "doubled": _doubled(notes),
    }


def _doubled(notes: Notes) -> float:
    """Share of notes that another doubles at the same moment, an octave or more apart or in unison."""
    if not len(notes):
        return _NAN
    _, which, counts = np.unique(notes.onset * 12 + notes.pitch % 12, return_inverse=True, return_counts=True)
    return float((counts[which] > 1).mean())


def _returns(heard: _Heard) -> dict[str, float]:
    """How bars are as earlier ones: the melody's intervals, and all onsets."""
    lead = heard.lead
    motifs: list[tuple[int, ...]] = []
    rhythms: list[frozenset[int]] = []
    for bar in range(heard.num_bars):
        own = lead.pitch[lead.bar == bar]
        motifs.append(tuple(np.diff(own)[:_MOTIF].tolist()) if len(own) > _MOTIF else ())
        rhythms.append(frozenset(heard.pitched.position[heard.pitched.bar == bar].tolist()))
    found: dict[str, float] = {}
    for lag in (1, 2, 4):
        pairs = [(one, other) for one, other in zip(motifs, motifs[lag:], strict=False) if one and other]
        found[f"motif_{lag}"] = float(np.mean([one == other for one, other in pairs])) if pairs else _NAN
    for lag in (1, 2, 4):
        alike = [_dice(one, other) for one, other in zip(rhythms, rhythms[lag:], strict=False) if one or other]
        found[f"rhythm_{lag}"] = float(np.mean(alike)) if alike else _NAN
    return found


def _rhythm(heard: _Heard) -> dict[str, float]:
    notes = heard.pitched
    quarters = heard.starts[-1] / GRID_PER_QUARTER
    loud = np.array([heard.all.velocity[heard.all.bar == bar].mean() for bar in np.unique(heard.all.bar)])
    usual = loud - loud.mean() if len(loud) else loud
    varies = len(loud) > 2 and float(usual @ usual) > 0
    per_bar = np.bincount(notes.bar, minlength=heard.num_bars)
    return {
        "density": len(notes) / quarters if len(notes) else _NAN,
        "onsets": len(np.unique(notes.onset)) / quarters if len(notes) else _NAN,
        "off_beat": _share(notes.position % GRID_PER_QUARTER != 0),
        "sixteenths": _share(notes.position % (GRID_PER_QUARTER // 2) != 0),
        "lengths": _entropy(notes.length),
        "least_heard": _least_heard(heard),
        "uneven": float(per_bar.std() / per_bar.mean()) if len(notes) else _NAN,
        "silence": 1 - len(_sounding(notes)) / int(heard.starts[-1]) if len(notes) else _NAN,
        "loudness_returns": float(usual[1:] @ usual[:-1] / (usual @ usual)) if varies else _NAN,
    }


def _least_heard(heard: _Heard) -> float:
    """In how many of the bars the player sounds who plays least, drums aside."""
    shares = [
        len(np.unique(heard.all.bar[heard.all.slot == index])) / heard.num_bars
        for index, slot in enumerate(heard.piece.slots)
        if slot.program != DRUMS
    ]
    return min(shares, default=_NAN)


def _sounding(notes: Notes) -> np.ndarray:
    """The grid units in which anything sounds."""
    first = np.repeat(notes.onset, notes.length)
    return np.unique(first + np.arange(len(first)) - np.repeat(np.cumsum(notes.length) - notes.length, notes.length))


def _drums(heard: _Heard) -> dict[str, float]:
    drums = heard.drums
    if not len(drums):
        return dict.fromkeys(("drums_again", "backbeat", "even_hats", "kit_pieces", "drum_density"), _NAN)
    hits = [frozenset((drums.position * 128 + drums.pitch)[drums.bar == bar].tolist()) for bar in range(heard.num_bars)]
    again = [_dice(one, other) for one, other in pairwise(hits) if one or other]
    return {
        "drums_again": float(np.mean(again)) if again else _NAN,
        "backbeat": _backbeat(heard),
        "even_hats": _share(np.array([_is_even(drums, bar) for bar in np.unique(drums.bar)])),
        "kit_pieces": float(len(np.unique(drums.pitch))),
        "drum_density": len(drums) * GRID_PER_QUARTER / heard.starts[-1],
    }


def _backbeat(heard: _Heard) -> float:
    """Share of bars of four quarters in which a snare or a clap falls on the second and on the fourth."""
    drums = heard.drums
    four = [bar for bar in np.unique(drums.bar) if tuple(heard.piece.metres[bar]) == (4, 4)]
    if not four:
        return _NAN
    struck = drums.where(np.isin(drums.pitch, _SNARES))
    beats = [set(struck.position[struck.bar == bar].tolist()) for bar in four]
    return float(np.mean([{GRID_PER_QUARTER, 3 * GRID_PER_QUARTER} <= own for own in beats]))


def _is_even(drums: Notes, bar: int) -> bool:
    """Whether at least four strokes of hats or ride fall at equal distances."""
    strokes = np.unique(drums.position[(drums.bar == bar) & np.isin(drums.pitch, _HATS)])
    return len(strokes) >= 4 and len(np.unique(np.diff(strokes))) == 1


def _dice(one: frozenset[int], other: frozenset[int]) -> float:
    return 2 * len(one & other) / max(len(one) + len(other), 1)


def _tones() -> np.ndarray:
    """Whether a pitch class belongs to a chord, ``[chord, 12]``; all do to none."""
    tones = np.ones((NUM_CHORDS, 12), dtype=bool)
    for index in range(NO_CHORD + 1, NUM_CHORDS):
        chord = Chord.of(index)
        tones[index] = np.isin(np.arange(12), chord.pitch_classes if chord else ())
    return tones


_TONES = _tones()
