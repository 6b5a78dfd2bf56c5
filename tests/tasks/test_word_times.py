"""Words begin and end with their sound, and those that nobody said are known."""

from __future__ import annotations

import numpy as np
import pytest

from menura.models.whisper.timing import WordTiming
from menura.tasks.word_times import corrected, is_suspicious


def word(start, end, probability=0.9, text=" word"):
    return WordTiming(text, start, end, probability, (1,))


def test_pauses_belong_to_no_word():
    levels = np.full(300, -70.0)
    levels[20:60] = levels[110:150] = -20.0
    first, second = corrected([word(0.0, 0.9), word(0.9, 2.0)], levels)
    assert (first.start, first.end) == pytest.approx((0.2, 0.6))
    assert (second.start, second.end) == pytest.approx((1.1, 1.5))


def test_where_no_pause_is_words_meet_as_early_as_the_alignment_is_late():
    first, second = corrected([word(0.5, 0.9), word(0.9, 1.4)], np.full(300, -20.0))
    assert (first.start, first.end) == pytest.approx((0.41, 0.81))
    assert (second.start, second.end) == pytest.approx((0.81, 1.43))


def test_words_meet_where_they_are_softest():
    levels = np.full(300, -20.0)
    levels[84:88] = -30.0
    first, second = corrected([word(0.5, 0.9), word(0.9, 1.4)], levels)
    assert first.end == second.start == pytest.approx(0.86, abs=0.03)


def test_words_over_silence_stay_where_they_were():
    levels = np.full(300, -70.0)
    levels[20:60] = -20.0
    assert corrected([word(1.0, 1.5)], levels) == [word(1.0, 1.5)]


@pytest.mark.parametrize(
    ("words", "suspicious"),
    [
        ([word(0, 0.4), word(0.4, 0.8)], False),
        ([word(0, 0.9, 0.01, " You")], True),
        ([word(0, 0.1, 0.11, " Six.")], False),
        ([word(0, 0.02, 0.01), word(0.02, 0.04, 0.96), word(0.04, 0.06, 0.2)], True),
        ([word(0, 0.02, 0.04), *[word(0.02, 0.04)] * 8], False),
        ([word(0, 0.1, 0.01, "."), word(0.1, 0.6)], False),
        ([], False),
    ],
)
def test_signs_of_words_that_nobody_said(words, suspicious):
    assert is_suspicious(words) == suspicious
