"""A causal stack streams; a block that is not causal sees both sides; a style moves what is normalised."""

import pytest
import torch

from menura.nn.convnext import ConvNeXt, ConvNeXtBlock


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


def test_a_block_that_is_not_causal_sees_as_much_after_as_before():
    torch.manual_seed(0)
    block = ConvNeXtBlock(8, 16, 5, 0.5, causal=False)
    x = torch.randn(1, 20, 8, requires_grad=True)
    out = block(x)
    assert out.shape == x.shape
    (gradient,) = torch.autograd.grad(out[0, 9].sum(), x)
    seen = gradient[0].abs().sum(-1) > 0
    assert seen.nonzero().flatten().tolist() == [7, 8, 9, 10, 11]


def test_a_style_is_each_item_s_own_and_none_is_a_style_of_zeros():
    torch.manual_seed(0)
    block = ConvNeXtBlock(8, 16, 5, 0.5, causal=False)
    x, style = torch.randn(2, 6, 8), torch.randn(2, 16)
    assert torch.equal(block(x, style=torch.zeros(2, 16)), block(x))
    both = block(x, style=style)
    assert torch.allclose(both[1:], block(x[1:], style=style[1:]), atol=1e-6)
    assert not torch.allclose(both, block(x, style=style.flip(0)), atol=1e-2)
