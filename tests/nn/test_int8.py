"""Products in whole numbers are exact for what they are given, and near for what is rounded."""

from __future__ import annotations

import numpy as np
import pytest

from menura.nn.int8 import multiply, packed, rounded


def in_eight_bits(weight: np.ndarray) -> np.ndarray:
    """What `packed` keeps of a matrix: the same, rounded."""
    scales = np.abs(weight).max(1, keepdims=True) / 127
    return np.rint(weight / scales) * scales


@pytest.mark.parametrize(("rows", "columns"), [(32, 32), (64, 64), (96, 48), (512, 1600), (256, 510), (10, 7), (1, 1)])
def test_a_product_is_that_of_the_rounded_matrix(rows, columns):
    rng = np.random.default_rng(0)
    weight, x = rng.standard_normal((rows, columns)), rng.standard_normal(columns).astype(np.float32)
    matrix = packed(weight)
    numbers, sums = np.zeros(matrix.columns, np.int16), np.zeros(len(matrix.scales), np.int32)
    scale = rounded(x, numbers[:columns])
    multiply(matrix.weights, 0, numbers, matrix.columns, sums)
    rough = in_eight_bits(weight)
    exact = np.rint(rough / np.maximum(np.abs(weight).max(1, keepdims=True) / 127, 1e-30)).astype(np.int64)
    assert (sums[:rows] == exact @ numbers[:columns].astype(np.int64)).all()
    assert (sums[rows:] == 0).all()
    found = sums[:rows] * matrix.scales[:rows] * scale
    np.testing.assert_allclose(found, rough @ x, atol=2e-3 * np.sqrt(columns))


@pytest.mark.parametrize("bits", [8, 16])
def test_the_largest_numbers_do_not_overflow(bits):
    weight, x = np.full((32, 4000), 1.0), np.full(4000, -1.0, np.float32)
    matrix = packed(weight, bits=bits)
    numbers, sums = np.zeros(4000, np.int16), np.zeros(32, np.int32)
    scale = rounded(x, numbers)
    multiply(matrix.weights, 0, numbers, 4000, sums)
    np.testing.assert_allclose(sums * matrix.scales * scale, -4000.0, rtol=1e-3)


def test_matrices_may_follow_one_another():
    rng = np.random.default_rng(1)
    one, other = packed(rng.standard_normal((96, 8))), packed(rng.standard_normal((96, 8)))
    both = np.concatenate((one.weights, other.weights))
    numbers = rng.integers(-100, 100, 8).astype(np.int16)
    alone, after = np.zeros(96, np.int32), np.zeros(96, np.int32)
    multiply(other.weights, 0, numbers, 8, alone)
    multiply(both, len(one.weights), numbers, 8, after)
    assert (alone == after).all()


def test_silence_stays_silence():
    numbers = np.ones(8, np.int16)
    assert np.isfinite(rounded(np.zeros(8, np.float32), numbers))
    assert (numbers == 0).all()
