"""A voice that sings phrases: frames, sound, and where the words are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from jaxtyping import Float

from menura.models.contract import SpeechVocoder, Synthesizer
from menura.tasks.singing import FRAME_S, Phrase, Usual, sustained
from menura.tasks.speech import HOP_SAMPLES
from menura.text.captions import Word
from menura.text.speech.normalise import Language


def usual(synthesizer: Synthesizer, speaker: np.ndarray, language: Language) -> Usual:
    """How long symbols last where that voice speaks them."""
    return lambda symbols: synthesizer.synthesize(symbols, speaker, language).durations


def sung(
    synthesizer: Synthesizer,
    vocoder: SpeechVocoder,
    speaker: np.ndarray,
    language: Language,
    seed: tuple[int, int],
    phrase: Phrase,
) -> Float[np.ndarray, " sample"]:
    """A phrase as sound, 24 000 samples a second; the same seed and place give the same."""
    sung = synthesizer.synthesize(
        phrase.symbols,
        speaker,
        language,
        durations=phrase.durations,
        f0=phrase.f0,
        energy=partial(sustained, phrase),
    )
    drawn = int(np.random.SeedSequence((*seed, max(phrase.start, 0))).generate_state(1)[0] >> 1)
    return vocoder.sound(sung.mel, phrase.f0, drawn)


def first_frame(parts: Sequence[tuple[Phrase, np.ndarray]]) -> int:
    """The frame with which the sound begins: 0, or that of consonants before the first note."""
    return min(0, *(phrase.start for phrase, _ in parts)) if parts else 0


def joined(parts: Sequence[tuple[Phrase, np.ndarray]]) -> Float[np.ndarray, " sample"]:
    """Phrases at their places."""
    first = first_frame(parts)
    places = [(phrase.start - first) * HOP_SAMPLES for phrase, _ in parts]
    whole = np.zeros(max(place + len(sound) for place, (_, sound) in zip(places, parts, strict=True)), np.float32)
    for place, (_, sound) in zip(places, parts, strict=True):
        whole[place : place + len(sound)] += sound
    return whole


def words_of(parts: Sequence[tuple[Phrase, np.ndarray]]) -> list[Word]:
    """The words with their times; a phrase is shown as a sentence."""
    first, found = first_frame(parts), []
    for number, (phrase, _) in enumerate(parts):
        for text, begin, end in phrase.words:
            start_s, end_s = ((phrase.start - first + frame) * FRAME_S for frame in (begin, end))
            found.append(Word(text, start_s, end_s, sentence=number))
    return found
