"""A MIDI file as JSON, for a page that draws it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from menura.score import midi
from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER, VELOCITY


def as_json(path: Path) -> dict[str, Any]:
    """Notes in seconds, with the beats and bars they lie on.

    Raises:
        ValueError: the file is not MIDI.
    """
    score = midi.read(path)
    tracks = []
    for track in score.tracks:
        starts = score.seconds(track.notes[:, ONSET])
        ends = score.seconds(track.notes[:, ONSET] + track.notes[:, DURATION])
        rows = zip(starts, ends - starts, track.notes[:, PITCH], track.notes[:, VELOCITY], strict=True)
        notes = [[round(float(s), 4), round(float(d), 4), int(p), int(v)] for s, d, p, v in rows]
        tracks.append({"name": track.name, "program": track.program, "is_drum": track.is_drum, "notes": notes})
    beats = np.arange(0, score.end_tick + 1, TICKS_PER_QUARTER)
    return {
        "seconds": round(float(score.seconds(score.end_tick)), 4),
        "tempo": score.tempos[0].bpm,
        "beats": score.seconds(beats).round(4).tolist(),
        "bars": score.seconds(score.bar_starts()).round(4).tolist(),
        "markers": [{"start": round(float(score.seconds(mark.tick)), 4), "text": mark.text} for mark in score.markers],
        "tracks": tracks,
    }
