"""A variational autoencoder of sound: 43 vectors of 32 numbers a second, near a standard normal, and back.

What a latent diffusion model draws, and what sounds are blended in (Kingma & Welling 2014; Evans et al., Stable
Audio, 2024). As Vocos does (Siuzdak 2023), encoder and decoder work on spectral frames instead of samples; the outer
blocks see short ones, for attacks, and the inner ones four of them at a time. Blocks see both sides.

    sound [B, S] -> STFT -> compressed spectra [B, T, 3F] -> Linear -> ConvNeXt -> four frames as one [B, T/4, W]
        -> ConvNeXt -> means, log deviations [B, T/4, D]
    latents [B, T/4, D] -> Linear -> ConvNeXt -> one as four frames [B, T, W] -> ConvNeXt
        -> levels, directions, levels of noise [B, T, 4F] -> inverse -> [B, S]

So few numbers cannot hold the phases of noise: the decoder says how loud it is, and each frequency has as much of it
(as harmonics and noise are kept apart by Serra & Smith, "Spectral modeling synthesis", 1990).

Shapes: B item, S sample, T frame, F frequency, W width, D channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from menura.audio import Audio
from menura.nn.coding import CodingObjective, SoundBatch, left_right, middle_side
from menura.nn.convnext import ConvNeXtBlock
from menura.nn.linear import Linear
from menura.nn.stft import HIGHEST_LEVEL, USUAL_LEVEL, CausalSTFT, as_features, from_directions

_LEAST_LOG_STD, _HIGHEST_LOG_STD = -6.0, 1.0


@dataclass(frozen=True, kw_only=True)
class AutoencoderConfig:
    """Sizes of an `Autoencoder`.

    Args:
        sample_rate_hz: of the sound.
        hop_samples, window_samples: of the spectra; a frame a hop.
        latent_frames: frames that one latent stands for.
        width, hidden, kernel_frames: of the ConvNeXt blocks.
        outer_encoder_depth, inner_encoder_depth: blocks over frames, and over latents.
        inner_decoder_depth, outer_decoder_depth: the same, of the decoder.
        latent_dim: numbers of a latent.
    """

    sample_rate_hz: int = 44_100
    hop_samples: int = 256
    window_samples: int = 1024
    latent_frames: int = 4
    width: int = 256
    hidden: int = 512
    kernel_frames: int = 7
    outer_encoder_depth: int = 1
    inner_encoder_depth: int = 2
    inner_decoder_depth: int = 3
    outer_decoder_depth: int = 3
    latent_dim: int = 32


def nano() -> AutoencoderConfig:
    """44.1 kHz, 43 latents a second, under 8 MB in 16 bits."""
    return AutoencoderConfig()


def tiny() -> AutoencoderConfig:
    """For tests: trains in seconds."""
    return AutoencoderConfig(
        sample_rate_hz=8000, hop_samples=64, window_samples=256, width=32, hidden=64,
        inner_encoder_depth=1, inner_decoder_depth=1, outer_decoder_depth=1, latent_dim=8,
    )  # fmt: skip


class Autoencoder(nn.Module):
    """See the page's head. `config` says its sizes; weights alone decide the rest."""

    Config = AutoencoderConfig

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.sample_rate_hz = config.sample_rate_hz
        self.hop_samples = config.hop_samples * config.latent_frames
        self.delay_samples = config.window_samples - config.hop_samples
        features, width, group = 3 * (config.window_samples // 2 + 1), config.width, config.latent_frames
        self.stft = CausalSTFT(config.window_samples, config.hop_samples)
        self.read = Linear(features, width)
        self.outer_encoder = self._blocks(config.outer_encoder_depth)
        self.merge = Linear(group * width, width)
        self.inner_encoder = self._blocks(config.inner_encoder_depth)
        self.encoder_norm = nn.LayerNorm(width)
        self.to_latent = Linear(width, 2 * config.latent_dim)
        self.from_latent = Linear(config.latent_dim, width)
        self.inner_decoder = self._blocks(config.inner_decoder_depth)
        self.split = Linear(width, group * width)
        self.outer_decoder = self._blocks(config.outer_decoder_depth)
        self.decoder_norm = nn.LayerNorm(width)
        self.write = Linear(width, features + config.window_samples // 2 + 1)

    def _blocks(self, depth: int) -> nn.Sequential:
        config = self.config
        sizes = config.width, config.hidden, config.kernel_frames
        return nn.Sequential(*(ConvNeXtBlock(*sizes, 1 / depth, causal=False) for _ in range(depth)))

    @property
    def frames_per_s(self) -> float:
        """Latents a second."""
        return self.sample_rate_hz / self.hop_samples

    def posterior(
        self, sound: Float[Tensor, "batch sample"]
    ) -> tuple[Float[Tensor, "batch frame channel"], Float[Tensor, "batch frame channel"]]:
        """Means and log deviations of the latents of sound, a multiple of the hop."""
        spectra = self.stft(nn.functional.pad(sound * self._unit, (0, self.delay_samples)))
        centred = spectra[:, self.delay_samples // self.config.hop_samples // 2 :][
            :, : sound.shape[-1] // self.config.hop_samples
        ]  # a frame's middle is within its own hop, or at its end
        frames = self.outer_encoder(self.read(as_features(centred)))
        merged = self.merge(frames.unflatten(1, (-1, self.config.latent_frames)).flatten(2))
        mean, log_std = self.to_latent(self.encoder_norm(self.inner_encoder(merged))).float().chunk(2, -1)
        return mean, log_std.clamp(_LEAST_LOG_STD, _HIGHEST_LOG_STD)

    def decode_latents(
        self, latents: Float[Tensor, "batch frame channel"], noise: Float[Tensor, "batch sample"] | None = None
    ) -> Float[Tensor, "batch sample"]:
        """A hop of sound a latent.

        Args:
            latents: as `posterior` tells them.
            noise: white, of unit variance and as long as the sound and a window's rest; None: always the same.
        """
        inner = self.split(self.inner_decoder(self.from_latent(latents)))
        frames = self.outer_decoder(inner.unflatten(2, (self.config.latent_frames, -1)).flatten(1, 2))
        written = self.write(self.decoder_norm(frames)).float()
        written, level = written.tensor_split([3 * (self.config.window_samples // 2 + 1)], -1)
        if noise is None:
            drawn = torch.randn(frames.shape[1] * self.config.hop_samples, generator=torch.Generator().manual_seed(0))
            noise = drawn.to(level).expand(len(level), -1)
        size = (level + USUAL_LEVEL).clamp(max=HIGHEST_LEVEL).exp()
        size = size / (self._unit * self.stft.window.square().sum().sqrt())
        unpitched = self.stft(noise)
        spectra = from_directions(written, self._unit) + torch.complex(unpitched.real * size, unpitched.imag * size)
        sound, tail = self.stft.inverse(spectra)
        late = self.delay_samples // 2 // self.config.hop_samples * self.config.hop_samples
        whole = torch.cat((sound, tail), -1)
        return whole[:, self.delay_samples - late :][:, : sound.shape[-1]]

    def forward(
        self, sound: Float[Tensor, "batch sample"], _used: None = None
    ) -> tuple[Float[Tensor, "batch sample"], Float[Tensor, ""]]:
        """Through the autoencoder, for training: sound from drawn latents, and the Kullback-Leibler divergence of their
        distribution from a standard normal, nats a number of a latent."""
        mean, log_std = self.posterior(sound)
        divergence = 0.5 * (mean.square() + (2 * log_std).exp() - 1) - log_std
        drawn = mean + log_std.exp() * torch.randn_like(mean)
        return self.decode_latents(drawn, torch.randn_like(sound)), divergence.mean()

    @torch.inference_mode()
    def encode(self, audio: Any) -> Float[np.ndarray, "channel frame latent"]:
        """The means of sound's latents; of stereo those of the middle and of the side.

        Args:
            audio: mono or stereo, as `Audio.of` takes it; of another rate it is resampled. An array that comes without
                a rate is at the model's.

        Raises:
            ValueError: the sound is empty or has more than two channels.
        """
        audio = Audio.of(audio, self.sample_rate_hz).resampled(self.sample_rate_hz)
        if audio.num_channels > 2 or not audio.num_samples:
            raise ValueError(f"an autoencoder takes mono or stereo sound, not {audio.samples.shape} samples")
        samples = np.pad(middle_side(np.array(audio.samples)), ((0, 0), (0, -audio.num_samples % self.hop_samples)))
        return self.posterior(torch.from_numpy(samples).to(self.read.weight))[0].float().cpu().numpy()

    @torch.inference_mode()
    def decode(self, latents: Float[np.ndarray, "channel frame latent"]) -> Audio:
        """The sound of latents, a hop each.

        Raises:
            ValueError: they are not this model's.
        """
        if latents.ndim != 3 or latents.shape[0] not in (1, 2) or latents.shape[2] != self.config.latent_dim:
            raise ValueError(f"latents are [1 or 2, frame, {self.config.latent_dim}], not {latents.shape}")
        sound = self.decode_latents(torch.from_numpy(np.asarray(latents, np.float32)).to(self.read.weight))
        return Audio(left_right(sound.float().cpu().numpy()), self.sample_rate_hz)

    @property
    def _unit(self) -> float:
        """What samples are multiplied by for spectra of unit gain: a full-scale sine reads a half."""
        return 2 / self.config.window_samples

    def probe_inputs(self) -> dict[str, Tensor]:
        """A fixed sound for `menura check`: a chirp with a bell's decay, and a little noise."""
        time = torch.arange(8 * self.hop_samples) / self.sample_rate_hz
        noise = torch.randn(len(time), generator=torch.Generator().manual_seed(0))
        chirp = torch.sin(2 * torch.pi * (200 * time + 4000 * time.square())) * torch.exp(-6 * time)
        return {"sound": (0.5 * chirp + 0.01 * noise).unsqueeze(0)}

    def probe(self, sound: Tensor) -> dict[str, Tensor]:
        """The latents of a sound, and what comes out for them."""
        with torch.inference_mode():
            mean, log_std = self.posterior(sound)
            return {"mean": mean, "log_std": log_std, "sound": self.decode_latents(mean)}


class AutoencoderObjective(CodingObjective):
    """Mel and complex spectra alike, discriminators deceived, latents near a standard normal."""

    shares: ClassVar[Mapping[str, float]] = {"mel": 3.0, "spectra": 0.6, "features": 1.5, "adversary": 0.7}
    """Complex spectra alone would have no noise, whose phases nobody knows."""
    penalty: ClassVar[str] = "divergence"
    penalty_weight: ClassVar[float] = 0.001
    """In units of the balanced gradient at the output, for the mean over all numbers of all latents."""

    def report(self, batch: SoundBatch) -> dict[str, float]:
        """Distances on held-out sound from the means of its latents, and what these are like."""
        mean, log_std = (part.detach() for part in self.codec.posterior(batch.sound))
        out = self.codec.decode_latents(mean).float()
        distances = {name: float(value.detach()) for name, value in self.reconstruction(out, batch.sound).items()}
        return {**distances, "latent_std": float(mean.std()), "noise_std": float(log_std.exp().mean())}
