"""Compiled sections do what scipy's do, in pieces as in one."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import butter, sosfilt

from menura.audio.biquads import filtered, filtered_in_phase

SECTIONS: Any = butter(4, (200, 4000), "bandpass", fs=24_000, output="sos")
NOISE = np.random.default_rng(0).standard_normal((2, 3000)).astype(np.float32)


def test_they_are_scipy_s():
    assert np.abs(filtered(SECTIONS, NOISE) - sosfilt(SECTIONS, NOISE.astype(np.float64))).max() < 1e-9


def test_pieces_are_the_whole():
    state = np.zeros((len(SECTIONS), 2, 2))
    pieces = [filtered(SECTIONS, NOISE[:, start : start + 768], state) for start in range(0, 3000, 768)]
    assert np.array_equal(np.concatenate(pieces, 1), filtered(SECTIONS, NOISE))


def test_in_phase_nothing_is_delayed():
    click = np.zeros((1, 2001))
    click[0, 1000] = 1
    both = filtered_in_phase(SECTIONS, click)
    assert np.abs(both - both[:, ::-1]).max() < 1e-9
