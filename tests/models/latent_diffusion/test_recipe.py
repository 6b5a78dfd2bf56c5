"""The recipe learns latents with words, by an autoencoder and an embedder that are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.audio import Audio, write
from menura.data.sound_folder import Sound
from menura.models.autoencoder import model as autoencoder
from menura.models.embedder import model as embedder
from menura.models.latent_diffusion.recipe import LatentDiffusionRecipe, words_of
from menura.progress import Progress
from menura.train.loop import train
from menura.train.schedule import Schedule


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> dict[str, Path]:
    """A folder of sounds, and untaught models."""
    home = tmp_path_factory.mktemp("given")
    rng, time = np.random.default_rng(0), np.arange(8000) / 8000
    (home / "data").mkdir()
    for index in range(6):
        tone = 0.2 * np.sin(2 * np.pi * 200 * (index + 1) * time) + 0.01 * rng.standard_normal(8000)
        write(Audio(tone[None].astype(np.float32), 8000), home / "data" / f"tone_{index}.wav")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        checkpoint.save(autoencoder.Autoencoder(autoencoder.tiny()).eval(), home / "autoencoder", {})
        checkpoint.save(embedder.Embedder(embedder.tiny()).eval(), home / "embedder", {})
    return {name: home / name for name in ("data", "autoencoder", "embedder")}


@pytest.mark.parametrize("path", ["flow", "v"])
def test_sounds_with_names_become_a_model_whose_latents_are_sound(given, tmp_path, path):
    models = {"autoencoder": given["autoencoder"], "embedder": given["embedder"]}
    recipe = LatentDiffusionRecipe(given["data"], tmp_path / "cache", "tiny", 0, Progress(), path=path, **models)
    untaught = recipe.objective.report(recipe.validation_batch(0, "cpu"))["error"]
    train(recipe, tmp_path, Schedule(steps=36, warmup_steps=2), progress=Progress())
    assert recipe.objective.report(recipe.validation_batch(0, "cpu"))["error"] < 0.95 * untaught
    folder = checkpoint.save(recipe.model, tmp_path / "model", recipe.provenance(), half=True)
    assert checkpoint.check(folder).ok
    network = checkpoint.load(folder)
    text = checkpoint.load(given["embedder"]).embed_text(["tone"])[:, None]
    sound = checkpoint.load(given["autoencoder"]).decode(network.draw(text, 0.5, seeds=(0,), steps=4))
    assert sound.duration_s == pytest.approx(0.5, abs=0.04)
    assert np.isfinite(sound.samples).all()


def test_latents_are_computed_once_and_end_in_silence(given, tmp_path):
    models = {"autoencoder": given["autoencoder"], "embedder": given["embedder"]}
    one = LatentDiffusionRecipe(given["data"], tmp_path, "tiny", 0, Progress(), **models)
    (kept,) = tmp_path.glob("latents-*.npz")
    before = kept.stat().st_mtime_ns
    two = LatentDiffusionRecipe(given["data"], tmp_path, "tiny", 0, Progress(), **models)
    assert kept.stat().st_mtime_ns == before
    batches = (one.batch(step, "cpu") for step in range(40))
    step = next(step for step, batch in enumerate(batches) if batch.latents.shape[1] == one.network.config.max_frames)
    ours, theirs = one.batch(step, "cpu"), two.batch(step, "cpu")
    assert all(bool((mine == other).all()) for mine, other in zip(ours, theirs, strict=True))
    assert np.allclose(ours.latents[0, -1], one.silence, atol=1e-6)
    assert ours.seconds[0].tolist() == pytest.approx([0, 0.928])  # the last tenth of each is held out


def test_without_models_to_learn_by_it_says_so(given, tmp_path):
    with pytest.raises(ValueError, match="both are needed"):
        LatentDiffusionRecipe(given["data"], tmp_path, "tiny", 0, Progress(), autoencoder=given["autoencoder"])
    models = {"autoencoder": given["autoencoder"], "embedder": given["autoencoder"]}
    with pytest.raises(ValueError, match=r"embedder: .* is not one"):
        LatentDiffusionRecipe(given["data"], tmp_path, "tiny", 0, Progress(), **models)


def test_words_are_what_is_said_or_else_those_of_the_name():
    assert words_of(Sound("a/dog_bark_01.wav", Path("x"), {})) == "dog bark"
    assert words_of(Sound("a/x.wav", Path("x"), {"label": "bell", "caption": "a bell"})) == "a bell"
    assert words_of(Sound("a/x.wav", Path("x"), {"tags": ["bell", "low"]})) == "bell, low"
