"""Words are where their tokens attend; the path is the cheapest there is; punctuation goes with its word."""

from __future__ import annotations

import numpy as np
import pytest

from menura.models.whisper.timing import WordTiming, dynamic_time_warping, merge_punctuation, word_timings
from menura.models.whisper.tokenizer import Tokenizer, plain_bytes

WORDS = Tokenizer((*plain_bytes(), b" one", b" two", b" three"))
TWO, THREE = 257, 258


def cheapest(costs: np.ndarray) -> float:
    sums = np.full(np.array(costs.shape) + 1, np.inf)
    sums[0, 0] = 0
    for row in range(costs.shape[0]):
        for place in range(costs.shape[1]):
            before = min(sums[row, place], sums[row, place + 1], sums[row + 1, place])
            sums[row + 1, place + 1] = costs[row, place] + before
    return sums[-1, -1]


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (5, 9), (9, 5)])
def test_the_path_is_the_cheapest(shape):
    costs = np.random.default_rng(0).standard_normal(shape)
    rows, places = dynamic_time_warping(costs)
    assert (rows[0], places[0]) == (0, 0)
    assert (rows[-1], places[-1]) == (shape[0] - 1, shape[1] - 1)
    assert (np.diff(rows) >= 0).all()
    assert (np.diff(places) >= 0).all()
    assert costs[rows, places].sum() == pytest.approx(cheapest(costs))


def test_words_are_where_their_tokens_attend():
    """The token before is told when a word is said: its row attends there."""
    weights = np.full((2, 5, 100), 1e-3)  # two of a start, two words, the end
    for row, (begin, stop) in enumerate(((0, 100), (10, 40), (40, 70), (70, 95), (95, 100))):
        weights[:, row, begin:stop] = 1
    found = word_timings(WORDS, [TWO, THREE], np.array([0.5, 0.25]), weights)
    assert [word.word for word in found] == [" two", " three"]
    assert [word.probability for word in found] == [0.5, 0.25]
    assert found[0].end == found[1].start == pytest.approx(0.8, abs=0.041)
    assert found[1].end == pytest.approx(1.4, abs=0.041)
    assert word_timings(WORDS, [], np.zeros(0), weights) == []


def test_little_sound_is_no_error():
    weights = np.random.default_rng(0).random((1, 4, 1))
    (word,) = word_timings(WORDS, [TWO], np.array([1.0]), weights)
    assert word.start == word.end == 0


def test_punctuation_goes_with_its_word():
    said = [" He", ' "', "said", ",", " (", "no", ")", "!", " -"]
    words = [WordTiming(word, place, place + 1, 1.0, (place,)) for place, word in enumerate(said)]
    merged = merge_punctuation(words)
    assert [word.word for word in merged] == [" He", ' "said,', " (no)!", " -"]
    assert [word.start for word in merged] == [0, 2, 5, 8]
    assert [token for word in merged for token in word.tokens] == list(range(9))
