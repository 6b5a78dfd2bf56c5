"""A voice is a point on a sphere, whatever the level it is heard at."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.models.speaker.model import Batch, SpeakerEncoder, SpeakerObjective, tiny


@pytest.fixture(scope="module")
def model():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return SpeakerEncoder(tiny()).eval()


@pytest.fixture(scope="module")
def speech():
    return 0.1 * np.random.default_rng(0).standard_normal((3, 24_000)).astype(np.float32)


def test_points_have_unit_length_and_do_not_depend_on_the_batch(model, speech):
    points = model.embed(speech)
    assert points.shape == (3, 32)
    assert np.linalg.norm(points, axis=1) == pytest.approx(1, abs=1e-5)
    assert model.embed(speech[1:2])[0] == pytest.approx(points[1], abs=1e-5)


def test_level_does_not_matter(model, speech):
    assert model.embed(speech * 0.25) == pytest.approx(model.embed(speech), abs=0.02)


def test_a_folder_holds_it(model, speech, tmp_path):
    kept = checkpoint.load(checkpoint.save(model, tmp_path / "one", {}))
    assert kept.embed(speech) == pytest.approx(model.embed(speech), abs=0.02)
    checkpoint.check(tmp_path / "one")


def test_speakers_who_are_apart_cost_less(model):
    objective = SpeakerObjective(model)
    rng = torch.Generator().manual_seed(0)
    voices = 3 * torch.randn(6, 1, 1, 40, generator=rng) * torch.linspace(-1, 1, 60)[None, None, :, None].sin()
    alike = Batch((0.3 * torch.randn(6, 2, 60, 40, generator=rng)).expand(6, 2, 60, 40))
    apart = Batch(voices + alike.mels)
    assert objective.report(apart)["nats_per_speaker"] < objective.report(alike)["nats_per_speaker"]
