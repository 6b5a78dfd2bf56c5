"""Number words are right where they can be checked against one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.normalise import LANGUAGES
from menura.text.speech.numerals import LARGEST, cardinal, ordinal, roman, year

LETTERS = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"))
LETTERS += ((9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def written(number: int) -> str:
    said = ""
    for value, letters in LETTERS:
        said += letters * (number // value)
        number %= value
    return said


def test_numbers_below_ten_thousand_are_told_apart():
    """No two of them sound alike, as cardinals or as ordinals."""
    for language in LANGUAGES:
        for say in (cardinal, ordinal):
            assert len({say(number, language) for number in range(10_000)}) == 10_000
        assert len({year(number, language) for number in range(1000, 2100)}) == 1100


@given(st.integers(0, LARGEST), st.sampled_from(LANGUAGES))
def test_a_number_begins_with_its_thousands(number, language):
    """The words of a large number are those of its thousands, then those of the rest."""
    words = cardinal(number, language)
    assert words
    assert words == " ".join(words.split())
    assert not any(character.isdigit() for character in words)
    if number % 1000 == 0 and 10**6 <= number * 1000 <= LARGEST and language.startswith("en"):
        assert cardinal(number // 1000, language).split()[0] == words.split()[0]


@given(st.integers(1, 3999))
def test_roman_numerals_are_read_as_they_are_written(number):
    assert roman(written(number)) == number


def test_what_is_no_numeral_is_refused():
    assert roman("IIII") is None
    assert roman("") is None
    assert roman("Henry") is None
    with pytest.raises(ValueError, match="0 to"):
        cardinal(-1, "de")
