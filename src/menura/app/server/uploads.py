"""Files that clients send: received with limits, looked at before they are kept, and found again by id."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import soundfile
from starlette.datastructures import UploadFile

from menura.app.server.errors import Refusal
from menura.app.server.settings import Settings
from menura.app.server.store import FILE_ID, JOB_ID, Store, StoredFile, file_name
from menura.audio import mnr

_BLOCK_FRAMES = 1 << 16
_MOST_CHANNELS = 64


def keep(upload: UploadFile, client: str, store: Store, settings: Settings) -> StoredFile:
    """Keep an upload, if it is no more than it may be.

    Raises:
        Refusal: it is too long, or the client keeps too much.
    """
    with store.scratch() as path:
        with path.open("wb") as file:
            shutil.copyfileobj(upload.file, file, 1 << 20)
        if store.file_bytes(client) + path.stat().st_size > settings.kept_mb << 20:
            raise Refusal(413, f"your files are more than {settings.kept_mb} MB together; delete some", code="quota")
        _check_length(path, settings.sound_minutes)
        return store.add_file(client, file_name(upload.filename), path)


def find(reference: Any, field: str, client: str, store: Store) -> tuple[Path, str]:
    """The file that a parameter names, ``file-…`` or ``job-…/name``, and what it is called.

    Raises:
        Refusal: the client has none of that name.
    """
    text = reference if isinstance(reference, str) else ""
    id, _, name = text.partition("/")
    try:
        if not name and FILE_ID.fullmatch(id) and (kept := store.file(id)).client == client:
            return store.file_path(id), kept.name
        if JOB_ID.fullmatch(id) and (job := store.job(id)).client == client:
            return store.job_folder(id) / result_file(job.results, name)["name"], file_name(name)
    except KeyError:
        pass
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
    """Refuse sound that is small as a file and huge when decoded."""
    if _lasts_longer(path, 60 * minutes):
        raise Refusal(413, f"the sound lasts longer than {minutes:g} minutes", code="too_long")


def _lasts_longer(path: Path, seconds: float) -> bool:
    try:
        header = mnr.read_header(path)
        return 8 * path.stat().st_size > 1000 * header.kbps * seconds * 1.1 + 8192
    except (ValueError, OSError):
        pass
    try:
        with soundfile.SoundFile(path) as sound:
            most = seconds * max(sound.samplerate, 8000)
            if sound.channels > _MOST_CHANNELS or sound.channels * sound.frames > 8 * most:
                return True
            frames = 0
            while count := len(sound.read(_BLOCK_FRAMES, dtype="float32")):  # what a header says may be untrue
                frames += count
                if frames > most:
                    return True
    except (soundfile.LibsndfileError, ValueError, OSError):
        pass  # not sound, or broken: the task that reads it says so
    return False
