"""What the vocoder learns by: spectra of several resolutions alike, their phases too, and discriminators deceived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from menura.models.vocoder.model import Vocoder
from menura.nn.losses import (
    Balancer,
    Spectra,
    Spectrum,
    adversarial_loss,
    compressed_difference,
    discriminator_loss,
    feature_loss,
)
from menura.nn.objective import Loss

_WINDOWS = (2048, 1024, 512, 240)
_PHASES = slice(1, 3)
"""The windows whose phases are compared, which is dear."""
_FLOOR = 1e-5
_CONVERGENCE = 0.5
_SHARES = {"stft": 4.0, "spectra": 2.0, "features": 2.0, "adversary": 1.0}
"""Of the gradient at the sound; without discriminators the first two share it."""
_JUDGED = 2
"""Discriminators hear this part of a crop: they are half of a step's work."""


class VocoderBatch(NamedTuple):
    """Crops of speech to learn from.

    Attributes:
        sound: at full scale ±1.
        mel, f0: of its frames.
        pulses: as `Vocoder.forward` takes them, in phase with the sound's fundamental.
    """

    sound: Float[Tensor, "batch sample"]
    mel: Float[Tensor, "batch frame mel"]
    f0: Float[Tensor, "batch frame"]
    pulses: Float[Tensor, "batch longer"]


def stft_distance(estimate: Sequence[Spectrum], reference: Sequence[Spectrum]) -> Float[Tensor, ""]:
    """Mean difference of log magnitudes and half the spectral convergence, over several window lengths (Yamamoto et
    al., Parallel WaveGAN, 2020)."""
    distances = []
    for ours, theirs in zip(estimate, reference, strict=True):
        logs = ((ours.magnitude + _FLOOR).log() - (theirs.magnitude + _FLOOR).log()).abs().mean()
        amiss = (ours.magnitude - theirs.magnitude).square().sum().sqrt()
        distances.append(logs + _CONVERGENCE * amiss / theirs.magnitude.square().sum().sqrt().clamp(min=_FLOOR))
    return torch.stack(distances).mean()


class VocoderObjective(nn.Module):
    """See the page's head.

    Args:
        vocoder: the model.
        discriminators: discriminators, or None for spectra alone.
        begin: share of the run after which the discriminators take part.
    """

    def __init__(self, vocoder: Vocoder, discriminators: nn.Module | None, begin: float) -> None:
        super().__init__()
        self.vocoder, self.discriminators, self.begin = vocoder, discriminators, begin
        self.spectra = Spectra(_WINDOWS)
        self.balancer = Balancer(_SHARES)
        self.edge = (vocoder.config.window_samples // vocoder.config.hop_samples // 2) * vocoder.config.hop_samples

    @property
    def networks(self) -> dict[str, nn.Module]:
        """Everyone who learns; the balancer too, though not from gradients."""
        discriminators = {} if self.discriminators is None else {"discriminators": self.discriminators}
        return {"model": self.vocoder, **discriminators, "balancer": self.balancer}

    def losses(self, batch: VocoderBatch, fraction_done: float) -> Iterator[Loss]:
        """The discriminators' loss, then the vocoder's, each computed once the one before has been stepped on."""
        out, sound = self._both(batch, torch.randn_like(batch.pulses))
        discriminators = self.discriminators if fraction_done >= self.begin else None
        heard = slice(0, out.shape[-1] // _JUDGED)
        if discriminators is not None:
            real, fake = discriminators(sound[:, heard]), discriminators(out.detach()[:, heard])
            value = discriminator_loss(real.answers, fake.answers)
            yield Loss("discriminators", value, {"discriminators": float(value.detach())})
        parts = self._distances(out, sound)
        if discriminators is not None:
            with torch.no_grad():
                real = discriminators(sound[:, heard])
            fake = discriminators(out[:, heard])
            parts |= {
                "features": feature_loss(real.features, fake.features),
                "adversary": adversarial_loss(fake.answers),
            }
        report = {name: float(value.detach()) for name, value in parts.items()}
        yield Loss("model", self.balancer(parts, out), report)

    def report(self, batch: VocoderBatch) -> dict[str, float]:
        """Distances on held-out speech."""
        noise = torch.randn(batch.pulses.shape, generator=torch.Generator().manual_seed(0))
        out, sound = self._both(batch, noise.to(batch.pulses))
        return {name: float(value) for name, value in self._distances(out, sound).items()}

    def _both(
        self, batch: VocoderBatch, noise: Float[Tensor, "batch longer"]
    ) -> tuple[Float[Tensor, "batch inside"], Float[Tensor, "batch inside"]]:
        """What is made and what is to be, where all the frames that make it are in the crop."""
        out = self.vocoder(batch.mel, batch.f0, batch.pulses, noise)
        inside = slice(self.edge, out.shape[-1] - self.edge)
        return out[:, inside].float(), batch.sound[:, inside]

    def _distances(self, out: Tensor, sound: Tensor) -> dict[str, Float[Tensor, ""]]:
        with torch.autocast(out.device.type, enabled=False):
            ours, theirs = self.spectra(out), self.spectra(sound)
            return {
                "stft": stft_distance(ours, theirs),
                "spectra": compressed_difference(ours[_PHASES], theirs[_PHASES]),
            }
