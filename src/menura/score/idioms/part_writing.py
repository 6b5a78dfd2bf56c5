"""Part-writing: four voices under one melody, each in its range, none crossing, without parallel fifths and octaves.

The melody and the harmony are those that were composed. Beat by beat the voicings that the chord allows are weighed by
the rules of the textbooks (ranges, spacing, doubling, parallels: Aldwell and Schachter, "Harmony and Voice Leading"),
and the cheapest way through them is taken (Viterbi, 1967).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
from jaxtyping import Int

from menura.score.analysis import find_key
from menura.score.arranger.patterns import beats_of
from menura.score.form import Section
from menura.score.harmony import NO_CHORD, Chord, find_chords, half_bars
from menura.score.instruments import INSTRUMENTS
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    DURATION_FIELD,
    DURATIONS,
    GRID_PER_QUARTER,
    GRID_TICKS,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
    Slot,
    TokenPiece,
    bar_length,
)

BASS, TENOR, ALTO, SOPRANO = range(4)
RANGES = ((40, 62), (48, 67), (55, 74), (60, 81))
"""Lowest and highest pitch of bass, tenor, alto and soprano."""
_LOWEST_BASS = 50
"""Whose bass has not this, is a consort of high instruments."""
_STYLES = frozenset(("chorale", "hymn"))
_OF_FOUR_PARTS = frozenset((16, 17, 18, 19, 20, 52))
"""Organs and a choir: one player has all parts."""
_FIRST_OF_GUITARS = 24
"""Below it are keyboards, which have all voices in one hand."""
_WIDEST = (19, 12, 12)
"""Semitones between bass and tenor, tenor and alto, alto and soprano."""
_LITTLE = 2
"""Semitones by which a melody may go on below its own last note that still sounds."""
_INVERSIONS = (0.0, 1.0, 6.0, 3.0)
"""What root, third, fifth and seventh in the bass cost …"""
_AS_HEARD = -2.0
"""… and where that is the lowest note as composed."""
_NO_FIFTH, _TWO_THIRDS, _TWO_SEVENTHS, _NO_SEVENTH = 1.0, 2.0, 6.0, 2.0
_PARALLEL, _HIDDEN, _OVERLAP, _LEAP = 30.0, 2.0, 2.0, 3.0
_STILL, _BASS_MOVES = 3.0, 0.35
"""What a bass costs that stays, and by each semitone that it moves."""
_THIRD = (3, 4)
_FAR = (12, 7, 7)
"""Semitones beyond which bass, tenor and alto leap."""
_OF_HALF_BAR, _OF_SCALE, _NOT_HEARD = 1.5, 0.5, 1.0
"""For chords of a beat: that it is the half bar's, of the key; what its tones cost that do not sound."""
_QUALITIES = ("", "m", "dim", "7")


@dataclass(frozen=True)
class Choir:
    """Who sings in four parts.

    Attributes:
        slots: of bass, tenor, alto and soprano; all alike where one plays them all.
        programs: theirs.
    """

    slots: tuple[int, int, int, int]
    programs: tuple[int, int, int, int]
    name = "four parts"

    def told(self) -> str:
        """What is said of it before."""
        return "four parts by rule under the melody (band=model leaves it out)"

    def apply(
        self,
        piece: TokenPiece,
        form: Sequence[Section],
        chords: Int[np.ndarray, "bar 2"] | None,
        *,
        closes: bool,
        is_given: bool = False,
    ) -> TokenPiece:
        """As of `menura.score.idioms.textures.Accompanist`."""
        is_whole = bool(form) and piece.num_bars == form[-1].start + form[-1].bars
        return _Writer(self, piece, chords, keeps=is_given, closes=closes and is_whole).written()


def choir_of(styles: Sequence[str], slots: Sequence[Slot]) -> Choir | None:
    """The four parts of music of some styles, if it is for four voices, or for a choir or an organ."""
    pitched = [index for index, slot in enumerate(slots) if slot.program != DRUMS]
    if _STYLES.isdisjoint(styles) or len(pitched) != len(slots):
        return None
    if len(pitched) == 1 and slots[0].program in _OF_FOUR_PARTS:
        pitched *= 4
    elif len(pitched) != 4 or any(slot.program < _FIRST_OF_GUITARS for slot in slots):
        return None
    bass, tenor, alto, soprano = pitched
    programs = [slots[index].program for index in pitched]
    return Choir((bass, tenor, alto, soprano), (programs[0], programs[1], programs[2], programs[3]))


