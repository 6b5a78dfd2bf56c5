"""Recordings and transcripts make batches that are a function of the step, and a model that has learnt from them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from menura import audio
from menura.audio import Audio
from menura.models.whisper.model import NOT_LEARNT, Whisper, tiny
from menura.models.whisper.recipe import WhisperRecipe
from menura.progress import Progress
from menura.train.loop import train
from menura.train.schedule import Schedule

RATE_HZ = 16_000
WORDS = {"low": 300, "high": 2000}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tones, which a word names."""
    folder = tmp_path_factory.mktemp("speech")
    with (folder / "manifest.jsonl").open("w") as manifest:
        for number in range(12):
            name = list(WORDS)[number % 2]
            tone = 0.1 * np.sin(2 * np.pi * WORDS[name] * np.arange(RATE_HZ) / RATE_HZ)
            audio.write(Audio(tone[None].astype(np.float32), RATE_HZ), folder / f"{number}.flac")
            row = {"file": f"{number}.flac", "text": name, "split": "valid" if number < 4 else "train"}
            manifest.write(json.dumps(row) + "\n")
    return folder


@pytest.fixture(scope="module")
def recipe(folder, tmp_path_factory):
    return WhisperRecipe(folder, tmp_path_factory.mktemp("cache"), "tiny", 0, Progress())


def test_a_batch_is_a_pure_function_of_its_step(recipe):
    one, other, again = (recipe.batch(step, "cpu") for step in (3, 4, 3))
    assert torch.equal(one.mels, again.mels)
    assert torch.equal(one.tokens, again.tokens)
    assert not torch.equal(one.tokens, other.tokens)


def test_what_is_told_is_not_learnt_and_the_end_is(recipe):
    words = recipe.network.tokenizer
    batch = recipe.batch(0, "cpu")
    for told, follows in zip(batch.tokens, batch.targets, strict=True):
        learnt = follows[follows != NOT_LEARNT].tolist()
        assert words.decode(learnt).strip() in WORDS
        assert learnt[-1] == words.eot
        assert told.tolist()[:2] == [words.sot, words.no_timestamps]


def test_it_learns_what_is_said(recipe, tmp_path):
    before = recipe.objective.report(recipe.validation_batch(0, "cpu"))["nats_per_token"]
    train(recipe, tmp_path / "run", Schedule(steps=12), progress=Progress())
    assert recipe.objective.report(recipe.validation_batch(0, "cpu"))["nats_per_token"] < before - 1


def test_a_model_of_any_size_is_gone_on_from(recipe):
    larger = Whisper(tiny().__class__(**{**vars(tiny()), "n_text_layer": 3}))
    recipe.start_from(larger)
    assert recipe.model.config == larger.config
    assert torch.equal(recipe.model.decoder.ln.weight, larger.decoder.ln.weight)


def test_sounds_without_transcripts_are_refused(tmp_path):
    audio.write(Audio(np.zeros((1, 1600), np.float32), RATE_HZ), tmp_path / "x.wav")
    with pytest.raises(ValueError, match="0 sounds with a transcript"):
        WhisperRecipe(tmp_path, tmp_path, "tiny", 0, Progress())
