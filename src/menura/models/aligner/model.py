"""When each phoneme of a text is heard: sounds of frames by a network, and the best way through a text's sounds.

    log-mel [frame, mel] - mean of loud frames -> linear -> ConvNeXt blocks -> linear -> log probabilities of sounds

A frame's sound is told apart by what is 16 frames around it, whatever the text; the text then decides by Viterbi's path
(1967), with silence wherever there may be some. It is told known durations, and then goes on with those it found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from menura.models.aligner.sounds import CLASSES, NEAREST, SILENCE, states_of
from menura.models.aligner.viterbi import best_path, freest_path
from menura.nn.convnext import ConvNeXtBlock
from menura.nn.linear import Linear
from menura.nn.objective import Loss

_PAUSE_COST = 2.0
"""Of silence between words, in nats: the closure of a stop is silent too."""
_CHANGE_COST = 2.0
"""Of another sound than before, in nats, where no text says which."""
_MOST_CELLS = 1 << 29
"""Frames times states; a byte each."""
_ELSEWHERE = -1


@dataclass(frozen=True)
class AlignerConfig:
    """Sizes of an aligner.

    Attributes:
        classes: what a frame may be: silence, then sounds.
        sample_rate_hz, hop_samples, num_mels: of frames, as `menura.audio.mel_inversion.mel_energies` makes them.
        width, hidden, depth, kernel_frames: of the blocks.
    """

    classes: tuple[str, ...] = CLASSES
    sample_rate_hz: int = 24_000
    hop_samples: int = 300
    num_mels: int = 100
    width: int = 128
    hidden: int = 384
    depth: int = 5
    kernel_frames: int = 7


def nano() -> AlignerConfig:
    """The shipped size."""
    return AlignerConfig()


def tiny() -> AlignerConfig:
    """For tests."""
    return AlignerConfig(width=32, hidden=64, depth=2)


class Batch(NamedTuple):
    """What to learn from.

    Attributes:
        mels: natural logarithms, ``[item, frame, mel]``.
        targets: up to three classes that each frame may be, -1 for none, ``[item, frame, 3]``.
    """

    mels: Float[Tensor, "item frame mel"]
    targets: Int[Tensor, "item frame 3"]


class Alignment(NamedTuple):
    """Where a row of symbols is heard.

    Attributes:
        durations: frames of each symbol, and of the pad at either end; they add up to all frames.
        ends: where each of them ends, in frames, told between frames by where one sound becomes as likely as the next.
        score: how much less likely the sounds of the text are than those that fit best without any, nats a frame, at
            most 0. Of a text that is said it is seldom under -1.3.
        confidences: of each frame, the log probability of what it was taken for.
        shortfalls: of each frame, how much less likely that is than what fits best, nats, at most 0.
    """

    durations: Int[np.ndarray, " symbol"]
    ends: Float[np.ndarray, " symbol"]
    score: float
    confidences: Float[np.ndarray, " frame"]
    shortfalls: Float[np.ndarray, " frame"]


class Heard(NamedTuple):
    """What is heard where no text is known.

    Attributes:
        symbols: sounds, and spaces for silences between them.
        durations: frames of each, and of the silence at either end; they add up to all frames.
    """

    symbols: tuple[str, ...]
    durations: Int[np.ndarray, " symbol"]


class Aligner(nn.Module):
    """Finds the frames of phonemes.

    Args:
        config: sizes.
    """

    Config = AlignerConfig

    def __init__(self, config: AlignerConfig) -> None:
        super().__init__()
        self.config = config
        self.first = Linear(config.num_mels, config.width)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(config.width, config.hidden, config.kernel_frames, 1 / config.depth, causal=False)
            for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(config.width)
        self.last = Linear(config.width, len(config.classes))

    @property
    def sample_rate_hz(self) -> int:
        return self.config.sample_rate_hz

    def forward(self, mels: Float[Tensor, "item frame mel"]) -> Float[Tensor, "item frame class"]:
        """Log probabilities of what each frame is."""
        levels = mels.mean(-1, keepdim=True)
        loud = (levels >= levels.mean(1, keepdim=True)).to(mels.dtype)
        x = self.first(mels - (mels * loud).sum(1, keepdim=True) / loud.sum(1, keepdim=True))
        for block in self.blocks:
            x = block(x)
        return F.log_softmax(self.last(self.norm(x)).float(), -1)

    @torch.inference_mode()
    def align(self, mel: Float[np.ndarray, "frame mel"], symbols: Sequence[str]) -> Alignment:
        """The frames of each symbol.

        Args:
            mel: natural logarithms of `mel_energies`, of all of the sound.
            symbols: of `menura.text.speech.phonemes.SYMBOLS`, as `phonemize.symbols` gives them.

        Raises:
            ValueError: there is no sound among the symbols, or there are fewer frames than sounds, or far too many.
        """
        states = states_of(symbols)
        sounds = len(states.optional) - sum(states.optional)
        if len(mel) < sounds:
            raise ValueError(f"the text has {sounds} sounds, but the sound only {len(mel)} frames: it is another text")
        if len(mel) * len(states.classes) > _MOST_CELLS:
            raise ValueError("the sound is too long to be aligned at once; cut it into parts, each with its text")
        weights = next(self.parameters())
        found = self(torch.from_numpy(np.asarray(mel, np.float32)).to(weights.device)[None])[0].cpu().numpy()
        lenient = self._lenient(found)
        classes = np.array([self._places[CLASSES[place]] for place in states.classes])
        costs = np.where(states.optional, _PAUSE_COST, 0.0)
        costs[[0, -1]] = 0.0
        path = best_path(lenient, classes, np.array(states.optional), costs)
        durations = np.bincount(np.array(states.owners)[path], minlength=len(symbols) + 2)
        confidences = lenient[np.arange(len(path)), classes[path]]
        shortfalls = np.minimum(confidences - found.max(1), 0)
        ends = _edges(lenient, classes[path])[np.cumsum(durations)]
        return Alignment(durations, ends, float(shortfalls.mean()), confidences, shortfalls)

    @torch.inference_mode()
    def listen(self, mel: Float[np.ndarray, "frame mel"]) -> Heard:
        """The sounds that are likeliest where no text is known.

        Args:
            mel: natural logarithms of `mel_energies`, of all of the sound.

        Raises:
            ValueError: there is nothing but silence.
        """
        weights = next(self.parameters())
        found = self(torch.from_numpy(np.asarray(mel, np.float32)).to(weights.device)[None])[0].cpu().numpy()
        path = freest_path(found, _CHANGE_COST)
        starts = np.flatnonzero(np.diff(path, prepend=-1))
        sounds = [self.config.classes[place] for place in path[starts]]
        durations = np.diff(starts, append=len(path)).tolist()
        if set(sounds) == {SILENCE}:
            raise ValueError("no sound of speech is heard in it")
        lead = durations.pop(0) if sounds[0] == SILENCE else 0
        tail = durations.pop() if sounds[-1] == SILENCE else 0
        sounds = sounds[sounds[0] == SILENCE : len(sounds) - (sounds[-1] == SILENCE)]
        symbols = tuple(" " if sound == SILENCE else sound for sound in sounds)
        return Heard(symbols, np.array([lead, *durations, tail], np.int64))

    @property
    def _places(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.config.classes)}

    def _lenient(self, logs: Float[np.ndarray, "frame class"]) -> Float[np.ndarray, "frame class"]:
        """Log probabilities of sounds or those nearest to them."""
        places, lenient = self._places, logs.copy()
        for sound, nearest in NEAREST.items():
            like = [places[one] for one in (sound, *nearest)]
            lenient[:, places[sound]] = np.logaddexp.reduce(logs[:, like], axis=1)
        return lenient

    def probe_inputs(self) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(0)
        return {"mels": torch.randn(1, 40, self.config.num_mels, generator=generator) - 4}

    def probe(self, mels: Tensor) -> dict[str, Tensor]:
        return {"log_probabilities": self(mels)}


def _edges(logs: Float[np.ndarray, "frame class"], taken: Int[np.ndarray, " frame"]) -> Float[np.ndarray, " edge"]:
    """Where each frame begins, and the last ends; where a sound begins, between the middles of two frames."""
    edges = np.arange(len(taken) + 1, dtype=np.float64)
    first = np.flatnonzero(np.diff(taken)) + 1
    before, after = taken[first - 1], taken[first]
    earlier = logs[first - 1, after] - logs[first - 1, before]
    later = logs[first, after] - logs[first, before]
    crosses = (earlier < 0) & (later > 0)
    edges[first[crosses]] += (-earlier / np.where(crosses, later - earlier, 1))[crosses] - 0.5
    return edges


class AlignerObjective(nn.Module):
    """Nats a frame: what it costs that a frame is one of those that it may be."""

    def __init__(self, model: Aligner) -> None:
        super().__init__()
        self.model = model

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        return {"model": self.model}

    def losses(self, batch: Batch, _fraction_done: float) -> Iterator[Loss]:
        nats, right = self._judged(batch)
        yield Loss("model", nats, {"nats_per_frame": float(nats.detach()), "right": right})

    @torch.inference_mode()
    def report(self, batch: Batch) -> dict[str, float]:
        nats, right = self._judged(batch)
        return {"nats_per_frame": float(nats), "right": right}

    def _judged(self, batch: Batch) -> tuple[Tensor, float]:
        """The loss, and the share of frames that are taken for what they may be."""
        logs, may = self.model(batch.mels), batch.targets
        known = (may != _ELSEWHERE).any(-1)
        each = logs.gather(-1, may.clamp(min=0)).masked_fill(may == _ELSEWHERE, -torch.inf)
        nats = -each[known].logsumexp(-1).mean()
        right = (logs.argmax(-1, keepdim=True) == may).any(-1)[known].float().mean()
        return nats, float(right.detach())
