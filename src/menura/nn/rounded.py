"""ConvNeXt blocks in whole numbers of 8 bits, for inference on a CPU: three times as fast, and nearly inaudible.

Weights are rounded to 127 steps, each row with its own scale, and frames to 255, each with its own (Jacob et al.,
Quantization and training of neural networks for efficient integer-arithmetic-only inference, 2018). Weights have no
more because processors without VNNI keep the sums of two products in 16 bits; so all of them make the same numbers.
Products are PyTorch's; all between two of them is one compiled loop. Where a processor has no AVX-512 its products of
whole numbers are slow loops, and the same numbers are multiplied as float32, which holds their sums exactly.

Shapes: T frame, D channel, H hidden channel, K frame that the convolution sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import torch
from jaxtyping import Float, Int8, Num
from torch import Tensor, nn

from menura.compiled import INSIDE, QUICK, compiled
from menura.nn.convnext import ConvNeXtBlock, StyledConvNeXt
from menura.nn.maxima import largest
from menura.nn.series import gelu

_AVAILABLE = torch.backends.mkldnn.is_available() and torch.backends.mkl.is_available()
_WEIGHT_STEPS, _FRAME_STEPS = 63, 127
_INTEGERS_ARE_QUICK = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
_MOST_EXACT = (1 << 24) // (_WEIGHT_STEPS * _FRAME_STEPS)
"""Inputs of a layer up to which float32 holds every sum."""
_TINY = np.float32(1e-30)
_EPS = np.float32(1e-5)
"""Of a layer norm."""

Rows = tuple[Int8[np.ndarray, "frame channel"], Float[np.ndarray, " frame"]]
"""Frames as whole numbers, and what each of them is multiplied by."""


def can_round(x: Tensor) -> bool:
    """Whether blocks can be run so on a stream, and it is quicker: one item, on a CPU, without gradients."""
    return _AVAILABLE and x.device.type == "cpu" and x.dtype == torch.float32 and not torch.is_grad_enabled()


def run_rounded(
    blocks: Iterable[nn.Module], x: Float[Tensor, "frame width"], styles: Sequence[Tensor] | None = None
) -> Float[Tensor, "frame width"]:
    """A stream through blocks, as their `forward`.

    Args:
        blocks: `ConvNeXtBlock`s that are not causal.
        x: the stream of one item.
        styles: as a block has it, for each, ``[1, 2 * width]``.
    """
    stream = np.array(x.numpy(), np.float32)
    still = np.zeros(2 * stream.shape[1], np.float32)
    for number, block in enumerate(blocks):
        assert isinstance(block, ConvNeXtBlock)
        style = still if styles is None else styles[number].reshape(-1).numpy()
        mixing, up, down = _block_rounded(block)
        rows = _mixed(stream, *mixing, style)
        rows = _activated(up.multiplied(rows[0]), rows[1], up.scales, up.bias)
        _add(stream, down.multiplied(rows[0]), rows[1], down.scales, down.bias)
    return torch.from_numpy(stream)


def run_styled(
    styled: StyledConvNeXt, x: Float[Tensor, "frame width"], style: Float[Tensor, "1 style"]
) -> Float[Tensor, "frame width"]:
    """The same of blocks with a style, all of whose frames are there."""
    return run_rounded(styled.blocks, x, [to_style(style) for to_style in styled.styles])


def linear_rounded(layer: nn.Linear, x: Float[Tensor, "frame in"]) -> Float[Tensor, "frame out"]:
    """A linear layer."""
    one, rows = _rounded(layer), _rows(x.numpy())
    out = np.zeros((len(x), len(one.bias)), np.float32)
    _add(out, one.multiplied(rows[0]), rows[1], one.scales, one.bias)
    return torch.from_numpy(out)


class _Rounded(NamedTuple):
    """A linear layer as whole numbers.

    Attributes:
        weight: whole numbers, int8 or float32 ``[in, out]``.
        scales: what products are multiplied by.
        bias: what is then added.
    """

    weight: Tensor
    scales: Float[np.ndarray, " out"]
    bias: Float[np.ndarray, " out"]

    def multiplied(self, rows: Int8[np.ndarray, "frame in"]) -> Num[np.ndarray, "frame out"]:
        """Sums of products: whole numbers, the same of either kind of weights."""
        given = torch.from_numpy(rows)
        if self.weight.dtype == torch.float32:
            return (given.float() @ self.weight).numpy()
        return torch.ops.aten._int_mm(given, self.weight).numpy()


def _rounded(layer: nn.Linear, scale: Tensor | None = None) -> _Rounded:
    """A layer whose answer is multiplied by `scale`."""

    def make() -> _Rounded:
        weight = layer.weight.detach()
        steps = (weight.abs().amax(1) / _WEIGHT_STEPS).clamp(min=float(_TINY))
        kind = torch.int8 if _INTEGERS_ARE_QUICK or weight.shape[1] > _MOST_EXACT else torch.float32
        whole = (weight / steps[:, None]).round().to(kind).t().contiguous()
        last = torch.ones_like(steps) if scale is None else scale.detach()
        return _Rounded(whole, (steps * last).numpy(), (layer.bias.detach() * last).numpy())

    return _made_once(layer, make, layer.weight, layer.bias, scale)


def _block_rounded(block: ConvNeXtBlock) -> tuple[tuple[np.ndarray, ...], _Rounded, _Rounded]:
    """What `_mixed` is told of a block, and its two layers."""
    depthwise, norm, up, down = block.depthwise, block.norm, block.up, block.down
    seen = (depthwise.weight, depthwise.bias, norm.weight, norm.bias)

    def make() -> tuple[tuple[np.ndarray, ...], _Rounded, _Rounded]:
        weight, *others = (one.detach() for one in seen if one is not None)
        mixing = (weight[:, 0].t().contiguous().numpy(), *(one.numpy() for one in others))
        return mixing, _rounded(up), _rounded(down, block.scale)

    return _made_once(block, make, *seen, up.weight, up.bias, down.weight, down.bias, block.scale)


def _made_once(module: nn.Module, make: Callable[[], Any], *weights: Tensor | None) -> Any:
    """What was made of a module; made anew where one of its weights has changed."""
    state = [(one.data_ptr(), one._version) for one in weights if one is not None]
    if (known := _known.get(module)) is None or known[0] != state:
        known = _known[module] = (state, make())
    return known[1]


_known: WeakKeyDictionary[nn.Module, tuple[list[tuple[int, int]], Any]] = WeakKeyDictionary()
"""Module -> where its weights were and how often they had been changed, and what was made of them."""


@compiled(**QUICK)
def _rows(x: Float[np.ndarray, "frame width"]) -> Rows:
    """Frames, rounded."""
    rows, scales = np.empty(x.shape, np.int8), np.empty(len(x), np.float32)
    for frame in range(len(x)):
        scales[frame] = _round(x[frame], rows[frame])
    return rows, scales


@compiled(**QUICK)
def _mixed(
    x: Float[np.ndarray, "frame width"],
    weight: Float[np.ndarray, "seen width"],
    bias: Float[np.ndarray, " width"],
    gain: Float[np.ndarray, " width"],
    offset: Float[np.ndarray, " width"],
    style: Float[np.ndarray, " twice"],
) -> Rows:
    """A depthwise convolution over time and a layer norm that a style moves, rounded."""
    count, width = x.shape
    side = len(weight) // 2
    rows, scales = np.empty((count, width), np.int8), np.empty(count, np.float32)
    row = np.empty(width, np.float32)
    for frame in range(count):
        for channel in range(width):
            row[channel] = bias[channel]
        for place in range(max(frame - side, 0), min(frame + side + 1, count)):
            factors, there = weight[place - frame + side], x[place]
            for channel in range(width):
                row[channel] += factors[channel] * there[channel]
        total = np.float32(0)
        for channel in range(width):
            total += row[channel]
        mean, square = total / np.float32(width), np.float32(0)
        for channel in range(width):
            row[channel] -= mean
            square += row[channel] * row[channel]
        unit = np.float32(1) / np.sqrt(square / np.float32(width) + _EPS)
        for channel in range(width):
            normed = row[channel] * unit * gain[channel] + offset[channel]
            row[channel] = normed * (np.float32(1) + style[channel]) + style[width + channel]
        scales[frame] = _round(row, rows[frame])
    return rows, scales


@compiled(**QUICK)
def _activated(
    sums: Num[np.ndarray, "frame hidden"],
    frames: Float[np.ndarray, " frame"],
    scales: Float[np.ndarray, " hidden"],
    bias: Float[np.ndarray, " hidden"],
) -> Rows:
    """The GELU of what was multiplied, rounded."""
    count, width = sums.shape
    rows, units = np.empty((count, width), np.int8), np.empty(count, np.float32)
    row = np.empty(width, np.float32)
    for frame in range(count):
        for channel in range(width):
            row[channel] = gelu(np.float32(sums[frame, channel]) * (frames[frame] * scales[channel]) + bias[channel])
        units[frame] = _round(row, rows[frame])
    return rows, units


@compiled(**QUICK)
def _add(
    x: Float[np.ndarray, "frame width"],
    sums: Num[np.ndarray, "frame width"],
    frames: Float[np.ndarray, " frame"],
    scales: Float[np.ndarray, " width"],
    bias: Float[np.ndarray, " width"],
) -> None:
    """Add what was multiplied to a stream."""
    for frame in range(len(x)):
        for channel in range(x.shape[1]):
            x[frame, channel] += np.float32(sums[frame, channel]) * (frames[frame] * scales[channel]) + bias[channel]


@compiled(**INSIDE)
def _round(values: Float[np.ndarray, " width"], rounded: Int8[np.ndarray, " width"]) -> np.float32:
    """Write whole numbers from −127 to 127, and say what they are multiplied by."""
    most = max(largest(values), _TINY)
    steps = np.float32(_FRAME_STEPS) / most
    for channel in range(len(values)):
        rounded[channel] = np.int8(np.int32(np.rint(values[channel] * steps)))
    return most / np.float32(_FRAME_STEPS)
