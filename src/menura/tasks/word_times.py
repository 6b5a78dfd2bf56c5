"""When words are said: the recogniser's alignment, corrected by energy; and words that nobody said.

The alignment tells words apart, but gives a pause to the words beside it; where a word's sound begins and ends its
energy says better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float

from menura.tasks.sections import RATE_HZ, frame_levels_db

_FRAME_S = 0.01
_QUIET_DB = 32.0
"""Under the loud parts of a window, nothing is said."""
_LEAST_FRAMES = 4
_STARTS_LATE_FRAMES, _ENDS_LATE_FRAMES = 6, 10
"""Of the alignment beside times that are known; where a pause follows, energy tells the end."""
_NEAR_FRAMES = 3
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
    found, before = [], 0
    for word in words:
        late = round(word.end / _FRAME_S)
        first = max(round(word.start / _FRAME_S) - _STARTS_LATE_FRAMES, before)
        heard = np.flatnonzero(loud[first : late + _NEAR_FRAMES])
        if len(heard):
            first, stop = first + int(heard[0]), first + int(heard[-1]) + 1
            if stop == late + _NEAR_FRAMES:  # no pause follows
                stop = max(late - _ENDS_LATE_FRAMES, first + _LEAST_FRAMES)
            word, before = replace(word, start=first * _FRAME_S, end=stop * _FRAME_S), stop
        found.append(word)
    return found


def is_suspicious(words: Sequence[Any]) -> bool:
    """Whether a segment looks as if nobody said it, by the probabilities of its words.

    Over noise and music a recogniser writes what often stands alone ("You", "Thank you for watching!"): that anything
    is said is improbable, and all that follows from the first word likely. Of words that are said, however few and
    short, the first is rarely so improbable; in a long segment one such word says nothing.
    """
    chances = [word.probability for word in words if word.word.strip() not in _SIGNS]
    return bool(chances) and chances[0] < _LEAST_FIRST and np.log(np.maximum(chances, 1e-9)).mean() < _LEAST_MEAN_LOG
