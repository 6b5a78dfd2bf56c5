"""Where a sound is: how far, and on which side.

Air takes away high frequencies (ISO 9613-1: at 20 °C and 50 % humidity some 0.005 dB a metre at 1 kHz, growing with
frequency to a power of about 1.7), a direct sound falls with distance and what is reflected does not, and a side is one
of level and time (Blauert, "Spatial Hearing", 1997).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy.fft import irfft, rfft, rfftfreq

from menura.synth.noise import fast_size

_AIR_DB = 0.006
_EDGE_M = 8.0
"""Where reflections are about as loud as what comes straight."""
_TAIL_S = 0.35
_EARLY = ((0.007, 0.5), (0.013, -0.42), (0.019, 0.36), (0.028, -0.3), (0.037, 0.24))
_HEAD_S = 0.0004


def at_place(
    samples: Float[np.ndarray, "channel sample"], rate: int, distance_m: float, side: float = 0.0, wraps: bool = False
) -> Float[np.ndarray, "channel wet"]:
    """The sound from there, as loud as before; longer by its reflections unless it `wraps`.

    Args:
        samples: one channel or two.
        rate: samples a second.
        distance_m: 1 or nearer is beside the ear: nothing is done but to place it.
        side: -1 left to 1 right, of two channels.
        wraps: whether what passes the end goes on at the beginning.
    """
    channels, num = samples.shape
    tail = 0 if wraps or distance_m <= 1 else round(_TAIL_S * rate)
    size = num if wraps else fast_size(num + tail)
    hz = rfftfreq(size, 1 / rate)
    spectrum = rfft(samples, size)
    if distance_m > 1:
        air_db = -_AIR_DB * distance_m * (hz / 1000) ** 1.7
        wet = min(distance_m / _EDGE_M, 12.0) ** 0.5 * 0.35
        rooms = [
            rfft(_reflections(rate, min(size, round(_TAIL_S * rate)), channel), size) for channel in range(channels)
        ]
        spectrum = spectrum * (10 ** (np.maximum(air_db, -90) / 20) * (1 + wet * np.stack(rooms)))
    if channels == 2 and side:
        later = np.exp(-2j * np.pi * hz * _HEAD_S * abs(side))
        shadow = 1 / np.sqrt(1 + (abs(side) * hz / 4000) ** 2)
        far = 0 if side > 0 else 1
        spectrum[far] *= later * shadow * (1 - 0.55 * abs(side))
    out = irfft(spectrum, size)[:, : num + tail]
    before, after = np.sqrt(np.mean(np.square(samples))), np.sqrt(np.sum(np.square(out)) / (channels * num))
    return out * (before / max(after, 1e-12))


def _reflections(rate: int, num: int, channel: int) -> Float[np.ndarray, " sample"]:
    """A few early ones, and a thin tail of noise."""
    response = np.zeros(num)
    for number, (time_s, level) in enumerate(_EARLY):
        place = round(time_s * (1 + 0.08 * channel * (-1) ** number) * rate)
        if place < num:
            response[place] += level
    times = np.arange(num) / rate
    tail = np.random.default_rng(20 + channel).standard_normal(num) * np.exp(-times / 0.07) * (times > 0.01)
    tail *= 0.5 * np.clip((num - np.arange(num)) / (0.3 * num), 0, 1)
    return response + tail / max(np.sqrt(np.sum(np.square(tail))), 1e-9)
