"""Articulation: lines are bound, repeated notes are parted, singers and winds breathe where phrases end.

Bound notes of a keyboard overlap (Repp, "Acoustics, perception, and production of legato articulation on a digital
piano", 1995); repetition and leaps part them (Friberg, Bresin & Sundberg 2006). Plucked and struck notes ring as they
are written.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from menura.score.notes import PITCH, TICKS_PER_QUARTER
from menura.score.performance.characters import Character
from menura.score.performance.reading import Reading

_RINGS = frozenset((*range(8, 16), *range(24, 32), 45, 46, 47, *range(104, 109), *range(112, 128)))
_BREATHES = frozenset((*range(52, 55), *range(56, 80), 109, 111))
_STEP = 2
_BOUND, _PARTED, _BREATH = 12, -18, -19
"""Ticks by which notes are longer than written."""


def lengthened(reading: Reading, character: Character) -> np.ndarray:
    """By how many ticks each note is longer than written, float64 ``[note]``; plucked notes, and drums, by none."""
    found = np.zeros(len(reading.notes))
    ends = [span.end for span in reading.phrases]
    for index, track in enumerate(reading.score.tracks):
        if track.is_drum or track.program in _RINGS:
            continue
        own = np.flatnonzero(reading.part == index)
        onset, end, pitch = reading.onset[own], reading.end[own], reading.notes[own, PITCH]
        moments = np.unique(onset)
        at = {moment: pitch[onset == moment] for moment in moments.tolist()}
        for row, (begin, stop, key) in enumerate(zip(onset.tolist(), end.tolist(), pitch.tolist(), strict=True)):
            following = bisect_right(moments, begin)
            if following == len(moments) or moments[following] != stop:
                continue
            away = int(np.abs(at[stop] - key).min())
            found[own[row]] = _tied(away, stop - begin, character.detached)
            if track.program in _BREATHES and stop in ends:
                found[own[row]] = _BREATH
    return found


def _tied(away: int, length: int, detached: float) -> float:
    """Of a note that another follows at once, `away` semitones from it."""
    if away == 0:
        return _PARTED
    if away <= _STEP:
        return _BOUND * (1 - 2 * detached)
    return _PARTED * detached if length <= TICKS_PER_QUARTER else 0.0
