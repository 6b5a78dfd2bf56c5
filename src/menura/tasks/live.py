"""Speech as it is said: words that may still change, and then are final, by the agreement of successive hypotheses.

Local agreement (Liu et al. 2020; Macháček et al. 2023, "Turning Whisper into real-time transcription system"): what two
windows in a row hear alike is final. Final words are told to the next window as the beginning of its text, so that they
stay; where somebody stops speaking, all is final.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from queue import Empty, Queue
from threading import Thread
from typing import Any, BinaryIO, Literal

import numpy as np
from jaxtyping import Float

from menura.audio.resample import resampled
from menura.progress import check
from menura.tasks.fallback import decode_with_fallback
from menura.tasks.hearing import HearingOptions
from menura.tasks.sections import RATE_HZ, Activity, Loud
from menura.tasks.word_times import is_suspicious, word_timings
from menura.text.captions import Word

STEP_S = 0.5
"""Of new sound, before it is heard again."""
_SILENCE_S = 0.6
"""After speech, and what was said is final."""
_LONGEST_S = 12.0
"""Of a window, before what is final is let go of."""
_FULL_S = 26.0
"""Of a window in which nothing became final: then all does."""
_BEFORE_S = 0.3
"""Kept before speech."""
_EDGE_S = 0.15
"""Words that end so near the end of the sound are not final yet."""
_SURE_S, _SURE_PROBABILITY = 0.5, 0.5
"""A word is final at its first hearing where so much sound, and another word, follow it, and it is so likely."""
_MOST_CONTEXT = 128
_PCM_BLOCK_S = 0.1


@dataclass(frozen=True)
class LiveEvent:
    """What is told.

    Attributes:
        type: ``"partial"``, all that is not final yet and replaces the last such; ``"final"``, words that stay.
        text: of the words; of a partial one it may be empty.
        words: with their times from the beginning of the sound.
        start_s, end_s: of the words, seconds.
        number: of final events, from 1; of a partial one, that of the last final one before it.
    """

    type: Literal["partial", "final"]
    text: str
    words: tuple[Word, ...]
    start_s: float
    end_s: float
    number: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON is sent."""
        words = [
            {"word": word.text, "start": round(word.start_s, 3), "end": round(word.end_s, 3)} for word in self.words
        ]
        return {**asdict(self), "words": words, "start_s": round(self.start_s, 3), "end_s": round(self.end_s, 3)}


@dataclass(frozen=True)
class _Said:
    """A word of a hypothesis."""

    text: str
    start_s: float
    end_s: float
    probability: float
    tokens: tuple[int, ...]


