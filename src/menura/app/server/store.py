"""What the server must not forget: jobs and uploaded files, in one SQLite database and a folder for each.

    jobs.sqlite    the tables (database.py); locked by the one server that uses the folder
    jobs/job-…/    inputs and results of a job, under their own names
    files/file-…   uploads

A job is accepted when its row is written, and ends when its row says so: whatever kills the server in between,
`recover` puts it back into the queue, or says that it failed. What is on the disk is taken away only where the
database says that it is over: a name stands in `removed` before it is made and until its row is written, and again
from when its row goes. What the database does not know stays, so that a lost database loses nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from menura.app.server.database import FILE_ID, JOB_ID, PART, Database, as_json, as_text, has_no_room, in_words
from menura.app.server.records import (
    CANCELLED,
    DONE,
    ENDED,
    FAILED,
    QUEUED,
    RUNNING,
    Job,
    QueueFull,
    QuotaExceeded,
    Repeated,
    StoredFile,
    job_of,
)

_MOST_ATTEMPTS = 2
_REMEMBERED_S = 86_400.0
"""For how long a name that was removed can still say where in a list it stood."""
# The client who has waited longest since a job of theirs was begun is served next; one never served comes first.
_NEXT = """
SELECT jobs.*, (SELECT count(*) FROM jobs AS theirs WHERE theirs.client = jobs.client AND theirs.status = 'running')
AS theirs FROM jobs LEFT JOIN served ON served.client = jobs.client WHERE status = 'queued'
ORDER BY theirs, served.since NULLS FIRST, created, jobs.rowid LIMIT 1
"""
_OVER = "SELECT id FROM removed WHERE id NOT IN (SELECT id FROM jobs) AND id NOT IN (SELECT id FROM files)"


class Store:
    """Jobs and files of one folder; safe to share between threads.

    Args:
        folder: made where it is missing.

    Raises:
        ValueError: it is someone else's, or in use, or its database is damaged, or it cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._database = Database(self.folder)
        self._lock = self._database.lock

    def close(self) -> None:
        """Let the folder go."""
        self._database.close()

    @property
    def trouble(self) -> str | None:
        """Why nothing can be kept just now, in a few words."""
        try:
            self._database.rows("SELECT id FROM jobs LIMIT 1")
            (self.folder / "jobs").stat()
        except (sqlite3.Error, OSError):
            return "the state folder cannot be used"
        return "the disk is full" if has_no_room(self.folder) else None

    # Jobs

    def add(
        self,
        client: str,
        task: str,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, tuple[Path, str]],
        *,
        max_queued: int,
        max_queued_of_client: int,
        key: str | None = None,
        asked: str | None = None,
        uploads: Sequence[str] = (),
    ) -> Job:
        """Accept a job.

        Args:
            client, task, parameters: whose it is, and what is asked.
            inputs: field -> a file to be read and its name, under which the job gets it.
            max_queued, max_queued_of_client: how many may wait, of all clients and of this one.
            key, asked: by which the client may ask again, and what for.
            uploads: files that came with it, and go with it.

        Raises:
            QueueFull: there are too many, of all clients or of this one.
            Repeated: the client has used the key before.
        """
        id = f"job-{secrets.token_hex(10)}"
        own = self.job_folder(id)
        self._check_room(client, key, max_queued, max_queued_of_client)
        with self._announced(id):
            own.mkdir(mode=0o700)
            names = {field: _put(path, name, own) for field, (path, name) in inputs.items()}
            with self._database.transaction():
                self._check_room(client, key, max_queued, max_queued_of_client)
                self._database.insert(
                    "jobs",
                    id=id,
                    client=client,
                    task=task,
                    parameters=as_json(parameters),
                    inputs=as_json(names),
                    status=QUEUED,
                    created=time.time(),
                    key=key,
                    asked=asked,
                )
                for upload in uploads:
                    self._database.run("UPDATE files SET job = ? WHERE id = ?", id, upload)
                self._database.run("DELETE FROM removed WHERE id = ?", id)
        return self.job(id)

    def _check_room(self, client: str, key: str | None, max_queued: int, max_queued_of_client: int) -> None:
        if known := self.keyed_job(client, key):
            raise Repeated(known)
        queued = self._database.rows("SELECT client FROM jobs WHERE status = 'queued'")
        if len(queued) >= max_queued or sum(row["client"] == client for row in queued) >= max_queued_of_client:
            raise QueueFull

    def keyed_job(self, client: str, key: str | None) -> Job | None:
        """The job that a client asked for with a key."""
        rows = self._database.rows("SELECT * FROM jobs WHERE client = ? AND key = ?", client, key) if key else []
        return job_of(rows[0]) if rows else None

    def job(self, id: str) -> Job:
        """One job.

        Raises:
            KeyError: there is none of that name.
        """
        rows = self._database.rows("SELECT * FROM jobs WHERE id = ?", id)
        if not rows:
            raise KeyError(id)
        return job_of(rows[0])

    def jobs(
        self, client: str, limit: int, before: str | None = None, search: str = "", starred: bool = False
    ) -> list[Job]:
        """A client's jobs, the youngest first, from the one after `before`, that hold the words of `search`.

        Raises:
            KeyError: the client has, and lately had, none of the name `before`.
        """
        where, values = ["client = ?", *(["starred"] if starred else [])], [client]
        values += [self._position("jobs", before, client)] if before else []
        if before:
            where.append("rowid < ?")
        for word in search.split():
            where.append(
                "(instr(lower(task || ' ' || parameters || ' ' || results || ' ' || inputs), lower(?))"
                " OR instr(folded(name), ?))"
            )
            values += [json.dumps(word)[1:-1], word.casefold()]
        query = f"SELECT * FROM jobs WHERE {' AND '.join(where)} ORDER BY rowid DESC LIMIT ?"
        return [job_of(row) for row in self._database.rows(query, *values, limit)]

    @property
    def version(self) -> int:
        """A number that grows whenever a job or a file changes."""
        return self._database.version

    def states(self, client: str) -> dict[str, tuple[str, str, bool]]:
        """Status, name and star of each of a client's jobs, the oldest first."""
        rows = self._database.rows("SELECT id, status, name, starred FROM jobs WHERE client = ? ORDER BY rowid", client)
        return {row["id"]: (row["status"], row["name"], bool(row["starred"])) for row in rows}

    def change(self, id: str, *, name: str | None = None, starred: bool | None = None) -> None:
        """Call a job something else, or star it; None leaves things as they are."""
        self._database.run(
            "UPDATE jobs SET name = coalesce(?, name), starred = coalesce(?, starred) WHERE id = ?", name, starred, id
        )

    def place(self, id: str) -> int | None:
        """How many jobs were accepted before this one and still wait, and this one; None if it does not wait."""
        rows = self._database.rows("SELECT id FROM jobs WHERE status = 'queued' ORDER BY rowid")
        return next((place for place, row in enumerate(rows, 1) if row["id"] == id), None)

    def newcomer(self) -> bool:
        """Whether the job that is next is that of a client none of whose jobs runs."""
        rows = self._database.rows(_NEXT)
        return bool(rows) and rows[0]["theirs"] == 0

    def take(self) -> Job | None:
        """The next job, now running; None where none waits.

        A job that ran when a server died runs alone: if that one dies too, it is known by which job.
        """
        with self._lock:
            rows = self._database.rows(_NEXT)
            running = self._database.rows("SELECT attempts FROM jobs WHERE status = 'running'")
            is_suspect = any(row["attempts"] > 1 for row in running) or any(row["attempts"] > 0 for row in rows)
            if not rows or (running and is_suspect):
                return None
            id, now = rows[0]["id"], time.time()
            with self._database.transaction():
                self._database.run(
                    "UPDATE jobs SET status = ?, started = ?, attempts = attempts + 1 WHERE id = ?", RUNNING, now, id
                )
                self._database.run("INSERT OR REPLACE INTO served VALUES (?, ?)", rows[0]["client"], now)
            return self.job(id)

    def prepare(self, job: Job) -> Path:
        """The folder of a job that is to be done, with nothing in it but what the job was given.

        Raises:
            ValueError: some of that is gone.
        """
        folder = self.job_folder(job.id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._empty(job)
        for name in job.inputs.values():
            if not (folder / name).is_file():
                raise ValueError(f"{name} is gone from the server; send it again")
        return folder

    def running(self) -> set[str]:
        """The jobs that are being done, by their rows."""
        return {row["id"] for row in self._database.rows("SELECT id FROM jobs WHERE status = 'running'")}

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
            changed = self._database.run(
                "UPDATE jobs SET status = ?, results = ?, told = ?, error = ?, finished = ? "
                "WHERE id = ? AND status IN ('queued', 'running')",
                *(status, as_json(results), as_json(told), error and as_text(error), time.time(), id),
            )
            if changed and status != DONE:
                self._empty(self.job(id))
            return bool(changed)

    def cancel_queued(self, id: str) -> bool:
        """Cancel a job that waits; whether it did."""
        with self._lock:
            return self.job(id).status == QUEUED and self.end(id, CANCELLED)

    def cancel_running(self, id: str) -> None:
        """Note that nobody wants a running job any more, so that it is not begun again."""
        self._database.run("UPDATE jobs SET unwanted = 1 WHERE id = ? AND status = ?", id, RUNNING)

    def put_back(self, id: str) -> None:
        """Return a running job to the queue, as if it had not been begun."""
        with self._lock:
            if (job := self.job(id)).status == RUNNING:
                self._requeue(job, job.attempts - 1)

    def interrupted(self, id: str, what: str) -> None:
        """Return a running job to the queue, or say that it failed: what did it has died, not for the first time."""
        with self._lock:
            if (job := self.job(id)).status != RUNNING:
                return
            if job.attempts >= _MOST_ATTEMPTS:
                self.end(id, FAILED, error=f"{what} ended {job.attempts} times while this was being done")
            else:
                self._requeue(job, job.attempts)

    def _requeue(self, job: Job, attempts: int) -> None:
        if job.unwanted:
            self.end(job.id, CANCELLED)
            return
        with self._database.transaction():
            self._database.run(
                "UPDATE jobs SET status = ?, started = NULL, attempts = ? WHERE id = ?", QUEUED, attempts, job.id
            )
            self._database.run("DELETE FROM served WHERE client = ?", job.client)
        self._empty(job)

    def recover(self) -> int:
        """Take up what the last server left: jobs that ran, how many of them, and names that are over.

        Raises:
            ValueError: the database cannot be written to.
        """
        try:
            with self._lock:
                left = self.running()
                for id in left:
                    self.interrupted(id, "the server")
                self._sweep([row["id"] for row in self._database.rows(_OVER)])
                self._database.run("DELETE FROM removed WHERE since < ?", time.time() - _REMEMBERED_S)
        except sqlite3.Error as error:
            raise ValueError(f"state: {in_words(error, self.folder)}") from None
        return len(left)

    def adopt(self, former: str, client: str) -> None:
        """Give a client the jobs and files of another."""
        with self._lock:
            for table in ("jobs", "files"):
                self._database.run(f"UPDATE {table} SET client = ? WHERE client = ?", client, former)

    def counts(self) -> dict[str, int]:
        """How many jobs wait and run."""
        found = {row["status"]: row["n"] for row in self._database.rows(
            "SELECT status, count(*) AS n FROM jobs WHERE status IN ('queued', 'running') GROUP BY status"
        )}  # fmt: skip
        return {QUEUED: found.get(QUEUED, 0), RUNNING: found.get(RUNNING, 0)}

    def remove_job(self, id: str) -> bool:
        """Remove an ended job and its files; whether it had ended."""
        with self._lock:
            if self.job(id).status not in ENDED:
                return False
            self._remove("jobs", "id = ?", id)
            self._remove("files", "job = ?", id)
        return True

    def forget(self, before: float) -> int:
        """Remove jobs that ended and files that came before a time, in seconds since 1970; how many."""
        with self._lock:
            jobs = self._remove("jobs", "finished < ?", before)
            files = self._remove("files", "created < ?", before)
            for id in jobs:
                self._remove("files", "job = ?", id)
        return len(jobs) + len(files)

    def job_folder(self, id: str) -> Path:
        """Where a job's files are."""
        return self.folder / "jobs" / id

    # Files

    def add_file(
        self,
        client: str,
        name: str,
        source: Path,
        *,
        most_bytes: int | None = None,
        key: str | None = None,
        asked: str | None = None,
    ) -> StoredFile:
        """Take a file that lies in the same file system; it is moved.

        Args:
            client, name, source: whose it is, what it is called, where it lies.
            most_bytes: of all the client's files together.
            key, asked: by which the client may send it again, and what it was.

        Raises:
            QuotaExceeded: they would be more.
            Repeated: the client has used the key before.
        """
        id, size = f"file-{secrets.token_hex(10)}", source.stat().st_size
        with self._announced(id), self._database.transaction():
            if known := self.keyed_file(client, key):
                raise Repeated(known)
            if most_bytes is not None and self.file_bytes(client) + size > most_bytes:
                raise QuotaExceeded
            row = {"id": id, "client": client, "name": name, "bytes": size, "created": time.time()}
            self._database.insert("files", **row, key=key, asked=asked)
            self._database.run("DELETE FROM removed WHERE id = ?", id)
            os.replace(source, self.file_path(id))
        return self.file(id)

    def keyed_file(self, client: str, key: str | None) -> StoredFile | None:
        """The file that a client sent with a key."""
        rows = self._database.rows("SELECT * FROM files WHERE client = ? AND key = ?", client, key) if key else []
        return StoredFile(**rows[0]) if rows else None

    def file(self, id: str) -> StoredFile:
        """One file.

        Raises:
            KeyError: there is none of that name.
        """
        rows = self._database.rows("SELECT * FROM files WHERE id = ?", id)
        if not rows:
            raise KeyError(id)
        return StoredFile(**rows[0])

    def files(self, client: str, limit: int, after: str | None = None, oldest_first: bool = False) -> list[StoredFile]:
        """A client's files, the youngest first unless told otherwise, from the one after `after`.

        Raises:
            KeyError: the client has, and lately had, none of the name `after`.
        """
        order, later = ("ASC", ">") if oldest_first else ("DESC", "<")
        where, values = ("client = ?", [client])
        if after:
            where, values = f"client = ? AND rowid {later} ?", [client, self._position("files", after, client)]
        rows = self._database.rows(f"SELECT * FROM files WHERE {where} ORDER BY rowid {order} LIMIT ?", *values, limit)
        return [StoredFile(**row) for row in rows]

    def file_bytes(self, client: str) -> int:
        """How much a client has uploaded and not removed."""
        return self._database.rows("SELECT coalesce(sum(bytes), 0) AS n FROM files WHERE client = ?", client)[0]["n"]

    def remove_file(self, id: str) -> None:
        """Remove a file; jobs that were given it keep theirs."""
        self._remove("files", "id = ?", id)

    def file_path(self, id: str) -> Path:
        """Where a file is."""
        return self.folder / "files" / id

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A path for a file that is being received; what is still there at the end goes."""
        id = f"file-{secrets.token_hex(10)}"
        path = self.file_path(id + PART)
        with self._announced(id):
            try:
                yield path
            finally:
                path.unlink(missing_ok=True)
                self._database.run("DELETE FROM removed WHERE id = ?", id)

    # Rows, and names on the disk

    @contextlib.contextmanager
    def _announced(self, id: str) -> Iterator[None]:
        """Say that a name is over until its row is written, and take away what has it if that fails."""
        self._database.insert("removed", id=id, since=time.time())
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._sweep([id])
            raise

    def _remove(self, table: str, where: str, *values: Any) -> list[str]:
        """Remove rows, and what they stand for on the disk; their names."""
        with self._database.transaction():
            self._database.run(
                f"INSERT INTO removed SELECT id, client, rowid, ? FROM {table} WHERE {where}", time.time(), *values
            )
            ids = [row["id"] for row in self._database.rows(f"DELETE FROM {table} WHERE {where} RETURNING id", *values)]
        self._sweep(ids)
        return ids

    def _sweep(self, ids: Iterable[str]) -> None:
        """Take names off the disk: such as are ours, and that the database says are over."""
        for id in ids:
            if not self._database.rows(_OVER + " AND id = ?", id):
                continue
            if JOB_ID.fullmatch(id):
                _erase(self.job_folder(id))
            elif FILE_ID.fullmatch(id):
                _erase(self.file_path(id))
                _erase(self.file_path(id + PART))

    def _position(self, table: str, id: str, client: str) -> int:
        """Where in a list a name of a client's stands, or stood."""
        rows = self._database.rows(
            f"SELECT rowid AS place FROM {table} WHERE id = ? AND client = ? "
            "UNION ALL SELECT place FROM removed WHERE id = ? AND client = ?",
            *(id, client, id, client),
        )
        if not rows:
            raise KeyError(id)
        return rows[0]["place"]

    def _empty(self, job: Job) -> None:
        """Take away what an attempt left: all of a job's files but those it was given."""
        with contextlib.suppress(OSError):
            for path in self.job_folder(job.id).iterdir():
                if path.name not in job.inputs.values():
                    _erase(path)


def _put(path: Path, name: str, folder: Path) -> str:
    """Put a file into a job's folder under its name, or, where that is taken, one like it."""
    stem, suffix, number = Path(name).stem, Path(name).suffix, 1
    while (folder / name).exists():
        number += 1
        name = f"{stem}-{number}{suffix}"
    try:
        os.link(path, folder / name)
    except OSError:  # a file system without links
        shutil.copyfile(path, folder / name)
    return name


def _erase(path: Path) -> None:
    """Take a file or a folder away, as far as that can be done; a link goes, and not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
