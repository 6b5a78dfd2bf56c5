"""From symbols that last some frames to the frames (Ren et al., FastSpeech's length regulator, 2019)."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def owners(
    durations: Int[Tensor, "batch symbol"], num_frames: int
) -> tuple[Int[Tensor, "batch frame"], Float[Tensor, "batch frame"]]:
    """The symbol that each frame belongs to, and the share of it that is over where the frame begins.

    Args:
        durations: frames of each symbol, 0 beyond the end of a row; frames that are left over belong to its last one.
        num_frames: of the longest row, or more.
    """
    ends = durations.cumsum(1)
    frames = torch.arange(num_frames, device=durations.device).expand(len(durations), -1).contiguous()
    last = (ends < ends[:, -1:]).sum(1, keepdim=True)
    at = torch.searchsorted(ends, frames, right=True).minimum(last)
    lasting = durations.gather(1, at).clamp(min=1)
    return at, (frames - (ends.gather(1, at) - lasting)) / lasting
