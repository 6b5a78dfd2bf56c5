"""Utterances as sound: a synthesizer's frames, a vocoder's samples, at one loudness, with the times of the words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from menura.audio import Audio
from menura.audio.effects import limit
from menura.audio.loudness import integrated_lufs
from menura.models.contract import SpeechVocoder, Synthesizer
from menura.tasks.utterances import Utterance, words
from menura.tasks.voices import voice_weights
from menura.text.captions import Word
from menura.text.speech.markup import Style
from menura.text.speech.phonemize import row

SAMPLE_RATE_HZ, HOP_SAMPLES = 24_000, 300
LOUDNESS_LUFS, CEILING_DBTP = -19.0, -1.0
_MOST_GAIN_DB = 40.0
_LEAD_FRAMES, _TAIL_FRAMES = 4, 8
"""Of the silence before and after an utterance so many frames are kept."""
_FADE_SAMPLES = 120
_EMPHASES = {"strong": (0.82, 2.0, 3.0), "moderate": (0.9, 1.0, 1.5), "none": (1.0, 0.0, 0.0), "reduced": (1.1, -1, -2)}
"""Emphasis -> times as fast, semitones higher, decibels louder."""


class Part(NamedTuple):
    """An utterance that was said, with the silence after it.

    Attributes:
        samples: float32 `[sample]`, 24 000 a second.
        words: with their times from the beginning of the first part.
    """

    samples: np.ndarray
    words: list[Word]


@dataclass(frozen=True)
class Manner:
    """How all is said: times as fast, semitones higher, decibels louder, and the seed of what is drawn."""

    speed: float = 1.0
    semitones: float = 0.0
    volume_db: float = 0.0
    seed: int = 0


def speak(
    said: Sequence[Utterance], text: str, synthesizer: Synthesizer, vocoder: SpeechVocoder, manner: Manner
) -> Iterator[Part]:
    """Say utterances one after another; each is finished before the next is begun.

    Each voice is as loud as −19 LUFS over all that it has said so far, so that what is streamed is the whole.

    Args:
        said: what to say.
        text: what it was read from.
        synthesizer, vocoder: models.
        manner: how all is said.

    Raises:
        ValueError: there is no such voice, or it cannot say a language; one line.
    """
    speakers = {voice: _speaker(synthesizer, voice) for voice in {one.voice for one in said}}
    for language in {one.language for one in said if one.tokens} - set(synthesizer.languages):
        raise ValueError(f"language: the model does not speak {language}; it speaks {', '.join(synthesizer.languages)}")
    levels = {voice: _Level() for voice in speakers}
    place = 0
    for number, one in enumerate(said):
        sound, times = np.zeros(0, np.float32), []
        if one.tokens:
            spoken = _synthesized(one, synthesizer, speakers[one.voice], manner)
            lead, sound = _vocoded(spoken, vocoder, _seed(manner.seed, number))
            edges = (np.cumsum(spoken.durations)[:-1] - lead) * HOP_SAMPLES
            times = [(int(edges[start]), int(edges[end])) for start, end in row(one.tokens)[1]]
            sound = levels[one.voice].levelled(sound, _envelope_db(one, times, len(sound)) + manner.volume_db)
        times_s = [((place + start) / SAMPLE_RATE_HZ, (place + end) / SAMPLE_RATE_HZ) for start, end in times]
        samples = np.pad(sound, (0, round(one.pause_s * SAMPLE_RATE_HZ)))
        place += len(samples)
        yield Part(samples, words(one, text, times_s))


class _Level:
    """How loud a voice is, over all that it has said."""

    def __init__(self) -> None:
        self._energy = self._num_samples = 0.0

    def levelled(self, sound: np.ndarray, volume_db: np.ndarray) -> np.ndarray:
        """A sound at the loudness, each of its samples so many decibels louder, its peaks under the ceiling."""
        loudness = integrated_lufs(Audio(sound, SAMPLE_RATE_HZ))
        if np.isfinite(loudness):
            self._energy += len(sound) * 10 ** (loudness / 10)
            self._num_samples += len(sound)
        gain_db = 0.0
        if self._num_samples:
            gain_db = min(LOUDNESS_LUFS - 10 * np.log10(self._energy / self._num_samples), _MOST_GAIN_DB)
        louder = sound * (10 ** ((gain_db + volume_db) / 20)).astype(np.float32)
        return limit(Audio(louder, SAMPLE_RATE_HZ), CEILING_DBTP).samples[0]


def _speaker(synthesizer: Synthesizer, voice: str) -> np.ndarray:
    try:
        return synthesizer.speaker(voice_weights(voice, synthesizer.voices))
    except ValueError as error:
        raise ValueError(f"voice: {error}") from None


def _synthesized(one: Utterance, synthesizer: Synthesizer, speaker: np.ndarray, manner: Manner) -> Any:
    speed = _of_symbols(one, lambda style: manner.speed * style.rate * _EMPHASES[style.emphasis][0], manner.speed)
    pitch = _of_symbols(
        one, lambda style: manner.semitones + style.pitch_semitones + _EMPHASES[style.emphasis][1], manner.semitones
    )
    return synthesizer.synthesize(one.symbols, speaker, one.language, speed=speed, pitch_semitones=pitch)


def _of_symbols(one: Utterance, value: Callable[[Style], float], usual: float) -> np.ndarray:
    """A value for every symbol and both pads; spaces have that of the word before them."""
    symbols, spans = row(one.tokens)
    values = np.full(len(symbols) + 2, usual, np.float32)
    for token, (start, _) in zip(one.tokens, spans, strict=True):
        values[start + 1 : -1] = value(token.style)
    return values


def _vocoded(spoken: Any, vocoder: SpeechVocoder, seed: int) -> tuple[int, np.ndarray]:
    """The frames that were left out at the beginning, and the sound of the others, faded in and out."""
    lead = max(int(spoken.durations[0]) - _LEAD_FRAMES, 0)
    tail = max(int(spoken.durations[-1]) - _TAIL_FRAMES, 0)
    kept = slice(lead, len(spoken.mel) - tail)
    sound = np.array(vocoder.sound(spoken.mel[kept], spoken.f0[kept], seed), np.float32)
    fade = np.linspace(0, 1, min(_FADE_SAMPLES, len(sound) // 2), endpoint=False, dtype=np.float32)
    sound[: len(fade)] *= fade
    sound[len(sound) - len(fade) :] *= fade[::-1]
    return lead, sound


def _envelope_db(one: Utterance, times: Sequence[tuple[int, int]], count: int) -> np.ndarray:
    """How much louder each sample is than usual, moving in straight lines between the middles of words."""
    louder = [token.style.volume_db + _EMPHASES[token.style.emphasis][2] for token in one.tokens]
    if not any(louder):
        return np.zeros(count)
    middles = [(start + end) / 2 for start, end in times]
    return np.interp(np.arange(count), middles, louder)


def _seed(seed: int, number: int) -> int:
    return int(np.random.SeedSequence((seed, number)).generate_state(1)[0] >> 1)


def joined(found: Sequence[Word]) -> list[Word]:
    """Words in order; one that was said in several parts, because it is long, is one again."""
    whole: list[Word] = []
    for word in found:
        if whole and 0 <= word.start < whole[-1].end:
            whole[-1] = replace(whole[-1], end_s=word.end_s, end=max(word.end, whole[-1].end))
        else:
            whole.append(word)
    return whole
