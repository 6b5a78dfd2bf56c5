"""The piano roll: whatever is in a score can be seen, and nothing makes it fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from menura.score.notes import Marker, Metre, Score, Track
from menura.score.piano_roll import piano_roll


def _score(num_bars: int, velocity: int = 90) -> Score:
    notes = np.array([[1920 * bar, 1920, 60 + bar % 12, velocity] for bar in range(num_bars)])
    drums = np.array([[480 * beat, 60, (36, 42)[beat % 2], 100] for beat in range(4 * num_bars)])
    return Score((Track("flute", 73, False, notes), Track("", 0, True, drums)), markers=(Marker(0, "A" * 300),))


def _ink(score: Score) -> int:
    """How many pixels differ from the picture of the same score without its first track's notes."""
    without = replace(score.tracks[0], notes=score.tracks[0].notes[:0])
    # A second voice in unison keeps the layout as it is.
    frame = replace(score.tracks[0], name="", notes=score.tracks[0].notes)
    both = (
        np.asarray(piano_roll(replace(score, tracks=(first, frame, *score.tracks[1:]))))
        for first in (score.tracks[0], without)
    )
    first, second = both
    return int((first != second).any(axis=2).sum())


@pytest.mark.parametrize("num_bars", [1, 8, 33, 128, 700])
def test_pieces_of_any_length_make_a_picture_of_moderate_size(num_bars: int) -> None:
    image = piano_roll(_score(num_bars))
    assert image.mode == "RGB"
    assert image.width == 1600
    assert 200 < image.height < 4000


def test_longer_pieces_wrap_into_systems() -> None:
    assert piano_roll(_score(17)).height > piano_roll(_score(16)).height


def test_each_track_is_seen_even_in_unison() -> None:
    assert _ink(_score(8)) > 1000


def test_soft_notes_are_paler() -> None:
    darkness = [255 - np.asarray(piano_roll(_score(8, velocity))).mean() for velocity in (20, 70, 120)]
    assert darkness == sorted(darkness)
    assert darkness[0] < darkness[2]


@pytest.mark.parametrize(
    "score",
    [
        Score(()),
        Score((Track("", 0, False, np.empty((0, 4))),)),
        Score((Track("", 0, True, np.array([[0, 1, 36, 90]])),)),
        Score((Track("x" * 500, 0, False, np.array([[0, 10**7, 0, 1], [0, 1, 127, 127]])),) * 40),
        Score((_score(4).tracks[0],), metres=(Metre(0, 1, 64), Metre(700, 7, 8), Metre(1000, 255, 1))),
        Score((_score(2).tracks[0],), markers=tuple(Marker(k * 10, "x") for k in range(2000)), title="\n\0 é 曲"),
    ],
)
def test_odd_scores_make_a_picture_too(score: Score) -> None:
    assert piano_roll(score).width == 1600
