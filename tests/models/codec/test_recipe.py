"""The codec's recipe: its sizes, and what a step of the shipped one costs."""

from __future__ import annotations

import pytest

from menura.models.codec import recipe
from menura.models.codec.model import tiny
from menura.models.codec.recipe import CodecRecipe
from menura.progress import Progress
from menura.train import machine


def test_an_unknown_preset_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(ValueError, match="preset: 'huge' is not one of nano, tiny"):
        CodecRecipe(tmp_path, tmp_path, "huge", 0, Progress())


def test_a_step_is_timed_on_a_second_of_sound(monkeypatch):
    monkeypatch.setattr(CodecRecipe, "sizes", {"nano": CodecRecipe.sizes["tiny"]})
    shapes = []
    monkeypatch.setattr(
        machine, "seconds_a_step", lambda objective, batch: shapes.append(batch.sound.shape) or objective
    )
    objective = recipe.seconds_a_step()
    assert shapes == [(4, tiny().sample_rate_hz)]
    assert objective.training
