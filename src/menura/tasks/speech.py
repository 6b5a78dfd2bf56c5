"""Utterances as sound: a synthesizer's frames, a vocoder's samples, at one loudness, with the times of the words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from menura.audio.limiter import Limiter
from menura.audio.loudness import mel_lufs
from menura.models.contract import SpeechVocoder, Synthesizer
from menura.tasks.guard import Guard
from menura.tasks.utterances import Utterance, words
from menura.tasks.voices import mixture
from menura.text.captions import Word
from menura.text.speech.markup import Style
from menura.text.speech.phonemize import row

SAMPLE_RATE_HZ, HOP_SAMPLES = 24_000, 300
LOUDNESS_LUFS, CEILING_DBTP = -19.0, -1.0
_MOST_GAIN_DB = 40.0
_LEAD_FRAMES, _TAIL_FRAMES = 4, 8
"""Of the silence before and after an utterance so many frames are kept."""
_FIRST_FRAMES, _PIECE_FRAMES = 32, 400
"""Of the first piece of all, short so that it is heard soon, and of the others."""
_FADE_SAMPLES = 120
_EMPHASES = {"strong": (0.82, 2.0, 3.0), "moderate": (0.9, 1.0, 1.5), "none": (1.0, 0.0, 0.0), "reduced": (1.1, -1, -2)}
"""Emphasis -> times as fast, semitones higher, decibels louder."""


class Part(NamedTuple):
    """A piece of what is said, or the silence after an utterance.

    Attributes:
        samples: float32 `[sample]`, 24 000 a second.
        words: of the utterance, in its first piece, with their times from the beginning of all.
        utterance: its number.
    """

    samples: np.ndarray
    words: list[Word]
    utterance: int


@dataclass(frozen=True)
class Manner:
    """How all is said: times as fast, semitones higher, decibels louder, and the seed of what is drawn."""

    speed: float = 1.0
    semitones: float = 0.0
    volume_db: float = 0.0
    seed: int = 0


def speak(
    said: Sequence[Utterance],
    text: str,
    synthesizer: Synthesizer,
    vocoder: SpeechVocoder,
    manner: Manner,
    guard: Guard | None = None,
) -> Iterator[Part]:
    """Say utterances one after another, in pieces, each made when it is asked for.

    Each voice is as loud as −19 LUFS over all that it has said so far, as its mel frames tell before there is sound;
    so what is streamed is the whole.

    Args:
        said: what to say.
        text: what it was read from.
        synthesizer, vocoder: models.
        manner: how all is said.
        guard: hears each utterance, if wanted, and has it said again.

    Raises:
        ValueError: there is no such voice, or it cannot say a language; one line.
    """
    speakers = {voice: _speaker(synthesizer, voice) for voice in {one.voice for one in said}}
    for language in {one.language for one in said if one.tokens} - set(synthesizer.languages):
        raise ValueError(f"language: the model does not speak {language}; it speaks {', '.join(synthesizer.languages)}")
    levels = {voice: _Level() for voice in speakers}
    place = 0
    for number, one in enumerate(said):
        pieces, times = iter(()), []
        if one.tokens:
            synthesize = partial(_synthesized, one, synthesizer, speakers[one.voice], manner)
            spoken = synthesize() if guard is None else guard.said(one, synthesize)
            kept = _kept(spoken)
            times = _times(one, spoken, kept)
            gain_db = levels[one.voice].gain_db(spoken.mel[kept]) + manner.volume_db
            gain = _gain(gain_db, one, times, (kept.stop - kept.start) * HOP_SAMPLES)
            made = vocoder.stream(
                spoken.mel[kept],
                spoken.f0[kept],
                _seed(manner.seed, number),
                _PIECE_FRAMES,
                first_frames=None if place else _FIRST_FRAMES,
            )
            pieces = _levelled(made, gain)
        times_s = [((place + start) / SAMPLE_RATE_HZ, (place + end) / SAMPLE_RATE_HZ) for start, end in times]
        found = words(one, text, times_s)
        for samples in chain(pieces, [np.zeros(round(one.pause_s * SAMPLE_RATE_HZ), np.float32)]):
            if len(samples):
                place += len(samples)
                yield Part(samples, found, number)
                found = []


class _Level:
    """How loud a voice is, over all that it has said."""

    def __init__(self) -> None:
        self._energy = self._num_frames = 0.0

    def gain_db(self, mel: Float[np.ndarray, "frame mel"]) -> float:
        """What makes of all up to these frames the loudness that is wanted."""
        loudness = mel_lufs(mel, SAMPLE_RATE_HZ, HOP_SAMPLES)
        if np.isfinite(loudness):
            self._energy += len(mel) * 10 ** (loudness / 10)
            self._num_frames += len(mel)
        if not self._num_frames:
            return 0.0
        return min(LOUDNESS_LUFS - 10 * np.log10(self._energy / self._num_frames), _MOST_GAIN_DB)


def _speaker(synthesizer: Synthesizer, voice: str) -> np.ndarray:
    try:
        return mixture(voice, synthesizer.voices).speaker(synthesizer)
    except ValueError as error:
        raise ValueError(f"voice: {error}") from None


def _synthesized(
    one: Utterance, synthesizer: Synthesizer, speaker: np.ndarray, manner: Manner, times: float = 1.0
) -> Any:
    """An utterance's frames, so many times as fast as it is to be said."""
    manner = replace(manner, speed=manner.speed * times)
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


def _kept(spoken: Any) -> slice:
    """The frames without most of the silence at both ends."""
    lead = max(int(spoken.durations[0]) - _LEAD_FRAMES, 0)
    tail = max(int(spoken.durations[-1]) - _TAIL_FRAMES, 0)
    return slice(lead, len(spoken.mel) - tail)


def _times(one: Utterance, spoken: Any, kept: slice) -> list[tuple[int, int]]:
    """From which sample to which each token sounds."""
    edges = (np.cumsum(spoken.durations)[:-1] - kept.start) * HOP_SAMPLES
    return [(int(edges[start]), int(edges[end])) for start, end in row(one.tokens)[1]]


def _gain(gain_db: float, one: Utterance, times: Sequence[tuple[int, int]], count: int) -> Float[np.ndarray, " sample"]:
    """What samples are multiplied with: faded in and out, and louder or softer in words that are said so, in straight
    lines between the middles of words."""
    louder = [token.style.volume_db + _EMPHASES[token.style.emphasis][2] for token in one.tokens]
    gain = np.full(count, 10 ** (gain_db / 20), np.float32)
    if any(louder):
        middles = [(start + end) / 2 for start, end in times]
        gain *= (10 ** (np.interp(np.arange(count), middles, louder) / 20)).astype(np.float32)
    fade = np.linspace(0, 1, min(_FADE_SAMPLES, count // 2), endpoint=False, dtype=np.float32)
    gain[: len(fade)] *= fade
    gain[count - len(fade) :] *= fade[::-1]
    return gain


def _levelled(pieces: Iterator[np.ndarray], gain: Float[np.ndarray, " sample"]) -> Iterator[np.ndarray]:
    """Pieces of an utterance at their level, its peaks under the ceiling."""
    limiter, place = Limiter(SAMPLE_RATE_HZ, CEILING_DBTP), 0
    for piece in pieces:
        end = place + len(piece)
        yield limiter.limited(piece * gain[place:end], end == len(gain))
        place = end


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
