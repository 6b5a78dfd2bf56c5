"""Singing: vowels begin with their notes, consonants before the beat, F0 is that of the notes, nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score import theme, tune
from menura.tasks.singing import FRAME_S, Manner, fitted, phrases
from menura.text.speech.phonemes import VOWELS
from menura.text.speech.syllables import read_lyrics

STEADY = Manner(vibrato=0.0)


def usual(symbols):
    return np.full(len(symbols) + 2, 6)


def sung(notes: str, lyrics: str, manner=STEADY, bpm=60):
    melody, cut = fitted(tune.of_theme(theme.parse(notes), bpm), read_lyrics(lyrics))
    return melody, list(phrases(melody, cut, usual, manner))


def vowel_starts(phrase):
    """Seconds at which the vowels of a phrase begin, their stress marks with them."""
    begins = phrase.start + np.concatenate(([0], np.cumsum(phrase.durations)))[1:-2]
    symbols = phrase.symbols
    places = [place for place, symbol in enumerate(symbols) if symbol in VOWELS]
    marked = [place - (place > 0 and symbols[place - 1] in "ˈˌ") for place in places]
    return [begins[place] * FRAME_S for place in marked]


def test_vowels_begin_with_their_notes():
    melody, (phrase,) = sung("C4 D4 E4:2", "strong street light")
    assert vowel_starts(phrase) == pytest.approx(melody.notes[:, 0], abs=FRAME_S)


def test_a_phrase_lasts_as_its_frames_and_ends_with_its_last_note():
    _, (phrase,) = sung("C4 D4 E4:2", "morn-ing light")
    assert phrase.durations.sum() == len(phrase.f0)
    assert len(phrase.durations) == len(phrase.symbols) + 2
    end = phrase.start + phrase.durations[:-1].sum()
    assert end * FRAME_S == pytest.approx(4.0, abs=2 * FRAME_S)


def test_f0_is_that_of_the_note_but_for_glides_and_unvoiced_sounds():
    melody, (phrase,) = sung("A3 A4", "la la")
    for (start, length, pitch), hz in zip(melody.notes, (220, 440), strict=True):
        middle = slice(*(round((start + length * share) / FRAME_S) - phrase.start for share in (0.2, 0.8)))
        cents = 1200 * np.log2(phrase.f0[middle] / hz)
        assert pitch in (57, 69)
        assert np.abs(cents).max() < 1
    _, (hissed,) = sung("A3:4", "see")
    assert (hissed.f0[6:10] == 0).all()


def test_vibrato_sets_in_late_and_keeps_the_pitch():
    _, (phrase,) = sung("A3:4", "ah", Manner())
    voiced = phrase.f0[phrase.f0 > 0]
    cents = 1200 * np.log2(voiced / 220)
    assert np.abs(cents[:16]).max() < 1
    assert 20 < np.abs(cents[60:200]).max() < 40
    assert abs(cents[60:200].mean()) < 5


def test_rests_are_breaths():
    _, two = sung("C4 D4 r E4", "one two three")
    assert len(two) == 2
    assert [[word for word, _, _ in one.words] for one in two] == [["one", "two"], ["three"]]


def test_verses_repeat_the_tune():
    melody, found = sung("C4 D4 r", "one two three four")
    assert melody.notes[:, 2].tolist() == [60, 62, 60, 62]
    assert sum(len(one.words) for one in found) == 4


def test_a_held_syllable_has_several_notes():
    melody, (phrase,) = sung("C4 D4 E4", "grace _ _")
    hz = [phrase.f0[round((start + 0.5) / FRAME_S) - phrase.start] for start in melody.notes[:, 0]]
    assert [round(69 + 12 * np.log2(one / 440)) for one in hz] == [60, 62, 64]


def test_lyrics_that_do_not_fit_are_told_with_both_numbers():
    with pytest.raises(ValueError, match="need 2 notes, and the tune has 3"):
        sung("C4 D4 E4", "one two")
    with pytest.raises(ValueError, match="need 3 notes, and the tune has 2"):
        sung("C4 D4", "one two three")


@given(
    st.lists(st.sampled_from(["C4:1/4", "G4:1/2", "A3", "E5:2", "r:1/4", "r"]), min_size=1, max_size=12).filter(
        lambda notes: any(not note.startswith("r") for note in notes)
    ),
    st.sampled_from([30, 60, 180]),
)
def test_any_tune_is_sung_from_its_first_note_to_its_last(notes, bpm):
    count = sum(not note.startswith("r") for note in notes)
    melody, found = sung(" ".join(notes), "strengths " * count, bpm=bpm)
    assert sum(len(one.words) for one in found) == count
    for one in found:
        assert one.durations.sum() == len(one.f0)
        assert one.durations.min() >= 1
        starts = [start for start in melody.notes[:, 0] if one.start * FRAME_S <= start <= one.start * FRAME_S + 99]
        assert starts
