"""A synthesizer of speech: phonemes to the log-mel frames that a vocoder makes sound of, quick enough for one CPU core.

Durations, F0 and energy are predicted for all phonemes at once and can each be told instead, as in FastSpeech 2 (Ren et
al. 2021); the blocks are ConvNeXt's, as in Matcha's and Vocos' kin. A speaker is a point: the voices learnt from are
rows of a table, and any mixture of them is a voice too.

    symbols [B, N] -> embedding -> ConvNeXt, attention -> hidden [B, N, D] -> durations [B, N]
        -> expanded, two frames a step [B, T, D] -> ConvNeXt -> log F0, voicing, energy [B, T, 2, 3]
        -> told the F0, voicing and energy -> ConvNeXt -> log-mels [B, T, 2, M]

Every block's norm is moved by speaker and language. The pads at both ends are symbols too.

Shapes: B item, N symbol, T step of two frames, D channel, M mel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from menura.audio.mel import warped
from menura.models.synthesizer.example import Example
from menura.nn.attention import SelfAttention
from menura.nn.convnext import StyledConvNeXt
from menura.nn.durations import owners
from menura.nn.rounded import can_round, run_styled
from menura.text.speech.tokens import PUNCTUATION

PER_STEP = 2
"""Frames that one step of the decoder makes: Tacotron's reduction factor."""
_USUAL_LOG_F0, _LOG_F0_SPREAD = 5.1, 0.5
_USUAL_ENERGY, _ENERGY_SPREAD = -4.0, 2.0
USUAL_MEL, MEL_SPREAD = -4.0, 2.5
_HEADS = 4
_LONGEST_FRAMES = 400
"""Of one symbol, where nobody tells its duration: 5 s."""
_LEAST_HEARD = 0.3
"""Frames from which on a symbol gets one, wherever it falls."""
_MOST_TIMES, _MOST_MORE = 2.0, 4.0
"""Times the usual frames of a symbol, and more, from which on it is stretched."""
LEAST_F0_HZ = 30.0


