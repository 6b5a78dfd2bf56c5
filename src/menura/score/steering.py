"""Steering: keeping to the key that was asked.

Left alone, a small model wanders off to a neighbouring key and stays there. The key finder listens along: the less it
hears the key that was asked, the more the pitches that tell that key from its strongest rival are preferred.
"""

from __future__ import annotations

import numpy as np

from menura.score.analysis import KEY_LOG_PROFILES
from menura.score.notes import Key

_OUTSIDE = -0.6
"""Always, for pitches outside the scale; in minor the raised seventh belongs to it, the raised sixth does not."""
_WANTED_MARGIN = 0.2
"""How far ahead of its rival the key should be heard, nats per unit of time; the median of real pieces is 0.16."""
_MAX_BIAS = 1.0
"""Of one pitch at full need: more, and melodies become arpeggios of the tonic."""
_MAX_NEED = 1.5


class KeyKeeper:
    """Listens to the music being written, in the model's C, and says which pitches to prefer.

    Args:
        mode: ``"major"`` or ``"minor"``.
    """

    def __init__(self, mode: str) -> None:
        self.asked = 0 if mode == "major" else 12
        self.scale = np.isin(np.arange(12), [*Key(0, mode).scale, 11])
        self.heard = np.zeros(12)

    def take(self, pitch: int, length: float) -> None:
        """Hear a note."""
        self.heard[pitch % 12] += length

    def bias(self) -> np.ndarray:
        """What to add to the logits of the 128 pitches."""
        own = KEY_LOG_PROFILES[self.asked]
        bias = np.where(self.scale, 0.0, _OUTSIDE)
        if total := self.heard.sum():
            likelihoods = KEY_LOG_PROFILES @ (self.heard / total)
            likelihoods[self.asked], asked = -np.inf, likelihoods[self.asked]
            rival = int(likelihoods.argmax())
            need = np.clip((_WANTED_MARGIN - (asked - likelihoods[rival])) / _WANTED_MARGIN, 0.0, _MAX_NEED)
            bias = bias + need * np.clip(own - KEY_LOG_PROFILES[rival], -_MAX_BIAS, _MAX_BIAS)
        return np.resize(bias, 128)
