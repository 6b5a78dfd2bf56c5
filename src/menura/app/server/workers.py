"""Threads that do the jobs, one after another, with one set of loaded models."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from pkgutil import resolve_name
from threading import Event, Lock, Thread
from typing import Any

from menura.app.cli import one_line
from menura.app.server.store import CANCELLED, DONE, FAILED, Job, Store
from menura.progress import Cancelled, Progress
from menura.tasks import TASKS
from menura.tasks.models import Models
from menura.tasks.perform import Performed, perform, with_default_output
from menura.tasks.task import SOUND_SUFFIXES, Task

log = logging.getLogger("menura.server")
_MOST_LINES_TOLD = 200
_NEXT_STEP_S = 10.0
"""How long a task may take to notice that it should stop; what has not is taken up again by the next server."""
_MEDIA_TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".aiff": "audio/aiff",
    ".mid": "audio/midi",
    ".png": "image/png",
    ".json": "application/json",
    ".zip": "application/zip",
}
_KINDS = {".json": "sidecar", ".mid": "notes", ".png": "picture", ".zip": "bundle", ".mnr": "codes"}


def task_class(name: str) -> type[Task]:
    """The task of a name.

    Raises:
        KeyError: there is none that is offered over HTTP.
    """
    kind: type[Task] = resolve_name(TASKS[name][0])
    if kind.is_local:
        raise KeyError(name)
    return kind


class JobProgress(Progress):
    """Where a running job is, for all who ask."""

    def __init__(self) -> None:
        super().__init__()
        self.share, self.doing, self.told = 0.0, "", []
        self.put_back = False
        self._since, self._from = time.monotonic(), 0.0

    def show(self, done: int, total: int, what: str) -> None:
        share = min(done / total, 1.0) if total else 0.0
        if what != self.doing or share < self.share:
            self._since, self._from = time.monotonic(), share
        self.share, self.doing = share, what

    def say(self, text: str) -> None:
        if len(self.told) < _MOST_LINES_TOLD:
            self.told.append(text)

    @property
    def eta_s(self) -> float | None:
        """Seconds until what it is doing is done, at the pace so far."""
        gained = self.share - self._from
        if gained < 0.02:
            return None
        return round((1 - self.share) * (time.monotonic() - self._since) / gained, 1)


class Workers:
    """Does the jobs of a store.

    Args:
        store: where they are.
        models: shared by all.
        count: how many jobs run at once.
        idle_s: models are let go of when nothing has been done for so long.
        ended: told of every job that ends: its task and how it ended.
    """

    def __init__(
        self, store: Store, models: Models, count: int, idle_s: float, ended: Callable[[str, str], None]
    ) -> None:
        self.store, self.models, self.idle_s, self._ended = store, models, idle_s, ended
        self.running: dict[str, JobProgress] = {}
        self._lock, self._wake, self._stopping = Lock(), Event(), Event()
        self._last_work = time.monotonic()
        self._threads = [Thread(target=self._work, name=f"menura-{n}", daemon=True) for n in range(count)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is a new job."""
        self._wake.set()

    def cancel(self, id: str) -> bool:
        """Stop a job, now or at its next step; whether it was open."""
        if self.store.cancel_queued(id):
            self._ended(self.store.job(id).task, CANCELLED)
            return True
        with self._lock:
            progress = self.running.get(id)
        if progress is not None:
            progress.cancel()
        return progress is not None

    def stop(self, grace_s: float) -> None:
        """Take no more jobs, let those that run finish for so long, and put back those that have not."""
        self._stopping.set()
        self._wake.set()
        until = time.monotonic() + grace_s
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))
        with self._lock:
            for progress in self.running.values():
                progress.put_back = True
                progress.cancel()
        for thread in self._threads:
            thread.join(_NEXT_STEP_S)

    def _work(self) -> None:
        while not self._stopping.is_set():
            job = self.store.take()
            if job is not None:
                self._do(job)
                self._last_work = time.monotonic()
                continue
            if not self.running and self.models.num_loaded and time.monotonic() - self._last_work > self.idle_s:
                self.models.forget()
            self._wake.wait(min(0.5, self.idle_s))
            self._wake.clear()

    def _do(self, job: Job) -> None:
        progress = JobProgress()
        with self._lock:
            self.running[job.id] = progress
        try:
            results = self._performed(job, progress)
            self.store.end(job.id, DONE, results=results, told=progress.told)
            self._ended(job.task, DONE)
        except Cancelled:
            if progress.put_back:
                self.store.put_back(job.id)
            else:
                self.store.end(job.id, CANCELLED, told=progress.told)
                self._ended(job.task, CANCELLED)
        except Exception as error:  # a job that fails must not take its thread with it
            if not isinstance(error, ValueError | OSError):
                log.exception("%s (%s) failed", job.id, job.task)
            self.store.end(job.id, FAILED, told=progress.told, error=told(error, self.store.folder))
            self._ended(job.task, FAILED)
        finally:
            with self._lock:
                del self.running[job.id]

    def _performed(self, job: Job, progress: JobProgress) -> list[dict[str, Any]]:
        folder = self.store.job_folder(job.id)
        task = request(job.task, job.parameters, {name: folder / file for name, file in job.inputs.items()})
        task = with_default_output(task, folder)
        return [_described(one, folder) for one in perform(task, self.models, progress)]


def request(name: str, parameters: Mapping[str, Any], inputs: Mapping[str, Path]) -> Task:
    """A task from untrusted parameters and files that were received for it.

    Raises:
        KeyError: there is no such task.
        ValueError: what is wrong with them, in one line.
    """
    return task_class(name).build({**parameters, **inputs})


def told(error: BaseException, folder: Path) -> str:
    """An error for a stranger: one line, without the server's folders."""
    line = one_line(error)
    if line.startswith("internal error"):
        return "internal error; the server's log says more"
    return re.sub(rf"{re.escape(str(folder))}/((jobs|files)/[^/ ]*/?)?", "", line)


def _described(performed: Performed, folder: Path) -> dict[str, Any]:
    """A result as clients see it."""
    files = [
        {
            "name": path.relative_to(folder).as_posix(),
            "kind": _kind(path),
            "type": media_type(path),
            "bytes": path.stat().st_size,
        }
        for path in performed.files
    ]
    return {"name": getattr(performed.result, "name", ""), "summary": performed.result.summary(), "files": files}


def media_type(path: Path) -> str:
    """What HTTP calls a file of that name."""
    return _MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")


def _kind(path: Path) -> str:
    return "audio" if path.suffix in SOUND_SUFFIXES else _KINDS.get(path.suffix, "other")
