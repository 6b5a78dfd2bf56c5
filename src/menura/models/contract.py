"""What tasks ask of models: a few contracts, known from a model's ``config.json`` before its weights are read.

A task's field names the contract that its model must keep (``json_schema_extra=needs("BaseCodec")``); it is looked at
before any work, so that every face refuses the same model in the same words, and forms list only models that fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from menura.audio import Audio
from menura.audio.mnr import Codes


@runtime_checkable
class BaseCodec(Protocol):
    """Sound as codes and back, whole or as it comes: `menura.nn.coding`."""

    sample_rate_hz: int
    hop_samples: int

    def encode(self, audio: Audio, kbps: float | None = None, effort: int = 0) -> Codes: ...
    def decode(self, codes: Codes) -> Audio: ...
    def encoder(self, channels: int = 1, kbps: float | None = None) -> Any: ...
    def decoder(self, channels: int = 1) -> Any: ...


@runtime_checkable
class NoteModel(Protocol):
    """Music as notes: `menura.models.score_lm.sampling` draws from it."""

    config: Any

    def condition(self, conditions: Any) -> Any: ...
    def step(self, steps: Any, bars: Any, conditions: Any, asked: Any, context: Any, cache: Any) -> tuple[Any, Any]: ...


@runtime_checkable
class Generator(Protocol):
    """Sound out of nothing, or of a speaker and words: `menura.models.wavenet.sampling` draws from it."""

    sample_rate_hz: int

    def sound(self, codes: np.ndarray, excitation: Any) -> np.ndarray: ...


@runtime_checkable
class Autoencoder(Protocol):
    """Sound as continuous latents and back: `menura.models.autoencoder`."""

    sample_rate_hz: int
    hop_samples: int

    def encode(self, audio: Audio) -> np.ndarray: ...
    def decode(self, latents: np.ndarray) -> Audio: ...


@runtime_checkable
class Diffusion(Protocol):
    """Latents of an autoencoder, drawn as an embedder's points of words say: `menura.models.latent_diffusion`."""

    config: Any

    def num_frames(self, seconds: float) -> int: ...
    def draw(
        self,
        text: np.ndarray,
        seconds: float,
        *,
        seeds: Sequence[int],
        negative: np.ndarray | None = None,
        guidance_scale: float = 4.0,
        steps: int = 20,
        init: np.ndarray | None = None,
        strength: float = 1.0,
        kept: np.ndarray | None = None,
        turn: Callable[[int], None] | None = None,
    ) -> np.ndarray: ...


@runtime_checkable
class Vocoder(Protocol):
    """Sound from its mel frames, and what else the model is told of it; in parts, at the model's rate."""

    sample_rate_hz: int

    def vocode(
        self, samples: np.ndarray, seed: int = ..., temperature: float = ..., rounds: int = ...
    ) -> Iterator[np.ndarray]: ...


@runtime_checkable
class Synthesizer(Protocol):
    """Phonemes as log-mel frames with F0, in voices that have names."""

    @property
    def voices(self) -> tuple[str, ...]: ...
    @property
    def languages(self) -> tuple[str, ...]: ...
    def speaker(self, shares: Mapping[str, float], formant: float = 1.0, pitch: float = 1.0) -> np.ndarray: ...
    def synthesize(self, symbols: Sequence[str], speaker: np.ndarray, language: str, **how: Any) -> Any: ...


@runtime_checkable
class SpeechVocoder(Protocol):
    """Sound from log-mel frames and F0."""

    @property
    def sample_rate_hz(self) -> int: ...
    def sound(self, mel: np.ndarray, f0: np.ndarray, seed: int = 0) -> np.ndarray: ...
    def stream(
        self, mel: np.ndarray, f0: np.ndarray, seed: int, piece_frames: int, *, first_frames: int | None
    ) -> Iterator[np.ndarray]: ...


@runtime_checkable
class Aligner(Protocol):
    """The frames of phonemes in log-mel frames."""

    config: Any

    @property
    def sample_rate_hz(self) -> int: ...
    def align(self, mel: np.ndarray, symbols: Sequence[str]) -> Any: ...
    def listen(self, mel: np.ndarray) -> Any: ...


