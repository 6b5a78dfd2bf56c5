"""Products of a matrix and a vector in whole numbers, compiled: weights of 8 or 16 bits, activations of 16, sums of 32.

A step of a sample-by-sample model is a few million multiplications, each by a weight that is read once. What it costs
is reading them, so they are small; and converting them, so nothing is: a pair of weights and a pair of activations make
one sum of two products, which processors have an instruction for. LLVM's portable vectors are used, so that every
processor can, and one with that instruction (``vpdpwssd``, ``vpmaddwd``, …) does.

A matrix is packed for it: sixteen rows side by side, pairs of columns one after another. Two pairs are taken at once,
each into sums of its own, so that no sum waits for the one before.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from menura.compiled import INSIDE, compiled

ROWS, COLUMNS = 32, 4
"""Packed matrices have multiples of so many."""
_LANES = 16
_AHEAD = 2048
"""Bytes of weights that are asked for before they are needed: they are too many for the nearest cache."""
_LARGEST_WEIGHT = 127
_LARGEST_WIDE_WEIGHT, _LONGEST_WIDE_ROW = 32767, 65000
"""Of 16 bits: a product of vectors is no longer than their lengths multiplied (Cauchy and Schwarz)."""
_LENGTH = np.float32(32767)


class Packed(NamedTuple):
    """A matrix as rows of whole numbers, packed.

    Attributes:
        weights: int8 or int16, one after another.
        scales: float32 ``[out]``: what a row's whole numbers are multiplied by; rows that were added are 0.
        bias: float32 ``[out]``.
        columns: a multiple of `COLUMNS`, with some that were added where need be.
        limit: largest whole number that each activation may be for no sum to overflow.
    """

    weights: np.ndarray
    scales: np.ndarray
    bias: np.ndarray
    columns: int
    limit: np.float32


def packed(weight: np.ndarray, bias: np.ndarray | None = None, bits: Literal[8, 16] = 8) -> Packed:
    """A matrix ``[out, in]`` and what is added to its product, in 8 or 16 bits, each row with its own scale.

    Rows of 16 bits are as long, as vectors, as they may be for no sum to overflow: see `rounded`.
    """
    rows, columns = (-(-count // step) * step for count, step in zip(weight.shape, (ROWS, COLUMNS), strict=True))
    scales, added = np.zeros(rows), np.zeros(rows, np.float32)
    largest = np.maximum(weight.max(1), -weight.min(1), dtype=np.float64)
    if bits == 16:
        lengths = np.sqrt(np.einsum("ij,ij->i", weight, weight, dtype=np.float64))
        scales[: len(weight)] = np.maximum(largest / _LARGEST_WIDE_WEIGHT, lengths / _LONGEST_WIDE_ROW)
    else:
        scales[: len(weight)] = largest / _LARGEST_WEIGHT
    if bias is not None:
        added[: len(bias)] = bias
    numbers = np.zeros(rows * columns, np.int8 if bits == 8 else np.int16)
    for first in range(0, rows, 4 * _LANES):
        part = np.zeros((min(4 * _LANES, rows - first), columns))
        own = weight[first : first + len(part)]
        part[: len(own), : own.shape[1]] = own
        part = np.rint(part / np.maximum(scales[first : first + len(part)], 1e-30)[:, None]).astype(numbers.dtype)
        numbers[first * columns : (first + len(part)) * columns] = _arranged(part)
    limit = min(32767, (2**31 - 1) // (_LARGEST_WEIGHT * columns))
    return Packed(numbers, scales.astype(np.float32), added, columns, np.float32(limit))


def _arranged(block: np.ndarray) -> np.ndarray:
    """Of 64 rows, or a last 32: for every pair of columns, sixteen rows at a time."""
    rows, columns = block.shape
    return block.reshape(rows // _LANES, _LANES, columns // 2, 2).transpose(2, 0, 1, 3).reshape(-1)


def _block(tiles: int) -> Any:
    """A function that multiplies `tiles` times sixteen packed rows with a vector."""

    @intrinsic
    def block(_context: Any, weights: Any, start: Any, x: Any, pairs: Any, out: Any, place: Any) -> Any:
        signature = types.void(weights, start, x, pairs, out, place)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointers = [
                context.make_array(kind)(context, builder, value).data
                for kind, value in zip(signature.args, arguments, strict=True)
                if isinstance(kind, types.Array)
            ]
            is_wide = signature.args[0].dtype == types.int16
            _multiply(builder, tiles, is_wide, pointers, arguments[1], arguments[3], arguments[5])
            return context.get_dummy_value()

        return signature, generate

    return block


def _multiply(builder: Any, tiles: int, is_wide: bool, pointers: list[Any], start: Any, pairs: Any, place: Any) -> None:
    """The loop over pairs of columns, in LLVM's own words; wide weights are of 16 bits."""
    at_once = COLUMNS // 2
    number, sum_, wide = (
        ir.IntType(64),
        ir.VectorType(ir.IntType(32), _LANES),
        ir.VectorType(ir.IntType(32), 2 * _LANES),
    )
    short = ir.VectorType(ir.IntType(16), 2 * _LANES)
    kept = short if is_wide else ir.VectorType(ir.IntType(8), 2 * _LANES)
    at_byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
    fetch = ir.FunctionType(ir.VoidType(), [at_byte, flag, flag, flag])
    fetch = builder.module.declare_intrinsic("llvm.prefetch", (at_byte,), fetch)
    zero, unset = ir.Constant(sum_, [0] * _LANES), ir.Constant(wide, ir.Undefined)
    weights = builder.gep(pointers[0], [start])
    x = builder.bitcast(pointers[1], ir.IntType(32).as_pointer())
    out = builder.gep(pointers[2], [place])
    before, loop = builder.block, builder.append_basic_block("pairs")
    done = builder.append_basic_block("done")
    builder.branch(loop)
    builder.position_at_end(loop)
    pair = builder.phi(number)
    pair.add_incoming(ir.Constant(number, 0), before)
    sums = [builder.phi(sum_) for _ in range(tiles * at_once)]
    added = []
    for turn in range(at_once):
        own = builder.add(pair, ir.Constant(number, turn))
        both = builder.load(builder.gep(x, [own]), align=2)
        spread = builder.insert_element(ir.Constant(sum_, ir.Undefined), both, ir.Constant(ir.IntType(32), 0))
        spread = builder.shuffle_vector(spread, ir.Constant(sum_, ir.Undefined), ir.Constant(sum_, [0] * _LANES))
        activations = builder.sext(builder.bitcast(spread, short), wide)
        row = builder.mul(own, ir.Constant(number, tiles * 2 * _LANES))
        for tile in range(0, tiles, 2):  # to be read, to be kept, data
            later = builder.gep(weights, [builder.add(row, ir.Constant(number, _AHEAD + tile * 2 * _LANES))])
            builder.call(fetch, [builder.bitcast(later, at_byte), *(ir.Constant(flag, value) for value in (0, 3, 1))])
        for tile in range(tiles):
            at = builder.gep(weights, [builder.add(row, ir.Constant(number, tile * 2 * _LANES))])
            numbers = builder.sext(builder.load(builder.bitcast(at, kept.as_pointer()), align=1), wide)
            products = builder.mul(numbers, activations)
            even, odd = (
                builder.shuffle_vector(products, unset, ir.Constant(sum_, list(range(side, 2 * _LANES, 2))))
                for side in (0, 1)
            )
            added.append(builder.add(sums[len(added)], builder.add(even, odd)))
    for sum_before, sum_after in zip(sums, added, strict=True):
        sum_before.add_incoming(zero, before)
        sum_before.add_incoming(sum_after, loop)
    following = builder.add(pair, ir.Constant(number, at_once))
    pair.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed("<", following, pairs), loop, done)
    builder.position_at_end(done)
    for tile in range(tiles):
        total = added[tile]
        for turn in range(1, at_once):
            total = builder.add(total, added[turn * tiles + tile])
        at = builder.gep(out, [ir.Constant(number, tile * _LANES)])
        builder.store(total, builder.bitcast(at, sum_.as_pointer()), align=4)


_four, _two = _block(4), _block(2)


@compiled(**INSIDE)
def multiply(weights, start, x, columns, sums):
    """``sums = W @ x[:columns]``: packed weights, from `start` on, and an int16 vector."""
    pairs = columns // 2
    for row in range(0, len(sums) - 63, 64):
        _four(weights, start + row * columns, x, pairs, sums, row)
    if len(sums) % 64:
        row = len(sums) - 32
        _two(weights, start + row * columns, x, pairs, sums, row)


@compiled(**INSIDE)
def rounded(x, out):
    """Whole numbers in the proportions of `x`, their root of squares 32767; what they are to be multiplied by.

    By Cauchy and Schwarz no sum of products then overflows, of 8-bit weights up to 260 000 columns, of 16-bit ones up
    to 10 000; and a sum of squares is computed many at a time, which a maximum is not.
    """
    total = np.float32(1e-30)
    for k in range(len(x)):
        total += x[k] * x[k]
    norm = np.sqrt(total)
    scale = _LENGTH / norm
    for k in range(len(x)):
        out[k] = np.int16(np.rint(x[k] * scale))
    return norm / _LENGTH
