"""Several processes that train as one: `torchrun` starts them, gloo or NCCL joins them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist


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
    dist.init_process_group("nccl" if device == "cuda" else "gloo")
    try:
        yield dist.get_rank() == 0
    finally:
        dist.destroy_process_group()
