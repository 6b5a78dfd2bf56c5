"""Fitting: parameters are found from a recording, the same again, and never worse than what was there before."""

from __future__ import annotations

import numpy as np
import pytest

from menura.audio import Audio
from menura.synth.catalogue import GENERATORS
from menura.synth.fitting import Target, fit
from menura.synth.presets import preset, presets

RATE = 8000


def recorded(name: str, **values) -> Audio:
    generator = GENERATORS[name]
    samples = generator.render(generator.settled(values), 2 * RATE, RATE, np.random.default_rng(5))
    return Audio(0.3 * samples.astype(np.float32), RATE)


@pytest.mark.parametrize(("name", "values"), [("noise", {"colour": "brown"}), ("click", {"kind": "tick"})])
def test_a_recording_of_other_parameters_brings_the_sound_nearer_to_it(name, values):
    target, usual = Target(recorded(name, **values), GENERATORS[name]), GENERATORS[name].settled({})
    found = fit(target, [usual], {}, 40, 1)
    assert found.distance < found.before
    assert found == fit(target, [usual], {}, 40, 1)
    assert GENERATORS[name].settled(found.values) == found.values


def test_what_is_set_stays():
    generator = GENERATORS["noise"]
    target = Target(recorded("noise", colour="brown"), generator)
    assert fit(target, [generator.settled({})], {"colour": "blue"}, 15, 1).values["colour"] == "blue"


def test_sounds_that_match_already_are_left_as_they_are():
    usual = GENERATORS["noise"].settled({})
    assert fit(Target(recorded("noise"), GENERATORS["noise"]), [usual], {}, 15, 1).values == usual


def test_presets_are_of_sounds_that_there_are_and_say_where_they_are_from():
    for one in presets().values():
        assert GENERATORS[one.generator].settled(one.values) == dict(one.values)
        assert one.source
        assert one.author
        assert one.licence.startswith(("CC0", "CC BY", "CC-BY", "PD", "Public", "public", "MIT", "Apache"))
    with pytest.raises(ValueError, match="there is no preset 'purple'"):
        preset("purple")
