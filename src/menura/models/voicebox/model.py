"""Voicebox: frames of speech that are missing, made in the voice of those that are there (Le et al. 2023).

Conditional flow matching with optimal-transport paths (Lipman et al. 2023): frames x₁, noise x₀, and between them
x = t x₁ + (1 − t) x₀, whose velocity x₁ − x₀ the network learns at the frames that are hidden. It is told all symbols
with their durations, and the other frames as they are. A midpoint solver follows the velocity from noise to frames,
away from what it would be without being told anything (Ho & Salimans, Classifier-free diffusion guidance, 2022). From a
draft of the frames it sets out part of the way (Meng et al., SDEdit, 2022).

    symbols [B, N] -> ConvNeXt [B, N, D] -> at the frames that they last, two a step [B, T, D]
    noisy frames, known frames, which are known [B, T, 2 (2C + 1)] -> + the symbols -> ConvNeXt, attention
        -> velocity [B, T, 2 C], C of log-mels, log F0 and voicing

Norms are moved by the time and by the mean of what is known. Answers are preconditioned (Karras et al. 2022): the
network says √(t² + (1 − t)²) of the velocity less the best linear guess of it, which has unit variance at every t.

Shapes: B item, N symbol, F frame, T step of two frames, C feature, D channel, M mel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from menura.nn.attention import SelfAttention
from menura.nn.convnext import ConvNeXtBlock, StyledConvNeXt
from menura.nn.diffusion import guided, waves
from menura.nn.durations import owners
from menura.nn.linear import Linear
from menura.nn.objective import Loss

_PER_STEP = 2
"""Frames that one step makes."""
_USUAL_LOG_F0, _LOG_F0_SPREAD = 5.1, 0.5
_USUAL_MEL, _MEL_SPREAD = -4.0, 2.5
_SYMBOL_KERNEL, _SYMBOL_SCALE = 5, 0.2
_QUICKEST_WAVE = 1000.0
"""Radians from noise to frames, of the sines that tell the time; the slowest has one."""
_PITCH_WEIGHT = 6.0
"""Of log F0 and of voicing, beside the hundred mels."""
_STEPS, _GUIDANCE, _TEMPERATURE, _TRUST = 5, 1.0, 0.8, 0.5


@dataclass(frozen=True, kw_only=True)
class VoiceboxConfig:
    """Sizes of a `Voicebox`.

    Args:
        symbols: that texts are made of, without the pad.
        num_mels, sample_rate_hz, hop_samples: of the frames.
        width, hidden, kernel_frames: of the blocks over steps.
        depth: stacks of blocks, an attention after each.
        blocks: of each stack.
        heads: of each attention.
        symbol_width, symbol_depth: of the blocks over symbols.
        style_dim: numbers that move the norms.
    """

    symbols: tuple[str, ...]
    num_mels: int = 100
    sample_rate_hz: int = 24_000
    hop_samples: int = 300
    width: int = 256
    hidden: int = 640
    kernel_frames: int = 9
    depth: int = 3
    blocks: int = 3
    heads: int = 4
    symbol_width: int = 160
    symbol_depth: int = 2
    style_dim: int = 96

    @property
    def num_features(self) -> int:
        """Of a frame: its log-mels, log F0 and voicing."""
        return self.num_mels + 2


class Infilled(NamedTuple):
    """Frames without gaps.

    Attributes:
        mel: natural logarithms of mel energies.
        f0: Hz, 0 where unvoiced.
    """

    mel: Float[np.ndarray, "frame mel"]
    f0: Float[np.ndarray, " frame"]


class Batch(NamedTuple):
    """Utterances to learn from, padded to one length of whole steps, with all that is drawn.

    Attributes:
        symbols: their numbers, pads at both ends (0); -1 beyond.
        durations: frames of each symbol, 0 beyond the end.
        mel: natural logarithms.
        log_f0: natural logarithms of Hz, without gaps (`continuous`).
        voiced: where F0 is heard.
        known: the frames that the model is shown; the loss is that of the others.
        time: of each item, 0 noise to 1 frames.
        noise: of unit variance.
        told: whether an item is told anything: symbols and known frames.
    """

    symbols: Int[Tensor, "batch symbol"]
    durations: Int[Tensor, "batch symbol"]
    mel: Float[Tensor, "batch frame mel"]
    log_f0: Float[Tensor, "batch frame"]
    voiced: Bool[Tensor, "batch frame"]
    known: Bool[Tensor, "batch frame"]
    time: Float[Tensor, " batch"]
    noise: Float[Tensor, "batch frame feature"]
    told: Bool[Tensor, " batch"]


class Conditions(NamedTuple):
    """What the velocity is told, the same at all times.

    Attributes:
        steps: the symbols at the steps that they last.
        features: of the frames; what stands at hidden ones is not read.
        known: the frames that are read.
        there: 1 where there are steps, 0 beyond the end.
    """

    steps: Float[Tensor, "batch step width"]
    features: Float[Tensor, "batch frame feature"]
    known: Bool[Tensor, "batch frame"]
    there: Float[Tensor, "batch step 1"]


class Voicebox(nn.Module):
    """See the page's head."""

    Config = VoiceboxConfig

    def __init__(self, config: VoiceboxConfig) -> None:
        super().__init__()
        self.config = config
        width, dim, features = config.width, config.style_dim, config.num_features
        self.symbol = nn.Embedding(len(config.symbols) + 1, config.symbol_width)
        self.symbol_blocks = nn.ModuleList(
            ConvNeXtBlock(
                config.symbol_width, 3 * config.symbol_width, _SYMBOL_KERNEL, _SYMBOL_SCALE, causal=False
            )
            for _ in range(config.symbol_depth)
        )  # fmt: skip
        self.first, self.second = (Linear(config.symbol_width, width) for _ in range(_PER_STEP))
        self.place = Linear(3 * _PER_STEP, width)
        self.nothing = nn.Parameter(torch.zeros(width))
        self.read = Linear(_PER_STEP * (2 * features + 1), width)
        self.time = nn.Sequential(Linear(dim, dim), nn.GELU(), Linear(dim, dim))
        self.voice = nn.Sequential(Linear(width, 2 * dim), nn.GELU(), Linear(2 * dim, dim))
        self.stacks = nn.ModuleList(
            StyledConvNeXt(width, config.hidden, config.blocks, config.kernel_frames, dim) for _ in range(config.depth)
        )
        self.attentions = nn.ModuleList(SelfAttention(width, config.heads) for _ in range(config.depth))
        self.norm = nn.LayerNorm(width)
        self.write = Linear(width, _PER_STEP * features)
        self._numbers = {symbol: number for number, symbol in enumerate(config.symbols, start=1)}

    def numbers(self, symbols: Sequence[str]) -> list[int]:
        """Symbols as the model counts them, with a pad at either end.

        Raises:
            ValueError: a symbol is not known.
        """
        unknown = [symbol for symbol in symbols if symbol not in self._numbers]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no phoneme that this model knows")
        return [0, *(self._numbers[symbol] for symbol in symbols), 0]

    def forward(
        self, noisy: Float[Tensor, "batch frame feature"], time: Float[Tensor, " batch"], told: Conditions
    ) -> Float[Tensor, "batch frame feature"]:
        """The velocity of frames between noise (time 0) and speech (time 1)."""
        known = told.known.unsqueeze(-1).to(noisy.dtype)
        late, early = time[:, None, None], 1 - time[:, None, None]
        size = (late.square() + early.square()).sqrt()
        seen = torch.cat(((1 - known) * noisy / size, known * told.features, known), -1)
        x = self.read(_folded(seen)) + told.steps
        moment = waves(time, self.config.style_dim // 2, 1.0, _QUICKEST_WAVE)
        style = self.time(moment) + self._voice(x, _folded(known).mean(-1, keepdim=True))
        is_there = told.there.squeeze(-1) > 0
        for stack, attention in zip(self.stacks, self.attentions, strict=True):
            x = attention(stack(x, told.there, style), is_there)
        answer = self.write(self.norm(x)).float().unflatten(-1, (_PER_STEP, -1)).flatten(1, 2)
        return answer / size + (late - early) / size.square() * noisy

    def conditions(
        self,
        symbols: Int[Tensor, "batch symbol"],
        durations: Int[Tensor, "batch symbol"],
        features: Float[Tensor, "batch frame feature"],
        known: Bool[Tensor, "batch frame"],
        told: Bool[Tensor, " batch"],
    ) -> Conditions:
        """What the velocity is told of items; nothing of those that are not `told` anything, beyond their length."""
        num_frames = features.shape[1]
        at, share = owners(durations, num_frames)
        lasting = durations.gather(1, at).clamp(min=1)
        since, left = share * lasting, ((1 - share) * lasting).clamp(min=0)
        places = torch.stack((share, since.log1p(), left.log1p()), -1)
        hidden = self._encoded(symbols)
        steps = self.place(_folded(places))
        for parity, layer in enumerate((self.first, self.second)):
            index = at[:, parity::_PER_STEP].unsqueeze(-1).expand(-1, -1, self.config.width)
            steps = steps + layer(hidden).gather(1, index)
        frames = torch.arange(num_frames, device=known.device) < durations.sum(1, keepdim=True)
        there = frames[:, ::_PER_STEP].unsqueeze(-1).to(steps.dtype)
        steps = torch.where(told[:, None, None], steps, self.nothing.to(steps.dtype))
        return Conditions(steps, features, known & frames & told[:, None], there)

    def features(
        self, mel: Float[Tensor, "*row mel"], log_f0: Float[Tensor, "*row"], voiced: Bool[Tensor, "*row"]
    ) -> Float[Tensor, "*row feature"]:
        """Frames about 0, with about unit variance."""
        pitch = (log_f0 - _USUAL_LOG_F0) / _LOG_F0_SPREAD
        voicing = 2 * voiced.to(mel.dtype) - 1
        return torch.cat(((mel - _USUAL_MEL) / _MEL_SPREAD, torch.stack((pitch, voicing), -1)), -1)

    @torch.inference_mode()
    def infill(
        self,
        symbols: Sequence[str],
        durations: Int[np.ndarray, " symbol"],
        mel: Float[np.ndarray, "frame mel"],
        f0: Float[np.ndarray, " frame"],
        known: Bool[np.ndarray, " frame"],
        *,
        steps: int = _STEPS,
        guidance: float = _GUIDANCE,
        temperature: float = _TEMPERATURE,
        seed: int = 0,
        draft: tuple[np.ndarray, np.ndarray] | None = None,
        trust: float = _TRUST,
    ) -> Infilled:
        """Make the frames that are missing.

        Args:
            symbols: of `config.symbols`, of all that is said.
            durations: frames of each symbol, and of the pad at either end.
            mel: natural logarithms of `menura.audio.mel_inversion.mel_energies`; anything where frames are missing.
            f0: Hz, 0 where unvoiced; anything where frames are missing.
            known: the frames that are kept exactly as they are; none: a voice is drawn as well.
            steps: of the solver, each of two evaluations.
            guidance: how far from the velocity without conditions; 1 is that with them, 0 that without.
            temperature: of the noise.
            seed: of the noise.
            draft: log-mels and F0 of all frames, to begin with; what is missing is made of it …
            trust: … from this time on: 0 is noise, 1 would be the draft itself.

        Raises:
            ValueError: a symbol is not known, or lengths do not agree.
        """
        count = len(mel)
        if len(durations) != len(symbols) + 2:
            raise ValueError(f"{len(durations)} durations were told for {len(symbols)} symbols and two pads")
        if not int(durations.sum()) == count == len(f0) == len(known):
            raise ValueError(f"durations of {int(durations.sum())} frames were told for {count} frames")
        given, whole = self._padded(mel, f0, known)
        device = given.device
        rows = 1 if guidance == 1 else 2
        told = self.conditions(
            torch.tensor([self.numbers(symbols)] * rows, device=device),
            torch.from_numpy(durations).to(device).expand(rows, -1),
            given.expand(rows, -1, -1),
            whole.expand(rows, -1),
            torch.arange(rows, device=device) == 0,
        )
        drawn = torch.from_numpy(np.random.default_rng(seed).standard_normal(given.shape, np.float32))
        start, x = 0.0, temperature * drawn.to(device)
        if draft is not None:
            start, x = trust, trust * self._padded(*draft, np.ones(count, bool))[0] + (1 - trust) * x
        x = self._solved(x, told, np.linspace(start, 1, steps + 1).tolist(), guidance)[0, :count].cpu().numpy()
        made = np.where(x[:, -1] > 0, np.exp(_USUAL_LOG_F0 + _LOG_F0_SPREAD * x[:, -2]), 0.0)
        kept = known[:, None]
        return Infilled(
            np.where(kept, mel, _USUAL_MEL + _MEL_SPREAD * x[:, :-2]).astype(np.float32),
            np.where(known, f0, made).astype(np.float32),
        )

    def _solved(
        self, x: Float[Tensor, "1 frame feature"], told: Conditions, times: Sequence[float], guidance: float
    ) -> Float[Tensor, "1 frame feature"]:
        """Frames at the last of some times, of those at the first, by the midpoint method."""
        rows = len(told.steps)

        def velocity(x: Tensor, time: float) -> Tensor:
            both = self(x.expand(rows, -1, -1), x.new_full((rows,), time), told)
            return guided(both[:1], both[-1:], guidance) if rows > 1 else both

        for begin, end in pairwise(times):
            half = x + velocity(x, begin) * (end - begin) / 2
            x = x + velocity(half, (begin + end) / 2) * (end - begin)
        return x

    def _padded(
        self, mel: np.ndarray, f0: np.ndarray, known: np.ndarray
    ) -> tuple[Float[Tensor, "1 frame feature"], Bool[Tensor, "1 frame"]]:
        """Features of whole steps, and which of them are known."""
        rest = -len(mel) % _PER_STEP
        voiced = known & (f0 > 0)
        arrays = (mel * known[:, None], continuous(f0, voiced), voiced)
        rows = (np.pad(one, ((0, rest), *((0, 0),) * (one.ndim - 1))) for one in arrays)
        device = self.nothing.device
        mels, pitches, voicing = (torch.from_numpy(one).to(device)[None] for one in rows)
        shown = torch.from_numpy(np.pad(known, (0, rest))).to(device)[None]
        return self.features(mels.float(), pitches, voicing), shown

    def _encoded(self, symbols: Int[Tensor, "batch symbol"]) -> Float[Tensor, "batch symbol width"]:
        there = (symbols >= 0).unsqueeze(-1)
        x = self.symbol(symbols.clamp(min=0))
        for block in self.symbol_blocks:
            x = block(x * there)
        return x

    def _voice(
        self, x: Float[Tensor, "batch step width"], known: Float[Tensor, "batch step 1"]
    ) -> Float[Tensor, "batch dim"]:
        """The mean of what is known; nothing where nothing is."""
        return (self.voice(x) * known).sum(1) / known.sum(1).clamp(min=1)

    def probe_inputs(self) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(0)
        symbols = torch.arange(12) * 7 % (len(self.config.symbols) + 1)
        durations = torch.arange(12) * 5 % 7 + 1
        frames = int(durations.sum()) // _PER_STEP * _PER_STEP
        features = torch.randn(2, 1, frames, self.config.num_features, generator=generator)
        known = torch.arange(frames) % 20 < 8
        return {"symbols": symbols[None], "durations": durations[None], "features": features, "known": known[None]}

    @torch.inference_mode()
    def probe(self, symbols: Tensor, durations: Tensor, features: Tensor, known: Tensor) -> dict[str, Tensor]:
        told = self.conditions(symbols, durations, features[0], known, torch.ones(1, dtype=torch.bool))
        return {"velocity": self(features[1], torch.full((1,), 0.4), told)}


def nano(symbols: tuple[str, ...]) -> VoiceboxConfig:
    """The size to train for long."""
    return VoiceboxConfig(symbols=symbols)


def tiny(symbols: tuple[str, ...]) -> VoiceboxConfig:
    """For tests: trains in seconds."""
    return VoiceboxConfig(
        symbols=symbols, width=32, hidden=48, kernel_frames=5, depth=1, blocks=2, heads=2, symbol_width=16,
        symbol_depth=1, style_dim=16,
    )  # fmt: skip


class VoiceboxObjective(nn.Module):
    """The mean square of what the velocity of hidden frames is off by."""

    def __init__(self, model: Voicebox) -> None:
        super().__init__()
        self.model = model

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"model": self.model}

    def losses(self, batch: Batch, _fraction_done: float) -> Iterator[Loss]:
        found = self._off(batch)
        yield Loss("model", found["velocity"], {name: float(one.detach()) for name, one in found.items()})

    @torch.inference_mode()
    def report(self, batch: Batch) -> dict[str, float]:
        return {name: float(one) for name, one in self._off(batch).items()}

    def _off(self, batch: Batch) -> dict[str, Tensor]:
        model = self.model
        frames = torch.arange(batch.mel.shape[1], device=batch.mel.device) < batch.durations.sum(1, keepdim=True)
        wanted = model.features(batch.mel, batch.log_f0, batch.voiced)
        told = model.conditions(batch.symbols, batch.durations, wanted, batch.known, batch.told)
        late = batch.time[:, None, None]
        velocity = model(late * wanted + (1 - late) * batch.noise, batch.time, told)
        off = (velocity - (wanted - batch.noise)).square()
        hidden = frames & ~told.known
        mel, pitch, voicing = (
            (part.mean(-1) * hidden).sum() / hidden.sum().clamp(min=1)
            for part in off.split((model.config.num_mels, 1, 1), -1)
        )
        mels = model.config.num_mels
        whole = (mels * mel + _PITCH_WEIGHT * (pitch + voicing)) / (mels + 2 * _PITCH_WEIGHT)
        return {"velocity": whole, "mel": mel, "pitch": pitch, "voicing": voicing}


def continuous(f0: Float[np.ndarray, " frame"], voiced: Bool[np.ndarray, " frame"]) -> Float[np.ndarray, " frame"]:
    """Logarithms of F0, in straight lines where nothing is voiced; a usual one where nothing is at all."""
    places = np.flatnonzero(voiced)
    if not len(places):
        return np.full(len(f0), _USUAL_LOG_F0, np.float32)
    return np.interp(np.arange(len(f0)), places, np.log(f0[places])).astype(np.float32)


def _folded(frames: Float[Tensor, "batch frame feature"]) -> Float[Tensor, "batch step features"]:
    """Two frames a step."""
    return frames.unflatten(1, (-1, _PER_STEP)).flatten(2)