class LiveTranscriber:
    """Hears sound that comes bit by bit.

    Args:
        model: a `menura.models.contract.Recognizer`.
        options: language, prompt, hotwords, temperatures and the like; windows and words are its own.
        activity: where speech is; None takes all that is not silent for speech.

    Attributes:
        samples: how many it was fed.
    """

    def __init__(self, model: Any, options: HearingOptions, activity: Activity | None = None) -> None:
        self.model, self.options, self.activity = model, options, activity or Loud()
        self.language = options.language or ("en" if not model.is_multilingual else None)
        self.samples = 0
        self._held = np.zeros(0, np.float32)
        self._first = self._looked = self._number = 0
        self._stable: list[_Said] = []
        self._guess: list[_Said] = []
        prompt = options.initial_prompt.strip()
        self._context: list[int] = model.tokenizer.encode(" " + prompt) if prompt else []

    def feed(self, samples: Float[np.ndarray, " sample"]) -> list[LiveEvent]:
        """Take more sound, mono at 16 kHz; what can be told now."""
        self._held = np.concatenate((self._held, samples.astype(np.float32)))
        self.samples += len(samples)
        if self.samples - self._looked < STEP_S * RATE_HZ:
            return []
        return self._look(is_over=False)

    def finish(self) -> list[LiveEvent]:
        """The sound is over: all that is left."""
        return self._look(is_over=True)

    def _look(self, is_over: bool) -> list[LiveEvent]:
        check()
        self._looked = self.samples
        spans = self.activity.speech(self._held) if len(self._held) else []
        if not spans:
            events = self._final([], is_changed=bool(self._guess))
            self._let_go(self.samples - round(_BEFORE_S * RATE_HZ))
            return events
        quiet_s = len(self._held) / RATE_HZ - spans[-1][1]
        if not self._stable:
            self._let_go(self._first + round((spans[0][0] - _BEFORE_S) * RATE_HZ))
        is_full = len(self._held) > _FULL_S * RATE_HZ
        is_end = is_over or quiet_s >= _SILENCE_S or is_full
        heard = self._hear(is_end)
        if is_end:
            events = self._final(heard, is_changed=True)
            self._context = self._told()
            self._stable = []
            self._let_go(self.samples - (0 if is_full else round(_BEFORE_S * RATE_HZ)))
            return events
        count = len([*takewhile(lambda pair: _key(pair[0]) == _key(pair[1]), zip(heard, self._guess, strict=False))])
        now_s = self.samples / RATE_HZ
        agreed = [*takewhile(lambda word: word.end_s < now_s - _EDGE_S, heard[:count])]
        agreed += takewhile(lambda word: _is_sure(word, now_s), heard[len(agreed) : -1])
        events = self._final(agreed)
        self._guess = heard[len(agreed) :]
        events.append(self._event("partial", self._guess))
        if len(self._held) > _LONGEST_S * RATE_HZ:
            self._shorten()
        return events

    def _hear(self, is_end: bool) -> list[_Said]:
        """Words after those that are final, in what is held."""
        options, held = self.options, self._held[: round(_FULL_S * RATE_HZ) + RATE_HZ]
        features = self.model.encode(self.model.log_mel(held)[None])
        if self.language is None:
            self.language = next(iter(self.model.detect_language(features)[0]))
        prefix = [token for word in self._stable for token in word.tokens]
        asked = replace(
            options.decoding(self.language, self._context), beam_size=None, prefix=prefix or None,
            without_timestamps=True, hotwords=None if prefix else options.hotwords or None,
        )  # fmt: skip
        temperatures = options.temperatures if is_end else options.temperatures[:1]
        result = decode_with_fallback(self.model, features, asked, temperatures, options.thresholds)[0]
        tokens = [token for token in result.tokens if token < self.model.tokenizer.eot]
        if not tokens or options.thresholds.is_silence(result):
            return []
        timings = word_timings(self.model, features, [*prefix, *tokens], held, self.language)
        start_s, words, place = self._first / RATE_HZ, [], 0
        for one in timings:
            if place >= len(prefix) and one.word.strip():
                said = (one.word, start_s + one.start, start_s + one.end, one.probability, tuple(one.tokens))
                words.append(_Said(*said))
            place += len(one.tokens)
        return [] if not prefix and is_suspicious(timings) else words

    def _final(self, words: Sequence[_Said], is_changed: bool = False) -> list[LiveEvent]:
        """Make words final; tell so, and where `is_changed` that nothing else is left."""
        events = []
        self._stable += words
        if words:
            self._number += 1
            events.append(self._event("final", words))
        if is_changed and self._guess:
            self._guess = []
            events.append(self._event("partial", []))
        return events

    def _event(self, type: Literal["partial", "final"], words: Sequence[_Said]) -> LiveEvent:
        told = tuple(Word(one.text.strip(), one.start_s, one.end_s, probability=one.probability) for one in words)
        text = "".join(one.text for one in words).strip()
        now_s = self.samples / RATE_HZ
        start_s, end_s = (told[0].start_s, told[-1].end_s) if told else (now_s, now_s)
        return LiveEvent(type, text, told, start_s, end_s, self._number)

    def _told(self) -> list[int]:
        """What the next window is told was said before."""
        if not self.options.condition_on_previous_text:
            return []
        return [*self._context, *(token for word in self._stable for token in word.tokens)][-_MOST_CONTEXT:]

    def _shorten(self) -> None:
        """Let go of the sound of final words, up to the last that ends a sentence, or the last but one."""
        if len(self._stable) < 2:
            return
        ends = [place for place, word in enumerate(self._stable[:-1]) if word.text.rstrip().endswith((".", "?", "!"))]
        last = ends[-1] if ends else len(self._stable) - 2
        later = self._stable[last + 1 :]
        self._stable = self._stable[: last + 1]
        place_s = self._stable[-1].end_s
        self._context, self._stable = self._told(), later
        self._let_go(round(place_s * RATE_HZ))

    def _let_go(self, place: int) -> None:
        gone = min(max(place - self._first, 0), len(self._held))
        self._held, self._first = self._held[gone:], self._first + gone


def _is_sure(word: _Said, now_s: float) -> bool:
    return word.end_s < now_s - _SURE_S and word.probability >= _SURE_PROBABILITY


def _key(word: _Said) -> str:
    """What two hypotheses agree on."""
    return "".join(sign for sign in word.text.lower() if sign.isalnum()) or word.text.strip()


def pcm_blocks(file: BinaryIO, sample_rate_hz: int = RATE_HZ) -> Iterator[Float[np.ndarray, " sample"]]:
    """What comes out of a file or a pipe, mono 16-bit little-endian, at 16 kHz, all that there is at a time.

    Args:
        file: as ``sys.stdin.buffer``.
        sample_rate_hz: of what comes.
    """
    waiting: Queue[bytes | None] = Queue()

    def read() -> None:
        count = 2 * round(_PCM_BLOCK_S * sample_rate_hz)
        take = getattr(file, "read1", file.read)
        while content := take(count):
            waiting.put(content)
        waiting.put(None)

    Thread(target=read, name="menura-live", daemon=True).start()
    blocks = (block[None] for block in _samples(_joined(waiting)))
    for block in resampled(blocks, sample_rate_hz, RATE_HZ):
        yield block[0]


def _joined(waiting: Queue[bytes | None]) -> Iterator[bytes]:
    """All bytes that wait, again and again; looked for so often that the work can be stopped."""
    is_over = False
    while not is_over:
        check()
        parts: list[bytes] = []
        try:
            part = waiting.get(timeout=_PCM_BLOCK_S)
            while part is not None:
                parts.append(part)
                part = waiting.get_nowait()
            is_over = True
        except Empty:
            pass
        if parts:
            yield b"".join(parts)


def _samples(contents: Iterable[bytes]) -> Iterator[Float[np.ndarray, " sample"]]:
    """16-bit numbers as samples; half of one waits for its other half."""
    rest = b""
    for content in contents:
        content = rest + content
        whole = len(content) // 2 * 2
        rest = content[whole:]
        yield np.frombuffer(content[:whole], "<i2").astype(np.float32) / 32768


def transcribe_live(
    transcriber: LiveTranscriber, blocks: Iterable[Float[np.ndarray, " sample"]]
) -> Iterator[LiveEvent]:
    """Events of sound that comes in blocks, mono at 16 kHz, until it is over."""
    for block in blocks:
        yield from transcriber.feed(block)
    yield from transcriber.finish()
