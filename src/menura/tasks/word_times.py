"""When words are said: the recogniser's alignment, corrected by energy; and words that nobody said.

The alignment tells words apart, but gives a pause to the words beside it; where a word's sound begins and ends its
energy says better. Words over silence are known by openai/whisper's signs: improbable, too short, too long.
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
_SHORTEST_S, _LONGEST_S = 0.133, 2.0
_LEAST_PROBABILITY = 0.15
_SUSPICIOUS = 3.0
_JUDGED = 8
"""Words of a segment by which it is judged."""
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
    """Whether a segment looks as if nobody said it, by its words' probabilities and durations."""
    judged = [word for word in words if word.word.strip() not in _SIGNS][:_JUDGED]
    score = sum(map(_oddity, judged))
    return bool(judged) and (score >= _SUSPICIOUS or score + 0.01 >= len(judged))


def _oddity(word: Any) -> float:
    duration_s = word.end - word.start
    return (
        (word.probability < _LEAST_PROBABILITY)
        + max(_SHORTEST_S - duration_s, 0.0) * 15
        + max(duration_s - _LONGEST_S, 0.0)
    )
