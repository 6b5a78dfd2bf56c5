"""Compiled kernels for drawing one frame at a time on a CPU.

At batch 1 a step of a small transformer is a hundred and fifty operations on a few hundred numbers each: most of its
time goes into calling them. Here a step is one call. Weights are 8-bit whole numbers with a scale for each row
(Dettmers et al., LLM.int8(), 2022: rows keep their own range), activations stay in float32, so a step reads a quarter
of the bytes.

Everything runs on one thread without the interpreter's lock: several pieces can be drawn at once, and results do not
depend on how many. The kernels are compiled at their first call, and kept on disk.

Shapes: B batch, D width, H head, C channel of a head, T frame, F hidden.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numba import njit
from torch import Tensor

_ROOT_HALF = np.float32(0.5**0.5)
_COMPILED = {"nogil": True, "fastmath": True, "cache": True, "error_model": "numpy"}


class Rows(NamedTuple):
    """A matrix as 8-bit rows.

    Attributes:
        weights: int8 ``[..., out, in]``.
        scales: float32 ``[..., out]``: what a row's whole numbers are multiplied by.
    """

    weights: np.ndarray
    scales: np.ndarray


def rows(weight: Tensor) -> Rows:
    """A matrix ``[out, in]`` as `Rows`."""
    scales = (weight.detach().abs().amax(-1, keepdim=True) / 127).clamp(min=1e-12)
    whole = (weight.detach() / scales).round().to(torch.int8)
    return Rows(whole.contiguous().numpy(), scales.squeeze(-1).float().contiguous().numpy())


def stacked(matrices: list[Rows]) -> Rows:
    """Matrices of one shape as one, a layer each."""
    return Rows(np.stack([one.weights for one in matrices]), np.stack([one.scales for one in matrices]))


@njit(**_COMPILED)
def product(weights, scales, x, out):
    """``out[b] = (weights * scales) @ x[b]``: two items share each reading of a row."""
    batch, size = x.shape
    for row in range(len(weights)):
        for item in range(0, batch - 1, 2):
            one = np.float32(0)
            other = np.float32(0)
            for k in range(size):
                weight = np.float32(weights[row, k])
                one += weight * x[item, k]
                other += weight * x[item + 1, k]
            out[item, row] = one * scales[row]
            out[item + 1, row] = other * scales[row]
        if batch % 2:
            one = np.float32(0)
            for k in range(size):
                one += np.float32(weights[row, k]) * x[batch - 1, k]
            out[batch - 1, row] = one * scales[row]


@njit(**_COMPILED)
def directions(x, out):
    """Each item at length 1: RMS normalisation but for a factor, which is folded into the weights that follow."""
    for item in range(len(x)):
        total = np.float32(0)
        for k in range(x.shape[1]):
            total += x[item, k] * x[item, k]
        scale = np.float32(1) / np.sqrt(max(total, np.float32(1e-24)))
        for k in range(x.shape[1]):
            out[item, k] = x[item, k] * scale


@njit(**_COMPILED)
def attend(heads, cos, sin, memory, at, out):
    """Turn queries and keys, remember keys and values, and mix what is remembered.

    Args:
        heads: ``[B, 3, H, C]`` queries, keys, values of the frame; turned in place.
        cos, sin: ``[C]`` of the frame's place.
        memory: ``[2, B, H, T, C]`` keys and values, of which `at` frames are filled; the frame's own are added.
        out: ``[B, H * C]``.
    """
    batch, _, num_heads, channels = heads.shape
    half = channels // 2
    scale = np.float32(1) / np.sqrt(np.float32(channels))
    weights = np.empty(at + 1, np.float32)
    for item in range(batch):
        for head in range(num_heads):
            for part in range(2):
                turning = heads[item, part, head]
                for c in range(half):
                    first, second = turning[c], turning[c + half]
                    turning[c] = first * cos[c] + second * sin[c]
                    turning[c + half] = second * cos[c + half] + first * sin[c + half]
            query = heads[item, 0, head]
            keys, values = memory[0, item, head], memory[1, item, head]
            keys[at] = heads[item, 1, head]
            values[at] = heads[item, 2, head]
            highest = np.float32(-np.inf)
            for frame in range(at + 1):
                likeness = np.float32(0)
                for c in range(channels):
                    likeness += query[c] * keys[frame, c]
                weights[frame] = likeness * scale
                highest = max(highest, weights[frame])
            total = np.float32(0)
            for frame in range(at + 1):
                weights[frame] = np.exp(weights[frame] - highest)
                total += weights[frame]
            mixed = out[item, head * channels : (head + 1) * channels]
            mixed[:] = 0
            for frame in range(at + 1):
                weight = weights[frame] / total
                for c in range(channels):
                    mixed[c] += weight * values[frame, c]


@njit(**_COMPILED)
def transformer_step(x, qkv, joined, gate_up, down, last, cos, sin, memory, at):
    """One frame through all layers.

    Args:
        x: ``[B, D]``.
        qkv, joined, gate_up, down: weights ``[L, out, in]`` and scales ``[L, out]`` of every layer.
        last: ``[D]``, what the last direction is multiplied by.
        cos, sin: ``[C]``.
        memory: ``[L, 2, B, H, T, C]``, of which `at` frames are filled.

    Returns:
        ``[B, D]``.
    """
    batch, width = x.shape
    hidden = down[0].shape[2]
    num_heads, channels = memory.shape[3], memory.shape[5]
    x = x.copy()
    normed = np.empty_like(x)
    heads = np.empty((batch, 3 * width), np.float32)
    mixed = np.empty_like(x)
    added = np.empty_like(x)
    wide = np.empty((batch, 2 * hidden), np.float32)
    gated = np.empty((batch, hidden), np.float32)
    for layer in range(len(memory)):
        directions(x, normed)
        product(qkv[0][layer], qkv[1][layer], normed, heads)
        attend(heads.reshape(batch, 3, num_heads, channels), cos, sin, memory[layer], at, mixed)
        product(joined[0][layer], joined[1][layer], mixed, added)
        x += added
        directions(x, normed)
        product(gate_up[0][layer], gate_up[1][layer], normed, wide)
        for item in range(batch):
            for k in range(hidden):
                gate = wide[item, k]
                gated[item, k] = gate / (np.float32(1) + np.exp(-gate)) * wide[item, hidden + k]
        product(down[0][layer], down[1][layer], gated, added)
        x += added
    directions(x, normed)
    return normed * last


@njit(**_COMPILED)
def perceptron(x, inner, inner_bias, outer, outer_bias):
    """A norm, a layer, a GELU and a layer.

    Args:
        x: ``[B, D]``.
        inner, outer: weights ``[out, in]`` and scales ``[out]``; the norm is folded into the first.

    Returns:
        ``[B, out]``.
    """
    normed = np.empty_like(x)
    directions(x, normed)
    middle = np.empty((len(x), len(inner[0])), np.float32)
    product(inner[0], inner[1], normed, middle)
    for item in range(len(x)):
        for k in range(middle.shape[1]):
            value = middle[item, k] + inner_bias[k]
            middle[item, k] = (
                value * np.float32(0.5) * (np.float32(1) + math.erf(value * np.float32(0.7071067811865476)))
            )
    out = np.empty((len(x), len(outer[0])), np.float32)
    product(outer[0], outer[1], middle, out)
    return out + outer_bias
