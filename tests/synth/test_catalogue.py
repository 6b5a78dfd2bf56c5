"""Every kind of sound: as long as asked, finite, bounded, centred, silent at its ends or round without a seam."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.synth.catalogue import GENERATORS
from menura.synth.generator import Choice, Generator

RATES = (8000, 44_100, 48_000)
LASTING = [name for name, one in GENERATORS.items() if one.kind != "event"]


def drawn(generator: Generator, seed: int) -> dict[str, float | str]:
    """Values from all over their ranges."""
    rng = np.random.default_rng(seed)
    values: dict[str, float | str] = {}
    for parameter in generator.parameters:
        if isinstance(parameter, Choice):
            values[parameter.name] = parameter.values[rng.integers(len(parameter.values))]
        else:
            values[parameter.name] = parameter.moved(rng.uniform(-1, 1))
    return generator.settled(values)


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("rate", RATES)
def test_any_parameters_give_sound_that_is_finite_bounded_and_centred(name, rate):
    generator = GENERATORS[name]
    values = drawn(generator, rate)
    count = round(0.6 * rate) + 1
    if generator.kind == "event":
        count = min(round(generator.natural_s(values) * rate) + 100, 3 * rate)
    channels = 2 if rate == RATES[0] else 1
    samples = generator.render(values, count, rate, np.random.default_rng(1), channels)
    assert samples.shape == (channels, count)
    assert np.isfinite(samples).all()
    assert 0.5 < np.abs(samples).max() <= 0.9 + 1e-6
    assert np.abs(samples.mean(1)).max() < 1e-4
    assert np.abs(samples[:, [0, -1]]).max() < 0.02


@pytest.mark.parametrize("name", LASTING)
def test_a_circle_has_no_seam(name):
    generator, rate = GENERATORS[name], 16_000
    samples = generator.render(drawn(generator, 3), 3 * rate, rate, np.random.default_rng(2), 1, wraps=True)[0]
    steps = np.abs(np.diff(samples, append=samples[:1]))
    assert steps[-1] <= steps[:-1].max()
    levels = np.sqrt(np.mean(np.square(np.roll(samples, rate // 40).reshape(-1, rate // 20)), 1)) + 1e-3
    jumps = np.abs(np.diff(np.log(levels), append=np.log(levels[0])))
    assert jumps[0] <= jumps.max()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(GENERATORS)), st.integers(0, 10**6))
def test_the_same_seed_gives_the_same_samples(name, seed):
    generator, rate = GENERATORS[name], 8000
    values = drawn(generator, seed)
    first, again = (generator.render(values, 4000, rate, np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("name", GENERATORS)
def test_what_can_be_set_is_in_its_range_and_says_so_where_not(name):
    generator = GENERATORS[name]
    usual = generator.settled({})
    assert generator.settled(usual) == usual
    for parameter in generator.parameters:
        wrong = ("purple", "1e9", "nan") if not isinstance(parameter, Choice) else ("purple",)
        for value in wrong:
            with pytest.raises(ValueError, match=parameter.name):
                generator.settled({parameter.name: value})
    with pytest.raises(ValueError, match="has no 'feathers'"):
        generator.settled({"feathers": 1})
