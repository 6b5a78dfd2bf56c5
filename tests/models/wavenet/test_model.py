"""WaveNet: a step at a time is the whole, and the past alone counts."""

from __future__ import annotations

import copy
import itertools

import numpy as np
import pytest
import torch
from scipy.special import log_expit

from menura import checkpoint
from menura.models.wavenet import dilated
from menura.models.wavenet.model import (
    Batch,
    Logistics,
    MuLaw,
    WaveNet,
    WaveNetObjective,
    mel_frames,
    paper,
    tensorflow_wavenet,
)


def test_mu_law_is_that_of_the_field():
    mu_law = MuLaw()
    assert mu_law.encode(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 128, 255]
    codes = np.arange(256)
    assert (mu_law.encode(mu_law.decode(codes)) == codes).all()
    sound = np.linspace(-1, 1, 10_001)
    error = np.abs(mu_law.decode(mu_law.encode(sound)) - sound)
    assert (error <= 0.025 * np.abs(sound) + 1e-4).all()


def test_a_mixture_s_masses_sum_to_one_and_draws_follow_them():
    ends = Logistics(3)
    outputs = torch.tensor([0.3, -0.5, 1.0, -0.6, 0.2, 0.9, -3.0, -2.0, -4.0]).view(1, 1, 9)
    masses = torch.exp(-ends.costs(outputs.expand(1, ends.levels, 9), torch.arange(ends.levels)[None]))[0]
    assert masses.sum() == pytest.approx(1, abs=1e-3)
    uniforms = (np.arange(4000) + 0.5) / 4000
    drawn = np.array([dilated._drawn_of_mixture(outputs.view(-1).numpy(), 1.0, uniform) for uniform in uniforms])
    for edge in (10_000, 25_000, 40_000, 62_000):
        assert (drawn < edge).mean() == pytest.approx(float(masses[:edge].sum()), abs=0.01)
    sound = np.linspace(-1, 1, 1001)
    assert np.abs(ends.decode(ends.encode(sound)) - sound).max() < 2e-5


def test_a_mixture_s_costs_are_exact_and_lead_back_from_anywhere():
    """Against 64-bit references; a code far from every mean still has a gradient."""
    ends = Logistics(1)
    for mean, width in itertools.product((-3.0, -0.9, 0.1, 0.99999, 3.0), (-9.0, -6.0, -2.0, 0.0, 6.0, 12.0)):
        codes = torch.tensor([[0, 1, 20_000, 32_768, 60_000, 65_534, 65_535]])
        outputs = torch.tensor([0.0, mean, width]).expand(1, codes.shape[1], 3).clone().requires_grad_()
        costs = ends.costs(outputs, codes)
        edges = (2 * (codes[0].numpy()[:, None] + np.array([-0.5, 0.5])) / 65535 - 1 - np.float32(mean)) / np.exp(width)
        below, above = np.where(codes[0] == 0, -np.inf, edges[:, 0]), np.where(codes[0] == 65535, np.inf, edges[:, 1])
        mirrored = below + above > 0  # of two sigmoids near 1 the difference is that of two near 0
        below, above = np.where(mirrored, -above, below), np.where(mirrored, -below, above)
        expected = -log_expit(above) - np.log(-np.expm1(log_expit(below) - log_expit(above)))
        np.testing.assert_allclose(costs[0].detach(), expected, rtol=2e-3, atol=2e-3)
        costs.sum().backward()
        assert outputs.grad is not None
        assert torch.isfinite(outputs.grad).all()
        assert (outputs.grad[0, :, 1:].abs().sum(-1) > 0)[costs[0] > 0.01].all()


