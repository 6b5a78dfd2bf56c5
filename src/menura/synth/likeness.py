"""How alike two sounds are as kinds of sound: by the statistics of their log-mel energies, not moment by moment.

McDermott & Simoncelli, "Sound texture perception via statistics of the auditory periphery" (2011): a texture is known
by the means, spreads and modulations of its bands. Of an event, how its bands rise and fall is compared as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from menura.audio.mel import mel_triangles

_MELS, _GROUPS = 40, 8
_LOWEST_HZ, _HIGHEST_HZ = 40.0, 11_000.0
_FRAME_S, _HOP_S = 0.04, 0.01
_FLOOR_DB = -60.0
_MODULATIONS_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_MODULATION_FLOOR = 1e-3
_AFTER_ONSET_S = (0.0, 0.02, 0.05, 0.1, 0.17, 0.27, 0.42, 0.65, 1.0, 1.5, 2.3, 3.5)
_ONSET_DB = 6.0
_OF_ONSETS = 3.0
_SHARE = 0.5
"""Of spread, modulations and onsets, against the mean spectrum."""


@dataclass(frozen=True, eq=False)
class Statistics:
    """What a sound is known by, whatever its level. Everything in decibels but for `onsets`.

    Attributes:
        spectrum: mean energies of its bands, against the whole.
        spread: standard deviations of their levels over time.
        modulations: energies of the modulations of groups of bands, by octave.
        course: levels of groups of bands at times after the first onset, against the loudest.
        onsets: of a second.
    """

    spectrum: Float[np.ndarray, " mel"]
    spread: Float[np.ndarray, " mel"]
    modulations: Float[np.ndarray, "group octave"]
    course: Float[np.ndarray, "group time"]
    onsets: float


def statistics(samples: Float[np.ndarray, " sample"], sample_rate_hz: int) -> Statistics:
    """Of one channel."""
    frame, hop = round(_FRAME_S * sample_rate_hz), round(_HOP_S * sample_rate_hz)
    samples = np.asarray(samples, np.float64)
    samples = np.pad(samples, (0, max(frame - len(samples), 0)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, frame)[::hop] * np.hanning(frame)
    power = np.square(np.abs(np.fft.rfft(frames.astype(np.float32), axis=1)))
    high = min(_HIGHEST_HZ, sample_rate_hz / 2)
    mels = power @ mel_triangles(sample_rate_hz, frame, _MELS, _LOWEST_HZ, high).T.astype(np.float64)
    total = mels.sum(1)
    mels += total.max(initial=0.0) * 10 ** (_FLOOR_DB / 10) / _MELS + 1e-20
    mean = mels.mean(0)
    levels = 10 * np.log10(mels)
    groups = mels.reshape(len(mels), _GROUPS, -1).sum(2)
    begins = int(np.argmax(total >= 0.1 * total.max(initial=0.0)))
    return Statistics(
        np.maximum(10 * np.log10(mean / mean.sum()), _FLOOR_DB),
        levels.std(0),
        _modulations(np.sqrt(groups), 1 / _HOP_S),
        _course(groups[begins:]),
        _onsets(levels) / (len(mels) * _HOP_S),
    )


def _modulations(envelopes: np.ndarray, rate_hz: float) -> np.ndarray:
    envelopes = envelopes / envelopes.mean(0) - 1
    power = np.square(np.abs(np.fft.rfft(envelopes * np.hanning(len(envelopes) + 2)[1:-1, None], axis=0)))
    hz = np.fft.rfftfreq(len(envelopes), 1 / rate_hz)
    octaves = [(hz >= low) & (hz < 2 * low) for low in _MODULATIONS_HZ]
    sums = np.stack([power[one].sum(0) for one in octaves], 1) / len(envelopes) ** 2
    return 10 * np.log10(sums + _MODULATION_FLOOR)


def _course(groups: np.ndarray) -> np.ndarray:
    edges = np.round(np.array(_AFTER_ONSET_S) / _HOP_S).astype(int)
    floor = groups.max(initial=0.0) * 10 ** (_FLOOR_DB / 10)
    means = [groups[low:high].mean(0) if low < len(groups) else 0 * groups[0] for low, high in pairwise(edges)]
    course = 10 * np.log10(np.stack(means, 1) + floor + 1e-20)
    return course - course.max()


def _onsets(levels: np.ndarray) -> int:
    """How often bands rise together."""
    rise = np.maximum(levels[2:] - levels[:-2], 0).mean(1)
    is_peak = (rise[1:-1] >= rise[:-2]) & (rise[1:-1] > rise[2:]) & (rise[1:-1] > _ONSET_DB)
    return int(is_peak.sum())


def distance(one: Statistics, other: Statistics, is_event: bool) -> float:
    """How unlike two sounds are, in decibels: 0 for the same, some 3 for two recordings of one rain, 20 for others.

    Args:
        one, other: of sounds of one sample rate.
        is_event: whether their course after the first onset counts.
    """
    spectrum = np.abs(one.spectrum - other.spectrum).mean()
    if is_event:
        return float(spectrum + np.abs(one.course - other.course).mean())
    apart = np.abs(one.spread - other.spread).mean() + np.abs(one.modulations - other.modulations).mean()
    onsets = abs(np.log2((one.onsets + 0.5) / (other.onsets + 0.5)))
    return float(spectrum + _SHARE * (apart + _OF_ONSETS * onsets))
