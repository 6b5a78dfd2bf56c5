"""The learning rate rises, holds and falls to nothing, by steps or by time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.train.schedule import Schedule, State

LIMITS = st.one_of(
    st.fixed_dictionaries({"steps": st.integers(1, 5000)}),
    st.fixed_dictionaries({"minutes": st.floats(0.01, 1000)}),
    st.fixed_dictionaries({"steps": st.integers(1, 5000), "minutes": st.floats(0.01, 1000)}),
)


@given(LIMITS, st.integers(0, 300), st.floats(0, 1), st.integers(0, 6000), st.floats(0, 1e5))
def test_the_rate_is_a_share_and_is_nothing_once_the_run_is_over(limits, warmup, decay, step, spent_s):
    schedule, state = Schedule(**limits, warmup_steps=warmup, decay_share=decay), State(step, spent_s)
    assert 0 <= schedule.rate(state) <= 1
    assert 0 <= schedule.fraction_done(state) <= 1
    if schedule.fraction_done(state) == 1:
        assert schedule.rate(state) == 0


def test_the_rate_rises_holds_and_falls():
    schedule = Schedule(steps=100, warmup_steps=10, decay_share=0.5)
    rates = [schedule.rate(State(step, 1e9)) for step in range(101)]
    assert rates[:11] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1])
    assert set(rates[10:51]) == {1.0}
    assert rates[75] == 0.5
    assert rates[100] == 0
    assert rates[50:] == sorted(rates[50:], reverse=True)


def test_the_shorter_of_two_limits_holds():
    schedule = Schedule(steps=100, minutes=1)
    assert schedule.fraction_done(State(50, 6)) == 0.5
    assert schedule.fraction_done(State(5, 30)) == 0.5


@pytest.mark.parametrize("limits", [{}, {"steps": 0}, {"minutes": 0}, {"minutes": -1, "steps": 5}])
def test_a_run_without_end_or_length_is_refused(limits):
    with pytest.raises(ValueError, match="minutes or steps, above 0"):
        Schedule(**limits)


@given(LIMITS, st.integers(0, 1000))
def test_warming_up_takes_a_tenth_of_a_run_at_most(limits, warmup):
    schedule = Schedule(**limits, warmup_steps=warmup, decay_share=0.5)
    state = State(int(0.1001 * limits.get("steps", 1e9)) + 1, 0.1001 * 60 * limits.get("minutes", 0))
    if schedule.fraction_done(state) <= 0.5:
        assert schedule.rate(state) == 1


@pytest.mark.parametrize(
    ("limits", "state", "expected"),
    [
        ({"minutes": 2.5}, State(3, 20.0), 3 + 260),
        ({"steps": 40}, State(3, 20.0), 40),
        ({"minutes": 2.5, "steps": 40}, State(3, 20.0), 40),
        ({"minutes": 0.5, "steps": 40}, State(3, 20.0), 23),
    ],
)
def test_steps_to_come_are_counted_from_the_time_of_one(limits, state, expected):
    assert Schedule(**limits).steps_in_all(state, 0.5) == expected
