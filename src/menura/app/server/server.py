"""The state that the addresses share, and what they all do with it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from menura.app.server import uploads
from menura.app.server.clients import Clients
from menura.app.server.conversions import Conversions
from menura.app.server.counts import Counts
from menura.app.server.database import JOB_ID
from menura.app.server.errors import Refusal, body
from menura.app.server.forms import FORMS, made_ahead, preview
from menura.app.server.records import ENDED, QUEUED, RUNNING, Job, QueueFull, Repeated, StoredFile
from menura.app.server.requests import digest, received, request
from menura.app.server.settings import Settings
from menura.app.server.store import Store
from menura.app.server.streaming import Slots
from menura.app.server.workers import Workers
from menura.tasks.models import Models, usual_shelves
from menura.tasks.task import spoken

log = logging.getLogger("menura.server")
_HOUR_S, _DAY_S = 3600.0, 86_400.0


class Server:
    """One server.

    Args:
        settings: of the server.

    Raises:
        ValueError: the settings are not safe, or a folder is not as it should be.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.models and not settings.models.is_dir():
            raise ValueError(f"models: there is no folder {settings.models}")
        self.settings, self.counts = settings, Counts()
        self.clients = Clients.for_address(settings.host, settings.tokens)
        self.shelves = (*((settings.models,) if settings.models else ()), *usual_shelves())
        self.models = Models(settings.device, self.shelves, only_named=True)
        self.store = Store(settings.state)
        try:
            self.store.recover()
        except ValueError:
            self.store.close()
            raise
        self.workers = Workers(self.store, self.models, settings.workers, settings.idle_s, self._ended)
        self.conversions = Conversions(self.store.folder / "jobs", settings.conversions, settings.converted_mb << 20)
        self.slots = Slots(settings.max_streams, settings.max_streams_of_client)
        self.is_ready = False
        self.is_stopping: Callable[[], bool] = lambda: False
        self.counts.watch("jobs_queued", "Jobs that wait", lambda: self.store.counts()[QUEUED])
        self.counts.watch("jobs_running", "Jobs that run", lambda: len(self.workers.running))
        self.counts.watch("models_loaded", "Models in memory", lambda: self.models.num_loaded)
        self.counts.watch("conversions", "Conversions being made or waiting", lambda: self.conversions.num_waiting)
        self.counts.watch("streams", "Live streams", lambda: self.streams)

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """From the first request to the last: jobs left by a server that died are taken up, running ones finished."""
        self.workers.start()
        thinning = asyncio.create_task(self._thin_out())
        self.is_ready = True
        try:
            yield
        finally:
            self.is_ready = False
            thinning.cancel()
            await run_in_threadpool(self.conversions.close)
            await run_in_threadpool(self.workers.stop, self.settings.grace_s)
            self.store.close()

    async def _thin_out(self) -> None:
        """Forget what has been kept for long enough, now and every hour."""
        while self.settings.kept_days is not None:
            try:
                await run_in_threadpool(self.store.forget, time.time() - self.settings.kept_days * _DAY_S)
            except (sqlite3.Error, OSError):  # tried again
                log.exception("what has been kept for long enough could not be removed")
            await asyncio.sleep(_HOUR_S)

    @property
    def streams(self) -> int:
        """How many live streams there are."""
        return self.slots.num_taken

    @property
    def trouble(self) -> str | None:
        """Why jobs are not taken, or not done, just now."""
        if not self.is_ready:
            return "the server is stopping"
        return self.store.trouble or self.workers.trouble

    def job_of(self, id: str, client: str) -> Job:
        """A client's job; that of another is not there."""
        try:
            job = self.store.job(id) if JOB_ID.fullmatch(id) else None
        except KeyError:
            job = None
        if job is None or job.client != client:
            raise Refusal(404, f"there is no job {id[:40]!r}")
        return job

    def file_of(self, id: str, client: str) -> StoredFile:
        """A client's upload; that of another is not there."""
        try:
            file = self.store.file(id)
        except KeyError:
            file = None
        if file is None or file.client != client:
            raise Refusal(404, f"there is no file {id[:40]!r}")
        return file

    def view(self, job: Job) -> dict[str, Any]:
        """A job as clients see it, with how far it has come."""
        progress = self.workers.running.get(job.id) if job.status == RUNNING else None
        results = [
            result | {"files": [self._file_view(job, file) for file in result["files"]]} for result in job.results
        ]
        return {
            "id": job.id,
            "object": "job",
            "task": job.task,
            "name": job.name,
            "starred": job.starred,
            "status": job.status,
            "progress": round(progress.share, 4) if progress else float(job.status in ENDED),
            "doing": progress.doing if progress else "",
            "note": progress.noted if progress else "",
            "eta_s": progress.eta_s if progress else None,
            "place": self.store.place(job.id) if job.status == QUEUED else None,
            "created": job.created,
            "started": job.started,
            "finished": job.finished,
            "parameters": job.parameters,
            "inputs": {spoken(field): name for field, name in job.inputs.items()},
            "told": list(progress.messages if progress else job.told),
            "error": None if job.error is None else body(400, job.error)["error"],
            "results": results,
        }

    def _file_view(self, job: Job, file: Mapping[str, Any]) -> dict[str, Any]:
        url = f"/v1/jobs/{job.id}/results/{file['name']}"
        name = preview(file)
        is_ready = name and FORMS["audio", name].path(self.store.job_folder(job.id) / file["name"]).is_file()
        return {**file, "url": url, "preview": f"{url}?format={name}" if is_ready else None}

    def _ended(self, job: Job, status: str) -> None:
        self.counts.job(job.task, status)
        for file in (file for result in job.results for file in result["files"]):
            self.make_ahead(self.store.job_folder(job.id) / file["name"], file)

    def make_ahead(self, path: Path, file: Mapping[str, Any]) -> None:
        """Begin the forms of a result's file that will be asked for."""
        for form in made_ahead(file):
            self.conversions.begin(path, form)

    def submit(self, name: str, given: dict[str, Any], client: str, key: str | None = None) -> Job:
        """Check what is asked, and accept it as a job; files that came with it are kept for it, and go with it.

        Args:
            name: of the task.
            given: parameters, some of which may be files that were sent along.
            client: who asks.
            key: what is asked again with the same key is the same job.

        Raises:
            Refusal: it cannot be accepted; then nothing is kept.
        """
        if not self.is_ready:
            raise Refusal(503, "the server is stopping", headers={"retry-after": "5"})
        asked = digest({"task": name} | given) if key else None
        sent = {field: value for field, value in given.items() if isinstance(value, UploadFile)}
        kept: dict[str, str] = {}
        try:
            if known := self.store.keyed_job(client, key):
                raise Repeated(known)
            for field, value in sent.items():
                kept[field] = uploads.keep(value, client, self.store, self.settings).id
            job = self._accepted(name, given | kept, client, key=key, asked=asked, uploads=list(kept.values()))
        except BaseException as error:
            for id in kept.values():
                self.store.remove_file(id)
            if isinstance(error, Repeated):
                return the_same(error, asked)
            raise
        self.workers.wake()
        return job

    def _accepted(self, name: str, given: dict[str, Any], client: str, **how: Any) -> Job:
        plain, found = received(name, given, client, self.store)
        try:
            task = request(name, plain, {field: path for field, (path, _) in found.items()}, self.models).seeded()
        except ValueError as error:
            said = str(error)
            for path, file in found.values():
                said = said.replace(path.name, file)
            param = said.partition(":")[0]
            raise Refusal(400, said, param=param if param.isidentifier() else None) from None
        if "seed" in type(task).model_fields:
            plain["seed"] = vars(task)["seed"]
        asked = {field: given[field] for field in found}
        limits = {"max_queued": self.settings.max_queued, "max_queued_of_client": self.settings.max_queued_of_client}
        try:
            return self.store.add(client, name, plain | asked, found, **limits, **how)
        except QueueFull:
            raise Refusal(429, "the queue is full; try again later", headers={"retry-after": "5"}) from None


def the_same(repeated: Repeated, asked: str | None) -> Any:
    """What came of a key when it was used first.

    Raises:
        Refusal: it was used for something else.
    """
    if repeated.kept.asked != asked:
        said = "Idempotency-Key: it was used for another request; take a new one"
        raise Refusal(422, said, param="Idempotency-Key", code="idempotency_key_reused") from None
    return repeated.kept
