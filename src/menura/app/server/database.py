"""The database of a state folder: whether the folder is a server's, whether the database is sound, and its tables.

jobs.sqlite    jobs, files, and `removed`: names in the folder that are over, which alone may be swept away
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import math
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import RLock
from typing import Any

JOB_ID, FILE_ID = re.compile(r"job-[0-9a-f]{20}"), re.compile(r"file-[0-9a-f]{20}")
PART = ".part"
"""At the end of the name of a file that is being received."""
_IS_KEPT = re.compile(rf"{JOB_ID.pattern}|({FILE_ID.pattern}|\.[0-9a-f]{{16}})?{re.escape(PART)}|{FILE_ID.pattern}")
_NAME = "jobs.sqlite"
_APPLICATION_ID = 0x4D6E7572  # "Mnur"
_VERSION = 1
_OURS = {_NAME, f"{_NAME}-wal", f"{_NAME}-shm", f"{_NAME}-journal", "jobs", "files", "lost+found"}
"""What stands at the top of a state folder; the last one is made by file systems."""
_RESERVED_BYTES = 1 << 20
_FREE_BYTES = 8 << 20
"""What the database keeps for itself, and what is left on a disk that is as good as full."""
_TABLES = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, client TEXT NOT NULL, task TEXT NOT NULL, parameters TEXT NOT NULL, inputs TEXT NOT NULL,
    status TEXT NOT NULL, told TEXT NOT NULL DEFAULT '[]', results TEXT NOT NULL DEFAULT '[]', error TEXT,
    created REAL NOT NULL, started REAL, finished REAL, attempts INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, client TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL, created REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS removed (id TEXT PRIMARY KEY, client TEXT, place INTEGER, since REAL NOT NULL);
CREATE TABLE IF NOT EXISTS served (client TEXT PRIMARY KEY, since REAL NOT NULL);
"""
_LATER_COLUMNS = {
    "jobs": (
        "name TEXT NOT NULL DEFAULT ''",
        "starred INTEGER NOT NULL DEFAULT 0",
        "unwanted INTEGER NOT NULL DEFAULT 0",
        "key TEXT",
        "asked TEXT",
    ),
    "files": ("job TEXT", "key TEXT", "asked TEXT"),
}
"""What tables of earlier versions lack."""
_INDEXES = """
CREATE INDEX IF NOT EXISTS jobs_by_client ON jobs (client, created);
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (status) WHERE status IN ('queued', 'running');
CREATE INDEX IF NOT EXISTS jobs_by_key ON jobs (client, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS files_by_client ON files (client, created);
CREATE INDEX IF NOT EXISTS files_by_job ON files (job) WHERE job IS NOT NULL;
"""
log = logging.getLogger("menura.server")


