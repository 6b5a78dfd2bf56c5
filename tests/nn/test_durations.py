"""Every frame belongs to the symbol that lasts there, and knows how much of it is over."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from menura.nn.durations import owners


@given(st.lists(st.integers(0, 5), min_size=1, max_size=9).filter(any), st.integers(0, 4))
def test_frames_belong_to_the_symbols_that_last_there(durations, more):
    at, share = owners(torch.tensor([[*durations, 0, 0]]), sum(durations) + more)
    expected = np.repeat(np.arange(len(durations)), durations)
    assert at[0, : sum(durations)].tolist() == expected.tolist()
    assert (at[0, sum(durations) :] == expected[-1]).all()
    places = [place / count for count in durations for place in range(count)]
    np.testing.assert_allclose(share[0, : sum(durations)], places, atol=1e-6)
