"""Imitation: a subject, its answer at the fifth, and voices that enter one after the other, for fugue and invention.

The subject is drawn by rule, its answer is real but where its head has the dominant, which the tonic answers (tonal);
what voices do that have neither is the cheapest line by the rules of two-part counterpoint (consonance on beats,
dissonance by step, contrary motion, no parallel fifths and octaves: Fux, "Gradus ad Parnassum", 1725), as is found by
dynamic programming. From the exposition on the model composes, and once the subject comes again, in the bass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from menura.score.arranger.patterns import beats_of
from menura.score.arranger.plan import drawn
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import Key
from menura.score.steps.grammar import chord_size
from menura.score.steps.tokens import (
    DRUMS,
    DURATIONS,
    GRID_PER_QUARTER,
    GRID_TICKS,
    Slot,
    bar_length,
)

Line = list[tuple[int, int, int]]
"""Onset from the beginning, length (both in twelfths of a quarter) and pitch of notes, one after the other."""

_STYLES = {"fugue": 3, "invention": 2}
"""What is imitated in, and in how many voices where nobody says."""
_BARS_OF_SUBJECT = {"fugue": 2, "invention": 1}
_CENTRES = {2: (74, 55), 3: (74, 66, 50), 4: (76, 68, 59, 46)}
"""Of voices from above."""
_ORDERS = {2: (0, 1), 3: (1, 0, 2), 4: (1, 0, 2, 3)}
_COMPASS = 11
_HEADS = {12: ((12,), (12,), (6, 6)), 18: ((12, 6), (18,))}
_TAILS = {12: ((6, 6), (6, 3, 3), (3, 3, 6), (3, 3, 3, 3)), 18: ((6, 6, 6), (6, 3, 3, 6), (12, 6))}
"""Lengths of notes in a beat of the subject's first half and of its second."""
_OPENINGS = ((0, 4, 5), (4, 0, 2), (0, 2, 4), (0, 4, 3), (4, 2, 0))
"""The first degrees of a subject, steps of the scale above the tonic."""
_FIFTH, _FOURTH = 7, 5
_LOUD = 9
_PERFECT, _CONSONANT = (0, 7), (0, 3, 4, 7, 8, 9)
_DISSONANT, _ON_BEAT, _PARALLEL, _CROSSED, _SIMILAR = 6.0, 3.0, 15.0, 8.0, 0.7
_STILL, _BARE = 2.5, 1.5
_AGAIN_AT = 0.6


@dataclass(frozen=True)
class Exposition:
    """Bars that are written by rule.

    Attributes:
        kind: ``"fugue"`` or ``"invention"``.
        bars: bar -> its rows, as `menura.score.steps.tokens` has them, sounding.
        entries: what enters where, in words.
    """

    kind: str
    bars: dict[int, np.ndarray]
    entries: tuple[str, ...]

    def told(self) -> str:
        """What is said of it before."""
        return f"{self.kind} by rule: {', '.join(self.entries)} (band=model leaves it out)"


