"""What a synthesizer is shown of speech, without torch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int


class Example(NamedTuple):
    """Something said, as a synthesizer learns it.

    Attributes:
        symbols: phonemes, spaces and signs.
        durations: frames of each, and of the pad at either end; they add up to all frames.
        mel: natural logarithms of mel energies.
        f0: Hz, 0 where unvoiced.
    """

    symbols: tuple[str, ...]
    durations: Int[np.ndarray, " symbol"]
    mel: Float[np.ndarray, "frame mel"]
    f0: Float[np.ndarray, " frame"]
