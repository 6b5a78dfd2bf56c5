"""A synthesizer says what it is told: every duration, F0 and energy, in a voice or a mixture, whoever stands beside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.audio.mel import warped
from menura.models.synthesizer.model import Synthesizer, Taught, Voice, tiny

SYMBOLS = ("h", "ə", "l", "ˈ", "oʊ", " ", ".")
SAID = ("h", "ə", "l", "ˈ", "oʊ", ".")
ENDS = len(SAID) + 2


@pytest.fixture(scope="module")
def model() -> Synthesizer:
    torch.manual_seed(0)
    voices = (Voice(name="ann", language="en-us"),)
    made = Synthesizer(tiny(Taught(SYMBOLS, ("ann", "ben"), ("en-us", "de"), voices))).eval()
    for blocks in (made.early, made.late, made.duration_blocks, made.prosody_blocks, made.decoder_blocks):
        for layer in blocks.styles:  # as after training: at first, speakers do not differ
            torch.nn.init.normal_(layer.get_parameter("weight"), std=0.3)
    return made


def say(model: Synthesizer, shares=None, **told):
    return model.synthesize(SAID, model.speaker(shares or {"ann": 1.0}), told.pop("language", "en-us"), **told)


def test_durations_add_up_to_the_frames(model):
    spoken = say(model)
    assert len(spoken.durations) == ENDS
    assert spoken.mel.shape == (spoken.durations.sum(), 100)
    assert spoken.f0.shape == (spoken.durations.sum(),)


@pytest.mark.parametrize("total", [0, 1])
def test_durations_that_are_told_are_kept(model, total):
    durations = np.full(ENDS, 3)
    durations[0] += total  # odd and even numbers of frames
    spoken = say(model, durations=durations)
    assert (spoken.durations == durations).all()
    assert len(spoken.mel) == durations.sum()


def test_twice_the_speed_takes_half_the_time(model):
    slow, twice = (say(model, speed=speed).durations.sum() for speed in (0.02, 0.04))
    assert twice == pytest.approx(slow / 2, rel=0.1)


def with_manner(model: Synthesizer, **manner: Any) -> np.ndarray:
    """The same speaker, who speaks so beyond what was learnt."""
    voice = Voice(name="ann", language="en-us", **manner)
    alike = Synthesizer(replace(model.config, voices=(voice,)))
    alike.load_state_dict(model.state_dict())
    return alike.speaker({"ann": 1.0})


def test_sounds_last_longer_by_the_voices_length_scale_and_pauses_do_not(model):
    """So slow that rounding does not matter."""
    usual, longer = (
        model.synthesize(SAID, with_manner(model, length_scale=scale), "en-us", speed=0.02).durations
        for scale in (1.0, 1.5)
    )
    sounds = np.array([False, *(symbol != "." for symbol in SAID), False])
    np.testing.assert_allclose(longer[sounds], 1.5 * usual[sounds], atol=1.5)
    np.testing.assert_allclose(longer[~sounds], usual[~sounds], atol=1)


def test_f0_moves_further_from_its_mean_by_the_voices_pitch_range(model):
    usual, wider = (
        np.log(one.f0[one.f0 > 0])
        for one in (
            model.synthesize(SAID, with_manner(model, pitch_range=times), "en-us", durations=np.full(ENDS, 6))
            for times in (1.0, 1.5)
        )
    )
    assert len(usual) > 1
    np.testing.assert_allclose(wider - wider.mean(), 1.5 * (usual - usual.mean()), atol=1e-4)
    np.testing.assert_allclose(wider.mean(), usual.mean(), atol=1e-4)


def test_a_mixture_speaks_between_its_voices(model):
    voices = tuple(
        Voice(name=name, language="en-us", length_scale=scale) for name, scale in (("ann", 1), ("ben", 1.44))
    )
    mixed = Synthesizer(replace(model.config, voices=voices)).speaker({"ann": 0.5, "ben": 0.5})
    np.testing.assert_allclose(np.exp(mixed[-4:]), [1.2, 1, 1, 1], rtol=1e-5)


def test_a_voice_in_a_larger_body_has_lower_resonances_and_pitch_and_the_same_words(model):
    usual, larger = (
        model.synthesize(SAID, model.speaker({"ann": 1.0}, *body), "en-us") for body in ((1.0, 1.0), (0.8, 0.9))
    )
    np.testing.assert_array_equal(usual.durations, larger.durations)
    np.testing.assert_allclose(larger.f0, 0.9 * usual.f0, rtol=1e-4)
    told = model.synthesize(SAID, model.speaker({"ann": 1.0}), "en-us", f0=larger.f0 / 0.8)
    np.testing.assert_allclose(larger.mel, warped(told.mel, 0.8, model.config.sample_rate_hz), atol=1e-2)


@pytest.mark.parametrize("told", [{"length_scale": 9.0}, {"pitch_range": 0.0}, {"pitch_range": float("nan")}])
def test_a_manner_that_nobody_has_is_refused(told):
    with pytest.raises(ValueError, match=r"ann: length_scale and pitch_range are from 0\.25 to 4"):
        Voice(name="ann", language="en-us", **told)


def test_an_octave_up_is_twice_the_f0_of_what_is_voiced(model):
    spoken, higher = say(model), say(model, pitch_semitones=12.0)
    assert (spoken.f0 > 0).tolist() == (higher.f0 > 0).tolist()
    np.testing.assert_allclose(higher.f0, 2 * spoken.f0, rtol=1e-4)


def test_f0_that_is_told_is_kept_and_heard(model):
    durations = np.full(ENDS, 4)
    f0 = np.linspace(100, 200, durations.sum(), dtype=np.float32)
    low, high = (say(model, durations=durations, f0=f0 * times) for times in (1, 2))
    assert (low.f0 == f0).all()
    assert np.abs(low.mel - high.mel).max() > 1e-3


def test_energy_moves_the_frames_it_is_told_for(model):
    durations = np.full(ENDS, 20)
    usual = say(model, durations=durations)
    louder = usual.energy.copy()
    louder[20:40] += 2.0
    difference = np.abs(usual.mel - say(model, durations=durations, energy=louder).mel)
    assert difference[20:40].mean() > 3 * difference[-40:].mean()


def test_energy_that_is_told_is_kept(model):
    usual = say(model)
    told = np.linspace(-6, -2, len(usual.f0), dtype=np.float32)
    again = say(model, durations=usual.durations, energy=told)
    assert (again.energy == told).all()
    assert np.abs(again.mel - usual.mel).max() > 1e-3
    same = say(model, durations=usual.durations, f0=usual.f0, energy=usual.energy)
    np.testing.assert_allclose(same.mel, usual.mel, atol=1e-4)


def test_a_voice_can_be_mixed_and_languages_differ(model):
    durations = np.full(ENDS, 3)
    ann, ben, both = (
        say(model, shares, durations=durations).mel for shares in ({"ann": 1}, {"ben": 2}, {"ann": 0.5, "ben": 0.5})
    )
    assert min(np.abs(one - other).max() for one, other in ((ann, ben), (ann, both), (ben, both))) > 1e-3
    assert np.abs(ann - say(model, durations=durations, language="de").mel).max() > 1e-4


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ({"shares": {"eve": 1.0}}, "'eve' is not one of ann, ben"),
        ({"shares": {"ann": -1.0}}, "over 0"),
        ({"language": "nl"}, "'nl' is not one of en-us, de"),
        ({"durations": np.full(3, 3)}, "3 durations were told for 6 symbols"),
        ({"durations": np.full(ENDS, 3), "f0": np.zeros(7, np.float32)}, "for 7 frames, and there are 24"),
    ],
)
def test_what_cannot_be_said_is_refused(model, told, complaint):
    with pytest.raises(ValueError, match=complaint):
        say(model, **told)


def test_unknown_phonemes_are_named(model):
    with pytest.raises(ValueError, match="'q' is no phoneme"):
        model.synthesize(("q",), model.speaker({"ann": 1.0}), "en-us")


def test_it_is_saved_and_its_probe_is_the_same(model, tmp_path):
    folder = checkpoint.save(model, tmp_path / "model", {"recipe": "none"}, half=True)
    assert checkpoint.check(folder).ok
    assert checkpoint.load(folder).voices == ("ann",)
