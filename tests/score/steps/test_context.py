"""The context of a note is what stands before it, the same however much of the piece is there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.steps.context import LAGS, NONE, Context, Music, context
from menura.score.steps.tokens import BAR, DURATIONS, nearest_duration

QUARTER = 12


def rows_of(bars: list[list[tuple[int, int, int, int, int]]]) -> np.ndarray:
    return np.array([row for bar in bars for row in ((BAR, 0, 0, 0, 0), *sorted(bar))])


def music_of(bars, is_drum=(False,) * 3) -> Music:
    return Music.of(rows_of(bars), np.tile((4, 4), (len(bars), 1)), np.array(is_drum))


def quarter(position, slot, pitch, velocity=8):
    return (position, slot, pitch, int(nearest_duration(np.array([QUARTER]))[0]), velocity)


BARS = [
    [quarter(0, 0, 48), quarter(0, 1, 64), quarter(0, 1, 67), quarter(12, 1, 71), quarter(24, 1, 72)],
    [quarter(0, 0, 50), quarter(0, 1, 66), quarter(0, 1, 69), quarter(12, 1, 73, 9)],
]


def test_intervals_are_counted_from_the_parts_last_notes_and_the_bass():
    found = context(music_of(BARS), 0, 11)
    assert found.anchors.tolist() == [
        [NONE] * 4,
        [NONE] * 4,
        [NONE, NONE, NONE, 48],  # the bass has begun at the same time
        [64, NONE, NONE, 48],
        [NONE, 67, 64, NONE],  # everything has ended
        [NONE, 71, 71, NONE],
        [NONE] * 4,
        [NONE, 48, 48, NONE],
        [NONE, 72, 72, 50],
        [66, 72, 72, 50],
        [NONE, 69, 66, NONE],
    ]
    assert np.flatnonzero(found.sounding[3]).tolist() == [0, 4]


def test_what_stood_at_the_same_place_a_bar_ago_is_known():
    found = context(music_of(BARS), 7, 11)
    assert found.position[:, 0].tolist() == [0, 0, 0, 12]  # after the bar line, after 50, after 66 came 67, after 69
    assert np.flatnonzero(found.slots[0, 0]).tolist() == [0, 1]
    assert np.flatnonzero(found.pitches[1, 0]).tolist() == [64, 67]
    assert found.shift[3, 0] == 69 - 67
    assert found.velocity[3, 0] == 8
    assert DURATIONS[found.duration[3, 0]] == QUARTER
    assert (found.position[:, 1:] == NONE).all()


def test_a_bar_line_is_expected_where_a_bar_ended_before():
    found = context(music_of([BARS[1], BARS[1], []]), 6, 11)
    assert found.position[:, 0].tolist() == [0, 0, 0, 12, BAR]


note = st.tuples(st.integers(0, 47), st.integers(0, 2), st.integers(30, 90), st.integers(0, 30), st.integers(0, 15))
pieces = st.lists(st.lists(note, max_size=9, unique_by=lambda row: row[:3]), min_size=1, max_size=12)


@given(pieces, st.data())
def test_the_future_does_not_change_the_context(bars, data):
    whole = music_of(bars, (True, False, False))
    row = data.draw(st.integers(0, len(whole.steps) - 1))
    cut = Music.of(whole.steps[: row + 1], np.tile((4, 4), (len(bars), 1)), whole.is_drum)
    for ours, theirs in zip(context(whole, row, row + 1), context(cut, row, row + 1), strict=True):
        assert np.array_equal(ours, theirs)


@given(pieces)
def test_a_piece_moved_by_an_octave_has_the_same_intervals(bars):
    moved = [[(p, s, pitch + 12, d, v) for p, s, pitch, d, v in bar] for bar in bars]
    one, two = (context(music_of(each), 0, len(rows_of(bars))) for each in (bars, moved))
    known = one.anchors != NONE
    assert np.array_equal(one.anchors[known] + 12, two.anchors[known])
    for name in Context._fields:
        if name not in ("anchors", "pitches"):
            assert np.array_equal(getattr(one, name), getattr(two, name)), name


@pytest.mark.parametrize("lag", range(len(LAGS)))
def test_each_lag_looks_as_many_bars_back(lag):
    bars = [[quarter(0, 0, 40 + bar)] for bar in range(10)]
    found = context(music_of(bars), 19, 20)
    assert np.flatnonzero(found.pitches[0, lag]).tolist() == [49 - LAGS[lag]]
    assert found.shift[0, lag] == LAGS[lag]
