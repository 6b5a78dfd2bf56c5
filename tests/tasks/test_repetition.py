"""Loops are found and cut to one phrase; what people do repeat stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.tasks.repetition import loop, without_loops

words = st.lists(st.integers(0, 999), min_size=1, max_size=12, unique=True)


@given(words, st.integers(12, 30), words)
def test_a_loop_leaves_one_phrase(phrase, repeats, before):
    before = [one + 1000 for one in before]
    tokens = [*before, *phrase * repeats, 5000]
    assert without_loops(tokens, [True] * len(tokens)) == [*before, *phrase, 5000]


@given(st.lists(st.integers(0, 10_000), max_size=60, unique=True))
def test_what_is_said_once_stays(tokens):
    assert loop(tokens) is None
    assert without_loops(tokens, [True] * len(tokens)) == tokens


@pytest.mark.parametrize("text", ["no no no no", "bye bye bye", "very very very good and very very very long"])
def test_people_do_repeat_themselves(text):
    assert loop(text.split()) is None


def test_times_within_a_loop_stay():
    tokens = [900, 1, 2, 3, 901] * 6
    kept = without_loops(tokens, [token < 900 for token in tokens])
    assert [token for token in kept if token < 900] == [1, 2, 3]
    assert sum(token >= 900 for token in kept) == 12
