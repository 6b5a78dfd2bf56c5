"""What is said of a sound becomes captions; a batch is a pure function of its step; it learns what belongs together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from menura import audio
from menura.audio import Audio
from menura.data.sound_folder import Sound
from menura.models.embedder.recipe import EmbedderRecipe, captions_of, changed
from menura.models.embedder.teacher import SentenceModel
from menura.progress import Progress
from menura.train.loop import train
from menura.train.schedule import Schedule

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tones and noises of several kinds, two takes of each for either split."""
    home = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(0)
    with (home / "manifest.jsonl").open("w") as manifest:
        for kind, name in enumerate(("low hum", "high beep", "hiss", "click", "siren", "thud")):
            for take in range(4):
                time = np.arange(6000) / RATE_HZ
                tone = np.sin(2 * np.pi * (150 * 2**kind) * time) * np.exp(-time * kind)
                sound = 0.3 * tone + 0.01 * rng.standard_normal(6000)
                audio.write(Audio(sound.astype(np.float32), RATE_HZ), home / f"{kind}-{take}.flac")
                row = {"file": f"{kind}-{take}.flac", "caption": name, "category": "test"}
                manifest.write(json.dumps(row | {"split": "valid" if take > 1 else "train"}) + "\n")
    return home


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    """A sentence model of one layer that knows a few words and all letters."""
    home, width = tmp_path_factory.mktemp("teacher"), 24
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "hum", "beep", *"abcdefghijklmnopqrstuvwxyz"]
    pieces += [f"##{one}" for one in "abcdefghijklmnopqrstuvwxyz"]
    (home / "vocab.txt").write_text("\n".join(pieces))
    (home / "config.json").write_text(
        json.dumps({"num_hidden_layers": 1, "num_attention_heads": 2, "hidden_size": width})
    )
    sizes = {"embeddings.word_embeddings.weight": (len(pieces), width)}
    sizes |= {f"embeddings.{name}_embeddings.weight": (64, width) for name in ("position", "token_type")}
    linear = {f"attention.self.{one}": (width, width) for one in ("query", "key", "value")}
    linear |= {"attention.output.dense": (width, width), "intermediate.dense": (2 * width, width)}
    linear |= {"output.dense": (width, 2 * width)}
    for name, size in linear.items():
        sizes |= {f"encoder.layer.0.{name}.weight": size, f"encoder.layer.0.{name}.bias": size[:1]}
    for name in ("embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"):
        sizes |= {f"{name}.LayerNorm.{part}": (width,) for part in ("weight", "bias")}
    rng = torch.Generator().manual_seed(0)
    save_file({name: torch.randn(size, generator=rng) for name, size in sizes.items()}, str(home / "model.safetensors"))
    return home


@pytest.fixture(scope="module")
def recipe(folder, teacher, tmp_path_factory):
    home = tmp_path_factory.mktemp("cache")
    (home / "lines.txt").write_text("rain falls\na dog barks\n")
    return EmbedderRecipe(folder, home, "tiny", 0, Progress(), teacher=teacher, lines=home / "lines.txt")


def test_captions_are_what_is_said_or_else_the_name():
    row = {"caption": "double bass, bowed, loud", "label": "bass", "category": "instrument"}
    found = captions_of(Sound("a/b.wav", Path("b.wav"), row))
    assert found[0] == "double bass, bowed, loud"
    assert {"bass", "double bass", "double bass, bowed"} <= set(found)
    assert captions_of(Sound("a/doorSlam_02.wav", Path("x.wav"))) == ["door slam"]
    assert captions_of(Sound("a/02.wav", Path("x.wav"))) == []


def test_a_batch_is_a_pure_function_of_its_step(recipe):
    one, other, again = (recipe.batch(step, "cpu") for step in (3, 4, 3))
    assert all(torch.equal(*pair) for pair in zip(one, again, strict=True))
    assert not torch.equal(one.mels, other.mels)


def test_targets_are_shared_by_captions_that_mean_the_same(recipe):
    batch = recipe.batch(0, "cpu")
    assert batch.targets.sum(1).numpy() == pytest.approx(1, abs=1e-5)
    assert bool((batch.targets.argmax(1) == torch.arange(len(batch.targets))).all())


def test_what_is_changed_keeps_its_shape():
    mel = np.random.default_rng(0).uniform(0, 3, (50, 24)).astype(np.float32)
    assert changed(mel, np.random.default_rng(1)).shape == mel.shape


def test_it_learns_with_a_teacher_and_without(folder, recipe, tmp_path):
    for one in (recipe, EmbedderRecipe(folder, tmp_path / "cache", "tiny", 0, Progress())):
        before = one.objective.report(one.validation_batch(0, "cpu"))["nats_per_sound"]
        train(one, tmp_path / f"run-{one.meanings is None}", Schedule(steps=12), progress=Progress())
        assert one.objective.report(one.validation_batch(0, "cpu"))["nats_per_sound"] < before


def test_meanings_do_not_depend_on_what_else_is_asked(teacher, tmp_path):
    model = SentenceModel(teacher)
    both = model.meanings(["hum", "a much longer beep"], tmp_path, Progress()).astype(np.float32)
    alone = model.meanings(["hum"], tmp_path, Progress()).astype(np.float32)
    assert np.linalg.norm(both, axis=1) == pytest.approx(1, abs=0.01)
    assert alone[0] == pytest.approx(both[0], abs=0.02)


def test_lines_want_a_teacher_and_a_teacher_its_folder(folder, tmp_path):
    with pytest.raises(ValueError, match="give --teacher"):
        EmbedderRecipe(folder, tmp_path, "tiny", 0, Progress(), lines=tmp_path / "x")
    with pytest.raises(ValueError, match="holds no sentence model"):
        SentenceModel(tmp_path)
