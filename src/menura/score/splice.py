"""Splicing: composed bars put into a piece that is otherwise left as it was, note for note."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from menura.score.notes import DURATION, ONSET, PITCH, Score, Track


def splice(original: Score, composed: Score, first_tick: int, end_tick: int) -> Score:
    """`original` with the notes that start in ``first_tick <= onset < end_tick`` replaced by those of `composed`.

    Players of one instrument take the composed parts by height, the highest the first; parts beyond them make new
    tracks. Notes that ring into the region end at it. Tempi, metres, keys and markers of the original stay; metres of
    `composed` are added after the original's last bar.
    """
    parts: dict[tuple[object, ...], list[Track]] = {}
    for track in composed.tracks:
        parts.setdefault(_kind(track), []).append(replace(track, notes=_within(track.notes, first_tick, end_tick)))
    tracks = list(original.tracks)
    for index in sorted(range(len(tracks)), key=lambda index: -_height(tracks[index])):
        fresh = parts.get(_kind(tracks[index]), [])
        kept = _around(tracks[index].notes, first_tick, end_tick)
        notes = np.concatenate((kept, fresh.pop(0).notes)) if fresh else kept
        tracks[index] = replace(tracks[index], notes=notes)
    tracks += [track for rest in parts.values() for track in rest]
    last_onset = max((int(track.notes[:, ONSET].max(initial=0)) for track in original.tracks), default=0)
    last = original.metres[-1]
    added = [
        metre
        for metre in composed.metres
        if metre.tick > last_onset and (metre.numerator, metre.denominator) != (last.numerator, last.denominator)
    ]
    sounding = tuple(track for track in tracks if len(track.notes))
    return replace(original, tracks=sounding, metres=(*original.metres, *added))


def _kind(track: Track) -> tuple[object, ...]:
    return (track.is_drum, 0 if track.is_drum else track.program)


def _within(notes: np.ndarray, first: int, end: int) -> np.ndarray:
    return notes[(notes[:, ONSET] >= first) & (notes[:, ONSET] < end)]


def _around(notes: np.ndarray, first: int, end: int) -> np.ndarray:
    kept = notes[(notes[:, ONSET] < first) | (notes[:, ONSET] >= end)].copy()
    early = kept[:, ONSET] < first
    kept[early, DURATION] = np.minimum(kept[early, DURATION], first - kept[early, ONSET])
    return kept


def _height(track: Track) -> float:
    return float(track.notes[:, PITCH].mean()) if len(track.notes) else -1.0
