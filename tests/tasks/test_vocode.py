"""Sound made again from its mel spectrum is as long as it was, and says why when it cannot be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import menura
from menura import checkpoint
from menura.audio import Audio, write
from menura.models.wavenet import WaveNet, tiny


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = WaveNet(tiny(features=20, hop_samples=100, splits=4))
    return str(checkpoint.save(network.eval(), tmp_path_factory.mktemp("models") / "voice", {}))


def test_any_sound_becomes_mono_at_the_model_s_rate(model, tmp_path):
    sound = 0.1 * np.random.default_rng(0).standard_normal((2, 8820)).astype(np.float32)
    write(Audio(sound, 44_100), tmp_path / "in.wav")
    one = menura.vocode(tmp_path / "in.wav", model=model, seed=3, output=tmp_path / "out")
    assert (one.audio.num_channels, one.audio.sample_rate_hz, one.audio.num_samples) == (1, 8000, 1600)
    again = menura.replay(tmp_path / "out.json", output=tmp_path / "again")
    assert (one.audio.samples == again.audio.samples).all()


def test_a_model_of_another_kind_is_told(tmp_path):
    write(Audio(np.zeros((1, 100), np.float32) + 0.1, 8000), tmp_path / "in.wav")
    with pytest.raises(ValueError, match="--local mel"):
        menura.vocode(tmp_path / "in.wav", model="score_lm")
