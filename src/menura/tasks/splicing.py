"""A recording as models hear it, and the recording with other frames in it: bit-equal outside of the cross-fades."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from menura.audio import Audio
from menura.data.speech import HOP_SAMPLES, RATE_HZ, levelled, measured
from menura.tasks.editing import MARGIN_FRAMES, Edited, runs

_VOCODED_FRAMES = 40
"""On either side of what is new, that its sound may depend on."""


class Frames(NamedTuple):
    """Log-mels and F0, Hz, 0 where unvoiced."""

    mel: Float[np.ndarray, "frame mel"]
    f0: Float[np.ndarray, " frame"]


class Recording(NamedTuple):
    """A recording.

    Attributes:
        audio: as it is.
        frames: of the mean of its channels, at the level that models have learnt from.
        gains: of each channel, from what has that level.
    """

    audio: Audio
    frames: Frames
    gains: Float[np.ndarray, "channel 1"]

    @classmethod
    def of(cls, audio: Audio) -> Recording:
        """A recording of speech.

        Raises:
            ValueError: it is silent.
        """
        mean = audio.mono()
        heard = mean.resampled(RATE_HZ).samples[0]
        level = levelled(heard)
        frames = Frames(*measured(np.pad(level, (0, -len(level) % HOP_SAMPLES))))
        gain = float(np.linalg.norm(heard) / np.linalg.norm(level))
        shares = audio.samples @ mean.samples[0] / np.square(mean.samples[0]).sum()
        return cls(audio, frames, gain * shares[:, None])

    def place(self, frame: float) -> int:
        """The sample at which a frame begins."""
        return min(round(frame * HOP_SAMPLES * self.audio.sample_rate_hz / RATE_HZ), self.audio.num_samples)


def spliced(
    recording: Recording, edit: Edited, made: Frames, sound: Callable[[Frames], Float[np.ndarray, " sample"]]
) -> tuple[Audio, list[tuple[float, float]]]:
    """The recording with frames that were made in place of those that are hidden.

    Args:
        recording: which keeps the other frames.
        edit: which frames those are.
        made: all frames, in the new order.
        sound: of frames, at 24 kHz.

    Returns:
        the sound, and from when to when it is new, seconds.
    """
    parts: list[np.ndarray] = []
    new_s: list[tuple[float, float]] = []
    source, samples, rate_hz = edit.source, recording.audio.samples, recording.audio.sample_rate_hz
    end = place = 0
    for start, stop in runs(edit.hidden):
        if start:
            end = recording.place(source[start])
            parts.append(samples[:, place:end])
        place = recording.place(source[stop - 1] + 1) if stop < len(source) else samples.shape[1]
        fades = MARGIN_FRAMES if start else 0, MARGIN_FRAMES if stop < len(source) else 0
        part = _insert(recording, made, (start, stop), sound)
        _fade_in(part, samples[:, end : recording.place(source[start] + fades[0])] if start else part[:, :0])
        before = recording.place(source[stop - 1] + 1 - fades[1])
        _fade_in(part[:, ::-1], samples[:, before:place][:, ::-1] if fades[1] else part[:, :0])
        begun_s = sum(one.shape[1] for one in parts) / rate_hz
        new_s.append((begun_s, begun_s + part.shape[1] / rate_hz))
        parts.append(_on_the_grid_of(part, samples))
    parts.append(samples[:, place:])
    return Audio(np.concatenate(parts, 1), rate_hz), new_s


def _insert(
    recording: Recording, made: Frames, run: tuple[int, int], sound: Callable[[Frames], np.ndarray]
) -> Float[np.ndarray, "channel sample"]:
    """The sound of frames, made with their surroundings, at the recording's rate and level."""
    start, stop = run
    first, last = max(start - _VOCODED_FRAMES, 0), min(stop + _VOCODED_FRAMES, len(made.mel))
    heard = Audio(sound(Frames(made.mel[first:last], made.f0[first:last]))[None], RATE_HZ)
    samples = heard.resampled(recording.audio.sample_rate_hz).samples
    times = HOP_SAMPLES * recording.audio.sample_rate_hz / RATE_HZ
    here = slice(round((start - first) * times), round((stop - first) * times))
    return np.clip(samples[:, here] * recording.gains, -1, 1).astype(np.float32)


def _fade_in(part: Float[np.ndarray, "channel sample"], other: Float[np.ndarray, "channel fewer"]) -> None:
    """Let `other` go over into the beginning of `part`, in place; at equal power, for their phases differ."""
    count = min(other.shape[1], part.shape[1])
    angle = (np.arange(count, dtype=np.float32) + 0.5) / max(count, 1) * (np.pi / 2)
    part[:, :count] = np.sin(angle) * part[:, :count] + np.cos(angle) * other[:, :count]


def width_of(samples: Float[np.ndarray, "channel sample"]) -> int:
    """The fewest bits that hold samples exactly: 16, 24, or 32 of floating point."""
    for bits in (16, 24):
        scaled = samples * np.float32(1 << (bits - 1))
        if np.array_equal(scaled, np.rint(scaled)):
            return bits
    return 32


def _on_the_grid_of(part: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """What is new in steps as wide as the recording's, so that writing it changes nothing else."""
    bits = width_of(samples)
    if bits == 32:
        return part
    steps = np.float32(1 << (bits - 1))
    return np.clip(np.rint(part * steps), -steps, steps - 1) / steps
