"""The state that the addresses share, and what they all do with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from menura.app.server import uploads
from menura.app.server.clients import Clients
from menura.app.server.counts import Counts
from menura.app.server.descriptions import offered
from menura.app.server.errors import Refusal, body
from menura.app.server.settings import Settings
from menura.app.server.store import ENDED, JOB_ID, QUEUED, RUNNING, Job, QueueFull, Store, StoredFile
from menura.app.server.workers import Workers, request
from menura.tasks.models import PRETRAINED, Models
from menura.tasks.task import spoken

_HOUR_S, _DAY_S = 3600.0, 86_400.0


class Server:
    """One server.

    Args:
        settings: of the server.

    Raises:
        ValueError: the settings are not safe, or another server uses the folder.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self.counts = settings, Counts()
        self.clients = Clients.for_address(settings.host, settings.tokens)
        self.shelves = (*((settings.models,) if settings.models else ()), PRETRAINED)
        self.models = Models(shelves=self.shelves, only_named=True)
        self.store = Store(settings.state)
        self.workers = Workers(self.store, self.models, settings.workers, settings.idle_s, self.counts.job)
        self.is_ready, self.streams = False, 0
        self.is_stopping: Callable[[], bool] = lambda: False
        self.counts.watch("jobs_queued", "Jobs that wait", lambda: self.store.counts()[QUEUED])
        self.counts.watch("jobs_running", "Jobs that run", lambda: len(self.workers.running))
        self.counts.watch("models_loaded", "Models in memory", lambda: self.models.num_loaded)
        self.counts.watch("streams", "Live streams", lambda: self.streams)

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """From the first request to the last: jobs left by a server that died are taken up, running ones finished."""
        self.store.recover()
        self.workers.start()
        thinning = asyncio.create_task(self._thin_out())
        self.is_ready = True
        try:
            yield
        finally:
            self.is_ready = False
            thinning.cancel()
            await run_in_threadpool(self.workers.stop, self.settings.grace_s)
            self.store.close()

    async def _thin_out(self) -> None:
        """Forget what has been kept for long enough, now and every hour."""
        while self.settings.kept_days is not None:
            await run_in_threadpool(self.store.forget, time.time() - self.settings.kept_days * _DAY_S)
            await asyncio.sleep(_HOUR_S)

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
            result
            | {"files": [file | {"url": f"/v1/jobs/{job.id}/results/{file['name']}"} for file in result["files"]]}
            for result in job.results
        ]
        return {
            "id": job.id,
            "object": "job",
            "task": job.task,
            "status": job.status,
            "progress": round(progress.share, 4) if progress else float(job.status in ENDED),
            "doing": progress.doing if progress else "",
            "eta_s": progress.eta_s if progress else None,
            "place": self.store.place(job.id) if job.status == QUEUED else None,
            "created": job.created,
            "started": job.started,
            "finished": job.finished,
            "parameters": job.parameters,
            "inputs": {spoken(field): name for field, name in job.inputs.items()},
            "told": list(progress.told if progress else job.told),
            "error": None if job.error is None else body(400, job.error)["error"],
            "results": results,
        }

    def submit(self, name: str, given: dict[str, Any], client: str) -> Job:
        """Check what is asked, and accept it as a job."""
        if not self.is_ready:
            raise Refusal(503, "the server is stopping", headers={"retry-after": "5"})
        kind = offered()[name]
        if "output" in given:
            raise Refusal(400, "output: the server names the files", param="output")
        known = {spoken(field): field for field in kind.inputs()}
        asked = {field: given[field] for field in given if field in known and given[field] is not None}
        found = {known[field]: uploads.find(value, field, client, self.store) for field, value in asked.items()}
        plain = {field: value for field, value in given.items() if field not in known}
        paths = {field: Path(file) for field, (_, file) in found.items()}
        try:
            task = request(name, plain, paths).seeded()
        except ValueError as error:
            param = str(error).partition(":")[0]
            raise Refusal(400, str(error), param=param if param.isidentifier() else None) from None
        if "seed" in kind.model_fields:
            plain["seed"] = vars(task)["seed"]
        limits = {"most_queued": self.settings.most_queued, "most_of_client": self.settings.most_of_client}
        try:
            job = self.store.add(client, name, plain | asked, found, **limits)
        except QueueFull:
            raise Refusal(429, "the queue is full; try again later", headers={"retry-after": "5"}) from None
        self.workers.wake()
        return job
