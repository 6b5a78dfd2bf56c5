"""Tempo: it bends with phrases, gives way at their ends, and comes to rest at the end of the piece.

Phrases are parabolas in time, sections longer ones over them (Todd, "The dynamics of dynamics", 1992; Repp, "Diversity
and commonality in music performance", 1992, of a phrase's late minimum). The final ritard falls as runners stop, tempo
as the cube root of a line (Friberg & Sundberg, "Does music performance allude to locomotion?", 1999).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from menura.score.notes import TICKS_PER_QUARTER, Tempo
from menura.score.performance.characters import Character
from menura.score.performance.reading import Reading, within

RITARD_BARS = 2
"""The final ritard lies within that many bars."""
_LEAST_BARS = 4
"""A shorter piece keeps its tempo."""
_MOST_MARKS = 4
_DEPTH, _CLOSE = 0.6, 0.12
"""How much slower phrases end, and how much slower yet the last bar of a section, in nepers."""
_WANDER = 0.02
_LEADS_IN = 0.35
"""How much slower a phrase begins, of how much slower it ends."""
_PEAK = 0.45
_SMALLEST_STEP = 0.006
_CURVE = 3
_SLOWEST, _HELD = 0.5, 0.35


def tempo_map(reading: Reading, character: Character, rng: np.random.Generator, room_s: float | None) -> list[Tempo]:
    """The tempo, a few marks a bar at most.

    The first mark is the asked tempo, and so is the mean over all bars before the last `RITARD_BARS`; where the piece
    has ended the asked tempo returns, for whoever goes on.

    Args:
        reading: the piece, at one tempo.
        character: of which rubato and ritard count.
        rng: of the hand that wanders.
        room_s: by how many seconds the ritard may make the piece longer; None: as it likes.
    """
    bpm, num_bars = reading.bpm, reading.num_bars
    asked = Tempo(0, bpm)
    if num_bars < _LEAST_BARS:
        return [asked]
    body, last = num_bars - RITARD_BARS, int(reading.lines[-1])
    paces = [(0, 1.0)]
    if character.rubato > 0:
        paces += _bent(reading, character, body, rng)
    ritard = _ritard(reading, character.ritard, room_s)
    if ritard:
        paces += ritard
    elif len(paces) > 1:
        paces.append((int(reading.lines[body]), 1.0))
    paces.append((last, 1.0))
    marks = [asked]
    for tick, pace in paces[1:]:
        if abs(bpm * pace / marks[-1].bpm - 1) > _SMALLEST_STEP:
            marks.append(Tempo(tick, round(bpm * pace, 3) if pace != 1 else bpm))
    return marks


def _bent(reading: Reading, character: Character, body: int, rng: np.random.Generator) -> list[tuple[int, float]]:
    """Where the tempo changes in the first `body` bars, and to how much of the asked one, which is its mean."""
    edges = [tick for bar in reading.beats[:body] for tick in bar[:-1][:: -(-(len(bar) - 1) // _MOST_MARKS)]]
    edges = np.array([*edges, reading.lines[body]])
    lengths, middles = np.diff(edges), (edges[:-1] + edges[1:]) / 2
    slow = sum(_valley(within(spans, middles)) for spans in (reading.phrases, reading.sections)) / 2
    wander = np.zeros(len(middles))
    for beat in range(1, len(middles)):
        wander[beat] = 0.6 * wander[beat - 1] + _WANDER * np.clip(rng.standard_normal(), -2, 2)
    closing = np.array([span.end for span in reading.sections])[:, None] - middles
    bar = reading.lines[1] - reading.lines[0]
    close = (np.clip(1 - closing / bar, 0, 1) * (closing > 0)).max(0)
    pace = np.exp(-character.rubato * (_DEPTH * slow - wander) - character.ritard * _CLOSE * close)
    rest, taken = lengths[1:].sum(), (lengths[1:] / pace[1:]).sum()
    return list(zip(edges[1:-1].tolist(), (pace[1:] * taken / rest).tolist(), strict=True)) if rest else []


def _valley(through: np.ndarray) -> np.ndarray:
    """How slow a place in a phrase is: 0 at its height, 1 at its end."""
    through = np.nan_to_num(through, nan=_PEAK)
    rising, falling = (through - _PEAK) / _PEAK, (through - _PEAK) / (1 - _PEAK)
    return np.where(through < _PEAK, _LEADS_IN * rising**2, falling**2)


def _ritard(reading: Reading, amount: float, room_s: float | None) -> list[tuple[int, float]]:
    """Where the tempo changes in the last bars: down to the last onset, whose notes are held."""
    start, last = int(reading.lines[-1 - RITARD_BARS]), int(reading.onset.max())
    if amount <= 0 or last <= start:
        return []
    ticks = {start, last}
    for bar in reading.beats[-RITARD_BARS:]:
        halves = [(a + b) // 2 for a, b in pairwise(bar)] if len(bar) <= _MOST_MARKS else []
        ticks |= {tick for tick in (*bar[:-1], *halves) if start < tick < last}
    edges = np.array([*sorted(ticks), max(reading.score.end_tick, last + 1)])
    through = (edges[:-2] + edges[1:-1] - 2 * start) / (2 * (last - start))
    slowest = 1 - _SLOWEST * amount
    pace = np.append((1 + (slowest**_CURVE - 1) * through) ** (1 / _CURVE), 1 / (1 + _HELD * amount))
    longer = 1 / pace - 1
    if room_s is not None:
        seconds = float(longer @ np.diff(edges)) * 60 / (reading.bpm * TICKS_PER_QUARTER)
        longer *= min(max(room_s, 0) / max(seconds, 1e-9), 1)
    return list(zip(edges[:-1].tolist(), (1 / (1 + longer)).tolist(), strict=True))
