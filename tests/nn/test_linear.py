"""Products by oneDNN are those by PyTorch, wherever they are used, and the codec's are made by it."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.profiler import profile

from menura.audio import Audio
from menura.models.codec.model import Codec, tiny
from menura.nn import linear as page
from menura.nn.linear import Linear, linear


@pytest.mark.parametrize("shape", [(5,), (0, 5), (1, 5), (3, 0, 5), (2, 7, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("gelu", [False, True])
@pytest.mark.parametrize("has_bias", [False, True])
def test_inference_and_training_agree(shape, gelu, has_bias):
    generator = torch.Generator().manual_seed(0)
    x, weight, bias = (torch.randn(size, generator=generator) for size in (shape, (9, 5), (9,)))
    bias = bias if has_bias else None
    expected = F.linear(x, weight, bias)
    expected = F.gelu(expected) if gelu else expected
    with torch.inference_mode():
        torch.testing.assert_close(linear(x, weight, bias, gelu), expected)
        torch.testing.assert_close(linear(x.mT.contiguous().mT if x.ndim > 1 else x, weight, bias, gelu), expected)
    with torch.no_grad():
        torch.testing.assert_close(linear(x, weight, bias, gelu), expected)


def test_gradients_and_other_numbers_are_pytorch_s():
    layer, x = Linear(4, 3), torch.randn(2, 4, requires_grad=True)
    layer(x).sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad, layer.weight.detach().sum(0).expand(2, 4))
    with torch.inference_mode():
        assert layer.double()(x.double()).dtype == torch.float64
        with torch.autocast("cpu", torch.bfloat16):
            assert layer.float()(x).dtype == torch.bfloat16
        assert Linear(4, 3, device="meta")(torch.empty(2, 4, device="meta")).shape == (2, 3)


def test_what_is_given_in_bfloat16_meets_weights_that_stay_as_they_are():
    layer, x = Linear(40, 24), torch.randn(3, 40, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        for gelu in (False, True):
            narrow = layer(x.bfloat16(), gelu=gelu)
            assert narrow.dtype == torch.bfloat16
            torch.testing.assert_close(narrow.float(), layer(x, gelu=gelu), rtol=0.02, atol=0.02)
    assert layer.weight.dtype == torch.float32
    assert layer(x.bfloat16()).dtype == torch.bfloat16


def test_a_compiler_is_left_to_choose():
    graphs: list[torch.fx.GraphModule] = []

    def backend(graph: torch.fx.GraphModule, _inputs: list[torch.Tensor]):
        graphs.append(graph)
        return graph.forward

    layer, x = Linear(40, 24), torch.randn(3, 40)
    with torch.no_grad():
        torch.testing.assert_close(torch.compile(layer, backend=backend)(x), layer(x))
    assert graphs
    assert not any("mkldnn" in str(node.target) for graph in graphs for node in graph.graph.nodes)


def test_a_weight_that_has_changed_is_used_as_it_is():
    """However it was changed; a copy keeps its own."""
    layer, x, generator = Linear(40, 24), torch.randn(3, 40), torch.Generator().manual_seed(0)
    other = torch.randn(24, 40, generator=generator)

    def step() -> None:
        optimiser = torch.optim.SGD(layer.parameters(), 0.1)
        layer(x).sum().backward()
        optimiser.step()

    def swap() -> None:
        layer.weight = nn.Parameter(torch.randn(24, 40, generator=generator))

    changes = [
        step,
        swap,
        lambda: torch.no_grad()(layer.weight.mul_)(2),
        lambda: torch.no_grad()(layer.state_dict()["weight"].copy_)(other),
        lambda: layer.load_state_dict({"weight": other + 1, "bias": other[:, 0]}),
        lambda: layer.double().float(),
        lambda: setattr(layer.weight, "data", other + 3),
    ]
    for change in changes:
        with torch.inference_mode():
            layer(x)
        before = copy.deepcopy(layer)
        change()
        with torch.inference_mode():
            torch.testing.assert_close(layer(x), F.linear(x, layer.weight, layer.bias))
            torch.testing.assert_close(before(x), F.linear(x, before.weight, before.bias))
    with torch.inference_mode():
        weight = torch.randn(24, 40)
        linear(x, weight, None)
        weight.mul_(2)
        torch.testing.assert_close(linear(x, weight, None), F.linear(x, weight))


def test_the_codec_s_products_are_onednn_s_where_pytorch_s_are_mkl_s():
    codec = Codec(tiny()).eval()
    audio = Audio(0.1 * torch.randn(1, 4000, generator=torch.Generator().manual_seed(0)).numpy(), 8000)
    with profile() as profiled:
        codec.decode(codec.encode(audio))
    names = {event.key for event in profiled.key_averages()}
    assert ("mkldnn::_linear_pointwise" in names) == page._AVAILABLE
    assert not ({"aten::addmm", "aten::mm", "aten::bmm"} & names and page._AVAILABLE)
