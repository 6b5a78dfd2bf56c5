"""Causal ConvNeXt blocks over frames (Liu et al., A ConvNet for the 2020s, 2022; Siuzdak, Vocos, 2023)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from menura.nn.linear import Linear


class ConvNeXtBlock(nn.Module):
    """A depthwise convolution over time, then a wide layer at every frame, beside the residual stream.

    Args:
        width: channels of the stream.
        hidden: channels inside.
        kernel_frames: frames the convolution sees, the present one the last.
        scale: of the block's answer at first, so that deep stacks start near the identity.
    """

    def __init__(self, width: int, hidden: int, kernel_frames: int, scale: float) -> None:
        super().__init__()
        self.kernel_frames = kernel_frames
        self.depthwise = nn.Conv1d(width, width, kernel_frames, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up = Linear(width, hidden)
        self.down = Linear(hidden, width)
        self.scale = nn.Parameter(torch.full((width,), scale))

    def forward(
        self, x: Float[Tensor, "batch frame width"], past: Float[Tensor, "batch context width"] | None = None
    ) -> Float[Tensor, "batch frame width"]:
        """`past`: the ``kernel_frames - 1`` frames before; silence if None."""
        mixed = self._over_time(x, past)
        return torch.addcmul(x, self.down(self.up(self.norm(mixed), gelu=True)), self.scale)

    def _over_time(
        self, x: Float[Tensor, "batch frame width"], past: Float[Tensor, "batch context width"] | None
    ) -> Float[Tensor, "batch frame width"]:
        """The convolution: as one over pictures a pixel high, which are taken with channels last, without copies."""
        seen = x if past is None else torch.cat((past, x), 1)
        picture, weight = seen.transpose(1, 2).unsqueeze(2), self.depthwise.weight.unsqueeze(2)
        silence = self.kernel_frames - 1 if past is None else 0  # at both ends; what the later one gives is cut off
        mixed = F.conv2d(picture, weight, self.depthwise.bias, padding=(0, silence), groups=x.shape[-1])
        return mixed.squeeze(2).transpose(1, 2)[:, : x.shape[1]]


class ConvNeXt(nn.Module):
    """A stack of blocks, and what a stream of frames must remember between chunks."""

    def __init__(self, width: int, hidden: int, depth: int, kernel_frames: int) -> None:
        super().__init__()
        self.width = width
        self.context = kernel_frames - 1
        self.blocks = nn.ModuleList(ConvNeXtBlock(width, hidden, kernel_frames, 1 / depth) for _ in range(depth))

    def forward(self, x: Float[Tensor, "batch frame width"]) -> Float[Tensor, "batch frame width"]:
        """All frames of a piece."""
        for block in self.blocks:
            x = block(x)
        return x

    def start(self, batch: int) -> list[Tensor]:
        """The memory before the first frame: silence."""
        like = next(self.parameters())
        return [like.new_zeros(batch, self.context, self.width) for _ in self.blocks]

    def step(
        self, x: Float[Tensor, "batch frame width"], memory: Sequence[Tensor]
    ) -> tuple[Float[Tensor, "batch frame width"], list[Tensor]]:
        """The next frames, and the memory after them; equal to `forward` over everything since `start`."""
        kept = []
        for block, past in zip(self.blocks, memory, strict=True):
            kept.append(torch.cat((past, x), 1)[:, x.shape[1] :])
            x = block(x, past)
        return x, kept
