"""The kernels do the arithmetic they stand for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from menura.nn.kernels import attend, directions, perceptron, product, rows
from menura.nn.transformer import PerceptronDecoder


@given(st.integers(1, 5), st.integers(1, 40), st.integers(1, 70), st.integers(0, 2**31))
@settings(deadline=None)
def test_a_product_is_that_of_the_matrix_but_for_rounding(batch, outside, inside, seed):
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((2, outside, inside)).astype(np.float32)
    x = rng.standard_normal((batch, inside)).astype(np.float32)
    matrices, out = rows(*torch.from_numpy(weights)), np.empty((batch, outside), np.float32)
    for layer, weight in enumerate(weights):
        product(matrices, layer, x, out)
        error = np.abs(out - x @ weight.T)
        assert (error <= 0.006 * np.abs(weight).max() * np.abs(x).sum(1, keepdims=True) + 1e-6).all()
    alone = np.empty((1, outside), np.float32)
    product(matrices, 1, x[-1:], alone)
    assert (alone[0] == out[-1]).all()


def test_zeros_stay_zeros():
    out = np.ones((2, 3), np.float32)
    product(rows(torch.zeros(3, 8)), 0, np.zeros((2, 8), np.float32), out)
    assert not out.any()
    out = np.empty((2, 8), np.float32)
    directions(np.zeros((2, 8), np.float32), out)
    assert not out.any()


@given(st.integers(1, 3), st.sampled_from([4, 30, 64]), st.integers(1, 150), st.integers(0, 2**31))
@settings(deadline=None, max_examples=20)
def test_what_is_mixed_is_what_attention_mixes(num_heads, channels, frames, seed):
    """Frame after frame, but for the rounding of what is kept."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((frames, 3, num_heads, channels)).astype(np.float32)
    wide, room = -(-channels // 32) * 32, 192
    keys, values = np.zeros((2, num_heads, room * wide), np.int8)
    scales, out = np.zeros((2, num_heads, room), np.float32), np.empty(num_heads * channels, np.float32)
    still = np.ones(channels, np.float32), np.zeros(channels, np.float32)
    for at in range(frames):
        attend(x[at].copy(), *still, keys, values, scales, at, out)
    query, key, value = torch.from_numpy(x).permute(1, 2, 0, 3)
    expected = F.scaled_dot_product_attention(query[:, -1:], key, value).flatten().numpy()
    assert out == pytest.approx(expected, abs=0.05)


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
