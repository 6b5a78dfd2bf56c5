"""A lead sheet shows every note where it belongs, and every bar."""

from __future__ import annotations

import numpy as np
import pytest

from menura.score.harmony import parse_plan
from menura.score.lead_sheet import lead_sheet
from menura.score.notes import Key, KeyMark, Metre, Score, Tempo, Text, Track


def score(*pitches: int, bars: int = 1) -> Score:
    rows = np.array([(480 * at, 480, pitch, 90) for at, pitch in enumerate(pitches * bars)])
    return Score(
        (Track("voice", 52, False, rows),),
        tempos=(Tempo(0, 90.0),),
        metres=(Metre(0, 4, 4),),
        keys=(KeyMark(0, Key(0, "major")),),
        texts=(Text(0, "lyric", "la-"), Text(480, "lyric", "la")),
    )


def ink(image) -> np.ndarray:
    return np.asarray(image.convert("L")) < 128


def test_a_higher_note_stands_higher():
    low, high = (ink(lead_sheet(score(64, 64, 64, pitch), parse_plan("C"))) for pitch in (64, 77))
    below, above = (np.argwhere(one & (low != high))[:, 0].mean() for one in (low, high))
    assert above < below


@pytest.mark.parametrize("pitch", [40, 61, 84])
def test_long_songs_have_more_systems_and_nothing_is_beside_the_page(pitch):
    short, long = (lead_sheet(score(pitch, pitch, pitch, pitch, bars=bars), parse_plan("C") * bars) for bars in (2, 24))
    assert long.height > 2 * short.height - 200
    assert not ink(long)[:, [0, -1]].any()
