"""Whose voice it is: a stretch of speech as a point on a sphere, near those of the same speaker (d-vectors: Wan et al.
2018, "Generalized end-to-end loss for speaker verification").

    log-mel [frame, mel] - mean over time -> convolution of stride 2 -> ConvNeXt blocks
        -> attentive mean and deviation over time (Okabe et al. 2018) -> linear -> unit length

It learns by the angular prototypical loss (Chung et al. 2020, "In defence of metric learning for speaker recognition"):
of many speakers' stretches, which is by the one who is heard here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from menura.audio.mel_inversion import mel_energies
from menura.nn.convnext import ConvNeXtBlock
from menura.nn.linear import Linear
from menura.nn.objective import Loss

_LEAST_VARIANCE = 1e-4
_FIRST_SCALE, _FIRST_OFFSET = 10.0, -5.0


@dataclass(frozen=True)
class SpeakerConfig:
    """Sizes of a speaker encoder.

    Attributes:
        sample_rate_hz, hop_samples, num_mels: of frames, as `menura.audio.mel_inversion.mel_energies` makes them.
        width, hidden, depth, kernel_frames: of the blocks.
        embedding: numbers of a point.
    """

    sample_rate_hz: int = 16_000
    hop_samples: int = 160
    num_mels: int = 40
    width: int = 128
    hidden: int = 256
    depth: int = 5
    kernel_frames: int = 7
    embedding: int = 128


def nano() -> SpeakerConfig:
    """The usual size."""
    return SpeakerConfig()


def tiny() -> SpeakerConfig:
    """For tests."""
    return SpeakerConfig(width=32, hidden=64, depth=2, embedding=32)


class Batch(NamedTuple):
    """What to learn from: log-mels of several stretches of each of some speakers."""

    mels: Float[Tensor, "speaker stretch frame mel"]


class SpeakerEncoder(nn.Module):
    """Tells voices apart.

    Args:
        config: sizes.
    """

    Config = SpeakerConfig

    def __init__(self, config: SpeakerConfig) -> None:
        super().__init__()
        self.config = config
        self.first = nn.Conv1d(config.num_mels, config.width, 5, stride=2, padding=2)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(config.width, config.hidden, config.kernel_frames, 1 / config.depth, causal=False)
            for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.width)
        self.attention = Linear(config.width, config.width)
        self.last = Linear(2 * config.width, config.embedding)

    @property
    def sample_rate_hz(self) -> int:
        return self.config.sample_rate_hz

    def forward(self, mels: Float[Tensor, "item frame mel"]) -> Float[Tensor, "item embedding"]:
        """Points of unit length."""
        x = self.first((mels - mels.mean(1, keepdim=True)).transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        weights = self.attention(x).softmax(1)
        mean = (weights * x).sum(1)
        variance = (weights * x.square()).sum(1) - mean.square()
        pooled = torch.cat((mean, variance.clamp(min=_LEAST_VARIANCE).sqrt()), 1)
        return F.normalize(self.last(pooled), dim=-1)

    def log_mel(self, samples: Float[np.ndarray, " sample"]) -> Float[np.ndarray, "frame mel"]:
        """Natural logarithms of the mel energies of mono sound at its rate."""
        return np.log(mel_energies(samples, self.sample_rate_hz, self.config.hop_samples, self.config.num_mels))

    @torch.inference_mode()
    def embed(self, samples: Float[np.ndarray, "item sample"]) -> Float[np.ndarray, "item embedding"]:
        """Points of unit length, of stretches of equal length: one to three seconds of mono speech at its rate."""
        mels = np.stack([self.log_mel(one) for one in samples]).astype(np.float32)
        return self(torch.from_numpy(mels).to(self.last.weight.device)).cpu().numpy()

    def probe_inputs(self) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(0)
        return {"mels": torch.randn(1, 40, self.config.num_mels, generator=generator) - 4}

    def probe(self, mels: Tensor) -> dict[str, Tensor]:
        return {"embeddings": self(mels)}


class SpeakerObjective(nn.Module):
    """Nats: which of the speakers of a batch is heard, by the mean of their other stretches."""

    def __init__(self, model: SpeakerEncoder) -> None:
        super().__init__()
        self.model = model
        self.scale = nn.Parameter(torch.tensor(_FIRST_SCALE))
        self.offset = nn.Parameter(torch.tensor(_FIRST_OFFSET))

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"model": self}

    def losses(self, batch: Batch, _fraction_done: float) -> Iterator[Loss]:
        nats, right = self._judged(batch)
        yield Loss("model", nats, {"nats_per_speaker": float(nats.detach()), "right": right})

    @torch.inference_mode()
    def report(self, batch: Batch) -> dict[str, float]:
        nats, right = self._judged(batch)
        return {"nats_per_speaker": float(nats), "right": right}

    def _judged(self, batch: Batch) -> tuple[Tensor, float]:
        """The loss, and the share of speakers that are known again."""
        speakers = len(batch.mels)
        points = self.model(batch.mels.flatten(0, 1)).unflatten(0, (speakers, -1))
        others = F.normalize(points[:, 1:].mean(1), dim=-1)
        scores = self.scale.clamp(min=1.0) * points[:, 0] @ others.T + self.offset
        own = torch.arange(speakers, device=scores.device)
        nats = (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2
        return nats, float((scores.argmax(1) == own).float().mean().detach())
