"""Voicings: which notes of a chord are played, near those of the chord before."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

from menura.score.harmony import QUALITIES, Chord

_CENTRE_WEIGHT, _MUD_BELOW = 0.35, 52


@cache
def tones_of(chord: Chord, scale: frozenset[int], colour: int) -> tuple[int, ...]:
    """A chord's pitch classes, root first, with the seventh (`colour` 1) and ninth (2) that the scale has."""
    tones = list(QUALITIES[chord.quality])
    if chord.quality in ("", "m"):
        sevenths = [step for step in (10, 11) if (chord.root + step) % 12 in scale]
        # On a minor triad the major seventh is another chord's sound.
        sevenths = [step for step in sevenths if step == 10 or chord.quality == ""]
        tones += sevenths[:1] if colour >= 1 else []
    if colour >= 2 and (chord.root + 2) % 12 in scale and chord.quality not in ("dim", "aug", "dim7", "m7b5"):
        tones.append(14)
    return tuple((chord.root + tone) % 12 for tone in tones)


@cache
def voice(
    pitch_classes: tuple[int, ...], previous: tuple[int, ...], low: int, high: int, count: int
) -> tuple[int, ...]:
    """The voicing that lies nearest to the one before.

    Args:
        pitch_classes: root first; of more than `count` the fifth goes first, then the root.
        previous: pitches of the chord before, or none.
        low, high: lowest and highest pitch; more than an octave apart.
        count: how many notes.
    """
    kept = list(pitch_classes)
    while len(kept) > count:
        kept.pop(2 if len(kept) == 4 else 0)
    centre = (low + high) / 2
    best, least = (), np.inf
    for inversion in range(len(kept)):
        order = [kept[(inversion + step) % len(kept)] for step in range(count)]
        for bottom in range(low, high + 1):
            if bottom % 12 != order[0]:
                continue
            close = [bottom]
            for pitch_class in order[1:]:
                close.append(close[-1] + ((pitch_class - close[-1]) % 12 or 12))
            for pitches in _spreads(close):
                if pitches[0] < low or pitches[-1] > high:
                    continue
                cost = _cost(pitches, previous, centre)
                if cost < least:
                    best, least = pitches, cost
    return best or tuple(sorted(low + (pitch_class - low) % 12 for pitch_class in kept))


def _spreads(close: list[int]) -> list[tuple[int, ...]]:
    """Close position, and open: the second voice from above an octave lower."""
    if len(close) < 4:
        return [tuple(close)]
    opened = sorted([*close[:-2], close[-2] - 12, close[-1]])
    return [tuple(close), tuple(opened)]


def _cost(pitches: tuple[int, ...], previous: tuple[int, ...], centre: float) -> float:
    mud = sum(3 for low, high in pairwise(pitches) if low < _MUD_BELOW and high - low < 5)
    clash = sum(2 for low, high in pairwise(pitches) if high - low == 1)
    away = _CENTRE_WEIGHT * abs(float(np.mean(pitches)) - centre)
    if not previous:
        return away + mud + clash
    if len(previous) == len(pitches):
        moved = sum(abs(a - b) for a, b in zip(pitches, previous, strict=True))
        moved += abs(pitches[-1] - previous[-1])
    else:
        moved = sum(min(abs(pitch - other) for other in previous) for pitch in pitches)
    return moved / len(pitches) * 3 + away + mud + clash
