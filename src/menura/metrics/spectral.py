"""How far apart two sounds are in their spectra. All are distances: 0 is the same, lower is better, no upper end.

Both sounds are `[sample]` and of one length. Magnitudes below a floor count as the floor, so silence is as good a sound
as any and phase counts for nothing. All see gain: a change of level is a difference.
"""

from __future__ import annotations

import numpy as np

from menura.audio.mel import mel_triangles
from menura.metrics.pair import audible, checked, spectra

MEL_SCALES = ((32, 5), (64, 10), (128, 20), (256, 40), (512, 80), (1024, 160), (2048, 320))
"""Window lengths in samples and numbers of mel bands of `log_mel_distance`."""
STFT_SCALES = ((512, 50, 240), (1024, 120, 600), (2048, 240, 1200))
"""Transform, hop and window in samples of `stft_distance`."""

_MEL_FLOOR = 1e-5
_STFT_ENERGY_FLOOR = 1e-7
_LSD_SAMPLES, _LSD_HOP_SAMPLES, _LSD_FLOOR = 2048, 512, 1e-5


def log_mel_distance(reference: np.ndarray, estimate: np.ndarray, sample_rate_hz: int) -> float:
    """Mean absolute difference of log10 mel spectra, averaged over seven scales; 0.05 is 1 dB.

    Windows (Hann) of 32, 64, …, 2048 samples with hops of a quarter and 5, 10, …, 320 mel bands from 0 Hz to half the
    rate (Slaney's, of equal area), amplitudes not normalised, from 1e-5 up: the mel loss of DAC (Kumar et al. 2023),
    which adds up the scales and so reads 7 times as much.

    Raises:
        ValueError: this is not a pair of sounds.
    """
    reference, estimate = checked(reference, estimate)
    distances = []
    for fft_samples, num_mels in MEL_SCALES:
        bank = mel_triangles(sample_rate_hz, fft_samples, num_mels, 0.0, sample_rate_hz / 2).T
        total, count = 0.0, 0
        for pair in spectra(reference, estimate, fft_samples, fft_samples // 4):
            ours, theirs = (np.log10(np.maximum(magnitudes @ bank, _MEL_FLOOR)) for magnitudes in pair)
            total += float(np.abs(ours - theirs).sum(dtype=np.float64))
            count += ours.size
        distances.append(total / count)
    return float(np.mean(distances))


def stft_distance(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Multi-resolution STFT distance (Yamamoto et al. 2020, Parallel WaveGAN), without a unit.

    The mean over three resolutions, windows (Hann) of 240, 600 and 1200 samples, of the spectral convergence (the norm
    of the difference of magnitudes over that of the reference's magnitudes) plus the mean absolute difference of the
    magnitudes' natural logarithms, energies taken from 1e-7 up.

    Raises:
        ValueError: this is not a pair of sounds, or the reference is silent.
    """
    reference, estimate = audible(reference, estimate)
    distances = []
    for fft_samples, hop_samples, window_samples in STFT_SCALES:
        error, energy, logs, count = 0.0, 0.0, 0.0, 0
        for pair in spectra(reference, estimate, fft_samples, hop_samples, window_samples):
            ours, theirs = (np.sqrt(np.maximum(np.square(each), _STFT_ENERGY_FLOOR)) for each in pair)
            error += float(np.square(ours - theirs, dtype=np.float64).sum())
            energy += float(np.square(ours, dtype=np.float64).sum())
            logs += float(np.abs(np.log(ours) - np.log(theirs)).sum(dtype=np.float64))
            count += ours.size
        distances.append((error / energy) ** 0.5 + logs / count)
    return float(np.mean(distances))


def log_spectral_distance(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Log-spectral distance in dB (Gray & Markel 1976): over frequencies the root mean square, over frames the mean.

    Windows (Hann) of 2048 samples with hops of 512, levels from 100 dB below a full-scale sine's up. Papers on
    bandwidth extension give it in bels of energy, a tenth of this.

    Raises:
        ValueError: this is not a pair of sounds.
    """
    reference, estimate = checked(reference, estimate)
    floor = _LSD_FLOOR * _LSD_SAMPLES / 4  # a full-scale sine peaks at half the window's sum
    distances = []
    for pair in spectra(reference, estimate, _LSD_SAMPLES, _LSD_HOP_SAMPLES):
        ours, theirs = (20 * np.log10(np.maximum(magnitudes, floor)) for magnitudes in pair)
        distances.append(np.sqrt(np.square(ours - theirs).mean(axis=1, dtype=np.float64)))
    return float(np.concatenate(distances).mean())
