"""A voicebox keeps what is there to the last bit, makes what is missing, and is told nothing of what it is to make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.models.voicebox.model import Batch, Infilled, Voicebox, VoiceboxObjective, continuous, tiny

SYMBOLS = ("h", "ə", "l", "ˈ", "oʊ", " ", ".")
SAID = ("h", "ə", "l", "ˈ", "oʊ", ".")
DURATIONS = np.array([3, 4, 5, 6, 0, 7, 2, 4])
COUNT = int(DURATIONS.sum())
KNOWN = np.arange(COUNT) % 16 < 7


@pytest.fixture(scope="module")
def model() -> Voicebox:
    torch.manual_seed(0)
    made = Voicebox(tiny(SYMBOLS)).eval()
    for name, weights in made.named_parameters():
        if ".styles." in name:  # as after training: at first, times and voices move nothing
            torch.nn.init.normal_(weights, std=0.3)
    torch.nn.init.normal_(made.nothing)
    return made


@pytest.fixture
def frames() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    f0 = rng.uniform(100, 200, COUNT).astype(np.float32) * (rng.random(COUNT) < 0.7)
    return {"mel": rng.normal(-4, 2, (COUNT, 100)).astype(np.float32), "f0": f0.astype(np.float32), "known": KNOWN}


def infill(model: Voicebox, frames: dict[str, Any], **how: Any) -> Infilled:
    return model.infill(SAID, DURATIONS, **{**frames, "steps": 2, **how})


def test_what_is_known_is_kept_to_the_last_bit(model, frames):
    made = infill(model, frames)
    assert (made.mel[KNOWN] == frames["mel"][KNOWN]).all()
    assert (made.f0[KNOWN] == frames["f0"][KNOWN]).all()
    assert np.abs(made.mel[~KNOWN] - frames["mel"][~KNOWN]).mean() > 0.1
    assert made.f0.min() >= 0
    assert np.isfinite(made.mel).all()


@pytest.mark.parametrize("known", [KNOWN, np.zeros(COUNT, bool)])
def test_what_is_missing_is_never_looked_at(model, frames, known):
    given = {**frames, "known": known}
    other = {name: np.where(known.reshape(-1, *(1,) * (one.ndim - 1)), one, 50) for name, one in frames.items()}
    for one, same in zip(infill(model, given), infill(model, {**other, "known": known}), strict=True):
        assert (one == same).all()


def test_what_is_known_and_what_is_said_are_heard(model, frames):
    made = infill(model, frames).mel
    louder = infill(model, {**frames, "mel": frames["mel"] + 2}).mel
    assert np.abs(made - louder)[~KNOWN].max() > 1e-3
    other = model.infill(("l", *SAID[1:]), DURATIONS, **frames, steps=2).mel
    assert np.abs(made - other)[~KNOWN].max() > 1e-4


def test_a_seed_gives_the_same_frames_and_another_one_others(model, frames):
    one, same, other = (infill(model, frames, seed=seed).mel for seed in (1, 1, 2))
    assert (one == same).all()
    assert np.abs(one - other)[~KNOWN].mean() > 0.1


def test_without_noise_every_seed_gives_the_same(model, frames):
    one, other = (infill(model, frames, seed=seed, temperature=0.0).mel for seed in (1, 2))
    assert (one == other).all()


def test_guidance_of_one_is_the_velocity_with_conditions_alone(model, frames):
    alone, nearly = (infill(model, frames, guidance=guidance).mel for guidance in (1.0, 1.0 + 1e-6))
    np.testing.assert_allclose(alone, nearly, atol=1e-3)
    guided = infill(model, frames, guidance=3.0).mel
    assert np.abs(alone - guided)[~KNOWN].max() > 1e-3


def test_guidance_of_nought_is_told_nothing(model, frames):
    one = infill(model, frames, guidance=0.0).mel
    other = model.infill(("l", "l", *SAID[2:]), DURATIONS, **{**frames, "mel": frames["mel"] + 1}, steps=2, guidance=0)
    np.testing.assert_allclose(one[~KNOWN], other.mel[~KNOWN], atol=1e-4)


def test_more_steps_of_the_solver_come_nearer_to_its_limit(model, frames):
    limit, *few = (infill(model, frames, steps=steps).mel for steps in (64, 2, 8))
    off = [np.abs(one - limit).max() for one in few]
    assert off[1] < off[0]


def test_a_draft_that_is_trusted_is_hardly_changed(model, frames):
    rng = np.random.default_rng(1)
    draft = rng.normal(-4, 1, (COUNT, 100)).astype(np.float32), np.full(COUNT, 140, np.float32)
    off = [
        np.abs(infill(model, frames, draft=draft, trust=trust).mel - draft[0])[~KNOWN].mean() for trust in (0.99, 0.2)
    ]
    assert off[0] < 0.2 < off[1]
    assert (infill(model, frames, draft=draft).mel[KNOWN] == frames["mel"][KNOWN]).all()
    none = infill(model, frames, draft=draft, trust=0.0).mel
    np.testing.assert_allclose(none, infill(model, frames).mel, atol=1e-4)


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ({"symbols": ("q", *SAID[1:])}, "'q' is no phoneme"),
        ({"durations": DURATIONS[1:]}, "7 durations were told for 6 symbols"),
        ({"durations": DURATIONS + 1}, f"{COUNT + 8} frames were told for {COUNT}"),
    ],
)
def test_what_cannot_be_made_is_refused(model, frames, told, complaint):
    with pytest.raises(ValueError, match=complaint):
        model.infill(**{"symbols": SAID, "durations": DURATIONS, **frames, **told})


def test_f0_without_gaps_is_that_of_what_is_voiced():
    f0 = np.array([0, 100, 0, 0, 200, 0], np.float32)
    np.testing.assert_allclose(np.exp(continuous(f0, f0 > 0))[[0, 1, 4, 5]], [100, 100, 200, 200], rtol=1e-5)
    assert np.isfinite(continuous(f0, f0 > 300)).all()


def batch_of(lengths: list[int], padding: int = 0) -> Batch:
    rng = np.random.default_rng(0)
    count, frames = max(lengths) + padding, 4 * (max(lengths) + padding)
    symbols, durations = np.full((len(lengths), count), -1), np.zeros((len(lengths), count), np.int64)
    mel, noise = np.zeros((len(lengths), frames, 100)), np.zeros((len(lengths), frames, 102))
    log_f0, voiced, known = np.zeros((3, len(lengths), frames))
    for place, length in enumerate(lengths):
        symbols[place, :length], durations[place, :length] = rng.integers(1, len(SYMBOLS), length), 4
        mel[place, : 4 * length] = rng.normal(-4, 2, (4 * length, 100))
        noise[place, : 4 * length] = rng.normal(0, 1, (4 * length, 102))
        log_f0[place, : 4 * length] = rng.normal(5, 0.3, 4 * length)
        voiced[place, : 4 * length], known[place, : 4 * length] = rng.random((2, 4 * length)) < 0.4
    time, told = np.full(len(lengths), 0.3), np.ones(len(lengths), bool)
    wide = [one.astype(np.float32) for one in (mel, log_f0, time, noise)]
    arrays = (symbols, durations, *wide[:2], voiced > 0, known > 0, *wide[2:], told)
    return Batch(*map(torch.from_numpy, arrays))


def test_losses_do_not_depend_on_what_an_utterance_is_padded_to(model):
    alone, padded = (VoiceboxObjective(model).report(batch_of([7], padding)) for padding in (0, 9))
    for name, value in alone.items():
        assert padded[name] == pytest.approx(value, abs=1e-4)


def test_losses_are_those_of_hidden_frames_alone(model):
    objective, batch = VoiceboxObjective(model), batch_of([7, 5])
    other = batch._replace(noise=torch.where(batch.known.unsqueeze(-1), batch.noise + 9, batch.noise))
    assert objective.report(other) == pytest.approx(objective.report(batch), abs=1e-4)


def test_an_item_that_is_told_nothing_learns_from_all_its_frames(model):
    objective, batch = VoiceboxObjective(model), batch_of([7])
    untold = batch._replace(told=torch.zeros(1, dtype=torch.bool))
    other = untold._replace(symbols=untold.symbols.flip(1), known=~untold.known)
    assert objective.report(other) == pytest.approx(objective.report(untold), abs=1e-4)


def test_a_few_utterances_can_be_learnt_by_heart():
    torch.manual_seed(0)
    model = Voicebox(replace(tiny(SYMBOLS), width=64))
    objective, batch = VoiceboxObjective(model), batch_of([6, 9])
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3)
    values = []
    for _ in range(60):
        (loss,) = objective.losses(batch, 0.0)
        optimiser.zero_grad()
        loss.value.backward()
        optimiser.step()
        values.append(float(loss.value.detach()))
    assert values[-1] < 0.4 * values[0]
    missing = {name for name, one in model.named_parameters() if one.grad is None}
    assert missing <= {"nothing"}


def test_it_is_saved_and_its_probe_is_the_same(model, tmp_path):
    folder = checkpoint.save(model, tmp_path / "model", {"recipe": "none"}, half=True)
    assert checkpoint.check(folder).ok
