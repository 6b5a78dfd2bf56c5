"""Numbers of 16 bits in compiled loops: bfloat16, the upper half of a float32's bits (Kalamkar et al. 2019).

numba does not know them, so arrays hold them as int16. Reading them costs half of what float32 costs, which is most of
a loop over more numbers than the nearest cache holds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int16
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from torch import Tensor


def narrowed(x: Float[Tensor, "*any"]) -> Int16[np.ndarray, "*any"]:
    """A tensor of any device, rounded to bfloat16, as int16 on the CPU."""
    return x.detach().to(torch.bfloat16).cpu().contiguous().view(torch.int16).numpy()


def _wide(_context: Any, value: Any) -> Any:
    if value == types.float32:
        return types.float32(value), lambda _context, _builder, _signature, arguments: arguments[0]
    if value != types.int16:
        return None

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        bits = ir.IntType(32)
        upper = builder.shl(builder.zext(arguments[0], bits), ir.Constant(bits, 16))
        return builder.bitcast(upper, ir.FloatType())

    return types.float32(value), generate


wide: Any = intrinsic(_wide)
"""The float32 that an int16 stands for; a float32 is itself."""
