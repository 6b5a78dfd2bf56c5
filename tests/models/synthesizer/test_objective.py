"""What the synthesizer learns by does not hang on padding, can be learnt by heart, and deceives a discriminator."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura.models.synthesizer.model import Batch, Synthesizer, Taught, tiny
from menura.models.synthesizer.objective import MelDiscriminator, SynthesizerObjective
from menura.text.speech.phonemes import SYMBOLS


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Synthesizer(tiny(Taught(SYMBOLS, ("ann", "ben"))))


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


def test_a_discriminator_and_the_synthesizer_each_learn_from_their_own_loss():
    """The discriminator's loss leaves the synthesizer alone, and is stepped on before the other is worked out."""
    torch.manual_seed(0)
    model = Synthesizer(tiny(Taught(SYMBOLS, ("ann", "ben"))))
    objective = SynthesizerObjective(model, MelDiscriminator(4))
    losses = objective.losses(batch_of(model, [6, 9]), 0.0)
    first = next(losses)
    first.value.backward()
    assert first.network == "discriminator"
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(parameter.grad is not None for parameter in objective.discriminator.parameters())
    objective.discriminator.zero_grad()
    second = next(losses)
    second.value.backward()
    assert second.network == "model"
    assert set(second.report) == {"mel", "duration", "f0", "voicing", "energy", "features", "adversary"}
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_before_its_time_the_discriminator_is_not_asked():
    torch.manual_seed(0)
    model = Synthesizer(tiny(Taught(SYMBOLS, ("ann", "ben"))))
    batch = batch_of(model, [6, 9])
    (late,) = SynthesizerObjective(model, MelDiscriminator(4), begin=0.5).losses(batch, 0.4)
    (alone,) = SynthesizerObjective(model).losses(batch, 0.4)
    assert late.value.item() == pytest.approx(alone.value.item())
