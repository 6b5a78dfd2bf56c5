"""Stacks of dilated gated layers, a sample at a time: the compiled step of `menura.models.wavenet.model`.

Each layer remembers its last inputs in a ring (Le Paine et al., "Fast Wavenet", 2016), so that a sample costs every
layer once. All products are in whole numbers (`menura.nn.int8`); gates and sums are in float32.

Shapes: T sample, L layer, R residual, D gate, P part of the conditions.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from menura.compiled import INSIDE, QUICK, compiled
from menura.nn.int8 import COLUMNS, Packed, multiply, rounded

_STEP = np.float32(2 / 65535)
_NARROWEST = np.float32(-9)


class Weights(NamedTuple):
    """A network, packed.

    Attributes:
        mixtures: logistic distributions that are mixed; 0: outputs are logits of μ-law levels.
        first: float32 ``[2 * levels, R]``: what the previous code adds, then the current one; of 16-bit samples
            ``[3, R]``: what the previous one is multiplied by, then the current one, and what is added.
        dilations: ``[L]``.
        gates, residuals: weights of all layers one after another, scales and biases ``[L, out]``, and their limit; see
            `Packed`.
        skip, middle, last: of the sum that leaves the layers, and what makes logits of it.
    """

    mixtures: int
    first: np.ndarray
    dilations: np.ndarray
    gates: tuple[np.ndarray, np.ndarray, np.ndarray, np.float32]
    residuals: tuple[np.ndarray, np.ndarray, np.ndarray, np.float32]
    skip: Packed
    middle: Packed
    last: Packed


class State(NamedTuple):
    """One stream: the rings of all layers, where each begins, how many samples there have been, and the last codes."""

    rings: np.ndarray
    starts: np.ndarray
    clock: np.ndarray
    codes: np.ndarray


def begun(weights: Weights, silence: int) -> State:
    """A stream before its first sample, when all there has been is this code."""
    reach = np.concatenate(([0], np.cumsum(weights.dilations))).astype(np.int64)
    rings = np.zeros((reach[-1], weights.first.shape[1]), np.float32)
    return State(rings, reach[:-1], np.zeros(1, np.int64), np.full(2, silence, np.int64))


@compiled(**INSIDE)
def _tanh_parts(x):
    """tanh as the quotient of two polynomials, to some 1e-6 (after Eigen's), so that many are computed at once."""
    x = min(max(x, np.float32(-7.9)), np.float32(7.9))
    q = x * x
    top = np.float32(-2.76076847742355e-16) * q + np.float32(2.00018790482477e-13)
    top = top * q + np.float32(-8.60467152213735e-11)
    top = top * q + np.float32(5.12229709037114e-08)
    top = top * q + np.float32(1.48572235717979e-05)
    top = top * q + np.float32(6.37261928875436e-04)
    top = top * q + np.float32(4.89352455891786e-03)
    low = np.float32(1.19825839466702e-06) * q + np.float32(1.18534705686654e-04)
    low = low * q + np.float32(2.26843463243900e-03)
    low = low * q + np.float32(4.89352518554385e-03)
    return x * top, low


@compiled(**INSIDE)
def _gated(signal, gate):
    """tanh of one times the sigmoid of the other, with one division."""
    top, low = _tanh_parts(signal)
    gate_top, gate_low = _tanh_parts(np.float32(0.5) * gate)
    return top * (gate_low + gate_top) / (np.float32(2) * low * gate_low)


@compiled(**INSIDE)
def _falling(x):
    """The exponential of ``-x``, for x from 0; nothing from 15, where it is under a millionth."""
    top, low = _tanh_parts(np.float32(0.5) * x)
    return (low - top) / (low + top) if x < np.float32(15) else np.float32(0)


@compiled(**INSIDE)
def _finished(sums, scales, scale, bias, out):
    for k in range(len(out)):
        out[k] = np.float32(sums[k]) * scales[k] * scale + bias[k]


@compiled(**INSIDE)
def _through_layers(weights, state, conditions, part, x, z, z_limit, scratch):
    """One sample through all layers: `x` is what runs through them, and `z` what they leave, whole numbers.

    No array is cut within the loop: counting who holds each piece would take longer than the arithmetic.

    Args:
        conditions: ``[P, L, 2 * D]``, of which `part` holds.
        x: ``[R]``, changed in place.
        z: ``[L * D]``, filled; `z_limit` stands for 1.
    """
    pair, joined, own, gated, gate_sums, sums = scratch
    rings, starts, clock, _ = state
    gate_weights, gate_scales, gate_bias, _ = weights.gates
    residual_weights, residual_scales, residual_bias, _ = weights.residuals
    residual, gates, layers = len(x), conditions.shape[2] // 2, conditions.shape[1]
    unit = np.float32(1) / z_limit
    for layer in range(layers):
        row = starts[layer] + clock[0] % weights.dilations[layer]
        for k in range(residual):
            pair[k] = rings[row, k]
        for k in range(residual):  # apart, for the compiler cannot know that these arrays share nothing
            pair[residual + k] = x[k]
        for k in range(residual):
            rings[row, k] = x[k]
        scale = rounded(pair, joined)
        multiply(gate_weights, layer * len(gate_sums) * len(joined), joined, len(joined), gate_sums)
        for k in range(2 * gates):
            weight = gate_scales[layer, k] * scale
            gated[k] = np.float32(gate_sums[k]) * weight + gate_bias[layer, k] + conditions[part, layer, k]
        for k in range(gates):
            own[k] = np.int16(np.rint(_gated(gated[k], gated[gates + k]) * z_limit))
        for k in range(gates):
            z[layer * gates + k] = own[k]
        multiply(residual_weights, layer * len(sums) * len(own), own, len(own), sums)
        for k in range(residual):
            x[k] += np.float32(sums[k]) * residual_scales[layer, k] * unit + residual_bias[layer, k]


@compiled(**INSIDE)
def _of_sum(matrix, sums, x, numbers, out):
    """``out = W @ relu(x) + bias``; `x` loses what is under 0."""
    for k in range(len(x)):
        x[k] = max(x[k], np.float32(0))
    scale = rounded(x, numbers)
    multiply(matrix.weights, 0, numbers, matrix.columns, sums)
    _finished(sums, matrix.scales, scale, matrix.bias, out)


@compiled(**QUICK)
def draw(weights, state, conditions, repeat_conditions, temperature, uniforms, forced, codes, all_logits):
    """Fill `codes` with the next samples of one stream, whose state goes on.

    Args:
        conditions: ``[P, L, 2 * D]``, each part held for `repeat_conditions` samples, the last for ever.
        temperature: 0 takes the likeliest.
        uniforms: ``[T]``, from 0 to 1, what to draw with.
        forced: ``[T]`` codes to take instead, or none.
        all_logits: ``[T, outputs]``, where to write what was drawn from, or empty.
    """
    levels, residual, skip = len(weights.first) // 2, weights.first.shape[1], len(weights.skip.scales)
    outputs = 3 * weights.mixtures if weights.mixtures else levels
    x, z = np.empty(residual, np.float32), np.zeros(weights.skip.columns, np.int16)
    z_limit = min(weights.skip.limit, weights.residuals[3])
    sums, numbers = np.empty(skip, np.int32), np.zeros(skip, np.int16)
    first, second = np.empty(skip, np.float32), np.empty(skip, np.float32)
    last_sums, logits = np.empty(len(weights.last.scales), np.int32), np.empty(outputs, np.float32)
    gates = conditions.shape[2] // 2
    scratch = (
        np.empty(2 * residual, np.float32),
        np.zeros(-(-2 * residual // COLUMNS) * COLUMNS, np.int16),
        np.zeros(-(-gates // COLUMNS) * COLUMNS, np.int16),
        np.empty(2 * gates, np.float32),
        np.empty(weights.gates[1].shape[1], np.int32),
        np.empty(weights.residuals[1].shape[1], np.int32),
    )
    for t in range(len(codes)):
        previous, current = state.codes
        if weights.mixtures:
            before, now = previous * _STEP - np.float32(1), current * _STEP - np.float32(1)
            for k in range(residual):
                x[k] = weights.first[0, k] * before + weights.first[1, k] * now + weights.first[2, k]
        else:
            for k in range(residual):
                x[k] = weights.first[previous, k] + weights.first[levels + current, k]
        _through_layers(
            weights, state, conditions, min(t // repeat_conditions, len(conditions) - 1), x, z, z_limit, scratch
        )
        multiply(weights.skip.weights, 0, z, weights.skip.columns, sums)
        _finished(sums, weights.skip.scales, np.float32(1) / z_limit, weights.skip.bias, first)
        _of_sum(weights.middle, sums, first, numbers, second)
        _of_sum(weights.last, last_sums, second, numbers, logits)
        if len(all_logits):
            all_logits[t] = logits
        if len(forced):
            code = forced[t]
        elif weights.mixtures:
            code = _drawn_of_mixture(logits, temperature, uniforms[t])
        else:
            code = _drawn(logits, temperature, uniforms[t])
        codes[t] = code
        state.codes[0], state.codes[1] = current, code
        state.clock[0] += 1


@compiled(**INSIDE)
def _drawn(logits, temperature, uniform):
    """The code at which the summed probabilities pass `uniform`."""
    best = 0
    for k in range(len(logits)):
        if logits[k] > logits[best]:
            best = k
    if temperature <= 0:
        return best
    highest, sharpness, total = logits[best], np.float32(1 / temperature), np.float32(0)
    for k in range(len(logits)):
        logits[k] = _falling((highest - logits[k]) * sharpness)
        total += logits[k]
    left = np.float32(uniform) * total
    for k in range(len(logits)):
        left -= logits[k]
        if left < 0:
            return k
    return best


@compiled(**INSIDE)
def _drawn_of_mixture(outputs, temperature, uniform):
    """A 16-bit sample: `uniform` chooses a distribution, and what is left of it a place in that."""
    count = len(outputs) // 3
    best, total = 0, 0.0
    for k in range(count):
        if outputs[k] > outputs[best]:
            best = k
    for k in range(count):
        total += math.exp(outputs[k] - outputs[best])
    chosen, share = best, 0.5
    if temperature > 0:
        left = uniform * total
        for k in range(count):
            mass = math.exp(outputs[k] - outputs[best])
            if left < mass:
                chosen, share = k, left / mass
                break
            left -= mass
    share = min(max(share, 1e-5), 1 - 1e-5)
    width = math.exp(max(outputs[2 * count + chosen], _NARROWEST)) * temperature
    value = outputs[count + chosen] + width * (math.log(share) - math.log(1 - share))
    return min(max(int(np.rint((value + 1) / 2 * 65535)), 0), 65535)
