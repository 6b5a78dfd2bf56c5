"""Those who play chords: keys, guitars, sections, pads."""

from __future__ import annotations

from collections.abc import Sequence

from menura.score.arranger.bass import Row
from menura.score.arranger.patterns import HOLD, Event, alternatives, fit
from menura.score.arranger.plan import Bar, choose, drawn
from menura.score.arranger.style import Style, level_of
from menura.score.arranger.voicings import tones_of, voice
from menura.score.harmony import QUALITIES, Chord
from menura.score.instruments import INSTRUMENTS

_CENTRE, _BRIGHTER, _REACH = 59, 5, 9
_LOUD = {"X": 100, "x": 80, "o": 62, "N": 92, "d": 82, "u": 70, "m": 44, "t": 78, "p": 88, "q": 84, "r": 84}
_BASS_LOUD, _SINGLE_LOUD, _PAD_LOUD = 84, 72, 58
_LEAST_RESTRIKE = 240
_STRUM = 9
"""Ticks between the strings of a strum."""
_BASS_LOW, _POWER_LOW = 36, 40
_PAD_BARS = 2
_STEPS_ABOVE_ROOT = {"p": None, "q": 9, "r": 10}


class Comper:
    """Plays bars in order, each chord near the last.

    Args:
        role: ``"comp"``, ``"comp2"`` or ``"pad"``.
        scale: pitch classes of the key.
        ceiling: the highest pitch.
    """

    def __init__(self, style: Style, role: str, program: int, scale: frozenset[int], ceiling: int, seed: int) -> None:
        self.style, self.role, self.scale, self.seed = style, role, scale, seed
        self.rng = drawn(seed, role)
        instrument = INSTRUMENTS[program]
        centre = _CENTRE + (_BRIGHTER if style.bright else 0) + (4 if role == "comp2" else 0)
        centre += int(self.rng.integers(-1, 2))
        self.high = min(centre + _REACH, ceiling, instrument.high)
        self.low = max(min(centre - _REACH, self.high - 17), instrument.low)
        self.high = max(self.high, self.low + 15)
        self.bass_low = max(_BASS_LOW, instrument.low)
        self.power_low = max(_POWER_LOW, instrument.low)
        self.voicing: tuple[int, ...] = ()
        self.rows: list[Row] = []

    def play(self, bars: Sequence[Bar]) -> list[Row]:
        patterns = self.style.comp2 if self.role == "comp2" else self.style.comp
        for bar in bars:
            if bar.is_last:
                for onset, length in bar.ending(self.style.ending):
                    if chord := bar.chord_at(onset):
                        self._add(bar, onset, length, self._voiced(chord), 96)
            elif self.role == "pad" or not patterns:
                self._pad(bar)
            elif self.role == "comp" or not bar.rests(self.style.comp2_from):
                self._bar(bar, patterns)
        return self.rows

    def _bar(self, bar: Bar, patterns: Sequence[str]) -> None:
        level = level_of(bar.phrase_energy, len(patterns))
        options = patterns[level].split("/")
        layers = choose(options, self.seed, self.role, bar.section, level).strip().split("\n")
        for layer in layers:
            pattern = alternatives(layer)[0]
            for event in fit(pattern, bar.place, self.style.home, bar.beats):
                if event.symbol == HOLD:
                    self._hold(bar, event)
                else:
                    self._event(bar, event, "p" in pattern)

    def _hold(self, bar: Bar, event: Event) -> None:
        """What sounded at the bar line goes on, if its chord does."""
        chord = bar.chord_at(0)
        if chord is None:
            return
        length = bar.change_in(0, event.length) or event.length
        tones = tones_of(chord, self.scale, self.style.colour)
        held = [n for n, row in enumerate(self.rows[-8:], max(len(self.rows) - 8, 0)) if sum(row[:2]) == bar.start]
        if held and all(self.rows[n][2] % 12 in tones for n in held):
            for n in held:
                onset, _, pitch, loud = self.rows[n]
                self.rows[n] = (onset, bar.start + length - onset, pitch, loud)
        else:
            self._add(bar, 0, length, self._voiced(chord), _LOUD["x"])

    def _event(self, bar: Bar, event: Event, is_power: bool) -> None:
        symbol, onset = event.symbol, event.onset
        early = symbol == "N"
        chord = (bar.chord_after(onset) if early else None) or bar.chord_at(onset)
        if chord is None:
            return
        change = None if early else bar.change_in(onset, event.length)
        length = event.length if change is None else change - onset
        self._strike(bar, onset, length, symbol, chord, is_power)
        after = bar.chord_at(change) if change is not None else None
        if change is not None and after and event.length - length >= _LEAST_RESTRIKE:
            self._strike(bar, change, event.length - length, "b" if symbol in "bf" else symbol, after, is_power)

    def _strike(self, bar: Bar, onset: int, length: int, symbol: str, chord: Chord, is_power: bool) -> None:
        loud = _LOUD.get(symbol, _SINGLE_LOUD)
        if symbol in "bf":
            fifth = QUALITIES[chord.quality][2] if symbol == "f" and bar.chord_at(onset) == bar.chord_at(0) else 0
            pitch = self.bass_low + (chord.root - self.bass_low) % 12 + fifth
            self._add(bar, onset, length, (pitch - (12 if pitch - 12 >= self.bass_low else 0),), _BASS_LOUD)
        elif symbol in "pqr" or (is_power and symbol in "Xx"):
            root = self.power_low + (chord.root - self.power_low) % 12
            second = _STEPS_ABOVE_ROOT.get(symbol) or QUALITIES[chord.quality][2]
            pitches = (root, root + second) if symbol in "qr" else (root, root + second, root + 12)
            self._add(bar, onset, length, pitches, loud)
        elif symbol in "dum":
            strings = self._voiced(chord, strummed=True)
            strings = strings if symbol == "d" else strings[-3:]
            if symbol == "m":
                length //= 2
            self._add(bar, onset, length, strings[::-1] if symbol == "u" else strings, loud, _STRUM)
        elif symbol.isdigit():
            octaves, place = divmod(int(symbol) - 1, len(voicing := self._voiced(chord)))
            pitch = voicing[place] + 12 * octaves
            self._add(bar, onset, length, (pitch - 12 if pitch > self.high + 1 else pitch,), loud)
        else:
            voicing = self._voiced(chord)
            self._add(bar, onset, length, voicing[-2:] if symbol == "t" else voicing, loud)

    def _pad(self, bar: Bar) -> None:
        """Long chords: struck where they change, and every other bar."""
        for onset, length, chord in bar.spans():
            if chord is None:
                continue
            sounding = self.rows and sum(self.rows[-1][:2]) == bar.start + onset
            tones = tones_of(chord, self.scale, min(self.style.colour, 1))
            count = len(self.voicing)
            if sounding and onset == 0 and bar.place % _PAD_BARS and self._is(tones):
                for n in range(len(self.rows) - count, len(self.rows)):
                    start, held, pitch, loud = self.rows[n]
                    self.rows[n] = (start, held + length, pitch, loud)
            else:
                self._add(bar, onset, length, self._voiced(chord), _PAD_LOUD)

    def _is(self, tones: tuple[int, ...]) -> bool:
        return bool(self.voicing) and {pitch % 12 for pitch in self.voicing} == set(tones)

    def _voiced(self, chord: Chord, strummed: bool = False) -> tuple[int, ...]:
        colour = min(self.style.colour, 1) if self.role == "pad" else self.style.colour
        tones = tones_of(chord, self.scale, colour)
        count = max(min(len(tones), 4), 4 if strummed else 3)
        self.voicing = voice(tones, self.voicing, self.low, self.high, count)
        return self.voicing

    def _add(self, bar: Bar, onset: int, length: int, pitches: Sequence[int], loud: int, strum: int = 0) -> None:
        level = loud * (0.7 + 0.3 * bar.energy) + int(self.rng.integers(-3, 4))
        for number, pitch in enumerate(pitches):
            late = min(number * strum, length // 2)
            self.rows.append((bar.start + onset + late, length - late, pitch, int(level) - 2 * (number % 2)))
