"""Chords are read as lead sheets write them, and heard in notes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.harmony import NO_CHORD, NUM_CHORDS, QUALITIES, Chord, find_chords, half_bars, parse_plan


@pytest.mark.parametrize(
    ("text", "root", "quality"),
    [
        *(("C", 0, ""), ("Dm", 2, "m"), ("G7", 7, "7"), ("Cmaj7", 0, "maj7"), ("CM7", 0, "maj7"), ("CΔ", 0, "maj7")),
        *(("F#m7b5", 6, "m7b5"), ("Bø", 11, "m7b5"), ("Bbmaj7", 10, "maj7"), ("B♭-7", 10, "m7"), ("Ebm", 3, "m")),
        *(("Cdim7", 0, "dim7"), ("C°7", 0, "dim7"), ("C°", 0, "dim"), ("Caug", 0, "aug"), ("C+", 0, "aug")),
        *(("Gsus4", 7, "sus4"), ("G7sus4", 7, "sus4"), ("Asus2", 9, "sus4"), ("A13", 9, "7"), ("E7#9", 4, "7")),
        *(("Am6", 9, "m"), ("C6", 0, ""), ("Cadd9", 0, ""), ("C5", 0, ""), ("C/E", 0, ""), ("Dm7/G", 2, "m7")),
        *(("Ammaj7", 9, "m"), ("Dm9", 2, "m7"), ("F♯", 6, ""), ("Cb", 11, "")),
    ],
)
def test_symbols_are_read(text, root, quality):
    assert Chord.parse(text) == Chord(root, quality)


@given(st.integers(1, NUM_CHORDS - 1), st.booleans(), st.integers(-24, 24))
def test_a_chord_comes_back_from_its_index_and_its_symbol(index, flats, semitones):
    chord = Chord.of(index)
    assert chord is not None
    assert chord.index == index
    assert Chord.parse(chord.symbol(flats)) == chord
    assert chord.transposed(semitones).transposed(-semitones) == chord


@pytest.mark.parametrize("text", ["", "H", "c", "Xm", "Cfoo", "C//E", "12", "Dm G"])
def test_what_is_no_chord_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match=r"is not a chord; write it as Dm7"):
        Chord.parse(text)


def test_a_plan_has_two_chords_a_bar():
    c, f, g = Chord(0), Chord(5), Chord(7, "7")
    assert parse_plan("C | % | F G7 | N.C.") == [(c, c), (c, c), (f, g), (None, None)]
    assert parse_plan("| C | F |") == [(c, c), (f, f)]
    for wrong in ("C | | F", "C F G", "%"):
        with pytest.raises(ValueError, match=r"chord"):
            parse_plan(wrong)


def test_halves_of_bars_lie_on_beats():
    metres = np.array([[4, 4], [3, 4], [6, 8], [2, 4], [5, 4]])
    lengths = np.array([48, 36, 36, 24, 60])
    starts = np.cumsum([0, *lengths[:-1]])
    halves = half_bars(starts, metres, int(lengths.sum()))
    assert np.diff(halves)[::2].tolist() == [24, 24, 18, 12, 36]
    assert halves[::2].tolist() == [*starts.tolist(), int(lengths.sum())]


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("root", [0, 5, 10])
def test_a_chord_that_is_played_is_heard(root, quality):
    """Root in the bass and doubled; a diminished seventh may be heard on any of its tones, an augmented one too."""
    chord = Chord(root, quality)
    pitches = np.array([36 + root, *(60 + root + tone for tone in QUALITIES[quality])])
    count = len(pitches)
    found = find_chords(np.zeros(count, int), np.full(count, 24), pitches, np.array([0, 24, 48]), 12)
    heard = Chord.of(int(found[0]))
    assert heard is not None
    assert set(heard.pitch_classes) == set(chord.pitch_classes)
    assert found[1] == NO_CHORD


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 200), st.integers(0, 115)), max_size=40))
def test_any_notes_have_chords(notes):
    onset, duration, pitch = np.array(notes, dtype=int).reshape(-1, 3).T
    edges = np.arange(0, 400, 24)
    found = find_chords(onset, duration, pitch, edges, 12)
    assert len(found) == len(edges) - 1
    assert ((found >= 0) & (found < NUM_CHORDS)).all()
    moved = find_chords(onset, duration, pitch + 12, edges, 12)
    assert (moved == found).all()  # an octave is no other chord
