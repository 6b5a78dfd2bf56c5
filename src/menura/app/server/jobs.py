"""The addresses of tasks and jobs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from menura.app.server import notes, uploads
from menura.app.server.descriptions import description, offered, request_body
from menura.app.server.errors import Refusal, documented
from menura.app.server.server import Server
from menura.app.server.store import ENDED
from menura.app.server.views import JobList, JobView, Notes, TaskList
from menura.app.server.workers import media_type
from menura.audio import io
from menura.tasks.task import spoken

_LONGEST_WAIT_S = 60.0
_LOOK_EVERY_S, _ALIVE_EVERY_S = 0.1, 10.0
_FIELD_BYTES = 1 << 16
_FORMATS = Literal["wav", "flac", "ogg", "opus", "mp3", "aiff", "notes"]


def add_tasks(app: FastAPI, server: Server) -> None:
    """The list of tasks, and an address for each."""

    @app.get("/v1/tasks", response_model=TaskList, responses=documented(), tags=["tasks"])
    def tasks() -> Any:
        """Every task with its schema."""
        return {"object": "list", "data": [description(name) for name in offered()]}

    for name, kind in offered().items():
        app.add_api_route(
            f"/v1/tasks/{name}",
            _submitting(server, name),
            methods=["POST"],
            status_code=202,
            name=name,
            summary=kind.summary(),
            response_model=JobView,
            responses={200: {"model": JobView, "description": "The job has ended"}, **documented(408, 415, 429)},
            openapi_extra={"requestBody": request_body(kind)},
            tags=["tasks"],
        )


def _submitting(server: Server, name: str) -> Any:
    async def submit(request: Request, wait: Annotated[float, Query(ge=0, le=_LONGEST_WAIT_S)] = 0.0) -> Any:
        client = request.state.client
        given = await _received(request, server, name)
        job = await run_in_threadpool(server.submit, name, given, client)
        until = time.monotonic() + wait
        while job.status not in ENDED and time.monotonic() < until:
            await asyncio.sleep(_LOOK_EVERY_S / 2)
            job = server.store.job(job.id)
        return JSONResponse(server.view(job), 200 if job.status in ENDED else 202)

    return submit


async def _received(request: Request, server: Server, name: str) -> dict[str, Any]:
    """What is asked of a task, from JSON or from a form whose files are kept first."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        inputs = {spoken(field) for field in offered()[name].inputs()}
        given: dict[str, Any] = {}
        async with request.form(max_files=8, max_fields=200, max_part_size=_FIELD_BYTES) as form:
            for field, value in form.multi_items():
                if isinstance(value, UploadFile):
                    if field not in inputs:
                        raise Refusal(400, f"{field[:60]}: is not a file", param=field[:60])
                    client = request.state.client
                    value = (await run_in_threadpool(uploads.keep, value, client, server.store, server.settings)).id
                given[field] = [*_listed(given[field]), value] if field in given else value
        return given
    content = await request.body()
    if not content:
        return {}
    if kind != "application/json":
        raise Refusal(415, "send application/json or multipart/form-data")
    try:
        given = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON") from None
    if not isinstance(given, dict):
        raise Refusal(400, "the body is not an object in braces")
    return given


def add_jobs(app: FastAPI, server: Server) -> None:
    """The addresses of jobs."""

    @app.get("/v1/jobs", response_model=JobList, responses=documented(404), tags=["jobs"])
    def jobs(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[str | None, Query(max_length=40)] = None,
        search: Annotated[str, Query(max_length=200)] = "",
    ) -> Any:
        """A client's jobs, the youngest first."""
        if before is not None:
            server.job_of(before, request.state.client)
        found = server.store.jobs(request.state.client, limit + 1, before, search)
        data = [server.view(job) for job in found[:limit]]
        return {"object": "list", "data": data, "has_more": len(found) > limit}

    @app.get("/v1/jobs/{id}", response_model=JobView, responses=documented(404), tags=["jobs"])
    def job(request: Request, id: str) -> Any:
        """One job."""
        return server.view(server.job_of(id, request.state.client))

    @app.get(
        "/v1/jobs/{id}/events",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}, **documented(404)},
        tags=["jobs"],
    )
    def events(request: Request, id: str) -> Any:
        """A job whenever it changes, as server-sent events, until it has ended."""
        server.job_of(id, request.state.client)
        return StreamingResponse(_events(server, id), media_type="text/event-stream")

    @app.post("/v1/jobs/{id}/cancel", response_model=JobView, responses=documented(404, 409), tags=["jobs"])
    def cancel(request: Request, id: str) -> Any:
        """Stop a job that waits at once, and one that runs at its next step."""
        server.job_of(id, request.state.client)
        if not server.workers.cancel(id) and server.store.job(id).status in ENDED:
            raise Refusal(409, "the job has ended already")
        return server.view(server.store.job(id))

    @app.delete("/v1/jobs/{id}", status_code=204, responses=documented(404, 409), tags=["jobs"])
    def remove(request: Request, id: str) -> None:
        """Remove an ended job and its files."""
        server.job_of(id, request.state.client)
        if not server.store.remove_job(id):
            raise Refusal(409, "the job has not ended; cancel it first")


def add_results(app: FastAPI, server: Server) -> None:
    """The address of results' files."""

    @app.get(
        "/v1/jobs/{id}/results/{file:path}",
        response_class=FileResponse,
        responses={
            200: {"content": {"*/*": {}}, "description": "The file"},
            206: {"content": {"*/*": {}}, "description": "A part of it"},
            **documented(404, 406, 416),
        },
        tags=["jobs"],
    )
    def result(request: Request, id: str, file: str, format: _FORMATS | None = None) -> Any:
        """A file of a job's results; sound in another format, or notes as JSON, if asked for."""
        job = server.job_of(id, request.state.client)
        try:
            found = uploads.result_file(job.results, file)
        except KeyError:
            raise Refusal(404, "the job has no such file") from None
        path = server.store.job_folder(id) / found["name"]
        if not path.is_file():
            raise Refusal(404, "the job has no such file")
        if format is None or path.suffix == f".{format}":
            return FileResponse(path, media_type=found["type"], headers={"cache-control": "private, max-age=86400"})
        return _converted(path, found["kind"], format)


def _converted(path: Path, kind: str, format: str) -> Response:
    if format == "notes" and kind == "notes":
        return Response(Notes(**notes.as_json(path)).model_dump_json(), media_type="application/json")
    if format == "notes" or kind != "audio":
        raise Refusal(406, f"{path.name} cannot be given as {format}", param="format")
    try:
        content = io.encode(io.read(path), format)
    except ValueError as error:
        raise Refusal(406, str(error), param="format") from None
    name = f"{path.stem}.{format}".encode("latin-1", "replace").decode("latin-1")
    headers = {"content-disposition": f'inline; filename="{name}"'}
    return Response(content, media_type=media_type(Path(name)), headers=headers)


async def _events(server: Server, id: str) -> AsyncIterator[str]:
    last, sent = "", 0.0
    while True:
        try:
            job = server.store.job(id)
        except KeyError:
            return
        now = json.dumps(server.view(job))
        if now != last:
            yield f"event: job\ndata: {now}\n\n"
            last, sent = now, time.monotonic()
        elif time.monotonic() - sent > _ALIVE_EVERY_S:
            yield ": still here\n\n"
            sent = time.monotonic()
        if job.status in ENDED or server.is_stopping():
            return
        await asyncio.sleep(_LOOK_EVERY_S)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")
