"""Notes as JSON: a MIDI file for a page that draws it, and what was changed on that page put into the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from menura.app.server.views import TrackChange
from menura.score import midi
from menura.score.instruments import track_names
from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER, VELOCITY, Score, Track


def changed(score: Score, changes: list[TrackChange]) -> Score:
    """A score with notes taken away and put in.

    Raises:
        ValueError: there is no such track or note.
    """
    tracks = list(score.tracks)
    for change in changes:
        if not change.track < len(tracks):
            raise ValueError(f"track: {change.track} is not in 0–{len(tracks) - 1}")
        tracks[change.track] = _changed_track(tracks[change.track], change)
    return replace(score, tracks=tuple(tracks))


def _changed_track(track: Track, change: TrackChange) -> Track:
    if wrong := [index for index in change.removed if not 0 <= index < len(track.notes)]:
        raise ValueError(f"removed: track {change.track} has no note {wrong[0]}")
    kept = np.delete(track.notes, change.removed, axis=0)
    added = np.array(change.added, np.int32).reshape(-1, 4)
    return replace(track, notes=np.concatenate((kept, added)))


def as_json(path: Path) -> dict[str, Any]:
    """Notes in seconds and in ticks, with the beats and bars they lie on.

    Raises:
        ValueError: the file is not MIDI.
    """
    score = midi.read(path)
    tracks = []
    for name, track in zip(track_names(score.tracks), score.tracks, strict=True):
        starts = score.seconds(track.notes[:, ONSET])
        ends = score.seconds(track.notes[:, ONSET] + track.notes[:, DURATION])
        rows = zip(starts, ends - starts, track.notes[:, PITCH], track.notes[:, VELOCITY], strict=True)
        notes = [[round(float(s), 4), round(float(d), 4), int(p), int(v)] for s, d, p, v in rows]
        ticks = track.notes[:, [ONSET, DURATION]].tolist()
        about = {"name": name, "program": track.program, "is_drum": track.is_drum}
        tracks.append({**about, "notes": notes, "ticks": ticks})
    beats = np.arange(0, score.end_tick + 1, TICKS_PER_QUARTER)
    return {
        "seconds": round(float(score.seconds(score.end_tick)), 4),
        "tempo": score.tempos[0].bpm,
        "beats": score.seconds(beats).round(4).tolist(),
        "bars": score.seconds(score.bar_starts()).round(4).tolist(),
        "bar_ticks": score.bar_starts().tolist(),
        "ticks_per_quarter": TICKS_PER_QUARTER,
        "markers": [{"start": round(float(score.seconds(mark.tick)), 4), "text": mark.text} for mark in score.markers],
        "tracks": tracks,
    }
