"""The vocoder's recipe: what it reads, what a step shows, and that a little training helps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.app.cli import OK, main
from menura.models.vocoder.recipe import VocoderRecipe
from menura.progress import Progress

HOP = 300


@pytest.fixture(scope="module")
def recipe(speech, tmp_path_factory) -> VocoderRecipe:
    return VocoderRecipe(speech, tmp_path_factory.mktemp("cache"), "tiny", 0, Progress())


def test_an_unknown_preset_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(ValueError, match="preset: 'huge' is not one of nano, tiny"):
        VocoderRecipe(tmp_path, tmp_path, "huge", 0, Progress())


def test_a_batch_is_a_function_of_its_step(recipe):
    one, again, other = recipe.batch(5, "cpu"), recipe.batch(5, "cpu"), recipe.batch(6, "cpu")
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(one, again, strict=True))
    assert not torch.equal(one.sound, other.sound)
    assert recipe.amount().startswith("24 utterances")


def test_crops_are_as_long_as_the_model_takes_them_and_played_ones_have_their_own_f0(recipe):
    heights = []
    for step in range(12):
        batch = recipe.batch(step, "cpu")
        frames = batch.mel.shape[1]
        assert batch.f0.shape == (4, frames)
        assert batch.sound.shape == (4, frames * HOP)
        assert batch.pulses.shape == (4, (frames + 3) * HOP)
        assert all(torch.isfinite(one).all() for one in batch)
        assert float(batch.sound.abs().max()) <= 1
        heights += batch.f0[batch.f0 > 0].tolist()
    recorded = np.concatenate([recipe.corpus.f0(index) for index in recipe.members["train"]])
    assert max(heights) > 1.2 * recorded.max()
    assert min(heights) < recorded[recorded > 0].min()


def test_pulses_are_in_phase_with_the_fundamental(recipe):
    """The sum of sound and pulses at F0 has the phase of either."""
    batch = recipe.validation_batch(0, "cpu")
    lead = recipe.vocoder.lead_samples
    agreed = [
        float(np.dot(sound, pulse) / np.linalg.norm(sound) / np.linalg.norm(pulse))
        for sound, pulse in zip(batch.sound.numpy(), batch.pulses[:, lead:-lead].numpy(), strict=True)
        if np.abs(pulse).max() > 0
    ]
    assert np.mean(agreed) > 0.2  # these tones are sums of cosines


def test_a_little_training_brings_it_nearer_to_the_voice(recipe):
    objective = recipe.objective.train()
    batch = recipe.validation_batch(0, "cpu")
    with torch.inference_mode():
        before = objective.report(batch)["stft"]
    optimiser = torch.optim.AdamW(recipe.model.parameters(), 4e-3)
    for step in range(30):
        torch.manual_seed(step)
        (loss,) = objective.losses(recipe.batch(step, "cpu"), 0.0)
        loss.value.backward()
        optimiser.step()
        optimiser.zero_grad()
    with torch.inference_mode():
        assert objective.report(batch)["stft"] < 0.9 * before


def test_discriminators_learn_first_and_then_the_vocoder(recipe):
    found = []
    for loss in recipe.objective.losses(recipe.batch(0, "cpu"), 1.0):
        loss.value.backward()
        found.append((loss.network, next(iter(loss.report))))
    assert found == [("discriminators", "discriminators"), ("model", "stft")]


def test_it_is_trained_by_its_verb_and_its_folder_is_checked(speech, tmp_path):
    words = ["train", "vocoder", str(speech), "--out", str(tmp_path / "run"), "--preset", "tiny", "--steps", "3"]
    assert main(words) == OK
    assert checkpoint.check(tmp_path / "run" / "model").ok
