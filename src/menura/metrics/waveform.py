"""How far apart two sounds are sample by sample, in dB: higher is better. A delay or a turned phase is all error.

Both sounds are `[sample]` and of one length. Readings are kept within ±`LIMIT_DB`, so that means over many sounds stay
numbers: as high is a copy as float32 can hold it, as low is a silent estimate.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from menura.metrics.pair import audible
from menura.progress import check

LIMIT_DB = 100.0
_BLOCK_SAMPLES = 1 << 20


def snr(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Signal-to-noise ratio: energy of the reference over that of the difference. A silent estimate has 0 dB.

    Raises:
        ValueError: this is not a pair of sounds, or the reference is silent.
    """
    signal = noise = 0.0
    for ours, theirs in _blocks(*audible(reference, estimate)):
        signal += float(ours @ ours)
        noise += float((ours - theirs) @ (ours - theirs))
    return _ratio_db(signal, noise)


def si_sdr(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al. 2019, "SDR – half-baked or well done?").

    Energy of the estimate's part along the reference over that of the rest of it. Means are not removed. A silent
    estimate, or one with nothing of the reference in it, has -100 dB.

    Raises:
        ValueError: this is not a pair of sounds, or the reference is silent.
    """
    reference, estimate = audible(reference, estimate)
    energy = alike = rest = 0.0
    for ours, theirs in _blocks(reference, estimate):
        energy += float(ours @ ours)
        alike += float(ours @ theirs)
    scale = alike / energy
    for ours, theirs in _blocks(reference, estimate):
        rest += float((theirs - scale * ours) @ (theirs - scale * ours))
    return _ratio_db(scale**2 * energy, rest)


def _blocks(reference: np.ndarray, estimate: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Both in float64, some samples at a time."""
    for start in range(0, len(reference), _BLOCK_SAMPLES):
        check()
        ours, theirs = (sound[start : start + _BLOCK_SAMPLES].astype(np.float64) for sound in (reference, estimate))
        yield ours, theirs


def _ratio_db(signal_energy: float, noise_energy: float) -> float:
    if signal_energy == 0.0 or noise_energy == 0.0:
        return LIMIT_DB if signal_energy > 0.0 else -LIMIT_DB
    return float(np.clip(10 * np.log10(signal_energy / noise_energy), -LIMIT_DB, LIMIT_DB))
