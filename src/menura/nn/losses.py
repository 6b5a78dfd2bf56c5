"""Losses of sound, adversarial losses, and the balance between them.

Kumar et al., High-fidelity audio compression with improved RVQGAN (2023: multi-scale mel, relative feature matching);
Mao et al., Least squares GAN (2017); Défossez et al., High fidelity neural audio compression (2022: the balancer).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from menura.audio.spectrogram import mel_filterbank
from menura.nn.fourier import rfft
from menura.nn.parallel import all_reduce, world

_FLOOR = 1e-5
_MASKED = 1e-3
"""Relative to a frame's loudest band: what lies 60 dB under it is not heard beside it."""
_LEVEL_WEIGHT = 0.3


class Spectrum(NamedTuple):
    """A spectrum and its magnitude."""

    z: Complex[Tensor, "batch frame frequency"]
    magnitude: Float[Tensor, "batch frame frequency"]

    def compressed(self) -> Float[Tensor, "batch frame frequency 2"]:
        """Real and imaginary part with the square root of the magnitude."""
        return torch.view_as_real(self.z) * self.magnitude.rsqrt().unsqueeze(-1)


class Spectra(nn.Module):
    """Spectra with windows of several lengths, hops of a quarter; sound is padded with silence, not mirrored."""

    def __init__(self, window_samples: Sequence[int]) -> None:
        super().__init__()
        self.window_samples = tuple(window_samples)
        for size in window_samples:
            self.register_buffer(f"window_{size}", torch.hann_window(size), persistent=False)

    def forward(self, x: Float[Tensor, "batch sample"]) -> list[Spectrum]:
        """One spectrum a window length, of unit gain: a full-scale sine reads a half."""
        spectra = []
        for size in self.window_samples:
            window = self.get_buffer(f"window_{size}")
            padded = nn.functional.pad(x, (size // 2, size // 2))
            frames = padded.unfold(-1, size, size // 4) * (window * (2 / size))
            z = rfft(frames)
            spectra.append(Spectrum(z, magnitude(z)))
        return spectra


class MelLoss(nn.Module):
    """Mean difference of log10 mel spectra, and of each frame's log10 level, over several window lengths.

    A band counts from 60 dB under the reference frame's loudest one upwards. Without that, and without the level, a
    pure tone is cheapest when it is too soft: what spills beside it stands decades above silence in a hundred bands.

    Args:
        sample_rate_hz: of the sound.
        num_mels: bands for each window length.
    """

    def __init__(self, sample_rate_hz: int, window_samples: Sequence[int], num_mels: Sequence[int]) -> None:
        super().__init__()
        for index, (size, bands) in enumerate(zip(window_samples, num_mels, strict=True)):
            bank = mel_filterbank(sample_rate_hz, size, bands)
            # Each band's weights add up to 1: its value is a magnitude, whatever its width.
            self.register_buffer(
                f"bank_{index}", (bank / bank.sum(1, keepdim=True).clamp(min=1e-9)).T, persistent=False
            )

    def forward(self, estimate: Sequence[Spectrum], reference: Sequence[Spectrum]) -> Float[Tensor, ""]:
        """Of two lists of `Spectra`."""
        differences = []
        for index, (ours, theirs) in enumerate(zip(estimate, reference, strict=True)):
            bank = self.get_buffer(f"bank_{index}")
            bands = [x.magnitude @ bank for x in (ours, theirs)]
            floor = _FLOOR + _MASKED * bands[1].amax(-1, keepdim=True)
            logs = [(band + floor).log10() for band in bands]
            levels = [(band.sum(-1) + floor.squeeze(-1)).log10() for band in bands]
            level = (levels[0] - levels[1]).abs().mean()
            differences.append((logs[0] - logs[1]).abs().mean() + _LEVEL_WEIGHT * level)
        return torch.stack(differences).mean()


def compressed_difference(estimate: Sequence[Spectrum], reference: Sequence[Spectrum]) -> Float[Tensor, ""]:
    """Mean distance of `Spectra` whose magnitudes are square roots: phase counts, and soft sounds count."""
    pairs = zip(estimate, reference, strict=True)
    differences = [(ours.compressed() - theirs.compressed()).abs().mean() for ours, theirs in pairs]
    return torch.stack(differences).mean()


def magnitude(z: Complex[Tensor, "*any"], floor: float = 1e-6) -> Float[Tensor, "*any"]:
    """The absolute value, blunted under `floor` so that its gradient at 0 is finite."""
    return (z.real.square() + z.imag.square() + floor**2).sqrt()


def discriminator_loss(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Float[Tensor, ""]:
    """Least squares: 1 for real, 0 for fake; the mean over discriminators."""
    losses = [(1 - ours).square().mean() + theirs.square().mean() for ours, theirs in zip(real, fake, strict=True)]
    return torch.stack(losses).mean()


def adversarial_loss(fake: Sequence[Tensor]) -> Float[Tensor, ""]:
    """Least squares: fakes are to be taken for real."""
    return torch.stack([(1 - answer).square().mean() for answer in fake]).mean()


def feature_loss(real: Sequence[Sequence[Tensor]], fake: Sequence[Sequence[Tensor]]) -> Float[Tensor, ""]:
    """Mean difference of the discriminators' features, relative to how large they are."""
    differences = [
        (ours - theirs.detach()).abs().mean() / (all_reduce(theirs.detach().abs().mean()) / world()[1]).clamp(min=1e-6)
        for one, other in zip(fake, real, strict=True)
        for ours, theirs in zip(one, other, strict=True)
    ]
    return torch.stack(differences).mean()


class Balancer(nn.Module):
    """Scales the gradients that several losses send to one output, so that each has the share it is given.

    The norm of each gradient is followed by a moving average; weights are then shares, whatever a loss's own scale.

    Args:
        weights: of each loss by name, any positive numbers.
        decay: of the moving averages.
    """

    norms: Tensor
    seen: Tensor

    def __init__(self, weights: Mapping[str, float], decay: float = 0.99) -> None:
        super().__init__()
        self.weights, self.decay = dict(weights), decay
        self.register_buffer("norms", torch.zeros(len(weights)))
        self.register_buffer("seen", torch.zeros(len(weights)))

    def forward(self, losses: Mapping[str, Tensor], output: Tensor) -> Float[Tensor, ""]:
        """A scalar whose gradient at `output` is the balanced sum; losses that are missing leave their share to the
        others."""
        share = sum(self.weights[name] for name in losses)
        balanced = torch.zeros_like(output)
        for index, name in enumerate(self.weights):
            if name not in losses:
                continue
            (gradient,) = torch.autograd.grad(losses[name], output, retain_graph=True)
            # Each of several processes has a loss of its own items, whose gradients are then averaged.
            norm = all_reduce(gradient.square().sum()).sqrt() / world()[1]
            self.norms[index] = self.decay * self.norms[index] + (1 - self.decay) * norm
            self.seen[index] = self.decay * self.seen[index] + (1 - self.decay)
            usual = self.norms[index] / self.seen[index]
            balanced += gradient * (self.weights[name] / share / usual.clamp(min=1e-12))
        return (output * balanced.detach()).sum()
