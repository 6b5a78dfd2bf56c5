"""Results in other forms, as sound in another format.

Each is made once, however many wait for it, by one of a few threads; it is kept beside the result, in the job's folder,
so that parts of it can be asked for, until room is needed for others. Nobody waits: it is no longer made.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from starlette.requests import ClientDisconnect

from menura.progress import Progress

FOLDER = ".converted"
"""Where they lie, beside what they are made from; no result has such a name."""
_LOOK_EVERY_S, _LEFT_EVERY_S = 0.02, 0.3
"""How often it is looked whether one is ready, and whether whoever asked is still there."""


Maker = Callable[[Path, Path], None]
"""Makes a file of another; raises ValueError where that cannot be."""


class Form(NamedTuple):
    """One form of a result.

    Attributes:
        make: what makes it.
        suffix: what its name ends with, after that of the result.
        is_quick: whether it is made in a moment, and so does not wait for those that are not.
    """

    make: Maker
    suffix: str
    is_quick: bool = False

    def path(self, source: Path) -> Path:
        """Where that of a result lies."""
        return source.parent / FOLDER / f"{source.name}{self.suffix}"


@dataclass
class _Work:
    """One that is being made, or waits to be."""

    future: Future[None]
    progress: Progress = field(default_factory=Progress)
    waiting: int = 0


class Conversions:
    """Makes them and keeps them.

    Args:
        jobs: the folder of all jobs.
        at_once: how many are made at once; the others wait.
        most_bytes: how much all that are kept may take; the one not asked for longest goes first.
    """

    def __init__(self, jobs: Path, at_once: int, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._threads = ThreadPoolExecutor(at_once, "menura-convert")
        self._quick_threads = ThreadPoolExecutor(1, "menura-quick")
        self._lock = Lock()
        self._works: dict[Path, _Work] = {}
        found = [path for depth in ("*", "*/*") for path in jobs.glob(f"{depth}/{FOLDER}/*")]
        found.sort(key=lambda path: path.stat().st_mtime)
        self._kept = OrderedDict((path, path.stat().st_size) for path in found)

    def close(self) -> None:
        """Make no more."""
        with self._lock:
            for work in self._works.values():
                work.progress.cancel()
        for threads in (self._threads, self._quick_threads):
            threads.shutdown(cancel_futures=True)

    @property
    def num_waiting(self) -> int:
        """How many are made or wait to be."""
        return len(self._works)

    async def get(self, source: Path, form: Form, has_left: Callable[[], Awaitable[bool]]) -> Path:
        """The file of a result in another form.

        Args:
            source: the result, of a job that has ended.
            form: the other.
            has_left: whether whoever asks is gone.

        Raises:
            ValueError: it cannot be given so.
            OSError: it cannot be kept.
            starlette.requests.ClientDisconnect: whoever asks is gone.
        """
        path = form.path(source)
        work = self._begun(source, form)
        if work is None:
            return path
        try:
            await _finished(work.future, has_left)
        finally:
            with self._lock:
                work.waiting -= 1
                if not work.waiting and not work.future.done():
                    work.progress.cancel()
                    self._works.pop(path, None)
        work.future.result()
        return path

    def begin(self, source: Path, form: Form) -> None:
        """Make one that will be asked for, whether or not somebody waits for it."""
        with contextlib.suppress(RuntimeError):  # no more are made
            self._begun(source, form)

    def _begun(self, source: Path, form: Form) -> _Work | None:
        """The work on a file, with one more who waits for it; None where it is there already."""
        path, threads = form.path(source), self._quick_threads if form.is_quick else self._threads
        with self._lock:
            work = self._works.get(path)
            if work is None:
                if path.is_file() and path.stat().st_mtime >= source.stat().st_mtime:
                    self._kept[path] = path.stat().st_size
                    self._kept.move_to_end(path)
                    return None
                progress = Progress()
                work = _Work(threads.submit(self._make, source, path, form.make, progress), progress)
                self._works[path] = work
            work.waiting += 1
            return work

    def _make(self, source: Path, path: Path, maker: Maker, progress: Progress) -> None:
        try:
            with progress.active():
                progress.check()
                path.unlink(missing_ok=True)
                maker(source, path)
            if not source.is_file():  # the job was removed meanwhile, and its folder has just been made again
                shutil.rmtree(path.parent)
                with contextlib.suppress(OSError):
                    source.parent.rmdir()
                raise FileNotFoundError(f"{source.name} is gone from the server")
            self._keep(path)
        finally:
            with self._lock:
                if (work := self._works.get(path)) and work.progress is progress:
                    del self._works[path]

    def _keep(self, path: Path) -> None:
        with self._lock:
            self._kept[path] = path.stat().st_size
            while sum(self._kept.values()) > self._most_bytes and len(self._kept) > 1:
                oldest, _ = self._kept.popitem(last=False)
                oldest.unlink(missing_ok=True)


async def _finished(future: Future[None], has_left: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is done, or whoever asked has left."""
    since = 0.0
    while not future.done():
        await asyncio.sleep(_LOOK_EVERY_S)
        since += _LOOK_EVERY_S
        if since >= _LEFT_EVERY_S:
            since = 0.0
            if await has_left():
                raise ClientDisconnect
