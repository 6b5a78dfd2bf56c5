"""Linear layers as oneDNN multiplies, for inference on a CPU.

PyTorch's own products of float32 matrices are MKL's where it has MKL, and MKL keeps to AVX2 on processors that are not
Intel's. oneDNN, which makes PyTorch's convolutions, uses all that a processor has: with AVX-512 it is twice as fast
there, and as fast elsewhere. Both agree to within float32's rounding.

What is given in bfloat16 is multiplied in it (with sums in float32) by weights that stay as they are, rounded once.
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

QUICK_IN_BFLOAT16 = _AVAILABLE and getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()
"""Whether this processor multiplies matrices of bfloat16 several times as fast as of float32: it has AMX."""


def linear(
    x: Float[Tensor, "*any in"], weight: Float[Tensor, "out in"], bias: Float[Tensor, " out"] | None, gelu: bool = False
) -> Float[Tensor, "*any out"]:
    """``x @ weight.T + bias``, and the GELU of it if asked, of the type of `x`."""
    if _is_for_onednn(x, weight):
        what = ("gelu", [], "none") if gelu else ("none", [], "")
        bias = bias if bias is None else bias.to(x.dtype)
        return torch.ops.mkldnn._linear_pointwise(x, _packed(weight, x.dtype), bias, *what)
    if x.dtype == torch.bfloat16:
        weight, bias = weight.to(x.dtype), bias if bias is None else bias.to(x.dtype)
    out = F.linear(x, weight, bias)
    return F.gelu(out) if gelu else out


def _is_for_onednn(x: Tensor, weight: Tensor) -> bool:
    """Only inference, for it computes no gradients; only by float32, for other products are oneDNN's anyway.

    torch.compile chooses by itself, and cannot take a product that was chosen.
    """
    return (
        _AVAILABLE
        and not torch.compiler.is_compiling()
        and not torch.is_grad_enabled()
        and not torch.is_autocast_enabled("cpu")
        and x.device.type == "cpu"
        and weight.dtype == torch.float32
        and (x.dtype == torch.float32 or (x.dtype == torch.bfloat16 and QUICK_IN_BFLOAT16))
    )


def _packed(weight: Tensor, dtype: torch.dtype) -> Tensor:
    """The weight in the order that oneDNN wants, else made at each call; made anew where the weight has changed."""
    if weight.is_inference():  # nobody counts its changes
        return weight.to(dtype)
    state = (weight.data_ptr(), weight._version, dtype)
    if (known := _packs.get(weight)) is None or known[0] != state:
        packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach().to(dtype))
        known = _packs[weight] = (state, packed)
    return known[1]


_packs: WeakIdKeyDictionary = WeakIdKeyDictionary()
"""Weight -> where it was, how often it had been changed and of what type it was when it was packed, and the pack."""


class Linear(nn.Linear):
    """`torch.nn.Linear`, by way of `linear`."""

    def forward(self, input: Float[Tensor, "*any in"], gelu: bool = False) -> Float[Tensor, "*any out"]:
        """Also the GELU of what comes out, if asked."""
        return linear(input, self.weight, self.bias, gelu)
