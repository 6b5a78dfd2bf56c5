"""Decoding a step at a time is decoding the whole; windows of a batch are as if alone; the rules of times hold."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.models.contract import Recognizer
from menura.models.whisper.decoding import DecodingOptions
from menura.models.whisper.model import Memory, Whisper, log_mel_spectrogram, tiny
from menura.models.whisper.tokenizer import Tokenizer, plain_bytes


@pytest.fixture(scope="module")
def model() -> Whisper:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Whisper(tiny()).eval()


@pytest.fixture(scope="module")
def features(model):
    rng = np.random.default_rng(0)
    return model.encode(np.stack([model.log_mel(0.1 * rng.standard_normal(size)) for size in (16_000, 90_000)]))


def test_it_keeps_the_contract(model):
    assert isinstance(model, Recognizer)


@torch.inference_mode()
def test_tokens_one_at_a_time_are_told_as_all_at_once(model, features):
    tokens = torch.arange(200, 212).reshape(2, 6)
    whole, _ = model.decoder(tokens, features.seen)
    memory, steps = Memory(2, 6), []
    for start, stop in ((0, 3), (3, 4), (4, 6)):
        steps.append(model.decoder(tokens[:, start:stop], features.seen, memory)[0])
    assert torch.allclose(torch.cat(steps, 1), whole, atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        DecodingOptions(sample_len=12),
        DecodingOptions(sample_len=12, beam_size=3),
        DecodingOptions(sample_len=12, temperature=0.8, best_of=2, prompt="before", hotwords="Menura"),
    ],
)
def test_windows_of_a_batch_are_as_if_alone(model, features, options):
    together = model.decode(features, options)
    for window, found in enumerate(together):
        (alone,) = model.decode(features[[window]], options)
        assert alone.tokens == found.tokens
        assert alone.avg_logprob == pytest.approx(found.avg_logprob, abs=1e-4)


def test_a_beam_finds_what_is_likelier(model, features):
    greedy, beam = (model.decode(features, DecodingOptions(sample_len=8, beam_size=size)) for size in (1, 4))
    for one, other in zip(greedy, beam, strict=True):
        assert other.avg_logprob >= one.avg_logprob - 1e-6


def test_words_in_a_window_have_times_in_order(model, features):
    ids = model.tokenizer.encode(" one two three")
    words = model.find_alignment(features[[1]], ids, 560)
    assert "".join(word.word for word in words) == " one two three"
    assert all(0 <= word.start <= word.end <= 5.62 for word in words)
    assert all(one.end <= other.start + 1e-9 for one, other in pairwise(words))


def test_an_english_model_translates_nothing(model, features):
    with pytest.raises(ValueError, match="English alone"):
        model.decode(features, DecodingOptions(task="translate"))
    with pytest.raises(ValueError, match="language"):
        model.decode(features, DecodingOptions(language="xx"))
    assert model.detect_language(features) == [{"en": 1.0}] * 2


def test_a_multilingual_model_tells_languages():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = Whisper.of(tiny(), Tokenizer(plain_bytes(), 100, is_multilingual=True)).eval()
    features = model.encode(model.log_mel(np.zeros(1000))[None])
    (found,) = model.detect_language(features)
    assert len(found) == 100
    assert sum(found.values()) == pytest.approx(1, abs=1e-4)
    (result,) = model.decode(features, DecodingOptions(task="translate", sample_len=4))
    assert result.language == next(iter(found))


def test_its_words_are_saved_with_it(tmp_path):
    words = Tokenizer((*plain_bytes(), b"th", b"the"))
    checkpoint.save(Whisper.of(tiny(), words), tmp_path / "model", {})
    again = checkpoint.load(tmp_path / "model")
    assert again.tokenizer.encode("the th") == [257, 32, 256]
    assert checkpoint.check(tmp_path / "model").ok


def test_a_log_mel_of_a_part_is_that_of_the_padded_whole():
    sound = np.random.default_rng(0).standard_normal(40_123).astype(np.float32)
    padded = np.pad(sound, (0, 480_000 - len(sound)))
    assert np.allclose(log_mel_spectrogram(sound, 80), log_mel_spectrogram(padded, 80), atol=1e-6)
    with pytest.raises(ValueError, match="30 s"):
        log_mel_spectrogram(np.zeros(480_001), 80)
