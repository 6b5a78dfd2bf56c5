"""What a mix engineer does to a voice and to what is under it: low cut, compression, de-essing, ducking."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import scipy
from jaxtyping import Float

from menura.audio.biquads import filtered, filtered_in_phase
from menura.audio.samples import Audio

_BLOCK_S = 0.005
_FLOOR_DB = -120.0


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


def in_band(audio: Audio, band_hz: tuple[float, float]) -> Audio:
    """What sounds in a band of frequencies, without delay, so that it can be taken from the whole."""
    return _filtered(audio, _passed("bandpass", band_hz, audio, in_phase=True))


def presence(audio: Audio) -> Float[np.ndarray, " block"]:
    """How far a sound is there, 0 to 1, in blocks of 5 ms: as far as it is within 20 dB of its own loudest; it comes
    quickly and goes slowly."""
    levels = levels_db(audio)
    there = np.clip((levels - (levels.max(initial=_FLOOR_DB) - 25.0)) / 10.0, 0, 1)
    return _followed(there * (levels > -70), 0.02, 0.25)


def duck(audio: Audio, band: Audio, share: Float[np.ndarray, " block"]) -> Audio:
    """Sound that makes room in a band of frequencies.

    Args:
        audio: what is under a voice, for one.
        band: its own band, as `in_band` gives it.
        share: what is taken of that in blocks of 5 ms, 0 to 1; nothing after the last.
    """
    count = -(-audio.num_samples // _block(audio))
    share = np.pad(share, (0, max(count - len(share), 0)))[:count]
    return _filtered(audio, audio.samples - band.samples * _at_samples(share, audio))


def levels_db(audio: Audio) -> Float[np.ndarray, " block"]:
    """RMS of blocks of 5 ms over all channels, dB of full scale; -120 for silence."""
    return 10 * np.log10(np.maximum(shared_power(audio, audio), 10 ** (_FLOOR_DB / 10)))


def shared_power(one: Audio, other: Audio) -> Float[np.ndarray, " block"]:
    """Mean product of two sounds of one length in blocks of 5 ms, over all channels: the power of one with itself."""
    block = _block(one)
    count = -(-one.num_samples // block)
    power = np.zeros(count * block, np.float32)
    power[: one.num_samples] = (one.samples * other.samples).mean(0)
    return power.reshape(count, block).mean(1, dtype=np.float64)


def _block(audio: Audio) -> int:
    return max(round(_BLOCK_S * audio.sample_rate_hz), 1)


def _passed(
    kind: str, corners_hz: tuple[float, ...], audio: Audio, *, in_phase: bool = False
) -> Float[np.ndarray, "channel sample"]:
    """What a filter lets through; `in_phase`: forwards and backwards, so that it can be taken from the whole."""
    run = filtered_in_phase if in_phase else filtered
    return run(_sections(kind, corners_hz, audio.sample_rate_hz), audio.samples).astype(np.float32)


@lru_cache
def _sections(kind: str, corners_hz: tuple[float, ...], sample_rate_hz: int) -> np.ndarray:
    sections: Any = scipy.signal.butter(
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
    samples = np.ascontiguousarray(samples, np.float32)
    samples.flags.writeable = False  # so that it need not be copied
    return Audio(samples, audio.sample_rate_hz)
