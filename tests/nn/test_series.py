"""Polynomials are the functions that they stand for."""

from __future__ import annotations

import numpy as np
from scipy.special import erf

from menura.compiled import QUICK, compiled
from menura.nn.series import cos_sin, exp, gelu, tanh


@compiled(**QUICK)
def _all(x: np.ndarray) -> np.ndarray:
    out = np.empty((5, len(x)), np.float32)
    for at in range(len(x)):
        cosine, sine = cos_sin(x[at])
        out[0, at], out[1, at], out[2, at], out[3, at] = exp(x[at]), tanh(x[at]), gelu(x[at]), cosine
        out[4, at] = sine
    return out


def test_they_are_right_to_some_millionths():
    x = np.linspace(-12, 12, 20_001).astype(np.float32)
    powers, tangents, gelus, cosines, sines = _all(x)
    wide = x.astype(np.float64)
    np.testing.assert_allclose(powers, np.exp(wide), rtol=2e-5)
    np.testing.assert_allclose(tangents, np.tanh(wide), atol=1e-5)
    np.testing.assert_allclose(gelus, wide * 0.5 * (1 + erf(wide / np.sqrt(2))), atol=1e-4)
    np.testing.assert_allclose(cosines, np.cos(wide), atol=2e-5)
    np.testing.assert_allclose(sines, np.sin(wide), atol=2e-5)


def test_far_away_they_stay_finite():
    powers, tangents, gelus, *_ = _all(np.array([-1e4, -100, 39], np.float32))
    assert np.isfinite(powers).all()
    assert powers[0] == powers[1] < 1e-15
    np.testing.assert_allclose(tangents, [-1, -1, 1], atol=1e-6)
    np.testing.assert_allclose(gelus, [0, 0, 39], atol=1e-3)
