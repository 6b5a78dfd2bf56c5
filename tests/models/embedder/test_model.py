"""Sounds and texts are points of one sphere, whatever their level, their batch or their language."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.models.embedder.model import Batch, Embedder, EmbedderObjective, tiny
from menura.models.embedder.words import features


@pytest.fixture(scope="module")
def model():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Embedder(tiny()).eval()


@pytest.fixture(scope="module")
def sounds():
    return 0.1 * np.random.default_rng(0).standard_normal((3, 20_000)).astype(np.float32)


def test_points_have_unit_length_and_do_not_depend_on_the_batch(model, sounds):
    points = model.embed_audio(sounds, 16_000)
    assert np.linalg.norm(points, axis=1) == pytest.approx(1, abs=1e-5)
    assert model.embed_audio(sounds[1:2], 16_000)[0] == pytest.approx(points[1], abs=1e-5)


def test_padding_is_not_heard(model):
    mels = 2 * torch.rand(2, 80, 24, generator=torch.Generator().manual_seed(1))
    mels[1, 40:] = 0
    with torch.inference_mode():
        both = model.sound(mels, torch.tensor([80, 40]))
        alone = model.sound(mels[1:, :40], torch.tensor([40]))
    assert both[1].numpy() == pytest.approx(alone[0].numpy(), abs=1e-5)


def test_level_does_not_matter(model, sounds):
    assert model.embed_audio(sounds * 0.1, 16_000) == pytest.approx(model.embed_audio(sounds, 16_000), abs=1e-3)


@pytest.mark.parametrize("count", [1, 100, 40 * 16_000])
def test_any_length_and_silence_have_a_point(model, count):
    assert np.linalg.norm(model.embed_audio(np.zeros((1, count), np.float32), 16_000)) == pytest.approx(1, abs=1e-4)


def test_no_sample_is_refused(model):
    with pytest.raises(ValueError, match="give one sample or more"):
        model.embed_audio(np.zeros((1, 0), np.float32), 16_000)


def test_any_text_has_a_point_that_its_batch_does_not_change(model):
    texts = ["", "rain", "…?!", "Regen auf einem Blechdach", "雨の音", "word " * 2000]
    points = model.embed_text(texts)
    assert np.linalg.norm(points, axis=1) == pytest.approx(1, abs=1e-4)
    assert model.embed_text(texts[1:2])[0] == pytest.approx(points[1], abs=1e-5)


def test_words_that_are_written_alike_share_features():
    rain, rainy, dog = (set(row.flatten()) - {0} for row in features(["rain", "rainy", "dog"], 1 << 14))
    assert len(rain & rainy) > len(rain & dog)


def test_a_folder_holds_it(model, sounds, tmp_path):
    kept = checkpoint.load(checkpoint.save(model, tmp_path / "one", {}))
    assert kept.embed_audio(sounds, 16_000) == pytest.approx(model.embed_audio(sounds, 16_000), abs=0.02)
    checkpoint.check(tmp_path / "one")


def test_where_meanings_are_known_captions_do_not_move_them(model):
    objective = EmbedderObjective(model)
    words = torch.from_numpy(features(["rain", "dog"], 512))
    batch = Batch(torch.rand(2, 40, 24), torch.tensor([40, 40]), words, torch.eye(2), words, torch.eye(2, 24))
    known = dict(objective.report(batch))
    assert {"nats_per_sound", "right", "meaning_apart"} == set(known)
    objective.zero_grad()
    loss, _ = objective._judged(batch._replace(meanings=model.text.meaning(words).detach()))
    loss.backward()
    assert model.text.table.weight.grad is not None
    assert float(model.text.table.weight.grad.abs().max()) < 1e-4
    objective.zero_grad()
