"""The stack is causal and streams."""

import pytest
import torch

from menura.models.codec.convnext import ConvNeXt


@pytest.fixture(scope="module")
def stack():
    torch.manual_seed(0)
    return ConvNeXt(8, 16, 3, 5).eval()


@pytest.mark.parametrize("chunk", [1, 3, 7])
def test_chunks_give_what_the_whole_does(stack, chunk):
    x = torch.randn(2, 20, 8, generator=torch.Generator().manual_seed(0))
    memory, parts = stack.start(2), []
    with torch.inference_mode():
        for part in x.split(chunk, dim=1):
            out, memory = stack.step(part, memory)
            parts.append(out)
        assert torch.allclose(torch.cat(parts, 1), stack(x), atol=1e-6)


def test_it_sees_the_past_alone(stack):
    x = torch.randn(1, 20, 8, generator=torch.Generator().manual_seed(0))
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(stack(x)[0, 9].sum(), x)
    seen = gradient[0].abs().sum(-1) > 0
    assert seen.tolist() == [place <= 9 for place in range(20)]
