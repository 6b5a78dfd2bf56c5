"""Self-attention that sees both sides."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Self-attention over all places of a row, beside the residual stream (Vaswani et al. 2017); no positions.

    Args:
        width: channels of the stream.
        heads: that share them.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(
        self, x: Float[Tensor, "batch place width"], there: Bool[Tensor, "batch place"]
    ) -> Float[Tensor, "batch place width"]:
        """The next stream; places that are not there are not seen."""
        heads = self.qkv(self.norm(x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(*heads, attn_mask=there[:, None, None])
        return x + self.out(mixed.transpose(1, 2).flatten(2))
