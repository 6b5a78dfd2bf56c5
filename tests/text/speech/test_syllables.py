"""Lyrics are cut as people sing them: a vowel a note, consonants before the beat where a word may begin with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.normalise import LANGUAGES
from menura.text.speech.phonemes import VOWELS
from menura.text.speech.phonemize import phonemize
from menura.text.speech.syllables import read_lyrics, syllables


def cut(word: str, language="en-us") -> list[str]:
    (sentence,) = phonemize(word, language)
    return ["".join(sound for part in one for sound in part) for one in syllables(sentence[0].phonemes)]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("grace", ["ɡɹˈeɪs"]),
        ("amazing", ["ə", "mˈeɪ", "zɪŋ"]),
        ("extra", ["ˈɛk", "stɹə"]),
        ("morning", ["mˈɔɹ", "nɪŋ"]),
        ("singing", ["sˈɪŋ", "ɪŋ"]),
        ("subtle", ["sˈʌ", "ɾᵊl"]),
    ],
)
def test_words_are_cut_before_what_may_begin_a_word(word, expected):
    assert cut(word) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_a_word_is_lost_and_each_syllable_has_one_vowel(language):
    for word in ("strawberry", "Donaudampfschiff", "schitterend", "rhythm", "beautiful", "understanding"):
        for sentence in phonemize(word, language):
            parts = syllables(sentence[0].phonemes)
            assert tuple(sound for part in parts for one in part for sound in one) == sentence[0].phonemes
            assert all(sum(sound in VOWELS for sound in nucleus) == 1 for _, nucleus, _ in parts)


def test_hyphens_say_how_many_notes_a_word_has():
    cut = read_lyrics("A-ma-zing po-em fi-re o-ver")
    assert [one.text for one in cut[:5]] == ["A", "ma", "zing", "po", "em"]
    assert sum(one.notes for one in cut) == 9


def test_more_vowels_than_hyphens_say_are_sung_on_one_note():
    (first, second) = read_lyrics("ever-y")[:2]
    assert sum(sound in VOWELS for sound in (*first.nucleus, *second.nucleus)) >= 2


def test_an_underscore_holds_for_a_note_more():
    grace, how = read_lyrics("grace __ how")
    assert (grace.notes, how.notes) == (3, 1)


def test_the_word_stands_with_its_first_syllable():
    assert [(one.text, one.is_first) for one in read_lyrics("morning, light!")] == [
        ("morning,", True), ("", False), ("light!", True),
    ]  # fmt: skip


@pytest.mark.parametrize(("lyrics", "complaint"), [("", "no word"), ("!? …", "no word"), ("_ la", "begin with one")])
def test_what_cannot_be_sung_is_told(lyrics, complaint):
    with pytest.raises(ValueError, match=complaint):
        read_lyrics(lyrics)


@given(st.text(max_size=60))
def test_any_text_is_sung_or_refused(text):
    try:
        found = read_lyrics(text)
    except ValueError:
        return
    assert all(one.nucleus and one.notes >= 1 for one in found)
