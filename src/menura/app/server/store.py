"""What the server must not forget: jobs and uploaded files, in one SQLite database and a folder for each.

    jobs.sqlite    both tables; locked by the one server that uses the folder
    jobs/job-…/    inputs and results of a job, under their own names
    files/file-…   uploads

A job is accepted when its row is written, and ends when its row says so: whatever kills the server in between,
`recover` puts it back into the queue, or says that it failed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

JOB_ID, FILE_ID = re.compile(r"job-[0-9a-f]{20}"), re.compile(r"file-[0-9a-f]{20}")
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)
_MOST_ATTEMPTS = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, client TEXT NOT NULL, task TEXT NOT NULL, parameters TEXT NOT NULL, inputs TEXT NOT NULL,
    status TEXT NOT NULL, told TEXT NOT NULL DEFAULT '[]', results TEXT NOT NULL DEFAULT '[]', error TEXT,
    created REAL NOT NULL, started REAL, finished REAL, attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS jobs_by_client ON jobs (client, created);
CREATE INDEX IF NOT EXISTS jobs_by_start ON jobs (client, started);
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (status) WHERE status IN ('queued', 'running');
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, client TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL, created REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS files_by_client ON files (client, created);
"""
# The client who has waited longest since a job of theirs was begun is served next; one never served comes first.
_NEXT = """
SELECT * FROM jobs AS job WHERE status = 'queued' ORDER BY
    (SELECT max(started) FROM jobs WHERE client = job.client) NULLS FIRST, created, rowid LIMIT 1
"""


class QueueFull(Exception):
    """There are as many jobs in the queue as there may be."""


@dataclass(frozen=True)
class Job:
    """A job as it is stored; `results` are mappings as a client sees them, without addresses."""

    id: str
    client: str
    task: str
    parameters: dict[str, Any]
    inputs: dict[str, str]
    status: str
    told: tuple[str, ...]
    results: tuple[dict[str, Any], ...]
    error: str | None
    created: float
    started: float | None
    finished: float | None
    attempts: int


@dataclass(frozen=True)
class StoredFile:
    """An upload: its name is what its sender called it, and is never a path."""

    id: str
    client: str
    name: str
    bytes: int
    created: float


