"""What exports get wrong is mended, and what they get right is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from menura.data.mending import VOICE_PROGRAM, mended
from menura.score.notes import ONSET, TICKS_PER_QUARTER, Metre, Score, Track

QUARTER = TICKS_PER_QUARTER


def track(name: str, program: int, onsets=(0,), length: int = QUARTER) -> Track:
    return Track(name, program, False, np.array([[onset, length, 60, 80] for onset in onsets]))


@pytest.mark.parametrize(
    ("name", "program", "instrumentation", "sung"),
    [
        ("Voice", 68, "", True),
        ("Singstimme", 52, "", True),
        ("Alto", 52, "Voice (SATB)", True),
        ("Voice", 0, "", True),
        ("basses:", 0, "Voice (SATB) and Organ", True),
        ("bass:", 0, "Piano", False),
        ("Discant:", 0, "Piano", False),
        ("Piano, left hand, bass", 52, "", False),
        ("Oboe", 68, "Orchestra", False),
        ("Tenor saxophone", 66, "", False),
        ("up:VoiceI", 0, "Piano", False),
    ],
)
def test_sung_parts_get_a_voice_and_others_keep_their_sound(name, program, instrumentation, sung):
    (own,) = mended(Score((track(name, program),)), instrumentation).tracks
    assert own.program == (VOICE_PROGRAM if sung else program)


def test_an_upbeat_at_the_first_bar_line_is_moved_before_it():
    bars = [QUARTER + bar * 3 * QUARTER for bar in range(8)]
    strong, weak = track("a", 1, bars, 2 * QUARTER), track("b", 1, [0], QUARTER // 2)
    score = mended(Score((strong, weak), metres=(Metre(0, 3, 4),)))
    assert set(score.tracks[0].notes[:, ONSET] % (3 * QUARTER)) == {0}
    assert score.tracks[1].notes[0, ONSET] == 2 * QUARTER


@pytest.mark.parametrize(
    "onsets", [[0, 3 * QUARTER], [QUARTER // 3], [QUARTER // 2 + beat * QUARTER for beat in range(9)]]
)
def test_music_that_needs_no_moving_stays_where_it_is(onsets):
    score = Score((track("a", 1, onsets),), metres=(Metre(0, 3, 4),))
    assert np.array_equal(mended(score).tracks[0].notes, score.tracks[0].notes)
