"""The singers of a song: phrases with their sound as it is mixed; those sung before are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from jaxtyping import Float, Int

from menura.audio.biquads import filtered
from menura.audio.samples import Audio
from menura.models.contract import SpeechVocoder, Synthesizer
from menura.score.tune import Tune
from menura.tasks.kept import Kept, told
from menura.tasks.singer import sung, usual
from menura.tasks.singing import FRAME_S, Breath, Manner, breaths, phrase
from menura.tasks.song_mix import Part, Seat, treated
from menura.tasks.speech import HOP_SAMPLES, SAMPLE_RATE_HZ
from menura.text.captions import Word
from menura.text.speech.normalise import Language
from menura.text.speech.syllables import Syllable

KEPT = Kept("songs", memory_bytes=512 << 20, disk_bytes=1 << 30)
"""What was sung and played before."""
_BREATH_FRAMES = 20
_AIR_HZ, _AIR_DB = (700.0, 5000.0), -26.0


@dataclass(frozen=True, eq=False)
class Singer:
    """A voice and its models.

    Attributes:
        synthesizer, vocoder: what sings.
        speaker: the point of the voice.
        language: of the words.
        hashes: of both models' weights, and of what else makes the voice.
        seed: of what is drawn.
    """

    synthesizer: Synthesizer
    vocoder: SpeechVocoder
    speaker: np.ndarray
    language: Language
    hashes: str
    seed: int


@dataclass(frozen=True, eq=False)
class Line:
    """What is sung in one breath, as it is heard in the mix.

    Attributes:
        part: its sound, in its place.
        words: text, and when each begins and ends, in seconds of the song.
        vowels: first and last frame of each syllable's nucleus, in frames of the song.
    """

    part: Part
    words: tuple[tuple[str, float, float], ...]
    vowels: Int[np.ndarray, "syllable 2"]


@dataclass(frozen=True, eq=False)
class Vocal:
    """What one singer sings in a song.

    Attributes:
        singer: who.
        notes: in seconds and pitches, as `Tune` has them.
        syllables: as many as the notes need.
        manner: of singing.
        seat: in the mix.
        rate_hz: of the mix.
        breathes: whether one hears the air.
    """

    singer: Singer
    notes: Float[np.ndarray, "note 3"]
    syllables: Sequence[Syllable]
    manner: Manner
    seat: Seat
    rate_hz: int
    breathes: bool = True

    def lines(self) -> Iterator[Line]:
        """Breath after breath; one that was sung before is heard as it was, wherever it now stands."""
        before = -_BREATH_FRAMES
        for breath in breaths(Tune(self.notes), self.syllables):
            yield self._line(breath, is_heard=self.breathes and breath.starts[0] - before >= _BREATH_FRAMES)
            before = int(breath.ends[-1])

    def _line(self, breath: Breath, *, is_heard: bool) -> Line:
        """A breath as it is sung; `is_heard`: the air that goes before it too."""
        first = int(breath.starts[0])
        still = breath.moved(-first)
        one = self.singer
        made_of = (
            *(one.hashes, told(one.speaker), one.language, one.seed, self.manner, self.seat, self.rate_hz),
            *(is_heard, still.syllables, told(still.starts), told(still.ends), told(still.pitches)),
        )
        made = KEPT.get(made_of, lambda: self._sung(still, made_of, is_heard))
        start = first + int(made["start"][0])
        texts = made["texts"].tobytes().decode().split("\n")
        words = tuple(
            (text, (start + begin) * FRAME_S, (start + end) * FRAME_S)
            for text, (begin, end) in zip(texts, made["words"].tolist(), strict=True)
        )
        part = Part(round(start * FRAME_S * self.rate_hz), made["samples"], (made["heard"][0], made["heard"][1]))
        return Line(part, words, made["vowels"] + start)

    def _sung(self, breath: Breath, made_of: object, is_heard: bool) -> dict[str, np.ndarray]:
        one = self.singer
        drawn = int.from_bytes(hashlib.sha256(repr(made_of).encode()).digest()[:4], "big")
        what = phrase(breath, usual(one.synthesizer, one.speaker, one.language), self.manner)
        samples = sung(one.synthesizer, one.vocoder, one.speaker, one.language, (one.seed, drawn), what)
        air = _air(samples, drawn) if is_heard else samples[:0]
        samples = np.concatenate((air, samples))
        shift = len(air) // HOP_SAMPLES
        part = treated(Audio(samples[None], SAMPLE_RATE_HZ), self.rate_hz, self.seat, one.seed)
        return {
            "samples": part.samples,
            "heard": np.array(part.heard),
            "start": np.array([what.start - shift]),
            "texts": np.frombuffer("\n".join(text for text, _, _ in what.words).encode(), np.uint8),
            "words": np.array([(begin, end) for _, begin, end in what.words]) + shift,
            "vowels": np.array(what.vowels) + shift,
        }


def _air(samples: Float[np.ndarray, " sample"], seed: int) -> Float[np.ndarray, " sample"]:
    """A breath before a phrase: noise that swells and is cut off, well under the voice."""
    count = _BREATH_FRAMES * HOP_SAMPLES
    noise = np.random.default_rng(seed).standard_normal((1, count))
    sections: Any = scipy.signal.butter(2, _AIR_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    noise = filtered(sections, noise)[0]
    swelling = np.sin(np.pi * np.linspace(0, 1, count) ** 1.5) ** 2
    level = np.sqrt(np.square(samples).mean()) * 10 ** (_AIR_DB / 20)
    return (noise / noise.std() * swelling * level).astype(np.float32)


def words_of(lines: Sequence[Line], after: int = 0) -> list[Word]:
    """The words of a singer with their times; a breath is shown as a sentence, counted on `after` others."""
    return [
        Word(text, start_s, end_s, sentence=after + number)
        for number, line in enumerate(lines)
        for text, start_s, end_s in line.words
    ]
