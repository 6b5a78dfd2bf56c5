"""The singers of a song: who sings which line, in harmony where it is fuller; phrases sung before are kept."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from menura.models.contract import SpeechVocoder, Synthesizer
from menura.score.tune import Tune
from menura.tasks.singer import joined, sung, usual, words_of
from menura.tasks.singing import Manner, Phrase, phrases
from menura.text.captions import Word
from menura.text.speech.normalise import Language
from menura.text.speech.syllables import Syllable

_MOST_KEPT_BYTES = 96 << 20


@dataclass(frozen=True, eq=False)
class Singer:
    """A voice and its models.

    Attributes:
        synthesizer, vocoder: what sings.
        speaker: the point of the voice.
        language: of the words.
        hashes: of both models' weights, so that a phrase sung by others is not taken for this one.
        seed: of what is drawn.
    """

    synthesizer: Synthesizer
    vocoder: SpeechVocoder
    speaker: np.ndarray
    language: Language
    hashes: str
    seed: int

    def sing(self, phrase: Phrase) -> Float[np.ndarray, " sample"]:
        """A phrase as sound; one that was sung before, as it was, wherever it now stands."""
        told = hashlib.sha256(repr((self.hashes, self.language, self.seed, phrase.symbols)).encode())
        for part in (self.speaker, phrase.durations, phrase.f0):
            told.update(np.ascontiguousarray(part).tobytes())
        drawn = int.from_bytes(told.digest()[:4], "big")
        return _KEPT.get(told.digest(), lambda: self._sung(phrase, drawn))

    def _sung(self, phrase: Phrase, drawn: int) -> Float[np.ndarray, " sample"]:
        seed = (self.seed, drawn)
        return sung(self.synthesizer, self.vocoder, self.speaker, self.language, seed, replace(phrase, start=0))


@dataclass(frozen=True, eq=False)
class Vocal:
    """What one singer sings in a song.

    Attributes:
        singer: who.
        notes: in seconds and pitches, as `Tune` has them.
        syllables: as many as the notes need.
        manner: of singing.
    """

    singer: Singer
    notes: Float[np.ndarray, "note 3"]
    syllables: Sequence[Syllable]
    manner: Manner

    def parts(self) -> Iterator[tuple[Phrase, Float[np.ndarray, " sample"]]]:
        """Phrases with their sound, one after another."""
        singer = self.singer
        spoken = usual(singer.synthesizer, singer.speaker, singer.language)
        for phrase in phrases(Tune(self.notes), self.syllables, spoken, self.manner):
            yield phrase, singer.sing(phrase)


def sound_of(
    vocal: Vocal, done: Callable[[], None]
) -> tuple[Float[np.ndarray, " sample"], list[Word], Int[np.ndarray, "frame 2"]]:
    """All that a singer sings, 24 000 samples a second from the song's beginning; its words; the vowels' frames."""
    parts = []
    for part in vocal.parts():
        parts.append(part)
        done()
    vowels = [(phrase.start + first, phrase.start + last) for phrase, _ in parts for first, last in phrase.vowels]
    return joined(parts), words_of(parts), np.array(vowels)


class _Kept:
    """Phrases by what they are made of; the oldest make room."""

    def __init__(self) -> None:
        self._sounds: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: bytes, make: Callable[[], np.ndarray]) -> np.ndarray:
        with self._lock:
            if key in self._sounds:
                self._sounds.move_to_end(key)
                return self._sounds[key]
        sound = make()
        with self._lock:
            if key not in self._sounds:
                self._sounds[key] = sound
                self._bytes += sound.nbytes
            while self._bytes > _MOST_KEPT_BYTES:
                self._bytes -= self._sounds.popitem(last=False)[1].nbytes
        return sound


_KEPT = _Kept()
