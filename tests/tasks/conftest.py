"""A codec small enough for tests, and a sound to code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.audio import Audio, write
from menura.models.codec.model import Codec, tiny


@pytest.fixture(scope="session")
def codec_folder(tmp_path_factory) -> Path:
    """An untaught codec whose codebooks have seen its latents."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        model = Codec(tiny()).train()
        for _ in range(170):
            model.quantizer(model.encode_latents(0.1 * torch.randn(2, 40 * model.hop_samples)))
    return checkpoint.save(model.eval(), tmp_path_factory.mktemp("models") / "mine", {"recipe": "tests"})


@pytest.fixture
def sound(tmp_path) -> Path:
    """A second and a half of stereo noise at 16 kHz."""
    samples = 0.1 * np.random.default_rng(0).standard_normal((2, 24_000)).astype(np.float32)
    write(Audio(samples, 16_000), tmp_path / "in.wav")
    return tmp_path / "in.wav"
