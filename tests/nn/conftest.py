"""Codecs for tests, of every family."""

from __future__ import annotations

import pytest
import torch

from menura.models.codec import model as codec_page
from menura.models.soundstream import model as soundstream


@pytest.fixture(scope="module", params=("codec", "soundstream"))
def make(request):
    """What makes an untaught codec."""
    return {
        "codec": lambda: codec_page.Codec(codec_page.tiny()),
        "soundstream": lambda: soundstream.SoundStream(soundstream.tiny()),
    }[request.param]


@pytest.fixture(scope="module")
def codec(make):
    """An untaught codec whose codebooks have seen its latents."""
    torch.manual_seed(0)
    model = make().train()
    with torch.no_grad():
        for _ in range(170):
            model.quantizer(model.encode_latents(0.1 * torch.randn(2, 40 * model.hop_samples)))
    return model.eval()
