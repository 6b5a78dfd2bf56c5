"""The drummer: a pattern that returns, varies a little, and leads from section to section."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from menura.score.arranger.bass import Row
from menura.score.arranger.fills import FILLS, LETTERS, PIECES
from menura.score.arranger.patterns import alternatives, beat_steps, fit
from menura.score.arranger.plan import Bar, choose, drawn
from menura.score.arranger.style import Style, level_of
from menura.score.notes import TICKS_PER_QUARTER

_RESTS_BELOW = 0.12
_LOUD = {"X": 112, "x": 94, "o": 68, "g": 38}
_LENGTH = TICKS_PER_QUARTER // 4
_CYMBALS = ("hat", "pedal", "open", "ride", "bell", "china")
_KEEPS_TIME = {*_CYMBALS, "shaker", "tamb", "guiro", "guiro2", "claves", "triangle", "clap", "conga", "conga_mute"}
_GOES_ON_IN_FILLS = {"kick", "pedal", "shaker", "tamb", "conga", "conga_mute", "claves", "guiro", "guiro2", "cowbell"}
_FROM_BUILD = 0.2
"""How much louder the next section has to be, for machines to build up to it."""

Hits = dict[tuple[int, str], str]
"""Onset in the bar and piece -> strength."""


@cache
def lines_of(level: str) -> dict[str, tuple[str, ...]]:
    """A level of a style's drums: piece -> alternatives."""
    rows = (line.split(maxsplit=1) for line in level.splitlines())
    return {piece: alternatives(patterns) for piece, patterns in rows}


