"""Every judge answers for every item alone, gives its features, and can learn to tell two sounds apart."""

from __future__ import annotations

import pytest
import torch

from menura.nn.discriminators import Discriminators, FrameDiscriminator, PeriodDiscriminator, STFTDiscriminator
from menura.nn.losses import discriminator_loss

KINDS = {
    "frames": lambda: FrameDiscriminator((128, 256), bands=2, width=8),
    "stft": lambda: STFTDiscriminator((128, 256), width=4),
    "period": lambda: PeriodDiscriminator((2, 3), width=2),
    "all": lambda: Discriminators(FrameDiscriminator((128,), 2, 8), PeriodDiscriminator((3,), 2)),
}


@pytest.fixture(params=KINDS)
def discriminators(request):
    torch.manual_seed(0)
    return KINDS[request.param]()


def test_items_are_judged_alone(discriminators):
    x = torch.randn(3, 2000, generator=torch.Generator().manual_seed(0))
    together, alone = discriminators(x), discriminators(x[1:2])
    assert len(together.answers) == len(together.features) == 2
    for ours, theirs in zip(together.answers, alone.answers, strict=True):
        assert torch.allclose(ours[1:2], theirs, atol=1e-5)


def test_they_learn_to_tell_noise_from_tones(discriminators):
    optimiser = torch.optim.Adam(discriminators.parameters(), 3e-3)
    time = torch.arange(2000) / 8000
    losses = []
    for step in range(40):
        generator = torch.Generator().manual_seed(step)
        noise = 0.3 * torch.randn(4, 2000, generator=generator)
        tones = torch.sin(2 * torch.pi * (200 + 800 * torch.rand(4, 1, generator=generator)) * time)
        loss = discriminator_loss(discriminators(tones).answers, discriminators(noise).answers)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.6 * losses[0]
