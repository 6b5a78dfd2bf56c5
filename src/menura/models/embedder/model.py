"""Sounds and words as points of one space (CLAP: Wu et al. 2023, "Large-scale contrastive language-audio pretraining";
MuLan: Huang et al. 2022).

    log-mel [frame, mel] under the loudest -> convolution of stride 8 -> ConvNeXt blocks
        -> attentive mean and deviation over time -> linear -> unit length
    words, each the mean of its hashed features -> ConvNeXt block -> attentive mean -> MLP: the meaning
        -> linear -> unit length

The meaning is learnt from a sentence model where there is one (`teacher`), so that words that no caption has are
understood; sounds are moved to where their captions are (InfoNCE both ways, with a learned temperature).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from menura.audio import Audio
from menura.audio.mel_inversion import mel_energies
from menura.models.embedder.words import features
from menura.nn.convnext import ConvNeXtBlock
from menura.nn.linear import Linear
from menura.nn.objective import Loss

_LEAST_VARIANCE = 1e-4
NATS_A_STEP, LOUDEST = 3.0, 3.0
"""Of log-mels: as many steps under the loudest energy there is silence, 0."""
_SOFTEST_PEAK = 1e-5
_WINDOW_S = 10.0
"""Of longer sound the points of as long windows are averaged."""
_STRIDE, _BANDS = 8, 4
"""Of the first convolution, over frames and over bands."""
_FIRST_SCALE, _LARGEST_SCALE = 14.0, 100.0
_DISTILLATION_WEIGHT = 4.0


@dataclass(frozen=True)
class EmbedderConfig:
    """Sizes of an embedder.

    Attributes:
        sample_rate_hz, hop_samples, num_mels: of frames, as `menura.audio.mel_inversion.mel_energies` makes them.
        widths, depths: of the stages of the sound tower, each at half the places of the one before.
        drop: share of a block's answers left out while it learns.
        num_buckets, word_width: of the table of words' features.
        meaning: numbers of a text's meaning, as many as the sentence model that it is learnt from gives.
        embedding: numbers of a point.
    """

    sample_rate_hz: int = 32_000
    hop_samples: int = 320
    num_mels: int = 64
    widths: tuple[int, ...] = (64, 160)
    depths: tuple[int, ...] = (2, 4)
    drop: float = 0.1
    num_buckets: int = 16_384
    word_width: int = 128
    meaning: int = 384
    embedding: int = 128


def nano() -> EmbedderConfig:
    """The usual size."""
    return EmbedderConfig()


def tiny() -> EmbedderConfig:
    """For tests."""
    return EmbedderConfig(
        sample_rate_hz=16_000, hop_samples=160, num_mels=24, widths=(16, 24), depths=(1, 1),
        num_buckets=512, word_width=16, meaning=24, embedding=16,
    )  # fmt: skip


class Batch(NamedTuple):
    """What to learn from.

    Attributes:
        mels, counts: frames of sounds, zero after each one's last.
        words: features of their captions.
        targets: how much each sound and each caption belong together; rows add up to 1.
        lines: features of texts whose meaning is known; None: of none.
        meanings: of these, unit length.
    """

    mels: Float[Tensor, "item frame mel"]
    counts: Int[Tensor, " item"]
    words: Int[Tensor, "item word feature"]
    targets: Float[Tensor, "item item"]
    lines: Int[Tensor, "line word feature"] | None = None
    meanings: Float[Tensor, "line meaning"] | None = None


class _Pool(nn.Module):
    """Attentive mean, and deviation, over what is not padding (Okabe et al. 2018)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.attention = Linear(width, width)

    def forward(
        self, x: Float[Tensor, "item place width"], mask: Float[Tensor, "item place 1"]
    ) -> Float[Tensor, "item two_widths"]:
        x = self.norm(x)
        weights = self.attention(x).float().masked_fill(mask == 0, -1e4).softmax(1)
        mean = (weights * x).sum(1)
        variance = (weights * x.square()).sum(1) - mean.square()
        return torch.cat((mean, variance.clamp(min=_LEAST_VARIANCE).sqrt()), 1)


