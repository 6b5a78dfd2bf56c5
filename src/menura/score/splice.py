"""Splicing: composed bars put into a piece that is otherwise left as it was, note for note."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from menura.score.notes import DURATION, ONSET, Score, Track


def splice(original: Score, composed: Score, first_tick: int, end_tick: int) -> Score:
    """`original` with the notes that start in ``first_tick <= onset < end_tick`` replaced by those of `composed`.

    Notes go to the first track of the same instrument, or to a new one; notes that ring into the region end at it.
    Tempi, metres, keys and markers of the original stay; metres of `composed` are added after the original's end.
    """
    tracks = []
    numbered: dict[tuple[object, ...], list[np.ndarray]] = {}
    for track in composed.tracks:
        numbered.setdefault(_kind(track), []).append(_within(track.notes, first_tick, end_tick))
    for track in original.tracks:
        onset = track.notes[:, ONSET]
        kept = track.notes[(onset < first_tick) | (onset >= end_tick)].copy()
        early = kept[:, ONSET] < first_tick
        kept[early, DURATION] = np.minimum(kept[early, DURATION], first_tick - kept[early, ONSET])
        fresh = numbered.get(_kind(track), [])
        tracks.append(replace(track, notes=np.concatenate([kept, fresh.pop(0)] if fresh else [kept])))
    for track in composed.tracks:
        fresh = numbered[_kind(track)]
        if fresh:
            tracks.append(replace(track, notes=fresh.pop(0)))
    late = [metre for metre in composed.metres if metre.tick >= original.end_tick]
    known = {(metre.numerator, metre.denominator) for metre in original.metres[-1:]}
    metres = (*original.metres, *(m for m in late if (m.numerator, m.denominator) not in known))
    return replace(original, tracks=tuple(track for track in tracks if len(track.notes)), metres=metres)


def _kind(track: Track) -> tuple[object, ...]:
    return (track.is_drum, 0 if track.is_drum else track.program)


def _within(notes: np.ndarray, first: int, end: int) -> np.ndarray:
    return notes[(notes[:, ONSET] >= first) & (notes[:, ONSET] < end)]
