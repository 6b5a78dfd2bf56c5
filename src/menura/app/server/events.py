"""Server-sent events: one job, or all jobs of a client, whenever they change."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from menura.app.server.errors import documented
from menura.app.server.records import ENDED, RUNNING, Job
from menura.app.server.server import Server

_LOOK_EVERY_S, _ALIVE_EVERY_S = 0.1, 10.0
_STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}


def add_events(app: FastAPI, server: Server) -> None:
    """The addresses of events."""

    @app.get("/v1/events", response_class=StreamingResponse, responses={**_STREAM, **documented()}, tags=["jobs"])
    def of_client(request: Request) -> Any:
        """All of a client's jobs as server-sent events: `job` whenever one changes, `removed` when one is gone."""
        return _answer(request, server, Watch(server, request.state.client))

    @app.get(
        "/v1/jobs/{id}/events",
        response_class=StreamingResponse,
        responses={**_STREAM, **documented(404)},
        tags=["jobs"],
    )
    def of_job(request: Request, id: str) -> Any:
        """A job whenever it changes, as server-sent events, until it has ended."""
        server.job_of(id, request.state.client)
        return _answer(request, server, Watch(server, request.state.client, only=id))


class Watch:
    """What is new about a client's jobs since it was last asked.

    Args:
        server: whose jobs they are.
        client: whose too.
        only: the one job that matters; all where None.
    """

    def __init__(self, server: Server, client: str, only: str | None = None) -> None:
        self._server, self._client, self._only = server, client, only
        self._version = -1
        self._states: dict[str, tuple[str, str, bool]] | None = None
        self._open: list[Job] = []
        self._sent: dict[str, str] = {}

    @property
    def is_over(self) -> bool:
        """Whether the one job that matters has ended or is gone."""
        return self._only is not None and self._states is not None and not self._open

    def news(self) -> list[str]:
        """Events, ready to be sent. The first time: the jobs that have not ended, or the one that matters."""
        version = self._server.store.version
        if version == self._version:  # no row has changed; those that run have moved on
            return self._changed([job for job in self._open if job.status == RUNNING])
        self._version = version
        now = self._server.store.states(self._client)
        if self._only is not None:
            now = {id: state for id, state in now.items() if id == self._only}
        before = self._states
        if before is None:
            before = {} if self._only else {id: state for id, state in now.items() if state[0] in ENDED}
        self._states = now
        looked = [id for id, state in now.items() if state[0] not in ENDED or before.get(id) != state]
        jobs = [job for id in looked if (job := self._job(id))]
        self._open = [job for job in jobs if job.status not in ENDED]
        gone = [f"event: removed\ndata: {json.dumps({'id': id})}\n\n" for id in before if id not in now]
        return [*gone, *self._changed(jobs)]

    def _job(self, id: str) -> Job | None:
        try:
            return self._server.store.job(id)
        except KeyError:
            return None

    def _changed(self, jobs: list[Job]) -> list[str]:
        events = []
        for job in jobs:
            now = json.dumps(self._server.view(job))
            if now != self._sent.get(job.id):
                events.append(f"event: job\ndata: {now}\n\n")
            self._sent[job.id] = now
            if job.status in ENDED:
                del self._sent[job.id]
        return events


def _answer(request: Request, server: Server, watch: Watch) -> Response:
    if request.method == "HEAD":
        return Response(media_type="text/event-stream")
    return StreamingResponse(_events(server, watch), media_type="text/event-stream")


async def _events(server: Server, watch: Watch) -> AsyncIterator[str]:
    sent = 0.0
    while True:
        is_stopping = server.is_stopping()
        news = await run_in_threadpool(watch.news)
        if not news and time.monotonic() - sent > _ALIVE_EVERY_S:
            news = [": still here\n\n"]
        for event in news:
            yield event
            sent = time.monotonic()
        if watch.is_over or is_stopping:
            return
        await asyncio.sleep(_LOOK_EVERY_S)
