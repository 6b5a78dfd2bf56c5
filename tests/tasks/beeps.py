"""A recogniser of beeps that keeps the contract: one of 500 Hz is "one", of 600 Hz "two" …, a pause ends a segment.

So that what is said in a sound, and when, is known exactly, whatever its windows are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from menura.audio import Audio
from menura.models.whisper.decoding import DecodingOptions, DecodingResult, compression_ratio
from menura.models.whisper.timing import WordTiming
from menura.models.whisper.tokenizer import Tokenizer, plain_bytes

RATE_HZ = 16_000
NAMES = ("one", "two", "three", "four", "five", "six", "seven", "eight")
_PLACES = 1500
_PLACE_SAMPLES = 320


def beep(name: str, seconds: float = 0.3) -> np.ndarray:
    hz = 500 + 100 * NAMES.index(name)
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def spoken(names: Sequence[str], pause_s: float = 0.1) -> np.ndarray:
    """Beeps with pauses between them; what is no name is a pause of so many seconds."""
    parts = [silence(pause_s)]
    for name in names:
        parts += [beep(name), silence(pause_s)] if name in NAMES else [silence(float(name))]
    return np.concatenate(parts)


def sound(samples: np.ndarray) -> Audio:
    return Audio(samples, RATE_HZ)


class Beeps:
    """As `menura.models.contract.Recognizer` wants it."""

    sample_rate_hz = RATE_HZ
    is_multilingual = False
    languages = ("en",)
    tokenizer = Tokenizer((*plain_bytes(), *(f" {name}".encode() for name in NAMES)))

    def __init__(self) -> None:
        self.asked: list[DecodingOptions] = []
        self.windows = 0

    def log_mel(self, samples: np.ndarray) -> np.ndarray:
        """Which beep each 20 ms is, 0 for none."""
        padded = np.pad(samples, (0, _PLACES * _PLACE_SAMPLES - len(samples))).reshape(_PLACES, _PLACE_SAMPLES)
        hz = np.abs(np.fft.rfft(padded, axis=1))[:, :30].argmax(1) * RATE_HZ / _PLACE_SAMPLES
        return np.where(np.abs(padded).max(1) > 0.05, np.rint(hz / 100) - 4, 0)[None]

    def encode(self, mel: np.ndarray) -> np.ndarray:
        self.windows += len(mel)
        return mel

    def detect_language(self, features: np.ndarray) -> list[dict[str, float]]:
        return [{"en": 1.0} for _ in features]

    def decode(self, features: np.ndarray, options: DecodingOptions | None = None) -> list[DecodingResult]:
        options = options or DecodingOptions()
        self.asked.append(options)
        return [self._result(one[0], options) for one in features]

    def find_alignment(
        self, features: np.ndarray, tokens: Sequence[int], _num_frames: int, _language: str | None = None
    ) -> list[WordTiming]:
        words = self.tokenizer.split_to_word_tokens(tokens)
        beeps = _beeps(features[0, 0])
        return [
            WordTiming(word, start * 0.02, end * 0.02, 0.9, tuple(group))
            for (_, start, end), word, group in zip(beeps, *words, strict=False)
        ]

    def _result(self, places: np.ndarray, options: DecodingOptions) -> DecodingResult:
        words = self.tokenizer
        tokens: list[int] = []
        beeps = _beeps(places)
        for at, (name, start, end) in enumerate(beeps):
            if not at or start - beeps[at - 1][2] > 20:
                tokens.append(words.timestamp_begin + start)
            tokens += words.encode(f" {name}")
            if end >= _PLACES:
                break
            if at + 1 == len(beeps) or beeps[at + 1][1] - end > 20:
                tokens.append(words.timestamp_begin + end)
        text = words.decode(tokens).strip()
        return DecodingResult(
            tokens=tuple(tokens), text=text, language="en", avg_logprob=-0.2 if beeps else -2.0,
            no_speech_prob=0.0 if beeps else 0.9, temperature=options.temperature,
            compression_ratio=compression_ratio(text),
        )  # fmt: skip


class LiveBeeps(Beeps):
    """Goes on after a prefix, as a recogniser that is told one does."""

    def decode(self, features, options=None):
        results = super().decode(features, options)
        words = self.tokenizer
        for place, result in enumerate(results):
            text = [token for token in result.tokens if token < words.eot]
            told = len(options.prefix or ())
            assert list(options.prefix or ()) == text[:told]
            results[place] = type(result)(**{**vars(result), "tokens": tuple(text[told:])})
        return results


def _beeps(places: np.ndarray) -> list[tuple[str, int, int]]:
    found, place = [], 0
    for value, run in groupby(places.astype(int).tolist()):
        length = len([*run])
        if 1 <= value <= len(NAMES) and length > 3:
            found.append((NAMES[value - 1], place, place + length))
        place += length
    return found
