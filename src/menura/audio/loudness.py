"""Loudness (ITU-R BS.1770-4, EBU R 128): how loud a sound is, and making it as loud as asked.

Mono counts as one loudspeaker. Five channels are L R C Ls Rs and six L R C LFE Ls Rs, the surrounds weighted by 1.41
and the LFE left out; any other number counts every channel alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy
from jaxtyping import Float

from menura.audio.biquads import filtered
from menura.audio.limiter import limiter_gains, under_ceiling
from menura.audio.mel import hz_to_mel, mel_to_hz, mel_triangles
from menura.audio.mel_inversion import mel_window
from menura.audio.samples import Audio
from menura.audio.true_peak import BLOCK, amplitude_db, block_peaks, true_peak_dbtp
from menura.progress import check

__all__ = [
    "Loudness",
    "LoudnessSeries",
    "integrated_lufs",
    "measure",
    "mel_lufs",
    "momentary",
    "normalised",
    "short_term",
    "true_peak_dbtp",
]

_BINS_A_SECOND = 100
_MOMENTARY_BINS, _SHORT_TERM_BINS = 40, 300
_HOP_BINS = 10  # 100 ms: gating blocks of 400 ms overlap by three quarters
_ABSOLUTE_GATE_LUFS = -70.0
_CHANNEL_WEIGHTS = {5: (1.0, 1.0, 1.0, 1.41, 1.41), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}
_CHUNK_SAMPLES = 1 << 17
_BLOCK_S = 0.4
_MEAN_SQUARE = 2 / np.sqrt(np.pi)
"""Of magnitudes whose mean is 1: between 1, as where all are alike, and 4 / π of noise."""
_MIN_RATE_HZ = 8000  # the K-weighting's shelf needs room under half the rate
_MAX_LIMITING_DB = 12.0


@dataclass(frozen=True)
class Loudness:
    """What an EBU-mode meter shows.

    Args:
        integrated_lufs: loudness of the whole, gated at -70 LUFS and 10 LU under; -inf for silence.
        range_lu: loudness range (EBU Tech 3342); 0 for silence.
        momentary_max_lufs: the loudest 400 ms.
        short_term_max_lufs: the loudest 3 s.
        true_peak_dbtp: the highest peak of the wave between the samples.
    """

    integrated_lufs: float
    range_lu: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True, eq=False)
class LoudnessSeries:
    """Loudness over time.

    Args:
        times_s: `[window]`, where each window ends, in seconds.
        lufs: `[window]`, the loudness of each; -inf for silence.
    """

    times_s: np.ndarray
    lufs: np.ndarray


def measure(audio: Audio) -> Loudness:
    """Measure all that EBU Tech 3341 asks of a meter. A sound shorter than a window is one window of its own length."""
    power = _weighted_power(audio)
    short_term_power = _windowed(power, _SHORT_TERM_BINS)
    return Loudness(
        integrated_lufs=_integrated(power),
        range_lu=_range(short_term_power[::_HOP_BINS]),
        momentary_max_lufs=_lufs(float(_windowed(power, _MOMENTARY_BINS).max(initial=0.0))),
        short_term_max_lufs=_lufs(float(short_term_power.max(initial=0.0))),
        true_peak_dbtp=true_peak_dbtp(audio),
    )


def integrated_lufs(audio: Audio) -> float:
    """Integrated loudness alone; -inf for silence."""
    return _integrated(_weighted_power(audio))


def mel_lufs(mel: Float[np.ndarray, "frame mel"], sample_rate_hz: int, hop_samples: int) -> float:
    """Integrated loudness of a sound that is yet to be made of log-mel frames; -inf for silence.

    Of thirteen voices it was 0.0 ± 0.4 LU off: how a band is filled is not known.

    Args:
        mel: natural logarithms of `menura.audio.mel_inversion.mel_energies`.
        sample_rate_hz, hop_samples: of the frames.
    """
    power = np.exp(2 * mel.astype(np.float64)) @ _mel_weights(sample_rate_hz, hop_samples, mel.shape[1])
    rate_hz = sample_rate_hz / hop_samples
    return _integrated(power, round(_BLOCK_S * rate_hz), max(round(_BLOCK_S / 4 * rate_hz), 1))


@lru_cache(maxsize=4)
def _mel_weights(sample_rate_hz: int, hop_samples: int, num_mels: int) -> Float[np.ndarray, " mel"]:
    """What the squares of mel energies add to the mean square of the weighted sound."""
    window, size = mel_window(hop_samples)
    corners_hz = mel_to_hz(np.linspace(0, hz_to_mel(sample_rate_hz / 2), num_mels + 2))
    share = (corners_hz[2:] - corners_hz[:-2]) / sample_rate_hz  # of all frequencies, in a band
    weighting = np.abs(scipy.signal.sosfreqz(_k_weighting(sample_rate_hz), corners_hz[1:-1], fs=sample_rate_hz)[1]) ** 2
    sums = mel_triangles(sample_rate_hz, size, num_mels, 0, sample_rate_hz / 2).sum(1)
    return _MEAN_SQUARE * weighting * share / sums**2 / np.square(window, dtype=np.float64).sum()


def momentary(audio: Audio) -> LoudnessSeries:
    """Loudness of 400 ms windows, every 10 ms (EBU Tech 3341)."""
    return _series(audio, _MOMENTARY_BINS)


def short_term(audio: Audio) -> LoudnessSeries:
    """Loudness of 3 s windows, every 10 ms (EBU Tech 3341)."""
    return _series(audio, _SHORT_TERM_BINS)


def normalised(audio: Audio, target_lufs: float = -16.0, true_peak_ceiling_dbtp: float = -1.0) -> Audio:
    """As loud as `target_lufs` (integrated), and never above the ceiling.

    One gain is enough where the peaks leave room. Where they do not, a look-ahead limiter takes the peaks down; it is
    asked for at most 12 dB beyond the plain gain, so a sound of few high peaks may stay under the target. Silence, and
    what lies under the -70 LUFS gate throughout, stays as it is, but for peaks over the ceiling.

    Args:
        audio: any sound.
        target_lufs: the integrated loudness wanted, -70 to 0.
        true_peak_ceiling_dbtp: the highest true peak allowed, at most 0.

    Raises:
        ValueError: target or ceiling is out of range.
    """
    return normalised_by(audio, target_lufs, true_peak_ceiling_dbtp)[0]


def normalised_by(audio: Audio, target_lufs: float, true_peak_ceiling_dbtp: float) -> tuple[Audio, float]:
    """As `normalised`, and the gain in dB that does it where no limiter is needed."""
    if not _ABSOLUTE_GATE_LUFS <= target_lufs <= 0:
        raise ValueError(f"a loudness target is -70 to 0 LUFS, not {target_lufs:g}")
    if not true_peak_ceiling_dbtp <= 0:
        raise ValueError(f"a true-peak ceiling is at most 0 dBTP, not {true_peak_ceiling_dbtp:g}")
    power = _weighted_power(audio)
    loudness = _integrated(power)
    gain_db = plain_db = target_lufs - loudness if np.isfinite(loudness) else 0.0
    lowest_db = true_peak_ceiling_dbtp - gain_db
    peaks = block_peaks(audio, matters=10 ** ((lowest_db - _MAX_LIMITING_DB) / 20))
    if amplitude_db(float(peaks.max(initial=0.0))) <= lowest_db:
        return audio.gain(gain_db), plain_db
    if np.isfinite(loudness):
        gain_db = _gain_into_limiter(audio, power, peaks, gain_db, target_lufs, true_peak_ceiling_dbtp)
    gain = 10 ** (gain_db / 20)
    gains = limiter_gains(peaks * gain, audio.sample_rate_hz, true_peak_ceiling_dbtp)
    return under_ceiling(audio, gains * gain, true_peak_ceiling_dbtp), plain_db


def _gain_into_limiter(
    audio: Audio, power: np.ndarray, peaks: np.ndarray, gain_db: float, target_lufs: float, ceiling_dbtp: float
) -> float:
    """The gain which, once the limiter has taken its share, leaves the target; found without filtering again."""
    bins = np.minimum(np.arange(len(power) + 1) * (audio.sample_rate_hz / _BINS_A_SECOND), audio.num_samples)
    blocks = np.arange(len(peaks) + 1) * BLOCK

    def missing_db(gain_db: float) -> float:
        check()
        squared = limiter_gains(peaks * 10 ** (gain_db / 20), audio.sample_rate_hz, ceiling_dbtp) ** 2
        area = np.concatenate(([0.0], np.cumsum(squared[:-1] + squared[1:]) * (BLOCK / 2)))
        limited_power = power * np.diff(np.interp(bins, blocks, area)) / np.diff(bins)
        return target_lufs - _integrated(limited_power) - gain_db

    most_db = gain_db + _MAX_LIMITING_DB
    if missing_db(most_db) >= 0:
        return most_db
    if missing_db(gain_db) <= 0:
        return gain_db
    return scipy.optimize.root_scalar(missing_db, bracket=(gain_db, most_db), method="brentq", xtol=0.01).root


def _k_weighting(sample_rate_hz: int) -> np.ndarray:
    """Second-order sections of the K-weighting at any rate.

    BS.1770 gives coefficients for 48 kHz; these are the analogue filters behind them, by the bilinear transform.
    """
    f0_hz, gain_db, q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = np.tan(np.pi * f0_hz / sample_rate_hz)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    norm = 1 + k / q + k * k
    shelf = [high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]
    shelf_section = [*(b / norm for b in shelf), 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]
    f0_hz, q = 38.13547087602444, 0.5003270373238773
    k = np.tan(np.pi * f0_hz / sample_rate_hz)
    norm = 1 + k / q + k * k
    high_pass_section = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]
    return np.array([shelf_section, high_pass_section])


def _bin_edges(audio: Audio) -> np.ndarray:
    """Sample indices of the 10 ms bins; what is left over at the end belongs to none, unless it is all there is."""
    num_bins = audio.num_samples * _BINS_A_SECOND // audio.sample_rate_hz
    if num_bins == 0:
        return np.array([0, audio.num_samples])
    return np.rint(np.arange(num_bins + 1) * (audio.sample_rate_hz / _BINS_A_SECOND)).astype(np.int64)


def _weighted_power(audio: Audio) -> np.ndarray:
    """Mean square of each 10 ms bin after K-weighting, summed over the weighted channels: `[bin]`."""
    if audio.num_samples == 0:
        return np.zeros(0)
    if audio.sample_rate_hz < _MIN_RATE_HZ:
        audio = audio.resampled(_MIN_RATE_HZ)
    edges = _bin_edges(audio)
    sections = _k_weighting(audio.sample_rate_hz)
    weights = np.array(_CHANNEL_WEIGHTS.get(audio.num_channels, (1.0,) * audio.num_channels))
    state = np.zeros((len(sections), audio.num_channels, 2))
    squares = np.empty(audio.num_samples)
    for start in range(0, audio.num_samples, _CHUNK_SAMPLES):
        check()
        weighted = filtered(sections, audio.samples[:, start : start + _CHUNK_SAMPLES], state)
        np.matmul(weights, np.square(weighted, out=weighted), out=squares[start : start + _CHUNK_SAMPLES])
    return np.add.reduceat(squares[: edges[-1]], edges[:-1]) / np.diff(edges)


def _windowed(power: np.ndarray, num_bins: int) -> np.ndarray:
    """Mean power of every window of `num_bins` bins, one starting at each bin."""
    num_bins = min(num_bins, len(power))
    if num_bins == 0:
        return np.zeros(0)
    total = np.concatenate(([0.0], np.cumsum(power)))
    return np.maximum(total[num_bins:] - total[:-num_bins], 0.0) / num_bins


def _lufs(power: float) -> float:
    return float(-0.691 + 10 * np.log10(power)) if power > 0 else float("-inf")


def _power(lufs: float) -> float:
    return 10 ** ((lufs + 0.691) / 10)


def _integrated(power: np.ndarray, bins: int = _MOMENTARY_BINS, hop_bins: int = _HOP_BINS) -> float:
    """Gated loudness (BS.1770-4, Annex 1): blocks of 400 ms over -70 LUFS and over 10 LU under their mean."""
    blocks = _windowed(power, bins)[::hop_bins]
    loud = blocks[blocks > _power(_ABSOLUTE_GATE_LUFS)]
    if len(loud) == 0:
        return float("-inf")
    return _lufs(float(loud[loud > loud.mean() / 10].mean()))


def _range(blocks: np.ndarray) -> float:
    """Loudness range (EBU Tech 3342): from the 10th to the 95th percentile of what is over the gates (-70, -20)."""
    loud = blocks[blocks > _power(_ABSOLUTE_GATE_LUFS)]
    if len(loud) == 0:
        return 0.0
    low, high = np.percentile(10 * np.log10(loud[loud > loud.mean() / 100]), [10, 95])
    return float(high - low)


def _series(audio: Audio, num_bins: int) -> LoudnessSeries:
    bin_power = _weighted_power(audio)
    power = _windowed(bin_power, num_bins)
    ends_s = (np.arange(len(power)) + min(num_bins, len(bin_power))) / _BINS_A_SECOND
    with np.errstate(divide="ignore"):
        return LoudnessSeries(np.minimum(ends_s, audio.duration_s), -0.691 + 10 * np.log10(power))
