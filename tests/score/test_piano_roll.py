"""The piano roll: whatever is in a score can be seen, and nothing makes it fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from menura.score.notes import Marker, Metre, Score, Tempo, Track
from menura.score.piano_roll import _COLOURS, piano_roll


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


def _colour_counts(image: Image.Image) -> dict[tuple[int, ...], int]:
    colours = image.getcolors(1 << 24) or []
    return {colour: count for count, colour in colours if isinstance(colour, tuple)}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_tracks_do_not_hide_one_another(order: tuple[int, ...]) -> None:
    """A drone, notes within it and a note across its end, all at one pitch: of each track the same share is seen."""
    drone = np.array([[0, 7680, 60, 127]])
    within = np.array([[480 + 1920 * bar, 960, 60, 127] for bar in range(3)])
    across = np.array([[7000, 1600, 60, 127]])
    tracks = [Track(str(number), 0, False, (drone, within, across)[number]) for number in order]
    counts = _colour_counts(piano_roll(Score(tuple(tracks))))
    swatch = 16 * 10
    seen = [counts.get(colour, 0) - swatch for colour in _COLOURS[:3]]
    lengths = [tracks[number].notes[:, 1].sum() for number in range(3)]
    assert all(count > 0 for count in seen)
    assert np.allclose(np.array(seen) / sum(seen), np.array(lengths) / sum(lengths), atol=0.03)


def test_every_drum_has_a_row() -> None:
    def struck(*drums: int) -> np.ndarray:
        notes = np.array([[480 * place, 60, 35 + drum, 100] for place, drum in enumerate(drums)])
        return np.asarray(piano_roll(Score((Track("", 0, True, notes),))))

    assert (
        struck(*range(30)).shape[0] - struck(*range(29)).shape[0]
        == struck(1, 2, 3).shape[0] - struck(1, 2).shape[0]
        > 0
    )


@pytest.mark.parametrize("length", [10, 120, 600, 1900])
def test_titles_are_shown_to_their_last_word(length: int) -> None:
    def titled(last: str) -> np.ndarray:
        title = ("a slow waltz for flute and piano " * 60)[:length].strip()
        return np.asarray(piano_roll(replace(_score(1), title=f"{title} {last}")))

    assert (titled("one") != titled("two")).any()
    assert (titled("x" * 500 + "y") != titled("x" * 500 + "z")).any()


def test_new_bars_are_marked_and_no_others() -> None:
    score = _score(20)
    plain, marked = (np.asarray(piano_roll(score, new_bars)) for new_bars in (None, (15, 18)))
    changed = (plain != marked).any(axis=2)
    assert changed[:80].any(), "they are named above"
    below = changed[80:]
    rows = np.flatnonzero(below.any(axis=1))
    assert np.diff(rows).max() > 20, "they lie in two systems"
    first, second = below[: rows[len(rows) // 2]], below[rows[len(rows) // 2] :]
    bar = (1600 - 2 * 36 - 64) / 16
    for system, start, stop in ((first, 14, 16), (second, 0, 2)):
        columns = np.flatnonzero(system.any(axis=0))
        assert (columns.min(), columns.max()) == pytest.approx((100 + start * bar, 100 + stop * bar), abs=2)
    assert np.array_equal(np.asarray(piano_roll(score, (30, 40))), plain)


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


def test_chords_stand_beside_the_numbers_of_their_bars():
    score = Score((Track("flute", 73, False, np.array([[0, 480, 72, 80], [1920, 480, 74, 80]])),), (Tempo(0, 120.0),))
    plain, named = piano_roll(score), piano_roll(score, chords=["C", "G7"])
    changed = np.argwhere((np.array(plain) != np.array(named)).any(-1))
    assert len(changed)
    assert np.ptp(changed[:, 0]) < 20
    assert (np.array(piano_roll(score, chords=["C", "G7", "Am"])) == np.array(named)).all()
