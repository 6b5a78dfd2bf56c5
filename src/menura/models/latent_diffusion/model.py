"""Latents of sound, drawn from noise as words say (Evans et al., Stable Audio, 2024): a diffusion transformer (Peebles
& Xie, DiT, 2023) over an autoencoder's latents.

    noisy latents [B, T, D] -> Linear -> blocks -> norm -> Linear -> prediction [B, T, D]
    a block: self-attention with rotary places; cross-attention to words, seconds_start and seconds_total; feed-forward.
    Its norms and gates are moved by the time on the path and by the two lengths (adaptive layer norm, zero at first).

Which path is learnt, rectified flow or v-prediction, `menura.nn.diffusion` says. Words come as vectors from elsewhere;
an item that is told none sees one learnt vector in their place, which guidance starts from.

Shapes: B item, T latent, D channel of a latent, K word vector.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from menura.nn.diffusion import Path, Sampler, guided, noised, sample, waves
from menura.nn.linear import Linear
from menura.nn.objective import Loss
from menura.nn.transformer import Rotary

_FREQUENCIES = 32
_SLOWEST, _QUICKEST = math.pi, 1000 * math.pi
"""Radians of a wave from a time of 0 to one of 1."""
_SECONDS_UNIT = 60.0


@dataclass(frozen=True, kw_only=True)
class LatentDiffusionConfig:
    """Sizes of a `LatentDiffusion`.

    Args:
        latent_dim, latents_per_s: of the autoencoder.
        text_dim: numbers of a word vector.
        width, depth, heads, hidden: of the blocks.
        max_frames: the most latents at once.
        path: what is learnt.
    """

    latent_dim: int = 32
    latents_per_s: float = 44_100 / 1024
    text_dim: int = 128
    width: int = 256
    depth: int = 5
    heads: int = 4
    hidden: int = 1024
    max_frames: int = 431
    path: Path = "flow"


def nano() -> LatentDiffusionConfig:
    """Ten seconds, under 16 MB in 16 bits."""
    return LatentDiffusionConfig()


def tiny() -> LatentDiffusionConfig:
    """For tests: trains in seconds."""
    return LatentDiffusionConfig(
        latent_dim=8, latents_per_s=8000 / 256, text_dim=16, width=32, depth=2, heads=2, hidden=64, max_frames=48
    )


class Batch(NamedTuple):
    """Latents to learn from, with all that is drawn.

    Attributes:
        latents: as the autoencoder gives them.
        text: word vectors.
        told: whether an item is told its words.
        seconds: where an item begins in its sound, and how long that sound is.
        time: on the path, 0 data to 1 noise.
        noise: of unit variance.
    """

    latents: Float[Tensor, "batch frame channel"]
    text: Float[Tensor, "batch word text"]
    told: Bool[Tensor, " batch"]
    seconds: Float[Tensor, "batch 2"]
    time: Float[Tensor, " batch"]
    noise: Float[Tensor, "batch frame channel"]


class _Attention(nn.Module):
    """From a stream to itself or, with `memory`, to something else."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key_value, self.out = Linear(width, width), Linear(width, 2 * width), Linear(width, width)

    def forward(self, x: Tensor, memory: Tensor | None = None, rotary: Rotary | None = None) -> Tensor:
        query = self.query(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        both = self.key_value(x if memory is None else memory).unflatten(-1, (2, self.heads, -1))
        key, value = both.permute(2, 0, 3, 1, 4)
        if rotary is not None:
            query, key = rotary(query), rotary(key)
        return self.out(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))


class _Block(nn.Module):
    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.attention, self.cross = _Attention(width, heads), _Attention(width, heads)
        self.norm, self.feed_norm = (nn.LayerNorm(width, elementwise_affine=False) for _ in range(2))
        self.cross_norm = nn.LayerNorm(width)
        self.up, self.down = Linear(width, hidden), Linear(hidden, width)
        self.style = Linear(width, 6 * width)
        for layer in (self.style, self.cross.out):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, memory: Tensor, style: Tensor, rotary: Rotary) -> Tensor:
        gain, offset, gate, feed_gain, feed_offset, feed_gate = self.style(style).unsqueeze(1).chunk(6, -1)
        x = x + gate * self.attention(self.norm(x) * (1 + gain) + offset, rotary=rotary)
        x = x + self.cross(self.cross_norm(x), memory)
        fed = self.up(self.feed_norm(x) * (1 + feed_gain) + feed_offset, gelu=True)
        return x + feed_gate * self.down(fed)