class _Block(nn.Module):
    """A convolution over bands and time, then a wide layer at every place; when it learns, the answers of some items
    are dropped (Huang et al. 2016, "Deep networks with stochastic depth")."""

    def __init__(self, width: int, scale: float, drop: float) -> None:
        super().__init__()
        self.drop = drop
        self.over_places = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.LayerNorm(width)
        self.up, self.down = Linear(width, 2 * width), Linear(2 * width, width)
        self.scale = nn.Parameter(torch.full((width,), scale))

    def forward(self, x: Float[Tensor, "item frame band width"]) -> Float[Tensor, "item frame band width"]:
        seen = self.over_places(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        answer = self.scale * self.down(self.up(self.norm(seen), gelu=True))
        if self.training and self.drop:
            kept = torch.rand(len(x), 1, 1, 1, device=x.device) >= self.drop
            answer = answer * kept / (1 - self.drop)
        return x + answer


class SoundTower(nn.Module):
    """Log-mels -> points.

    Args:
        config: sizes.
    """

    def __init__(self, config: EmbedderConfig) -> None:
        super().__init__()
        width, depth = config.widths[0], sum(config.depths)
        strides = (_STRIDE, _BANDS)
        self.first = nn.Conv2d(1, width, (2 * _STRIDE, 2 * _BANDS), strides, (_STRIDE // 2, _BANDS // 2))
        self.places = nn.Parameter(torch.zeros(config.num_mels // _BANDS, width))
        self.stages, self.halvings = nn.ModuleList(), nn.ModuleList()
        for width, blocks in zip(config.widths, config.depths, strict=True):
            self.stages.append(nn.Sequential(*(_Block(width, 1 / depth, config.drop) for _ in range(blocks))))
        for width, wider in pairwise(config.widths):
            self.halvings.append(nn.Conv2d(width, wider, 2, stride=2))
        self.pool = _Pool(config.widths[-1])
        self.last = Linear(2 * config.widths[-1], config.embedding)

    def forward(
        self, mels: Float[Tensor, "item frame mel"], counts: Int[Tensor, " item"]
    ) -> Float[Tensor, "item embedding"]:
        step = _STRIDE << len(self.halvings)
        x = F.pad(mels, (0, 0, 0, -mels.shape[1] % step))[:, None]
        x = self.first(x).permute(0, 2, 3, 1) + self.places
        x = x * (mask := _mask(x, counts, _STRIDE))
        for index, blocks in enumerate(self.stages):
            if index:
                x = self.halvings[index - 1](x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
                x = x * (mask := _mask(x, counts, _STRIDE << index))
            for block in blocks.children():
                x = block(x) * mask
        there = mask.expand_as(x[..., :1])
        return F.normalize(self.last(self.pool(x.flatten(1, 2), there.flatten(1, 2))).float(), dim=-1)


def _mask(
    x: Float[Tensor, "item frame band width"], counts: Int[Tensor, " item"], stride: int
) -> Float[Tensor, "item frame 1 1"]:
    """1 where there is sound, in frames of `stride`."""
    there = torch.arange(x.shape[1], device=x.device)[None] * stride < counts[:, None]
    return there[:, :, None, None].to(x.dtype)


class TextTower(nn.Module):
    """Features of words -> meaning -> points.

    Args:
        config: sizes.
    """

    def __init__(self, config: EmbedderConfig) -> None:
        super().__init__()
        width = config.word_width
        self.table = nn.Embedding(config.num_buckets, width, padding_idx=0)
        self.block = ConvNeXtBlock(width, 2 * width, 3, 0.5, causal=False)
        self.pool = _Pool(width)
        self.up, self.down = Linear(2 * width, 4 * width), Linear(4 * width, config.meaning)
        self.last = Linear(config.meaning, config.embedding)

    def meaning(self, words: Int[Tensor, "item word feature"]) -> Float[Tensor, "item meaning"]:
        """Unit length."""
        x = F.embedding_bag(words.flatten(0, 1), self.table.weight, mode="mean", padding_idx=0)
        x = x.unflatten(0, words.shape[:2])
        mask = (words[..., :1] > 0).to(x.dtype)
        x = self.block(x * mask) * mask
        return F.normalize(self.down(F.gelu(self.up(self.pool(x, mask)))).float(), dim=-1)

    def forward(self, meaning: Float[Tensor, "item meaning"]) -> Float[Tensor, "item embedding"]:
        return F.normalize(self.last(meaning).float(), dim=-1)


class Embedder(nn.Module):
    """Tells how near sounds and words are.

    Args:
        config: sizes.
    """

    Config = EmbedderConfig

    def __init__(self, config: EmbedderConfig) -> None:
        super().__init__()
        self.config = config
        self.sound, self.text = SoundTower(config), TextTower(config)

    @property
    def sample_rate_hz(self) -> int:
        return self.config.sample_rate_hz

    def log_mel(self, samples: Float[np.ndarray, " sample"]) -> Float[np.ndarray, "frame mel"]:
        """Frames of mono sound at its rate: logarithms of mel energies, 0 from 9 nats under the loudest down. They do
        not depend on the sound's level."""
        peak = float(np.abs(samples).max(initial=0))
        if peak < _SOFTEST_PEAK:
            return np.zeros((max(-(-len(samples) // self.config.hop_samples), 1), self.config.num_mels), np.float32)
        logs = np.log(mel_energies(samples / peak, self.sample_rate_hz, self.config.hop_samples, self.config.num_mels))
        return ((logs - logs.max()) / NATS_A_STEP + LOUDEST).clip(0).astype(np.float32)

    @torch.inference_mode()
    def embed_audio(
        self, samples: Float[np.ndarray, "item sample"], sample_rate_hz: int
    ) -> Float[np.ndarray, "item embedding"]:
        """Points of sounds of equal length, however long; of unit length.

        Args:
            samples: mono.
            sample_rate_hz: their rate.

        Raises:
            ValueError: there is not one sample.
        """
        samples = np.asarray(samples, np.float32)
        if samples.ndim != 2 or not samples.shape[1]:
            raise ValueError(f"samples [item, sample] have the shape {samples.shape}; give one sample or more of each")
        return np.stack([self._point(Audio(one, sample_rate_hz).resampled(self.sample_rate_hz)) for one in samples])

    def _point(self, sound: Audio) -> Float[np.ndarray, " embedding"]:
        mel = self.log_mel(sound.samples[0])
        longest = round(_WINDOW_S * self.sample_rate_hz / self.config.hop_samples)
        total = np.zeros(self.config.embedding, np.float32)
        for part in np.array_split(mel, -(-len(mel) // longest)):
            inputs = torch.from_numpy(part)[None].to(self.text.last.weight.device)
            counts = torch.tensor([len(part)], device=inputs.device)
            total += len(part) * self.sound(inputs, counts)[0].cpu().numpy()
        return total / max(float(np.linalg.norm(total)), 1e-9)

    @torch.inference_mode()
    def embed_text(self, texts: Sequence[str]) -> Float[np.ndarray, "item embedding"]:
        """Points of texts, of unit length."""
        words = torch.from_numpy(features(texts, self.config.num_buckets)).to(self.text.last.weight.device)
        return self.text(self.text.meaning(words)).cpu().numpy()

    def probe_inputs(self) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(0)
        mels = 2 * torch.rand(1, 120, self.config.num_mels, generator=generator)
        return {
            "mels": mels,
            "words": torch.from_numpy(features(["heavy rain on a tin roof"], self.config.num_buckets)),
        }

    def probe(self, mels: Tensor, words: Tensor) -> dict[str, Tensor]:
        counts = torch.tensor([mels.shape[1]], device=mels.device)
        return {"sounds": self.sound(mels, counts), "texts": self.text(self.text.meaning(words))}


class EmbedderObjective(nn.Module):
    """Nats: which caption of a batch belongs to a sound, and which sound to a caption. Where the meanings of some texts
    are known, the text tower learns those, and captions teach only where in the space they lie."""

    def __init__(self, model: Embedder) -> None:
        super().__init__()
        self.model = model
        self.log_scale = nn.Parameter(torch.tensor(_FIRST_SCALE).log())

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"model": self}

    def losses(self, batch: Batch, _fraction_done: float) -> Iterator[Loss]:
        nats, numbers = self._judged(batch)
        yield Loss("model", nats, numbers)

    @torch.inference_mode()
    def report(self, batch: Batch) -> dict[str, float]:
        return self._judged(batch)[1]

    def _judged(self, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        meaning = self.model.text.meaning(batch.words)
        if batch.meanings is not None:
            meaning = meaning.detach()
        texts, sounds = self.model.text(meaning), self.model.sound(batch.mels, batch.counts)
        scores = self.log_scale.exp().clamp(max=_LARGEST_SCALE) * sounds @ texts.T
        nats = (F.cross_entropy(scores, batch.targets) + F.cross_entropy(scores.T, batch.targets)) / 2
        own = torch.arange(len(scores), device=scores.device)
        right = (scores.argmax(1) == own).float().mean()
        numbers = {"nats_per_sound": float(nats.detach()), "right": float(right)}
        if batch.lines is None or batch.meanings is None:
            return nats, numbers
        apart = 1 - (self.model.text.meaning(batch.lines) * batch.meanings).sum(1).mean()
        return nats + _DISTILLATION_WEIGHT * apart, numbers | {"meaning_apart": float(apart.detach())}
