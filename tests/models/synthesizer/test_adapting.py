"""A voice is learnt from examples without touching the model; mixed with others it has its share."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura.models.synthesizer.adapting import WithVoice, adapt
from menura.models.synthesizer.example import Example
from menura.models.synthesizer.model import Synthesizer, Taught, Voice, tiny
from menura.progress import Cancelled, Progress

SYMBOLS = ("s", "oʊ", "h", "i", " ")


@pytest.fixture(scope="module")
def model() -> Synthesizer:
    voices = (Voice(name="one", language="de"), Voice(name="two", language="de"))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Synthesizer(tiny(Taught(SYMBOLS, ("one", "two"), ("de", "nl"), voices))).eval()


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """Somebody whose frames are all alike."""
    shape = np.sin(np.arange(100) / 9).astype(np.float32) - 3
    durations = np.array([4, 6, 8, 6, 8, 4, 3])
    return [Example(SYMBOLS, durations, np.tile(shape, (39, 1)), np.full(39, 140.0, np.float32)) for _ in range(3)]


def test_a_voice_comes_nearer_and_the_model_stays(model, examples):
    before = {name: one.clone() for name, one in model.state_dict().items()}
    first, again = (adapt(model, examples, "de", Progress(), steps=60, seed=1) for _ in range(2))
    assert first.after["mel"] < 0.7 * first.before["mel"]
    assert first.after["f0"] < first.before["f0"]
    assert first.start in model.voices
    assert first.point.shape == model.speaker({"one": 1.0}).shape
    np.testing.assert_array_equal(first.point, again.point)
    assert all(torch.equal(one, before[name]) for name, one in model.state_dict().items())
    assert sum(change.size for change in first.changes.values()) < sum(one.numel() for one in model.parameters()) / 2


def test_learning_stops_when_told_and_a_language_must_be_known(model, examples):
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        adapt(model, examples, "de", progress)
    with pytest.raises(ValueError, match="language 'en-us' is not one of de, nl"):
        adapt(model, examples, "en-us", Progress())


@pytest.fixture(scope="module")
def voice(model) -> WithVoice:
    point = np.append(np.random.default_rng(0).standard_normal(model.config.speaker_dim), (0.1, 0.2, 0.0, 0.0)).astype(
        np.float32
    )
    return WithVoice(model, "anna", point, {"mel.1.bias": np.ones(200, np.float16)})


def test_the_voice_stands_before_the_others_and_has_its_share_of_the_weights(model, voice):
    assert voice.voices == ("anna", "one", "two")

    def mel(shares):
        return voice.synthesize(("s", "oʊ"), voice.speaker(shares), "de", durations=np.array([2, 3, 3, 2])).mel

    plain = model.synthesize(("s", "oʊ"), model.speaker({"one": 1.0}), "de", durations=np.array([2, 3, 3, 2])).mel
    np.testing.assert_array_equal(mel({"one": 2.0}), plain)
    assert np.abs(mel({"anna": 1.0}) - plain).mean() > 0.5
    assert not np.allclose(mel({"anna": 1.0, "one": 1.0}), mel({"anna": 1.0}))
    np.testing.assert_allclose(voice.speaker({"anna": 3.0, "one": 1.0})[-1], 0.75)


@pytest.mark.parametrize(
    ("point", "changes", "says"),
    [
        (np.zeros(3, np.float32), {}, "anna is a point of 3 numbers; 12 fit"),
        (np.zeros(12, np.float32), {"mel.1.bias": np.zeros(3)}, "changes mel.1.bias, which is not so"),
        (np.zeros(12, np.float32), {"nothing": np.zeros(3)}, "changes nothing, which is not so"),
    ],
)
def test_a_voice_of_another_model_is_refused(model, point, changes, says):
    with pytest.raises(ValueError, match=says):
        WithVoice(model, "anna", point, changes)
