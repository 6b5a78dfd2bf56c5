"""Whether a model is learning is said in plain words, and nothing is said that nobody can know."""

from __future__ import annotations

import pytest

from menura.train.verdict import verdict


@pytest.mark.parametrize(
    ("held_out", "training", "words"),
    [
        ([6.3], 6.4, "no trend yet, this is the first check; training 6.400, so little is learnt by heart"),
        ([6.5, 6.3], 6.2, "falling (0.200 lower): it is learning; training 6.200, so little"),
        ([6.3, 6.305], 6.2, "flat (+0.005): it learns little now"),
        ([6.3, 6.5], 5.0, "rising (0.200 higher): it is getting worse, stop, or give it more data"),
        ([6.3, 6.5], 6.5, "rising (0.200 higher): it is getting worse, lower the learning rate"),
        ([6.5, 6.3], 5.0, "so much is learnt by heart"),
    ],
)
def test_the_words_follow_the_numbers(held_out, training, words):
    assert words in verdict(held_out, training)


@pytest.mark.parametrize(
    ("held_out", "words"),
    [
        ([6.3], "the run is over: its loss went from 8.100 to 6.200; it was judged this once, so there is no trend"),
        ([7.0, 6.3, 6.3], "the run is over: 0.700 lower than at its first check"),
        ([6.3, 6.4], "the run is over: 0.100 higher than at its first check, and best (6.300) at check 1 of 2"),
        ([7.0, 6.0, 6.5], "the run is over: 0.500 lower than at its first check, and best (6.000) at check 2 of 3"),
    ],
)
def test_a_run_that_is_over_is_not_called_flat(held_out, words):
    """Its rate has fallen to nothing, so that it stands still says nothing of the model."""
    said = verdict(held_out, 6.2, is_over=True, went=(8.1, 6.2))
    assert said == f"{words}; training 6.200, so little is learnt by heart"
    assert verdict(held_out, None, is_over=True, went=(8.1, 6.2)) == words


def test_nothing_is_said_of_what_is_learnt_by_heart_where_nobody_knows():
    assert "heart" not in verdict([6.5, 6.3], None)
