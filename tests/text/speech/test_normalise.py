"""Written text becomes the words that a reader would say, and every word knows where it stands in the text."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.text.speech.normalise import LANGUAGES, normalise

PIECES = (
    *(
        "$5.50",
        "1/2",
        "24.12.",
        "3,5 %",
        "12:30",
        "2'30\"",
        "IV",
        "NASA",
        "U.S.",
        "Dr.",
        "a@b.c",
        "http://x.y/z?q=1",
        "'90s",
    ),
    *(
        "1e6",
        "#tag",
        "½",
        "−3",
        "5'10\"",
        "10–20",
        "😀",
        "naïve",
        "ß",
        "猫",
        "x²",
        "00",
        "½ km",
        "9" * 20,
        "C++",
        "·",
        "\n",
        "  ",
    ),
)
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=8).map("".join)


def spoken(text: str, language) -> str:
    return " ".join(token.text for token in normalise(text, language) if token.kind != "punctuation")


def wrong_in(table: str, language) -> list[str]:
    """The cases of a table that are not read as it says."""
    complaints = []
    for line in Path(__file__).with_name(table).read_text(encoding="utf-8").splitlines():
        text, wanted = line.split("\t")
        said = spoken(text, language)
        if said.casefold() != wanted.casefold():
            complaints.append(f"{text}: {said}, not {wanted}")
    return complaints


def test_english_is_read_as_the_tables_say():
    wrong = wrong_in("en.tsv", "en-us") + wrong_in("en-gb.tsv", "en-gb")
    assert not wrong, "\n".join(wrong)


def test_german_is_read_as_the_table_says():
    wrong = wrong_in("de.tsv", "de")
    assert not wrong, "\n".join(wrong)


def test_dutch_is_read_as_the_table_says():
    wrong = wrong_in("nl.tsv", "nl")
    assert not wrong, "\n".join(wrong)


@given(TEXTS, st.sampled_from(LANGUAGES))
def test_no_text_loses_a_word_and_spans_are_in_order(text, language):
    tokens = normalise(text, language)
    covered = set()
    for earlier, later in itertools.pairwise(tokens):
        assert earlier.start <= later.start
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
        assert token.text == token.text.strip() != ""
        covered.update(range(token.start, token.end))
    lost = {character for place, character in enumerate(text) if character.isalnum() and place not in covered}
    assert not lost


def test_an_unknown_language_is_named_with_those_that_are_known():
    with pytest.raises(ValueError, match=r'"xx".*en-us'):
        normalise("hello", "xx")  # type: ignore[arg-type]
