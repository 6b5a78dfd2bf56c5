"""What is said in a sound of any length, segment by segment, as openai/whisper's ``transcribe`` goes about it.

Silences are left out first. Then windows of 30 s are decoded one after another, each told what was said before; the
times that the recogniser writes decide where the next window begins. Or, where that does not matter, several windows
cut at silences are decoded at once, as faster-whisper's ``BatchedInferencePipeline`` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from menura.audio import Audio
from menura.models.whisper.decoding import DecodingOptions, DecodingResult, Task
from menura.progress import Progress
from menura.tasks.fallback import TEMPERATURES, Thresholds, decode_with_fallback
from menura.tasks.sections import RATE_HZ, Activity, Loud, SoundBuffer, mono_blocks, sections
from menura.tasks.word_times import is_suspicious, word_timings
from menura.text.captions import Word
from menura.text.transcript import Segment

WINDOW_S = 30.0
_TIME_SAMPLES = RATE_HZ // 50
"""From a token of time to the next."""
_REST_SAMPLES = RATE_HZ
"""What is left of a window and shorter than this is not looked at again."""
_LEAST_STEP_SAMPLES = RATE_HZ // 2
"""From a window to the next."""
_UNHEARD_SAMPLES = 3 * RATE_HZ
"""What follows the last time is decoded again where there is so much of it: somebody speaks there."""
_MOST_CONTEXT = 224
"""Tokens that a window is told."""
_NO_CONTEXT_OVER = 0.5
"""What was drawn at such a temperature is not told to the next window."""
_MOST_ROWS = 64
"""Sequences that are decoded at once: more are no quicker, and each has keys and values of its own."""
_SAME_AGAIN = 3
"""So many segments alike in a row, and the next window is told nothing."""


@dataclass(frozen=True, kw_only=True)
class HearingOptions:
    """How a sound is transcribed; names and values are openai/whisper's.

    Attributes:
        task: words as they are said, or in English.
        language: code of what is spoken; None to have it detected in the first window.
        temperatures: tried in turn until a window's text is good enough.
        thresholds: what is good enough.
        beam_size: sequences followed at temperature 0; None or 1 for one.
        best_of: sequences drawn at temperatures over 0.
        patience, length_penalty, suppress_tokens: as of `DecodingOptions`.
        initial_prompt: what the first window is told was said before, each window where they are decoded at once.
        hotwords: words that are likely to be said.
        condition_on_previous_text: whether a window is told what was said in those before it.
        word_timestamps: whether words have times.
        hallucination_silence_s: with `word_timestamps`, segments that look as if nobody said them, with so much
            silence on either side, are left out; None keeps them.
        batch_size: windows that are decoded at once, if their sequences are not too many; 1 goes through the sound in
            order.
        seed: of what is drawn.

    Raises:
        ValueError: a number is out of its range.
    """

    task: Task = "transcribe"
    language: str | None = None
    temperatures: tuple[float, ...] = TEMPERATURES
    thresholds: Thresholds = field(default_factory=Thresholds)
    beam_size: int | None = 5
    best_of: int | None = 5
    patience: float | None = None
    length_penalty: float | None = None
    suppress_tokens: str = "-1"
    initial_prompt: str = ""
    hotwords: str = ""
    condition_on_previous_text: bool = True
    word_timestamps: bool = False
    hallucination_silence_s: float | None = 1.0
    batch_size: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.temperatures or min(self.temperatures) < 0:
            raise ValueError("temperatures are one or more numbers of 0 or more")
        if self.batch_size < 1:
            raise ValueError(f"batch_size is 1 or more, not {self.batch_size}")

    def decoding(self, language: str, prompt: str | Sequence[int]) -> DecodingOptions:
        """Of a window."""
        return DecodingOptions(
            task=self.task, language=language, beam_size=self.beam_size, best_of=self.best_of, patience=self.patience,
            length_penalty=self.length_penalty, suppress_tokens=self.suppress_tokens, prompt=prompt or None,
            hotwords=self.hotwords or None, seed=self.seed,
        )  # fmt: skip


def transcribe(
    model: Any,
    audio: Audio | Iterable[np.ndarray],
    options: HearingOptions,
    progress: Progress,
    activity: Activity | None = None,
    *,
    duration_s: float | None = None,
) -> Iterator[Segment]:
    """Segments of what is said, in order, each as soon as its window is decoded.

    Of blocks, no more is held than a minute and the windows that are decoded at once.

    Args:
        model: a `menura.models.contract.Recognizer`.
        audio: a sound, or mono blocks of one at 16 kHz, ``[1, sample]`` or ``[sample]``.
        options: how.
        progress: is told how many seconds are done.
        activity: where speech is; None takes all that is not silent for speech.
        duration_s: of the sound, for `progress`, where blocks are given.

    Raises:
        ValueError: the language is not one that the model knows.
    """
    duration_s = audio.duration_s if isinstance(audio, Audio) else duration_s or 0.0
    sound = SoundBuffer(sections(mono_blocks(audio), activity or Loud()))
    hearing = _Hearing(model, sound, options)
    windows = hearing.batches() if options.batch_size > 1 else hearing.in_turn()
    count = 0
    for done_s, segments in windows:
        progress.update(round(min(done_s, duration_s or done_s)), max(round(duration_s), 1), "transcribing")
        for segment in segments:
            yield replace(segment, id=count)
            count += 1


class _Window(NamedTuple):
    """A stretch of the sound without silences."""

    start: int
    samples: Float[np.ndarray, " sample"]


class _Span(NamedTuple):
    """Tokens of a segment, and its places in its window, in samples."""

    start: int
    end: int
    tokens: tuple[int, ...]

    def with_times(self, begin: int) -> list[int]:
        """The tokens between those of their times."""
        return [begin + self.start // _TIME_SAMPLES, *self.tokens, begin + self.end // _TIME_SAMPLES]


class _Heard(NamedTuple):
    """Segments of a window, how much of it need not be looked at again, in samples, and tokens with their times."""

    segments: list[Segment]
    samples: int
    tokens: list[int]


class _Hearing:
    """A sound under way."""

    def __init__(self, model: Any, sound: SoundBuffer, options: HearingOptions) -> None:
        self.model, self.sound, self.options = model, sound, options
        self.language = options.language if model.is_multilingual else options.language or "en"

    def in_turn(self) -> Iterator[tuple[float, list[Segment]]]:
        """Seconds done, and segments: a window after another."""
        place, context = 0, self._initial_context()
        while len(samples := self.sound.window(place, round(WINDOW_S * RATE_HZ))):
            window = _Window(place, samples)
            features = self._features([window])
            result = self._decoded(features, context)[0]
            heard = self._heard(window, features, result)
            place += max(heard.samples, min(_LEAST_STEP_SAMPLES, len(samples)))
            if self.options.condition_on_previous_text:
                context = _context(context, heard)
            yield self.sound.time_s(place), heard.segments

    def batches(self) -> Iterator[tuple[float, list[Segment]]]:
        """Seconds done, and segments: several windows at once, none told of another."""
        place, most = 0, round(WINDOW_S * RATE_HZ)
        options, context = self.options, self._initial_context()
        at_once = min(options.batch_size, max(_MOST_ROWS // max(options.beam_size or 1, options.best_of or 1), 1))
        while True:
            windows: list[_Window] = []
            end = place
            while len(windows) < at_once:
                stop = self.sound.boundary(end, most)
                if stop == end:
                    break
                windows.append(_Window(end, self.sound.window(place, stop - place)[end - place :]))
                end = stop
            if not windows:
                return
            yield self.sound.time_s(end), self._heard_at_once(windows, context)
            place = end

    def _heard_at_once(self, windows: list[_Window], context: list[int]) -> list[Segment]:
        """Segments of windows, and of what they leave over, in order."""
        found: list[Segment] = []
        while windows:
            features = self._features(windows)
            results = self._decoded(features, context)
            rests = []
            for place, (window, result) in enumerate(zip(windows, results, strict=True)):
                heard = self._heard(window, features[place : place + 1], result)
                found += heard.segments
                if heard.samples + _REST_SAMPLES < len(window.samples):
                    rests.append(_Window(window.start + heard.samples, window.samples[heard.samples :]))
            windows = rests
        return sorted(found, key=lambda segment: segment.start_s)

    def _features(self, windows: Sequence[_Window]) -> Any:
        features = self.model.encode(np.stack([self.model.log_mel(window.samples) for window in windows]))
        if self.language is None:
            self.language = next(iter(self.model.detect_language(features[:1])[0]))
        return features

    def _decoded(self, features: Any, context: Sequence[int]) -> list[DecodingResult]:
        options, asked = self.options, self.options.decoding(self.language or "en", context)
        return decode_with_fallback(self.model, features, asked, options.temperatures, options.thresholds)

    def _initial_context(self) -> list[int]:
        prompt = self.options.initial_prompt.strip()
        return self.model.tokenizer.encode(" " + prompt) if prompt else []

    def _heard(self, window: _Window, features: Any, result: DecodingResult) -> _Heard:
        """Segments of a window."""
        if self.options.thresholds.is_silence(result):
            return _Heard([], len(window.samples), [])
        spans, heard = _split(result.tokens, self.model.tokenizer, len(window.samples))
        groups: list[list[Any]] = [[] for _ in spans]
        doubtful: set[int] = set()
        if self.options.word_timestamps:
            tokens = [token for span in spans for token in span.tokens]
            timings = word_timings(self.model, features, tokens, window.samples, self.language or "en")
            groups = _shared_out(timings, spans)
            if (silence_s := self.options.hallucination_silence_s) is not None:
                doubtful = _said_by_nobody(groups, len(window.samples) / RATE_HZ, silence_s)
        kept = [place for place in range(len(spans)) if place not in doubtful]
        begin = self.model.tokenizer.timestamp_begin
        return _Heard(
            [self._segment(window, spans[place], result, groups[place]) for place in kept],
            heard,
            [token for place in kept for token in spans[place].with_times(begin)],
        )

    def _segment(self, window: _Window, span: _Span, result: DecodingResult, timings: Sequence[Any]) -> Segment:
        start_s, end_s = self.sound.spans_s(window.start + span.start, window.start + span.end)
        words = tuple(self._word(window, timing) for timing in timings if timing.word.strip())
        if words:
            start_s, end_s = words[0].start_s, words[-1].end_s
        return Segment(
            id=0, start_s=start_s, end_s=end_s, text=self.model.tokenizer.decode(span.tokens), tokens=span.tokens,
            temperature=result.temperature, avg_logprob=result.avg_logprob, no_speech_prob=result.no_speech_prob,
            compression_ratio=result.compression_ratio, words=words, seek_s=self.sound.time_s(window.start),
            language=result.language,
        )  # fmt: skip

    def _word(self, window: _Window, timing: Any) -> Word:
        places = (window.start + RATE_HZ * timing.start, window.start + RATE_HZ * timing.end)
        start_s, end_s = self.sound.span_s(*places)
        return Word(timing.word.strip(), start_s, end_s, probability=timing.probability)


def _context(context: Sequence[int], heard: _Heard) -> list[int]:
    """What the next window is told: nothing where this one was hard to make out, or went round in circles."""
    segments = heard.segments
    if segments and segments[0].temperature > _NO_CONTEXT_OVER:
        return []
    texts = [segment.text for segment in segments[-_SAME_AGAIN:]]
    if len(texts) == _SAME_AGAIN and len(set(texts)) == 1:
        return []
    return [*context, *heard.tokens][-_MOST_CONTEXT:]


def _split(tokens: Sequence[int], tokenizer: Any, num_samples: int) -> tuple[list[_Span], int]:
    """Segments as the tokens of time tell them, and how far they go, in samples.

    Two times side by side end one and begin the next. Text after the last such pair is said again by the next window,
    unless a single time ends it: then nothing follows in this one, or much does.
    """
    begin, eot = tokenizer.timestamp_begin, tokenizer.eot
    spans: list[_Span] = []
    start, closed, text = 0, 0, []
    for token in tokens:
        if token < eot:
            text.append(token)
        elif token >= begin:
            place = min((token - begin) * _TIME_SAMPLES, num_samples)
            if text:
                spans.append(_Span(start, place, tuple(text)))
                text, closed = [], place
            start = place
    if not closed:
        spans = [_Span(0, num_samples, tuple(text or (token for span in spans for token in span.tokens)))]
        return _said(spans, tokenizer), num_samples
    ends_open = tokens[-1] >= begin and tokens[-2] < begin
    is_all = ends_open and num_samples - closed < _UNHEARD_SAMPLES
    return _said(spans, tokenizer), num_samples if is_all else closed


def _said(spans: Sequence[_Span], tokenizer: Any) -> list[_Span]:
    """Those that say something: a letter or a digit."""
    return [span for span in spans if span.end > span.start and any(map(str.isalnum, tokenizer.decode(span.tokens)))]


def _shared_out(timings: Sequence[Any], spans: Sequence[_Span]) -> list[list[Any]]:
    """Words of each segment, by the number of their tokens."""
    groups: list[list[Any]] = [[] for _ in spans]
    place, left = 0, len(spans[0].tokens) if spans else 0
    for timing in timings:
        while left <= 0 and place + 1 < len(spans):
            place += 1
            left += len(spans[place].tokens)
        groups[place].append(timing)
        left -= len(timing.tokens)
    return groups


def _said_by_nobody(groups: Sequence[Sequence[Any]], duration_s: float, silence_s: float) -> set[int]:
    """Segments that look like it, with silence on either side."""
    found: set[int] = set()
    for place, words in enumerate(groups):
        if not is_suspicious(words):
            continue
        before = max((word.end for group in groups[:place] for word in group), default=0.0)
        after = min((word.start for group in groups[place + 1 :] for word in group), default=duration_s)
        first, last = words[0].start, words[-1].end
        edge_before, edge_after = place == 0, place + 1 == len(groups)
        if (first - before > silence_s or edge_before) and (after - last > silence_s or edge_after):
            found.add(place)
    return found
