"""Made tones are whole, repeatable, cover the range of hearing, and some are held out."""

from __future__ import annotations

import numpy as np
import pytest

from menura.data.tones import Tones


@pytest.mark.parametrize("number", range(40))
def test_a_sound_of_tones_is_a_function_of_its_number(number):
    one, two = Tones(number, 24_000).read(), Tones(number, 24_000).read()
    assert np.array_equal(one.samples, two.samples)
    assert one.samples.shape == (1, 6 * 24_000)
    assert np.isfinite(one.samples).all()
    assert one.peak <= 1
    assert one.samples.std() > 1e-4


def test_pitches_reach_from_low_to_high():
    """A codec that meets no high tone in training loses every high tone."""
    loudest = []
    for number in range(60):
        sound = Tones(number, 24_000, 0.4).read().samples[0]
        loudest.append(np.argmax(np.abs(np.fft.rfft(sound))) * 24_000 / len(sound))
    octaves = np.log2(np.array(loudest) / 40)
    assert set(np.floor(octaves / 2).clip(0, 3)) == {0, 1, 2, 3}


def test_some_are_held_out():
    splits = [Tones(number, 24_000).split() for number in range(100)]
    assert splits.count("valid") == splits.count("test") == 5