class Store:
    """Jobs and files of one folder; safe to share between threads.

    Args:
        folder: made where it is missing.

    Raises:
        ValueError: another server uses the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        for part in ("jobs", "files"):
            (self.folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = RLock()
        path = self.folder / "jobs.sqlite"
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=2)
        self._database.row_factory = sqlite3.Row
        try:
            for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            self._database.close()
            if "locked" not in str(error):
                raise
            raise ValueError(f"another menura serve uses {folder}; stop it, or name another folder (--state)") from None

    def close(self) -> None:
        """Let the folder go."""
        with self._lock:
            self._database.close()

    # Jobs

    def add(
        self,
        client: str,
        task: str,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, tuple[Path, str]],
        *,
        most_queued: int,
        most_of_client: int,
    ) -> Job:
        """Accept a job. `inputs`: field -> a file to be read and its name, under which the job gets it.

        Raises:
            QueueFull: there are too many, of all clients or of this one.
        """
        id = f"job-{secrets.token_hex(10)}"
        own = self.job_folder(id)
        with self._lock:
            queued = self._all("SELECT client FROM jobs WHERE status = 'queued'")
            if len(queued) >= most_queued or sum(row["client"] == client for row in queued) >= most_of_client:
                raise QueueFull
            own.mkdir(mode=0o700)
            names = {field: _taken(path, name, own) for field, (path, name) in inputs.items()}
            self._run(
                "INSERT INTO jobs (id, client, task, parameters, inputs, status, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(id, client, task, json.dumps(dict(parameters)), json.dumps(names), QUEUED, time.time()),
            )
        return self.job(id)

    def job(self, id: str) -> Job:
        """One job.

        Raises:
            KeyError: there is none of that name.
        """
        rows = self._all("SELECT * FROM jobs WHERE id = ?", id)
        if not rows:
            raise KeyError(id)
        return _job(rows[0])

    def jobs(self, client: str, limit: int, before: str | None = None, search: str = "") -> list[Job]:
        """A client's jobs, the youngest first, from the one after `before`, that hold the words of `search`."""
        where, values = ["client = ?"], [client]
        if before:
            where.append("rowid < (SELECT rowid FROM jobs WHERE id = ?)")
            values.append(before)
        for word in search.split():
            where.append("instr(lower(task || ' ' || parameters || ' ' || results || ' ' || inputs), lower(?))")
            values.append(json.dumps(word)[1:-1])
        query = f"SELECT * FROM jobs WHERE {' AND '.join(where)} ORDER BY rowid DESC LIMIT ?"
        return [_job(row) for row in self._all(query, *values, limit)]

    def place(self, id: str) -> int | None:
        """How many jobs were accepted before this one and still wait, and this one; None if it does not wait."""
        rows = self._all("SELECT id FROM jobs WHERE status = 'queued' ORDER BY rowid")
        return next((place for place, row in enumerate(rows, 1) if row["id"] == id), None)

    def take(self) -> Job | None:
        """The next job, now running; None where none waits."""
        with self._lock:
            rows = self._all(_NEXT)
            if not rows:
                return None
            id = rows[0]["id"]
            self._run(
                "UPDATE jobs SET status = ?, started = ?, attempts = attempts + 1 WHERE id = ?",
                RUNNING,
                time.time(),
                id,
            )
            self._empty(self.job(id))
            return self.job(id)

    def end(
        self,
        id: str,
        status: str,
        *,
        results: Sequence[Mapping[str, Any]] = (),
        told: Sequence[str] = (),
        error: str | None = None,
    ) -> bool:
        """Say how an open job ended; whether it was open."""
        with self._lock:
            changed = self._run(
                "UPDATE jobs SET status = ?, results = ?, told = ?, error = ?, finished = ? "
                "WHERE id = ? AND status IN ('queued', 'running')",
                *(status, json.dumps(list(results), default=str), json.dumps(list(told)), error, time.time(), id),
            )
            if changed and status != DONE:
                self._empty(self.job(id))
            return bool(changed)

    def cancel_queued(self, id: str) -> bool:
        """Cancel a job that waits; whether it did."""
        with self._lock:
            return self.job(id).status == QUEUED and self.end(id, CANCELLED)

    def put_back(self, id: str) -> None:
        """Return a running job to the queue, as if it had not been begun."""
        with self._lock:
            self._run(
                "UPDATE jobs SET status = ?, started = NULL, attempts = attempts - 1 WHERE id = ? AND status = ?",
                *(QUEUED, id, RUNNING),
            )
            self._empty(self.job(id))

    def recover(self) -> int:
        """Jobs that ran when the last server died go back into the queue, or have failed; how many there were."""
        with self._lock:
            rows = self._all("SELECT * FROM jobs WHERE status = ?", RUNNING)
            for job in map(_job, rows):
                if job.attempts >= _MOST_ATTEMPTS:
                    self.end(job.id, FAILED, error=f"the server ended {job.attempts} times while this was being done")
                else:
                    self._run("UPDATE jobs SET status = ?, started = NULL WHERE id = ?", QUEUED, job.id)
            known = {row["id"] for row in self._all("SELECT id FROM jobs UNION SELECT id FROM files")}
            for stray in (path for part in ("jobs", "files") for path in (self.folder / part).iterdir()):
                if stray.name not in known:
                    _remove(stray)
            return len(rows)

    def counts(self) -> dict[str, int]:
        """How many jobs wait and run."""
        found = {row["status"]: row["n"] for row in self._all(
            "SELECT status, count(*) AS n FROM jobs WHERE status IN ('queued', 'running') GROUP BY status"
        )}  # fmt: skip
        return {QUEUED: found.get(QUEUED, 0), RUNNING: found.get(RUNNING, 0)}

    def remove_job(self, id: str) -> bool:
        """Remove an ended job and its files; whether it had ended."""
        with self._lock:
            if self.job(id).status not in ENDED:
                return False
            self._run("DELETE FROM jobs WHERE id = ?", id)
        _remove(self.job_folder(id))
        return True

    def forget(self, before: float) -> int:
        """Remove jobs that ended and files that came before a time, in seconds since 1970; how many."""
        with self._lock:
            jobs = self._all("DELETE FROM jobs WHERE finished < ? RETURNING id", before)
            files = self._all("DELETE FROM files WHERE created < ? RETURNING id", before)
        for gone in (*(self.job_folder(row["id"]) for row in jobs), *(self.file_path(row["id"]) for row in files)):
            _remove(gone)
        return len(jobs) + len(files)

    def job_folder(self, id: str) -> Path:
        """Where a job's files are."""
        return self.folder / "jobs" / id

    # Files

    def add_file(self, client: str, name: str, source: Path) -> StoredFile:
        """Take a file that lies in the same file system; it is moved."""
        id = f"file-{secrets.token_hex(10)}"
        kept = StoredFile(id, client, name, source.stat().st_size, time.time())
        with self._lock:
            os.replace(source, self.file_path(id))
            self._run("INSERT INTO files VALUES (?, ?, ?, ?, ?)", *vars(kept).values())
        return kept

    def file(self, id: str) -> StoredFile:
        """One file.

        Raises:
            KeyError: there is none of that name.
        """
        rows = self._all("SELECT * FROM files WHERE id = ?", id)
        if not rows:
            raise KeyError(id)
        return StoredFile(**rows[0])

    def files(self, client: str, limit: int) -> list[StoredFile]:
        """A client's files, the youngest first."""
        rows = self._all("SELECT * FROM files WHERE client = ? ORDER BY rowid DESC LIMIT ?", client, limit)
        return [StoredFile(**row) for row in rows]

    def file_bytes(self, client: str) -> int:
        """How much a client has uploaded and not removed."""
        return self._all("SELECT coalesce(sum(bytes), 0) AS n FROM files WHERE client = ?", client)[0]["n"]

    def remove_file(self, id: str) -> None:
        """Remove a file; jobs that were given it keep theirs."""
        self._run("DELETE FROM files WHERE id = ?", id)
        self.file_path(id).unlink(missing_ok=True)

    def file_path(self, id: str) -> Path:
        """Where a file is."""
        return self.folder / "files" / id

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A path for a file that is being received; what is still there at the end goes."""
        path = self.folder / "files" / f".{secrets.token_hex(8)}.part"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _empty(self, job: Job) -> None:
        """Take away what an attempt left: all of a job's files but those it was given."""
        for path in self.job_folder(job.id).iterdir():
            if path.name not in job.inputs.values():
                _remove(path)

    def _all(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def _run(self, query: str, *values: Any) -> int:
        with self._lock:
            return self._database.execute(query, values).rowcount


def file_name(name: str | None) -> str:
    """What a sender calls a file, as a name that is safe on every system: no folders, no signs but ``.-_ ()``."""
    last = re.split(r"[/\\]", name or "")[-1]
    kept = re.sub(r"[^\w.\-() ]", "_", last).strip(" .")[-100:].lstrip(" .-")
    return kept or "file"


def _taken(path: Path, name: str, folder: Path) -> str:
    """Put a file into a job's folder under its name, or, where that is taken, one like it."""
    if (folder / name).exists():
        name = f"{Path(name).stem}-2{Path(name).suffix}"
    try:
        os.link(path, folder / name)
    except OSError:  # a file system without links
        shutil.copyfile(path, folder / name)
    return name


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _job(row: Any) -> Job:
    values: dict[str, Any] = dict(row)
    values |= {name: json.loads(values[name]) for name in ("parameters", "inputs")}
    values |= {name: tuple(json.loads(values[name])) for name in ("told", "results")}
    return Job(**values)
