"""Numbers in words are the numbers in digits that are meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.metrics.english_numbers import in_digits
from menura.text.speech.numerals import cardinal


@given(st.integers(0, 10**9))
def test_what_is_said_of_a_number_is_that_number(number):
    assert in_digits(" ".join(cardinal(number, "en").replace("-", " ").split())) == str(number)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("in nineteen ninety nine", "in 1999"),
        ("twenty twenty", "2020"),
        ("one oh one dalmatians", "101 dalmatians"),
        ("one two three", "123"),
        ("two hundred and one", "201"),
        ("a hundred apples and a thousand pears", "a 100 apples and a 1000 pears"),
        ("three point five percent", "3.5%"),
        ("two point five million", "2500000"),
        ("five pounds and twenty one dollars and fifty cents", "£5 and $21.50"),
        ("the twenty first of the sixties", "the 21st of the 60s"),
        ("the one hundred and first", "the 101st"),
        ("two and a half years", "2.5 years"),
        ("black and white", "black and white"),
    ],
)
def test_numbers_are_read_as_they_are_said(said, meant):
    assert in_digits(said) == meant
