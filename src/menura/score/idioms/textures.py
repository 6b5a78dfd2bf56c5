"""Textures: what a player of chords does under a melody (stride, oom-pah, broken chords) over harmony that is there.

Melody and harmony stay as they were composed: the melody is what sounds highest, or another's part; the bass takes the
lowest note of each harmony where that belongs to it; everything else the player had is played anew, as the figure says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from jaxtyping import Int

from menura.score.analysis import find_key
from menura.score.arranger.patterns import HOLD, Event, alternatives, beats_of, fit
from menura.score.arranger.voicings import voice
from menura.score.form import Section
from menura.score.harmonise import another
from menura.score.harmony import NO_CHORD, QUALITIES, Chord, find_chords, half_bars
from menura.score.instruments import INSTRUMENTS
from menura.score.roles import usual_lead
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

KEYBOARDS = frozenset(range(8))
"""General MIDI programs with two hands that nothing binds."""
_PLAYERS = frozenset((*range(8), 15, *range(16, 26), 46))
"""Those who can play bass and chords at once: keyboards, dulcimer, organs, accordions, guitars, harp."""
_MOST_PLAYERS = 5
_HAND, _LITTLE = 12, 2
"""Semitones that a hand spans, and by which what is struck may lie below what sounds on."""
_LOWEST_BASS, _BASS_SPAN = 33, 14
_LOWEST_CHORD, _HIGHEST_CHORD, _LEAST_SPAN = 48, 67, 12
_LONGEST_HARMONY = 4
"""Half bars."""
_LOW_MELODY, _BELOW_MELODY = 65, 14
"""A right hand whose notes are on the average below the first plays an octave higher; of what is struck by itself, what
is by more than the second below them is the left hand's."""
_ABOVE_BASS = {"q": 2, "t": 1, "w": 2}
"""Symbol -> which tone of the chord it is; `t` and `w` an octave higher."""


@dataclass(frozen=True, slots=True)
class Texture:
    """What the player of chords does.

    Args:
        name: what musicians call it.
        figures: patterns (see `menura.score.arranger.patterns`), of which each section takes its own. ``b`` is the
            bass, ``f`` the fifth in the bass; ``x`` the chord; ``r q o t w`` root, fifth, octave, tenth and twelfth of
            a broken chord; ``c m h`` the lowest, middle and highest note of a close one.
        metre: that they are written in.
        styles: of `menura.text.vocabulary.STYLES`, and grooves, that ask for it.
        alone: whether only who is alone plays so, or only who is not; None: both.
    """

    name: str
    figures: tuple[str, ...]
    metre: tuple[int, int]
    styles: frozenset[str]
    alone: bool | None = None

    @property
    def home(self) -> tuple[int, ...]:
        """Beats of the metre that figures are written in."""
        return beats_of(*self.metre)


TEXTURES = (
    Texture(
        "stride", ("b-x-f-x-", "b-x-b-x-|b-x-f-f-", "b-x-f-xx"), (4, 4), frozenset(("joplin", "ragtime", "new orleans"))
    ),
    Texture(
        "oom-pah-pah",
        ("b-x-x-|f-x-x-", "b-x-x-", "b-x-x-|b-x-x-|f-x-x-|b-x---"),
        (3, 4),
        frozenset(("waltz",)),
    ),
    Texture("mazurka", ("b-x-x-|b-x---", "b-x-x-"), (3, 4), frozenset(("mazurka",))),
    Texture("habanera", ("b--xx-x-", "b--xb-x-"), (2, 4), frozenset(("tango",))),
    Texture("oom-pah", ("b-x-f-x-", "b-x-b-x-|f-x-f-x-"), (2, 4), frozenset(("march", "sousa", "polka"))),
    Texture("nocturne", ("rqtowtoq", "r-t-o-q-", "rqoqtqoq"), (4, 4), frozenset(("nocturne",))),
    Texture(
        "Alberti",
        ("chmhchmh", "x---x---|chmhchmh", "cmhmcmhm"),
        (4, 4),
        frozenset(("mozart", "haydn", "sonata", "classical", "diabelli")),
        alone=True,
    ),
    Texture(
        "broken chords",
        ("rqotoqoq", "b-x-x-x-", "rqoqrqoq"),
        (4, 4),
        frozenset(("song", "schubert", "romantic")),
        alone=False,
    ),
)
"""The first that a style asks for counts."""


