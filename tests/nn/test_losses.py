"""Losses fall as sounds become alike, and the balancer gives each the share it is promised."""

from __future__ import annotations

import pytest
import torch

from menura.nn.losses import (
    Balancer,
    MelLoss,
    Spectra,
    adversarial_loss,
    compressed_difference,
    discriminator_loss,
    feature_loss,
    magnitude,
)

SPECTRA, MEL = Spectra((128, 512)), MelLoss(8000, (128, 512), (8, 32))


def sounds(noise: float) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(4000) / 8000
    clean = 0.3 * torch.sin(2 * torch.pi * 440 * time).repeat(2, 1)
    return clean + noise * torch.randn(2, 4000, generator=generator), clean


def distances(noise: float) -> tuple[float, float]:
    ours, theirs = (SPECTRA(x) for x in sounds(noise))
    return float(MEL(ours, theirs)), float(compressed_difference(ours, theirs))


def test_distances_grow_with_the_noise():
    found = [distances(noise) for noise in (0.0, 0.001, 0.01, 0.1)]
    for kind in zip(*found, strict=True):
        assert kind[0] == 0
        assert list(kind) == sorted(kind)


def test_only_the_complex_distance_hears_the_polarity():
    _, clean = sounds(0)
    ours, theirs = SPECTRA(-clean), SPECTRA(clean)
    assert float(MEL(ours, theirs)) == pytest.approx(0, abs=1e-6)
    assert float(compressed_difference(ours, theirs)) > 0.01


def test_a_full_scale_sine_has_a_magnitude_of_one():
    time = torch.arange(4096) / 8000
    (spectrum,) = Spectra((512,))(torch.sin(2 * torch.pi * 1000 * time).unsqueeze(0))
    assert float(spectrum.magnitude[0, 16].max()) == pytest.approx(0.5, abs=0.01)


def test_silence_has_finite_gradients():
    x = torch.zeros(1, 2000, requires_grad=True)
    ours, theirs = SPECTRA(x), SPECTRA(sounds(0)[1][:1, :2000])
    (MEL(ours, theirs) + compressed_difference(ours, theirs)).backward()
    assert x.grad is not None
    assert bool(x.grad.isfinite().all())
    assert bool(magnitude(torch.zeros(3, dtype=torch.complex64)).isfinite().all())


def test_judges_are_best_when_they_know_and_made_sound_when_they_do_not():
    ones, zeros = [torch.ones(2, 5)], [torch.zeros(2, 5)]
    assert float(discriminator_loss(ones, zeros)) == 0
    assert float(discriminator_loss(zeros, ones)) == 2
    assert float(adversarial_loss(ones)) == 0
    assert float(feature_loss([ones], [ones])) == 0
    assert float(feature_loss([[2 * ones[0]]], [zeros])) == pytest.approx(1)


@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_a_loss_has_its_share_whatever_its_scale(scale):
    balancer = Balancer({"one": 3.0, "other": 1.0})
    for step in range(50):
        generator = torch.Generator().manual_seed(step)
        output = torch.zeros(2, 10, requires_grad=True)
        ways = torch.randn(2, 2, 10, generator=generator)
        losses = {"one": scale * (output * ways[0]).sum(), "other": (output * ways[1]).sum()}
        (gradient,) = torch.autograd.grad(balancer(losses, output), output)
    ways = ways.flatten(1)
    shares = torch.linalg.lstsq(ways.T, gradient.flatten().unsqueeze(1)).solution.flatten() * ways.norm(dim=1)
    assert shares.tolist() == pytest.approx([0.75, 0.25], rel=0.3)


def test_a_missing_loss_leaves_its_share_to_the_others():
    balancer = Balancer({"one": 3.0, "other": 1.0})
    output = torch.zeros(1, 4, requires_grad=True)
    (gradient,) = torch.autograd.grad(balancer({"other": output.sum()}, output), output)
    assert float(gradient.norm()) == pytest.approx(1)
