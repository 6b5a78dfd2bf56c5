"""A harmonic-plus-noise vocoder: mel frames and F0 to speech, all at the rate of frames.

The network sees each frame's log-mel, voicing and F0 with their neighbours, and says for each frequency how pulses at
F0 and white noise are filtered, and what is added to both; an inverse STFT makes sound of it (Siuzdak, Vocos, 2023;
Wang et al., Neural source-filter waveform models, 2019; Kaneko et al., iSTFTNet, 2022). The phase of pulses follows F0,
so pitch may be moved far from that of the voice it learned from.

    mel [B, T, M], F0 [B, T] -> read, 5 frames -> ConvNeXt [B, T, D] -> write [B, T, 5F]
        H e^(iπ tanh θ) STFT(pulses) + R e^(iφ) + N STFT(noise) -> inverse -> [B, S]

The mel, interpolated to the frequencies, is added to log H, log R and log N, so that it sounds before it has learned.

Shapes: B item, T frame, M mel, D channel, F frequency, S sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Complex, Float, Int
from torch import Tensor, nn

from menura.audio.mel import hz_to_mel, mel_triangles
from menura.audio.mel_inversion import match_mel, mel_energies, mel_window
from menura.audio.pitch import pitch
from menura.models.vocoder.filtering import filtered, overlapped
from menura.models.vocoder.pulses import frequencies, phases, pulses
from menura.nn.convnext import ConvNeXtBlock
from menura.nn.rounded import can_round, linear_rounded, run_rounded
from menura.nn.stft import CausalSTFT
from menura.progress import aside

_SEEN_FRAMES = 5
_SCALE = 0.2
_LARGEST_WINDOW = 1 << 14
_MEAN_MEL, _MEL_DEVIATION = -4.0, 2.5
_MEAN_LOG_F0 = 5.1
_HIGHEST_LEVEL = 7.0
"""Natural logarithm of a magnitude; a full-scale sine has 5.7."""
_FIRST_LEVELS = {"harmonic": 0.0, "free": -2.0, "noise": -1.0}
_MOST_FRAMES, _STREAMED_FRAMES = 800, 80


@dataclass(frozen=True, kw_only=True)
class VocoderConfig:
    """Sizes of a `Vocoder`.

    Args:
        sample_rate_hz: of the sound.
        hop_samples, window_samples: of the spectra; a frame a hop.
        num_mels: of a log-mel frame, from 0 Hz to half the rate.
        width, hidden, kernel_frames, depth: of the ConvNeXt blocks.
    """

    sample_rate_hz: int = 24_000
    hop_samples: int = 300
    window_samples: int = 1200
    num_mels: int = 100
    width: int = 192
    hidden: int = 576
    kernel_frames: int = 7
    depth: int = 6

    @property
    def context_frames(self) -> int:
        """How far the sound of a frame depends on its neighbours, on either side."""
        overlap = self.window_samples // self.hop_samples // 2
        return overlap + _SEEN_FRAMES // 2 + self.depth * (self.kernel_frames // 2)


def nano() -> VocoderConfig:
    """The shipped size."""
    return VocoderConfig()


def tiny() -> VocoderConfig:
    """For tests: trains in seconds."""
    return VocoderConfig(width=16, hidden=32, kernel_frames=3, depth=2)


class Vocoder(nn.Module):
    """See the page's head."""

    Config = VocoderConfig

    to_bins: Tensor
    offset: Tensor

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        if not 4 <= config.window_samples <= _LARGEST_WINDOW or not 2 <= config.num_mels <= config.window_samples:
            raise ValueError(f"windows have 4 to {_LARGEST_WINDOW} samples, and no more mels")
        self.config = config
        self.num_bins = config.window_samples // 2 + 1
        self.stft = CausalSTFT(config.window_samples, config.hop_samples)
        self.read = nn.Linear(_SEEN_FRAMES * (config.num_mels + 2), config.width)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(config.width, config.hidden, config.kernel_frames, _SCALE, causal=False)
            for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.width)
        self.write = nn.Linear(config.width, 5 * self.num_bins)
        with torch.no_grad():
            bias = self.write.bias.view(5, self.num_bins)
            bias.zero_()
            for part, level in zip((0, 2, 4), _FIRST_LEVELS.values(), strict=True):
                bias[part] = level
        self._bands, offset = _interpolation(config)
        below, share = self._bands
        to_bins = np.zeros((config.num_mels, self.num_bins), np.float32)
        np.add.at(to_bins, (below, np.arange(self.num_bins)), 1 - share)
        np.add.at(to_bins, (below + 1, np.arange(self.num_bins)), share)
        self.register_buffer("to_bins", torch.from_numpy(to_bins), persistent=False)
        self.register_buffer("offset", torch.from_numpy(offset), persistent=False)

    @property
    def sample_rate_hz(self) -> int:
        return self.config.sample_rate_hz

    @property
    def lead_samples(self) -> int:
        """How far a frame's window begins before its own samples, and ends after them."""
        return (self.config.window_samples - self.config.hop_samples) // 2

    def forward(
        self,
        mel: Float[Tensor, "batch frame mel"],
        f0: Float[Tensor, "batch frame"],
        pulses: Float[Tensor, "batch longer"],
        noise: Float[Tensor, "batch longer"],
    ) -> Float[Tensor, "batch sample"]:
        """Sound, a hop for each frame.

        Args:
            mel: natural logarithms of `menura.audio.mel_inversion.mel_energies`.
            f0: in Hz, 0 where unvoiced.
            pulses, noise: of unit power, from `lead_samples` before the first frame's samples to as many after the
                last's.
        """
        x = self.read(self._seen(mel, f0))
        for block in self.blocks:
            x = block(x)
        out = self.write(self.norm(x))
        with torch.autocast(mel.device.type, enabled=False):
            return self._inverse(self._spectra(out.float(), mel, self._framed(pulses), self._framed(noise)))

    def _seen(self, mel: Tensor, f0: Tensor) -> Float[Tensor, "batch frame seen"]:
        """Five frames at each place, around 0."""
        voiced = (f0 > 0).to(mel.dtype)
        height = 2 * (f0.clamp(min=1.0).log() - _MEAN_LOG_F0) * voiced
        frames = torch.cat(((mel - _MEAN_MEL) / _MEL_DEVIATION, voiced.unsqueeze(-1), height.unsqueeze(-1)), -1)
        side = _SEEN_FRAMES // 2
        return F.pad(frames, (0, 0, side, side)).unfold(1, _SEEN_FRAMES, 1).flatten(-2)

    def _framed(self, sound: Float[Tensor, "batch longer"]) -> Complex[Tensor, "batch frame frequency"]:
        context = self.stft.context_samples
        return self.stft(sound[:, context:], sound[:, :context])

    def _spectra(
        self,
        out: Float[Tensor, "batch frame five"],
        mel: Float[Tensor, "batch frame mel"],
        pulses: Complex[Tensor, "batch frame frequency"],
        noise: Complex[Tensor, "batch frame frequency"],
    ) -> Complex[Tensor, "batch frame frequency"]:
        """In real numbers throughout: products of complex numbers with real ones are slow."""
        harmonic, turn, free, phase, hiss = out.chunk(5, -1)
        usual = mel @ self.to_bins + self.offset
        gain = self._power_of_source
        pulse_size, size, noise_size = (
            (level + usual).clamp(max=_HIGHEST_LEVEL).exp() * unit
            for level, unit in ((harmonic, gain), (free, 1.0), (hiss, gain))
        )
        turn = torch.pi * turn.tanh()
        cosine, sine = pulse_size * turn.cos(), pulse_size * turn.sin()
        real = cosine * pulses.real - sine * pulses.imag + size * phase.cos() + noise_size * noise.real
        imaginary = cosine * pulses.imag + sine * pulses.real + size * phase.sin() + noise_size * noise.imag
        return torch.complex(real, imaginary)

    @property
    def _power_of_source(self) -> float:
        """What turns the spectrum of a source of unit power into one of unit magnitude."""
        return (0.375 * self.config.window_samples) ** -0.5  # squared Hann windows have this mean

    def _inverse(self, spectra: Complex[Tensor, "batch frame frequency"]) -> Float[Tensor, "batch sample"]:
        sound, tail = self.stft.inverse(spectra)
        return torch.cat((sound, tail), -1)[:, self.lead_samples : self.lead_samples + sound.shape[-1]]

    def sound(
        self, mel: Float[np.ndarray, "frame mel"], f0: Float[np.ndarray, " frame"], seed: int = 0
    ) -> Float[np.ndarray, " sample"]:
        """Speech of mel frames and F0.

        Args:
            mel: natural logarithms of `menura.audio.mel_inversion.mel_energies`.
            f0: in Hz, 0 where unvoiced; of each frame.
            seed: of the noise.

        Returns:
            float32, a hop for each frame.
        """
        parts = list(self.stream(mel, f0, seed, _MOST_FRAMES))
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def stream(
        self,
        mel: Float[np.ndarray, "frame mel"],
        f0: Float[np.ndarray, " frame"],
        seed: int = 0,
        piece_frames: int = _STREAMED_FRAMES,
        temperature: float = 1.0,
        first_frames: int | None = None,
        compiled: bool = True,
    ) -> Iterator[Float[np.ndarray, " sample"]]:
        """The same in pieces, each made when it is asked for.

        Args:
            mel, f0, seed: as `sound` has them.
            piece_frames: frames of a piece.
            temperature: of the noise.
            first_frames: of the first piece; default: as many as of the others.
            compiled: whether it is made the quick way where it can be: compiled, with weights of 8 bits.
        """
        config, count = self.config, len(mel)
        hz = frequencies(f0, config.hop_samples)
        sources = pulses(phases(hz, config.sample_rate_hz), hz, config.sample_rate_hz)
        noise = np.random.default_rng(seed).standard_normal(len(sources) + 2 * self.lead_samples, np.float32)
        noise *= np.float32(temperature)
        sources = np.pad(sources, self.lead_samples)
        edges = [0, *range(min(first_frames or piece_frames, count), count, piece_frames), count]
        for begin, end in pairwise(edges if count else ()):
            first, last = max(begin - config.context_frames, 0), min(end + config.context_frames, count)
            span = slice(first * config.hop_samples, last * config.hop_samples + 2 * self.lead_samples)
            made = self._made(compiled, mel[first:last], f0[first:last], sources[span], noise[span])
            yield made[(begin - first) * config.hop_samples : (end - first) * config.hop_samples]

    def vocode(
        self, samples: Float[np.ndarray, " sample"], seed: int = 0, temperature: float = 1.0, rounds: int = 0
    ) -> Iterator[Float[np.ndarray, " part"]]:
        """Speech made again from its mel frames and F0, in parts.

        Args:
            samples: at the model's rate.
            seed: of the noise.
            temperature: of the noise; 1 as learned.
            rounds: of `match_mel`.
        """
        grid = (self.config.sample_rate_hz, self.config.hop_samples)
        energies = aside(lambda: mel_energies(samples, *grid, self.config.num_mels))
        f0 = aside(lambda: pitch(samples, *grid))
        parts = self.stream(np.log(energies).astype(np.float32), f0, seed, temperature=temperature)
        left = len(samples)
        for part in match_mel(parts, energies, *grid, rounds):
            yield part[:left]
            left -= len(part)

    @torch.inference_mode()
    def _made(self, compiled: bool, *given: np.ndarray) -> Float[np.ndarray, " sample"]:
        like = self.write.weight
        mel, f0, pulses, noise = (torch.from_numpy(np.ascontiguousarray(one)).to(like)[None] for one in given)
        if not compiled or not can_round(mel):
            return self(mel, f0, pulses, noise)[0].cpu().numpy()
        x = run_rounded(self.blocks, linear_rounded(self.read, self._seen(mel, f0)[0]))
        out = linear_rounded(self.write, self.norm(x)).numpy()
        sources = self._framed(torch.cat((pulses, noise))).numpy().view(np.float32)
        limits = np.float32(_HIGHEST_LEVEL), np.float32(self._power_of_source)
        spectra = filtered(out, mel[0].numpy(), *self._bands, self.offset.numpy(), *limits, *sources)
        windows = torch.fft.irfft(torch.from_numpy(spectra), self.config.window_samples).numpy()
        sound = overlapped(windows, (self.stft.window / self.stft.scale).numpy(), self.config.hop_samples)
        return sound[self.lead_samples :][: len(out) * self.config.hop_samples]

    def probe_inputs(self) -> dict[str, Tensor]:
        """For `menura check`: a vowel that glides up, then hiss."""
        frames = torch.arange(48)
        bands = torch.arange(self.config.num_mels) / self.config.num_mels
        vowel = -3 - 4 * bands + torch.cos(14 * bands + 0.05 * frames.unsqueeze(1))
        mel = torch.where((frames < 32).unsqueeze(1), vowel, -6 + 2 * bands)
        return {"mel": mel, "f0": torch.where(frames < 32, 120.0 + 4 * frames, torch.zeros(48))}

    def probe(self, mel: Tensor, f0: Tensor) -> dict[str, Tensor]:
        """The sound of it."""
        parts = self.stream(mel.cpu().numpy(), f0.cpu().numpy(), compiled=False)
        return {"sound": torch.from_numpy(np.concatenate(list(parts)))}


def _interpolation(
    config: VocoderConfig,
) -> tuple[tuple[Int[np.ndarray, " frequency"], Float[np.ndarray, " frequency"]], Float[np.ndarray, " frequency"]]:
    """What makes log magnitudes of frequencies from log-mels: between the centres of two bands, straight, so the lower
    band and how far it is to the next; and what is added, since a band holds the sum of its frequencies."""
    rate = config.sample_rate_hz
    triangles = mel_triangles(rate, mel_window(config.hop_samples)[1], config.num_mels, 0, rate / 2)
    places = hz_to_mel(np.linspace(0, rate / 2, config.window_samples // 2 + 1)) / hz_to_mel(rate / 2)
    places = np.clip(places * (config.num_mels + 1) - 1, 0, config.num_mels - 1)
    below = np.minimum(places.astype(np.int64), config.num_mels - 2)
    share, widths = places - below, -np.log(triangles.sum(1))
    offset = widths[below] * (1 - share) + widths[below + 1] * share
    return (below, share.astype(np.float32)), offset.astype(np.float32)
