"""ConvNeXt blocks over frames (Liu et al., A ConvNet for the 2020s, 2022; Siuzdak, Vocos, 2023)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from menura.nn.linear import Linear

_STYLED_SCALE = 0.2
"""Of a styled block's answer at first."""


class ConvNeXtBlock(nn.Module):
    """A depthwise convolution over time, then a wide layer at every frame, beside the residual stream.

    Args:
        width: channels of the stream.
        hidden: channels inside.
        kernel_frames: frames the convolution sees; odd if not causal.
        scale: of the block's answer at first, so that deep stacks start near the identity.
        causal: whether the present frame is the last one seen, or the middle one.
    """

    def __init__(self, width: int, hidden: int, kernel_frames: int, scale: float, causal: bool = True) -> None:
        super().__init__()
        self.kernel_frames, self.causal = kernel_frames, causal
        self.depthwise = nn.Conv1d(width, width, kernel_frames, groups=width)
        self.norm = nn.LayerNorm(width)
        self.up = Linear(width, hidden)
        self.down = Linear(hidden, width)
        self.scale = nn.Parameter(torch.full((width,), scale))

    def forward(
        self,
        x: Float[Tensor, "batch frame width"],
        past: Float[Tensor, "batch context width"] | None = None,
        style: Float[Tensor, "batch twice"] | None = None,
    ) -> Float[Tensor, "batch frame width"]:
        """The next stream.

        Args:
            x: the stream; silence beyond its ends.
            past: of a causal block, the ``kernel_frames - 1`` frames before; silence if None.
            style: a gain less 1, and then an offset, for each channel of what is normalised (adaptive layer norm:
                Peebles & Xie, DiT, 2023).
        """
        normed = self.norm(self._over_time(x, past))
        if style is not None:
            gain, offset = style.unsqueeze(1).chunk(2, -1)
            normed = normed * (1 + gain) + offset
        return torch.addcmul(x, self.down(self.up(normed, gelu=True)), self.scale)

    def _over_time(
        self, x: Float[Tensor, "batch frame width"], past: Float[Tensor, "batch context width"] | None
    ) -> Float[Tensor, "batch frame width"]:
        """The convolution: as one over pictures a pixel high, which are taken with channels last, without copies."""
        seen = x if past is None else torch.cat((past, x), 1)
        picture, weight = seen.transpose(1, 2).unsqueeze(2), self.depthwise.weight.unsqueeze(2)
        context = self.kernel_frames - 1 if self.causal else self.kernel_frames // 2
        silence = context if past is None else 0  # at both ends; what the later one gives is cut off if causal
        mixed = F.conv2d(picture, weight, self.depthwise.bias, padding=(0, silence), groups=x.shape[-1])
        return mixed.squeeze(2).transpose(1, 2)[:, : x.shape[1]]


class StyledConvNeXt(nn.Module):
    """Blocks that see both sides, whose norms a style moves; silence beyond what is there.

    Args:
        width, hidden, kernel_frames: as of a `ConvNeXtBlock`.
        depth: blocks.
        style_dim: numbers of a style; at first it moves nothing.
    """

    def __init__(self, width: int, hidden: int, depth: int, kernel_frames: int, style_dim: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(width, hidden, kernel_frames, _STYLED_SCALE, causal=False) for _ in range(depth)
        )
        self.styles = nn.ModuleList(nn.Linear(style_dim, 2 * width) for _ in range(depth))
        for layer in self.styles:
            nn.init.zeros_(layer.get_parameter("weight"))
            nn.init.zeros_(layer.get_parameter("bias"))

    def forward(
        self,
        x: Float[Tensor, "batch frame width"],
        there: Float[Tensor, "batch frame 1"],
        style: Float[Tensor, "batch style"],
    ) -> Float[Tensor, "batch frame width"]:
        """The next stream; `there` is 1 where there are frames, and 0 beyond them."""
        for block, to_style in zip(self.blocks, self.styles, strict=True):
            x = block(x * there, style=to_style(style))
        return x


class ConvNeXt(nn.Module):
    """A stack of causal blocks, and what a stream of frames must remember between chunks."""

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
