"""Compiled kernels for drawing one frame at a time on a CPU.

A step of a small transformer is a hundred and fifty operations on a few hundred numbers each: most of its time goes
into calling them. Here a step is one call. Matrices are multiplied in whole numbers (`menura.nn.int8`): weights of 8
bits with a scale for each row (Dettmers et al., LLM.int8(), 2022: rows keep their own range). What is remembered of
earlier frames has 8 bits too, each head's key and value a scale of its own: reading it is most of a step in a long
context. All else is float32.

Everything runs on one thread without the interpreter's lock. Items of a batch are at places of their own, and what
comes of each is the same, to the last bit, whatever else is in the batch. The kernels are compiled at their first call,
and kept on disk.

Shapes: B batch, D width, H head, C channel of a head, T frame, F hidden.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from torch import Tensor

from menura.compiled import QUICK, compiled
from menura.nn.int8 import multiply, packed, rounded
from menura.nn.maxima import largest
from menura.nn.series import exp, gelu

_IN_ORDER = {**QUICK, "fastmath": {"contract"}}
"""Options of numba for sums whose order is kept: however they are compiled, they are the same to the last bit.
Only a product and a sum may become one instruction: where there are two products, that could be done in two ways."""
_AS_WRITTEN = {**QUICK, "fastmath": False}

_BLOCK = 64
"""Rows that are multiplied with every item while they are near."""
FRAMES, MOST_CHANNELS = 64, 64
"""Frames whose keys stand side by side; channels of a head."""
_LANES = 16
_LARGEST, _TINY, _NOTHING = (np.float32(value) for value in (127, 1e-30, -1e30))


class Rows(NamedTuple):
    """Matrices of one shape, as `menura.nn.int8.Packed` has each.

    Attributes:
        weights: int8 ``[L, number]``.
        scales: float32 ``[L, out]``: what a row's whole numbers are multiplied by; rows that were added are 0.
        columns: a multiple of 4, with some that were added where need be.
    """

    weights: np.ndarray
    scales: np.ndarray
    columns: int


def array(x: Tensor) -> np.ndarray:
    """A tensor of any device and width as kernels take it: float32, on the CPU."""
    return x.detach().float().cpu().contiguous().numpy()


def rows(*weights: Tensor) -> Rows:
    """Matrices ``[out, in]`` of one shape."""
    each = [packed(array(weight)) for weight in weights]
    return Rows(np.stack([one.weights for one in each]), np.stack([one.scales for one in each]), each[0].columns)


@compiled(**_IN_ORDER)
def product(matrix, layer, x, out):
    """``out[b] = matrix[layer] @ x[b]``; what is multiplied are whole numbers, see `menura.nn.int8.rounded`."""
    count, columns = len(x), matrix.columns
    whole, units = np.zeros((count, columns), np.int16), np.empty(count, np.float32)
    for item in range(count):
        units[item] = rounded(x[item], whole[item])
    weights, scales = matrix.weights[layer], matrix.scales[layer]
    sums = np.empty(_BLOCK, np.int32)
    for first in range(0, out.shape[1], _BLOCK):
        size = min(_BLOCK, len(scales) - first)
        for item in range(count):
            multiply(weights, first * columns, whole[item], columns, sums[:size])
            for row in range(min(size, out.shape[1] - first)):
                out[item, first + row] = np.float32(sums[row]) * (units[item] * scales[first + row])


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
def keep(x, numbers, start, pairs, others):
    """Write a vector as whole numbers of 8 bits, its pairs `pairs` apart, the second of each `others` from the first;
    what they are to be multiplied by."""
    unit = max(largest(x), _TINY) / _LARGEST
    for channel in range(len(x)):
        numbers[start + channel // 2 * pairs + channel % 2 * others] = np.int8(np.rint(x[channel] / unit))
    return unit


@compiled(**_IN_ORDER)
def shares(scores):
    """The softmax, in place, of as many numbers as fill whole lanes; sixteen are summed at once."""
    highest, sums = np.full(_LANES, _NOTHING), np.zeros(_LANES, np.float32)
    for k in range(0, len(scores), _LANES):
        for lane in range(_LANES):
            highest[lane] = max(highest[lane], scores[k + lane])
    top = highest.max()
    for k in range(len(scores)):
        scores[k] = exp(scores[k] - top)
    for k in range(0, len(scores), _LANES):
        for lane in range(_LANES):
            sums[lane] += scores[k + lane]
    total = np.float32(0)
    for lane in range(_LANES):
        total += sums[lane]
    for k in range(len(scores)):
        scores[k] /= total


@compiled(**_AS_WRITTEN)
def turn(x, cos, sin):
    """Turn channel pairs, in place: see `menura.nn.transformer.Rotary`."""
    half = len(x) // 2
    for c in range(half):
        first, second = x[c], x[c + half]
        x[c] = first * cos[c] + second * sin[c]
        x[c + half] = second * cos[c + half] + first * sin[c + half]


@compiled(**_IN_ORDER)
def attend(heads, cos, sin, keys, values, scales, at, out):
    """Turn an item's query and keys, remember keys and values, and mix what is remembered.

    Args:
        heads: ``[3, H, C]`` query, keys, values of the frame; turned in place.
        cos, sin: ``[C]`` of the frame's place.
        keys, values, scales: of a `menura.nn.transformer.Memory`, int8 ``[H, number]`` and float32 ``[2, H, T]``, of
            which `at` frames are filled; the frame's own are added.
        out: ``[H * C]``.
    """
    _, num_heads, channels = heads.shape
    wide = keys.shape[1] // scales.shape[2]
    unit = np.float32(1) / np.sqrt(np.float32(channels))
    whole, sums = (at // FRAMES + 1) * FRAMES, np.empty(scales.shape[2], np.int32)
    weights, numbers = np.zeros(whole, np.float32), np.zeros(max(whole, wide), np.int16)
    mixed = np.empty(wide, np.int32)
    for head in range(num_heads):
        query, key, value = heads[0, head], keys[head], values[head]
        turn(query, cos, sin)
        turn(heads[1, head], cos, sin)
        place = at // FRAMES * FRAMES * wide + at % FRAMES * 2
        scales[0, head, at] = keep(heads[1, head], key, place, 2 * FRAMES, 1)
        scales[1, head, at] = keep(heads[2, head], value, at // 2 * 2 * wide + at % 2, 4, 2)
        for k in range(channels, wide):
            numbers[k] = 0
        factor = rounded(query, numbers[:channels]) * unit
        multiply(key, 0, numbers, wide, sums[:whole])
        for frame in range(whole):
            weights[frame] = np.float32(sums[frame]) * (factor * scales[0, head, frame])
        for frame in range(at + 1, whole):
            weights[frame] = _NOTHING
        shares(weights)
        for frame in range(at + 1):
            weights[frame] *= scales[1, head, frame]
        for frame in range(at + 1, whole):
            weights[frame] = 0
        factor = rounded(weights, numbers[:whole])
        multiply(value, 0, numbers, whole, mixed)
        for channel in range(channels):
            out[head * channels + channel] = np.float32(mixed[channel]) * factor


@compiled(**_IN_ORDER)
def add(x, y):
    """``x += y``; as loops, which compile in a tenth of the time."""
    for item in range(len(x)):
        for k in range(x.shape[1]):
            x[item, k] += y[item, k]


@compiled(**_IN_ORDER)
def gate(x, up, out):
    """``out = silu(x) * up``."""
    for k in range(len(out)):
        out[k] = x[k] / (np.float32(1) + exp(-x[k])) * up[k]


@compiled(**_IN_ORDER)
def transformer_step(x, qkv, joined, gate_up, down, hidden, last, cos, sin, keys, values, scales, places, at):
    """One frame of each item through all layers.

    Args:
        x: ``[B, D]``.
        qkv, joined, gate_up, down: `Rows` of every layer.
        hidden: F.
        last: ``[D]``, what the last direction is multiplied by.
        cos, sin: ``[T, C]``.
        keys, values, scales: of a `menura.nn.transformer.Memory` of P sequences.
        places: int ``[B]``, which of the P sequences is each item's.
        at: int ``[B]``, how many of its frames are filled.

    Returns:
        ``[B, D]``.
    """
    batch, width = x.shape
    num_heads, channels = keys.shape[2], width // keys.shape[2]
    stream, normed = np.zeros((batch, width), np.float32), np.empty((batch, width), np.float32)
    add(stream, x)
    heads = np.empty((batch, 3 * width), np.float32)
    mixed, added = np.empty((batch, width), np.float32), np.empty((batch, width), np.float32)
    wide = np.empty((batch, 2 * hidden), np.float32)
    gated = np.empty((batch, hidden), np.float32)
    for layer in range(len(keys)):
        directions(stream, normed)
        product(qkv, layer, normed, heads)
        for item in range(batch):
            own, frame, place = heads[item].reshape(3, num_heads, channels), at[item], places[item]
            memory = keys[layer, place], values[layer, place], scales[layer, place]
            attend(own, cos[frame], sin[frame], *memory, frame, mixed[item])
        product(joined, layer, mixed, added)
        add(stream, added)
        directions(stream, normed)
        product(gate_up, layer, normed, wide)
        for item in range(batch):
            gate(wide[item, :hidden], wide[item, hidden:], gated[item])
        product(down, layer, gated, added)
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
        inner, outer: `Rows` of one layer; the norm is folded into the first.

    Returns:
        ``[B, out]``.
    """
    normed = np.empty(x.shape, np.float32)
    directions(x, normed)
    middle = np.empty((len(x), len(inner_bias)), np.float32)
    product(inner, 0, normed, middle)
    for item in range(len(x)):
        for k in range(middle.shape[1]):
            middle[item, k] = gelu(middle[item, k] + inner_bias[k])
    out = np.empty((len(x), len(outer_bias)), np.float32)
    product(outer, 0, middle, out)
    for item in range(len(x)):
        for k in range(out.shape[1]):
            out[item, k] += outer_bias[k]
    return out