_MANNERS = 0.25, 4.0
"""The least and the most of what a voice's predicted durations and intonation are multiplied by."""
_PAUSES = frozenset((" ", *PUNCTUATION))


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A voice that is offered by name.

    Attributes:
        name: of a speaker.
        language: that it speaks.
        gender: as the data say, or nothing.
        about: accent, source and the like, in words.
        length_scale: times as long as predicted that its sounds last. Durations are learnt as medians, whose sum is
            shorter than speech; pauses are not.
        pitch_range: times as far from their mean as predicted that its F0 moves, since what is learnt of intonation is
            near the mean (Toda and Tokuda, global variance, 2007).
    """

    name: str
    language: str
    gender: str = ""
    about: str = ""
    length_scale: float = 1.0
    pitch_range: float = 1.0

    def __post_init__(self) -> None:
        low, high = _MANNERS
        if not (low <= self.length_scale <= high and low <= self.pitch_range <= high):
            raise ValueError(f"{self.name}: length_scale and pitch_range are from {low:g} to {high:g}")


@dataclass(frozen=True, kw_only=True)
class SynthesizerConfig:
    """Sizes of a `Synthesizer`, and what it was taught.

    Args:
        symbols: that texts are made of, without the pad.
        speakers: voices learnt from, alone or in mixtures.
        languages: that it can be told.
        voices: those of the speakers that are offered.
        num_mels, sample_rate_hz, hop_samples: of the frames.
        width, hidden: of all blocks.
        speaker_dim: numbers that make a speaker.
        encoder_depth, duration_depth, prosody_depth, decoder_depth: blocks of each part.
    """

    symbols: tuple[str, ...]
    speakers: tuple[str, ...]
    languages: tuple[str, ...] = ("en-us",)
    voices: tuple[Voice, ...] = ()
    num_mels: int = 100
    sample_rate_hz: int = 24_000
    hop_samples: int = 300
    width: int = 192
    hidden: int = 576
    speaker_dim: int = 64
    encoder_depth: int = 4
    duration_depth: int = 2
    prosody_depth: int = 2
    decoder_depth: int = 5


class Taught(NamedTuple):
    """What a synthesizer is taught, as its config has it."""

    symbols: tuple[str, ...]
    speakers: tuple[str, ...]
    languages: tuple[str, ...] = ("en-us",)
    voices: tuple[Voice, ...] = ()


class Manner(NamedTuple):
    """How a voice speaks, beside its point; each is a factor.

    Attributes:
        length_scale, pitch_range: as a `Voice` has them.
        formant: times as high as learnt that its resonances are: under 1 of a larger body.
        pitch: times as high as learnt that its F0 is.
    """

    length_scale: float = 1.0
    pitch_range: float = 1.0
    formant: float = 1.0
    pitch: float = 1.0


class Spoken(NamedTuple):
    """What a synthesizer makes of symbols.

    Attributes:
        mel: natural logarithms of mel energies, as `menura.audio.mel_inversion.mel_energies` measures them.
        f0: Hz, 0 where unvoiced.
        durations: frames of each symbol, and of the pad at either end; they add up to the frames.
        energy: the mean of each frame's log-mels, as it was told or predicted.
    """

    mel: Float[np.ndarray, "frame mel"]
    f0: Float[np.ndarray, " frame"]
    durations: Int[np.ndarray, " symbol"]
    energy: Float[np.ndarray, " frame"]


class Batch(NamedTuple):
    """Utterances to learn from, padded to one length.

    Attributes:
        symbols: their numbers, pads at both ends (0); -1 beyond.
        speaker: shares of the voices.
        language: its number.
        durations: frames of each symbol, 0 beyond the end.
        mel: natural logarithms.
        f0: Hz, 0 where unvoiced.
        has_intonation: whether F0 and energy are those of speech, to be learnt.
    """

    symbols: Int[Tensor, "batch symbol"]
    speaker: Float[Tensor, "batch voice"]
    language: Int[Tensor, " batch"]
    durations: Int[Tensor, "batch symbol"]
    mel: Float[Tensor, "batch frame mel"]
    f0: Float[Tensor, "batch frame"]
    has_intonation: Bool[Tensor, " batch"]


class Synthesizer(nn.Module):
    """See the page's head."""

    Config = SynthesizerConfig

    def __init__(self, config: SynthesizerConfig) -> None:
        super().__init__()
        self.config = config
        width, hidden, dim = config.width, config.hidden, config.speaker_dim
        self.symbol = nn.Embedding(len(config.symbols) + 1, width)
        self.speaker_table = nn.Parameter(torch.randn(len(config.speakers), dim) * 0.3)
        self.language = nn.Embedding(len(config.languages), dim)
        self.style = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))
        half = config.encoder_depth // 2
        self.early = StyledConvNeXt(width, hidden, half, 5, dim)
        self.early_attention = SelfAttention(width, _HEADS)
        self.late = StyledConvNeXt(width, hidden, config.encoder_depth - half, 5, dim)
        self.late_attention = SelfAttention(width, _HEADS)
        self.duration_blocks = StyledConvNeXt(width, width, config.duration_depth, 3, dim)
        self.duration = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 1))
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)  # of the two frames of a step
        self.place = nn.Linear(3 * PER_STEP, width)
        self.prosody_blocks = StyledConvNeXt(width, hidden, config.prosody_depth, 9, dim)
        self.prosody = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 3 * PER_STEP))
        self.told = nn.Sequential(nn.Linear(3 * PER_STEP, width), nn.GELU(), nn.Linear(width, width))
        self.decoder_blocks = StyledConvNeXt(width, hidden, config.decoder_depth, 7, dim)
        self.mel = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, config.num_mels * PER_STEP))
        self._numbers = {symbol: number for number, symbol in enumerate(config.symbols, start=1)}
        self.is_sound = np.array([False, *(symbol not in _PAUSES for symbol in config.symbols)])

    @property
    def voices(self) -> tuple[str, ...]:
        """Names of the voices that are offered."""
        return tuple(voice.name for voice in self.config.voices)

    @property
    def languages(self) -> tuple[str, ...]:
        return self.config.languages

    def speaker(
        self, shares: Mapping[str, float], formant: float = 1.0, pitch: float = 1.0
    ) -> Float[np.ndarray, " point_and_manner"]:
        """A voice mixed of several: a point, and after it the logarithms of its `Manner`.

        Args:
            shares: of speakers; they are scaled to add up to 1.
            formant, pitch: times as high as theirs.

        Raises:
            ValueError: a speaker is not known, or no share is over 0.
        """
        manners = {voice.name: Manner(voice.length_scale, voice.pitch_range) for voice in self.config.voices}
        rows = np.log(np.array([manners.get(name, Manner()) for name in self.config.speakers]))
        rows += np.log(Manner(formant=formant, pitch=pitch))
        table = self.speaker_table.detach().cpu().numpy()
        return (self.shares(shares) @ np.concatenate((table, rows), 1)).astype(np.float32)

    def shares(self, shares: Mapping[str, float]) -> Float[np.ndarray, " voice"]:
        """Shares as a row over all speakers, adding up to 1.

        Raises:
            ValueError: as `speaker`.
        """
        row = np.zeros(len(self.config.speakers), np.float32)
        for name, share in shares.items():
            if name not in self.config.speakers:
                raise ValueError(f"speaker {name!r} is not one of {', '.join(self.config.speakers)}")
            row[self.config.speakers.index(name)] += share
        if not row.min() >= 0 or not row.sum() > 0:
            raise ValueError("shares of speakers are numbers over 0")
        return row / row.sum()

    def numbers(self, symbols: Sequence[str]) -> list[int]:
        """Symbols as the model counts them, with a pad at either end.

        Raises:
            ValueError: a symbol is not known.
        """
        unknown = [symbol for symbol in symbols if symbol not in self._numbers]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no phoneme that this model knows")
        return [0, *(self._numbers[symbol] for symbol in symbols), 0]

    @torch.inference_mode()
    def synthesize(
        self,
        symbols: Sequence[str],
        speaker: Float[np.ndarray, " point_and_manner"],
        language: str,
        *,
        speed: float | Float[np.ndarray, " symbol"] = 1.0,
        durations: Int[np.ndarray, " symbol"] | None = None,
        pitch_semitones: float | Float[np.ndarray, " symbol"] = 0.0,
        f0: Float[np.ndarray, " frame"] | None = None,
        energy: Float[np.ndarray, " frame"] | Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> Spoken:
        """Say a sentence.

        Args:
            symbols: of `config.symbols`.
            speaker: as `speaker` gives it, or any other point.
            language: of `config.languages`.
            speed: times the usual one; for all, or for each symbol and the pads.
            durations: frames of each symbol and of the pads, instead of those predicted.
            pitch_semitones: by which F0 is moved; for all, or for each symbol and the pads.
            f0: Hz, of every frame, 0 where unvoiced, instead of what is predicted.
            energy: mean of the log-mels of every frame, instead of what is predicted, or what makes it of that.

        Raises:
            ValueError: a symbol or the language is not known, or lengths do not agree.
        """
        numbers = torch.tensor([self.numbers(symbols)], device=self.speaker_table.device)
        point = torch.from_numpy(speaker[: self.config.speaker_dim]).to(numbers.device)[None]
        manner = Manner(*np.exp(speaker[self.config.speaker_dim :]).clip(*_MANNERS).tolist())
        style = self.styles(point, torch.tensor([self._language(language)], device=numbers.device))
        there = torch.ones_like(numbers, dtype=torch.bool)
        hidden = self.encode(numbers, there, style, rounded=True)
        usual = self.log_durations(hidden, there, style, rounded=True).float().exp().sub(1).clamp(0, _LONGEST_FRAMES)
        usual *= torch.from_numpy(np.where(self.is_sound, manner.length_scale, 1.0)).to(usual)[numbers]
        if durations is None:
            wanted = usual[0].cpu().numpy() / speed
            ends = np.rint(np.cumsum(wanted)).astype(np.int64)
            durations = np.maximum(np.diff(ends, prepend=0), wanted >= _LEAST_HEARD).astype(np.int64)
        if len(durations) != len(symbols) + 2:
            raise ValueError(f"{len(durations)} durations were told for {len(symbols)} symbols and two pads")
        count = int(durations.sum())
        lasting = torch.from_numpy(durations)[None].to(numbers.device)
        steps = self.expand(hidden, lasting, -(-count // PER_STEP), _MOST_TIMES * usual + _MOST_MORE)
        whole = torch.ones(1, steps.shape[1], 1, device=numbers.device)
        prosody = self.prosody_of(steps, whole, style, rounded=True).flatten(1, 2)
        log_f0, voicing, loudness = prosody[0, :count].unbind(-1)
        if f0 is None:
            moved = np.repeat(np.broadcast_to(pitch_semitones, durations.shape), durations) * (np.log(2) / 12)
            moved = torch.from_numpy(moved + np.log(manner.pitch)).to(log_f0)
            pitches = torch.where(voicing > 0, (widened(log_f0, voicing > 0, manner.pitch_range) + moved).exp(), 0.0)
        else:
            pitches = _told("F0", f0, log_f0)
        if energy is not None:
            loudness = _told("energy", energy(loudness.cpu().numpy()) if callable(energy) else energy, loudness)
        mel = self._framed(steps, pitches / manner.formant, loudness, style)
        frames, f0, energy = (one.cpu().numpy().astype(np.float32) for one in (mel, pitches, loudness))
        if manner.formant != 1.0:  # these were frames of the learnt body, with its harmonics where warping wants them
            frames = warped(frames, manner.formant, self.config.sample_rate_hz)
        return Spoken(frames, f0, durations, energy)

    def _framed(
        self, steps: Tensor, f0: Float[Tensor, " frame"], energy: Float[Tensor, " frame"], style: Tensor
    ) -> Float[Tensor, "frame mel"]:
        """Mel frames of one item, as many as there is F0."""
        rest = PER_STEP * steps.shape[1] - len(f0)
        f0s, energies = (torch.cat((one, one[-1:].expand(rest)))[None] for one in (f0, energy))
        whole = torch.ones(1, steps.shape[1], 1, device=steps.device)
        return self.decode(steps, f0s, energies, whole, style, rounded=True)[0, : len(f0)]

    def batch(
        self,
        examples: Sequence[Example],
        speakers: Float[np.ndarray, "example voice"],
        languages: Sequence[str],
        has_intonation: Sequence[bool],
    ) -> Batch:
        """Examples padded to one length.

        Args:
            examples: what was said.
            speakers: shares of the voices, of each.
            languages: of `config.languages`, of each.
            has_intonation: whether F0 and energy are to be learnt, of each.

        Raises:
            ValueError: a symbol or a language is not known.
        """
        count, num_symbols = len(examples), max(len(one.durations) for one in examples)
        num_frames = max(len(one.mel) for one in examples)
        num_frames += num_frames % PER_STEP
        symbols, durations = np.full((count, num_symbols), -1), np.zeros((count, num_symbols), np.int64)
        mel = np.zeros((count, num_frames, self.config.num_mels), np.float32)
        f0 = np.zeros((count, num_frames), np.float32)
        for place, one in enumerate(examples):
            symbols[place, : len(one.durations)] = self.numbers(one.symbols)
            durations[place, : len(one.durations)] = one.durations
            mel[place, : len(one.mel)], f0[place, : len(one.f0)] = one.mel, one.f0
        numbers = np.array([self._language(language) for language in languages])
        arrays = (symbols, speakers, numbers, durations, mel, f0, np.array(has_intonation, np.bool_))
        return Batch(*(torch.from_numpy(array).to(self.speaker_table.device) for array in arrays))

    def _language(self, language: str) -> int:
        if language not in self.config.languages:
            raise ValueError(f"language {language!r} is not one of {', '.join(self.config.languages)}")
        return self.config.languages.index(language)

    def styles(
        self, speaker: Float[Tensor, "batch channel"], language: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch channel"]:
        """What moves the norms of all blocks."""
        return self.style(speaker + self.language(language))

    def encode(
        self,
        symbols: Int[Tensor, "batch symbol"],
        there: Bool[Tensor, "batch symbol"],
        style: Tensor,
        rounded: bool = False,
    ) -> Float[Tensor, "batch symbol width"]:
        """The symbols, each in its surroundings; `rounded`: to 8 bits where that can be, of one item alone."""
        places = there.unsqueeze(-1).to(style.dtype)
        x = self.early_attention(_through(self.early, self.symbol(symbols), places, style, rounded), there)
        return self.late_attention(_through(self.late, x, places, style, rounded), there) * places

    def log_durations(
        self,
        hidden: Float[Tensor, "batch symbol width"],
        there: Bool[Tensor, "batch symbol"],
        style: Tensor,
        rounded: bool = False,
    ) -> Float[Tensor, "batch symbol"]:
        """Logarithms of 1 and a symbol's frames; `rounded` as in `encode`."""
        places = there.unsqueeze(-1).to(style.dtype)
        x = _through(self.duration_blocks, hidden.detach(), places, style.detach(), rounded)
        return self.duration(x).squeeze(-1)

    def expand(
        self,
        hidden: Float[Tensor, "batch symbol width"],
        durations: Int[Tensor, "batch symbol"],
        num_steps: int,
        longest: Float[Tensor, "batch symbol"] | None = None,
    ) -> Float[Tensor, "batch step width"]:
        """Hidden symbols at the steps that they last, two frames each, with the places of the frames in them.

        What lasts longer than `longest` is heard as that, stretched: a sung vowel is longer than any that was spoken.
        """
        at, share = owners(durations, PER_STEP * num_steps)
        lasting = durations.gather(1, at).clamp(min=1)
        heard = lasting.float() if longest is None else lasting.minimum(longest.gather(1, at))
        since, left = share * heard, ((1 - share) * heard).clamp(min=0)
        places = torch.stack((share, since.log1p(), left.log1p()), -1)
        steps = self.place(places.unflatten(1, (-1, PER_STEP)).flatten(2))
        for parity, layer in enumerate((self.first, self.second)):
            index = at[:, parity::PER_STEP].unsqueeze(-1).expand(-1, -1, hidden.shape[-1])
            steps = steps + layer(hidden).gather(1, index)
        return steps

    def prosody_of(
        self,
        steps: Float[Tensor, "batch step width"],
        there: Float[Tensor, "batch step 1"],
        style: Tensor,
        rounded: bool = False,
    ) -> Float[Tensor, "batch step 2 3"]:
        """Logarithm of F0, logit of voicing, and energy, of each frame; `rounded` as in `encode`."""
        x = _through(self.prosody_blocks, steps, there, style, rounded)
        raw = self.prosody(x).float().unflatten(-1, (PER_STEP, 3))
        log_f0, voicing, energy = raw.unbind(-1)
        usual = (_USUAL_LOG_F0 + _LOG_F0_SPREAD * log_f0, voicing, _USUAL_ENERGY + _ENERGY_SPREAD * energy)
        return torch.stack(usual, -1)

    def decode(
        self,
        steps: Float[Tensor, "batch step width"],
        f0: Float[Tensor, "batch frame"],
        energy: Float[Tensor, "batch frame"],
        there: Float[Tensor, "batch step 1"],
        style: Tensor,
        rounded: bool = False,
    ) -> Float[Tensor, "batch frame mel"]:
        """Log-mels of frames whose F0 (Hz, 0 where unvoiced) and energy are told; `rounded` as in `encode`."""
        voiced = (f0 > 0).to(f0.dtype)
        log_f0 = (f0.clamp(min=LEAST_F0_HZ).log() - _USUAL_LOG_F0) / _LOG_F0_SPREAD * voiced
        told = torch.stack((log_f0, voiced, (energy - _USUAL_ENERGY) / _ENERGY_SPREAD), -1)
        x = steps + self.told(told.unflatten(1, (-1, PER_STEP)).flatten(2))
        raw = self.mel(_through(self.decoder_blocks, x, there, style, rounded)).float()
        return (USUAL_MEL + MEL_SPREAD * raw).unflatten(-1, (PER_STEP, -1)).flatten(1, 2)

    def probe_inputs(self) -> dict[str, Tensor]:
        count = len(self.config.symbols) + 1
        symbols = torch.arange(12) * 7 % count
        return {"symbols": symbols[None], "durations": (torch.arange(12) * 5 % 7 + 1)[None]}

    @torch.inference_mode()
    def probe(self, symbols: Tensor, durations: Tensor) -> dict[str, Tensor]:
        there = torch.ones_like(symbols, dtype=torch.bool)
        style = self.styles(self.speaker_table.mean(0, keepdim=True), symbols.new_zeros(1))
        hidden = self.encode(symbols, there, style)
        steps = self.expand(hidden, durations, -(-int(durations.sum()) // PER_STEP))
        whole = torch.ones(1, steps.shape[1], 1)
        prosody = self.prosody_of(steps, whole, style)
        log_f0, _, energy = prosody.flatten(1, 2).unbind(-1)
        mel = self.decode(steps, log_f0.exp(), energy, whole, style)
        return {"durations": self.log_durations(hidden, there, style), "prosody": prosody, "mel": mel}


def nano(taught: Taught) -> SynthesizerConfig:
    """The shipped size."""
    return SynthesizerConfig(**taught._asdict())


def tiny(taught: Taught) -> SynthesizerConfig:
    """For tests: trains in seconds."""
    return SynthesizerConfig(
        **taught._asdict(),
        width=32, hidden=48, speaker_dim=8, encoder_depth=2, duration_depth=1, prosody_depth=1, decoder_depth=2,
    )  # fmt: skip


def widened(
    log_f0: Float[Tensor, " frame"], voiced: Bool[Tensor, " frame"], pitch_range: float
) -> Float[Tensor, " frame"]:
    """F0 so many times as far from the mean of what is voiced."""
    mean = (log_f0 * voiced).sum() / voiced.sum().clamp(min=1)
    return mean + (log_f0 - mean) * pitch_range


def _through(
    blocks: StyledConvNeXt, x: Float[Tensor, "batch place width"], there: Tensor, style: Tensor, rounded: bool
) -> Float[Tensor, "batch place width"]:
    """A stream through blocks, `rounded` where that can be."""
    return run_styled(blocks, x[0], style)[None] if rounded and can_round(x) else blocks(x, there, style)


def _told(what: str, values: Float[np.ndarray, " frame"], like: Float[Tensor, " frame"]) -> Float[Tensor, " frame"]:
    """What is told of frames, where there are as many as there should be."""
    if len(values) != len(like):
        raise ValueError(f"{what} was told for {len(values)} frames, and there are {len(like)}")
    return torch.from_numpy(values).to(like)
