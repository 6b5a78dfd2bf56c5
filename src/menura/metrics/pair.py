"""What every measure of sound does first: check a reference and an estimate, and take their spectra side by side."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy
from scipy import fft

from menura.progress import check

SILENCE = 2.0**-24
"""Sound whose peak lies below this, half a step of 24 bits, is silent."""

_LARGEST = 1e6
_BLOCK_VALUES = 1 << 22


def checked(reference: np.ndarray, estimate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as float32 `[sample]`.

    Raises:
        ValueError: one is not one channel of sound (NaN and infinity are not), is empty, or the lengths differ.
    """
    pair = []
    for name, samples in (("reference", reference), ("estimate", estimate)):
        samples = np.asarray(samples)
        if samples.ndim != 1 or not len(samples):
            raise ValueError(f"the {name} is [sample], one or more of them, not of shape {list(samples.shape)}")
        if not max(samples.max(), -samples.min()) <= _LARGEST:
            raise ValueError(f"the {name} holds NaN or samples beyond ±{_LARGEST:g}; full scale is ±1")
        pair.append(np.asarray(samples, np.float32))
    if len(pair[0]) != len(pair[1]):
        raise ValueError(f"the reference has {len(pair[0])} samples and the estimate {len(pair[1])}; cut them alike")
    return pair[0], pair[1]


def audible(reference: np.ndarray, estimate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`checked`, for measures that are relative to the reference.

    Raises:
        ValueError: also where the reference is silent.
    """
    reference, estimate = checked(reference, estimate)
    if is_silent(reference):
        raise ValueError("the reference is silent, so there is nothing to measure against")
    return reference, estimate


def is_silent(samples: np.ndarray) -> bool:
    """Whether the peak lies below `SILENCE`."""
    return bool(max(samples.max(), -samples.min()) < SILENCE)


def spectra(
    reference: np.ndarray,
    estimate: np.ndarray,
    fft_samples: int,
    hop_samples: int,
    window_samples: int | None = None,
    window: str = "hann",
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Magnitudes of short-time spectra of both, some frames at a time, so that long sound takes little memory.

    Frames are centred on multiples of the hop, the sound mirrored at its ends, as in `menura.audio.spectrogram`.

    Args:
        reference, estimate: float32 `[sample]`, of one length.
        window_samples: length of the window, in the middle of the transform; the transform's where None.
        window: a periodic window of SciPy's.

    Yields:
        Two of float32 `[frame, frequency]`, with `fft_samples // 2 + 1` frequencies.
    """
    window_samples = window_samples or fft_samples
    weights = np.zeros(fft_samples, np.float32)
    start = (fft_samples - window_samples) // 2
    weights[start : start + window_samples] = scipy.signal.get_window(window, window_samples)
    padded = [np.pad(samples, fft_samples // 2, mode="reflect") for samples in (reference, estimate)]
    views = [np.lib.stride_tricks.sliding_window_view(samples, fft_samples)[::hop_samples] for samples in padded]
    block_frames = max(_BLOCK_VALUES // fft_samples, 1)
    for first in range(0, len(views[0]), block_frames):
        check()
        frames = (view[first : first + block_frames] * weights for view in views)
        ours, theirs = (np.abs(np.asarray(fft.rfft(each))) for each in frames)
        yield ours, theirs
