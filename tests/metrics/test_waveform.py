"""Ratios are exact for noise of known energy, and stay numbers at their ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.metrics.waveform import LIMIT_DB, si_sdr, snr

SIGNAL, OTHER = np.random.default_rng(0).standard_normal((2, 4000))
ORTHOGONAL = OTHER - SIGNAL * (OTHER @ SIGNAL) / (SIGNAL @ SIGNAL)
ORTHOGONAL *= np.linalg.norm(SIGNAL) / np.linalg.norm(ORTHOGONAL)


@given(st.floats(-60, 60), st.floats(0.01, 100))
def test_orthogonal_noise_of_known_energy_is_read_exactly(ratio_db, gain):
    noisy = SIGNAL + ORTHOGONAL * 10 ** (-ratio_db / 20)
    assert snr(SIGNAL, noisy) == pytest.approx(ratio_db, abs=1e-3)
    assert si_sdr(SIGNAL, gain * noisy) == pytest.approx(ratio_db, abs=1e-3)
    assert si_sdr(SIGNAL, -gain * noisy) == pytest.approx(ratio_db, abs=1e-3)


def test_snr_sees_gain():
    assert snr(SIGNAL, 2 * SIGNAL) == pytest.approx(0)
    assert snr(SIGNAL, -SIGNAL) == pytest.approx(-20 * np.log10(2))


def test_the_ends_are_numbers():
    assert snr(SIGNAL, SIGNAL) == si_sdr(SIGNAL, SIGNAL) == LIMIT_DB
    assert snr(SIGNAL, 0 * SIGNAL) == 0
    assert si_sdr(SIGNAL, 0 * SIGNAL) == -LIMIT_DB
    assert si_sdr(np.ones(1), -np.ones(1)) == LIMIT_DB
    assert si_sdr(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == -LIMIT_DB


@pytest.mark.parametrize("ratio", [snr, si_sdr])
def test_a_silent_reference_is_refused(ratio):
    with pytest.raises(ValueError, match="the reference is silent"):
        ratio(np.zeros(10), np.ones(10))
