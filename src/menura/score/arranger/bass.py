"""The bass player."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from menura.score.arranger.patterns import HOLD, alternatives, fit
from menura.score.arranger.plan import Bar, choose, drawn
from menura.score.arranger.style import Style, level_of
from menura.score.harmony import QUALITIES, Chord
from menura.score.instruments import INSTRUMENTS

LOWEST, HIGHEST = 28, 57
_RESTS_BELOW = 0.08
_LOUD, _SOFT = 96, 40
_LEAST_RESTRIKE = 240

Row = tuple[int, int, int, int]


class Bassist:
    """Plays bars in order, and knows the last note.

    Args:
        style: its `bass` is played.
        program: General MIDI's.
        scale: pitch classes of the key.
    """

    def __init__(self, style: Style, program: int, scale: frozenset[int], seed: int) -> None:
        self.style, self.scale, self.seed = style, scale, seed
        self.rng = drawn(seed, "bass")
        instrument = INSTRUMENTS[program]
        self.low = max(LOWEST, instrument.low) + int(self.rng.integers(3))
        self.high = max(min(HIGHEST, instrument.high), self.low + 12)
        self.rows: list[Row] = []
        self.pitch = 0

    def play(self, bars: Sequence[Bar]) -> list[Row]:
        for bar in bars:
            if bar.is_last:
                for onset, length in bar.ending(self.style.ending):
                    if chord := bar.chord_at(onset):
                        self._add(bar, onset, length, self.root(chord), _LOUD + 8)
            elif not bar.rests(_RESTS_BELOW):
                self._bar(bar)
        return self.rows

    def root(self, chord: Chord) -> int:
        return self.low + (chord.root - self.low) % 12

    def _bar(self, bar: Bar) -> None:
        level = level_of(bar.phrase_energy, len(self.style.bass))
        pattern = choose(alternatives(self.style.bass[level]), self.seed, "bass", bar.section, level)
        events = fit(pattern, bar.place, self.style.home, bar.beats)
        for number, event in enumerate(events):
            chord = bar.chord_at(event.onset)
            if chord is None:
                continue
            if event.symbol == HOLD and self._goes_on(bar, chord):
                self.rows[-1] = (self.rows[-1][0], bar.start + event.length - self.rows[-1][0], *self.rows[-1][2:])
                continue
            symbol = "1" if event.symbol == HOLD or self._must_be_root(bar, event.onset, event.symbol) else event.symbol
            following = events[number + 1].onset if number + 1 < len(events) else bar.length
            pitch = self._pitch(bar, event.onset, following, symbol, chord)
            change = bar.change_in(event.onset, event.length)
            length = event.length if change is None else change - event.onset
            strength = _SOFT if symbol == "x" else _LOUD + (8 if event.onset == 0 else 0)
            self._add(bar, event.onset, length // 2 if symbol == "x" else length, pitch, strength)
            rest = event.length - length
            after = bar.chord_at(change) if change is not None else None
            if change is not None and after and rest >= _LEAST_RESTRIKE:
                self._add(bar, change, rest, self.root(after), _LOUD)

    def _goes_on(self, bar: Bar, chord: Chord) -> bool:
        """Whether the last note sounds up to this bar and belongs to its chord."""
        if not self.rows:
            return False
        onset, length, pitch, _ = self.rows[-1]
        return onset + length == bar.start and pitch % 12 in chord.pitch_classes

    def _must_be_root(self, bar: Bar, onset: int, symbol: str) -> bool:
        """A new chord within the bar begins with its root, whatever the pattern has there."""
        return onset > 0 and symbol in "35678f" and any(start == onset for start, _ in bar.chords)

    def _add(self, bar: Bar, onset: int, length: int, pitch: int, strength: int) -> None:
        loud = strength * (0.72 + 0.28 * bar.energy) + self.rng.integers(-3, 4)
        self.rows.append((bar.start + onset, length, pitch, int(loud)))
        self.pitch = pitch

    def _pitch(self, bar: Bar, onset: int, following: int, symbol: str, chord: Chord) -> int:
        after = bar.chord_after(onset) or chord
        if symbol == "w":
            return self._walk(bar, onset, following, chord, after)
        if symbol == "n":
            return self.root(bar.following or chord)
        if symbol == "a":
            return self._approach(self.root(after), self.pitch or self.root(chord))
        root, tones = self.root(chord), list(QUALITIES[chord.quality])
        steps = {
            "2": 2 if (chord.root + 2) % 12 in self.scale else 1,
            "3": tones[1],
            "4": 5,
            "5": tones[2],
            "6": 9 if (chord.root + 9) % 12 in self.scale or (chord.root + 8) % 12 not in self.scale else 8,
            "7": tones[3] if len(tones) > 3 else 10 if (chord.root + 10) % 12 in self.scale else 11,
            "8": 12,
            "f": tones[2] - 12,
        }
        return self._within(root + steps.get(symbol, 0))

    def _within(self, pitch: int) -> int:
        while pitch > self.high:
            pitch -= 12
        while pitch < self.low - 2:
            pitch += 12
        return pitch

    def _approach(self, target: int, current: int) -> int:
        """A step from the target, of the scale where it has one, from the side that is nearer."""
        steps = [step for step in (-1, 1, -2, 2) if (target + step) % 12 in self.scale] or [-1]
        steps = [step for step in steps if target + step >= self.low - 2] or [1]
        return target + min(steps, key=lambda step: (abs(target + step - current) < 1, abs(target + step - current)))

    def _walk(self, bar: Bar, onset: int, following: int, chord: Chord, after: Chord) -> int:
        """Roots where chords begin, leading notes where they end, chord and scale tones on the way."""
        begins = any(start == onset for start, _ in bar.chords)
        ends = bar.change_in(onset, following - onset + 1) is not None or following >= bar.length
        root = self.root(chord)
        if begins:
            again = root if root != self.pitch else self._within(root + 12)
            return root if self.rng.random() < 0.8 else again
        if ends and after != chord:
            return self._approach(self.root(after), self.pitch)
        strong = onset * 2 == bar.length
        pool = set(chord.pitch_classes) if strong else set(chord.pitch_classes) | self.scale
        near = [
            pitch
            for pitch in range(self.low, min(self.high, self.low + 20) + 1)
            if pitch % 12 in pool and pitch != self.pitch and abs(pitch - self.pitch) <= 7
        ]
        if not near:
            return root
        target = self.root(after) + (12 if self.pitch < self.low + 7 else 0)
        cost = np.array([abs(pitch - target) + 1.5 * abs(abs(pitch - self.pitch) - 2) for pitch in near], dtype=float)
        cost += [0 if pitch % 12 in chord.pitch_classes else 1.5 for pitch in near]
        weight = np.exp(-(cost - cost.min()) / 2)
        return int(near[int(self.rng.choice(len(near), p=weight / weight.sum()))])
