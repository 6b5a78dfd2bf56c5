"""Where somebody speaks: a small causal network over log-mels, so that sound can be judged as it comes.

    sound at 16 kHz -> 40 log-mels each 20 ms, of the 32 ms up to there
    -> linear -> causal ConvNeXt blocks -> GRU -> linear -> logit of speech

Convolutions see the last 0.66 s, the recurrent layer (Cho et al. 2014) what was before. Levels are as they are:
training moves them about. Stretches follow from the probabilities by silero-vad's rules (`segments`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from menura.audio.mel import mel_triangles
from menura.models.voice_activity.segments import Segmenter, SegmentOptions
from menura.nn.convnext import ConvNeXt
from menura.nn.linear import Linear
from menura.nn.objective import Loss
from menura.progress import check

SAMPLE_RATE_HZ = 16_000
HOP_SAMPLES = 320
FRAME_S = HOP_SAMPLES / SAMPLE_RATE_HZ
_WINDOW_SAMPLES = 512
_LEAD_SAMPLES = _WINDOW_SAMPLES - HOP_SAMPLES
_SOFTEST = 1e-6
_MIDDLE, _SPREAD = -6.0, 4.0
"""Of log-mels, roughly."""
_BLOCK_FRAMES = 1500
"""Judged at once."""


@dataclass(frozen=True)
class VoiceActivityConfig:
    """Sizes.

    Attributes:
        num_mels: bands of a frame.
        width, hidden, depth, kernel_frames: of the blocks; the recurrent layer is as wide.
    """

    num_mels: int = 40
    width: int = 48
    hidden: int = 144
    depth: int = 4
    kernel_frames: int = 9


def nano() -> VoiceActivityConfig:
    """The shipped size."""
    return VoiceActivityConfig()


def tiny() -> VoiceActivityConfig:
    """For tests."""
    return VoiceActivityConfig(width=16, hidden=32, depth=2)


class Batch(NamedTuple):
    """What to learn from.

    Attributes:
        mels: as `log_mels` gives them.
        is_speech: of each frame.
        weights: of each frame; 0 where nobody knows.
    """

    mels: Float[Tensor, "item frame mel"]
    is_speech: Bool[Tensor, "item frame"]
    weights: Float[Tensor, "item frame"]


class Memory(NamedTuple):
    """What a stream of frames must remember."""

    context: list[Tensor]
    hidden: Float[Tensor, "1 item width"]


class VoiceActivity(nn.Module):
    """Tells speech from all else.

    Args:
        config: sizes.
    """

    Config = VoiceActivityConfig
    sample_rate_hz = SAMPLE_RATE_HZ

    def __init__(self, config: VoiceActivityConfig) -> None:
        super().__init__()
        self.config = config
        self.first = Linear(config.num_mels, config.width)
        self.blocks = ConvNeXt(config.width, config.hidden, config.depth, config.kernel_frames)
        self.norm = nn.LayerNorm(config.width)
        self.recurrent = nn.GRU(config.width, config.width, batch_first=True)
        self.last = Linear(config.width, 1)

    def start(self, items: int = 1) -> Memory:
        """The memory before the first frame."""
        return Memory(self.blocks.start(items), self.first.weight.new_zeros(1, items, self.config.width))

    def step(self, mels: Float[Tensor, "item frame mel"], memory: Memory) -> tuple[Float[Tensor, "item frame"], Memory]:
        """Logits of the next frames, and the memory after them; equal to `forward` over all since `start`."""
        x, context = self.blocks.step(self.first(mels), memory.context)
        x = self.norm(x)
        seen, hidden = self.recurrent(x, memory.hidden)
        return self.last(x + seen).squeeze(-1), Memory(context, hidden)

    def forward(self, mels: Float[Tensor, "item frame mel"]) -> Float[Tensor, "item frame"]:
        """Logits of speech in each frame."""
        return self.step(mels, self.start(len(mels)))[0]

    def speech(
        self, samples: Float[np.ndarray, " sample"], options: SegmentOptions | None = None
    ) -> list[tuple[float, float]]:
        """Start and end of each stretch of speech, seconds, in order.

        Args:
            samples: mono, at 16 kHz, of any length.
            options: what counts as a stretch.
        """
        stream = self.stream(options)
        return [*stream.push(samples), *stream.flush()]

    def probabilities(self, samples: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " frame"]:
        """Of speech, in each 20 ms of mono sound at 16 kHz; the last may be shorter."""
        stream = self.stream()
        return np.concatenate((stream.judge(samples), stream.judge_rest()))

    def stream(self, options: SegmentOptions | None = None) -> Stream:
        """Judges sound as it comes."""
        return Stream(self, options or SegmentOptions())

    def probe_inputs(self) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(0)
        return {"mels": torch.randn(1, 50, self.config.num_mels, generator=generator)}

    def probe(self, mels: Tensor) -> dict[str, Tensor]:
        return {"logits": self(mels)}


class Stream:
    """Sound that comes in pieces of any length; how it is cut does not matter, but for float32's rounding.

    Args:
        model: the judge.
        options: what counts as a stretch of speech.
    """

    def __init__(self, model: VoiceActivity, options: SegmentOptions) -> None:
        self.model = model
        self._segmenter = Segmenter(options, FRAME_S)
        self._memory = model.start()
        self._waiting = np.zeros(_LEAD_SAMPLES, np.float32)
        self._num_samples = 0

    @property
    def is_speech(self) -> bool:
        """Whether somebody is speaking where the stream is now."""
        return self._segmenter.is_speech

    def push(self, samples: Float[np.ndarray, " sample"]) -> list[tuple[float, float]]:
        """The stretches of speech that are over now, seconds from the start of the stream."""
        return self._segmenter.push(self.judge(samples))

    def flush(self) -> list[tuple[float, float]]:
        """Those that are left at the end."""
        done = self._segmenter.push(self.judge_rest())
        return [*done, *self._segmenter.flush(self._num_samples / SAMPLE_RATE_HZ)]

    def judge(self, samples: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " frame"]:
        """Probabilities of the frames that are whole now."""
        self._num_samples += len(samples)
        waiting = np.concatenate((self._waiting, samples.astype(np.float32, copy=False)))
        count = (len(waiting) - _LEAD_SAMPLES) // HOP_SAMPLES
        self._waiting = waiting[count * HOP_SAMPLES :]
        return self._judged(waiting[: count * HOP_SAMPLES + _LEAD_SAMPLES], count)

    def judge_rest(self) -> Float[np.ndarray, " frame"]:
        """That of a last frame which is not whole."""
        rest = len(self._waiting) - _LEAD_SAMPLES
        return self._judged(np.pad(self._waiting, (0, HOP_SAMPLES - rest)), 1) if rest else np.zeros(0, np.float32)

    @torch.inference_mode()
    def _judged(self, samples: np.ndarray, count: int) -> np.ndarray:
        device, found = self._memory.hidden.device, [np.zeros(0, np.float32)]
        for first in range(0, count, _BLOCK_FRAMES):
            check()
            stop = min(first + _BLOCK_FRAMES, count)
            mels = log_mels(samples[first * HOP_SAMPLES : stop * HOP_SAMPLES + _LEAD_SAMPLES], self.model.config)
            logits, self._memory = self.model.step(torch.from_numpy(mels).to(device)[None], self._memory)
            found.append(logits.sigmoid()[0].cpu().numpy())
        return np.concatenate(found)


def log_mels(
    samples: Float[np.ndarray, "*item sample"], config: VoiceActivityConfig
) -> Float[np.ndarray, "*item frame mel"]:
    """Log-mels, moved near the unit normal; of sound with `_LEAD_SAMPLES` before its first frame."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW_SAMPLES, -1)[..., ::HOP_SAMPLES, :]
    power = np.square(np.abs(np.fft.rfft(frames * _window()))).astype(np.float32)
    bands = mel_triangles(SAMPLE_RATE_HZ, _WINDOW_SAMPLES, config.num_mels, 40.0, SAMPLE_RATE_HZ / 2)
    return ((np.log(np.maximum(power @ bands.T, _SOFTEST)) - _MIDDLE) / _SPREAD).astype(np.float32)


def with_lead(samples: Float[np.ndarray, "*item sample"]) -> Float[np.ndarray, "*item longer"]:
    """Sound with the silence before its first frame that `log_mels` looks at."""
    return np.pad(samples, [(0, 0)] * (samples.ndim - 1) + [(_LEAD_SAMPLES, 0)])


@lru_cache(maxsize=1)
def _window() -> Float[np.ndarray, " sample"]:
    return np.hanning(_WINDOW_SAMPLES).astype(np.float32)


class VoiceActivityObjective(nn.Module):
    """Nats a frame."""

    def __init__(self, model: VoiceActivity) -> None:
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
        """The loss, and the share of frames that are judged rightly."""
        logits = self.model(batch.mels)
        each = F.binary_cross_entropy_with_logits(logits, batch.is_speech.to(logits.dtype), reduction="none")
        known = batch.weights / batch.weights.sum().clamp_min(1)
        right = ((logits.detach() > 0) == batch.is_speech).to(known.dtype)
        return (each * known).sum(), float((right * known).sum())