def exposition_of(
    kind: str, slots: Sequence[Slot], key: Key, metre: tuple[int, int], bars: int, voices: int | None, seed: int
) -> Exposition | None:
    """The beginning of a fugue or an invention, and the subject's return; None where there is no room, or nobody plays.

    Args:
        kind: of either.
        slots: the players: one who has all voices, or one for each.
        key, metre, bars: of the piece.
        voices: how many; None: as usual.
        seed: of the subject.
    """
    if kind not in _STYLES or any(slot.program == DRUMS for slot in slots):
        return None
    count = len(slots) if len(slots) > 1 else voices or _STYLES[kind]
    if count not in _ORDERS or (len(slots) == 1 and chord_size(slots[0].program) < count):
        return None
    length, long = bar_length(*metre), _BARS_OF_SUBJECT[kind]
    if bars < 2 * count * long:
        return None
    writer = _Writer(key, [beat // GRID_TICKS for beat in beats_of(*metre)] * long, count, drawn(seed, kind))
    order, subject = _ORDERS[count], writer.subject()
    answers = [number % 2 == 1 and kind == "fugue" for number in range(count)]
    lines: list[list[Line]] = []
    for number, voice in enumerate(order):
        lines.append(writer.part(subject, voice, order[:number], lines[-1] if lines else None, answers[number]))
    names = [
        f"{'answer' if is_answer else 'subject'} bar {1 + number * long}" for number, is_answer in enumerate(answers)
    ]
    placed = [(number * long, part) for number, part in enumerate(lines)]
    again = int(bars * _AGAIN_AT)
    if count * long <= again and again + long < bars - 1:
        placed.append((again, writer.part(subject, count - 1, order[: count - 1], None, False)))
        names.append(f"subject bar {again + 1}")
    return Exposition(kind, _rows(placed, slots, length, long), tuple(names))


class _Writer:
    """Writes lines of so many beats.

    Args:
        key: of the piece.
        beats: lengths of beats.
        count: of voices.
        rng: draws the subject.
    """

    def __init__(self, key: Key, beats: Sequence[int], count: int, rng: np.random.Generator) -> None:
        self.key, self.beats, self.centres, self.rng = key, beats, _CENTRES[count], rng
        self.starts = np.concatenate(([0], np.cumsum(beats))).tolist()
        self.scale = sorted((tone - key.tonic) % 12 for tone in key.scale)

    def subject(self) -> Line:
        """A head of long notes that leaps, and a tail of short ones that steps back; it ends on the third or tonic."""
        rhythm: list[tuple[int, int]] = []
        for number, (start, beat) in enumerate(zip(self.starts, self.beats, strict=False)):
            cells = (_HEADS if 2 * number < len(self.beats) else _TAILS).get(beat, ((beat,),))
            at = start
            for length in cells[int(self.rng.integers(len(cells)))]:
                rhythm.append((at, length))
                at += length
        head = _OPENINGS[int(self.rng.integers(len(_OPENINGS)))]
        degrees = list(head[: len(rhythm)])
        aim = int(self.rng.choice((0, 2)))
        while len(degrees) < len(rhythm):
            left, now = len(rhythm) - len(degrees), degrees[-1]
            options = [step for step in (-2, -1, 1, 2, -3, 3) if -2 <= now + step <= 7]
            weight = np.array([4.0 if abs(step) == 1 else 1.0 if abs(step) == 2 else 0.4 for step in options])
            weight *= [1.0 if abs(now + step - aim - 1) <= left else 0.02 for step in options]
            if len(degrees) > 1 and abs(degrees[-1] - degrees[-2]) > 1:  # a leap is answered by a step back
                back = -np.sign(degrees[-1] - degrees[-2])
                weight *= [3.0 if step == back else 0.3 for step in options]
            degrees.append(now + options[int(self.rng.choice(len(options), p=weight / weight.sum()))])
        degrees[-1] = aim + (1 if degrees[-2] == aim else 0)
        pitches = [self.key.tonic + 12 * (degree // 7) + self.scale[degree % 7] for degree in degrees]
        for place in range(len(pitches) - 1):  # in minor the seventh leads to the tonic above it
            if pitches[place + 1] % 12 == self.key.tonic and pitches[place] == pitches[place + 1] - 2:
                pitches[place] += 1
        return [(onset, length, pitch) for (onset, length), pitch in zip(rhythm, pitches, strict=True)]

    def part(
        self, subject: Line, voice: int, earlier: Sequence[int], before: Sequence[Line] | None, is_answer: bool
    ) -> list[Line]:
        """All voices, from above, while one of them has the subject or its answer and those that entered earlier go
        on from where they stood."""
        lines: list[Line] = [[] for _ in self.centres]
        lines[voice] = _near(self._answer(subject) if is_answer else subject, self.centres[voice])
        tones = {(tone + (_FIFTH if is_answer else 0)) % 12 for tone in self.key.scale}
        if self.key.mode == "minor":
            tones |= {(self.key.tonic + 11 + (_FIFTH if is_answer else 0)) % 12}
        for other in sorted(earlier, key=lambda one: abs(one - voice)):
            last = before[other][-1][2] if before and before[other] else self.centres[other]
            lines[other] = self._line(other, last, lines, tones)
        return lines

    def _answer(self, subject: Line) -> Line:
        """A fifth above, but the dominants at the head, which the tonic answers."""
        dominant, head = (self.key.tonic + _FIFTH) % 12, self.starts[(len(self.starts) - 1) // 4] + GRID_PER_QUARTER
        return [
            (onset, length, pitch + (_FOURTH if pitch % 12 == dominant and onset < head else _FIFTH))
            for onset, length, pitch in subject
        ]

    def _rhythm(self, lines: Sequence[Line]) -> list[tuple[int, int]]:
        """Quarters where others are busy, eighths where nobody is."""
        found = []
        for start, beat in zip(self.starts, self.beats, strict=False):
            busiest = max(sum(start <= onset < start + beat for onset, _, _ in line) for line in lines)
            if busiest > 1 or beat % 2:
                found.append((start, beat))
            else:
                found += [(start, beat // 2), (start + beat // 2, beat - beat // 2)]
        return found

    def _line(self, voice: int, last: int, lines: Sequence[Line], tones: set[int]) -> Line:
        """The cheapest line of a voice against the others that sound."""
        rhythm, centre = self._rhythm(lines), self.centres[voice]
        pitches = np.array([p for p in range(centre - _COMPASS, centre + _COMPASS + 1) if p % 12 in tones])
        moves = np.abs(pitches[None] - pitches[:, None])
        walking = np.select([moves == 0, moves <= 2, moves <= 4], [_STILL, 0.0, 1.0], 0.6 * moves - 1.0)
        total = np.abs(pitches - last) * 0.5 + 0.0
        came_from, was = [], [None] * len(lines)
        for number, (onset, _) in enumerate(rhythm):
            now = [_sounding(line, onset) for line in lines]
            cost = self._against(voice, pitches, now, onset) + 0.04 * np.abs(pitches - centre)
            if not number:
                total = total + cost
            else:
                step = walking + self._moved(pitches, was, now)
                both = total[:, None] + step
                came_from.append(both.argmin(0))
                total = both.min(0) + cost
            was = now
        places = [int(total.argmin())]
        for back in reversed(came_from):
            places.append(int(back[places[-1]]))
        return [
            (onset, length, int(pitches[place]))
            for (onset, length), place in zip(rhythm, reversed(places), strict=True)
        ]

    def _against(self, voice: int, pitches: np.ndarray, now: Sequence[int | None], onset: int) -> np.ndarray:
        """What each pitch costs beside those that sound."""
        cost = np.zeros(len(pitches))
        for other, pitch in enumerate(now):
            if pitch is None or other == voice:
                continue
            apart = np.abs(pitches - pitch) % 12
            harsh = ~np.isin(apart, _CONSONANT)
            cost += harsh * (_DISSONANT + (_ON_BEAT if onset in self.starts else 0.0)) + _BARE * np.isin(
                apart, _PERFECT
            )
            cost += _CROSSED * ((pitches >= pitch) if other < voice else (pitches <= pitch))
        return cost

    def _moved(self, pitches: np.ndarray, was: Sequence[int | None], now: Sequence[int | None]) -> np.ndarray:
        """What it costs to go from each pitch to each other while others go on."""
        cost = np.zeros((len(pitches), len(pitches)))
        step = pitches[None] - pitches[:, None]
        for one, two in zip(was, now, strict=True):
            if one is None or two is None or one == two:
                continue
            apart, before = (pitches[None] - two) % 12, (pitches[:, None] - one) % 12
            cost += _PARALLEL * ((step != 0) & (apart == before) & np.isin(apart, (0, 5, 7)))
            cost += _SIMILAR * (np.sign(step) == np.sign(two - one))
        return cost


def _sounding(line: Line, at: int) -> int | None:
    return next((pitch for onset, length, pitch in line if onset <= at < onset + length), None)


def _near(line: Line, centre: int) -> Line:
    """A line in the octave in which it lies nearest to a pitch."""
    shift = 12 * round((centre - float(np.mean([pitch for _, _, pitch in line]))) / 12)
    return [(onset, length, pitch + shift) for onset, length, pitch in line]


def _within(line: Line, low: int, high: int) -> Line:
    """A line by octaves within a range; if it is wider than that, single notes of it."""
    pitches = [pitch for _, _, pitch in line]
    up = 12 * -(min(min(pitches, default=low) - low, 0) // 12)
    down = 12 * -(min(high - max(pitches, default=high), 0) // 12)
    moved = [(onset, length, pitch + up - down) for onset, length, pitch in line]
    return [(onset, length, pitch + 12 * (pitch < low) - 12 * (pitch > high)) for onset, length, pitch in moved]


def _rows(
    placed: Sequence[tuple[int, Sequence[Line]]], slots: Sequence[Slot], length: int, long: int
) -> dict[int, np.ndarray]:
    """Parts as the rows of their bars."""
    found: dict[int, list[tuple[int, int, int, int, int]]] = {}
    for first, lines in placed:
        for bar in range(first, first + long):
            found[bar] = []
        for voice, line in enumerate(lines):
            slot = len(slots) - 1 - voice if len(slots) > 1 else 0
            instrument = INSTRUMENTS[slots[slot].program]
            for onset, lasts, pitch in _within(line, instrument.low, instrument.high):
                index = int(np.searchsorted(DURATIONS, lasts, side="right")) - 1
                found[first + onset // length].append((onset % length, slot, pitch, index, _LOUD))
    rows = {bar: sorted({row[:3]: row for row in notes}.values()) for bar, notes in found.items()}
    return {bar: np.array(notes, dtype=np.int64).reshape(-1, 5) for bar, notes in rows.items()}
