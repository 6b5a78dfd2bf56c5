"""What a mix engineer does to a voice and to what is under it: low cut, compression, de-essing, ducking."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.signal import butter, sosfilt, sosfiltfilt

from menura.audio.samples import Audio

_BLOCK_S = 0.005
_FLOOR_DB = -120.0
_LEAST_SAMPLES = 64
"""Filtering both ways needs more than its padding."""


def high_pass(audio: Audio, cutoff_hz: float = 90.0) -> Audio:
    """Without what is below `cutoff_hz` (Butterworth, 12 dB an octave)."""
    return _filtered(audio, _passed("highpass", (cutoff_hz,), audio))


def compress(
    audio: Audio, threshold_db: float = -24.0, ratio: float = 3.0, attack_s: float = 0.01, release_s: float = 0.15
) -> Audio:
    """Loud parts turned down: above `threshold_db` (RMS, dB of full scale) levels grow `ratio` times as slowly.

    All channels share one gain; nothing is turned up.
    """
    over_db = np.maximum(levels_db(audio) - threshold_db, 0.0)
    reduction_db = _followed(over_db * (1 - 1 / ratio), attack_s, release_s)
    return _gained(audio, 10 ** (-reduction_db / 20))


def de_ess(audio: Audio, most_db: float = 8.0, over_db: float = -4.0) -> Audio:
    """Hiss turned down where it stands out: above 5.5 kHz, by at most `most_db`, while it is louder there than all
    below by more than `over_db`."""
    high_hz = min(5500.0, 0.45 * audio.sample_rate_hz)
    hiss = _passed("highpass", (high_hz,), audio, in_phase=True)
    excess_db = levels_db(_filtered(audio, hiss)) - levels_db(_filtered(audio, audio.samples - hiss)) - over_db
    gain = 10 ** (-_followed(np.clip(excess_db, 0, most_db), 0.002, 0.03) / 20)
    return _filtered(audio, audio.samples - hiss * (1 - _at_samples(gain, audio)))


def duck(audio: Audio, under: Audio, depth_db: float = 4.0, band_hz: tuple[float, float] = (500.0, 4000.0)) -> Audio:
    """Sound that makes room in a band of frequencies while another sounds, by at most `depth_db` dB.

    Args:
        audio: what is under the voice, for one.
        under: the voice, of the same rate; the band is lowered as far as it is within 20 dB of its own loudest.
        depth_db: 0 leaves all as it is.
        band_hz: what is lowered.
    """
    levels = levels_db(under)
    presence = np.clip((levels - (levels.max(initial=_FLOOR_DB) - 25.0)) / 10.0, 0, 1)
    presence = _followed(presence * (levels > -70), 0.02, 0.25)
    count = -(-audio.num_samples // _block(audio))
    presence = np.pad(presence, (0, max(count - len(presence), 0)))[:count]
    band = _passed("bandpass", band_hz, audio, in_phase=True)
    share = presence * (1 - 10 ** (-depth_db / 20))
    return _filtered(audio, audio.samples - band * _at_samples(share, audio))


def band_rms_db(audio: Audio, where: Float[np.ndarray, " block"], band_hz: tuple[float, float]) -> float:
    """Level in a band of frequencies, dB of full scale, of those blocks of 5 ms that are marked."""
    levels = levels_db(_filtered(audio, _passed("bandpass", band_hz, audio)))
    count = min(len(levels), len(where))
    power = 10 ** (levels[:count][where[:count] > 0] / 10)
    return float(10 * np.log10(power.mean())) if len(power) and power.mean() > 0 else float("-inf")


def levels_db(audio: Audio) -> Float[np.ndarray, " block"]:
    """RMS of blocks of 5 ms over all channels, dB of full scale; -120 for silence."""
    block = _block(audio)
    count = -(-audio.num_samples // block)
    power = np.zeros(count * block, np.float32)
    power[: audio.num_samples] = (audio.samples**2).mean(0)
    return 10 * np.log10(np.maximum(power.reshape(count, block).mean(1, dtype=np.float64), 10 ** (_FLOOR_DB / 10)))


def _block(audio: Audio) -> int:
    return max(round(_BLOCK_S * audio.sample_rate_hz), 1)


def _passed(
    kind: str, corners_hz: tuple[float, ...], audio: Audio, *, in_phase: bool = False
) -> Float[np.ndarray, "channel sample"]:
    """What a filter lets through; `in_phase`: forwards and backwards, so that it can be taken from the whole."""
    if in_phase and audio.num_samples < _LEAST_SAMPLES:
        return np.zeros_like(audio.samples)
    run: Any = sosfiltfilt if in_phase else sosfilt
    return np.asarray(run(_sections(kind, corners_hz, audio.sample_rate_hz), audio.samples), np.float32)


@lru_cache
def _sections(kind: str, corners_hz: tuple[float, ...], sample_rate_hz: int) -> np.ndarray:
    sections: Any = butter(
        2, corners_hz[0] if len(corners_hz) == 1 else corners_hz, kind, fs=sample_rate_hz, output="sos"
    )
    return sections


def _followed(wanted: Float[np.ndarray, " block"], attack_s: float, release_s: float) -> Float[np.ndarray, " block"]:
    """Values that rise and fall towards those wanted, each with its own time constant."""
    rising, falling = (1 - np.exp(-_BLOCK_S / seconds) for seconds in (attack_s, release_s))
    found, now = np.empty_like(wanted), 0.0
    for place, value in enumerate(wanted.tolist()):
        now += (rising if value > now else falling) * (value - now)
        found[place] = now
    return found


def _at_samples(values: Float[np.ndarray, " block"], audio: Audio) -> Float[np.ndarray, " sample"]:
    centres = (np.arange(len(values)) + 0.5) * _block(audio)
    return np.interp(np.arange(audio.num_samples), centres, values).astype(np.float32)


def _gained(audio: Audio, gains: Float[np.ndarray, " block"]) -> Audio:
    return _filtered(audio, audio.samples * _at_samples(gains, audio)) if audio.num_samples else audio


def _filtered(audio: Audio, samples: np.ndarray) -> Audio:
    return Audio(np.ascontiguousarray(samples, np.float32), audio.sample_rate_hz)
