"""Exponentials and their kin as polynomials, to be compiled into loops: right to some millionths, and worked out for
many numbers at once, as many as a processor can."""

from __future__ import annotations

import numpy as np

from menura.compiled import INSIDE, compiled

_ONE, _TWO, _HALF, _PI = (np.float32(value) for value in (1, 2, 0.5, np.pi))
_SHARE, _LEAST = np.float32(1 / 64), np.float32(-40)
_FAR = np.float32(4.4)


@compiled(**INSIDE)
def exp(x: np.float32) -> np.float32:
    """e^x up to e^40, and no less than e^−40: of a 64th, by its series, squared six times; at ±30 a thousandth off."""
    y = max(x, _LEAST) * _SHARE
    series = np.float32(1 / 120)
    for factor in (np.float32(1 / 24), np.float32(1 / 6), _HALF, _ONE, _ONE):
        series = series * y + factor
    for _ in range(6):
        series *= series
    return series


@compiled(**INSIDE)
def tanh(x: np.float32) -> np.float32:
    return _ONE - _TWO / (exp(min(_TWO * x, -_LEAST)) + _ONE)


@compiled(**INSIDE)
def gelu(x: np.float32) -> np.float32:
    """x Φ(x), a polynomial up to ±4.4, fitted so that it is at most 4e-5 off; what is below is 0."""
    low = max(x, -_FAR)
    near = min(low, _FAR)
    square = near * near
    series = np.float32(3.5694228e-11)
    for factor in (
        *(-3.7540435e-09, 1.7408454e-07, -4.7248645e-06, 8.4292976e-05),
        *(-0.0010549922, 0.0096430271, -0.066076429, 0.39876161),
    ):
        series = series * square + np.float32(factor)
    return low * (_HALF + near * series)


@compiled(**INSIDE)
def cos_sin(x: np.float32) -> tuple[np.float32, np.float32]:
    """Of any angle, by the series for half of what is left without whole turns."""
    half = _HALF * x - _PI * np.rint(x * (_HALF / _PI))
    square = half * half
    sine, cosine = np.float32(-1 / 39916800), np.float32(-1 / 3628800)
    for factor in (1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1.0):
        sine = sine * square + np.float32(factor)
    for factor in (1 / 40320, -1 / 720, 1 / 24, -1 / 2, 1.0):
        cosine = cosine * square + np.float32(factor)
    sine *= half
    return _ONE - _TWO * sine * sine, _TWO * sine * cosine
