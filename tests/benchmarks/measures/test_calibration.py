"""A bent response comes out straight, by a slider of its own and, where one bends it, by an exponent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures import calibration

WEIGHTS = np.linspace(0, 1, 11)
STEEP = WEIGHTS**3 / (WEIGHTS**3 + (1 - WEIGHTS) ** 3)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20))
def test_isotonic_never_falls_keeps_the_mean_and_leaves_what_rises(values):
    fitted = calibration.isotonic(np.array(values))
    assert (np.diff(fitted) >= 0).all()
    assert fitted.mean() == pytest.approx(np.mean(values), abs=1e-9)
    np.testing.assert_allclose(calibration.isotonic(np.sort(values)), np.sort(values))


def test_a_slider_straightens_a_bent_response():
    slider = calibration.fit_slider(WEIGHTS, 0.2 + 0.5 * STEEP)
    shares = np.linspace(0, 1, 21)
    assert calibration.slider_error(WEIGHTS, STEEP, slider(shares)) < 0.02
    assert calibration.slider_error(WEIGHTS, STEEP, shares) > 0.1


@given(st.lists(st.floats(0, 1), min_size=11, max_size=11))
def test_a_slider_never_falls_and_keeps_its_ends(read):
    if calibration.isotonic(np.array(read))[-1] - calibration.isotonic(np.array(read))[0] < 1e-6:
        return
    slider = calibration.fit_slider(WEIGHTS, np.array(read))
    given_ = slider(np.linspace(0, 1, 101))
    assert (np.diff(given_) >= -1e-9).all()
    assert given_[0] == pytest.approx(0)
    assert given_[-1] == pytest.approx(1)


def test_what_does_not_rise_cannot_be_calibrated():
    with pytest.raises(ValueError, match="does not rise"):
        calibration.fit_slider(WEIGHTS, 1 - STEEP)


def test_the_exponent_that_bent_a_response_is_undone():
    assert calibration.fit_sharpness(WEIGHTS, [STEEP, STEEP]) == pytest.approx(1 / 3, rel=0.1)
    assert calibration.fit_sharpness(WEIGHTS, [WEIGHTS]) == pytest.approx(1, rel=0.1)


def test_sharpened_weights_sum_to_one_and_an_exponent_of_one_changes_nothing():
    shares = np.array([0.5, 0.3, 0.2])
    np.testing.assert_allclose(calibration.sharpened(shares, 1), shares)
    evened = calibration.sharpened(shares, 0.5)
    assert evened.sum() == pytest.approx(1)
    assert evened[2] > 0.2
