"""How far apart two sounds are sample by sample, in dB: higher is better. A delay or a turned phase is all error.

Both sounds are `[sample]` and of one length. Readings are kept within ±`LIMIT_DB`, so that means over many sounds stay
numbers: as high is a copy as float32 can hold it, as low is a silent estimate.
"""

from __future__ import annotations

import numpy as np

from menura.metrics.pair import audible

LIMIT_DB = 100.0


def snr(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Signal-to-noise ratio: energy of the reference over that of the difference. A silent estimate has 0 dB.

    Raises:
        ValueError: this is not a pair of sounds, or the reference is silent.
    """
    signal, estimated = (samples.astype(np.float64) for samples in audible(reference, estimate))
    return _ratio_db(signal, signal - estimated)


def si_sdr(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al. 2019, "SDR – half-baked or well done?").

    Energy of the estimate's part along the reference over that of the rest of it. Means are not removed. A silent
    estimate, or one with nothing of the reference in it, has -100 dB.

    Raises:
        ValueError: this is not a pair of sounds, or the reference is silent.
    """
    signal, estimated = (samples.astype(np.float64) for samples in audible(reference, estimate))
    target = signal * (signal @ estimated / (signal @ signal))
    return _ratio_db(target, estimated - target)


def _ratio_db(signal: np.ndarray, noise: np.ndarray) -> float:
    signal_energy, noise_energy = float(signal @ signal), float(noise @ noise)
    if signal_energy == 0.0 or noise_energy == 0.0:
        return LIMIT_DB if signal_energy > 0.0 else -LIMIT_DB
    return float(np.clip(10 * np.log10(signal_energy / noise_energy), -LIMIT_DB, LIMIT_DB))