@dataclass(frozen=True)
class Accompanist:
    """Who plays a texture.

    Attributes:
        texture: what is played.
        slot: who plays it.
        program: of that player.
        lead: the slot that has the melody; None: it is in the same hands.
    """

    texture: Texture
    slot: int
    program: int
    lead: int | None

    @property
    def is_alone(self) -> bool:
        return self.lead is None

    @property
    def name(self) -> str:
        return self.texture.name

    def told(self) -> str:
        """What is said of it before."""
        hand = "left hand" if self.is_alone else "all"
        return f"{self.name} by rule: {hand} of the {INSTRUMENTS[self.program].name} (band=model leaves it out)"

    def apply(
        self,
        piece: TokenPiece,
        form: Sequence[Section],
        chords: Int[np.ndarray, "bar 2"] | None,
        *,
        closes: bool,
        is_given: bool = False,
    ) -> TokenPiece:
        """A piece, or the beginning of one, with the player's part played so.

        Args:
            piece: as composed.
            form: sections of the whole piece.
            chords: of the halves of its bars (`menura.score.harmony.Chord.index`), where they were asked for.
            closes: whether its last bar is held.
            is_given: whether the melody was given, and stays where it is.
        """
        return _Hands(self, piece, form, chords, closes=closes, is_given=is_given).played()


def accompanist_of(styles: Sequence[str], slots: Sequence[Slot]) -> Accompanist | None:
    """Who plays which texture in music of some styles, if anybody does.

    Args:
        styles: names, also of grooves.
        slots: the players.
    """
    pitched = [index for index, slot in enumerate(slots) if slot.program != DRUMS]
    able = [index for index in pitched if slots[index].program in _PLAYERS]
    able = [index for index in able if slots[index].program in KEYBOARDS] or able
    is_alone = len(pitched) == 1
    if len(able) != 1 or len(pitched) > _MOST_PLAYERS or (is_alone and slots[able[0]].program not in KEYBOARDS):
        return None
    for texture in TEXTURES:
        if not texture.styles.isdisjoint(styles) and texture.alone in (None, is_alone):
            return Accompanist(texture, able[0], slots[able[0]].program, None if is_alone else usual_lead(slots))
    return None


