"""Utterances of a corpus of speech drawn for batches: of like lengths together, rare voices more often."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from jaxtyping import Int

from menura.data.speech import HOP_SAMPLES, RATE_HZ, SpeechCorpus

_ALIKE = 100
"""Utterances nearest in length that an item may be drawn from."""


class Draws:
    """Utterances to draw, of like lengths together.

    Args:
        corpus: of all.
        members: those that are drawn.
        batch_size: how many of usual length a batch has; there are more of short ones, and fewer of long.
        rare_voices: a voice is heard as often as its minutes to this power say: under 1, rare ones more often than
            their share.
    """

    def __init__(
        self, corpus: SpeechCorpus, members: Int[np.ndarray, " utterance"], batch_size: int, rare_voices: float
    ) -> None:
        lengths = np.array([corpus.num_frames(index) for index in members])
        order = np.argsort(lengths, kind="stable")
        self.members, self.lengths, self.budget = members[order], lengths[order], batch_size * lengths.mean()
        spoken: dict[str, float] = defaultdict(float)
        for index, frames in zip(self.members, self.lengths, strict=True):
            for voice, share in corpus.utterances[index].speaker.items():
                spoken[voice] += share * frames
        rarity = [
            sum(share * spoken[voice] ** (rare_voices - 1) for voice, share in corpus.utterances[index].speaker.items())
            for index in self.members
        ]
        weights = self.lengths * np.array(rarity)
        self.weights = weights / weights.sum()

    @property
    def minutes(self) -> float:
        return float(self.lengths.sum()) * HOP_SAMPLES / RATE_HZ / 60

    def items(self, rng: np.random.Generator) -> Int[np.ndarray, " item"]:
        """The utterances of a batch."""
        anchor = rng.choice(len(self.members), p=self.weights)
        first, last = max(anchor - _ALIKE // 2, 0), min(anchor + _ALIKE // 2 + 1, len(self.members))
        count = int(np.clip(self.budget // self.lengths[last - 1], 1, last - first))
        weights = self.weights[first:last] / self.weights[first:last].sum()
        return self.members[first + rng.choice(last - first, count, replace=False, p=weights)]
