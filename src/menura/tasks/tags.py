"""What a sound may be called: words that an embedder is asked for, nearest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from menura.audio import Audio
from menura.models.contract import Embedder
from menura.text.sound_words import SOUNDS

_OTHERS = (
    *("speech", "a man speaking", "a woman speaking", "singing", "music", "drum beat", "silence", "noise"),
    *("piano", "acoustic guitar", "electric guitar", "double bass", "saxophone", "kick drum", "snare drum", "hi-hat"),
)
TAGS = tuple(dict.fromkeys([*(names.split(",")[0].strip(" ~") for names, *_ in SOUNDS), *_OTHERS]))
"""Names of sounds, one of each kind."""


class Tag(NamedTuple):
    """A name, and the cosine between its point and the sound's."""

    name: str
    score: float


def point_of(embedder: Embedder, sound: Audio) -> Float[np.ndarray, " embedding"]:
    """Where a sound lies, its channels averaged."""
    return embedder.embed_audio(sound.mono().samples, sound.sample_rate_hz)[0]


def nearest_tags(
    embedder: Embedder, point: Float[np.ndarray, " embedding"], names: Sequence[str], count: int
) -> tuple[Tag, ...]:
    """The names that lie nearest to a point, the nearest first."""
    scores = embedder.embed_text(names) @ point
    order: list[int] = np.argsort(-scores, kind="stable")[:count].tolist()
    return tuple(Tag(names[place], float(scores[place])) for place in order)