@dataclass(frozen=True, slots=True)
class _Event:
    """A moment at which the voices under the melody move: its bar, position and length, the melody's pitch, its chord,
    and the lowest pitch class as composed."""

    bar: int
    position: int
    length: int
    top: int
    chord: Chord
    lowest: int


class _Writer:
    """One piece while its parts are written."""

    def __init__(
        self, choir: Choir, piece: TokenPiece, chords: np.ndarray | None, *, keeps: bool, closes: bool
    ) -> None:
        self.choir, self.piece, self.keeps, self.closes = choir, piece, keeps, closes
        higher = 12 * max(-((_LOWEST_BASS - INSTRUMENTS[choir.programs[BASS]].low) // 12), 0)
        self.ranges = tuple(_range(voice, program, higher) for voice, program in enumerate(choir.programs))
        lengths = [bar_length(int(n), int(d)) for n, d in piece.metres]
        self.starts = np.concatenate(([0], np.cumsum(lengths)))
        is_line = piece.steps[:, POSITION_FIELD] == BAR
        rows, bar = piece.steps[~is_line].astype(np.int64), (np.cumsum(is_line) - 1)[~is_line]
        onset = self.starts[bar] + rows[:, POSITION_FIELD]
        self.notes = np.column_stack((onset, DURATIONS[rows[:, DURATION_FIELD]], rows[:, PITCH_FIELD]))
        self.rows, self.of_bar = rows, bar
        pitches = np.bincount(rows[:, PITCH_FIELD] % 12, DURATIONS[rows[:, DURATION_FIELD]], minlength=12)
        self.scale = find_key(pitches).scale if len(rows) else frozenset(range(12))
        edges = half_bars(self.starts[:-1], piece.metres, int(self.starts[-1]))
        heard = find_chords(self.notes[:, 0], self.notes[:, 1], self.notes[:, 2], edges, GRID_PER_QUARTER)
        self.edges, self.asked = edges, None if chords is None else chords[: piece.num_bars].ravel()
        self.chords = heard if self.asked is None else np.where(self.asked == NO_CHORD, heard, self.asked)

    def written(self) -> TokenPiece:
        """The piece in four parts."""
        melody, of_bar = self._melody()
        parts, events = [], self._events(melody, of_bar)
        voices = self._voices(events)
        loudness = int(np.median(self.rows[:, VELOCITY_FIELD])) if len(self.rows) else 8
        for bar in range(self.piece.num_bars):
            own = melody[of_bar == bar]
            rows = [tuple(row) for row in own.tolist()]
            for index, event in enumerate(events):
                if event.bar != bar:
                    continue
                following = voices[index + 1] if index + 1 < len(voices) else voices[index]
                passing = self._passing(event, voices[index], following)
                sung = [(voice, event.position, voices[index][voice], event.length) for voice in (BASS, TENOR, ALTO)]
                if passing is not None:
                    half = event.length // 2
                    sung[BASS] = (BASS, event.position, voices[index][BASS], half)
                    sung.append((BASS, event.position + half, passing, half))
                rows += [
                    (position, self.choir.slots[voice], pitch, _length_index(length), loudness)
                    for voice, position, pitch, length in sung
                ]
            parts.append(np.array([(BAR, 0, 0, 0, 0), *_tidy(rows)], dtype=self.piece.steps.dtype))
        return replace(self.piece, steps=np.concatenate(parts))

    def _passing(self, event: _Event, now: tuple[int, ...], following: tuple[int, ...]) -> int | None:
        """The tone between two of the bass that are a third apart, unless it makes parallels or there is no time."""
        step = following[BASS] - now[BASS]
        between = range(min(now[BASS], following[BASS]) + 1, max(now[BASS], following[BASS]))
        tones = [pitch for pitch in between if pitch % 12 in self.scale]
        if abs(step) not in _THIRD or len(tones) != 1 or event.length % 2 or event.length < GRID_PER_QUARTER:
            return None
        for voice in (TENOR, ALTO, SOPRANO):
            apart = (following[voice] - following[BASS]) % 12
            if now[voice] != following[voice] and apart in (0, 7) and (now[voice] - tones[0]) % 12 == apart:
                return None
        return tones[0]

    def _melody(self) -> tuple[np.ndarray, np.ndarray]:
        """The soprano's rows, one at a time and in its range, and their bars; where it rests, what else is highest."""
        low, high = self.ranges[SOPRANO]
        taken, bars, until = [], [], 0
        own = self.rows[:, SLOT_FIELD] == self.choir.slots[SOPRANO]
        ends = self.notes[:, 0] + self.notes[:, 1]
        for onset in np.unique(self.notes[:, 0]).tolist():
            at = np.flatnonzero(self.notes[:, 0] == onset)
            above = self.notes[own & (self.notes[:, 0] < onset) & (ends > onset), 2].max(initial=0) - _LITTLE
            singing = at[own[at] & (self.notes[at, 2] >= above)]
            if not len(singing) and onset < until:
                continue
            index = max(singing if len(singing) else at, key=lambda place: self.notes[place, 2])
            row = self.rows[index].copy()
            if not len(singing):
                following = self.notes[own & (self.notes[:, 0] > onset), 0]
                longest = int(following.min() if len(following) else self.starts[-1]) - onset
                row[DURATION_FIELD] = min(row[DURATION_FIELD], np.searchsorted(DURATIONS, longest, side="right") - 1)
            row[SLOT_FIELD] = self.choir.slots[SOPRANO]
            taken.append(row)
            bars.append(self.of_bar[index])
            until = onset + int(DURATIONS[row[DURATION_FIELD]]) if not len(singing) else int(ends[index])
        if taken and not self.keeps:
            middle = np.median([row[PITCH_FIELD] for row in taken])
            shift = 12 * round(((low + high) / 2 - middle) / 12)
            for row in taken:
                pitch = row[PITCH_FIELD] + shift
                row[PITCH_FIELD] = pitch + 12 * (-(min(pitch - low, 0) // 12)) - 12 * (-(min(high - pitch, 0) // 12))
        for index in range(len(taken) - 1):
            gap = self._onset(taken[index + 1], bars[index + 1]) - self._onset(taken[index], bars[index])
            longest = np.searchsorted(DURATIONS, gap, side="right") - 1
            taken[index][DURATION_FIELD] = min(taken[index][DURATION_FIELD], longest)
        return np.array(taken, dtype=np.int64).reshape(-1, 5), np.array(bars, dtype=np.int64)

    def _onset(self, row: np.ndarray, bar: int) -> int:
        return int(self.starts[bar] + row[POSITION_FIELD])

    def _events(self, melody: np.ndarray, of_bar: np.ndarray) -> list[_Event]:
        """The beats on which the lower voices move: with the melody, or with the chord."""
        onset = self.starts[of_bar] + melody[:, POSITION_FIELD]
        end = onset + DURATIONS[melody[:, DURATION_FIELD]]
        events: list[_Event] = []
        for bar, metre in enumerate(self.piece.metres.astype(int).tolist()):
            position = 0
            for beat in beats_of(*metre):
                start, length = int(self.starts[bar]) + position, beat // GRID_TICKS
                sounding = np.flatnonzero((onset < start + length) & (end > start))
                if len(sounding):
                    top, is_new = int(melody[sounding[0], PITCH_FIELD]), onset[sounding[0]] >= start
                    chord, lowest = self._chord(start, start + length, top)
                    last = events[-1] if events else None
                    is_held = not is_new and last is not None and (last.top, last.chord) == (top, chord)
                    is_close = self.closes and bar == self.piece.num_bars - 1  # one chord, held
                    if last and last.bar == bar and (is_held or is_close):
                        events[-1] = replace(last, length=last.length + length)
                    else:
                        events.append(_Event(bar, position, length, top, chord, lowest))
                position += length
        return events

    def _chord(self, begin: int, end: int, top: int) -> tuple[Chord, int]:
        """A beat's chord, which the melody's note belongs to unless others were asked; and its lowest pitch class."""
        half = int(np.searchsorted(self.edges, begin, side="right")) - 1
        usual = Chord.of(int(self.chords[half]))
        within = (self.notes[:, 0] < end) & (self.notes[:, 0] + self.notes[:, 1] > begin)
        pitches = self.notes[within, 2]
        lowest = int(pitches.min()) % 12 if len(pitches) else top % 12
        if usual and ((self.asked is not None and self.asked[half]) or top % 12 in usual.pitch_classes[:3]):
            return usual, lowest
        weight = np.bincount(pitches % 12, minlength=12)
        options = [Chord(root, quality) for root in range(12) for quality in _QUALITIES]

        def worth(chord: Chord) -> float:
            tones = chord.pitch_classes
            heard = float(weight[list(tones)].sum()) - _NOT_HEARD * sum(not weight[tone] for tone in tones)
            return heard + _OF_SCALE * sum(tone in self.scale for tone in tones) + _OF_HALF_BAR * (chord == usual)

        return max((chord for chord in options if top % 12 in chord.pitch_classes), key=worth), lowest

    def _voices(self, events: Sequence[_Event]) -> list[tuple[int, int, int, int]]:
        """The pitches of all voices at every event: the cheapest way."""
        if not events:
            return []
        columns = [_voicings(event.chord, event.top, event.lowest, self.ranges) for event in events]
        best, came_from = columns[0][1], []
        for (before, _), (now, cost) in pairwise(columns):
            total = best[:, None] + _moves(before, now)
            came_from.append(total.argmin(0))
            best = total.min(0) + cost
        places = [int(best.argmin())]
        for back in reversed(came_from):
            places.append(int(back[places[-1]]))
        return [tuple(column[place].tolist()) for (column, _), place in zip(columns, reversed(places), strict=True)]


def _length_index(length: int) -> int:
    return int(np.searchsorted(DURATIONS, length, side="right")) - 1


def _range(voice: int, program: int, higher: int) -> tuple[int, int]:
    """Of a voice, octaves `higher` where the whole consort is, as far as its instrument has it."""
    (low, high), instrument = RANGES[voice], INSTRUMENTS[program]
    low, high = max(low + higher, instrument.low), min(high + higher, instrument.high)
    return (low, high) if high - low >= 12 else (instrument.low, min(instrument.high, instrument.low + 24))


@lru_cache(maxsize=4096)
def _voicings(
    chord: Chord, top: int, lowest: int, ranges: tuple[tuple[int, int], ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Bass, tenor, alto and soprano ``[voicing, 4]`` that a chord allows under a note, and what each costs."""
    tones = np.array(chord.pitch_classes)
    choices = [[p for p in range(low, min(high, top) + 1) if p % 12 in tones] for low, high in ranges[:SOPRANO]]
    below = np.stack([one.ravel() for one in np.meshgrid(*choices, indexing="ij")], axis=1).astype(np.int64)
    pitches = np.column_stack((below, np.full(len(below), top)))
    pitches = pitches[(np.diff(pitches, axis=1) >= 0).all(1)]
    wide = np.maximum(np.diff(pitches, axis=1) - _WIDEST, 0).sum(1)
    counts = (pitches[:, :, None] % 12 == tones).sum(1)
    strict = (wide == 0) & (counts[:, 0] > 0) & (counts[:, 1] > 0)
    if strict.any():
        pitches, wide, counts = pitches[strict], wide[strict], counts[strict]
    if not len(pitches):
        low = [min(range(a, b + 1), key=lambda p: abs(p - min(top, a))) for a, b in ranges[:SOPRANO]]
        return np.array([[*low, top]]), np.zeros(1)
    bass = pitches[:, BASS] % 12
    cost = np.take(_INVERSIONS, (bass[:, None] == tones).argmax(1)) + _AS_HEARD * (bass == lowest) + wide
    cost += _NO_FIFTH * (counts[:, 2] == 0) + _TWO_THIRDS * (counts[:, 1] > 1)
    if len(tones) > 3:
        cost += _TWO_SEVENTHS * (counts[:, 3] > 1) + _NO_SEVENTH * (counts[:, 3] == 0)
    return pitches, cost


def _moves(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """What it costs to go from each voicing to each other, ``[before, now]``."""
    one, two = before[:, None], now[None]
    step = two - one
    bass = _STILL * (step[..., BASS] == 0) + _BASS_MOVES * np.abs(step[..., BASS])
    cost = bass + np.abs(step[..., TENOR]) + np.abs(step[..., ALTO])
    for voice, most in zip((BASS, TENOR, ALTO), _FAR, strict=True):
        cost += _LEAP * (np.abs(step[..., voice]) > most)
    for low, high in combinations(range(4), 2):
        was, is_ = (one[..., high] - one[..., low]) % 12, (two[..., high] - two[..., low]) % 12
        both = (step[..., low] != 0) & (step[..., high] != 0)
        cost += _PARALLEL * (both & (was == is_) & np.isin(is_, (0, 7)))
        if (low, high) == (BASS, SOPRANO):
            same_way = np.sign(step[..., low]) == np.sign(step[..., high])
            cost += _HIDDEN * (both & same_way & np.isin(is_, (0, 7)) & (np.abs(step[..., high]) > 2))
    for voice in range(3):
        cost += _OVERLAP * ((two[..., voice] > one[..., voice + 1]) | (two[..., voice + 1] < one[..., voice]))
    return cost


def _tidy(rows: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Rows in order, of two of one player at one place and pitch the longer."""
    kept: dict[tuple[int, int, int], tuple[int, ...]] = {}
    for row in rows:
        place = (row[POSITION_FIELD], row[SLOT_FIELD], row[PITCH_FIELD])
        if place not in kept or kept[place][DURATION_FIELD] < row[DURATION_FIELD]:
            kept[place] = row
    return sorted(kept.values(), key=lambda row: row[:3])
