"""What a model is told: buckets that never run backwards, shares whose ends exist, keys brought to C the short way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.steps.conditions import (
    DONE_EDGES,
    FUTURE,
    LEFT_EDGES,
    NUM_SHARES,
    NUM_TEMPI,
    bar_buckets,
    share_index,
    tempo_index,
    to_c,
)


@given(st.lists(st.floats(0.001, 1e7), min_size=2, max_size=20))
def test_a_faster_tempo_never_has_a_lower_index(tempi: list[float]) -> None:
    found = [tempo_index(bpm) for bpm in sorted(tempi)]
    assert found == sorted(found)
    assert all(1 <= index < NUM_TEMPI for index in found)


def test_every_tempo_index_is_reached() -> None:
    assert {tempo_index(bpm) for bpm in np.arange(20, 301)} == set(range(1, NUM_TEMPI))


def test_shares_are_eighths_and_their_ends_belong_to_them() -> None:
    assert share_index(None) == 0
    assert share_index(0.0) == 1
    assert share_index(1.0) == NUM_SHARES
    found = [share_index(share) for share in np.linspace(0, 1, 161)]
    assert found == sorted(found)
    assert set(found) == set(range(1, NUM_SHARES + 1))


def test_every_tonic_is_moved_to_c_by_at_most_six_semitones() -> None:
    for tonic in range(12):
        assert (tonic + to_c(tonic)) % 12 == 0
        assert -6 <= to_c(tonic) <= 5


@given(st.lists(st.integers(0, 5000), min_size=2, max_size=20))
def test_more_bars_never_fall_into_a_lower_bucket(bars: list[int]) -> None:
    bars = sorted(bars)
    places = np.array([[3, 4, bar, bar] for bar in bars])
    told = bar_buckets(places, np.maximum(bars, 1))
    assert (np.diff(told[:, 2:], axis=0) >= 0).all()
    assert (told[:, :2] == [3, 4]).all()
    assert told[:, 2].max() <= len(DONE_EDGES)
    assert told[:, 3].max() <= len(LEFT_EDGES)
    assert 1 <= told[:, 4].min() <= told[:, 4].max() < FUTURE
    assert told.dtype == np.int64


def test_where_nothing_follows_nothing_is_told_of_it() -> None:
    assert bar_buckets(np.array([[4, 4, 0, 7]]))[0, 4] == 0


@pytest.mark.parametrize("left", range(8))
def test_the_last_bars_are_told_apart(left: int) -> None:
    told = bar_buckets(np.array([[4, 4, 0, left], [4, 4, 0, left + 1]]))[:, 3]
    assert told[0] != told[1]
