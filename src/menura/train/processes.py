"""Several processes that train as one: `torchrun` starts them, gloo or NCCL joins them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist

from menura.nn.parallel import world

_PATIENCE = timedelta(days=1)
"""One process may prepare data for hours, while the others wait."""


@contextmanager
def together(device: str) -> Iterator[bool]:
    """Join the processes that `torchrun` started, if it did; gives whether this one keeps and tells.

    Args:
        device: ``"cuda"`` gives each process of a machine its own.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1 or not dist.is_available():
        yield True
        return
    if device == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    dist.init_process_group("nccl" if device == "cuda" else "gloo", timeout=_PATIENCE)
    try:
        yield dist.get_rank() == 0
    finally:
        dist.destroy_process_group()


@contextmanager
def first_alone() -> Iterator[None]:
    """Let the first process do what is within alone, and the others once it has: what it prepares, they find."""
    number, count = world()
    if number:
        dist.barrier()
    yield
    if count > 1 and not number:
        dist.barrier()
