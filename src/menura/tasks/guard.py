"""Whether what was synthesised is what was to be said: it is aligned back, and said again where it is not.

A word is amiss that fits its frames badly (the goodness of pronunciation of Witt and Young, "Phone-level pronunciation
scoring and assessment for interactive language learning", Speech Communication, 2000), or that is not heard when the
synthesizer says it: where one is left out, or said twice, those behind it are moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from menura.models.contract import Aligner
from menura.progress import warn
from menura.tasks.utterances import Utterance
from menura.text.speech.phonemize import SpokenToken, row

LEAST_FIT, MOST_MOVED_FRAMES = -7.9, 8
"""What fits worse, or is moved further, is amiss."""
_SPEEDS = (1.0, 0.92, 0.84)
"""How fast it is said, and said again."""
_MOST_NAMED = 8


class Heard(NamedTuple):
    """What was heard of the words of an utterance.

    Attributes:
        fits: how much less likely the sounds of a word, and the pause after it, are than those that fit best: nats over
            the root of the word's frames, for chance adds up so.
        moved: how many frames later than said it begins.
    """

    fits: Float[np.ndarray, " word"]
    moved: Int[np.ndarray, " word"]

    def amiss(self, least_fit: float = LEAST_FIT) -> list[int]:
        """The words that are not what was to be said; of those that are moved, the first."""
        moved = np.abs(self.moved) > MOST_MOVED_FRAMES
        first = moved & ~np.concatenate(([False], moved[:-1]))
        return np.flatnonzero((self.fits < least_fit) | first).tolist()


@dataclass(frozen=True)
class Guard:
    """Hears what is said.

    Args:
        aligner: of frames as the synthesizer makes them.
    """

    aligner: Aligner

    def said(self, one: Utterance, synthesize: Callable[[float], Any]) -> Any:
        """What is synthesised of an utterance, at most twice again, slower, where a word is amiss; the best of all.

        Args:
            one: the utterance.
            synthesize: makes its frames, so many times as fast as wanted.
        """
        best, fewest = None, [0] * (len(one.tokens) + 1)
        for speed in _SPEEDS:
            spoken = synthesize(speed)
            amiss = self.heard(one, spoken.mel, spoken.durations).amiss()
            if len(amiss) < len(fewest):
                best, fewest = spoken, amiss
            if not amiss:
                break
        if fewest:
            words = said_words(one)
            named = ", ".join(words[place].text for place in fewest[:_MOST_NAMED])
            warn(f"may not be heard as it is written: {named[:200]}")
        return best

    def heard(
        self, one: Utterance, mel: Float[np.ndarray, "frame mel"], durations: Int[np.ndarray, " symbol"]
    ) -> Heard:
        """What is heard of each word.

        Args:
            one: the utterance.
            mel: natural logarithms, as `menura.audio.mel_inversion.mel_energies` has them.
            durations: frames of each symbol, and of the pads, as they were synthesised.
        """
        symbols, spans = row(one.tokens)
        own = [span for token, span in zip(one.tokens, spans, strict=True) if _is_heard(token)]
        try:
            found = self.aligner.align(mel, symbols)
        except ValueError:  # there are fewer frames than sounds
            return Heard(np.full(len(own), -np.inf), np.zeros(len(own), np.int64))
        ends = np.cumsum(found.durations)
        begins = np.array([ends[start] for start, _ in own])
        frames = np.array([ends[end] - ends[start] for start, end in own])
        sums = np.add.reduceat(found.shortfalls, [0, *begins[1:]])
        moved = begins - np.cumsum(durations)[[start for start, _ in own]]
        return Heard(sums / np.sqrt(np.maximum(frames, 1)), moved)


def said_words(one: Utterance) -> list[SpokenToken]:
    """The words of an utterance that are heard."""
    return [token for token in one.tokens if _is_heard(token)]


def _is_heard(token: SpokenToken) -> bool:
    return token.kind != "punctuation" and bool(token.phonemes)
