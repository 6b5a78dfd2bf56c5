"""Themes: what is written is what is read, and what is not read is refused in one line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score import midi
from menura.score.notes import Key, Metre, Score, Track
from menura.score.theme import LENGTH, MOST_NOTES, ONSET, PITCH, Theme, parse, theme_of

_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
OPENINGS = {
    # As people name their keys.
    "E4:3 F4:1 | G4 G4 F4 E4 | D4 C4 C4 D4 | E4:1.5 D4:.5 D4:2": "C major",
    "C4 C4 G4 G4 A4 A4 G4:2": "C major",
    "C4 D4 E4 C4 C4 D4 E4 C4 E4 F4 G4:2": "C major",
    "E4 D#4 E4 D#4 E4 B3 D4 C4 A3:2": "A minor",
    "A4 C5:2 D5 E5:1.5 F5:.5 E5 D5:2 B4 G4:1.5 A4:.5 B4 C5:2 A4": "A minor",
    "D4 G4:2 B4:.5 G4:.5 B4:2 A4 G4:2 E4 D4:2": "G major",
    "D5 G4:.5 A4:.5 B4:.5 C5:.5 D5 G4 G4": "G major",
    "D4:2 D4 A4:2 A4 E4:1.5 F4:.5 E4 D4:3": "D minor",
    "E5 G#5 G#5 G#5 F#5:.5 E5:.5 B5:3": "E major",
    "G4:.5 G4:.5 G4:.5 Eb4:2 F4:.5 F4:.5 F4:.5 D4:2": "C minor",
}


def refused(text: str) -> tuple[str, Theme | None]:
    try:
        return "", parse(text)
    except ValueError as error:
        return str(error), None


def word(pitch: int | None, twelfths: int) -> str:
    name = "r" if pitch is None else f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"
    return f"{name}:{twelfths}/12"


@given(st.lists(st.tuples(st.none() | st.integers(0, 127), st.integers(1, 100)), min_size=1, max_size=40))
def test_what_is_written_is_read(notes: list[tuple[int | None, int]]) -> None:
    if all(pitch is None for pitch, _ in notes):
        notes[0] = (60, notes[0][1])
    theme = parse(" ".join(word(*note) for note in notes))
    onsets = np.cumsum([0, *(length for _, length in notes)])
    sounding = [
        [onset, length, pitch] for onset, (pitch, length) in zip(onsets, notes, strict=False) if pitch is not None
    ]
    assert theme.notes.tolist() == sounding
    assert theme.length == onsets[-1]


def test_octaves_stay_lengths_do_not_and_bar_lines_tell_the_metre() -> None:
    theme = parse("G3 | C4 E G:1.5 r:.5 | c5:3 r |")
    assert theme.notes[:, PITCH].tolist() == [55, 60, 64, 67, 72]
    assert theme.notes[:, LENGTH].tolist() == [12, 12, 12, 18, 36]
    assert theme.usual_metre == (4, 4)
    assert theme.upbeat((4, 4)) == 12
    assert parse("C4 E4 G4").usual_metre is None
    assert parse("C4:1.5 | E4:1.5").usual_metre == (3, 8)


@pytest.mark.parametrize(("text", "key"), OPENINGS.items())
def test_the_key_of_a_known_melody_is_heard(text: str, key: str) -> None:
    assert str(parse(text).key) == key


def test_abc_is_read_as_far_as_it_is_said_to_be() -> None:
    text = "X:1\nT:none that is read\nM:3/4\nL:1/8\nK:Bb\nF2|B2 =e>e|"
    with pytest.raises(ValueError, match="of ABC these are"):
        parse(text)
    theme = parse("X:1\nT:passed over\nM:3/4\nL:1/8\nK:Bb % two flats\nF2|B2 =ee e- e|_a/b/ z c'3/2 B,/|]")
    assert theme.notes[:, PITCH].tolist() == [65, 70, 76, 76, 76, 80, 82, 84, 58]
    assert theme.notes[:, LENGTH].tolist() == [12, 12, 6, 6, 12, 3, 3, 9, 3]
    assert (theme.metre, theme.key) == ((3, 4), Key(10, "major"))
    assert parse("M:6/8 L:1/8 K:F#m GAB cde").notes[:, PITCH].tolist() == [68, 69, 71, 73, 74, 76]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no notes"),
        ("r r | r", "no notes"),
        ("C4 H4", "'H4' is not a note"),
        ("C4:0.3", "twelfths"),
        ("C4:-1", "no length"),
        ("C4:1/0", "no length"),
        ("C4:1e999", "no length"),
        ("C9 C10", "'C10' is not a note"),
        ("G9 A9", "0 to 127"),
        ("C4 " * (MOST_NOTES + 1), "at most"),
        ("K:Ddor DEF", "no key"),
        ("M:99/4 K:C CDE", "no metre"),
        ("K:C [CEG]", "is not read"),
        ("K:C |: C :|", "is not read"),
        ("K:C C999999999", "no length"),
        ("L:0 K:C C", "twelfths|no length"),
    ],
)
def test_what_is_no_theme_is_one_line(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as raised:
        parse(text)
    assert "\n" not in str(raised.value)


@given(st.text("ABCGabcgKLMr|:/#^_=',-0123456789 \nzx~[]%", max_size=60))
def test_whatever_is_written_is_a_theme_or_one_line(text: str) -> None:
    complaint, theme = refused(text)
    assert "\n" not in complaint
    if theme:
        assert (np.diff(theme.notes[:, ONSET]) >= 0).all()
        assert theme.length >= (theme.notes[:, ONSET] + theme.notes[:, LENGTH]).max()


def test_bar_lines_must_be_those_of_the_metre() -> None:
    with pytest.raises(ValueError, match="bar 2 lasts 4 quarters, and a bar of 3/4 3"):
        parse("C4:3 | C4:4 | C4:3").upbeat((3, 4))


def test_a_theme_is_moved_by_octaves_or_refused() -> None:
    theme = parse("C4 G4 C5")
    assert [theme.within(48, 84), theme.within(20, 60), theme.within(72, 90)] == [0, -12, 12]
    assert theme.transposed(-12).notes[:, PITCH].tolist() == [48, 55, 60]
    with pytest.raises(ValueError, match="spans 12 semitones"):
        theme.within(55, 65)


def test_the_melody_of_a_file_is_its_leads_highest_line() -> None:
    melody = np.array([[3840 + 480 * beat, 480, 72 + beat, 90] for beat in range(6)])
    under = melody + np.array([0, 0, -5, 0])
    chords = np.array([[1920 * bar, 1920, pitch, 60] for bar in range(2, 4) for pitch in (48, 52, 55)])
    score = Score((Track("flute", 73, False, np.concatenate((melody, under))), Track("piano", 0, False, chords)))
    theme = theme_of(midi.read(midi.to_bytes(score)))
    assert theme.notes.tolist() == [[12 * beat, 12, 72 + beat] for beat in range(6)]
    assert (theme.metre, theme.bpm) == ((4, 4), 120.0)
    with pytest.raises(ValueError, match="drums alone"):
        theme_of(Score((Track("kit", 0, True, np.array([[0, 100, 38, 90]])),)))
    with pytest.raises(ValueError, match="changes in bar 2"):
        theme_of(Score(score.tracks, metres=(Metre(0, 4, 4), Metre(1920, 3, 4))))


def test_a_file_of_one_player_gives_its_top_line() -> None:
    """What moves under a note that is held is not the melody."""
    held = [[0, 1920, 76, 90], [1920, 960, 74, 90]]
    under = [[480 * beat, 480, 60 + beat % 2, 60] for beat in range(6)]
    theme = theme_of(Score((Track("piano", 0, False, np.array(held + under)),)))
    assert theme.notes[:2].tolist() == [[0, 48, 76], [48, 24, 74]]
    assert isinstance(theme, Theme)
