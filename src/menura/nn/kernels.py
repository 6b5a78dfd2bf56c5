"""Compiled kernels for drawing one frame at a time on a CPU.

A step of a small transformer is a hundred and fifty operations on a few hundred numbers each: most of its time goes
into calling them. Here a step is one call. Weights are 8-bit whole numbers with a scale for each row
(Dettmers et al., LLM.int8(), 2022: rows keep their own range), activations stay in float32, so a step reads a quarter
of the bytes.

Everything runs on one thread without the interpreter's lock. Items of a batch are at places of their own, and what
comes of each is the same, to the last bit, whatever else is in the batch. The kernels are compiled at their first call,
and kept on disk.

Shapes: B batch, D width, H head, C channel of a head, T frame, F hidden.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from menura.compiled import QUICK, compiled

_IN_ORDER = {**QUICK, "fastmath": {"contract"}}
"""Options of numba for sums whose order is kept: however they are compiled, they are the same to the last bit.
Only a product and a sum may become one instruction: where there are two products, that could be done in two ways."""
_AS_WRITTEN = {**QUICK, "fastmath": False}

_ROWS, _COLUMNS = 64, 8
"""Packed matrices have multiples of so many."""


class Rows(NamedTuple):
    """A matrix as 8-bit rows, packed: 64 rows side by side, one column after another.

    Attributes:
        weights: int8 ``[..., block, in, 64]``; rows and columns that were added are 0.
        scales: float32 ``[..., out]``: what a row's whole numbers are multiplied by.
    """

    weights: np.ndarray
    scales: np.ndarray


def array(x: Tensor) -> np.ndarray:
    """A tensor of any device and width as kernels take it: float32, on the CPU."""
    return x.detach().float().cpu().contiguous().numpy()


def rows(weight: Tensor) -> Rows:
    """A matrix ``[out, in]`` as `Rows`."""
    scales = (weight.detach().abs().amax(-1, keepdim=True) / 127).clamp(min=1e-12)
    whole = (weight.detach() / scales).round().to(torch.int8).cpu().numpy()
    return Rows(packed(whole), array(scales.squeeze(-1)))


def packed(whole: np.ndarray) -> np.ndarray:
    """Whole numbers ``[out, in]`` as `Rows.weights`."""
    added = [(0, -size % step) for size, step in zip(whole.shape, (_ROWS, _COLUMNS), strict=True)]
    padded = np.pad(whole, added)
    return np.ascontiguousarray(padded.reshape(-1, _ROWS, padded.shape[1]).transpose(0, 2, 1))


def stacked(matrices: list[Rows]) -> Rows:
    """Matrices of one shape as one, a layer each."""
    return Rows(np.stack([one.weights for one in matrices]), np.stack([one.scales for one in matrices]))


@compiled(**_IN_ORDER)
def product(weights, scales, x, out):
    """``out[b] = (weights * scales) @ x[b]``; `x` is as wide as the packed matrix, or up to 7 columns narrower.

    Every sum is over columns in their order: it is the same whatever else is in the batch.
    """
    wide = np.zeros((len(x), weights.shape[1]), np.float32)
    for item in range(len(x)):
        for k in range(x.shape[1]):
            wide[item, k] = x[item, k]
    for block in range(len(weights)):
        sums = np.zeros((len(x), _ROWS), np.float32)
        if len(x) == 1:
            _add_of_one(weights[block], wide[0], sums[0])
        else:
            _add_of_each(weights[block], wide, sums)
        start = block * _ROWS
        for item in range(len(x)):
            for row in range(min(_ROWS, len(scales) - start)):
                out[item, start + row] = sums[item, row] * scales[start + row]


@compiled(**_IN_ORDER)
def _add_of_one(block, x, sums):
    """Products of 64 rows with one item: four columns a turn are as many as registers hold."""
    for first in range(0, len(x), 4):
        a, b, c, d = x[first], x[first + 1], x[first + 2], x[first + 3]
        for row in range(_ROWS):
            total = sums[row] + a * np.float32(block[first, row])
            total = total + b * np.float32(block[first + 1, row])
            total = total + c * np.float32(block[first + 2, row])
            sums[row] = total + d * np.float32(block[first + 3, row])


@compiled(**_IN_ORDER)
def _add_of_each(block, x, sums):
    """Products of 64 rows with every item: eight columns a turn are made floats once for all."""
    columns = np.empty((_COLUMNS, _ROWS), np.float32)
    for first in range(0, x.shape[1], _COLUMNS):
        for k in range(_COLUMNS):
            for row in range(_ROWS):
                columns[k, row] = np.float32(block[first + k, row])
        for item in range(len(x)):
            a, b, c, d = x[item, first], x[item, first + 1], x[item, first + 2], x[item, first + 3]
            e, f, g, h = x[item, first + 4], x[item, first + 5], x[item, first + 6], x[item, first + 7]
            own = sums[item]
            for row in range(_ROWS):
                total = own[row] + a * columns[0, row]
                total = total + b * columns[1, row]
                total = total + c * columns[2, row]
                total = total + d * columns[3, row]
                total = total + e * columns[4, row]
                total = total + f * columns[5, row]
                total = total + g * columns[6, row]
                own[row] = total + h * columns[7, row]


@compiled(**_IN_ORDER)
def dot(x, y):
    """The inner product of two vectors, in eight sums that processors add at once."""
    a = b = c = d = e = f = g = h = np.float32(0)
    whole = len(x) // 8 * 8
    for k in range(0, whole, 8):
        a = a + x[k] * y[k]
        b = b + x[k + 1] * y[k + 1]
        c = c + x[k + 2] * y[k + 2]
        d = d + x[k + 3] * y[k + 3]
        e = e + x[k + 4] * y[k + 4]
        f = f + x[k + 5] * y[k + 5]
        g = g + x[k + 6] * y[k + 6]
        h = h + x[k + 7] * y[k + 7]
    for k in range(whole, len(x)):
        a = a + x[k] * y[k]
    return ((a + e) + (c + g)) + ((b + f) + (d + h))


@compiled(**_IN_ORDER)
def directions(x, out):
    """Each item at length 1: RMS normalisation but for a factor, which is folded into the weights that follow."""
    for item in range(len(x)):
        scale = np.float32(1) / np.sqrt(max(dot(x[item], x[item]), np.float32(1e-24)))
        for k in range(x.shape[1]):
            out[item, k] = x[item, k] * scale


@compiled(**_IN_ORDER)
def mix(weights, vectors, out):
    """``out = weights @ vectors[: len(weights)]``, four vectors a turn."""
    for channel in range(len(out)):
        out[channel] = 0
    whole = len(weights) // 4 * 4
    for k in range(0, whole, 4):
        a, b, c, d = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        for channel in range(len(out)):
            total = out[channel] + a * vectors[k, channel]
            total = total + b * vectors[k + 1, channel]
            total = total + c * vectors[k + 2, channel]
            out[channel] = total + d * vectors[k + 3, channel]
    for k in range(whole, len(weights)):
        for channel in range(len(out)):
            out[channel] = out[channel] + weights[k] * vectors[k, channel]


@compiled(**_AS_WRITTEN)
def turn(x, cos, sin):
    """Turn channel pairs, in place: see `menura.nn.transformer.Rotary`."""
    half = len(x) // 2
    for c in range(half):
        first, second = x[c], x[c + half]
        x[c] = first * cos[c] + second * sin[c]
        x[c + half] = second * cos[c + half] + first * sin[c + half]


@compiled(**_IN_ORDER)
def attend(heads, cos, sin, keys, values, at, out):
    """Turn an item's query and keys, remember keys and values, and mix what is remembered.

    Args:
        heads: ``[3, H, C]`` query, keys, values of the frame; turned in place.
        cos, sin: ``[C]`` of the frame's place.
        keys, values: ``[H, C, T]`` and ``[H, T, C]``, of which `at` frames are filled; the frame's own are added.
        out: ``[H * C]``.
    """
    _, num_heads, channels = heads.shape
    scale = np.float32(1) / np.sqrt(np.float32(channels))
    weights = np.empty(at + 1, np.float32)
    for head in range(num_heads):
        for part in range(2):
            turn(heads[part, head], cos, sin)
        query, key, value = heads[0, head], keys[head], values[head]
        for channel in range(channels):
            key[channel, at] = heads[1, head, channel]
            value[at, channel] = heads[2, head, channel]
        mix(query, key, weights)
        highest = np.float32(-np.inf)
        for frame in range(at + 1):
            weights[frame] *= scale
            highest = max(highest, weights[frame])
        total = np.float32(0)
        for frame in range(at + 1):
            weights[frame] = np.exp(weights[frame] - highest)
            total += weights[frame]
        for frame in range(at + 1):
            weights[frame] /= total
        mix(weights, value, out[head * channels : (head + 1) * channels])


@compiled(**_IN_ORDER)
def add(x, y):
    """``x += y``; as loops, which compile in a tenth of the time."""
    for item in range(len(x)):
        for k in range(x.shape[1]):
            x[item, k] += y[item, k]


@compiled(**_IN_ORDER)
def transformer_step(x, qkv, joined, gate_up, down, last, cos, sin, keys, values, places, at):
    """One frame of each item through all layers.

    Args:
        x: ``[B, D]``.
        qkv, joined, gate_up, down: weights ``[L, block, in, 64]`` and scales ``[L, out]`` of every layer.
        last: ``[D]``, what the last direction is multiplied by.
        cos, sin: ``[T, C]``.
        keys, values: ``[L, P, H, C, T]`` and ``[L, P, H, T, C]``.
        places: int ``[B]``, which of the P sequences is each item's.
        at: int ``[B]``, how many of its frames are filled.

    Returns:
        ``[B, D]``.
    """
    batch, width = x.shape
    hidden = gate_up[1].shape[1] // 2
    num_heads, channels = keys.shape[2], keys.shape[3]
    stream, normed = np.zeros((batch, width), np.float32), np.empty((batch, width), np.float32)
    add(stream, x)
    heads = np.empty((batch, 3 * width), np.float32)
    mixed, added = np.empty((batch, width), np.float32), np.empty((batch, width), np.float32)
    wide = np.empty((batch, 2 * hidden), np.float32)
    gated = np.empty((batch, hidden), np.float32)
    for layer in range(len(keys)):
        directions(stream, normed)
        product(qkv[0][layer], qkv[1][layer], normed, heads)
        for item in range(batch):
            own, frame, place = heads[item].reshape(3, num_heads, channels), at[item], places[item]
            attend(own, cos[frame], sin[frame], keys[layer, place], values[layer, place], frame, mixed[item])
        product(joined[0][layer], joined[1][layer], mixed, added)
        add(stream, added)
        directions(stream, normed)
        product(gate_up[0][layer], gate_up[1][layer], normed, wide)
        for item in range(batch):
            for k in range(hidden):
                gate = wide[item, k]
                gated[item, k] = gate / (np.float32(1) + np.exp(-gate)) * wide[item, hidden + k]
        product(down[0][layer], down[1][layer], gated, added)
        add(stream, added)
    directions(stream, normed)
    for item in range(batch):
        for k in range(width):
            normed[item, k] *= last[k]
    return normed


@compiled(**_IN_ORDER)
def perceptron(x, inner, inner_bias, outer, outer_bias):
    """A norm, a layer, a GELU and a layer.

    Args:
        x: ``[B, D]``.
        inner, outer: weights ``[block, in, 64]`` and scales ``[out]``; the norm is folded into the first.

    Returns:
        ``[B, out]``.
    """
    normed = np.empty(x.shape, np.float32)
    directions(x, normed)
    middle = np.empty((len(x), len(inner[1])), np.float32)
    product(inner[0], inner[1], normed, middle)
    for item in range(len(x)):
        for k in range(middle.shape[1]):
            value = middle[item, k] + inner_bias[k]
            middle[item, k] = (
                value * np.float32(0.5) * (np.float32(1) + math.erf(value * np.float32(0.7071067811865476)))
            )
    out = np.empty((len(x), len(outer[1])), np.float32)
    product(outer[0], outer[1], middle, out)
    for item in range(len(x)):
        for k in range(out.shape[1]):
            out[item, k] += outer_bias[k]
    return out
