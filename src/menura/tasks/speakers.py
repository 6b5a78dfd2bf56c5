"""Whether one speaks, or two: a simple look at pitch and timbre, which tells most voices apart, not all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

_WINDOW_FRAMES = 240
"""3 s."""
_FEWEST_WINDOWS = 10
_LEAST_VOICED = 1 / 6
_LEAST_SHARE = 0.2
"""Of the windows that a second speaker is to have."""
_BANDS = 18
_BAND_MELS = 5
_SEMITONES = 3.0
"""That count as much as a neper in a band."""
APART = 2.4
"""From which on two groups of windows are two speakers."""


def apart(mels: Sequence[Float[np.ndarray, "frame mel"]], f0s: Sequence[Float[np.ndarray, " frame"]]) -> float:
    """How far apart two groups are into which 3 s windows of speech fall best: their means, over their own spread.

    One speaker's windows lie below `APART`; 0 where there is too little to tell.

    Args:
        mels: log-mels of recordings.
        f0s: Hz, 0 where unvoiced, of the same frames.
    """
    found = _windows(np.concatenate(mels), np.concatenate(f0s))
    if len(found) < _FEWEST_WINDOWS:
        return 0.0
    centred = found - found.mean(0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    ordered = found[np.argsort(centred @ axis)]
    fewest = max(round(_LEAST_SHARE * len(found)), 2)
    return max(_split(ordered[:cut], ordered[cut:]) for cut in range(fewest, len(found) - fewest + 1))


def _windows(mel: Float[np.ndarray, "frame mel"], f0: Float[np.ndarray, " frame"]) -> Float[np.ndarray, "window sign"]:
    """The mean spectrum of what is voiced in each window, whatever its level, and the median pitch."""
    rows = []
    for start in range(0, len(f0) - _WINDOW_FRAMES + 1, _WINDOW_FRAMES):
        pitches = f0[start : start + _WINDOW_FRAMES]
        voiced = pitches > 0
        if voiced.mean() < _LEAST_VOICED:
            continue
        spectrum = mel[start : start + _WINDOW_FRAMES][voiced].mean(0)
        bands = spectrum[: _BANDS * _BAND_MELS].reshape(_BANDS, _BAND_MELS).mean(1) - spectrum.mean()
        rows.append(np.append(bands, 12 * np.log2(np.median(pitches[voiced])) / _SEMITONES))
    return np.array(rows).reshape(-1, _BANDS + 1)


def _split(one: Float[np.ndarray, "window sign"], other: Float[np.ndarray, "window sign"]) -> float:
    within = np.square(one - one.mean(0)).sum() + np.square(other - other.mean(0)).sum()
    spread = np.sqrt(within / max(len(one) + len(other) - 2, 1))
    return float(np.linalg.norm(one.mean(0) - other.mean(0)) / max(spread, 1e-9))
