"""SoundStream: a convolutional codec on the waveform, with residual quantisation (Zeghidour et al. 2021).

The paper's encoder and decoder (SEANet): strided convolutions with residual units between them, causal throughout, so
sound streams through with a delay of one frame. The quantiser, the loss and the faces are those of every `BaseCodec`.
It costs some hundred times the arithmetic of `menura.models.codec.model` a second of sound.

    sound [B, S] -> convolution -> 4 x (3 residual units, dilations 1, 3, 9; stride 2, 4, 5, 8) -> latents [B, T, D]
        -> residual quantiser -> [B, T, D] -> 4 x (stride 8, 5, 4, 2; 3 residual units) -> convolution -> [B, S]

Shapes: B item, S sample, T frame, C channel, D channel of a latent.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import prod

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from menura.nn.coding import BaseCodec

Memory = deque[Tensor]
"""What a stream remembers: each causal layer takes its past from the front and leaves its new one at the back."""


@dataclass(frozen=True, kw_only=True)
class SoundStreamConfig:
    """Sizes of a `SoundStream`.

    Args:
        sample_rate_hz: of the sound.
        width: channels at the sample rate; they double at every stride.
        strides: of the encoder, in order; their product is the hop.
        dilations: of the residual units before each stride.
        latent_dim: of the vectors that are quantised.
        num_codebooks, codebook_size: of the quantiser.
    """

    sample_rate_hz: int = 24_000
    width: int = 32
    strides: tuple[int, ...] = (2, 4, 5, 8)
    dilations: tuple[int, ...] = (1, 3, 9)
    latent_dim: int = 128
    num_codebooks: int = 8
    codebook_size: int = 1024


def paper() -> SoundStreamConfig:
    """The paper's: 24 kHz, 75 frames a second."""
    return SoundStreamConfig()


def tiny() -> SoundStreamConfig:
    """For tests: trains in seconds."""
    return SoundStreamConfig(
        sample_rate_hz=8000, width=4, strides=(2, 4, 4, 4), latent_dim=8, num_codebooks=4, codebook_size=32
    )


class CausalConv(nn.Module):
    """A convolution that sees the past alone."""

    def __init__(self, inside: int, outside: int, kernel: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.conv = weight_norm(nn.Conv1d(inside, outside, kernel, stride, dilation=dilation))
        self.inside = inside
        self.context = (kernel - 1) * dilation + 1 - stride

    def forward(
        self, x: Float[Tensor, "batch channel sample"], memory: Memory | None = None
    ) -> Float[Tensor, "batch channel_ sample_"]:
        past = x.new_zeros(len(x), self.inside, self.context) if memory is None else memory.popleft()
        seen = torch.cat((past, x), -1)
        if memory is not None:
            memory.append(seen[..., seen.shape[-1] - self.context :])
        return self.conv(seen)

    def past(self, batch: int) -> list[Tensor]:
        return [next(self.parameters()).new_zeros(batch, self.inside, self.context)]


class CausalTranspose(nn.Module):
    """A transposed convolution, twice as long as its stride, whose last overlap is kept for what comes next."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.conv = weight_norm(nn.ConvTranspose1d(inside, outside, 2 * stride, stride, bias=False))
        self.bias = nn.Parameter(torch.zeros(outside))
        self.outside, self.stride = outside, stride

    def forward(
        self, x: Float[Tensor, "batch channel sample"], memory: Memory | None = None
    ) -> Float[Tensor, "batch channel_ sample_"]:
        whole = self.conv(x)
        done, rest = whole[..., : -self.stride], whole[..., -self.stride :]
        if memory is not None:
            done = done + F.pad(memory.popleft(), (0, done.shape[-1] - self.stride))
            memory.append(rest)
        return done + self.bias.unsqueeze(-1)  # after the overlap, or it would count twice there

    def past(self, batch: int) -> list[Tensor]:
        return [next(self.parameters()).new_zeros(batch, self.outside, self.stride)]


class ResidualUnit(nn.Module):
    """A dilated convolution and one at every sample, beside their input."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.dilated = CausalConv(width, width, 7, dilation=dilation)
        self.mixed = CausalConv(width, width, 1)

    def forward(
        self, x: Float[Tensor, "batch channel sample"], memory: Memory | None = None
    ) -> Float[Tensor, "batch channel sample"]:
        inner = F.elu(self.dilated(F.elu(x), memory))
        return x + self.mixed(inner, memory)

    def past(self, batch: int) -> list[Tensor]:
        return self.dilated.past(batch) + self.mixed.past(batch)


class Stack(nn.Module):
    """Layers one after another, an ELU before each but the first and the residual units, which bring their own."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(
        self, x: Float[Tensor, "batch channel sample"], memory: Memory | None = None
    ) -> Float[Tensor, "batch channel_ sample_"]:
        for index, layer in enumerate(self.layers):
            activated = F.elu(x) if index and not isinstance(layer, ResidualUnit) else x
            x = layer(activated, memory)
        return x

    def start(self, batch: int) -> Memory:
        """The memory before anything has come."""
        return deque(past for layer in self.layers for past in layer.past(batch))  # pyright: ignore[reportCallIssue]


class SoundStream(BaseCodec):
    """See the page's head. `config` says its sizes; weights alone decide the rest."""

    Config = SoundStreamConfig

    def __init__(self, config: SoundStreamConfig) -> None:
        hop = prod(config.strides)
        super().__init__(config.sample_rate_hz, hop, 0, config.num_codebooks, config.codebook_size, config.latent_dim)
        self.config = config
        width = config.width
        encoder: list[nn.Module] = [CausalConv(1, width, 7)]
        decoder: list[nn.Module] = [CausalConv(width, 1, 7)]
        for stride in config.strides:
            units = [ResidualUnit(width, dilation) for dilation in config.dilations]
            encoder += [*units, CausalConv(width, 2 * width, 2 * stride, stride)]
            units = [ResidualUnit(width, dilation) for dilation in config.dilations]
            decoder = [CausalTranspose(2 * width, width, stride), *units, *decoder]
            width *= 2
        self.encoder_stack = Stack(*encoder, CausalConv(width, config.latent_dim, 3))
        self.decoder_stack = Stack(CausalConv(config.latent_dim, width, 7), *decoder)

    def encode_latents(self, sound: Float[Tensor, "batch sample"]) -> Float[Tensor, "batch frame channel"]:
        return self.encoder_stack(sound.unsqueeze(1)).transpose(1, 2)

    def decode_latents(self, frames: Float[Tensor, "batch frame channel"]) -> Float[Tensor, "batch sample"]:
        return self.decoder_stack(frames.transpose(1, 2)).squeeze(1)

    def start(self, batch: int) -> tuple[Memory, Memory]:
        return self.encoder_stack.start(batch), self.decoder_stack.start(batch)

    def encode_latents_step(self, sound: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        memory = deque(memory)
        return self.encoder_stack(sound.unsqueeze(1), memory).transpose(1, 2), memory

    def decode_latents_step(self, frames: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        memory = deque(memory)
        return self.decoder_stack(frames.transpose(1, 2), memory).squeeze(1), memory
