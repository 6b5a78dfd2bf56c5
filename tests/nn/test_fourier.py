"""The quick gradients are the right ones."""

import pytest
import torch

from menura.nn.fourier import irfft, rfft


@pytest.mark.parametrize("count", [2, 8, 30])
def test_gradients_are_those_of_torch(count):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, count, dtype=torch.float64, generator=generator).requires_grad_()
    z = torch.randn(3, count // 2 + 1, dtype=torch.complex128, generator=generator).requires_grad_()
    weights = torch.randn(3, count, dtype=torch.float64, generator=generator)
    for ours, theirs in ((rfft(x), torch.fft.rfft(x)), (irfft(z, count), torch.fft.irfft(z, count))):
        assert torch.equal(ours, theirs)
    for ours, theirs, source in (
        ((rfft(x) * z.detach()).real.sum(), (torch.fft.rfft(x) * z.detach()).real.sum(), x),
        ((irfft(z, count) * weights).sum(), (torch.fft.irfft(z, count) * weights).sum(), z),
    ):
        gradients = [torch.autograd.grad(value, source)[0] for value in (ours, theirs)]
        assert torch.allclose(*gradients, atol=1e-12)
