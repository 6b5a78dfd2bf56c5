"""Splicing: composed bars put into a piece that is otherwise left as it was, note for note."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from menura.score.midi_writer import without_overlaps
from menura.score.notes import (
    CHANNEL_PRESSURE,
    CONTROLLER,
    DURATION,
    KEY_PRESSURE,
    ONSET,
    PITCH,
    PITCH_BEND,
    TICK,
    VALUE,
    Score,
    Track,
)
from menura.score.synth.controls import EXPRESSION, REST, VOLUME

_GESTURES = (1, 2, VOLUME, EXPRESSION, *range(64, 70), PITCH_BEND, CHANNEL_PRESSURE)
"""Controllers that belong to the notes during which they move; others, such as pan, belong to the track."""


def splice(original: Score, composed: Score, first_tick: int, end_tick: int, *, rings_on: bool = False) -> Score:
    """`original` with the notes that start in ``first_tick <= onset < end_tick`` replaced by those of `composed`.

    Players of one instrument take the composed parts by height, the highest the first; parts beyond them make new
    tracks. Notes that ring into the region end at it, unless it `rings_on`. Controllers rest in it: pedals are up, and
    volume and expression are what they mostly are. Tempi, metres, keys and markers of the original stay; metres of
    `composed` are added after the original's last bar.
    """
    parts: dict[tuple[object, ...], list[Track]] = {}
    for track in composed.tracks:
        parts.setdefault(_kind(track), []).append(replace(track, notes=between(track.notes, first_tick, end_tick)))
    tracks = list(original.tracks)
    for index in sorted(range(len(tracks)), key=lambda index: -_height(tracks[index])):
        fresh = parts.get(_kind(tracks[index]), [])
        kept = _around(tracks[index].notes, first_tick, end_tick, rings_on)
        notes = np.concatenate((kept, fresh.pop(0).notes)) if fresh else kept
        notes = without_overlaps(notes) if rings_on else notes
        goes_on = bool((tracks[index].notes[:, ONSET] >= end_tick).any())
        controls = _rested(tracks[index].controls, first_tick, end_tick, goes_on=goes_on)
        tracks[index] = replace(tracks[index], notes=notes, controls=controls)
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


def between(notes: np.ndarray, first: int, end: int) -> np.ndarray:
    """The notes that start in ``first <= onset < end``, in ticks."""
    return notes[(notes[:, ONSET] >= first) & (notes[:, ONSET] < end)]


def _around(notes: np.ndarray, first: int, end: int, rings_on: bool) -> np.ndarray:
    kept = notes[(notes[:, ONSET] < first) | (notes[:, ONSET] >= end)].copy()
    if rings_on:
        return kept
    early = kept[:, ONSET] < first
    kept[early, DURATION] = np.minimum(kept[early, DURATION], first - kept[early, ONSET])
    return kept


def _rested(controls: np.ndarray, first: int, end: int, *, goes_on: bool) -> np.ndarray:
    """Controllers that rest in a region, and stand at its end where they did."""
    tick, number = controls[:, TICK], controls[:, CONTROLLER]
    is_gesture = np.isin(number, _GESTURES) | (number >= KEY_PRESSURE)
    added = []
    for each in _GESTURES:
        course = controls[(number == each) & (tick < end)]
        if len(course):
            before = course[course[:, TICK] < first]
            is_level = each in (VOLUME, EXPRESSION) and len(before)
            rest = _usual(before, first) if is_level else int(REST.get(each, 0))
            added += [(first, each, rest), (end, each, int(course[-1, VALUE]))]
    kept = controls[~(is_gesture & (tick >= first) & (tick < end))]
    if not goes_on and not (tick > first).any():  # nothing of the original comes after
        added = [row for row in added if row[0] == first]
    return np.concatenate((np.array(added, dtype=np.int32).reshape(-1, 3), kept))


def _usual(course: np.ndarray, end: int) -> int:
    """The value that a controller has for half the time, or for longer, or exceeds."""
    order = np.argsort(course[:, VALUE], kind="stable")
    spans = np.diff(np.append(course[:, TICK], end))[order]
    return int(course[order[np.searchsorted(np.cumsum(spans), spans.sum() / 2)], VALUE])


def _height(track: Track) -> float:
    return float(track.notes[:, PITCH].mean()) if len(track.notes) else -1.0
