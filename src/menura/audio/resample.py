"""Sample rate conversion by libsoxr's very-high-quality setting (linear phase, 28-bit precision)."""

from __future__ import annotations

import numpy as np
import soxr


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
    length = round(samples.shape[-1] * to_hz / from_hz)
    converted = np.zeros((samples.shape[0], length), np.float32)
    for channel, row in zip(converted, samples, strict=True):
        result = soxr.resample(np.ascontiguousarray(row), from_hz, to_hz, quality="VHQ")[:length]
        channel[: len(result)] = result
    return converted
