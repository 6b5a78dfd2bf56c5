"""Sample rate conversion by libsoxr's very-high-quality setting (linear phase, 28-bit precision)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from menura.progress import check

_BLOCK_SAMPLES = 1 << 18
"""What is converted at once has no more samples before or after."""


def resample(samples: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """Convert `samples`, float32 `[channel, sample]`, from one sample rate to another.

    Returns:
        float32 `[channel, round(sample * to_hz / from_hz)]`; the same array where the rates agree.

    Raises:
        ValueError: a rate is not positive.
    """
    if from_hz <= 0 or to_hz <= 0:
        raise ValueError(f"a sample rate is a positive number of hertz, not {min(from_hz, to_hz)}")
    if from_hz == to_hz:
        return samples
    converted = np.zeros((samples.shape[0], round(samples.shape[-1] * to_hz / from_hz)), np.float32)
    done = 0
    for block in resampled([samples], from_hz, to_hz):
        converted[:, done : done + block.shape[1]] = block
        done += block.shape[1]
    return converted


def resampled(blocks: Iterable[np.ndarray], from_hz: int, to_hz: int) -> Iterator[np.ndarray]:
    """Convert sound as it comes, in blocks float32 `[channel, sample]`; joined they are what `resample` makes of it."""
    if from_hz == to_hz:
        yield from blocks
        return
    step = max(int(_BLOCK_SAMPLES * min(from_hz / to_hz, 1)), 1)
    taken = given = channels = 0
    stream = None
    for block in blocks:
        if stream is None:
            channels = block.shape[0]
            stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality="VHQ")
        for start in range(0, block.shape[1], step):
            check()
            part = stream.resample_chunk(np.ascontiguousarray(block[:, start : start + step].T)).T
            given += part.shape[1]
            yield part
        taken += block.shape[1]
    if stream is not None:
        rest = stream.resample_chunk(np.zeros((0, channels), np.float32), last=True).T
        wanted = round(taken * to_hz / from_hz) - given
        yield np.pad(rest[:, :wanted], ((0, 0), (0, max(wanted - rest.shape[1], 0))))


class Resampler:
    """Converts mono sound that is handed over bit by bit.

    Args:
        from_hz, to_hz: the rates.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        same = from_hz == to_hz
        self._stream = None if same else soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality="VHQ")

    def __call__(self, samples: np.ndarray, is_last: bool = False) -> np.ndarray:
        """More samples, float32 ``[sample]``, as far as they can be told yet; all of them with the last."""
        return samples if self._stream is None else self._stream.resample_chunk(samples, last=is_last)


def in_lengths(blocks: Iterable[np.ndarray], length: int) -> Iterator[np.ndarray]:
    """Sound as it comes, `[channel, sample]`, in blocks of one length but for the last."""
    waiting: list[np.ndarray] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += block.shape[1]
        if count >= length:
            joined = np.concatenate(waiting, axis=1)
            whole = count // length * length
            yield from np.split(joined[:, :whole], whole // length, axis=1)
            waiting, count = [joined[:, whole:]], count - whole
    if count:
        yield np.concatenate(waiting, axis=1)
