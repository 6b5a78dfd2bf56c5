"""Linear prediction from mel spectra: sound to what a filter of the spectrum's envelope leaves of it, and back.

A sample is predicted from those before it with coefficients that minimise the error for a given power spectrum
(Levinson 1947, Durbin 1960). What is left, divided by its expected size, is the excitation: white where it is noise,
pulses where it is voiced. Both ways are exact, and see the past alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from menura.audio.mel import hz_to_mel, mel_to_hz
from menura.compiled import compiled

_LAG_WINDOW_HZ = 60.0
"""Peaks narrower than this are the voice's harmonics, not its envelope."""
_WHITE = 1e-5
"""Of the energy, added as white noise: no band is so silent that its inverse would be loud (-50 dB)."""


class Envelope(NamedTuple):
    """Filters, one for each stretch of `held_samples`.

    Attributes:
        coefficients: ``[stretch, order]``, of the sample before, of that before it, …
        sizes: ``[stretch]``, the expected size of what is not predicted.
    """

    coefficients: Float[np.ndarray, "stretch order"]
    sizes: Float[np.ndarray, " stretch"]
    held_samples: int


def envelope(
    magnitudes: Float[np.ndarray, "frame mel"], sample_rate_hz: int, hop_samples: int, lpc_order: int, splits: int
) -> Envelope:
    """Filters whose answers follow mel spectra from 0 to half the rate.

    Args:
        magnitudes: of each band, the mean over it of a spectrum whose window's squares add up to 1.
        hop_samples: of a frame.
        lpc_order: samples that a prediction sees.
        splits: filters for each frame; they go from that of one frame's middle to that of the next.
    """
    frames, bands = magnitudes.shape
    centres_hz = mel_to_hz(np.linspace(0, hz_to_mel(sample_rate_hz / 2), bands + 2)[1:-1])
    places_hz = np.linspace(0, sample_rate_hz / 2, 2 * bands + 1)
    to_linear = np.stack([np.interp(places_hz, centres_hz, row) for row in np.eye(bands)])
    middles = ((np.arange(frames * splits) + 0.5) / splits - 0.5).clip(0, frames - 1)
    before = middles.astype(int)
    after = (middles - before)[:, None]
    logs = np.log(np.maximum(magnitudes, 1e-9)).astype(np.float64)
    logs = (1 - after) * logs[before] + after * logs[np.minimum(before + 1, frames - 1)]
    correlations = np.fft.irfft(np.exp(2 * logs @ to_linear))[:, : lpc_order + 1]
    lags = 2 * np.pi * _LAG_WINDOW_HZ / sample_rate_hz * np.arange(lpc_order + 1)
    correlations *= np.exp(-0.5 * lags**2)
    correlations[:, 0] *= 1 + _WHITE
    coefficients, errors = _durbin(correlations)
    return Envelope(coefficients, np.sqrt(errors), hop_samples // splits)


def _durbin(correlations: Float[np.ndarray, "frame lag"]) -> tuple[np.ndarray, np.ndarray]:
    """The coefficients of each frame, and the variance of what they leave."""
    frames, lpc_order = correlations.shape[0], correlations.shape[1] - 1
    coefficients, errors = np.zeros((frames, lpc_order)), correlations[:, 0].copy()
    for lag in range(lpc_order):
        predicted = (coefficients[:, :lag] * correlations[:, lag:0:-1]).sum(1)
        reflection = (correlations[:, lag + 1] - predicted) / errors
        coefficients[:, :lag] -= reflection[:, None] * coefficients[:, :lag][:, ::-1]
        coefficients[:, lag] = reflection
        errors *= 1 - reflection**2
    return coefficients, errors


@compiled()
def _filtered(
    given: np.ndarray,
    coefficients: np.ndarray,
    sizes: np.ndarray,
    held_samples: int,
    start: int,
    past: np.ndarray,
    inverse: bool,
) -> np.ndarray:
    """`past` holds the last samples of sound, the latest first, and is brought up to date."""
    out = np.empty_like(given)
    for t in range(len(given)):
        stretch = min((start + t) // held_samples, len(sizes) - 1)
        predicted = 0.0
        for k in range(len(past)):
            predicted += coefficients[stretch, k] * past[k]
        if inverse:
            sound = given[t]
            out[t] = (sound - predicted) / sizes[stretch]
        else:
            sound = given[t] * sizes[stretch] + predicted
            out[t] = sound
        for k in range(len(past) - 1, 0, -1):
            past[k] = past[k - 1]
        past[0] = sound
    return out


class Excitation:
    """Sound to what the filters leave of it, and back, in parts.

    Args:
        under: the filters.
        past: sound that came before; silence if it is too short.
    """

    def __init__(self, under: Envelope, past: Float[np.ndarray, " sample"] | None = None) -> None:
        lpc_order = under.coefficients.shape[1]
        before = np.zeros(lpc_order) if past is None else np.pad(past.astype(np.float64), (lpc_order, 0))[-lpc_order:]
        self.under, self._past, self._done = under, before[::-1].copy(), 0

    def of(self, sound: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " sample"]:
        """What is left of the next part: of size 1, where it is as expected."""
        return self._next(sound, True)

    def shaped(self, excitation: Float[np.ndarray, " sample"]) -> Float[np.ndarray, " sample"]:
        """The next part of sound, from what was left of it."""
        return self._next(excitation, False)

    def _next(self, given: np.ndarray, inverse: bool) -> np.ndarray:
        found = _filtered(given.astype(np.float64), *self.under, self._done, self._past, inverse)
        self._done += len(given)
        return found.astype(np.float32)
