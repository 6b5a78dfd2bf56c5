"""Loops: sound that runs into its own beginning, so that it can be played over and over without a seam.

What rings on past the end is added to the beginning: of whatever is linear and does not change with time, that is what
is heard from the second round on. What is neither (the limiter) is run over several rounds, and a middle one is taken.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from menura.audio import loudness
from menura.audio.samples import Audio

_LEAST_S = 4.0
"""Loudness is gated and limited over no less than this on either side of the round that is taken."""
_BLEND_S = 0.05


def folded(samples: Float32[np.ndarray, "2 sample"], length: int) -> Float32[np.ndarray, "2 length"]:
    """Sound with all that comes after its first `length` samples added where it is heard in later rounds."""
    rounds = -(-samples.shape[1] // length)
    padded = np.pad(samples, ((0, 0), (0, rounds * length - samples.shape[1])))
    return padded.reshape(len(samples), rounds, length).sum(axis=1, dtype=np.float32)


def faded(samples: Float32[np.ndarray, "2 sample"], count: int) -> Float32[np.ndarray, "2 sample"]:
    """Sound whose last `count` samples go down to nothing: a tail that was cut off must not click where it is added."""
    samples[:, samples.shape[1] - count :] *= np.cos(np.linspace(0, np.pi / 2, count, dtype=np.float32)) ** 2
    return samples


def normalised(audio: Audio, target_lufs: float, ceiling_dbtp: float) -> Audio:
    """As `menura.audio.loudness.normalised`, of a loop that is played over and over.

    The limiter hears the rounds before and after, and so moves over the seam as anywhere else. Its gains are set for
    blocks of samples, which lie elsewhere in the next round; over the last moments the gain therefore goes over to that
    of the round before, which leads into the beginning.
    """
    length, rate = audio.num_samples, audio.sample_rate_hz
    before = max(-(-int(_LEAST_S * rate) // length), 1)
    rounds = Audio(np.tile(audio.samples, 2 * before + 1), rate)
    loud = loudness.normalised(rounds, target_lufs, ceiling_dbtp).samples
    own, earlier = (loud[:, start : start + length].copy() for start in (before * length, (before - 1) * length))
    count = min(int(_BLEND_S * rate), length)
    share = np.linspace(0, 1, count, dtype=np.float32)
    own[:, length - count :] = own[:, length - count :] * (1 - share) + earlier[:, length - count :] * share
    own.flags.writeable = False
    return Audio(own, rate)
