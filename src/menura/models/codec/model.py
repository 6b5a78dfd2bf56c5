"""A neural codec on spectral frames: sound to few codes and back, quick enough to train and run on a CPU.

The residual quantisation of SoundStream (Zeghidour et al. 2021) between an encoder and a decoder that work at the rate
of frames, as Vocos does (Siuzdak 2023), instead of at that of samples: a hundredth of the arithmetic. Everything is
causal, so sound streams through with a delay of one window.

    sound [B, S] -> CausalSTFT -> compressed spectra [B, T, 3F] -> Linear -> ConvNeXt -> latents [B, T, D]
        -> residual quantiser -> [B, T, D] -> Linear -> ConvNeXt -> levels, directions [B, T, 3F] -> inverse -> [B, S]

Shapes: B item, S sample, T frame, F frequency, D channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Complex, Float
from torch import Tensor, nn

from menura.nn.coding import BaseCodec
from menura.nn.convnext import ConvNeXt
from menura.nn.linear import Linear
from menura.nn.stft import CausalSTFT, as_features, from_directions


@dataclass(frozen=True, kw_only=True)
class CodecConfig:
    """Sizes of a `Codec`.

    Args:
        sample_rate_hz: of the sound.
        hop_samples, window_samples: of the spectra; a frame a hop.
        width, hidden, kernel_frames: of the ConvNeXt blocks.
        encoder_depth, decoder_depth: how many of them.
        latent_dim: of the vectors that are quantised.
        num_codebooks, codebook_size: of the quantiser.
    """

    sample_rate_hz: int = 24_000
    hop_samples: int = 320
    window_samples: int = 1280
    width: int = 320
    hidden: int = 800
    kernel_frames: int = 7
    encoder_depth: int = 4
    decoder_depth: int = 7
    latent_dim: int = 96
    num_codebooks: int = 8
    codebook_size: int = 1024


def nano() -> CodecConfig:
    """The shipped size: 24 kHz, 0.75 to 6 kbps."""
    return CodecConfig()


def tiny() -> CodecConfig:
    """For tests: trains in seconds."""
    return CodecConfig(
        sample_rate_hz=8000, hop_samples=128, window_samples=512, width=32, hidden=64,
        encoder_depth=1, decoder_depth=2, latent_dim=8, num_codebooks=4, codebook_size=32,
    )  # fmt: skip


class _Memory(NamedTuple):
    """What a stream's encoder remembers: samples for the next window, and frames for the blocks."""

    sound: Tensor
    blocks: list[Tensor]


class _Tail(NamedTuple):
    """What a stream's decoder remembers: frames for the blocks, and sound that the next frames add to."""

    blocks: list[Tensor]
    sound: Tensor


class Codec(BaseCodec):
    """See the page's head. `config` says its sizes; weights alone decide the rest."""

    Config = CodecConfig

    def __init__(self, config: CodecConfig) -> None:
        delay = config.window_samples - config.hop_samples
        super().__init__(
            config.sample_rate_hz, config.hop_samples, delay,
            config.num_codebooks, config.codebook_size, config.latent_dim,
        )  # fmt: skip
        self.config = config
        frequencies = config.window_samples // 2 + 1
        self.stft = CausalSTFT(config.window_samples, config.hop_samples)
        self.read = Linear(3 * frequencies, config.width)
        self.encoder_blocks = ConvNeXt(config.width, config.hidden, config.encoder_depth, config.kernel_frames)
        self.encoder_norm = nn.LayerNorm(config.width)
        self.to_latent = Linear(config.width, config.latent_dim)
        self.from_latent = Linear(config.latent_dim, config.width)
        self.decoder_blocks = ConvNeXt(config.width, config.hidden, config.decoder_depth, config.kernel_frames)
        self.decoder_norm = nn.LayerNorm(config.width)
        self.write = Linear(config.width, 3 * frequencies)

    def encode_latents(self, sound: Float[Tensor, "batch sample"]) -> Float[Tensor, "batch frame channel"]:
        return self._latents(self.encoder_blocks(self._seen(self.stft(sound * self._unit))))

    def decode_latents(self, frames: Float[Tensor, "batch frame channel"]) -> Float[Tensor, "batch sample"]:
        return self.stft.inverse(self._spectra(self.decoder_blocks(self.from_latent(frames))))[0]

    def start(self, batch: int) -> tuple[_Memory, _Tail]:
        silence = self.read.weight.new_zeros(batch, self.stft.context_samples)
        return _Memory(silence, self.encoder_blocks.start(batch)), _Tail(self.decoder_blocks.start(batch), silence)

    def encode_latents_step(self, sound: Tensor, memory: _Memory) -> tuple[Tensor, _Memory]:
        scaled = sound * self._unit
        x, blocks = self.encoder_blocks.step(self._seen(self.stft(scaled, memory.sound)), memory.blocks)
        kept = torch.cat((memory.sound, scaled), -1)[:, -self.stft.context_samples :]
        return self._latents(x), _Memory(kept, blocks)

    def decode_latents_step(self, frames: Tensor, memory: _Tail) -> tuple[Tensor, _Tail]:
        x, blocks = self.decoder_blocks.step(self.from_latent(frames), memory.blocks)
        sound, tail = self.stft.inverse(self._spectra(x), memory.sound)
        return sound, _Tail(blocks, tail)

    @property
    def _unit(self) -> float:
        """What samples are multiplied by for spectra of unit gain: a full-scale sine reads a half."""
        return 2 / self.config.window_samples

    def _seen(self, spectra: Complex[Tensor, "batch frame frequency"]) -> Float[Tensor, "batch frame width"]:
        return self.read(as_features(spectra))

    def _latents(self, x: Tensor) -> Tensor:
        return self.to_latent(self.encoder_norm(x))

    def _spectra(self, x: Float[Tensor, "batch frame width"]) -> Complex[Tensor, "batch frame frequency"]:
        return from_directions(self.write(self.decoder_norm(x)), self._unit)
