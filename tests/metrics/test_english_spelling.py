"""British and American spellings are one."""

from __future__ import annotations

import pytest

from menura.metrics.english_spelling import american


@pytest.mark.parametrize(
    ("british", "expected"),
    [
        ("colours", "colors"),
        ("neighbourhood", "neighborhood"),
        ("theatres", "theaters"),
        ("organisations", "organizations"),
        ("realised", "realized"),
        ("travelling", "traveling"),
        ("catalogue", "catalog"),
        ("grey", "gray"),
    ],
)
def test_a_british_word_is_spelled_as_americans_do(british, expected):
    assert american(british) == expected
    assert american(expected) == expected


@pytest.mark.parametrize("word", ["four", "hour", "rise", "wise", "our", "well", "the"])
def test_other_words_stay(word):
    assert american(word) == word