class Drummer:
    """Plays bars in order.

    Args:
        style: its `drums` and `fills` are played.
    """

    def __init__(self, style: Style, seed: int) -> None:
        self.style, self.seed = style, seed
        self.rng = drawn(seed, "drums")
        self.rows: list[Row] = []

    def play(self, bars: Sequence[Bar]) -> list[Row]:
        if not self.style.drums:
            return []
        for bar in bars:
            if bar.is_last:
                self._end(bar)
            elif not bar.rests(_RESTS_BELOW):
                hits = self._groove(bar)
                self._vary(bar, hits)
                self._lead_on(bar, hits)
                self._crash(bar, hits)
                self._add(bar, hits)
        return self.rows

    def _groove(self, bar: Bar) -> Hits:
        level = level_of(bar.phrase_energy, len(self.style.drums))
        lines = lines_of(self.style.drums[level])
        if bar.is_light and (light := {piece: lines[piece] for piece in lines if piece in _KEEPS_TIME}):
            lines = light
        hits: Hits = {}
        for piece, patterns in lines.items():
            pattern = choose(patterns, self.seed, "drums", bar.section, level, piece)
            for event in fit(pattern, bar.place, self.style.home, bar.beats):
                hits[event.onset, piece] = event.symbol
        return hits

    def _vary(self, bar: Bar, hits: Hits) -> None:
        """A small change in the last bar of four, and another in every second, the same whenever the section is."""
        rng = drawn(self.seed, "vary", bar.section, bar.place % 4)
        sixteenth = bar.beats[-1] // (4 if bar.beats[-1] == TICKS_PER_QUARTER else 6)
        end = bar.length
        if bar.is_light or bar.place % 2 == 0 or rng.random() > (0.75 if bar.place % 4 == 3 else 0.4):
            return
        kind = int(rng.integers(3))
        if kind == 0 and (end - 2 * sixteenth, "hat") in hits:
            del hits[end - 2 * sixteenth, "hat"]
            hits[end - 2 * sixteenth, "open"] = "x"
        elif kind == 1 and any(piece == "snare" for _, piece in hits):
            hits.setdefault((end - sixteenth, "snare"), "g")
        elif any(piece == "kick" for _, piece in hits) and bar.phrase_energy > 0.3:
            hits.setdefault((end - (sixteenth if self.style.human else 2 * sixteenth), "kick"), "o")

    def _lead_on(self, bar: Bar, hits: Hits) -> None:
        louder = bar.after is not None and bar.after - bar.phrase_energy >= _FROM_BUILD
        to_end = bar.section_bars - bar.place
        if self.style.fills == "roll" and louder and to_end <= bar.section_bars // 4 and to_end <= 2:
            return self._build(bar, hits, is_last=to_end == 1)
        beats = self._fill_beats(bar, louder)
        if beats and FILLS[self.style.fills]:
            self._fill(bar, hits, beats)
        return None

    def _fill_beats(self, bar: Bar, louder: bool) -> int:
        """How many beats of this bar are a fill."""
        count, energy = len(bar.beats), bar.phrase_energy
        rng = drawn(self.seed, "fill", bar.section, bar.place)
        half = (count + 1) // 2
        if bar.is_light and not bar.closes_section:
            return 0
        if bar.closes_section:
            if energy > 0.6 and (louder or rng.random() < 0.4):
                return count
            return half if energy > 0.35 or louder else 1
        if bar.place % 8 == 7:
            return half if energy > 0.5 else 1
        if bar.place % 4 == 3 and rng.random() < energy:
            return 1
        return 0

    def _fill(self, bar: Bar, hits: Hits, beats: int) -> None:
        cells = choose(FILLS[self.style.fills], self.seed, "cells", bar.section, bar.place).split()
        count = len(bar.beats)
        start = sum(bar.beats[: count - beats])
        for onset, piece in [key for key in hits if key[0] >= start and key[1] not in _GOES_ON_IN_FILLS]:
            del hits[onset, piece]
        for beat in range(count - beats, count):
            cell = cells[len(cells) - 1 - (count - 1 - beat) % len(cells)]
            for at, letter in beat_steps(cell, TICKS_PER_QUARTER, bar.beats[beat], bar.beats):
                if letter in LETTERS:
                    piece, strength = LETTERS[letter]
                    hits[start + at, piece] = strength
            start += bar.beats[beat]

    def _build(self, bar: Bar, hits: Hits, is_last: bool) -> None:
        """A roll that grows closer; the kick waits for the drop."""
        step = TICKS_PER_QUARTER // (4 if is_last else 2)
        for key in [key for key in hits if key[1] in ("clap", "snare") or (is_last and key[1] == "kick")]:
            del hits[key]
        stop = bar.length - (bar.beats[-1] // 2 if is_last else 0)
        for onset in range(0, stop, step):
            grown = (onset / bar.length + (1 if is_last else 0)) / 2
            hits[onset, "snare"] = "g" if grown < 0.25 else "o" if grown < 0.6 else "x"

    def _crash(self, bar: Bar, hits: Hits) -> None:
        piece = self.style.crash
        if piece is None or bar.place or bar.is_light or bar.phrase_energy < 0.35:
            return
        if bar.index or bar.phrase_energy > 0.5:
            hits[0, piece] = "x"
            for other in ("hat", "open", "ride"):
                hits.pop((0, other), None)

    def _end(self, bar: Bar) -> None:
        played = {piece for level in self.style.drums for piece in lines_of(level)}
        hits: Hits = {}
        onsets = [onset for onset, _ in bar.ending(self.style.ending)]
        loud = "x" if self.style.ending == "ring" or bar.energy < 0.3 else "X"
        for onset in onsets:
            hits[onset, "kick" if "kick" in played else next(iter(lines_of(self.style.drums[0])))] = loud
        if self.style.crash and bar.energy > 0.2:
            hits[onsets[-1], self.style.crash] = loud
        elif "snare" in played:
            hits[onsets[-1], "snare"] = loud
        self._add(bar, hits)

    def _add(self, bar: Bar, hits: Hits) -> None:
        for (onset, piece), symbol in sorted(hits.items()):
            loud = _LOUD.get(symbol, _LOUD["x"]) * (0.7 + 0.3 * bar.energy) + int(self.rng.integers(-3, 4))
            self.rows.append((bar.start + onset, _LENGTH, PIECES[piece], int(loud)))