@pytest.mark.parametrize("primed", [False, True])
def test_cached_steps_are_the_whole_with_both_conditions(both, conditioned, primed):
    codes = torch.randint(0, 256, (1, 400), generator=torch.Generator().manual_seed(1))
    added = conditioned(both, 400)
    with torch.inference_mode():
        whole, end = both(codes, both.repeat_conditions(added, 0, 400), both.start(1))
        at = 100 if primed else 0
        parts, memory = [], both.start(1)
        if primed:
            first, memory = both(codes[:, :at], both.repeat_conditions(added, 0, at), memory)
            parts.append(first)
        for t in range(at, 400):
            logits, memory = both(codes[:, t : t + 1], both.repeat_conditions(added, t, 1), memory)
            parts.append(logits)
    torch.testing.assert_close(torch.cat(parts, 1), whole, atol=1e-5, rtol=0)
    for one, other in zip(memory.inputs, end.inputs, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_the_past_alone_counts_and_as_far_as_is_said(plain, conditioned):
    codes = torch.randint(0, 256, (1, 200), generator=torch.Generator().manual_seed(2))
    added, reach = conditioned(plain, 200).double(), plain.config.receptive_samples
    plain = copy.deepcopy(plain).double()  # what reaches furthest is small
    with torch.inference_mode():
        before, _ = plain(codes, added, plain.start(1))
        changed = codes.clone()
        changed[0, 100] = (changed[0, 100] + 77) % 256
        after, _ = plain(changed, added, plain.start(1))
    differs = (before - after).abs().amax(-1)[0] > 0
    assert not differs[:100].any()
    assert differs[100]
    assert not differs[100 + reach :].any()
    assert differs[100 + reach - 1]


def test_a_batch_is_learnt_and_its_loss_begins_at_chance(both):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = WaveNet(both.config)
        objective = WaveNetObjective(model)
        wave = MuLaw().encode(0.5 * np.sin(np.arange(2 * 321).reshape(2, 321) / 3))
        categories = {"speaker": torch.tensor([1, 2]), "text": torch.tensor([0, 1])}
        batch = Batch(torch.from_numpy(wave), torch.ones(2, 320), categories, torch.randn(2, 20, 5))
        optimiser = torch.optim.Adam(model.parameters(), 1e-2)
        losses = []
        for _ in range(60):
            (loss,) = objective.losses(batch, 0.0)
            optimiser.zero_grad()
            loss.value.backward()
            optimiser.step()
            losses.append(loss.report["nats_per_sample"])
    assert losses[0] == pytest.approx(np.log(256), abs=0.1)
    assert losses[-1] < 2.5


def test_what_is_not_heard_does_not_count(plain):
    codes = torch.randint(0, 256, (1, 101), generator=torch.Generator().manual_seed(5))
    other = codes.clone()
    other[0, 61:] = 9
    categories = {name: torch.zeros(1, dtype=torch.long) for name in plain.config.categories}
    heard = torch.arange(100)[None] < 60
    objective = WaveNetObjective(plain)
    costs = [objective.report(Batch(one, heard, categories, None))["nats_per_sample"] for one in (codes, other)]
    assert costs[0] == costs[1]


def test_sizes_are_those_that_are_told():
    model = WaveNet(tensorflow_wavenet())
    assert model.config.receptive_samples == 5117
    assert sum(parameter.numel() for parameter in model.parameters()) == pytest.approx(1.49e6, rel=0.01)
    assert paper().receptive_samples == 3071


def test_a_model_is_saved_and_loaded(both, tmp_path):
    folder = checkpoint.save(both, tmp_path / "wavenet", {})
    again = checkpoint.load(folder)
    assert again.config == both.config
    assert checkpoint.check(folder).ok


def test_mel_frames_follow_their_hops():
    sound = np.zeros(1600, np.float32)
    sound[830] = 1
    frames = mel_frames(sound, 8000, 100, 20)
    assert frames.shape == (16, 20)
    assert frames.sum(1).argmax() == 8
    assert np.isfinite(mel_frames(sound[:30], 8000, 100, 20)).all()


def test_the_codes_of_an_excitation_are_sound_again_under_its_filters(under_filters, rising):
    frames = mel_frames(rising, 8000, 100, 20)
    codes = under_filters.codes(rising, under_filters.excitation(frames))
    again = under_filters.sound(codes, under_filters.excitation(frames))
    error = 10 * np.log10(np.square(again - rising).mean() / np.square(rising).mean())
    assert error < -30
