"""Chord progressions: every style has them in both modes, sections return over theirs, and the end is the tonic."""

import pytest

from menura.score.arranger.progressions import LEADS, cadence, progression
from menura.score.arranger.styles import STYLES
from menura.score.form import sections
from menura.score.notes import Key


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("bars", [1, 7, 24, 32])
def test_every_style_has_chords_for_every_bar_and_ends_on_the_tonic(mode: str, bars: int) -> None:
    for style in STYLES:
        for seed in range(3):
            chords = progression(style, Key(7, mode), sections(None, bars), seed)
            assert len(chords) == bars
            assert all(chord is not None for halves in chords for chord in halves)
            if bars > 1:
                assert {chord.root for chord in chords[-1] if chord} == {7}


def test_before_the_last_chord_comes_another_and_where_all_is_composed_the_dominant() -> None:
    for mode in ("major", "minor"):
        for style in STYLES:
            before = progression(style, Key(7, mode), sections(None, 16), 1)[-2]
            assert style == "blues shuffle" or {chord.root for chord in before if chord} != {7}
        for seed in range(8):
            *free, before, last = cadence(Key(7, mode), 16, seed)
            assert before[1]
            assert last[0]
            assert (before[1].root, last[0].root) == (2, 7)
            assert free == [(None, None)] * 14


def test_sections_of_one_name_have_the_same_chords_and_others_have_others() -> None:
    chords = progression("pop", Key(0, "major"), sections("AABA", 32), 0)
    assert chords[:8] == chords[8:16]
    assert chords[:8] != chords[16:24]


def test_every_style_has_somebody_to_lead() -> None:
    assert LEADS.keys() == STYLES.keys()
