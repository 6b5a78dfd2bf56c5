"""Linear layers as oneDNN multiplies, for inference on a CPU.

PyTorch's own products of float32 matrices are MKL's where it has MKL, and MKL keeps to AVX2 on processors that are not
Intel's. oneDNN, which makes PyTorch's convolutions, uses all that a processor has: with AVX-512 it is twice as fast
there, and as fast elsewhere. Both agree to within float32's rounding.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.weak import WeakIdKeyDictionary

_AVAILABLE = (
    torch.backends.mkl.is_available()
    and torch.backends.mkldnn.is_available()
    and hasattr(torch.ops.mkldnn, "_linear_pointwise")  # what torch.compile makes of a linear layer on a CPU
)


def linear(
    x: Float[Tensor, "*any in"], weight: Float[Tensor, "out in"], bias: Float[Tensor, " out"] | None, gelu: bool = False
) -> Float[Tensor, "*any out"]:
    """``x @ weight.T + bias``, and the GELU of it if asked."""
    if _is_for_onednn(x, weight):
        what = ("gelu", [], "none") if gelu else ("none", [], "")
        return torch.ops.mkldnn._linear_pointwise(x, _packed(weight), bias, *what)
    out = F.linear(x, weight, bias)
    return F.gelu(out) if gelu else out


def _is_for_onednn(x: Tensor, weight: Tensor) -> bool:
    """Only inference, for it computes no gradients; only float32, for other products are oneDNN's anyway."""
    return (
        _AVAILABLE
        and not torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
        and x.device.type == "cpu"
        and x.dtype == weight.dtype == torch.float32
    )


def _packed(weight: Tensor) -> Tensor:
    """The weight in the order that oneDNN wants, else made at each call; made anew where the weight has changed."""
    if weight.is_inference():  # nobody counts its changes
        return weight
    state = (weight.data_ptr(), weight._version)
    if (known := _packs.get(weight)) is None or known[0] != state:
        known = _packs[weight] = (state, torch.ops.mkldnn._reorder_linear_weight(weight.detach()))
    return known[1]


_packs: WeakIdKeyDictionary = WeakIdKeyDictionary()
"""Weight -> where it was and how often it had been changed when it was packed, and the pack."""


class Linear(nn.Linear):
    """`torch.nn.Linear`, by way of `linear`."""

    def forward(self, input: Float[Tensor, "*any in"], gelu: bool = False) -> Float[Tensor, "*any out"]:
        """Also the GELU of what comes out, if asked."""
        return linear(input, self.weight, self.bias, gelu)
