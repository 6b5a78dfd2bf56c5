"""A tune to be sung comes from text or a file, with the lyrics that the file has, whichever way they are written."""

from __future__ import annotations

import numpy as np
import pytest

from menura.score import theme
from menura.score.notes import Score, Tempo, Text, Track
from menura.score.tune import of_score, of_theme

QUARTER = 480


def song(lyrics: list[tuple[int, str]], tempos: tuple[Tempo, ...] = ()) -> Score:
    """Four quarters of melody over a bass that moves less."""
    melody = [(place * QUARTER, QUARTER, 60 + place, 90) for place in range(4)]
    bass = [(0, 4 * QUARTER, 36, 90)]
    tracks = (Track("bass", 32, False, np.array(bass)), Track("voice", 53, False, np.array(melody)))
    texts = tuple(Text(place * QUARTER, "lyric", text) for place, text in lyrics)
    return Score(tracks, tempos=tempos, texts=texts)


def test_a_theme_lasts_as_its_tempo_says():
    tune = of_theme(theme.parse("C4 r D4:2"), 120)
    np.testing.assert_allclose(tune.notes, [[0.0, 0.5, 60], [1.0, 1.0, 62]])


@pytest.mark.parametrize(
    ("lyrics", "written"),
    [
        ([(0, "A-"), (1, "ma-"), (2, "zing"), (3, "grace")], "A-ma-zing grace"),
        ([(0, "A "), (1, "mor"), (2, "ning "), (3, "star ")], "A mor-ning star"),
        ([(0, "grace"), (3, "how")], "grace _ _ how"),
        ([(0, "\\Light"), (1, " of"), (2, " the"), (3, " world")], "Light of the world"),
    ],
)
def test_lyrics_stand_with_their_notes(lyrics, written):
    tune = of_score(song(lyrics))
    assert tune.lyrics == written
    assert tune.notes[:, 2].tolist() == [60, 61, 62, 63]


def test_the_tempo_of_a_file_is_kept_where_it_changes():
    tune = of_score(song([(0, "la")], (Tempo(0, 120.0), Tempo(2 * QUARTER, 60.0))))
    np.testing.assert_allclose(tune.notes[:, 1], [0.5, 0.5, 1.0, 1.0])


def test_a_file_without_lyrics_gives_its_melody():
    tune = of_score(song([]))
    assert tune.lyrics == ""
    assert tune.notes[:, 2].tolist() == [60, 61, 62, 63]
