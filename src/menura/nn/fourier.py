"""Real Fourier transforms whose gradients are real Fourier transforms too.

PyTorch computes the gradient of `torch.fft.rfft` by a complex transform of twice the size, with zeros written first:
several times the work of the transform itself, and half of a training step on a CPU.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Complex, Float
from torch import Tensor


class _RFFT(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.count = x.shape[-1]
        return torch.fft.rfft(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        # The inverse counts all but the first and the last frequency twice; the gradient counts each once.
        weights = gradient.real.new_full((gradient.shape[-1],), 0.5 * ctx.count)
        weights[0] = weights[-1] = ctx.count
        return torch.fft.irfft(gradient * weights, ctx.count)


class _IRFFT(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, count: int) -> Tensor:
        ctx.count = count
        return torch.fft.irfft(x, count)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        spectrum = torch.fft.rfft(gradient)
        weights = gradient.new_full((spectrum.shape[-1],), 2.0 / ctx.count)
        weights[0] = weights[-1] = 1.0 / ctx.count
        return spectrum * weights, None


def rfft(x: Float[Tensor, "*any sample"]) -> Complex[Tensor, "*any frequency"]:
    """`torch.fft.rfft` over the last axis, of even length; once differentiable."""
    return _RFFT.apply(x)  # pyright: ignore[reportReturnType]


def irfft(x: Complex[Tensor, "*any frequency"], count: int) -> Float[Tensor, "*any sample"]:
    """`torch.fft.irfft` over the last axis, `count` even; once differentiable."""
    return _IRFFT.apply(x, count)  # pyright: ignore[reportReturnType]
