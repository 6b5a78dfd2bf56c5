"""Chords for a melody: of its key, under its notes, and the same a tone higher where it is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from menura.score.harmonise import harmonise
from menura.score.notes import Key
from menura.score.theme import LENGTH, parse

EDGES = np.arange(0, 200, 24)
KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(("major", "minor")))


@given(KEYS, st.booleans(), st.lists(st.integers(0, 13), min_size=16, max_size=16), st.integers(0, 11))
def test_chords_are_of_the_key_and_move_with_the_melody(
    key: Key, sevenths: bool, degrees: list[int], semitones: int
) -> None:
    scale = [pitch for pitch in range(60, 90) if pitch % 12 in key.scale]
    notes = np.array([[12 * place, 12, scale[degree]] for place, degree in enumerate(degrees)])
    chords = harmonise(notes, EDGES, key, sevenths=sevenths)
    raised = {(key.tonic + 11) % 12} if key.mode == "minor" else set()
    assert len(chords) == len(EDGES) - 1
    assert all(set(chord.pitch_classes) <= key.scale | raised for chord in chords)
    higher = Key((key.tonic + semitones) % 12, key.mode)
    moved = harmonise(notes + np.array([0, 0, semitones]), EDGES, higher, sevenths=sevenths)
    assert moved == [chord.transposed(semitones) for chord in chords]


def test_most_of_a_melody_belongs_to_its_chords() -> None:
    theme = parse("E4:3 F4:1 | G4 G4 F4 E4 | D4 C4 C4 D4 | E4:1.5 D4:.5 D4:2")
    chords = harmonise(theme.notes, EDGES, Key(0, "major"))
    assert chords[0].symbol() == "C"
    assert chords[-1].symbol() == "G"
    belongs = [pitch % 12 in chords[onset // 24].pitch_classes for onset, _, pitch in theme.notes.tolist()]
    assert np.average(belongs, weights=theme.notes[:, LENGTH]) > 0.7
