"""A window decoded until it is good enough: at higher temperatures where it repeats itself or is unlikely.

Radford et al. 2022, section 4.5, and openai/whisper's thresholds; a phrase over and over fails too, however short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from menura.models.whisper.decoding import DecodingOptions, DecodingResult, compression_ratio
from menura.tasks.repetition import loop, without_loops

TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """When a result is not good enough; None never judges by it. Names and values are openai/whisper's.

    Attributes:
        compression_ratio: over it a text repeats itself.
        logprob: under it, on average, a text is unlikely.
        no_speech: over it nobody speaks, if the text is unlikely too.
    """

    compression_ratio: float | None = 2.4
    logprob: float | None = -1.0
    no_speech: float | None = 0.6

    def is_silence(self, result: DecodingResult) -> bool:
        """Whether nobody speaks."""
        if self.no_speech is None or result.no_speech_prob <= self.no_speech:
            return False
        return self.logprob is None or result.avg_logprob <= self.logprob

    def is_good(self, result: DecodingResult, eot: int) -> bool:
        """Whether a result can stand."""
        if self.is_silence(result):
            return True
        if self.compression_ratio is not None and result.compression_ratio > self.compression_ratio:
            return False
        if self.logprob is not None and result.avg_logprob < self.logprob:
            return False
        return loop([token for token in result.tokens if token < eot]) is None


def decode_with_fallback(
    model: Any, features: Any, options: DecodingOptions, temperatures: Sequence[float], thresholds: Thresholds
) -> list[DecodingResult]:
    """The first good result of each window; of the last temperature where none is, without its loops.

    Args:
        model: a `menura.models.contract.Recognizer`.
        features: of a batch of windows.
        options: but for the temperature.
        temperatures: in the order in which they are tried.
        thresholds: what is good.
    """
    eot = model.tokenizer.eot
    found: dict[int, DecodingResult] = {}
    waiting = list(range(len(features)))
    for temperature in temperatures:
        batch = features if len(waiting) == len(features) else features[waiting]
        results = model.decode(batch, replace(options, temperature=temperature))
        found.update(zip(waiting, results, strict=True))
        waiting = [window for window in waiting if not thresholds.is_good(found[window], eot)]
        if not waiting:
            break
    for window in waiting:
        found[window] = _mended(model.tokenizer, found[window])
    return [found[window] for window in range(len(features))]


def _mended(tokenizer: Any, result: DecodingResult) -> DecodingResult:
    tokens = without_loops(result.tokens, [token < tokenizer.eot for token in result.tokens])
    if len(tokens) == len(result.tokens):
        return result
    text = tokenizer.decode(tokens).strip()
    return replace(result, tokens=tuple(tokens), text=text, compression_ratio=compression_ratio(text))
