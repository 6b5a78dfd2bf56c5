"""Several processes as one: each has a slice of the batch, and all do what one would do with the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


def world() -> tuple[int, int]:
    """This process's number and how many there are: (0, 1) alone."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_available() and dist.is_initialized() else (0, 1)


def shard(batch: Any) -> Any:
    """This process's slice of a batch: of every tensor in it, the items that are its own.

    Raises:
        ValueError: the items cannot be shared out evenly.
    """
    number, count = world()
    if count == 1:
        return batch
    if isinstance(batch, Tensor):
        if len(batch) % count:
            raise ValueError(f"a batch of {len(batch)} cannot be shared out evenly to {count} processes")
        return batch.tensor_split(count)[number]
    parts = map(shard, batch)
    return type(batch)(*parts) if hasattr(batch, "_fields") else tuple(parts)


def gathered(x: Tensor) -> Tensor:
    """`x` of every process, one after another along the first axis, in the order of the whole batch; no gradient."""
    _, count = world()
    if count == 1:
        return x
    parts = [torch.empty_like(x) for _ in range(count)]
    dist.all_gather(parts, x.contiguous())
    return torch.cat(parts)


def all_reduce(x: Tensor) -> Tensor:
    """The sum of a number over all processes; no gradient."""
    if world()[1] > 1:
        x = x.detach().clone()
        dist.all_reduce(x)
    return x


def broadcast(value: float) -> float:
    """The first process's value, for all."""
    if world()[1] == 1:
        return value
    shared = torch.tensor([value], dtype=torch.float64)
    dist.broadcast(shared, 0)
    return float(shared)


def averaged(values: Mapping[str, float]) -> dict[str, float]:
    """The mean of every process's numbers; all have the same names."""
    _, count = world()
    if count == 1:
        return dict(values)
    shared = torch.tensor(list(values.values()), dtype=torch.float64)
    dist.all_reduce(shared)
    return dict(zip(values, (shared / count).tolist(), strict=True))


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Give every process the mean of all processes' gradients."""
    _, count = world()
    if count == 1:
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= count
    start = 0
    for gradient in gradients:
        gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
        start += gradient.numel()
