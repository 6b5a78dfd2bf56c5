"""Blocks of 8 bits answer nearly as they do at full width, whatever is fed at once, and as their weights are now."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch
from torch import nn

from menura.nn import rounded as page
from menura.nn.convnext import ConvNeXtBlock
from menura.nn.rounded import can_round, linear_rounded, run_rounded

pytestmark = pytest.mark.skipif(not page._AVAILABLE, reason="PyTorch multiplies no whole numbers quickly here")


@pytest.fixture
def blocks() -> nn.ModuleList:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.ModuleList(ConvNeXtBlock(48, 96, 5, 0.5, causal=False) for _ in range(3))


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def apart(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).square().mean().sqrt() / other.square().mean().sqrt())


@pytest.mark.parametrize("has_style", [False, True])
def test_blocks_are_near_those_at_full_width(blocks, has_style):
    x = drawn(70, 48)
    styles = [0.3 * drawn(1, 96) for _ in blocks] if has_style else None
    with torch.inference_mode():
        expected = x[None]
        for number, block in enumerate(blocks):
            expected = block(expected, style=styles[number] if styles else None)
        before = x.clone()
        assert apart(run_rounded(blocks, x, styles), expected[0]) < 0.01
        assert torch.equal(x, before)


def test_a_frame_does_not_depend_on_those_far_from_it(blocks):
    x = drawn(80, 48)
    with torch.inference_mode():
        torch.testing.assert_close(run_rounded(blocks, x[:60])[:54], run_rounded(blocks, x)[:54])


def test_a_layer_that_has_changed_is_used_as_it_is(blocks):
    x, layer = drawn(9, 30), nn.Linear(30, 20)
    with torch.inference_mode():
        assert apart(linear_rounded(layer, x), layer(x)) < 0.02
        once = run_rounded(blocks, drawn(9, 48))
    with torch.no_grad():
        layer.weight.mul_(-3)
        layer.bias.add_(1)
        blocks[0].scale.mul_(2)
    layer.load_state_dict({name: value + 1 for name, value in layer.state_dict().items()})
    with torch.inference_mode():
        assert apart(linear_rounded(layer, x), layer(x)) < 0.02
        assert not torch.equal(run_rounded(blocks, drawn(9, 48)), once)


def test_silence_and_few_frames_are_no_trouble(blocks):
    with torch.inference_mode():
        assert run_rounded(blocks, torch.zeros(4, 48)).isfinite().all()
        assert run_rounded(blocks, drawn(1, 48)).shape == (1, 48)


def test_what_learns_is_not_rounded():
    assert not can_round(torch.zeros(1))
    with torch.inference_mode():
        assert can_round(torch.zeros(1))
        assert not can_round(torch.zeros(1).double())
        assert not can_round(torch.zeros(1, device="meta"))


@pytest.mark.parametrize("value", [page._WEIGHT_STEPS, -page._WEIGHT_STEPS])
def test_whole_numbers_are_the_same_where_they_are_multiplied_as_floats(value):
    """At the most inputs, and the largest sums, that float32 is to hold."""
    weight = torch.full((page._MOST_EXACT, 8), value, dtype=torch.int8)
    weight[::3] = torch.randint(-page._WEIGHT_STEPS, page._WEIGHT_STEPS, weight[::3].shape, dtype=torch.int8)
    rows = torch.full((8, page._MOST_EXACT), page._FRAME_STEPS, dtype=torch.int8).numpy()
    rows[::2, ::5] *= -1
    integers, floats = (page._Rounded(one, *[drawn(8).numpy()] * 2) for one in (weight, weight.float()))
    expected = torch.from_numpy(rows).long() @ weight.long()
    for layer in (integers, floats):
        assert torch.equal(torch.from_numpy(layer.multiplied(rows)).long(), expected)


@pytest.mark.parametrize("are_quick", [True, False])
def test_layers_are_near_those_at_full_width_either_way(monkeypatch, are_quick):
    monkeypatch.setattr(page, "_INTEGERS_ARE_QUICK", are_quick)
    layer, x = nn.Linear(64, 16), drawn(9, 64)
    with torch.inference_mode():
        assert apart(linear_rounded(layer, x), layer(x)) < 0.02


def test_processors_without_vnni_make_the_same_whole_numbers():
    code = (
        "import torch; from menura.nn import rounded as page; most = page._FRAME_STEPS, page._WEIGHT_STEPS;"
        "one, other = (torch.full((32, 32), value, dtype=torch.int8) for value in most);"
        "one[::2] *= -1; found = torch.ops.aten._int_mm(one, other);"
        "assert torch.equal(found.long(), one.long() @ other.long())"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"})
