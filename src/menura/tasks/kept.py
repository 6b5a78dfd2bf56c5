"""What took long to make, kept by all that made it: in memory, and in the user's folder for caches."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from importlib.resources import files as package_files
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from menura import files
from menura.tasks.models import user_shelf

Arrays = Mapping[str, np.ndarray]
_WHAT_ROUNDS = ("menura", "numpy", "scipy", "torch", "numba", "soxr")
"""Packages of which another version may make other last bits."""
_SUFFIX = ".safetensors"


class Kept:
    """Arrays by a hash of what they were made of and of the code that made them; the oldest make room.

    What is found is what would be made, to the last bit. A file that is damaged, or a disk that is full, costs the time
    to make it again and nothing else. Safe to share between threads and processes.

    Args:
        name: of its folder, beside the user's models.
        memory_bytes, disk_bytes: the most that is kept there.
    """

    def __init__(self, name: str, memory_bytes: int, disk_bytes: int) -> None:
        self._name, self._memory_bytes, self._disk_bytes = name, memory_bytes, disk_bytes
        self._held: OrderedDict[str, Arrays] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def folder(self) -> Path:
        """Where files are kept."""
        return user_shelf().parent / self._name

    def get(self, made_of: object, make: Callable[[], Arrays]) -> Arrays:
        """What `make` makes, or made before; nobody may change it.

        Args:
            made_of: all that it depends on, of which the `repr` tells everything; arrays by their `told`.
            make: names -> arrays.
        """
        key = hashlib.sha256(repr((_code(), made_of)).encode()).hexdigest()
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        found = self._read(key)
        if found is None:
            found = {name: np.ascontiguousarray(array) for name, array in make().items()}
            self._write(key, found)
        for array in found.values():
            array.flags.writeable = False
        with self._lock:
            self._held[key] = found
            while len(self._held) > 1 and sum(map(_num_bytes, self._held.values())) > self._memory_bytes:
                self._held.popitem(last=False)
        return found

    def forget(self) -> None:
        """Let go of what is in memory."""
        with self._lock:
            self._held.clear()

    def _read(self, key: str) -> Arrays | None:
        path = self.folder / (key + _SUFFIX)
        with suppress(OSError, SafetensorError, ValueError):
            found = load(path.read_bytes())
            os.utime(path)
            return found
        return None

    def _write(self, key: str, arrays: Arrays) -> None:
        if _num_bytes(arrays) > self._disk_bytes:
            return
        with suppress(OSError):
            files.write_bytes(self.folder / (key + _SUFFIX), save(dict(arrays)), overwrite=True)
            self._make_room()

    def _make_room(self) -> None:
        about = [(path.stat(), path) for path in self.folder.glob(f"*{_SUFFIX}")]
        left = sum(one.st_size for one, _ in about) - self._disk_bytes
        for one, path in sorted(about, key=lambda pair: pair[0].st_mtime_ns):
            if left <= 0:
                return
            path.unlink(missing_ok=True)
            left -= one.st_size


def told(array: np.ndarray) -> str:
    """An array as a part of what something is made of."""
    there = np.ascontiguousarray(array)
    return f"{there.dtype}{there.shape}{hashlib.sha256(there.tobytes()).hexdigest()}"


def _num_bytes(arrays: Arrays) -> int:
    return sum(array.nbytes for array in arrays.values())


@cache
def _code() -> str:
    """The package's own code, and the versions of what it counts with."""
    digest = hashlib.sha256(repr([version(name) for name in _WHAT_ROUNDS]).encode())
    root = Path(str(package_files("menura")))
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
