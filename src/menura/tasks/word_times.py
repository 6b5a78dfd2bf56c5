"""When words are said: the recogniser's alignment, corrected by energy; and words that nobody said.

The alignment tells words apart, but is late, and gives a pause to the words beside it: words meet where they are
softest near there, and begin and end with their sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy
from jaxtyping import Float

from menura.tasks.sections import RATE_HZ, frame_levels_db

_FRAME_S = 0.01
_QUIET_DB = 28.0
"""Under the loud parts of a window, nothing is said."""
_LATE_FRAMES = 9
"""The alignment, beside times that are known."""
_NEAR_FRAMES, _SOFT_FRAMES = 8, 7
"""Words meet where, so near to where the alignment says, they are softest over so long."""
_LEAST_FRAMES, _LAST_FRAMES = 4, 3
"""Of a word; after the last."""
_LEAST_FIRST = 0.08
_LEAST_MEAN_LOG = -1.2
"""Probabilities of words. Of 29 texts over effects, ambience and music the first word had .06 at most, and the mean of
logarithms was -1.4 at most; of 60 of single words and short phrases that were said and understood, .11 at least."""
_SIGNS = "\"'“¿([{-.。,，!！?？:：”)]}、"


def word_timings(
    model: Any, features: Any, tokens: Sequence[int], samples: Float[np.ndarray, " sample"], language: str
) -> list[Any]:
    """Words of a window with their times.

    Args:
        model: a `menura.models.contract.Recognizer`.
        features: of the one window.
        tokens: of its text.
        samples: of the window, at 16 kHz.
        language: of the text.
    """
    frames = -(-len(samples) // round(RATE_HZ * _FRAME_S))
    found = model.find_alignment(features, list(tokens), frames, language)
    return corrected(found, frame_levels_db(samples)) if found else []


def corrected(words: Sequence[Any], levels_db: Float[np.ndarray, " frame"]) -> list[Any]:
    """Words that begin and end where they are heard.

    Args:
        words: with ``start`` and ``end``, in order.
        levels_db: of each 10 ms.
    """
    loud = levels_db > np.percentile(levels_db, 95) - _QUIET_DB
    edges, found = _edges(words, levels_db), []
    for word, first, stop in zip(words, edges, edges[1:], strict=False):
        heard = np.flatnonzero(loud[first:stop])
        if len(heard):
            start_s, end_s = (first + int(heard[0])) * _FRAME_S, (first + int(heard[-1]) + 1) * _FRAME_S
        else:
            start_s, end_s = (min(max(one, first * _FRAME_S), stop * _FRAME_S) for one in (word.start, word.end))
        found.append(replace(word, start=start_s, end=end_s))
    return found


def _edges(words: Sequence[Any], levels_db: Float[np.ndarray, " frame"]) -> list[int]:
    """Frames where the first word begins at the earliest, where words meet, and where the last ends at the latest."""
    soft_db = scipy.ndimage.uniform_filter1d(levels_db, _SOFT_FRAMES)
    edges = [max(round(words[0].start / _FRAME_S) - _LATE_FRAMES, 0)]
    for word in words[1:]:
        middle = round(word.start / _FRAME_S) - _LATE_FRAMES
        places = np.arange(max(middle - _NEAR_FRAMES, edges[-1] + _LEAST_FRAMES), middle + _NEAR_FRAMES + 1)
        places = places[places < len(soft_db)]
        costs = soft_db[places] + 0.01 * abs(places - middle)  # of places alike, the nearest
        edges.append(int(places[costs.argmin()]) if len(places) else max(middle, edges[-1]))
    return [*edges, max(round(words[-1].end / _FRAME_S) + _LAST_FRAMES, edges[-1])]


def is_suspicious(words: Sequence[Any]) -> bool:
    """Whether a segment looks as if nobody said it, by the probabilities of its words.

    Over noise and music a recogniser writes what often stands alone ("You", "Thank you for watching!"): that anything
    is said is improbable, and all that follows from the first word likely. Of words that are said, however few and
    short, the first is rarely so improbable; in a long segment one such word says nothing.
    """
    chances = [word.probability for word in words if word.word.strip() not in _SIGNS]
    return bool(chances) and chances[0] < _LEAST_FIRST and np.log(np.maximum(chances, 1e-9)).mean() < _LEAST_MEAN_LOG
