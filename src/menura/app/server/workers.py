"""Threads that do the jobs, with one set of loaded models: so many at once, in turns where several clients wait."""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread, current_thread
from typing import Any

from menura import kinds
from menura.app.cli import one_line
from menura.app.server.database import is_disk_full
from menura.app.server.records import CANCELLED, DONE, FAILED, Job
from menura.app.server.requests import request
from menura.app.server.store import Store
from menura.app.server.turns import Turns
from menura.progress import Cancelled, Progress
from menura.tasks.models import Models
from menura.tasks.perform import Performed, perform, with_default_output
from menura.tasks.task import spoken

log = logging.getLogger("menura.server")
_MOST_LINES_TOLD = 200
_LOOK_EVERY_S = 1.0
"""How often dead threads are looked for, and what could not be written is tried again."""
_SLICE_S = 10.0
"""How long a job works before it lets another client's go first."""
_MOST_PAUSED = 3
"""So many jobs may wait for their next turn for each that works; they keep their memory meanwhile."""
_NEXT_STEP_S = 10.0
"""How long a task may take to notice that it should stop; what has not is taken up again by the next server."""


class JobProgress(Progress):
    """Where a running job is, for all who ask.

    Args:
        folder: of the server, which nobody is told.
        pause: called at every step, where the job may be kept waiting.
    """

    def __init__(self, folder: Path, pause: Callable[[JobProgress], None]) -> None:
        super().__init__()
        self._folder, self._pause = folder, pause
        self.has_turn, self.turn_began = True, time.monotonic()
        self.share, self.doing, self.noted, self.messages = 0.0, "", "", []
        self.put_back, self.worker = False, current_thread()
        self._since, self._from = time.monotonic(), 0.0

    def update(self, done: int, total: int, what: str) -> None:
        super().update(done, total, what)
        self._pause(self)

    def show(self, done: int, total: int, what: str) -> None:
        share = min(done / total, 1.0) if total else 0.0
        if what != self.doing or share < self.share:
            self._since, self._from = time.monotonic(), share
        self.share, self.doing = share, what

    def note(self, text: str) -> None:
        self.noted = text

    def say(self, text: str) -> None:
        if len(self.messages) < _MOST_LINES_TOLD:
            self.messages.append(without_folders(text, self._folder))

    def warn(self, text: str) -> None:
        self.say(f"warning: {text}")

    @property
    def eta_s(self) -> float | None:
        """Seconds until what it is doing is done, at the pace so far."""
        gained = self.share - self._from
        if gained < 0.02:
            return None
        return round((1 - self.share) * (time.monotonic() - self._since) / gained, 1)


