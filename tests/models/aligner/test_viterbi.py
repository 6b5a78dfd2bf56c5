"""The best path visits every state that may not be left out, in turn."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from menura.models.aligner.viterbi import best_path, freest_path


def every_path(frames: int, optional: np.ndarray):
    """All state rows that begin, step and end as they may."""
    states = len(optional)
    for path in product(range(states), repeat=frames):
        left_out = set(range(states)) - set(path)
        if sorted(path) == list(path) and all(optional[one] for one in left_out):
            yield path


@pytest.mark.parametrize("optional", [[0, 0, 0], [1, 0, 1, 0, 1], [1, 0, 0, 1], [0, 1, 0]])
def test_no_path_is_better(optional):
    rng, allowed = np.random.default_rng(0), np.array(optional, bool)
    for _ in range(20):
        scores, costs = rng.normal(size=(6, len(allowed))), rng.uniform(0, 1, len(allowed)) * allowed

        def worth(path, scores=scores, costs=costs):
            entered = [one for k, one in enumerate(path) if not k or path[k - 1] != one]
            return sum(scores[t, one] for t, one in enumerate(path)) - sum(costs[one] for one in entered)

        found = best_path(scores, np.arange(len(allowed)), allowed, costs)
        assert worth(found) == pytest.approx(max(map(worth, every_path(6, allowed))))
        assert tuple(found) in set(every_path(6, allowed))


def test_as_many_frames_as_sounds_are_one_each():
    found = best_path(np.zeros((3, 1)), np.zeros(5, int), np.array([1, 0, 0, 0, 1], bool), np.zeros(5))
    assert found.tolist() == [1, 2, 3]


def test_without_a_text_a_change_must_be_worth_its_cost():
    scores = np.log(np.array([[0.9, 0.1]] * 5 + [[0.1, 0.9]] + [[0.9, 0.1]] * 5 + [[0.1, 0.9]] * 5))
    assert freest_path(scores, 3.0).tolist() == [0] * 11 + [1] * 5
    assert freest_path(scores, 0.0).tolist() == scores.argmax(1).tolist()
