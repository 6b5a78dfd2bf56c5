"""The codec's recipe finds speech, effects, music and scores, and trains, saves and codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from menura import checkpoint
from menura.audio import Audio, write
from menura.data.sound_folder import Sound
from menura.progress import Progress
from menura.recipes.codec import CodecRecipe, kind_of, sources
from menura.recipes.soundstream import SoundStreamRecipe
from menura.train.loop import train
from menura.train.schedule import Schedule

RATE = 8000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tones that are called speech, and noises that are called effects."""
    home = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    time = np.arange(2 * RATE) / RATE
    for index in range(6):
        tone = sum(np.sin(2 * np.pi * 120 * (1 + index / 5) * k * time) / k for k in range(1, 6))
        noise = rng.standard_normal(2 * RATE) * np.exp(-3 * time)
        for name, samples in (("speech", 0.2 * tone), ("sfx", 0.1 * noise)):
            (home / name).mkdir(exist_ok=True)
            write(Audio(samples[None].astype(np.float32), RATE), home / name / f"{index}.wav")
    (home / "speech" / "broken.wav").write_text("no sound")
    return home


@pytest.mark.parametrize(
    ("name", "row", "kind"),
    [
        ("speech-en/audio/a.wav", {}, "speech"),
        ("sfx-bells/a.wav", {}, "effects"),
        ("music-games/a.opus", {}, "music"),
        ("mine/a.wav", {"text": "hello"}, "speech"),
        ("mine/a.wav", {"label": "bell"}, "effects"),
        ("mine/a.wav", {}, "music"),
    ],
)
def test_kinds_are_told_by_folders_and_rows(name, row, kind):
    assert kind_of(Sound(name, Path(name), row)) == kind


@pytest.mark.parametrize("kind", [CodecRecipe, SoundStreamRecipe])
def test_a_folder_of_sound_becomes_a_model_that_codes(folder, tmp_path, kind):
    recipe = kind(folder, tmp_path, "tiny", 0, Progress())
    untaught = held_out(recipe)
    trained = train(recipe, tmp_path, Schedule(steps=12, warmup_steps=2), progress=Progress())
    assert held_out(recipe) < 0.95 * untaught
    assert next(iter(trained.held_out)) == "mel"
    model = checkpoint.save(recipe.model, tmp_path / "model", recipe.provenance(), half=True)
    assert checkpoint.check(model).ok
    codec = checkpoint.load(model)
    sound = Audio(0.1 * np.ones((1, 3000), np.float32), RATE)
    assert codec.decode(codec.encode(sound, kbps=codec.kbps(2))).num_samples == 3000


def held_out(recipe) -> float:
    recipe.objective.eval()
    return recipe.objective.report(recipe.validation_batch(0, "cpu"))["mel"]


def test_what_cannot_be_read_is_left_out_by_name(folder, tmp_path):
    recipe = CodecRecipe(folder, tmp_path, "tiny", 0, Progress())
    assert len(recipe.corpus.skipped) == 1
    assert "broken.wav" in recipe.corpus.skipped[0]
    assert recipe.provenance()["left_out"] == 1
    assert recipe.provenance()["minutes_of_sound"].keys() == {"effects", "speech"}
    assert "minutes of speech" in recipe.amount()


def test_batches_follow_the_seed_and_half_of_the_items_keep_all_codebooks(folder, tmp_path):
    recipe = CodecRecipe(folder, tmp_path, "tiny", 0, Progress())
    again = CodecRecipe(folder, tmp_path, "tiny", 0, Progress())
    one, two = recipe.batch(3, "cpu"), again.batch(3, "cpu")
    assert bool((one.sound == two.sound).all())
    assert bool((one.used == two.used).all())
    used = np.concatenate([recipe.batch(step, "cpu").used.numpy() for step in range(100)])
    assert set(used.tolist()) == {1, 2, 3, 4}
    assert np.mean(used == 4) == pytest.approx(0.5 + 0.5 / 4, abs=0.08)


def test_examples_are_heard_as_they_are_and_coded(folder, tmp_path):
    recipe = CodecRecipe(folder, tmp_path, "tiny", 0, Progress())
    examples = recipe.examples()
    assert len(examples) == 12
    assert len({audio.num_samples for audio in examples.values()}) == 1


def test_scores_are_played_and_only_their_beginnings(tunes, tmp_path):
    (tmp_path / "empty").mkdir()
    assert list(sources(tmp_path / "empty", RATE, 4, Progress())) == []
    found = list(sources(tunes(3), RATE, 2, Progress()))
    assert [kind for kind, _ in found] == ["scores", "scores"]
    audio = found[0][1].read()
    assert 0 < audio.duration_s <= 30
    assert audio.peak > 0.01


def test_an_unknown_preset_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(ValueError, match="preset: 'huge' is not one of nano, tiny"):
        CodecRecipe(tmp_path, tmp_path, "huge", 0, Progress())
