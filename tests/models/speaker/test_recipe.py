"""Whom it is judged by it has never heard; a batch is a pure function of its step; it learns to tell voices apart."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from menura import audio
from menura.audio import Audio
from menura.models.speaker.recipe import SpeakerRecipe, changed
from menura.progress import Progress
from menura.train.loop import train
from menura.train.schedule import Schedule

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """Ten voices, noise through two resonances each; two of them are for judging, another is said to be in both."""
    folder = tmp_path_factory.mktemp("voices")
    rng = np.random.default_rng(0)
    places = np.fft.rfftfreq(2 * 2 * RATE_HZ, 1 / RATE_HZ)
    with (folder / "manifest.jsonl").open("w") as manifest:
        for voice in range(10):
            peaks_hz = rng.uniform(200, 4000, 2)
            shape = sum(np.exp(-(((places - peak) / 200) ** 2)) for peak in peaks_hz)
            for take in range(2):
                spectrum = np.fft.rfft(rng.standard_normal(4 * RATE_HZ)) * (shape + 0.01)
                sound = np.fft.irfft(spectrum)[: round(2.5 * RATE_HZ)].astype(np.float32)
                audio.write(Audio(0.1 * sound / sound.std(), RATE_HZ), folder / f"{voice}-{take}.flac")
                split = "valid" if voice < 2 or (voice == 2 and take) else "train"
                row = {"file": f"{voice}-{take}.flac", "speaker": f"v{voice}", "split": split}
                manifest.write(json.dumps(row) + "\n")
    return folder


@pytest.fixture(scope="module")
def recipe(speech, tmp_path_factory):
    return SpeakerRecipe(speech, tmp_path_factory.mktemp("cache"), "tiny", 0, Progress())


def test_whom_it_is_judged_by_it_has_never_heard(recipe):
    assert recipe.provenance()["speakers"] == {"train": 8, "valid": 2}


def test_a_batch_is_a_pure_function_of_its_step(recipe):
    one, other, again = (recipe.batch(step, "cpu").mels for step in (3, 4, 3))
    assert torch.equal(one, again)
    assert one.shape[:2] == (4, 2)
    assert one.shape != other.shape or not torch.equal(one, other)


def test_what_is_changed_keeps_its_shape():
    mel = np.random.default_rng(0).standard_normal((50, 40)).astype(np.float32)
    assert changed(mel, np.random.default_rng(1)).shape == mel.shape


def test_it_learns(speech, tmp_path):
    recipe = SpeakerRecipe(speech, tmp_path / "cache", "tiny", 0, Progress())
    before = recipe.objective.report(recipe.validation_batch(0, "cpu"))["nats_per_speaker"]
    train(recipe, tmp_path / "run", Schedule(steps=6), progress=Progress())
    assert recipe.objective.report(recipe.validation_batch(0, "cpu"))["nats_per_speaker"] < before


def test_unnamed_speakers_are_refused(tmp_path):
    audio.write(Audio(np.full(16_000, 0.1, np.float32), RATE_HZ), tmp_path / "x.wav")
    with pytest.raises(ValueError, match="names 0 speakers"):
        SpeakerRecipe(tmp_path, tmp_path / "cache", "tiny", 0, Progress())
