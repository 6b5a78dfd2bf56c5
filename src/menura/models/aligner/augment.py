"""Log-mel frames as of other voices, microphones and rooms, and quicker or slower."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

_NATS_A_DB = np.log(10) / 20


@dataclass(frozen=True)
class Augmentation:
    """What is done to an utterance.

    Attributes:
        speed: how much quicker.
        warp: of places of bands, as of a shorter throat.
        tilt: nats that the highest band rises by over the lowest.
        snr_db: how much louder what is loud is than noise.
        noise_tilt: as that of the noise.
        cutoff: share of bands above which there is noise alone.
        tail: of a frame's magnitude that is left of it a frame later.
    """

    speed: float
    warp: float
    tilt: float
    snr_db: float
    noise_tilt: float
    cutoff: float
    tail: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Augmentation:
        return cls(
            speed=float(rng.uniform(0.8, 1.25)),
            warp=float(rng.uniform(0.86, 1.16)),
            tilt=float(rng.normal(0, 1.2)),
            snr_db=float(rng.uniform(12, 60)),
            noise_tilt=float(rng.normal(-1, 1.5)),
            cutoff=float(rng.uniform(0.6, 0.95)) if rng.random() < 0.4 else 1.0,
            tail=float(rng.uniform(0.3, 0.8)) if rng.random() < 0.3 else 0.0,
        )

    def __call__(self, mel: np.ndarray, targets: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Frames ``[frame, mel]`` and what is said of them, changed."""
        frames, bands = mel.shape
        times = np.arange(0, frames - 1, self.speed)
        before = times.astype(int)
        share = (times - before).astype(np.float32)[:, None]
        mel = (1 - share) * mel[before] + share * mel[before + 1]
        places = np.clip(np.arange(bands) * self.warp, 0, bands - 1)
        low = np.minimum(places.astype(int), bands - 2)
        mel = mel[:, low] + (mel[:, low + 1] - mel[:, low]) * (places - low).astype(np.float32)
        slope = np.linspace(-0.5, 0.5, bands, dtype=np.float32)
        loud = np.quantile(mel, 0.95)
        mel = mel + self.tilt * slope
        if self.tail:
            magnitudes = lfilter([1 - self.tail / 2], [1, -self.tail], np.exp(mel), axis=0)
            mel = np.log(magnitudes)
        noise = loud - _NATS_A_DB * self.snr_db + self.noise_tilt * slope + 0.3 * rng.standard_normal(mel.shape)
        mel = np.where(np.arange(bands) < self.cutoff * bands, np.logaddexp(mel, noise), noise)
        return mel.astype(np.float32), targets[np.minimum(np.rint(times).astype(int), frames - 1)]
