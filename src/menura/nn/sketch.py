"""A model of shapes alone, to compare weights with before memory is taken for them.

What PyTorch would ask its compiler's tables for, seconds and a hundred megabytes, is answered here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

_BY_ELEMENT = frozenset(
    (
        *("neg", "abs", "cos", "sin", "exp", "log", "sqrt", "add", "radd", "sub", "rsub", "mul", "rmul"),
        *("div", "truediv", "rdiv", "pow", "rpow", "mod", "remainder"),
    )
)


def _shape(name: str, args: Sequence[Any]) -> tuple[int, ...] | None:
    """The shape of what tables are made of; None: let torch say it, which imports its compiler, for seconds."""
    if name == "arange" and all(isinstance(one, int) for one in args):
        return (len(range(*args)),)
    if name in ("hann_window", "randn") and all(isinstance(one, int) for one in args):
        return tuple(args)
    if name in _BY_ELEMENT:
        return np.broadcast_shapes(*(one.shape for one in args if isinstance(one, torch.Tensor)))
    if name == "outer":
        return (len(args[0]), len(args[1]))
    if name == "cat" and len(args) == 2 and args[1] == -1 and isinstance(args[0], tuple):
        return (*args[0][0].shape[:-1], sum(one.shape[-1] for one in args[0]))
    return None


class Sketch(TorchFunctionMode):
    """Within, and within ``torch.device("meta")``, modules are not initialised, and are no more than weights may need.

    Args:
        num_weights: how many there are.

    Raises:
        ValueError: they are more, as a config may say that there are any number of layers.
    """

    def __init__(self, num_weights: int) -> None:
        super().__init__()
        self.calls_left = 1000 + 50 * num_weights

    def __torch_function__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.calls_left -= 1
        if self.calls_left < 0:
            raise ValueError("it has more layers than there are weights for")
        kwargs = kwargs or {}
        if getattr(function, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        shape = _shape(getattr(function, "__name__", "").strip("_"), args) if not kwargs else None
        return function(*args, **kwargs) if shape is None else torch.empty(shape)
