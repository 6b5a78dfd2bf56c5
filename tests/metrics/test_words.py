"""Error rates are those that jiwer counts, of texts that are spelled alike."""

from __future__ import annotations

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.metrics.words import character_error_rate, edit_distance, word_error_rate

_WORDS = st.lists(st.sampled_from("a bird sang over the hill".split()), max_size=30)  # noqa: SIM905


@given(_WORDS.filter(bool), _WORDS)
def test_counts_are_jiwer_s(reference, estimate):
    counts = jiwer.process_words(" ".join(reference), " ".join(estimate))
    assert edit_distance(reference, estimate) == counts.substitutions + counts.deletions + counts.insertions


@given(_WORDS, _WORDS)
def test_the_distance_is_the_same_both_ways_and_none_to_itself(one, other):
    assert edit_distance(one, other) == edit_distance(other, one) <= max(len(one), len(other))
    assert edit_distance(one, one) == 0


def test_spelling_and_signs_are_no_errors():
    reference = "Mr. Smith won’t pay twenty-one dollars for the colour, he's said."
    assert word_error_rate(reference, "mister smith will not pay $21 for the color he is said") == 0
    assert word_error_rate("one bird sang", "one bird rang twice") == pytest.approx(2 / 3)
    assert character_error_rate("bird", "bard") == 0.25


def test_of_nothing_there_is_no_rate():
    with pytest.raises(ValueError, match="no word"):
        word_error_rate("(music)", "la la")
