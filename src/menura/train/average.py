"""The moving average of weights: what is judged and kept, steadier than the weights of any one step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """An exponential moving average of a model's weights, quick at first.

    Args:
        model: whose weights it starts from.
        decay: reached in the long run; at step n it is at most ``(1 + n) / (10 + n)``.
    """

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        self.decay = decay
        self.weights = {name: weight.detach().clone() for name, weight in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Move towards the weights after step number `step`."""
        decay = min(self.decay, (1 + step) / (10 + step))
        learnt = dict(model.named_parameters())
        averages = [self.weights[name] for name in learnt]
        now = [parameter.detach() for parameter in learnt.values()]
        torch._foreach_lerp_(averages, now, 1 - decay)  # pyright: ignore[reportPrivateImportUsage]
        for name, buffer in model.state_dict().items():
            if name not in learnt:
                self.weights[name].copy_(buffer)  # a codebook, say, is an average already

    @contextmanager
    def within(self, model: nn.Module) -> Iterator[None]:
        """Let a model have the averaged weights for a while."""
        own = {name: weight.detach().clone() for name, weight in model.state_dict().items()}
        assign(model, self.weights)
        try:
            yield
        finally:
            assign(model, own)


@torch.no_grad()
def assign(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Copy weights into a model, by name."""
    for name, weight in model.state_dict().items():
        weight.copy_(weights[name])
