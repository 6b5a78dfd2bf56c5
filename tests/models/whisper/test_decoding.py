"""Times come in pairs and never run back; what is drawn depends on the seed alone; prompts fit; searches find more."""

from __future__ import annotations

import numpy as np
import pytest

from menura.models.whisper.decoding import (
    DecodingOptions,
    Rules,
    compression_ratio,
    decode,
    initial_tokens,
    log_softmax,
)
from menura.models.whisper.tokenizer import Tokenizer, plain_bytes

WORDS = Tokenizer(plain_bytes())
CONTEXT = 448


class Chances:
    """`Steps` whose logits are drawn by window and what was said."""

    def __init__(self, windows: int, spread: float = 3.0, favoured: dict[int, float] | None = None) -> None:
        self.windows, self.spread, self.favoured = list(range(windows)), spread, favoured or {}
        self.said: list[tuple[int, ...]] = [()] * windows

    def step(self, tokens, at):
        self.said = [(*said, *map(int, own)) for said, own in zip(self.said, tokens, strict=True)]
        rows = []
        for window, said in zip(self.windows, self.said, strict=True):
            logits = np.random.default_rng((window, *said)).normal(0, self.spread, WORDS.n_vocab).astype(np.float32)
            for token, more in self.favoured.items():
                logits[token] += more
            rows.append(np.stack([logits] * len(at)))
        return np.stack(rows)

    def select(self, sources):
        self.said = [self.said[source] for source in sources]
        self.windows = [self.windows[source] for source in sources]


def decoded(windows: int = 2, steps: Chances | None = None, **options):
    return decode(steps or Chances(windows), WORDS, ["en"] * windows, DecodingOptions(**options), CONTEXT)


@pytest.mark.parametrize("how", [{}, {"beam_size": 3}, {"temperature": 1.0, "best_of": 2}])
def test_times_come_in_pairs_and_never_run_back(how):
    for result in decoded(sample_len=60, **how):
        times = [token for token in result.tokens if token >= WORDS.timestamp_begin]
        assert result.tokens[0] == times[0] <= WORDS.timestamp_begin + 50
        assert times == sorted(times)
        assert WORDS.no_timestamps not in result.tokens
        is_time = [token >= WORDS.timestamp_begin for token in result.tokens]
        assert not any(all(is_time[place : place + 3]) for place in range(len(is_time) - 2))
        for place in range(2, len(is_time)):
            assert is_time[place] or not is_time[place - 1] or is_time[place - 2] or result.tokens[place] >= WORDS.eot


def test_signs_that_nobody_says_are_suppressed_unless_asked_for():
    for result in decoded(sample_len=40, without_timestamps=True):
        assert not set(result.tokens) & set(WORDS.non_speech_tokens)
    (free,) = decoded(
        1, Chances(1, favoured={ord("#"): 99.0}), sample_len=3, without_timestamps=True, suppress_tokens=""
    )
    assert free.text == "###"
    (other,) = decoded(
        1,
        Chances(1, favoured={ord("a"): 99.0, ord("b"): 50.0}),
        sample_len=2,
        without_timestamps=True,
        suppress_tokens="97",
    )
    assert other.text == "bb"


def test_a_transcript_does_not_begin_with_its_end_unless_it_may():
    steps = Chances(1, favoured={WORDS.eot: 99.0})
    (result,) = decoded(1, steps, without_timestamps=True)
    assert len(result.tokens) == 1
    (empty,) = decoded(1, Chances(1, favoured={WORDS.eot: 99.0}), without_timestamps=True, suppress_blank=False)
    assert empty.tokens == ()
    assert empty.text == ""


def test_what_is_drawn_depends_on_the_seed_alone():
    options = {"sample_len": 10, "temperature": 0.9}
    first, again, other = (decoded(2, seed=seed, **options) for seed in (0, 0, 1))
    assert first == again
    assert first != other
    (alone,) = decoded(1, **options)
    assert alone.tokens == first[0].tokens


def test_several_drawn_or_followed_are_likelier_than_one():
    for more in ({"beam_size": 4}, {"beam_size": 4, "patience": 2.0}, {"temperature": 0.7, "best_of": 6}):
        temperature = more.get("temperature", 0.0)
        one = decoded(3, sample_len=6, without_timestamps=True, temperature=temperature)
        several = decoded(3, sample_len=6, without_timestamps=True, **more)
        for few, many in zip(one, several, strict=True):
            assert many.avg_logprob >= few.avg_logprob - 1e-6


def test_a_beam_finds_what_is_likeliest_of_all():
    """With room for every sequence of two tokens it is an exhaustive search."""
    may = [ord("a"), ord("b"), WORDS.eot]
    favoured = dict.fromkeys(may, 60.0)
    (found,) = decoded(
        1,
        Chances(1, 1.0, favoured),
        sample_len=2,
        beam_size=9,
        without_timestamps=True,
        patience=9.0,
        length_penalty=0.0,
    )
    start = initial_tokens(WORDS, DecodingOptions(without_timestamps=True), "en", CONTEXT)
    best, likeliest = -np.inf, ()
    for first in may[:2]:
        for second in (*may[:2], WORDS.eot):
            total = 0.0
            for said, token in (((), first), ((first,), second)):
                logits = Chances(1, 1.0, favoured).step(np.array([[*start, *said]]), (0,))[:, 0]
                Rules(WORDS, DecodingOptions(without_timestamps=True)).apply(logits, [list(said)])
                total += float(log_softmax(logits)[0, token])
            if total > best:
                best, likeliest = total, tuple(one for one in (first, second) if one != WORDS.eot)
    assert found.tokens == likeliest


def test_what_was_said_before_fits_in_half_of_the_context():
    options = DecodingOptions(prompt="x" * 999, hotwords="Menura", prefix="so")
    told = initial_tokens(WORDS, options, "en", CONTEXT)
    assert told[0] == WORDS.sot_prev
    assert told.index(WORDS.sot) == CONTEXT // 2
    assert WORDS.decode(told[-3:]) == " so"
    told = initial_tokens(WORDS, DecodingOptions(prompt=[5, 6], hotwords="Menura"), "en", CONTEXT)
    assert WORDS.decode(told[: told.index(WORDS.sot)]) == " Menura\x05\x06"
    assert initial_tokens(WORDS, DecodingOptions(prompt=" "), "en", CONTEXT) == [WORDS.sot]


def test_suppressed_tokens_are_checked():
    with pytest.raises(ValueError, match="not ids"):
        decoded(suppress_tokens="a,b")
    with pytest.raises(ValueError, match="no token"):
        decoded(suppress_tokens="99999999")


def test_text_that_repeats_itself_is_told_by_its_compression():
    assert compression_ratio("and so on " * 30) > 2.4
    assert compression_ratio("The quick brown fox jumps over the lazy dog.") < 1.5
