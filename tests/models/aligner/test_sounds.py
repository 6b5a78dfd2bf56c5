"""Every symbol has a place in what is looked for, and silence is where a reader may be silent."""

from __future__ import annotations

import pytest

from menura.models.aligner.sounds import CLASSES, NEAREST, states_of
from menura.text.speech.normalise import LANGUAGES
from menura.text.speech.phonemes import CONSONANTS, SYMBOLS, VOWELS
from menura.text.speech.phonemize import phonemize, symbols


def test_every_sound_is_a_class_and_what_is_nearest_to_it_is_one_too():
    assert set(CLASSES[1:]) == VOWELS | CONSONANTS
    assert {one for nearest in NEAREST.values() for one in nearest} <= set(CLASSES)
    assert not {one for nearest in NEAREST.values() for one in nearest} & (NEAREST.keys() - {"ʌ", "ə"})


def test_silence_is_the_pads_the_signs_or_the_spaces():
    row = tuple("“ab, c ˈa!”")
    states = states_of(["“", "æ", "b", ",", " ", "k", " ", "ˈ", "æ", "!", "”"])
    assert len(row) == 11
    assert [CLASSES[place] for place in states.classes] == [
        *("silence", "æ", "b", "silence", "k", "silence", "æ", "silence"),
    ]
    assert states.owners == [0, 2, 3, 4, 6, 7, 9, 12]
    assert [owner for owner, may in zip(states.owners, states.optional, strict=True) if may] == [0, 4, 7, 12]


def test_of_a_space_and_a_sign_the_sign_has_the_silence():
    assert states_of(["æ", " ", "“", "æ"]).owners[2] == 3
    assert states_of(["æ", ",", " ", "æ"]).owners[2] == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_silences_are_neighbours_in_any_text(language):
    text = "“Oh – no!” (she said…) Ja, 12 %; ach: so? Und, “wie” er sagte, nooit."
    for sentence in phonemize(text, language):
        states = states_of(symbols(sentence))
        assert not any(here and there for here, there in zip(states.optional, states.optional[1:], strict=False))
        assert states.owners == sorted(states.owners)


@pytest.mark.parametrize("row", [(), (" ", "."), ("ˈ",)])
def test_without_a_sound_there_is_nothing_to_align(row):
    with pytest.raises(ValueError, match="no sound among the symbols"):
        states_of(row)


def test_all_symbols_are_known():
    assert len(states_of(SYMBOLS).classes) >= len(CLASSES)
