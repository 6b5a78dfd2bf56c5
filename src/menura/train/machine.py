"""What the machine that trains can do, and is asked to do."""

from __future__ import annotations

import ctypes
import platform
import time
from pathlib import Path
from typing import Any

import torch

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_freed_memory() -> bool:
    """Ask glibc to keep freed memory for the next step; says whether it does.

    By default it maps every large tensor anew and gives it back when freed, so that the kernel clears each page again
    in every step: up to half of a step's time. This holds for the whole process. It does nothing where there is no
    glibc.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_M_MMAP_MAX, 0)) and bool(mallopt(_M_TRIM_THRESHOLD, _NEVER))


def best_device() -> str:
    """``"cuda"``, ``"mps"`` or ``"cpu"``: the quickest there is."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def autocast_dtype(device: str) -> torch.dtype | None:
    """``torch.bfloat16`` where the device multiplies it in hardware, None for plain float32."""
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else None
    return torch.bfloat16 if device == "cpu" and cpu_flags() & {"avx512_bf16", "amx_bf16", "bf16"} else None


def cpu_flags() -> frozenset[str]:
    """What Linux says the processor can do; nothing elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    first = next((line for line in lines if line.lower().startswith(("flags", "features"))), ":")
    return frozenset(first.partition(":")[2].split())


def seconds_a_step(objective: Any, batch: Any, steps: int = 2) -> float:
    """How long a step takes on this machine's processor, optimiser and adversaries aside.

    Args:
        objective: a `menura.train.recipe.Objective`.
        batch: what it learns from.
        steps: how many are timed, after one that is not: the first is slower than those that follow.
    """
    dtype, started = autocast_dtype("cpu"), 0.0
    for step in range(steps + 1):
        if step == 1:
            started = time.perf_counter()
        with torch.autocast("cpu", dtype, enabled=dtype is not None):
            loss = next(objective.losses(batch, 0.0))
        loss.value.backward()
    return (time.perf_counter() - started) / steps
