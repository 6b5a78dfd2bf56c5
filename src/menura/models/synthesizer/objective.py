"""What the synthesizer learns by: mean differences, and a discriminator of log-mels to be deceived.

Mean differences alone leave frames smoother than speech is, which a vocoder turns into buzz; a discriminator brings
their detail back (Yang et al., "GANSpeech", 2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from menura.models.synthesizer.model import LEAST_F0_HZ, MEL_SPREAD, PER_STEP, USUAL_MEL, Batch, Synthesizer
from menura.nn.discriminators import DiscriminatorOutput
from menura.nn.losses import Balancer, adversarial_loss, discriminator_loss, feature_loss
from menura.nn.objective import Loss

_WEIGHTS = {"mel": 1.0, "duration": 0.5, "f0": 1.0, "voicing": 0.2, "energy": 0.3}
_SHARES = {"mel": 2.0, "features": 1.0, "adversary": 1.0}
"""Of the gradient at the log-mels, once there is a discriminator."""
_JUDGED_FRAMES = 192
"""Of an utterance, at most, from a place that is drawn: judging all would take as long as the model does."""
_SLOPE = 0.1


class MelDiscriminator(nn.Module):
    """Log-mels as pictures of one channel.

    Args:
        width: channels of its first layers; the last have twice as many.
    """

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        sizes = ((1, width, (1, 2)), (width, width, (2, 2)), (width, 2 * width, (2, 2)), (2 * width, 2 * width, (1, 1)))
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(before, after, 3, stride, padding=1)) for before, after, stride in sizes
        )
        self.last = weight_norm(nn.Conv2d(2 * width, 1, 3, padding=1))

    def forward(self, mel: Float[Tensor, "batch frame mel"]) -> DiscriminatorOutput:
        x = ((mel - USUAL_MEL) / MEL_SPREAD).unsqueeze(1)
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), _SLOPE)
            features.append(x)
        return DiscriminatorOutput([self.last(x)], [features])


class SynthesizerObjective(nn.Module):
    """Mean differences: of log-mels, of log durations, of log F0 where voiced, of energy; and the surprise of voicing.

    The decoder is told the true F0, voicing and energy.

    Args:
        model: the synthesizer.
        discriminator: of log-mels; None: mean differences alone.
        begin: share of the run after which the discriminator takes part.
    """

    def __init__(self, model: Synthesizer, discriminator: nn.Module | None = None, begin: float = 0.0) -> None:
        super().__init__()
        self.model, self.discriminator, self.begin = model, discriminator, begin
        self.balancer = Balancer(_SHARES)

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        """Everyone who learns; the balancer too, though not from gradients."""
        if self.discriminator is None:
            return {"model": self.model}
        return {"model": self.model, "discriminator": self.discriminator, "balancer": self.balancer}

    def losses(self, batch: Batch, fraction_done: float) -> Iterator[Loss]:
        """The discriminator's loss, then the synthesizer's, computed once the one before has been stepped on."""
        mel, frames, found = self._said(batch)
        discriminator = self.discriminator if fraction_done >= self.begin else None
        report = {name: float(one.detach()) for name, one in found.items()}
        values = [weight * found[name] for name, weight in _WEIGHTS.items() if discriminator is None or name != "mel"]
        if discriminator is not None:
            start = int(torch.randint(max(mel.shape[1] - _JUDGED_FRAMES, 0) + 1, ()))
            heard = slice(start, start + _JUDGED_FRAMES)
            there = frames[:, heard, None]
            real, ours = (torch.where(there, one[:, heard], USUAL_MEL) for one in (batch.mel, mel))
            value = discriminator_loss(discriminator(real).answers, discriminator(ours.detach()).answers)
            yield Loss("discriminator", value, {"discriminator": float(value.detach())})
            with torch.no_grad():
                features = discriminator(real).features
            judged = discriminator(ours)
            parts = {
                "mel": found["mel"],
                "features": feature_loss(features, judged.features),
                "adversary": adversarial_loss(judged.answers),
            }
            # As strong at the log-mels as their mean difference alone would be.
            values.append(_WEIGHTS["mel"] * self.balancer(parts, mel) / mel.numel() ** 0.5)
            report |= {name: float(parts[name].detach()) for name in ("features", "adversary")}
        yield Loss("model", torch.stack(values).sum(), report)

    @torch.inference_mode()
    def report(self, batch: Batch) -> dict[str, float]:
        """Differences on held-out speech."""
        return {name: float(one) for name, one in self._said(batch)[2].items()}

    def _said(self, batch: Batch) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Log-mels as they are made, which frames are an utterance's, and the differences."""
        model = self.model
        style = model.styles(batch.speaker @ model.speaker_table, batch.language)
        there = batch.symbols >= 0
        hidden = model.encode(batch.symbols.clamp(min=0), there, style)
        durations = model.log_durations(hidden, there, style)
        num_steps = batch.mel.shape[1] // PER_STEP
        steps = model.expand(hidden, batch.durations, num_steps)
        lasting = batch.durations.sum(1, keepdim=True)
        frames = torch.arange(batch.mel.shape[1], device=lasting.device)[None] < lasting
        places = frames[:, ::PER_STEP, None].to(style.dtype)
        log_f0, voicing, energy = model.prosody_of(steps, places, style).flatten(1, 2).unbind(-1)
        loudness = batch.mel.mean(-1)
        mel = model.decode(steps, batch.f0, loudness, places, style)
        spoken = frames & batch.has_intonation.unsqueeze(-1)
        pitch = (log_f0 - batch.f0.clamp(min=LEAST_F0_HZ).log()).abs()
        surprise = F.binary_cross_entropy_with_logits(voicing, (batch.f0 > 0).to(voicing.dtype), reduction="none")
        differences = {
            "mel": _mean((mel - batch.mel).abs().mean(-1), frames),
            "duration": _mean((durations.float() - batch.durations.float().log1p()).abs(), there),
            "f0": _mean(pitch, spoken & (batch.f0 > 0)),
            "voicing": _mean(surprise, frames),
            "energy": _mean((energy - loudness).abs(), spoken),
        }
        return mel, frames, differences


def _mean(values: Float[Tensor, "batch place"], where: Bool[Tensor, "batch place"]) -> Float[Tensor, ""]:
    return (values * where).sum() / where.sum().clamp(min=1)
