"""How alike two sounds are to a simple ear: the neurogram similarity that ViSQOL is built on."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy

from menura.metrics.pair import audible, is_silent, spectra
from menura.progress import check

NUM_BANDS = 32
RANGE_DB = 60.0
"""What lies further below the reference's loudest place counts as silence."""
MAX_DELAY_S = 0.05

_BLOCK_SAMPLES = 1 << 18
_WINDOW_S, _HOP_S = 0.08, 0.02
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 15000.0
_ERB_PER_HZ = 0.00437
_LUMINANCE, _STRUCTURE = 0.01**2, 0.03**2 / 2


def nsim(reference: np.ndarray, estimate: np.ndarray, sample_rate_hz: int) -> float:
    """Neurogram similarity, 0 (nothing alike) to 1 (the same); higher is better.

    After ViSQOL (Hines et al. 2015; v3, Chinen et al. 2020): spectra (Hamming windows of 80 ms every 20 ms) seen
    through 32 gammatone bands from 50 Hz to 15 kHz or half the rate, in dB above a floor 60 dB under the reference's
    loudest place, as shares of these 60 dB; then local means and covariances (3×3 Gaussian) are compared as in SSIM:
    luminance times structure, C1 = 0.01², C3 = 0.03² / 2. The estimate is first brought to the reference's level, and
    shifted by up to 50 ms, to the peak of the cross-correlation of the rectified waves, if the two are more alike then.

    It is not ViSQOL: places are averaged by how far either sound rises above the floor there, so that silence neither
    helps nor harms, the floor is lower than its 45 dB, patches are not searched for, and nothing is mapped to opinions.
    Compare readings with others of this function only.

    Args:
        reference, estimate: `[sample]`, of one length. A silent estimate has 0.

    Raises:
        ValueError: this is not a pair of sounds, or the reference is silent.
    """
    reference, estimate = audible(reference, estimate)
    if is_silent(estimate):
        return 0.0
    reference, estimate = (samples / np.abs(samples).max() for samples in (reference, estimate))
    shifts = {0, _delay(reference, estimate, round(MAX_DELAY_S * sample_rate_hz))}
    return max(_similarity(*_shifted(reference, estimate, shift), sample_rate_hz) for shift in shifts)


def _delay(reference: np.ndarray, estimate: np.ndarray, most: int) -> int:
    """By how many samples the estimate is late, or early where negative."""
    most = min(most, len(reference) // 2)
    ours, theirs = (np.abs(samples) - np.abs(samples).mean() for samples in (reference, estimate))
    theirs, reconstruction = np.pad(theirs, most), np.zeros(2 * most + 1)
    for start in range(0, len(ours), _BLOCK_SAMPLES):
        check()
        block = ours[start : start + _BLOCK_SAMPLES]
        reconstruction += scipy.signal.correlate(
            theirs[start : start + len(block) + 2 * most], block, mode="valid", method="fft"
        )
    return int(np.argmax(reconstruction)) - most


def _shifted(reference: np.ndarray, estimate: np.ndarray, delay: int) -> tuple[np.ndarray, np.ndarray]:
    """The parts of both that sound together once the estimate's delay is taken back."""
    length = len(reference) - abs(delay)
    return reference[max(-delay, 0) :][:length], estimate[max(delay, 0) :][:length]


def _similarity(reference: np.ndarray, estimate: np.ndarray, sample_rate_hz: int) -> float:
    fft_samples, hop_samples = (max(round(span_s * sample_rate_hz), 1) for span_s in (_WINDOW_S, _HOP_S))
    bands = gammatones(sample_rate_hz, fft_samples).T
    blocks = [
        [np.square(each, dtype=np.float64) @ bands for each in pair]
        for pair in spectra(reference, estimate, fft_samples, hop_samples, window="hamming")
    ]
    ours, theirs = (np.concatenate(each) for each in zip(*blocks, strict=True))
    level = np.square(reference).mean(dtype=np.float64) / max(np.square(estimate).mean(dtype=np.float64), 1e-20)
    floor = max(ours.max(), 1e-20) * 10 ** (-RANGE_DB / 10)
    ours, theirs = (10 * np.log10(np.maximum(each / floor, 1.0)) / RANGE_DB for each in (ours, theirs * level))
    weights = np.maximum(ours, theirs)
    total = max(weights.sum(), 1e-20)  # nothing may be left of sound shorter than its shift
    return float(np.clip((_compared(ours, theirs) * weights).sum() / total, 0.0, 1.0))


def _compared(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Luminance times structure at every place."""
    our_mean, their_mean = _local_mean(ours), _local_mean(theirs)
    our_variance = np.maximum(_local_mean(ours**2) - our_mean**2, 0.0)
    their_variance = np.maximum(_local_mean(theirs**2) - their_mean**2, 0.0)
    covariance = _local_mean(ours * theirs) - our_mean * their_mean
    luminance = (2 * our_mean * their_mean + _LUMINANCE) / (our_mean**2 + their_mean**2 + _LUMINANCE)
    structure = (covariance + _STRUCTURE) / (np.sqrt(our_variance * their_variance) + _STRUCTURE)
    return luminance * structure


def _local_mean(values: np.ndarray) -> np.ndarray:
    check()
    return scipy.ndimage.gaussian_filter(values, 0.5, radius=1, mode="nearest")


@lru_cache(maxsize=8)
def gammatones(sample_rate_hz: int, fft_samples: int) -> np.ndarray:
    """Energy responses of fourth-order gammatone filters, evenly spaced on the ERB scale (Glasberg & Moore 1990).

    Returns:
        `[band, frequency]`; each peaks at 1.
    """
    first, last = np.log1p(np.minimum([_LOWEST_HZ, _HIGHEST_HZ], sample_rate_hz / 2) * _ERB_PER_HZ)
    centres_hz = np.expm1(np.linspace(first, last, NUM_BANDS))[:, None] / _ERB_PER_HZ
    widths_hz = 1.019 * 24.7 * (1 + _ERB_PER_HZ * centres_hz)
    frequencies_hz = np.arange(fft_samples // 2 + 1) * (sample_rate_hz / fft_samples)
    return (1 + ((frequencies_hz - centres_hz) / widths_hz) ** 2) ** -4.0
