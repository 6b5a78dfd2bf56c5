"""Pedal: a pianist's right foot, which changes with the harmony, after the new chord is struck.

It goes up as the new harmony begins and down a little later, as pianists do (Repp, "Pedal timing and tempo in
expressive piano performance", 1996); where much would sound on that is foreign to the harmony, or one key is repeated
fast, it stays up.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from menura.score.harmony import NO_CHORD, Chord, find_chords, half_bars
from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER
from menura.score.performance.characters import Character
from menura.score.performance.reading import Reading, ticks_of
from menura.score.synth.controls import SUSTAIN

_PIANOS = frozenset(range(6))
_LATER_MS = 80.0
_STRICT, _LENIENT = 1.0, 0.55
"""The share of notes that must belong to the chord, for who hardly takes the pedal and who does at once."""
_LOW, _MORE_BELOW = 55, 0.15
"""Below this pitch more of them must."""
_FAST_S, _REPEATED = 0.2, 3
_REST = TICKS_PER_QUARTER // 2


def pedals(reading: Reading, character: Character) -> dict[int, np.ndarray]:
    """Track -> rows ``[event, 3]`` of its pedal, tick, controller and value; tracks without one are left out."""
    pianos = [
        index
        for index, track in enumerate(reading.score.tracks)
        if track.program in _PIANOS and not track.is_drum and len(track.notes)
    ]
    if not pianos or character.pedal <= 0:
        return {}
    edges, chords = _harmonies(reading)
    later = max(int(ticks_of(_LATER_MS, reading.bpm)), 1)
    found = {}
    for index in pianos:
        notes = reading.notes[reading.part == index]
        rows: list[tuple[int, int, int]] = []
        for (start, end), chord in zip(pairwise(edges), chords, strict=True):
            onset = notes[:, ONSET]
            struck = notes[(onset >= start) & (onset < end)]
            if start + later < end and _wants(struck, chord, character.pedal, reading.bpm):
                down = max(start, int(struck[0, ONSET])) + later
                heard = notes[(onset < end) & (onset + notes[:, DURATION] > start)]
                up = _until_rest(heard, int(struck[0, ONSET]), end)
                if down < up:
                    rows += [(down, SUSTAIN, 127), (up, SUSTAIN, 0)]
        if rows:
            found[index] = np.array(rows)
    return found


def _harmonies(reading: Reading) -> tuple[list[int], list[Chord | None]]:
    """Where harmonies begin, at every bar at least, and the end; and what they are."""
    sounding = reading.notes[~reading.drums]
    halves = half_bars(reading.lines[:-1], reading.metres, int(reading.lines[-1]))
    heard = find_chords(sounding[:, ONSET], sounding[:, DURATION], sounding[:, PITCH], halves, TICKS_PER_QUARTER)
    edges, chords = [], []
    for half, (start, end) in enumerate(pairwise(halves.tolist())):
        if start < end and (half % 2 == 0 or heard[half] != heard[half - 1]):
            edges.append(start)
            chords.append(Chord.of(int(heard[half])) if heard[half] != NO_CHORD else None)
    return [*edges, min(int(reading.lines[-1]), reading.score.end_tick)], chords


def _wants(struck: np.ndarray, chord: Chord | None, pedal: float, bpm: float) -> bool:
    """Whether these notes are to sound on together."""
    if chord is None or len(struck) < 2:
        return False
    inside, low = np.isin(struck[:, PITCH] % 12, chord.pitch_classes), struck[:, PITCH] < _LOW
    needed = _STRICT - (_STRICT - _LENIENT) * pedal
    if inside.mean() < needed or (low.any() and inside[low].mean() < needed + _MORE_BELOW):
        return False
    fast = ticks_of(1000 * _FAST_S, bpm)
    for pitch in np.unique(struck[:, PITCH]):
        again = np.diff(struck[struck[:, PITCH] == pitch, ONSET])
        if len(again) >= _REPEATED - 1 and np.median(again) < fast:
            return False
    return True


def _until_rest(notes: np.ndarray, first: int, end: int) -> int:
    """Where the first rest after `first` begins, or the harmony ends."""
    sounds_until = first
    for onset, duration in notes[:, :2].tolist():
        if onset - sounds_until >= _REST and onset > first:
            return sounds_until
        sounds_until = max(sounds_until, onset + duration)
    return sounds_until if end - sounds_until >= _REST else end
