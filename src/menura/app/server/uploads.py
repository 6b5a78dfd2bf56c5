"""Files that clients send: received with limits, looked at before they are kept, and found again by id."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile

from menura.app.server.database import FILE_ID, JOB_ID
from menura.app.server.errors import Refusal
from menura.app.server.records import QuotaExceeded, StoredFile, file_name
from menura.app.server.settings import Settings
from menura.app.server.store import Store
from menura.audio import info, mnr


def keep(
    upload: UploadFile,
    client: str,
    store: Store,
    settings: Settings,
    *,
    key: str | None = None,
    asked: str | None = None,
) -> StoredFile:
    """Keep an upload, if it is no more than it may be. `key` and `asked` are as `Store.add_file` takes them.

    Raises:
        Refusal: it is too long, or the client keeps too much.
        Repeated: the client has used the key before.
    """
    with store.scratch() as path:
        received_sound(upload, path, settings)
        try:
            most_bytes = settings.kept_mb << 20
            name = file_name(upload.filename)
            return store.add_file(client, name, path, most_bytes=most_bytes, key=key, asked=asked)
        except QuotaExceeded:
            said = f"your files would be more than {settings.kept_mb} MB together; delete some"
            raise Refusal(413, said, code="quota") from None


def received_sound(upload: UploadFile, path: Path, settings: Settings) -> None:
    """Write an upload to a path, if its sound is no longer than it may be.

    Raises:
        Refusal: it is.
    """
    with path.open("wb") as file:
        shutil.copyfileobj(upload.file, file, 1 << 20)
    _check_length(path, settings.sound_minutes)


def find(reference: Any, field: str, client: str, store: Store) -> tuple[Path, str]:
    """The file that a parameter names, ``file-…`` or ``job-…/name``, and what it is called.

    Raises:
        Refusal: the client has none of that name.
    """
    text = reference if isinstance(reference, str) else ""
    id, _, name = text.partition("/")
    found = None
    with contextlib.suppress(KeyError):
        if not name and FILE_ID.fullmatch(id) and (kept := store.file(id)).client == client:
            found = store.file_path(id), kept.name
        elif JOB_ID.fullmatch(id) and (job := store.job(id)).client == client:
            found = store.job_folder(id) / result_file(job.results, name)["name"], file_name(name)
    if found and found[0].is_file():
        return found
    raise Refusal(
        400,
        f"{field}: {str(reference)[:60]!r} is no file of yours; give the id of an upload, or job-…/name",
        param=field,
    )


def result_file(results: Any, name: str) -> Mapping[str, Any]:
    """The file of that name among a job's results.

    Raises:
        KeyError: there is none; only listed names are ever opened, so that a name cannot be a path elsewhere.
    """
    for result in results:
        for file in result["files"]:
            if file["name"] == name:
                return file
    raise KeyError(name)


def _check_length(path: Path, minutes: float) -> None:
    """Refuse sound that is small as a file and huge when decoded, by its length and its channels."""
    with contextlib.suppress(ValueError):  # neither codes nor sound, or broken: the task that reads it says so
        seconds, channels = _extent(path)
        if seconds * max(channels / 2, 1) > 60 * minutes:
            said = f"the sound lasts {seconds / 60:.0f} minutes in {channels} channels"
            raise Refusal(413, f"{said}; at most {minutes:g} minutes of stereo are taken", code="too_long")


def _extent(path: Path) -> tuple[float, int]:
    """Seconds and channels of a file of codes or of sound, by its bytes and not only by its header.

    Raises:
        ValueError: it is neither.
    """
    try:
        with path.open("rb") as file:
            codes = mnr.measure(file, path.name)
    except ValueError:
        sound = info(path)
        return (sound.num_samples or 0) / sound.sample_rate_hz, sound.num_channels
    return codes.num_samples / codes.header.sample_rate_hz, codes.header.channels
