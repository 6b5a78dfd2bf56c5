"""The vocoder's spectra, compiled: sources through the filters of a frame in one pass, where arrays take twenty."""

from __future__ import annotations

import numpy as np
from jaxtyping import Complex, Float, Int

from menura.compiled import QUICK, compiled
from menura.nn.series import cos_sin, exp, tanh

_PI = np.float32(np.pi)


@compiled(**QUICK)
def filtered(
    out: Float[np.ndarray, "frame five"],
    mel: Float[np.ndarray, "frame mel"],
    below: Int[np.ndarray, " frequency"],
    share: Float[np.ndarray, " frequency"],
    offset: Float[np.ndarray, " frequency"],
    highest: np.float32,
    gain: np.float32,
    pulses: Float[np.ndarray, "frame two_frequencies"],
    noise: Float[np.ndarray, "frame two_frequencies"],
) -> Complex[np.ndarray, "frame frequency"]:
    """What `Vocoder` calls its spectra.

    Args:
        out: the network's: levels and turns of pulses, levels and phases of what is free, levels of noise.
        mel: natural logarithms.
        below, share, offset: of each frequency the mel band under it, how far it is to the next, and what is added.
        highest: of levels.
        gain: of the sources.
        pulses, noise: their spectra, real and imaginary parts in turn.
    """
    count, size = len(out), len(offset)
    spectra = np.empty((count, 2 * size), np.float32)
    usual = np.empty(size, np.float32)
    for frame in range(count):
        bands, told = mel[frame], out[frame]
        for at in range(size):
            band = bands[below[at]]
            usual[at] = band + share[at] * (bands[below[at] + 1] - band) + offset[at]
        for at in range(size):
            harmonic = gain * exp(min(told[at] + usual[at], highest))
            free = exp(min(told[2 * size + at] + usual[at], highest))
            hiss = gain * exp(min(told[4 * size + at] + usual[at], highest))
            cosine, sine = cos_sin(_PI * tanh(told[size + at]))
            real, imaginary = pulses[frame, 2 * at], pulses[frame, 2 * at + 1]
            free_cosine, free_sine = cos_sin(told[3 * size + at])
            spectra[frame, 2 * at] = (
                harmonic * (cosine * real - sine * imaginary) + free * free_cosine + hiss * noise[frame, 2 * at]
            )
            spectra[frame, 2 * at + 1] = (
                harmonic * (cosine * imaginary + sine * real) + free * free_sine + hiss * noise[frame, 2 * at + 1]
            )
    return spectra.view(np.complex64)


@compiled(**QUICK)
def overlapped(
    frames: Float[np.ndarray, "frame window"], window: Float[np.ndarray, " window"], hop_samples: int
) -> Float[np.ndarray, " sample"]:
    """The sum of frames, each times the window and a hop after the one before."""
    size = len(window)
    sound = np.zeros(max(len(frames) - 1, 0) * hop_samples + size, np.float32)
    for frame in range(len(frames)):
        into, told = sound[frame * hop_samples : frame * hop_samples + size], frames[frame]
        for at in range(size):
            into[at] += told[at] * window[at]
    return sound
