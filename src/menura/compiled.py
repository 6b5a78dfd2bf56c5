"""Functions compiled by numba, kept on disk where there is a place for them, and never older than what they call.

numba keeps what it has compiled as long as the file is the same in which a function stands. But what that calls, and
the constants it reads, are compiled into it: here it is kept as long as every file of the package is the same that its
module sees.

Places are tried in numba's own order: ``NUMBA_CACHE_DIR``, ``__pycache__`` beside the source, the user's folder for
caches; and then a folder for temporary files. Without any, each process compiles for itself.
"""

# pyright: reportIncompatibleMethodOverride=false, reportAttributeAccessIssue=false
# numba says little of its types, and of some what is not so

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Self

import numba
import numpy as np
from numba.core import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile, _CacheLocator
from numba.misc.appdirs import AppDirs

QUICK: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy"}
"""Options of numba for arithmetic that need not be exact to the last bit, without the interpreter's lock."""

INSIDE: dict[str, Any] = {**QUICK, "forceinline": True}
"""The same, of functions that compiled ones call: as a part of these they are one code, whether it was compiled in this
process or kept by another. By itself each copy may be rounded otherwise."""

_CONSTANTS = int | float | complex | str | bytes | tuple | np.generic


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A decorator: compile a function at its first call, with `options` of ``numba.njit``."""

    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher = numba.njit(**options)(function)
        with contextlib.suppress(RuntimeError):  # there is no place to keep it
            dispatcher._cache = _Cache(function)
        return dispatcher

    return decorate


class _Place(_CacheLocator):
    """Where a function is kept, and the stamp of what it was compiled from."""

    def __init__(self, function: FunctionType, folder: Path) -> None:
        self._function, self._folder = function, folder

    @classmethod
    def from_function(cls, py_func: FunctionType, py_file: str) -> Self | None:
        for folder in _folders(py_file, cls.get_suitable_cache_subpath(py_file)):
            place = cls(py_func, folder)
            with contextlib.suppress(OSError):
                place.ensure_cache_path()
                return place
        return None

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_disambiguator(self) -> str:
        return str(self._function.__code__.co_firstlineno)

    def get_source_stamp(self) -> str:
        own = sys.modules[self._function.__module__]
        constants = {name: value for name, value in vars(own).items() if isinstance(value, _CONSTANTS)}
        digest = hashlib.sha256(repr(sorted(constants.items())).encode())
        for _, module in sorted(_seen_by(own).items()):
            if file := getattr(module, "__file__", None):
                digest.update(Path(file).read_bytes())
        return digest.hexdigest()


def _folders(file: str, within_shared: str) -> Iterator[Path]:
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR, within_shared)
    yield Path(file).parent / "__pycache__"
    of_user = Path(AppDirs("numba", appauthor=False).user_cache_dir)
    if of_user.is_absolute():  # or there is no home
        yield of_user / within_shared
    with contextlib.suppress(OSError):
        yield _own_temporary_folder() / within_shared


def _own_temporary_folder() -> Path:
    """A folder for temporary files in which nobody else can write: what is kept there is run."""
    if not hasattr(os, "getuid"):  # on Windows each user has one
        return Path(tempfile.gettempdir(), "menura")
    folder = Path(tempfile.gettempdir(), f"menura-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise PermissionError(f"{folder}: others can write there")
    return folder


def _seen_by(module: ModuleType) -> dict[str, ModuleType]:
    """A module, those of its package and of Menura that its names come from, and those that theirs come from."""
    packages = {name.partition(".")[0] for name in (module.__name__, __name__)}
    found, waiting = {}, [module]
    while waiting:
        one = waiting.pop()
        if one.__name__ in found or one.__name__.partition(".")[0] not in packages:
            continue
        found[one.__name__] = one
        for value in list(vars(one).values()):
            origin = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
            if isinstance(origin, str) and origin in sys.modules:
                waiting.append(sys.modules[origin])
    return found


class _Implementation(CompileResultCacheImpl):
    _locator_classes = (_Place,)


class _Kept(IndexDataCacheFile):
    """Files named by what they were compiled for.

    numba numbers them: of two processes that compile a function for two kinds of arguments at the same time, one would
    later run the other's code, on memory of another shape.
    """

    def save(self, key: Any, data: Any) -> None:
        kinds = self._load_index()
        named = hashlib.sha256(repr((self._source_stamp, key)).encode()).hexdigest()[:16]
        kinds[key] = f"{self._index_name.removesuffix('.nbi')}.{named}.nbc"
        self._save_data(kinds[key], data)
        self._save_index(kinds)
        for stale in Path(self._cache_path).glob(f"{glob.escape(self._index_name.removesuffix('.nbi'))}.*.nbc"):
            if stale.name not in kinds.values():
                stale.unlink(missing_ok=True)


class _Cache(FunctionCache):
    """A full disk, or a file that is gone or cannot be read, costs the time to compile and nothing else."""

    _impl_class = _Implementation

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _Kept(self._cache_path, self._impl.filename_base, self._cache_file._source_stamp)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except OSError:
            return None
        except Exception:  # an index of before a module was renamed is read before its stamp is looked at
            with contextlib.suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)
