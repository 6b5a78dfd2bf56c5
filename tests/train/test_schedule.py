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
    assert 0 <= schedule.spent(state) <= 1
    if schedule.spent(state) == 1:
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
    assert schedule.spent(State(50, 6)) == 0.5
    assert schedule.spent(State(5, 30)) == 0.5


@pytest.mark.parametrize("limits", [{}, {"steps": 0}, {"minutes": 0}, {"minutes": -1, "steps": 5}])
def test_a_run_without_end_or_length_is_refused(limits):
    with pytest.raises(ValueError, match="minutes or steps, above 0"):
        Schedule(**limits)
