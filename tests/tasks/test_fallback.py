"""A window is decoded again, alone, until its text is good enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.tasks.beeps import Beeps

from menura.models.whisper.decoding import DecodingOptions, DecodingResult
from menura.tasks.fallback import Thresholds, decode_with_fallback

GOOD = DecodingResult(
    tokens=(1, 2, 3), text="abc", language="en", avg_logprob=-0.3, no_speech_prob=0.1, temperature=0.0,
    compression_ratio=1.0,
)  # fmt: skip
UNLIKELY = replace(GOOD, avg_logprob=-1.5)
SILENT = replace(UNLIKELY, no_speech_prob=0.8)
LOOP = replace(GOOD, tokens=(7, 8) * 10)


class Scripted(Beeps):
    """Gives window n the n-th row's results, one a temperature."""

    def __init__(self, *rows):
        super().__init__()
        self.rows = rows

    def decode(self, features, options):
        self.asked.append((options.temperature, features.tolist()))
        return [
            replace(self.rows[one][round(options.temperature * 5)], temperature=options.temperature) for one in features
        ]


def decoded(*rows, temperatures=(0.0, 0.2, 0.4)):
    model = Scripted(*rows)
    options = DecodingOptions(seed=3)
    return model, decode_with_fallback(model, np.arange(len(rows)), options, temperatures, Thresholds())


def test_only_what_is_not_good_is_decoded_again():
    model, found = decoded([GOOD], [UNLIKELY, LOOP, GOOD], [SILENT])
    assert [one.temperature for one in found] == [0.0, 0.4, 0.0]
    assert model.asked == [(0.0, [0, 1, 2]), (0.2, [1]), (0.4, [1])]


def test_a_loop_that_stays_is_cut():
    _, (found,) = decoded([LOOP, LOOP, LOOP])
    assert found.tokens == (7, 8)
    assert found.text == Beeps.tokenizer.decode((7, 8))


def test_silence_is_told_by_both_signs():
    thresholds = Thresholds()
    assert thresholds.is_silence(SILENT)
    assert not thresholds.is_silence(replace(GOOD, no_speech_prob=0.99))
    assert not thresholds.is_silence(UNLIKELY)
    assert not Thresholds(no_speech=None).is_silence(SILENT)
