"""A synthesizer says what it is told: every duration, F0 and energy, in a voice or a mixture, whoever stands beside."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.models.synthesizer.model import Batch, Synthesizer, SynthesizerObjective, Taught, Voice, tiny

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


def batch_of(model: Synthesizer, lengths: list[int], padding: int = 0) -> Batch:
    rng = np.random.default_rng(0)
    frames = 3 * max(lengths) + padding + (3 * max(lengths) + padding) % 2
    symbols = np.full((len(lengths), max(lengths) + padding), -1)
    durations = np.zeros_like(symbols)
    mel = np.zeros((len(lengths), frames, 100), np.float32)
    f0 = np.zeros((len(lengths), frames), np.float32)
    for place, length in enumerate(lengths):
        symbols[place, :length] = rng.integers(1, len(SYMBOLS), length)
        durations[place, :length] = 3
        mel[place, : 3 * length] = rng.normal(-4, 1, (3 * length, 100))
        f0[place, : 3 * length] = rng.uniform(100, 200, 3 * length)
    speaker = np.tile(model.shares({"ann": 1.0}), (len(lengths), 1))
    language, has_intonation = np.zeros(len(lengths), np.int64), np.ones(len(lengths), bool)
    arrays = (symbols, speaker, language, durations, mel, f0, has_intonation)
    return Batch(*map(torch.from_numpy, arrays))


def test_losses_do_not_depend_on_what_an_utterance_is_padded_to(model):
    objective = SynthesizerObjective(model)
    alone, padded = (objective.report(batch_of(model, [7], padding)) for padding in (0, 9))
    for name, value in alone.items():
        assert padded[name] == pytest.approx(value, abs=1e-4)


def test_a_few_utterances_can_be_learnt_by_heart():
    torch.manual_seed(0)
    model = Synthesizer(tiny(Taught(SYMBOLS, ("ann", "ben"))))
    objective, batch = SynthesizerObjective(model), batch_of(model, [6, 9])
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    values = []
    for _ in range(80):
        (loss,) = objective.losses(batch, 0.0)
        optimiser.zero_grad()
        loss.value.backward()
        optimiser.step()
        values.append(float(loss.value.detach()))
    assert values[-1] < 0.6 * values[0]
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_it_is_saved_and_its_probe_is_the_same(model, tmp_path):
    folder = checkpoint.save(model, tmp_path / "model", {"recipe": "none"}, half=True)
    assert checkpoint.check(folder).ok
    assert checkpoint.load(folder).voices == ("ann",)
