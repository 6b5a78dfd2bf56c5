"""Whether a model is learning is said in plain words."""

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
