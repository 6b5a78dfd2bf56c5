"""The addresses of tasks and jobs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import FastAPI, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, JSONResponse, Response

from menura.app.server import uploads
from menura.app.server.descriptions import description, offered, request_body
from menura.app.server.errors import Refusal, documented
from menura.app.server.forms import FORMS
from menura.app.server.records import ENDED
from menura.app.server.requests import IdempotencyKey
from menura.app.server.responses import StoredFileResponse, file_answers
from menura.app.server.server import Server
from menura.app.server.views import JobChange, JobList, JobView, TaskList
from menura.app.server.workers import error_message
from menura.kinds import media_type
from menura.progress import Cancelled
from menura.tasks.task import spoken

_LONGEST_WAIT_S = 60.0
_LOOK_EVERY_S = 0.05
_FIELD_BYTES = 1 << 16
_FORMATS = Literal["wav", "flac", "ogg", "opus", "mp3", "aiff", "notes", "peaks", "spectrogram"]


_KEPT = {"cache-control": "private, max-age=86400"}
"""Results do not change."""


def add_tasks(app: FastAPI, server: Server) -> None:
    """The list of tasks, and an address for each."""

    @app.get("/v1/tasks", response_model=TaskList, responses=documented(), tags=["tasks"])
    def tasks() -> Any:
        """Every task with its schema."""
        return {"object": "list", "data": [description(name, server.models) for name in offered()]}

    for name, kind in offered().items():
        app.add_api_route(
            f"/v1/tasks/{name}",
            _submitting(server, name),
            methods=["POST"],
            status_code=202,
            name=name,
            summary=kind.summary(),
            response_model=JobView,
            responses={200: {"model": JobView, "description": "The job has ended"}, **documented(408, 415, 422, 429)},
            openapi_extra={"requestBody": request_body(kind)},
            tags=["tasks"],
        )


def _submitting(server: Server, name: str) -> Any:
    async def submit(
        request: Request, wait: Annotated[float, Query(ge=0, le=_LONGEST_WAIT_S)] = 0.0, key: IdempotencyKey = None
    ) -> Any:
        client = request.state.client
        async with _received(request, name) as given:
            job = await run_in_threadpool(server.submit, name, given, client, key)
        until = time.monotonic() + wait
        while job.status not in ENDED and time.monotonic() < until:
            await asyncio.sleep(_LOOK_EVERY_S)
            job = server.job_of(job.id, client)
        return JSONResponse(server.view(job), 200 if job.status in ENDED else 202)

    return submit


@asynccontextmanager
async def _received(request: Request, name: str) -> AsyncIterator[dict[str, Any]]:
    """What is asked of a task, from JSON or from a form, whose files are there within the block."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        inputs = {spoken(field) for field in offered()[name].inputs()}
        given: dict[str, Any] = {}
        async with request.form(max_files=8, max_fields=200, max_part_size=_FIELD_BYTES) as form:
            for field, value in form.multi_items():
                if isinstance(value, UploadFile) and (field not in inputs or field in given):
                    wrong = "more than one file" if field in inputs else "is not a file"
                    raise Refusal(400, f"{field[:60]}: {wrong}", param=field[:60])
                given[field] = [*_listed(given[field]), value] if field in given else value
            yield given
        return
    content = await request.body()
    if content and kind != "application/json":
        raise Refusal(415, "send application/json or multipart/form-data")
    try:
        given = json.loads(content or "{}", parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON") from None
    if not isinstance(given, dict):
        raise Refusal(400, "the body is not an object in braces")
    yield given


def add_jobs(app: FastAPI, server: Server) -> None:
    """The addresses of jobs."""

    @app.get("/v1/jobs", response_model=JobList, responses=documented(404), tags=["jobs"])
    def jobs(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[str | None, Query(max_length=40)] = None,
        search: Annotated[str, Query(max_length=200)] = "",
        starred: bool = False,
    ) -> Any:
        """A client's jobs, the youngest first; those that hold the words of `search`, or only those with a star."""
        try:
            found = server.store.jobs(request.state.client, limit + 1, before, search, starred)
        except KeyError:
            raise Refusal(404, f"there is no job {before!r}") from None
        data = [server.view(job) for job in found[:limit]]
        return {"object": "list", "data": data, "has_more": len(found) > limit}

    @app.get("/v1/jobs/{id}", response_model=JobView, responses=documented(404), tags=["jobs"])
    def job(request: Request, id: str) -> Any:
        """One job."""
        return server.view(server.job_of(id, request.state.client))

    @app.post("/v1/jobs/{id}/cancel", response_model=JobView, responses=documented(404, 409), tags=["jobs"])
    def cancel(request: Request, id: str) -> Any:
        """Stop a job that waits at once, and one that runs at its next step."""
        server.job_of(id, request.state.client)
        if not server.workers.cancel(id) and server.store.job(id).status in ENDED:
            raise Refusal(409, "the job has ended already")
        return server.view(server.store.job(id))

    @app.patch("/v1/jobs/{id}", response_model=JobView, responses=documented(404), tags=["jobs"])
    def change(request: Request, id: str, asked: JobChange) -> Any:
        """Give a job a name or a star."""
        server.job_of(id, request.state.client)
        name = None if asked.name is None else " ".join(asked.name.split())
        server.store.change(id, name=name, starred=asked.starred)
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
        responses=file_answers(404, 406, 416),
        tags=["jobs"],
    )
    async def result(request: Request, id: str, file: str, format: _FORMATS | None = None) -> Any:
        """A file of a job's results; sound in another format, its peaks or spectrum, or notes as JSON, if asked for."""

        def found() -> tuple[Path, Mapping[str, Any]]:
            job = server.job_of(id, request.state.client)
            try:
                about = uploads.result_file(job.results, file)
            except KeyError:
                raise Refusal(404, "the job has no such file") from None
            return server.store.job_folder(id) / about["name"], about

        path, about = await run_in_threadpool(found)
        if not path.is_file():
            raise Refusal(404, "the job has no such file")
        if format is None or path.suffix == f".{format}":
            return StoredFileResponse(path, about["type"], _KEPT)
        if (
            format == "peaks"
        ):  # whoever draws a sound is about to hear it, and its preview may have made room for others
            server.make_ahead(path, about)
        return await _converted(server, request, path, about["kind"], format)


async def _converted(server: Server, request: Request, path: Path, kind: str, format: str) -> Response:
    form = FORMS.get((kind, format))
    if form is None:
        raise Refusal(406, f"{path.name} cannot be given as {format}", param="format")
    try:
        made = await server.conversions.get(path, form, request.is_disconnected)
    except ValueError as error:
        raise Refusal(406, error_message(error, server.store.folder), param="format") from None
    except (OSError, Cancelled) as error:
        said = "the server is stopping" if isinstance(error, Cancelled) else error_message(error, server.store.folder)
        raise Refusal(503, said, headers={"retry-after": "5"}) from None
    except ClientDisconnect:
        return Response(status_code=499)  # which nobody sees
    if made.suffix == ".json":
        return Response(await run_in_threadpool(made.read_bytes), media_type="application/json", headers=_KEPT)
    name = quote(f"{path.stem}{made.suffix}", safe="")
    return StoredFileResponse(
        made, media_type(made.name), {**_KEPT, "content-disposition": f"inline; filename*=utf-8''{name}"}
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")
