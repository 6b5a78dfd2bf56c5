"""SoundStream is the paper's: its strides, its rate, its receptive field of the past alone."""

import torch

from menura.models.soundstream.model import SoundStream, paper


def test_the_paper_s_size():
    with torch.device("meta"):
        model = SoundStream(paper())
    assert model.hop_samples == 320
    assert model.latency_s == 320 / 24_000
    assert 7e6 < sum(weight.numel() for weight in model.parameters()) < 11e6
