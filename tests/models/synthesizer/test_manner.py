"""What a voice's predictions are multiplied by is what its speech has more of than they have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from menura.models.synthesizer.example import Example
from menura.models.synthesizer.manner import measured_manner
from menura.models.synthesizer.model import Synthesizer, Taught, Voice, tiny

SYMBOLS = ("h", "ə", "l", "oʊ", " ", ".")
SAID = ("h", "ə", "l", "oʊ", " ", "l", "oʊ", ".")


@pytest.fixture(scope="module")
def model() -> Synthesizer:
    """One that says sounds of some frames each, and at different pitches."""
    torch.manual_seed(1)
    made = Synthesizer(tiny(Taught(SYMBOLS, ("ann",), voices=(Voice(name="ann", language="en-us"),)))).eval()
    with torch.no_grad():
        made.get_parameter("duration.1.bias").add_(2.5)
        made.get_parameter("prosody.1.weight")[0::3].mul_(3)
        made.get_parameter("prosody.1.bias")[1::3].add_(9)
    return made


def batch(model: Synthesizer, length_scale: float, pitch_range: float, **told: bool):
    """What it says itself, more slowly and with more intonation, as speech to be measured."""
    voice = Voice(name="ann", language="en-us", length_scale=length_scale, pitch_range=pitch_range)
    other = Synthesizer(replace(model.config, voices=(voice,))).eval()
    other.load_state_dict(model.state_dict())
    spoken = other.synthesize(SAID, other.speaker({"ann": 1.0}), "en-us")
    example = Example(SAID, spoken.durations, spoken.mel, spoken.f0)
    return model.batch([example], np.ones((1, 1), np.float32), ["en-us"], [told.get("has_intonation", True)])


def test_what_was_said_more_slowly_and_lively_is_measured_so(model):
    length_scale, pitch_range, *_ = measured_manner(model, [batch(model, 1.3, 1.4)] * 2)
    assert length_scale == pytest.approx(1.3, abs=0.05)
    assert pitch_range == pytest.approx(1.4, abs=0.1)


def test_creaking_is_no_intonation(model):
    said = batch(model, 1.3, 1.4)
    said.f0[:, ::20] /= 2
    assert measured_manner(model, [said]).pitch_range == pytest.approx(1.4, abs=0.1)


def test_what_has_no_intonation_says_nothing_of_it(model):
    assert measured_manner(model, [batch(model, 1.3, 1.4, has_intonation=False)]).pitch_range == 1.0
    assert measured_manner(model, []) == (1.0, 1.0, 1.0, 1.0)


def test_what_is_far_from_the_usual_is_not_believed(model):
    assert measured_manner(model, [batch(model, 4.0, 4.0)]) == (1.6, 1.6, 1.0, 1.0)