@runtime_checkable
class Voicebox(Protocol):
    """Frames of speech between others, in their voice."""

    def infill(
        self,
        symbols: Sequence[str],
        durations: np.ndarray,
        mel: np.ndarray,
        f0: np.ndarray,
        known: np.ndarray,
        *,
        temperature: float = ...,
        seed: int = 0,
        draft: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> tuple[np.ndarray, np.ndarray]: ...


@runtime_checkable
class Recognizer(Protocol):
    """The words in windows of speech, and when each is said: `menura.models.whisper`."""

    sample_rate_hz: int

    @property
    def tokenizer(self) -> Any: ...
    @property
    def is_multilingual(self) -> bool: ...
    @property
    def languages(self) -> tuple[str, ...]: ...
    def log_mel(self, samples: np.ndarray) -> np.ndarray: ...
    def encode(self, mel: np.ndarray) -> Any: ...
    def detect_language(self, features: Any) -> list[dict[str, float]]: ...
    def decode(self, features: Any, options: Any = None) -> list[Any]: ...
    def find_alignment(
        self, features: Any, tokens: Sequence[int], num_frames: int, language: str | None = None
    ) -> list[Any]: ...


@runtime_checkable
class SpeakerEncoder(Protocol):
    """Voices as points: `menura.models.speaker`."""

    @property
    def sample_rate_hz(self) -> int: ...
    def embed(self, samples: np.ndarray) -> np.ndarray: ...


@runtime_checkable
class Embedder(Protocol):
    """Sounds and words as points of one space, unit length: `menura.models.embedder`."""

    @property
    def sample_rate_hz(self) -> int: ...
    def embed_audio(self, samples: np.ndarray, sample_rate_hz: int) -> np.ndarray: ...
    def embed_text(self, texts: Sequence[str]) -> np.ndarray: ...


@runtime_checkable
class VoiceActivity(Protocol):
    """Where somebody speaks, in mono sound at 16 kHz; whole or as it comes."""

    def speech(self, samples: np.ndarray) -> list[tuple[float, float]]: ...
    def stream(self) -> Any: ...


@dataclass(frozen=True)
class Contract:
    """A contract as it is told and looked up.

    Attributes:
        protocol: what a model that keeps it has.
        words: what such a model is, for messages.
        families: those that keep it …
        fits: … where their config says so.
    """

    protocol: type
    words: str
    families: tuple[str, ...]
    fits: Callable[[Mapping[str, Any]], bool] = lambda _config: True


CONTRACTS: dict[str, Contract] = {
    "Autoencoder": Contract(Autoencoder, "an autoencoder of sound", ("autoencoder",)),
    "Diffusion": Contract(Diffusion, "a latent diffusion model", ("latent_diffusion",)),
    "BaseCodec": Contract(BaseCodec, "a codec", ("codec", "soundstream")),
    "NoteModel": Contract(NoteModel, "a note model", ("score_lm",)),
    "Generator": Contract(
        Generator, "a WaveNet that draws sound by itself", ("wavenet",), lambda config: not config.get("features")
    ),
    "Vocoder": Contract(
        Vocoder,
        "a vocoder, trained on mel spectra",
        ("vocoder", "wavenet"),
        lambda config: bool(config.get("features", True)),  # of WaveNets, those that are told any
    ),
    "Synthesizer": Contract(Synthesizer, "a synthesizer of speech", ("synthesizer",)),
    "Aligner": Contract(Aligner, "an aligner", ("aligner",)),
    "Voicebox": Contract(Voicebox, "a voicebox", ("voicebox",)),
    "Recognizer": Contract(Recognizer, "a recognizer of speech", ("whisper",)),
    "SpeakerEncoder": Contract(SpeakerEncoder, "an encoder of speakers", ("speaker",)),
    "Embedder": Contract(Embedder, "an embedder of sounds and words", ("embedder",)),
    "VoiceActivity": Contract(VoiceActivity, "a detector of voice activity", ("voice_activity",)),
    "SpeechVocoder": Contract(SpeechVocoder, "a vocoder that is told F0", ("vocoder",)),
}
"""Name -> contract."""


def needs(contract: str) -> dict[str, Any]:
    """What the schema of a field says that names a model."""
    return {"x-contract": contract}


def contracts_of(family: str, config: Mapping[str, Any]) -> Sequence[str]:
    """The contracts that a model of a family and a config keeps."""
    return [name for name, one in CONTRACTS.items() if family in one.families and one.fits(config)]