class LatentDiffusion(nn.Module):
    """See the page's head."""

    Config = LatentDiffusionConfig
    mean: Tensor
    deviation: Tensor

    def __init__(self, config: LatentDiffusionConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.register_buffer("mean", torch.zeros(config.latent_dim))
        self.register_buffer("deviation", torch.ones(config.latent_dim))
        self.read = Linear(config.latent_dim, width)
        self.words = Linear(config.text_dim, width)
        self.nothing = nn.Parameter(0.02 * torch.randn(width))
        self.seconds = nn.ModuleList(Linear(2 * _FREQUENCIES, width) for _ in range(2))
        self.time = nn.Sequential(Linear(2 * _FREQUENCIES, width), nn.SiLU(), Linear(width, width))
        self.blocks = nn.ModuleList(_Block(width, config.heads, config.hidden) for _ in range(config.depth))
        self.rotary = Rotary(width // config.heads, config.max_frames)
        self.last_norm = nn.LayerNorm(width)
        self.write = Linear(width, config.latent_dim)
        nn.init.zeros_(self.write.weight)
        nn.init.zeros_(self.write.bias)

    def forward(
        self,
        x: Float[Tensor, "batch frame channel"],
        time: Float[Tensor, " batch"],
        text: Float[Tensor, "batch word text"],
        told: Bool[Tensor, " batch"],
        seconds: Float[Tensor, "batch 2"],
    ) -> Float[Tensor, "batch frame channel"]:
        """What the path's network predicts; arguments as of a `Batch`, latents normalised and noisy."""
        words = torch.where(told[:, None, None], self.words(text), self.nothing)
        places = [
            layer(_waves(part / _SECONDS_UNIT)) for layer, part in zip(self.seconds, seconds.unbind(1), strict=True)
        ]
        memory = torch.cat((words, torch.stack(places, 1)), 1)
        style = F.silu(self.time(_waves(time)) + places[0] + places[1])
        x = self.read(x)
        for block in self.blocks:
            x = block(x, memory, style, self.rotary)
        return self.write(self.last_norm(x))

    def normalised(self, latents: Float[Tensor, "batch frame channel"]) -> Float[Tensor, "batch frame channel"]:
        """Latents of zero mean and unit deviation, channel by channel, as the paths want them."""
        return (latents - self.mean) / self.deviation

    def num_frames(self, seconds: float) -> int:
        """Latents that so many seconds need.

        Raises:
            ValueError: they are more than the model makes at once, or none.
        """
        count, most = math.ceil(seconds * self.config.latents_per_s), self.config.max_frames
        if not 0 < count <= most:
            raise ValueError(f"seconds: {seconds:g} is not over 0 to {most / self.config.latents_per_s:.1f}")
        return count

    def draw(
        self,
        text: Float[np.ndarray, "batch word text"],
        seconds: float,
        *,
        seeds: Sequence[int],
        negative: Float[np.ndarray, "word text"] | None = None,
        guidance_scale: float = 4.0,
        steps: int = 20,
        sampler: Sampler = "dpm",
        init: Float[np.ndarray, "batch frame channel"] | None = None,
        strength: float = 1.0,
        kept: Bool[np.ndarray, " frame"] | None = None,
        turn: Callable[[int], None] | None = None,
    ) -> Float[np.ndarray, "batch frame channel"]:
        """Latents of sounds; each depends on its own words and seed alone.

        Args:
            text: word vectors of each.
            seconds: how long they are; as long as `num_frames` latents.
            seeds: one a sound.
            negative: word vectors of what is not wanted.
            guidance_scale: how far predictions go beyond those for `negative`, or for no words; 1: not at all.
            steps, sampler, strength, turn: as of `menura.nn.diffusion.sample`.
            init: latents to begin from or to keep.
            kept: frames of `init` that stay: the others are filled in, or follow them.

        Raises:
            ValueError: something is out of its range, or there are not as many seeds as sounds.
        """
        count = self.num_frames(seconds)
        if len(seeds) != len(text):
            raise ValueError(f"seeds: {len(seeds)} for {len(text)} sounds; give one for each")
        if init is not None and init.shape != (len(text), count, self.config.latent_dim):
            raise ValueError(f"init: has the shape {init.shape}, not {(len(text), count, self.config.latent_dim)}")
        drawn = [
            self._drawn(
                text[item], seconds, seed, negative, guidance_scale, steps, sampler,
                None if init is None else init[item], strength, kept, turn,
            )
            for item, seed in enumerate(seeds)
        ]  # fmt: skip
        return np.stack(drawn)

    @torch.inference_mode()
    def _drawn(
        self, text: np.ndarray, seconds: float, seed: int, negative: np.ndarray | None, guidance_scale: float,
        steps: int, sampler: Sampler, init: np.ndarray | None, strength: float, kept: np.ndarray | None,
        turn: Callable[[int], None] | None,
    ) -> np.ndarray:  # fmt: skip
        like, count = self.mean, self.num_frames(seconds)
        words = self._vectors(text)
        others = words if negative is None else self._vectors(negative)
        told, wanted = torch.tensor([True], device=like.device), torch.tensor([negative is not None]).to(like.device)
        lengths = like.new_tensor([[0.0, seconds]])

        def predict(x: Tensor, time: float) -> Tensor:
            when = x.new_full((1,), time)
            prediction = self(x, when, words, told, lengths)
            if guidance_scale == 1:
                return prediction
            return guided(prediction, self(x, when, others, wanted, lengths), guidance_scale)

        shape = (1, count, self.config.latent_dim)
        noise = torch.from_numpy(np.random.default_rng(seed).standard_normal(shape, np.float32)).to(like)
        begin = None if init is None else self.normalised(self._vectors(init))
        stays = None if kept is None else torch.from_numpy(kept).to(like.device)[None, :, None].expand(shape)
        x = sample(predict, noise, self.config.path, sampler, steps, begin, strength, stays, turn)
        return (x * self.deviation + self.mean)[0].float().cpu().numpy()

    def _vectors(self, given: np.ndarray) -> Tensor:
        return torch.from_numpy(np.asarray(given, np.float32))[None].to(self.mean)

    def probe_inputs(self) -> dict[str, Tensor]:
        """Fixed noise and words for `menura check`."""
        generator, config = torch.Generator().manual_seed(0), self.config
        return {
            "x": torch.randn(1, 32, config.latent_dim, generator=generator),
            "text": torch.randn(1, 1, config.text_dim, generator=generator),
        }

    def probe(self, x: Tensor, text: Tensor) -> dict[str, Tensor]:
        """What is predicted half of the way."""
        with torch.inference_mode():
            told, when = torch.tensor([True], device=x.device), x.new_full((1,), 0.5)
            return {"prediction": self(x, when, text, told, x.new_tensor([[0.0, 2.0]]))}


def _waves(value: Float[Tensor, " batch"]) -> Float[Tensor, "batch wave"]:
    return waves(value, _FREQUENCIES, _SLOWEST, _QUICKEST)


class LatentDiffusionObjective(nn.Module):
    """Mean square of what is predicted beside what is to be."""

    def __init__(self, model: LatentDiffusion) -> None:
        super().__init__()
        self.model = model

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"model": self.model}

    def losses(self, batch: Batch, _fraction_done: float) -> Iterator[Loss]:
        value = self._error(batch)
        yield Loss("model", value, {"error": float(value.detach())})

    def report(self, batch: Batch) -> dict[str, float]:
        return {"error": float(self._error(batch).detach())}

    def _error(self, batch: Batch) -> Tensor:
        latents = self.model.normalised(batch.latents)
        x, target = noised(self.model.config.path, latents, batch.noise, batch.time)
        predicted = self.model(x, batch.time, batch.text, batch.told, batch.seconds)
        return (predicted.float() - target).square().mean()