class _Hands:
    """One piece while its accompaniment is played.

    Args:
        as of `Accompanist.apply`.
    """

    def __init__(
        self,
        accompanist: Accompanist,
        piece: TokenPiece,
        form: Sequence[Section],
        chords: np.ndarray | None,
        *,
        closes: bool,
        is_given: bool,
    ) -> None:
        self.who, self.texture, self.piece = accompanist, accompanist.texture, piece
        self.form, self.is_given = form, is_given
        self.bars = [rows[rows[:, POSITION_FIELD] != BAR].astype(np.int64) for rows in _by_bar(piece)]
        lengths = [bar_length(int(n), int(d)) for n, d in piece.metres]
        self.starts = np.concatenate(([0], np.cumsum(lengths)))
        self.edges = half_bars(self.starts[:-1], piece.metres, int(self.starts[-1]))
        self.notes = self._notes()
        asked = None if chords is None else chords[: piece.num_bars].ravel()
        self.closes = closes and bool(form) and piece.num_bars == form[-1].start + form[-1].bars
        heard = self._moving(self._heard())
        self.chords = heard if asked is None else np.where(asked == NO_CHORD, heard, asked)
        instrument = INSTRUMENTS[accompanist.program]
        self.low = max(_LOWEST_BASS, instrument.low)
        self.lowest_chord = max(_LOWEST_CHORD, self.low + _HAND)
        self.bass, self.voicing = self.low + _BASS_SPAN // 2, ()
        self.melody = self._melody()

    def played(self) -> TokenPiece:
        """The piece with its accompaniment."""
        parts = []
        line = self.piece.steps[:1]
        for bar, (rows, melody) in enumerate(zip(self.bars, self.melody, strict=True)):
            own = rows[:, SLOT_FIELD] == self.who.slot
            others = np.concatenate((rows[~own], melody))
            new = np.concatenate((others, self._bar(bar, others, _loudness(rows[own], rows))))
            new = new[np.lexsort((new[:, PITCH_FIELD], new[:, SLOT_FIELD], new[:, POSITION_FIELD]))]
            again = (np.diff(new[:, : PITCH_FIELD + 1], axis=0) == 0).all(1)
            parts += [line, new[np.append(True, ~again)[: len(new)]]]
        return replace(self.piece, steps=np.concatenate(parts).astype(self.piece.steps.dtype))

    def _notes(self) -> np.ndarray:
        """Onset, length and pitch of all that has a pitch, and whose it is."""
        drums = [index for index, slot in enumerate(self.piece.slots) if slot.program == DRUMS]
        rows = [
            np.column_stack(
                (
                    start + own[:, POSITION_FIELD],
                    DURATIONS[own[:, DURATION_FIELD]],
                    own[:, PITCH_FIELD],
                    own[:, SLOT_FIELD],
                )
            )
            for start, own in zip(self.starts.tolist(), self.bars, strict=False)
        ]
        notes = np.concatenate(rows) if rows else np.zeros((0, 4), dtype=np.int64)
        return notes[~np.isin(notes[:, 3], drums)]

    def _heard(self) -> np.ndarray:
        """The chord of every half bar; where nothing sounds, the one before."""
        onset, length, pitch, _ = self.notes.T
        chords = find_chords(onset, length, pitch, self.edges, GRID_PER_QUARTER)
        known = np.flatnonzero(chords != NO_CHORD)
        if not len(known):
            return chords
        before = np.searchsorted(known, np.arange(len(chords)), side="right") - 1
        return chords[known[np.maximum(before, 0)]]

    def _moving(self, chords: np.ndarray) -> np.ndarray:
        """Chords none of which is heard for more than two bars: in the third comes another that suits the melody."""
        if not len(self.notes):
            return chords
        own = self.notes[:, 3] == self.who.lead if self.who.lead is not None else self.notes[:, 2] >= _LOW_MELODY
        key = find_key(np.bincount(self.notes[:, 2] % 12, self.notes[:, 1], minlength=12))
        moving, since = chords.copy(), 0
        for half in range(0, len(chords), 2):
            since = half if since < half and chords[half] != moving[half - 1] else since
            static = Chord.of(int(chords[half]))
            if static and half - since >= _LONGEST_HARMONY:
                begin, end = int(self.edges[half]), int(self.edges[half + 2])
                moving[half : half + 2] = another(self.notes[own, :3], begin, end, key, static).index
        return moving

    def _melody(self) -> list[np.ndarray]:
        """What the player had of the melody, bar by bar: alone all of it, else what a lead that rests may take."""
        own = self.notes[self.notes[:, 3] == self.who.slot]
        hands = [
            list(self._struck(bar, rows[rows[:, SLOT_FIELD] == self.who.slot], own))
            for bar, rows in enumerate(self.bars)
        ]
        usual = np.median([hand[-1, PITCH_FIELD] for bar in hands for hand in bar] or [_LOW_MELODY])
        kept = [
            np.concatenate(
                [self.bars[0][:0], *(hand for hand in bar if hand[-1, PITCH_FIELD] >= usual - _BELOW_MELODY)]
            )
            for bar in hands
        ]
        if not self.who.is_alone:
            return [self._taken(bar, rows) for bar, rows in enumerate(kept)]
        if usual < _LOW_MELODY and not self.is_given:
            for rows in kept:
                rows[:, PITCH_FIELD] += 12
        return kept

    def _struck(self, bar: int, rows: np.ndarray, own: np.ndarray) -> Iterator[np.ndarray]:
        """What is struck at each place of a bar that nothing much higher sounds over, as far as a hand reaches."""
        for position in np.unique(rows[:, POSITION_FIELD]).tolist():
            at = rows[rows[:, POSITION_FIELD] == position]
            now, top = self.starts[bar] + position, int(at[:, PITCH_FIELD].max())
            if top + _LITTLE >= own[(own[:, 0] < now) & (own[:, 0] + own[:, 1] > now), 2].max(initial=0):
                yield at[at[:, PITCH_FIELD] >= top - _HAND]

    def _taken(self, bar: int, melody: np.ndarray) -> np.ndarray:
        """The top notes of a melody for the lead, in its range, if it rests in this bar."""
        lead, start = self.who.lead, self.starts[bar]
        own = self.notes[self.notes[:, 3] == lead]
        if (
            lead is None
            or not len(melody)
            or ((own[:, 0] < start + self._length(bar)) & (own[:, 0] + own[:, 1] > start)).any()
        ):
            return melody[:0]
        line = melody[np.append(np.diff(melody[:, POSITION_FIELD]) > 0, True)].copy()
        instrument = INSTRUMENTS[self.piece.slots[lead].program]
        line[:, SLOT_FIELD] = lead
        usual = np.median(own[:, 2]) if len(own) else (instrument.low + instrument.high) / 2
        line[:, PITCH_FIELD] += 12 * round((usual - np.median(line[:, PITCH_FIELD])) / 12)
        within = (line[:, PITCH_FIELD] >= instrument.low) & (line[:, PITCH_FIELD] <= instrument.high)
        return line[within]

    def _length(self, bar: int) -> int:
        return int(self.starts[bar + 1] - self.starts[bar])

    def _bar(self, bar: int, beside: np.ndarray, loudness: int) -> np.ndarray:
        """What is played in a bar, beside the notes of a melody."""
        beats = beats_of(*(int(number) for number in self.piece.metres[bar]))
        length = self._length(bar)
        middle = int(self.edges[2 * bar + 1] - self.starts[bar])
        one, other = self.chords[2 * bar], self.chords[2 * bar + 1]
        change = middle if one != other and 0 < middle < length else None
        ceiling = min(
            max(int(beside[:, PITCH_FIELD].min(initial=127)) - 1, self.lowest_chord + _LEAST_SPAN), _HIGHEST_CHORD
        )
        rows: list[tuple[int, int, int, int, int]] = []
        for event in self._events(bar, beats, length, change):
            half = 2 * bar + int(change is not None and event.onset >= change)
            chord = Chord.of(int(self.chords[half]))
            if chord is None:
                continue
            end = event.onset + event.length
            if change is not None and event.onset < change:
                end = min(end, change)
            index = int(np.searchsorted(DURATIONS, end - event.onset, side="right")) - 1
            soft = 0 if event.symbol in "br" else 1
            for pitch in self._pitches(event.symbol, half, chord, ceiling):
                rows.append((event.onset, self.who.slot, pitch, index, max(loudness - soft, 2)))
        return np.array(rows, dtype=np.int64).reshape(-1, 5)

    def _events(self, bar: int, beats: tuple[int, ...], length: int, change: int | None) -> list[Event]:
        """The figure of a bar, in grid units, with the bass wherever the chord is new."""
        if self.closes and bar == len(self.bars) - 1:
            return [Event(0, length, "b"), Event(0, length, "x")]
        section = next((one for one in self.form if one.start <= bar < one.start + one.bars), self.form[-1])
        names = list(dict.fromkeys(one.name for one in self.form))
        figure = self.texture.figures[names.index(section.name) % len(self.texture.figures)]
        pattern = alternatives(figure)[0]
        events = [
            Event(event.onset // GRID_TICKS, event.length // GRID_TICKS, event.symbol)
            for event in fit(pattern, bar - section.start, self.texture.home, beats)
            if event.symbol != HOLD
        ]
        if change is None:
            return events
        first = next((event for event in events if event.onset >= change), None)
        new = "r" if "r" in pattern else "c" if "c" in pattern else "b"
        if first is None or first.onset > change:
            events.append(Event(change, (first.onset if first else length) - change, new))
        return sorted(event._replace(symbol=new) if event.onset == change else event for event in events)

    def _pitches(self, symbol: str, half: int, chord: Chord, ceiling: int) -> tuple[int, ...]:
        if symbol in "br":
            self.bass = self._bass(half, chord)
            return (self.bass,)
        if symbol == "f":
            fifth = (chord.root + QUALITIES[chord.quality][2]) % 12
            options = [pitch for pitch in range(self.low, self.low + _BASS_SPAN + 5) if pitch % 12 == fifth]
            return (min(options, key=lambda pitch: abs(pitch - self.bass + 3)),)
        if symbol == "o":
            return (self.bass + 12,)
        if symbol in _ABOVE_BASS:
            wanted = chord.pitch_classes[_ABOVE_BASS[symbol]]
            above = self.bass + (12 if symbol in "tw" else 1)
            pitch = above + (wanted - above) % 12
            return (pitch - 12 if pitch > ceiling and pitch - 12 > self.bass else pitch,)
        high = max(ceiling, self.lowest_chord + _LEAST_SPAN)
        tones = chord.pitch_classes[:3] if symbol != "x" or len(chord.pitch_classes) == 3 else chord.pitch_classes
        self.voicing = voice(tones, self.voicing, self.lowest_chord, high, 3)
        if symbol == "x":
            return self.voicing
        return (self.voicing["cmh".index(symbol)],)

    def _bass(self, half: int, chord: Chord) -> int:
        """The lowest note of the harmony, if it belongs to it, near the last bass."""
        begin, end = self.edges[half], self.edges[half + 1]
        sounding = self.notes[(self.notes[:, 0] < end) & (self.notes[:, 0] + self.notes[:, 1] > begin)]
        lowest = int(sounding[:, 2].min(initial=127)) if len(sounding) else 127
        wanted = lowest % 12 if lowest < 60 and lowest % 12 in chord.pitch_classes[:3] else chord.root
        options = [pitch for pitch in range(self.low, self.low + _BASS_SPAN) if pitch % 12 == wanted]
        return min(options, key=lambda pitch: abs(pitch - self.bass))


def _by_bar(piece: TokenPiece) -> list[np.ndarray]:
    lines = [*np.flatnonzero(piece.steps[:, POSITION_FIELD] == BAR).tolist(), len(piece.steps)]
    return [piece.steps[first:last] for first, last in pairwise(lines)]


def _loudness(own: np.ndarray, rows: np.ndarray) -> int:
    """Of an accompaniment: a little below what was composed."""
    heard = own if len(own) else rows
    return max(int(np.median(heard[:, VELOCITY_FIELD])) - 1, 2) if len(heard) else 7
