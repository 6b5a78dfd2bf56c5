"""Listening tests foretold: PESQ and STOI, for speech, by the packages `pesq` and `pystoi` of the `eval` extra."""

from __future__ import annotations

import math
import warnings

import numpy as np

from menura.audio.resample import resample
from menura.extras import require
from menura.metrics.pair import audible, is_silent
from menura.progress import aside, check

LOWEST_PESQ = 0.999 + 4 / (1 + math.exp(1.3669 * 0.5 + 3.8224))
"""Of the worst speech there is, 1.04: P.862.2's scale at a raw score of -0.5."""

_PESQ_RATE_HZ = 16000
_PESQ_LONGEST_S = 15  # the package keeps room for 49 utterances, which last 0.2 s or more and stand as far apart
_PESQ_SHORTEST_S = 0.25
_STOI_RATE_HZ = 10000


def pesq(reference: np.ndarray, estimate: np.ndarray, sample_rate_hz: int) -> float:
    """Wide-band PESQ (ITU-T P.862.2; Rix et al. 2001): the mean opinion of speech, 1.04 to 4.64; higher is better.

    Both are resampled to 16 kHz, so nothing over 8 kHz counts. Delay and gain do not count. Sound of over 15 s is cut
    into equal parts, each of 7.5 to 15 s, and has their mean; parts in which no speech is found count for nothing.

    Args:
        reference, estimate: `[sample]`, of one length, 0.25 s or more. A silent estimate has the lowest reading.

    Raises:
        ValueError: this is not such a pair, no speech is found in the reference, or the package is missing.
    """
    require("PESQ", "pesq")
    import pesq as package

    reference, estimate = audible(reference, estimate)
    if len(reference) < _PESQ_SHORTEST_S * sample_rate_hz:
        raise ValueError(f"PESQ is for {_PESQ_SHORTEST_S} s or more, not {len(reference) / sample_rate_hz:.3f} s")
    pair = resample(np.stack((reference, estimate)), sample_rate_hz, _PESQ_RATE_HZ)
    num_parts = math.ceil(pair.shape[1] / (_PESQ_LONGEST_S * _PESQ_RATE_HZ))
    found = []
    for ours, theirs in np.array_split(pair, num_parts, axis=1):
        check()
        if is_silent(ours):
            continue
        if is_silent(theirs):
            found.append(LOWEST_PESQ)
            continue
        try:
            found.append(package.pesq(_PESQ_RATE_HZ, ours, theirs, "wb"))
        except package.NoUtterancesError:
            continue
        except ValueError:  # it divides by the loudness of what lies in its band
            raise ValueError("PESQ finds one of the two silent below 8 kHz") from None
    if not found:
        raise ValueError("PESQ finds no speech in the reference")
    return float(np.mean(found))


def stoi(reference: np.ndarray, estimate: np.ndarray, sample_rate_hz: int) -> float:
    """Short-time objective intelligibility (Taal et al. 2011): 0 (nothing is understood) to 1; higher is better.

    The mean correlation of the short-time envelopes of 15 third-octave bands from 150 Hz, at 10 kHz, where the
    reference is within 40 dB of its loudest. What chance puts below 0 is 0.

    Args:
        reference, estimate: `[sample]`, of one length, with 0.4 s or more of speech. A silent estimate has 0.

    Raises:
        ValueError: this is not such a pair, or the package is missing.
    """
    require("STOI", "pystoi")
    import pystoi

    reference, estimate = audible(reference, estimate)
    if is_silent(estimate):
        return 0.0
    pair = resample(np.stack((reference, estimate)), sample_rate_hz, _STOI_RATE_HZ).astype(np.float64)

    def measured() -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            return pystoi.stoi(pair[0], pair[1], _STOI_RATE_HZ)

    try:
        return float(np.clip(aside(measured), 0.0, 1.0))
    except (RuntimeWarning, ValueError):  # its only complaints, of sound too short for one measurement
        raise ValueError("STOI is for 0.4 s or more of speech; the reference has less") from None
