"""The kernels do the arithmetic they stand for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from menura.nn.kernels import directions, packed, perceptron, product, rows
from menura.nn.transformer import PerceptronDecoder


@given(st.integers(1, 5), st.integers(1, 40), st.integers(1, 70), st.integers(0, 2**31))
@settings(deadline=None)
def test_a_product_is_that_of_the_rounded_matrix(batch, outside, inside, seed):
    rng = np.random.default_rng(seed)
    whole = rng.integers(-127, 128, (outside, inside)).astype(np.int8)
    scales = rng.uniform(0.1, 2, outside).astype(np.float32)
    x = rng.standard_normal((batch, inside)).astype(np.float32)
    out = np.empty((batch, outside), np.float32)
    product(packed(whole), scales, x, out)
    expected = x.astype(np.float64) @ (whole.astype(np.float64) * scales[:, None]).T
    assert out == pytest.approx(expected, rel=1e-4, abs=1e-2)
    alone = np.empty((1, outside), np.float32)
    product(packed(whole), scales, x[-1:], alone)
    assert (alone[0] == out[-1]).all()


@given(st.integers(0, 2**31), st.floats(1e-6, 1e6))
def test_rounding_is_half_a_step_of_the_row_at_most(seed, scale):
    weight = scale * torch.randn(7, 33, generator=torch.Generator().manual_seed(seed))
    weights, scales = rows(weight)
    whole = weights[0, :33, :7].T.astype(np.int64)
    error = np.abs(whole * scales[:, None] - weight.numpy())
    assert (error <= 0.5001 * scales[:, None]).all()
    assert np.abs(whole).max(axis=1).tolist() == [127] * 7
    assert np.abs(weights.astype(np.int64)).sum() == np.abs(whole).sum()  # what was added is 0


def test_a_row_of_zeros_and_a_vector_of_zeros_stay_zeros():
    whole, scales = rows(torch.zeros(3, 8))
    assert not whole.any()
    assert np.isfinite(scales).all()
    out = np.empty((2, 8), np.float32)
    directions(np.zeros((2, 8), np.float32), out)
    assert not out.any()


@torch.no_grad()
@pytest.mark.parametrize("batch", [1, 2, 3])
def test_a_perceptron_is_its_layers_one_after_another(batch):
    torch.manual_seed(0)
    norm, inner, outer = nn.RMSNorm(24), nn.Linear(24, 32), nn.Linear(32, 9)
    norm.weight.uniform_(0.5, 2)
    x = 3 * torch.randn(batch, 24)
    expected = outer(F.gelu(inner(norm(x)))).numpy()
    assert PerceptronDecoder(norm, inner, outer)(x.numpy()) == pytest.approx(expected, abs=0.03)
    exact = perceptron.py_func  # what is compiled, as Python runs it
    ours = exact(x.numpy(), *_parts(norm, inner, outer))
    assert PerceptronDecoder(norm, inner, outer)(x.numpy()) == pytest.approx(ours, abs=1e-4)


def _parts(norm, inner, outer):
    decoder = PerceptronDecoder(norm, inner, outer)
    return decoder.inner, decoder.biases[0], decoder.outer, decoder.biases[1]
