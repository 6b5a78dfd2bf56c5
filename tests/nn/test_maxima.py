"""Maxima by the bits of numbers are those of the numbers."""

import numpy as np
import pytest

from menura.compiled import QUICK, compiled
from menura.nn import maxima


@compiled(**QUICK)
def _both(values):
    return maxima.largest(values), maxima.highest(values)


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 333])
@pytest.mark.parametrize("sign", [-1.0, 0.0, 1.0])
def test_maxima_are_those_of_numpy(count: int, sign: float) -> None:
    """Of numbers of many sizes, all negative, of both signs, all positive."""
    rng = np.random.default_rng(count)
    values = (rng.standard_normal(count) * 10.0 ** rng.integers(-30, 30, count)).astype(np.float32)
    if sign:
        values = np.float32(sign) * np.abs(values)
    assert _both(values) == (np.abs(values).max(), values.max())


def test_edges() -> None:
    assert _both(np.array([0.0, -0.0], np.float32)) == (0.0, 0.0)
    assert _both(np.array([-0.0, -np.inf], np.float32)) == (np.inf, 0.0)
    assert _both(np.array([-1e-42, -1.0], np.float32))[1] == np.float32(-1e-42)
