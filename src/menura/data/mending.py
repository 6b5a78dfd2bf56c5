"""Mending what exports of scores commonly get wrong, before a model learns it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER, Metre, Score, Track

VOICE_PROGRAM = 53
_STAND_INS = (52, 68)
"""Programs that notation programs give to singers: choir, and MuseScore's oboe."""
_UNSAID = 0
"""The program of a track whose export said none: a piano's, or anybody's."""

_SINGER = re.compile(r"voice\b|\bsing|chant|gesang|stimme|\bchoir", re.IGNORECASE)
_RANGE = re.compile(r"soprano|\bsopran|\balt|\btenor|\bbass|\bcant|mezzo|baryton|bariton|\bchor", re.IGNORECASE)
_KEYBOARD = re.compile(r"piano|pf|klavier|hand", re.IGNORECASE)
_PADS = {22: 42, 26: 46, 40: 38, 58: 43}
"""Rims and edges of an electronic kit's pads, and the General MIDI drum nearest to each."""
_RIMS_ALONE = (22, 26)
"""Those that General MIDI has no drum for: whoever plays them plays such a kit."""
_SUNG_WORK = re.compile(r"voice|satb|sopran|choir|chor\b|c\.a\.t\.b", re.IGNORECASE)


def mended(score: Score, instrumentation: str = "") -> Score:
    """A score with sung parts on a voice, drums on General MIDI's keys, and bar lines where the music has them.

    Args:
        score: as read.
        instrumentation: what its manifest says of who plays.
    """
    tracks = tuple(
        replace(track, program=VOICE_PROGRAM) if _is_sung(track, instrumentation) else _on_kit(track)
        for track in score.tracks
    )
    return _upbeat_aligned(replace(score, tracks=tracks))


def _is_sung(track: Track, instrumentation: str) -> bool:
    """By its name, where its program is a stand-in; "bass" may be a pianist's left hand, so the work must say more."""
    if track.is_drum or _KEYBOARD.search(track.name):
        return False
    sings, has_range = bool(_SINGER.search(track.name)), bool(_RANGE.search(track.name))
    if track.program in _STAND_INS:
        return sings or has_range
    return track.program == _UNSAID and (sings or (has_range and bool(_SUNG_WORK.search(instrumentation))))


def _on_kit(track: Track) -> Track:
    if not track.is_drum or not np.isin(track.notes[:, PITCH], _RIMS_ALONE).any():
        return track
    notes = track.notes.copy()
    for pad, drum in _PADS.items():
        notes[track.notes[:, PITCH] == pad, PITCH] = drum
    return replace(track, notes=notes)


def _upbeat_aligned(score: Score) -> Score:
    """Moved so that the beat with most weight begins the bar: exports often start an upbeat at the first bar line."""
    metre = score.metres[0]
    if len(score.metres) > 1 or not score.num_notes:
        return score
    notes = np.concatenate([track.notes for track in score.tracks if not track.is_drum] or [score.tracks[0].notes[:0]])
    if not len(notes):
        return score
    beat = TICKS_PER_QUARTER * 4 // metre.denominator
    weight = np.minimum(notes[:, DURATION], metre.bar_ticks).astype(float)
    on_beat = [
        float(weight[(notes[:, ONSET] - k * beat) % metre.bar_ticks < beat // 8].sum()) for k in range(metre.numerator)
    ]
    upbeat = int(np.argmax(on_beat))
    if upbeat == 0 or on_beat[upbeat] < 1.25 * on_beat[0]:
        return score
    shift = metre.bar_ticks - upbeat * beat
    tracks = tuple(track.later(shift) for track in score.tracks)
    metres = (Metre(0, metre.numerator, metre.denominator),)
    return replace(score, tracks=tracks, metres=metres, keys=(), markers=(), texts=())
