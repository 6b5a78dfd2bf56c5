"""What the server stores: jobs and uploaded files, and why it may refuse one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)
_MOST_NAME_SIGNS, _MOST_NAME_BYTES = 100, 200


class QueueFull(Exception):
    """There are as many jobs in the queue as there may be."""


class QuotaExceeded(Exception):
    """A client's files would be more than it may keep."""


class Repeated(Exception):
    """A client has used a key before.

    Args:
        kept: what came of it.
    """

    def __init__(self, kept: Job | StoredFile) -> None:
        super().__init__(kept.id)
        self.kept = kept


@dataclass(frozen=True)
class Job:
    """A job as it is stored.

    Attributes:
        results: mappings as a client sees them, without addresses.
        attempts: how often it was begun, but for those times when it was put back.
        unwanted: it ran when it was cancelled.
        key, asked: by which the client can ask again without a second job, and what was asked.
    """

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
    name: str
    starred: bool
    unwanted: bool
    key: str | None
    asked: str | None


@dataclass(frozen=True)
class StoredFile:
    """An upload: its name is what its sender called it, and is never a path.

    Attributes:
        job: the job that it came with and goes with, if any.
        key, asked: as of a job.
    """

    id: str
    client: str
    name: str
    bytes: int
    created: float
    job: str | None
    key: str | None
    asked: str | None


def job_of(row: Any) -> Job:
    """A row of the table of jobs."""
    values: dict[str, Any] = dict(row)
    values |= {name: json.loads(values[name]) for name in ("parameters", "inputs")}
    values |= {name: tuple(json.loads(values[name])) for name in ("told", "results")}
    values["starred"] = bool(values["starred"])
    values["unwanted"] = bool(values["unwanted"])
    return Job(**values)


def file_name(name: str | None) -> str:
    """What a sender calls a file, as a name that is safe on every system: no folders, no signs but ``.-_ ()``, short.

    Of a long name the end is kept, with its suffix; file systems count bytes, of which a sign may have four.
    """
    last = re.split(r"[/\\]", name or "")[-1]
    kept = re.sub(r"[^\w.\-() ]", "_", last).strip(" .")[-_MOST_NAME_SIGNS:]
    short = kept.encode()[-_MOST_NAME_BYTES:].decode(errors="ignore").lstrip(" .-")
    return short or "file"
