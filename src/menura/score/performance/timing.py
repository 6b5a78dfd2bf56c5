"""Timing: hands and players a little apart, melody first, chords that are rolled, and swing.

Deviations belong together from beat to beat. A melody leads by some 10 to 20 ms (Goebl, "Melody lead in piano
performance", 2001), players of an ensemble are 10 to 25 ms apart (Rasch, "Synchronization in performed ensemble music",
1979); swing is as soloists have it at middling tempi (Friberg & Sundström, "Swing ratios and ensemble timing in jazz
performance", 2002).
"""

from __future__ import annotations

import numpy as np

from menura.score.arranger.plan import drawn
from menura.score.notes import PITCH, TICKS_PER_QUARTER
from menura.score.performance.characters import Character
from menura.score.performance.reading import Reading, ticks_of

_DRIFT_MS, _KEEPS, _WHITE_MS = 7.0, 0.8, 2.0
_PARTS_MS = {2: -7.0, 3: 0.0, 4: 4.0, 5: 2.0}
"""Of who has each role (lead, counter, comp, bass)."""
_LEAD_MS, _UNDER_MS = -8.0, 4.0
"""Of the melody, and of what is under it, in the hands of one player."""
_HANDS = frozenset(range(8))
_ROLLED = frozenset((*range(24, 32), 46, 104, 105, 106, 107))
_ROLL_MS = 9.0


def deviations(reading: Reading, character: Character, seed: int) -> np.ndarray:
    """How much later than written each note begins, in ticks, float64 ``[note]``."""
    late = np.zeros(len(reading.notes))
    pitched = sum(not track.is_drum and len(track.notes) > 0 for track in reading.score.tracks)
    for index, track in enumerate(reading.score.tracks):
        own = reading.part == index
        if not own.any():
            continue
        rng = drawn(seed, "timing", index, track.name)
        late[own] = _drift(reading, reading.onset[own], rng)
        if pitched > 1:
            late[own] += _PARTS_MS.get(int(reading.roles[index]), 0.0)
        if track.program in _HANDS and not track.is_drum:
            late[own] += np.where(reading.melody[own], _LEAD_MS, _UNDER_MS)
        elif track.program in _ROLLED and not track.is_drum:
            late[own] += _rolled(reading, own)
    return np.asarray(ticks_of(character.loose * late, reading.bpm)) + _swung(reading, character)


def _drift(reading: Reading, onset: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A hand that is now ahead, now behind, the same for all notes of a moment."""
    beats = np.array([tick for bar in reading.beats for tick in bar[:-1]] + [int(reading.lines[-1])])
    steps = np.clip(rng.standard_normal(len(beats)), -2, 2) * _DRIFT_MS * (1 - _KEEPS**2) ** 0.5
    for beat in range(1, len(steps)):
        steps[beat] += _KEEPS * steps[beat - 1]
    moments, which = np.unique(onset, return_inverse=True)
    white = np.clip(rng.standard_normal(len(moments)), -2, 2) * _WHITE_MS
    return (np.interp(moments, beats, steps) + white)[which]


def _rolled(reading: Reading, own: np.ndarray) -> np.ndarray:
    """Chords from below, one finger after the other, about their beat."""
    onset, pitch = reading.onset[own], reading.notes[own, PITCH]
    order = np.lexsort((pitch, onset))
    first = np.append(True, np.diff(onset[order]) > 0)
    begins = np.flatnonzero(first)
    sizes = np.diff(np.append(begins, len(order)))
    finger = np.arange(len(order)) - np.repeat(begins, sizes)
    late = np.zeros(len(order))
    late[order] = _ROLL_MS * (finger - np.repeat(sizes - 1, sizes) / 2)
    return late


def _swung(reading: Reading, character: Character) -> np.ndarray:
    """Beats early and what is between them late, by as much as makes the ratio; beats of three eighths are even."""
    apart = (character.swing - 1) / (character.swing + 1)
    if apart <= 0:
        return np.zeros(len(reading.notes))
    period = TICKS_PER_QUARTER / (2 if character.swings_sixteenths >= 0.5 else 1)
    compound = (reading.metres[:, 1] >= 8)[reading.bar]
    through = (reading.onset - reading.lines[reading.bar]) / period
    return np.where(compound, 0.0, -apart * period / 4 * np.cos(2 * np.pi * through))
