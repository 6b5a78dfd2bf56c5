"""The autoencoder's recipe learns from a folder of sound."""

from __future__ import annotations

import numpy as np

from menura import checkpoint
from menura.audio import Audio, write
from menura.models.autoencoder.model import tiny
from menura.models.autoencoder.recipe import AutoencoderRecipe
from menura.progress import Progress
from menura.train.loop import train
from menura.train.schedule import Schedule


def test_a_folder_of_sound_becomes_a_model(tmp_path):
    rng, time = np.random.default_rng(0), np.arange(16_000) / 8000
    (tmp_path / "sfx").mkdir()
    for index in range(6):
        noise = 0.1 * rng.standard_normal(16_000) * np.exp(-(index + 1) * time)
        write(Audio(noise[None].astype(np.float32), 8000), tmp_path / "sfx" / f"{index}.wav")
    recipe = AutoencoderRecipe(tmp_path, tmp_path / "cache", "tiny", 0, Progress())
    recipe.objective.eval()
    before = recipe.objective.report(recipe.validation_batch(0, "cpu"))["mel"]
    trained = train(recipe, tmp_path, Schedule(steps=40, warmup_steps=2), progress=Progress())
    assert trained.held_out["mel"] < 0.9 * before
    assert next(iter(trained.held_out)) == "mel"
    folder = checkpoint.save(recipe.model, tmp_path / "model", recipe.provenance(), half=True)
    assert checkpoint.check(folder).ok
    assert checkpoint.load(folder).config == tiny()
    assert len(recipe.examples()) == 8
