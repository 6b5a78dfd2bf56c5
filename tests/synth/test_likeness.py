"""Likeness: nought for the same sound at any level, and more for what is less alike."""

from __future__ import annotations

import numpy as np
import pytest

from menura.synth.catalogue import GENERATORS
from menura.synth.likeness import Statistics, distance, statistics

RATE = 16_000


def made(name: str, seed: int = 1) -> Statistics:
    generator = GENERATORS[name]
    samples = generator.render(generator.settled({}), 2 * RATE, RATE, np.random.default_rng(seed))[0]
    return statistics(samples, RATE)


def test_level_does_not_count():
    noise = np.random.default_rng(0).standard_normal(RATE)
    assert distance(statistics(noise, RATE), statistics(0.01 * noise, RATE), True) == pytest.approx(0, abs=1e-6)


def test_another_take_is_nearer_than_another_sound():
    rain, again, fire, clock = made("rain"), made("rain", 2), made("fire"), made("clock")
    assert distance(rain, again, False) < distance(rain, fire, False) < distance(rain, clock, False)


@pytest.mark.parametrize("count", [1, 100, 5000])
def test_short_sounds_and_silence_have_statistics(count):
    for samples in (np.zeros(count), np.ones(count)):
        found = statistics(samples, RATE)
        assert np.isfinite(distance(found, made("click"), True))
