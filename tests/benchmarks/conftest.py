"""Benchmarks are scripts: their folder is put on the path, and they get a tiny untrained model and a SoundFont."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from menura import checkpoint
from menura.models.score_lm.model import ScoreLM, tiny
from menura.models.score_lm.recipe import STYLES
from menura.score.synth import soundfont

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a note model that has learnt nothing."""
    torch.manual_seed(0)
    return checkpoint.save(ScoreLM(tiny(STYLES)), tmp_path_factory.mktemp("model") / "score_lm", {})


@pytest.fixture(scope="session")
def small_soundfont() -> Path:
    """The SoundFont that comes with the `score` extra."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(soundfont.VARIABLE, raising=False)
        patch.setattr(soundfont, "_FOLDERS", ())
        return soundfont.find()
