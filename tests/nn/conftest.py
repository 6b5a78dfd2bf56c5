"""Codecs for tests, of every family."""

from __future__ import annotations

import pytest
import torch

from menura.models import codec, soundstream


@pytest.fixture(scope="module", params=("codec", "soundstream"))
def make(request):
    """What makes an untaught codec."""
    return {
        "codec": lambda: codec.Codec(codec.tiny()),
        "soundstream": lambda: soundstream.SoundStream(soundstream.tiny()),
    }[request.param]


@pytest.fixture(scope="module")
def coder(make):
    """An untaught codec whose codebooks have seen its latents."""
    torch.manual_seed(0)
    model = make().train()
    with torch.no_grad():
        for _ in range(170):
            model.quantizer(model.analyse(0.1 * torch.randn(2, 40 * model.hop_samples)))
    return model.eval()
