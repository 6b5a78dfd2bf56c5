"""Performing: a score on a grid at one tempo, played as people would play it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from menura.score.arranger.plan import drawn
from menura.score.form import Section
from menura.score.notes import DURATION, ONSET, PITCH, VELOCITY, Score
from menura.score.performance.articulation import lengthened
from menura.score.performance.characters import Character
from menura.score.performance.dynamics import velocities
from menura.score.performance.pedal import pedals
from menura.score.performance.reading import Reading
from menura.score.performance.tempo import tempo_map
from menura.score.performance.timing import deviations
from menura.score.steps.grammar import chord_size
from menura.score.steps.tokens import GRID_TICKS

_EARLIEST, _LATEST = -(GRID_TICKS // 2) + 1, GRID_TICKS // 2 - 1
"""Within that many ticks a note is read at the place, and with the length, that it was written with."""


def perform(
    score: Score,
    form: Sequence[Section],
    character: Character,
    seed: int,
    *,
    joins: bool = False,
    room_s: float | None = None,
) -> Score:
    """A score as it is played; bars, markers and what `menura.score.steps.tokens.tokenise` reads, but loudness, stay.

    Args:
        score: on the grid of `tokenise`, at one tempo, without controllers.
        form: its sections; empty: all of it is one. Bars outside them have no phrases.
        character: how it is played.
        seed: the same gives the same notes.
        joins: it goes into a piece that has tempo, pedals and loudness of its own; then it gets neither of the first
            two, and is on the whole as loud as written.
        room_s: by how many seconds the final ritard may make the piece longer; None: as it likes.
    """
    if not score.num_notes:
        return score
    reading = Reading.of(score, form)
    notes = _fitted(reading, deviations(reading, character, seed), lengthened(reading, character))
    notes[:, VELOCITY] = velocities(reading, character, drawn(seed, "loudness"), joins=joins)
    feet = {} if joins else pedals(reading, character)
    tracks = [
        replace(track, notes=notes[reading.part == index], controls=feet.get(index, track.controls))
        for index, track in enumerate(score.tracks)
    ]
    tempos = score.tempos if joins else tuple(tempo_map(reading, character, drawn(seed, "tempo"), room_s))
    return replace(score, tracks=tuple(tracks), tempos=tempos)


def _fitted(reading: Reading, late: np.ndarray, longer: np.ndarray) -> np.ndarray:
    """The notes moved and lengthened as far as the grid, the next note and the piece allow."""
    notes, end = reading.notes.copy(), reading.score.end_tick
    begins = int(reading.lines[reading.bar.min()])  # nothing moves before the bar of the first note
    onset = np.maximum(notes[:, ONSET] + _on_grid(late), begins)
    shortest = np.maximum(notes[:, DURATION] + _EARLIEST, 1)
    # A key, or whoever plays one note at a time, lets go before it plays again.
    one_voice = np.array([not track.is_drum and chord_size(track.program) == 1 for track in reading.score.tracks])
    voice = np.where(one_voice[reading.part], -1, notes[:, PITCH])
    again = np.full(len(notes), np.iinfo(np.int64).max)
    for one, following in pairwise(np.lexsort((notes[:, ONSET], voice, reading.part)).tolist()):
        same = reading.part[one] == reading.part[following] and voice[one] == voice[following]
        if same and reading.end[one] <= reading.onset[following]:
            onset[following] = max(onset[following], onset[one] + shortest[one])
            again[one] = onset[following]
    stop = np.where(reading.end == end, end, np.minimum(onset + notes[:, DURATION] + _on_grid(longer), end))
    longest = np.minimum(stop, again) - onset
    notes[:, ONSET], notes[:, DURATION] = onset, np.maximum(longest, 1)
    return notes


def _on_grid(ticks: np.ndarray) -> np.ndarray:
    return np.clip(np.round(ticks), _EARLIEST, _LATEST).astype(np.int64)