class Workers:
    """Does the jobs of a store, whatever becomes of one of them, or of a thread.

    Args:
        store: where they are.
        models: shared by all.
        count: how many jobs run at once.
        idle_s: models are let go of when nothing has been done for so long.
        ended: told of every job that ends, and how.
    """

    def __init__(
        self, store: Store, models: Models, count: int, idle_s: float, ended: Callable[[Job, str], None]
    ) -> None:
        self.store, self.models, self.idle_s, self._ended = store, models, idle_s, ended
        self.running: dict[str, JobProgress] = {}
        self.turns = Turns(count)
        self._lock, self._wake, self._stopping = Lock(), Event(), Event()
        self._last_work = time.monotonic()
        self._trouble: str | None = None
        self._threads = [self._worker(n) for n in range(count * (1 + _MOST_PAUSED))]
        self._keeper = Thread(target=self._keep, name="menura-keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        for thread in (*self._threads, self._keeper):
            thread.start()

    def wake(self) -> None:
        """There is a new job."""
        self._wake.set()

    @property
    def trouble(self) -> str | None:
        """Why jobs are not being done just now, in a few words."""
        if not all(thread.is_alive() for thread in (*self._threads, self._keeper)):
            return "a worker has died"
        return self._trouble

    def cancel(self, id: str) -> bool:
        """Stop a job, now or at its next step; whether it was open."""
        with self._lock:  # a job that is taken meanwhile is seen either waiting or running
            if self.store.cancel_queued(id):
                self._tell_end(id, CANCELLED)
                return True
            progress = self.running.get(id)
            if progress is not None:
                self.store.cancel_running(id)
                progress.cancel()
        return progress is not None

    def stop(self, grace_s: float) -> None:
        """Take no more jobs, let those that run finish for so long, and put back those that have not."""
        self._stopping.set()
        self._wake.set()
        self._keeper.join()  # it would take workers that end now for dead
        self._join(grace_s)
        with self._lock:
            for progress in self.running.values():
                progress.put_back = True
                progress.cancel()
        self._join(_NEXT_STEP_S)

    def mend(self) -> None:
        """Replace threads that have died; the jobs they held wait again, or have failed."""
        for n, thread in enumerate(self._threads):
            if not thread.is_alive():
                log.error("%s has died; another takes its place", thread.name)
                another = self._worker(n)
                another.start()
                self._threads[n] = another
        with self._lock:
            held = {id for id, progress in self.running.items() if progress.worker.is_alive()}
            for id in self.store.running() - held:
                self.running.pop(id, None)
                self.store.interrupted(id, "its worker")

    def _worker(self, number: int) -> Thread:
        return Thread(target=self._work, name=f"menura-{number}", daemon=True)

    def _join(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))

    def _keep(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_S):
            try:
                self.mend()
            except Exception as error:  # looked at again
                self._say_trouble(error)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self._do_next():
                    self._idle()
                self._trouble = None
            except BaseException as error:  # the next job may fare better
                self._say_trouble(error)
                self._stopping.wait(_LOOK_EVERY_S)

    def _say_trouble(self, error: BaseException) -> None:
        said = error_message(error, self.store.folder)
        if said != self._trouble:
            log.exception("jobs cannot be done: %s", said)
        self._trouble = said

    def _idle(self) -> None:
        if not self.running and self.models.num_loaded and time.monotonic() - self._last_work > self.idle_s:
            self.models.forget()
        self._wake.wait(min(0.5, self.idle_s))
        self._wake.clear()

    def _do_next(self) -> bool:
        """Do the job that is next; whether there was one."""
        if not (self.turns.is_free or self.store.newcomer()):
            return False
        if not self.turns.take(lambda: not self._stopping.is_set()):
            return False
        progress = JobProgress(self.store.folder, self._pause)
        try:
            with self._lock:
                # A turn that a stop has freed is not for beginning anew what it has put back.
                job = None if self._stopping.is_set() else self.store.take()
                if job is None:
                    return False
                self.running[job.id] = progress
            try:
                self._do(job, progress)
            finally:
                with self._lock:
                    self.running.pop(job.id, None)
                self._last_work = time.monotonic()
        finally:
            if progress.has_turn:
                self.turns.give_back()
        return True

    def _pause(self, progress: JobProgress) -> None:
        """Let the others that wait go first, where a job has worked for long enough."""
        if time.monotonic() - progress.turn_began < _SLICE_S or not self.turns.num_waiting:
            return
        self.turns.give_back()
        progress.has_turn = False
        progress.has_turn = self.turns.take(lambda: not progress.is_cancelled)
        progress.turn_began = time.monotonic()
        progress.check()

    def _do(self, job: Job, progress: JobProgress) -> None:
        try:
            how: dict[str, Any] = {"status": DONE, "results": self._performed(job, progress)}
        except Cancelled:
            if progress.put_back:
                self._written(lambda: self.store.put_back(job.id))
                return
            how = {"status": CANCELLED}
        except BaseException as error:  # a job that fails, or that wants to end Python, takes nobody with it
            if not isinstance(error, ValueError | OSError):
                log.exception("%s (%s) failed", job.id, job.task)
            how = {"status": FAILED, "error": error_message(error, self.store.folder)}
        if self._written(lambda: self.store.end(job.id, told=progress.messages, **how)):
            self._tell_end(job.id, how["status"])

    def _tell_end(self, id: str, status: str) -> None:
        try:
            self._ended(self.store.job(id), status)
        except Exception:  # removed already, or a fault of whoever is told: the job has ended all the same
            log.exception("%s ended, and that could not be told", id)

    def _written(self, write: Callable[[], Any]) -> bool:
        """Write down how a job ended, again and again until the disk lets us; False: not before the server stopped."""
        while True:
            try:
                write()
                return True
            except (sqlite3.Error, OSError) as error:
                self._say_trouble(error)
            if self._stopping.wait(_LOOK_EVERY_S):
                return False

    def _performed(self, job: Job, progress: JobProgress) -> list[dict[str, Any]]:
        folder = self.store.prepare(job)
        inputs = {spoken(name): folder / file for name, file in job.inputs.items()}
        task = with_default_output(request(job.task, job.parameters, inputs, self.models), folder)
        return [_described(one, folder) for one in perform(task, self.models, progress)]


def error_message(error: BaseException, folder: Path) -> str:
    """An error for a stranger: one line, without the server's folders."""
    if is_disk_full(error, None if isinstance(error, ValueError) else folder):
        return "the disk is full"
    line = one_line(error)
    if isinstance(error, sqlite3.Error) or line.startswith("internal error"):
        return "internal error; the server's log says more"
    return without_folders(line, folder)


def without_folders(text: str, folder: Path) -> str:
    """What is said, without the server's folders, which are none of a stranger's business."""
    return re.sub(rf"{re.escape(str(folder))}/((jobs|files)/[^/ ]*/?)?", "", text)


def _described(performed: Performed, folder: Path) -> dict[str, Any]:
    """A result as clients see it."""
    files = [
        {
            "name": path.relative_to(folder).as_posix(),
            "kind": kinds.view(path.name),
            "type": kinds.media_type(path.name),
            "bytes": path.stat().st_size,
        }
        for path in performed.files
    ]
    return {"name": getattr(performed.result, "name", ""), "summary": performed.result.summary(), "files": files}
