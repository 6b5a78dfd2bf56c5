"""Controllers: where they stand at any time, and how long pedals hold notes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.notes import CHANNEL_PRESSURE, KEY_PRESSURE, PITCH_BEND
from menura.score.synth.controls import BEND_RANGE, EXPRESSION, PAN, TUNING, VOLUME, ControllerState

_SUSTAIN, _SOSTENUTO = 64, 66
_DOWN, _UP = 127, 0


def _read(*rows: tuple[int, int, int]) -> ControllerState:
    return ControllerState.read(np.array(rows).reshape(-1, 3))


@pytest.mark.parametrize(
    ("rows", "notes", "ends"),
    [
        ([], [(0, 100, 60)], [100]),
        ([(0, _SUSTAIN, _DOWN), (500, _SUSTAIN, _UP)], [(0, 100, 60), (90, 100, 62), (480, 100, 64)], [500, 500, 580]),
        ([(0, _SUSTAIN, _DOWN)], [(0, 100, 60), (50, 900, 62)], [1000, 1000]),
        ([(0, _SUSTAIN, 64), (50, _SUSTAIN, 63)], [(0, 100, 60)], [100]),
        ([(0, _SUSTAIN, _DOWN), (500, _SUSTAIN, _UP)], [(0, 100, 60), (300, 50, 60)], [300, 500]),
        (
            [(0, _SUSTAIN, _DOWN), (100, _SUSTAIN, _UP), (100, _SUSTAIN, _DOWN), (300, _SUSTAIN, _UP)],
            [(0, 100, 60)],
            [100],
        ),
        ([(100, _SUSTAIN, _DOWN), (300, _SUSTAIN, _UP)], [(0, 100, 60), (0, 101, 62)], [100, 300]),
        (
            [(50, _SOSTENUTO, _DOWN), (400, _SOSTENUTO, _UP)],
            [(0, 100, 60), (60, 100, 62), (50, 100, 64)],
            [400, 160, 150],
        ),
        ([(0, _SUSTAIN, _DOWN), (300, 121, 0)], [(0, 100, 60)], [300]),
        ([(300, 123, 0)], [(0, 1000, 60), (300, 100, 62), (310, 100, 64)], [300, 400, 410]),
        ([(0, _SUSTAIN, _DOWN), (300, 123, 0), (600, _SUSTAIN, _UP)], [(0, 1000, 60)], [600]),
        ([(0, _SUSTAIN, _UP), (0, _SOSTENUTO, 5)], [(0, 100, 60)], [100]),
    ],
    ids=[
        "none",
        "sustained",
        "never lifted",
        "half way is up",
        "struck again",
        "changed as a note ends",
        "pressed as a note ends",
        "sostenuto",
        "reset",
        "all notes off",
        "all notes off under the pedal",
        "never pressed",
    ],
)
def test_notes_end_when_keys_and_pedals_let_them(rows: list, notes: list, ends: list[int]) -> None:
    columns = np.array([(*note, 80) for note in notes])
    assert _read(*rows).ends(columns, 1000).tolist() == ends


@given(
    st.lists(st.tuples(st.integers(0, 900), st.sampled_from((64, 66, 121, 123)), st.integers(0, 127)), max_size=8),
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 300), st.integers(60, 63)), min_size=1, max_size=8),
)
def test_pedals_only_lengthen_and_all_ends_with_the_piece(rows: list, notes: list) -> None:
    columns = np.array([(*note, 80) for note in notes])
    without = _read(*(row for row in sorted(rows) if row[1] == 123)).ends(columns, 1200)
    ends = _read(*sorted(rows)).ends(columns, 1200)
    assert (ends >= without).all()
    assert (ends <= 1200).all()


@pytest.mark.parametrize(
    ("rows", "number", "values"),
    [
        ([], VOLUME, [100, 100, 100]),
        ([], PAN, [64, 64, 64]),
        ([(0, VOLUME, 20), (50, VOLUME, 30)], VOLUME, [20, 30, 30]),
        ([(50, PITCH_BEND, -8192), (90, 121, 0)], PITCH_BEND, [0, -8192, 0]),
        ([(0, EXPRESSION, 5), (60, 121, 0)], EXPRESSION, [5, 5, 127]),
        ([(0, VOLUME, 5), (60, 121, 0)], VOLUME, [5, 5, 5]),
        ([(0, 101, 0), (0, 100, 0), (0, 6, 12), (60, 38, 50)], BEND_RANGE, [12, 12, 12.5]),
        ([(0, 101, 0), (0, 100, 0), (0, 6, 12), (60, 101, 127), (60, 100, 127), (60, 6, 3)], BEND_RANGE, [12, 12, 12]),
        ([(0, 101, 0), (0, 100, 0), (0, 99, 1), (0, 98, 8), (0, 6, 12)], BEND_RANGE, [2, 2, 2]),
        ([(0, 101, 0), (0, 100, 0), (0, 6, 7), (60, 121, 0)], BEND_RANGE, [7, 7, 7]),
        ([(0, 101, 0), (0, 100, 2), (0, 6, 65)], TUNING, [100, 100, 100]),
        ([(0, 101, 0), (0, 100, 1), (0, 6, 32), (0, 38, 0), (60, 100, 2), (60, 6, 62)], TUNING, [-50, -50, -250]),
        ([(0, CHANNEL_PRESSURE, 9)], CHANNEL_PRESSURE, [9, 9, 9]),
        ([(0, KEY_PRESSURE + 60, 9)], CHANNEL_PRESSURE, [0, 0, 0]),
    ],
)
def test_controllers_stand_where_they_were_last_moved(rows: list, number: int, values: list[float]) -> None:
    controls = _read(*rows)
    assert controls.positions(number, np.array([0, 50, 100])).tolist() == values
    assert [controls.position(number, time) for time in (0, 50, 100)] == values


def test_moments_are_those_within_a_note_at_which_something_moves() -> None:
    controls = _read((0, 7, 10), (10, 11, 5), (20, 7, 20), (20, 11, 6), (30, 7, 20), (40, 11, 7))
    assert controls.moments([7, 11], 10, 40).tolist() == [10, 20]
    assert controls.moments([7, 11], 10, 41).tolist() == [10, 20, 40]
    assert controls.moments([], 10, 41).tolist() == [10]
    assert controls.moves([7], np.array([0, 20, 21]), np.array([20, 40, 100])).tolist() == [False, False, False]
    assert controls.moves([7, 11], np.array([0, 20, 21]), np.array([20, 40, 100])).tolist() == [True, False, True]


def test_times_may_be_counted_otherwise() -> None:
    controls = _read((10, 7, 10), (20, 123, 0), (30, 120, 0)).timed(lambda ticks: ticks * 100)
    assert controls.positions(7, np.array([999, 1000])).tolist() == [100, 10]
    assert (controls.notes_off.tolist(), controls.sound_off.tolist()) == ([2000], [3000])
