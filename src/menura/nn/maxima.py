"""Maxima of many numbers, to be compiled into loops.

Compilers take the maximum of floats one after another, for a number that is none would count by its place. The bits of
floats, read as whole numbers, are in the same order, and the maximum of whole numbers is taken of as many at once as
the processor can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from menura.compiled import INSIDE, compiled

_INT, _FLOAT = ir.IntType(32), ir.FloatType()
_MAGNITUDE, _SIGN = ir.Constant(_INT, 0x7FFFFFFF), ir.Constant(_INT, 31)


@compiled(**INSIDE)
def largest(values):
    """The largest magnitude among float32 numbers; 0 of none."""
    found = np.int32(0)
    for k in range(len(values)):
        found = _larger(found, values[k])
    return _from_magnitude(found)


@compiled(**INSIDE)
def highest(values):
    """The highest of float32 numbers, at least one."""
    found = np.int32(-2147483648)
    for k in range(len(values)):
        found = _higher(found, values[k])
    return _from_order(found)


def _magnitude(builder: Any, bits: Any) -> Any:
    return builder.and_(bits, _MAGNITUDE)


def _order(builder: Any, bits: Any) -> Any:
    """As whole numbers in the order of floats, and back: of negative ones larger bits are further down."""
    return builder.xor(bits, builder.and_(builder.ashr(bits, _SIGN), _MAGNITUDE))


def _maximum(read: Callable[[Any, Any], Any]) -> Any:
    """The higher of what was found and of the bits of a number, as `read` has them."""

    @intrinsic
    def maximum(_context: Any, _found: Any, _value: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            found, bits = arguments[0], read(builder, builder.bitcast(arguments[1], _INT))
            return builder.select(builder.icmp_signed(">", bits, found), bits, found)

        return types.int32(types.int32, types.float32), generate

    return maximum


def _number(read: Callable[[Any, Any], Any]) -> Any:
    """The number of bits as `read` has them."""

    @intrinsic
    def number(_context: Any, _found: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return builder.bitcast(read(builder, arguments[0]), _FLOAT)

        return types.float32(types.int32), generate

    return number


_larger, _from_magnitude = _maximum(_magnitude), _number(_magnitude)
_higher, _from_order = _maximum(_order), _number(_order)
