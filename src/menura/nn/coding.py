"""What neural codecs share: sound to codes and back, whole or as it comes, and the loss they learn by.

A codec of any family is a `BaseCodec`: an encoder from sound to frames, residual quantisation, a decoder from frames to
sound, all causal. The mathematics of its encoder and decoder stand on the family's page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from menura.audio import Audio
from menura.audio.mnr import Codes
from menura.nn.code_search import CodeSearch
from menura.nn.discriminators import DiscriminatorOutput
from menura.nn.losses import (
    Balancer,
    MelLoss,
    Spectra,
    adversarial_loss,
    compressed_difference,
    discriminator_loss,
    feature_loss,
)
from menura.nn.objective import Loss
from menura.nn.quantize import ResidualVectorQuantizer

_WINDOWS, _MEL_BANDS = (256, 512, 1024, 2048), (16, 32, 64, 128)
_WEIGHTS = {"mel": 1.0, "spectra": 3.0}
"""Of the two distances, where a search makes one of them: phases count, and less than what is heard."""


class BaseCodec(nn.Module):
    """A neural codec. Families derive from this and give the four methods at its foot.

    Args:
        sample_rate_hz: of the sound it codes.
        hop_samples: of sound a frame.
        delay_samples: how far what `decode_latents` gives lags behind; a multiple of the hop.
        num_codebooks, codebook_size, latent_dim: of the quantiser.
    """

    def __init__(
        self,
        sample_rate_hz: int,
        hop_samples: int,
        delay_samples: int,
        num_codebooks: int,
        codebook_size: int,
        latent_dim: int,
    ) -> None:
        super().__init__()
        self.sample_rate_hz, self.hop_samples, self.delay_samples = sample_rate_hz, hop_samples, delay_samples
        self.quantizer = ResidualVectorQuantizer(num_codebooks, codebook_size, latent_dim)
        self.num_codebooks, self.codebook_size = num_codebooks, codebook_size

    @property
    def frames_per_s(self) -> float:
        return self.sample_rate_hz / self.hop_samples

    @property
    def latency_s(self) -> float:
        """Of a stream: from a sample's coming in to its going out, but for the computing."""
        return (self.hop_samples + self.delay_samples) / self.sample_rate_hz

    def kbps(self, num_codebooks: int) -> float:
        """Kilobits a second of one channel coded with the first `num_codebooks` codebooks."""
        return num_codebooks * self.frames_per_s * float(np.log2(self.codebook_size)) / 1000

    def num_codebooks_for(self, kbps: float | None) -> int:
        """How many codebooks fit into `kbps` kilobits a second of one channel; None: all there are.

        Raises:
            ValueError: not even one fits.
        """
        if kbps is None:
            return self.num_codebooks
        fit = int(kbps / self.kbps(1) + 1e-6)
        if fit < 1:
            raise ValueError(f"kbps: this codec needs at least {self.kbps(1):g} a channel, not {kbps:g}")
        return min(fit, self.num_codebooks)

    def forward(
        self, sound: Float[Tensor, "batch sample"], used: Int[Tensor, "batch"] | None = None
    ) -> tuple[Float[Tensor, "batch sample"], Float[Tensor, ""]]:
        """Through the codec, for training: the sound that comes out and the quantiser's commitment.

        Args:
            sound: a multiple of the hop.
            used: codebooks each item keeps; None for all.
        """
        padded = nn.functional.pad(sound, (0, self.delay_samples))
        quantized = self.quantizer(self.encode_latents(padded), used)
        out = self.decode_latents(quantized.vectors)
        return out[:, self.delay_samples :], quantized.commitment

    def encode(self, audio: Any, kbps: float | None = None, effort: int = 0) -> Codes:
        """Sound as codes.

        Args:
            audio: mono or stereo, as `Audio.of` takes it; of another rate than the codec's it is resampled. An array
                that comes without a rate is at the codec's.
            kbps: kilobits a second of each channel at most; None: all codebooks.
            effort: rounds of searching for codes that sound nearer (`CodeSearch`); 0: none.

        Raises:
            ValueError: the sound is empty or has more than two channels, or not one codebook fits into `kbps`.
        """
        num_codebooks = self.num_codebooks_for(kbps)
        samples = self._samples(Audio.of(audio, self.sample_rate_hz))
        if effort:
            stream = StreamEncoder(self, len(samples), num_codebooks, effort)
            codes = np.concatenate((stream.push(samples), stream.finish()), 1)
            return Codes(codes, samples.shape[1], self.sample_rate_hz)
        return Codes(self._encoded(samples, num_codebooks), samples.shape[1], self.sample_rate_hz)

    @torch.inference_mode()
    def decode(self, codes: Codes) -> Audio:
        """The sound of codes, at the codec's rate.

        Raises:
            ValueError: the codes are not this codec's.
        """
        self._check(codes)
        vectors = self.quantizer.decode(torch.from_numpy(codes.codes.astype(np.int64)).to(self._like.device))
        out = self.decode_latents(vectors)[:, self.delay_samples :][:, : codes.num_samples]
        return Audio(left_right(out.float().cpu().numpy()), self.sample_rate_hz)

    def encoder(
        self,
        channels: int = 1,
        kbps: float | None = None,
        effort: int = 0,
        turn: Callable[[], None] | None = None,
    ) -> StreamEncoder:
        """Encodes sound as it comes; `kbps` and `effort` as of `encode`. A search is four seconds late.

        Args:
            turn: called before each round of a search; what it raises ends it.
        """
        return StreamEncoder(self, channels, self.num_codebooks_for(kbps), effort, turn)

    def decoder(self, channels: int = 1) -> StreamDecoder:
        """Decodes codes as they come."""
        return StreamDecoder(self, channels)

    @torch.inference_mode()
    def _encoded(self, samples: np.ndarray, num_codebooks: int) -> np.ndarray:
        count = samples.shape[1]
        whole = -(-count // self.hop_samples) * self.hop_samples + self.delay_samples
        padded = nn.functional.pad(torch.from_numpy(middle_side(samples)).to(self._like), (0, whole - count))
        return self.quantizer.encode(self.encode_latents(padded), num_codebooks).cpu().numpy()

    @property
    def _like(self) -> Tensor:
        return next(self.parameters())

    def _samples(self, audio: Audio) -> np.ndarray:
        if audio.num_channels > 2:
            raise ValueError(f"a codec takes mono or stereo, not {audio.num_channels} channels; mix it down first")
        audio = audio.resampled(self.sample_rate_hz)
        if audio.num_samples == 0:
            raise ValueError(f"there is no sound to encode: it has no samples at {self.sample_rate_hz} Hz")
        return np.array(audio.samples)

    def _check(self, codes: Codes) -> None:
        channels, frames, num_codebooks = codes.codes.shape
        if (
            codes.sample_rate_hz != self.sample_rate_hz
            or num_codebooks > self.num_codebooks
            or codes.codes.max(initial=0) >= self.codebook_size
        ):
            raise ValueError("these codes are of another codec")
        if channels not in (1, 2) or not num_codebooks or frames * self.hop_samples < codes.num_samples:
            raise ValueError("these codes are not whole: there are too few channels, stages or frames")

    def probe_inputs(self) -> dict[str, Tensor]:
        """A fixed sound for `menura check`: a chirp with a bell's decay, and a little noise."""
        count = 24 * self.hop_samples
        time = torch.arange(count) / self.sample_rate_hz
        noise = torch.randn(count, generator=torch.Generator().manual_seed(0))
        chirp = torch.sin(2 * torch.pi * (200 * time + 4000 * time.square())) * torch.exp(-6 * time)
        return {"sound": (0.5 * chirp + 0.01 * noise).unsqueeze(0)}

    def probe(self, sound: Tensor) -> dict[str, Tensor]:
        """What goes in unquantised, and what comes out for fixed codes: no code lies on an edge that rounding moves."""
        with torch.inference_mode():
            latents = self.encode_latents(sound)
            places = torch.arange(12 * self.num_codebooks).view(1, 12, self.num_codebooks)
            return {
                "latents": latents,
                "sound": self.decode_latents(self.quantizer.decode(places * 37 % self.codebook_size)),
            }

    def encode_latents(self, sound: Float[Tensor, "batch sample"]) -> Float[Tensor, "batch frame channel"]:
        """Frames of sound whose length is a multiple of the hop; each sees its own hop and what came before."""
        raise NotImplementedError

    def decode_latents(self, frames: Float[Tensor, "batch frame channel"]) -> Float[Tensor, "batch sample"]:
        """A hop of sound a frame, `delay_samples` late."""
        raise NotImplementedError

    def start(self, batch: int) -> tuple[Any, Any]:
        """What `encode_latents_step` and `decode_latents_step` remember, before anything has come."""
        raise NotImplementedError

    def encode_latents_step(self, sound: Tensor, memory: Any) -> tuple[Tensor, Any]:
        """As `encode_latents`, for the next hops, and the memory after them."""
        raise NotImplementedError

    def decode_latents_step(self, frames: Tensor, memory: Any) -> tuple[Tensor, Any]:
        """As `decode_latents`, for the next frames, and the memory after them."""
        raise NotImplementedError


class StreamEncoder:
    """Encodes sound as it comes: chunks give the codes that the whole would."""

    @torch.inference_mode(False)  # a search needs gradients
    def __init__(
        self,
        codec: BaseCodec,
        channels: int,
        num_codebooks: int,
        effort: int = 0,
        turn: Callable[[], None] | None = None,
    ) -> None:
        self.codec, self.channels, self.num_codebooks = codec, channels, num_codebooks
        self.like = next(codec.parameters())
        self.memory, _ = codec.start(channels)
        self.waiting = np.zeros((channels, 0), dtype=np.float32)
        self.num_samples = 0
        self.search = None
        if effort:
            reconstruction = ReconstructionLoss(codec.sample_rate_hz).to(self.like.device)
            self.search = CodeSearch(codec, channels, num_codebooks, effort, reconstruction.distance, turn)

    def push(self, samples: Float[np.ndarray, "channel sample"]) -> Int[np.ndarray, "channel frame stage"]:
        """Take in samples at the codec's rate, any number; gives the codes that are now known."""
        self.num_samples += samples.shape[1]
        heard = np.concatenate((self.waiting, middle_side(samples)), axis=1)
        ready = heard.shape[1] // self.codec.hop_samples * self.codec.hop_samples
        self.waiting = heard[:, ready:]
        if not ready:
            return np.zeros((self.channels, 0, self.num_codebooks), dtype=np.int64)
        sound = torch.from_numpy(heard[:, :ready]).to(self.like)
        with torch.inference_mode():
            latents, self.memory = self.codec.encode_latents_step(sound, self.memory)
            if self.search is None:
                return self.codec.quantizer.encode(latents, self.num_codebooks).cpu().numpy()
        return self.search.push(latents, sound).cpu().numpy()

    def finish(self) -> Int[np.ndarray, "channel frame stage"]:
        """The last codes, once everything has been taken in."""
        rest = -self.num_samples % self.codec.hop_samples + self.codec.delay_samples
        count = self.num_samples
        codes = self.push(np.zeros((self.channels, rest), dtype=np.float32))
        self.num_samples = count
        if self.search is None:
            return codes
        return np.concatenate((codes, self.search.finish().cpu().numpy()), 1)


class StreamDecoder:
    """Decodes codes as they come: chunks give the sound that the whole would."""

    def __init__(self, codec: BaseCodec, channels: int) -> None:
        self.codec, self.device = codec, next(codec.parameters()).device
        _, self.memory = codec.start(channels)
        self.late = codec.delay_samples

    @torch.inference_mode()
    def push(self, codes: Int[np.ndarray, "channel frame stage"]) -> Float[np.ndarray, "channel sample"]:
        """Take in the next frames; gives the sound that is now whole."""
        if not codes.shape[1]:
            return np.zeros((codes.shape[0], 0), dtype=np.float32)
        vectors = self.codec.quantizer.decode(torch.from_numpy(np.asarray(codes, dtype=np.int64)).to(self.device))
        sound, self.memory = self.codec.decode_latents_step(vectors, self.memory)
        skipped = min(self.late, sound.shape[1])
        self.late -= skipped
        return left_right(sound[:, skipped:].float().cpu().numpy())


class SoundBatch(NamedTuple):
    """Crops of sound to learn from.

    Args:
        sound: at full scale ±1.
        used: codebooks each item keeps; None: all.
    """

    sound: Float[Tensor, "batch sample"]
    used: Int[Tensor, "batch"] | None = None


class ReconstructionLoss(nn.Module):
    """How far sound is from sound: log mel spectra, and complex spectra whose magnitudes are square roots."""

    def __init__(self, sample_rate_hz: int) -> None:
        super().__init__()
        self.spectra = Spectra(_WINDOWS)
        self.mel = MelLoss(sample_rate_hz, _WINDOWS, _MEL_BANDS)

    def forward(
        self, out: Float[Tensor, "batch sample"], sound: Float[Tensor, "batch sample"]
    ) -> dict[str, Float[Tensor, ""]]:
        """Both distances."""
        with torch.autocast(out.device.type, enabled=False):
            ours, theirs = self.spectra(out), self.spectra(sound)
            return {"mel": self.mel(ours, theirs), "spectra": compressed_difference(ours, theirs)}

    def distance(self, out: Float[Tensor, "batch sample"], sound: Float[Tensor, "batch sample"]) -> Float[Tensor, ""]:
        """The two as one, for searches."""
        return sum((_WEIGHTS[name] * value for name, value in self(out, sound).items()), out.new_zeros(()))


class CodingObjective(nn.Module):
    """Mel and complex spectra alike, discriminators deceived, codes kept to: what a `BaseCodec` learns by.

    Args:
        codec: the model; called with a batch it gives sound, and what is added to the loss.
        discriminators: discriminators, or None for reconstruction alone.
        begin: share of the run after which the discriminators take part.
    """

    shares: ClassVar[Mapping[str, float]] = {"mel": 3.0, "spectra": 2.0, "features": 2.0, "adversary": 1.0}
    """Of the gradient at the codec's output; without discriminators the first two share it."""
    penalty: ClassVar[str] = "commitment"
    penalty_weight: ClassVar[float] = 0.25

    def __init__(self, codec: Any, discriminators: nn.Module | None, begin: float) -> None:
        super().__init__()
        self.codec, self.discriminators, self.begin = codec, discriminators, begin
        self.reconstruction = ReconstructionLoss(codec.sample_rate_hz)
        self.balancer = Balancer(self.shares)

    @property
    def networks(self) -> dict[str, nn.Module]:
        """Everyone who learns; the balancer too, though not from gradients."""
        discriminators = {} if self.discriminators is None else {"discriminators": self.discriminators}
        return {"model": self.codec, **discriminators, "balancer": self.balancer}

    def losses(self, batch: SoundBatch, fraction_done: float) -> Iterator[Loss]:
        """The discriminators' loss, then the codec's, each computed once the one before has been stepped on."""
        out, penalty = self.codec(*batch)
        out = out.float()
        discriminators = self.discriminators if fraction_done >= self.begin else None
        if discriminators is not None:
            real, fake = discriminators(batch.sound), discriminators(out.detach())
            value = discriminator_loss(real.answers, fake.answers)
            yield Loss("discriminators", value, {"discriminators": float(value.detach())})
        parts = self.reconstruction(out, batch.sound)
        if discriminators is not None:
            with torch.no_grad():
                real = discriminators(batch.sound)
            fake: DiscriminatorOutput = discriminators(out)
            parts |= {
                "features": feature_loss(real.features, fake.features),
                "adversary": adversarial_loss(fake.answers),
            }
        report = {name: float(value.detach()) for name, value in parts.items()}
        value = self.balancer(parts, out) + self.penalty_weight * penalty
        yield Loss("model", value, report | {self.penalty: float(penalty.detach())})

    def report(self, batch: SoundBatch) -> dict[str, float]:
        """Distances on held-out sound, the mean over 1, 2, 4, … codebooks."""
        most = self.codec.num_codebooks
        counts = [2**power for power in range(most.bit_length()) if 2**power <= most]
        found: dict[str, float] = {}
        for count in counts:
            out, _ = self.codec(batch.sound, torch.full_like(batch.sound[:, 0], count, dtype=torch.int64))
            for name, value in self.reconstruction(out.float(), batch.sound).items():
                found[name] = found.get(name, 0.0) + float(value.detach()) / len(counts)
                found[f"{name}_{count}"] = float(value.detach())
        return found


def middle_side(samples: Float[np.ndarray, "channel sample"]) -> Float[np.ndarray, "channel sample"]:
    """One channel as it is; of two their middle and half their difference, so that each is coded as mono."""
    return samples if len(samples) == 1 else np.stack((samples[0] + samples[1], samples[0] - samples[1])) / 2


def left_right(samples: Float[np.ndarray, "channel sample"]) -> Float[np.ndarray, "channel sample"]:
    """What `middle_side` came from."""
    return samples if len(samples) == 1 else np.stack((samples[0] + samples[1], samples[0] - samples[1]))
