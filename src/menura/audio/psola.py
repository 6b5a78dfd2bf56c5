"""Another pitch for a voice whose timbre stays: pitch-synchronous overlap and add.

Two periods around each pulse of the voice are put where the pulses of the other pitch are to be, each taken as often as
is needed (Moulines & Charpentier, Pitch-synchronous waveform processing techniques, 1990). What is unvoiced stays.
"""

from __future__ import annotations

import numpy as np
import soxr
from jaxtyping import Float, Int

_STRAY = 0.15
"""Of a period, that the next pulse may be off its place."""
_FADE_S = 0.004
_FINER = 8
"""Places between two samples where a period may be put: a whole sample is a hundredth of a high voice's period."""
_RATIOS = (0.25, 4.0)


def shift_pitch(
    samples: Float[np.ndarray, " sample"],
    f0: Float[np.ndarray, " frame"],
    ratio: float,
    sample_rate_hz: int,
    hop_samples: int,
) -> Float[np.ndarray, " sample"]:
    """A voice at another pitch, as long as it was, its formants where they were.

    Args:
        samples: of one voice.
        f0: Hz, 0 where unvoiced, of each hop.
        ratio: of F0, new to old; 0.25 to 4.
        sample_rate_hz: of the samples.
        hop_samples: a frame of `f0` each.

    Raises:
        ValueError: the ratio is out of range, or there are fewer frames than hops.
    """
    if not _RATIOS[0] <= ratio <= _RATIOS[1]:
        raise ValueError(f"pitch is moved by a ratio of {_RATIOS[0]:g} to {_RATIOS[1]:g}, not {ratio:g}")
    if len(f0) * hop_samples < len(samples):
        raise ValueError(f"{len(samples)} samples have more than {len(f0)} frames of {hop_samples}")
    out = samples.astype(np.float64)
    voiced = np.flatnonzero(np.diff(np.pad(f0 > 0, 1).astype(np.int8)))
    for first, last in voiced.reshape(-1, 2):
        start, stop = first * hop_samples, min(last * hop_samples, len(samples))
        at = np.arange(stop - start) / hop_samples - 0.5
        periods = sample_rate_hz / np.interp(at, np.arange(last - first), f0[first:last])
        if stop - start < 3 * periods.max(initial=1):
            continue
        moved = _moved(samples[start:stop].astype(np.float64), periods, ratio)
        fade = min(round(_FADE_S * sample_rate_hz), (stop - start) // 2)
        share = np.minimum(np.minimum(np.arange(stop - start), np.arange(stop - start)[::-1]) / fade, 1)
        out[start:stop] += (moved - out[start:stop]) * share
    return out.astype(np.float32)


def _moved(
    samples: Float[np.ndarray, " sample"], periods: Float[np.ndarray, " sample"], ratio: float
) -> Float[np.ndarray, " sample"]:
    """A voiced stretch at another pitch; its power in any band stays, with more of harmonics that are fewer."""
    pulses, side = _pulses(samples, periods), 2 * int(np.ceil(periods.max())) + 2
    fine = soxr.resample(np.pad(samples, side), 1, _FINER)
    out = np.zeros(len(samples) + 2 * side)
    step, nearest = periods[pulses[0]] / ratio, 0
    place = pulses[0] - step * np.ceil(pulses[0] / step)
    while place < len(samples) + periods[-1]:
        while nearest + 1 < len(pulses) and abs(pulses[nearest + 1] - place) < abs(pulses[nearest] - place):
            nearest += 1
        period = periods[pulses[nearest]]
        targets = np.arange(int(np.ceil(place - period)), int(place + period) + 1)
        since = targets - place
        grain = fine[np.rint(_FINER * (pulses[nearest] + side + since)).astype(int)]
        out[targets + side] += grain * (0.5 + 0.5 * np.cos(np.pi * since / period))
        place += period / ratio
    return out[side:-side] / np.sqrt(ratio)


def _pulses(samples: Float[np.ndarray, " sample"], periods: Float[np.ndarray, " sample"]) -> Int[np.ndarray, " pulse"]:
    """Where the periods of a voiced stretch have their middle: its highest peak, and what is like it on either side."""
    peak = int(np.abs(samples).argmax())
    after = _followed(samples, periods, peak)
    before = [len(samples) - 1 - place for place in _followed(samples[::-1], periods[::-1], len(samples) - 1 - peak)]
    return np.array([*before[:0:-1], *after])


def _followed(samples: np.ndarray, periods: np.ndarray, place: int) -> list[int]:
    """The pulses from one on: each is where the period around it is most like that around the one before."""
    places = [place]
    side = int(np.ceil(periods.max() * (1 + _STRAY))) + 1
    padded = np.pad(samples, (side, 3 * side))
    while True:
        period = periods[place]
        half, stray = int(period / 2), max(int(_STRAY * period), 1)
        following = place + round(period)
        if following >= len(samples):
            return places
        own = padded[place + side - half : place + side + half + 1]
        others = padded[following + side - half - stray : following + side + half + stray + 1]
        power = np.convolve(others**2, np.ones(len(own)), "valid")
        place = following - stray + int((np.correlate(others, own) / np.sqrt(power + 1e-9)).argmax())
        if place >= len(samples):
            return places
        places.append(place)