class Database:
    """The database of a state folder, this process's alone until it is closed; safe to share between threads.

    Args:
        folder: made where it is missing.

    Raises:
        ValueError: in one line, what is wrong with the folder or with the database in it.
    """

    def __init__(self, folder: Path) -> None:
        self.lock = RLock()
        _make_ready(folder)
        self._connection = _connected(folder)

    def close(self) -> None:
        """Let the folder go."""
        with self.lock:
            self._connection.close()

    @property
    def version(self) -> int:
        """A number that grows whenever a row changes."""
        return self._connection.total_changes

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What a query finds."""
        with self.lock:
            return self._connection.execute(query, values).fetchall()

    def run(self, query: str, *values: Any) -> int:
        """Change rows; how many."""
        with self.lock:
            return self._connection.execute(query, values).rowcount

    def insert(self, table: str, **row: Any) -> None:
        """Add a row."""
        self.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", *row.values())

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All rows that are written inside, or none; other threads wait."""
        with self.lock:
            self.run("BEGIN IMMEDIATE")
            try:
                yield
                self.run("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have ended it already
                    self.run("ROLLBACK")
                raise


def as_json(value: Any) -> str:
    """A value for a row, such that every reader of JSON takes it: text that is Unicode, numbers that are finite."""
    return json.dumps(_plain(value))


def as_text(text: str) -> str:
    """A text for a row: a sign that is none (half of a surrogate pair) becomes a question mark."""
    return text.encode(errors="replace").decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {as_text(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else as_text(str(value))


def _make_ready(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _check_ours(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for part in ("jobs", "files"):
            (folder / part).mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        why = "the disk is full" if is_disk_full(error) else (error.strerror or str(error)).lower()
        raise ValueError(f"state: {folder} cannot be used: {why}; name another folder (--state)") from None


def _connected(folder: Path) -> sqlite3.Connection:
    connection = None
    try:
        connection = sqlite3.connect(folder / _NAME, check_same_thread=False, isolation_level=None, timeout=2)
        connection.row_factory = sqlite3.Row
        connection.create_function("folded", 1, str.casefold, deterministic=True)
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")
        _bring_up_to_date(connection, folder)
        _reserve(connection)
    except (sqlite3.Error, ValueError) as error:
        if connection is not None:
            connection.close()
        raise ValueError(f"state: {in_words(error, folder)}") from None
    return connection


def is_disk_full(error: BaseException, folder: Path | None = None) -> bool:
    """Whether something went wrong for want of room; `folder` is looked at where the error itself does not say."""
    for one in _with_causes(error):
        if isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if getattr(one, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return True
    return folder is not None and has_no_room(folder)


def has_no_room(folder: Path) -> bool:
    """Whether the disk of a folder is full, or so near it that the next result would not go on it."""
    try:
        return shutil.disk_usage(folder).free < _FREE_BYTES
    except OSError:
        return False


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _check_ours(folder: Path) -> None:
    """Refuse a folder of someone else's things.

    Without its database a folder is still ours where nothing is in it but what we put there; what is in it stays.

    Raises:
        ValueError: it holds other things.
    """
    names = {path.name for path in folder.iterdir()}
    if _NAME in names:
        return
    kept = [path.name for part in ("jobs", "files") if part in names for path in (folder / part).iterdir()]
    foreign = sorted(names - _OURS) + [name for name in kept if not _IS_KEPT.fullmatch(name)]
    if foreign:
        raise ValueError(
            f"state: {folder} is not empty and no folder of menura serve (it holds {foreign[0]!r}); "
            "name another folder (--state)"
        )
    if kept:
        log.warning("%s has no database: the %d jobs and files in it stay, but are not listed", folder, len(kept))


def _bring_up_to_date(connection: sqlite3.Connection, folder: Path) -> None:
    """Check a database and add what later versions need.

    Raises:
        ValueError: it is not ours, or of a later version than this.
        sqlite3.Error: it is damaged.
    """
    found = {
        row["name"]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    }
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise sqlite3.DatabaseError(said)
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if found and (owner != _APPLICATION_ID if version else found != {"jobs", "files"}):
        raise ValueError(f"{folder / _NAME} is no database of menura serve; name another folder (--state)")
    if version > _VERSION:
        raise ValueError(f"{folder} was used by a later Menura; use that, or name another folder (--state)")
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    for table, columns in _LATER_COLUMNS.items():
        known = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
        for column in columns:
            if column.partition(" ")[0] not in known:
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    for statement in (
        *_INDEXES.split(";"),
        f"PRAGMA application_id = {_APPLICATION_ID}",
        f"PRAGMA user_version = {_VERSION}",
    ):
        connection.execute(statement)
    connection.execute("COMMIT")


def _reserve(connection: sqlite3.Connection) -> None:
    """Let the database and its log have some room of their own, so that what happens is written on a full disk too."""
    connection.execute(f"PRAGMA wal_autocheckpoint = {_RESERVED_BYTES // 2 // 4096}")
    connection.execute("DROP TABLE IF EXISTS reserve")
    connection.execute("CREATE TABLE reserve AS SELECT zeroblob(?) AS room", (_RESERVED_BYTES,))
    connection.execute("DROP TABLE reserve")
    connection.execute("PRAGMA wal_checkpoint(RESTART)")


def in_words(error: Exception, folder: Path) -> str:
    """What is wrong with a state folder, in one line for whoever starts a server on it."""
    if isinstance(error, ValueError):
        return str(error)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return f"another menura serve uses {folder}; stop it, or name another folder (--state)"
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        why = " ".join(str(error).split())
        return (
            f"{folder / _NAME} is damaged ({why}); put back a copy of it, or move it away to begin anew: "
            "results and uploads stay where they are"
        )
    if is_disk_full(error, folder):
        return f"the disk of {folder} is full; make room, or name another folder (--state)"
    return f"{folder / _NAME} cannot be used: {error}; name another folder (--state)"
