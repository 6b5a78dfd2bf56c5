"""A synthesizer's frames stand where the sounds are that they are to become, and are made once."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from menura import audio, checkpoint
from menura.audio import Audio
from menura.data.speech import SpeechCorpus
from menura.models.synthesizer.model import Synthesizer, Taught, tiny
from menura.models.vocoder.recipe import VocoderRecipe
from menura.progress import Progress
from menura.text.speech.phonemes import SYMBOLS
from menura.train.predicting import predicted_mels

STRANGER = 3


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """22 half seconds of noise whose durations are told; the fourth is said by somebody whom no model knows."""
    folder, rng = tmp_path_factory.mktemp("speech"), np.random.default_rng(0)
    rows: list[dict[str, object]] = []
    for number in range(22):
        file, speaker = f"{number:02d}.flac", "stranger" if number == STRANGER else "ada"
        row = {"file": file, "phonemes": "mɑ, lɑ.", "durations_ms": [50] * 9, "speaker": speaker}
        rows.append({**row, "split": "valid" if number > 19 else "train"})
        audio.write(Audio(0.1 * rng.standard_normal((1, 10_800)).astype(np.float32), 24_000), folder / file)
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def synthesizer(tmp_path_factory):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Synthesizer(tiny(Taught(SYMBOLS, ("ada",))))
    return checkpoint.save(model, tmp_path_factory.mktemp("models") / "synthesizer", {})


def test_frames_are_predicted_for_speakers_that_it_knows(speech, synthesizer, tmp_path, monkeypatch):
    corpus = SpeechCorpus.of(speech, tmp_path, Progress())
    predicted = predicted_mels(corpus, tmp_path, Progress(), synthesizer)
    assert predicted.shape == corpus.mels.shape
    frames = [corpus._frames(index) for index in range(22)]
    is_true = [np.array_equal(predicted[where], corpus.mels[where]) for where in frames]
    assert is_true == [index == STRANGER for index in range(22)]
    monkeypatch.setattr(Synthesizer, "synthesize", None)
    assert np.array_equal(predicted, predicted_mels(corpus, tmp_path, Progress(), synthesizer))


def test_a_vocoder_hears_them_with_the_sounds_they_belong_to(speech, synthesizer, tmp_path):
    plain = VocoderRecipe(speech, tmp_path / "plain", "tiny", 0, Progress())
    recipe = VocoderRecipe(speech, tmp_path / "both", "tiny", 0, Progress(), synthesizer=synthesizer)
    assert recipe.identity() != plain.identity()
    told, others = (
        [
            float(mel[8:24].mean() - sound.square().mean().log() / 2)
            for batch in (one.batch(step, "cpu") for step in range(8))
            for mel, sound in zip(batch.mel, batch.sound, strict=True)
        ]
        for one in (recipe, plain)
    )
    assert np.std(others) < 0.3 < np.std(told)
    ours, theirs = recipe.validation_batch(0, "cpu"), plain.validation_batch(0, "cpu")
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))
