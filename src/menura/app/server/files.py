"""The addresses of uploads and models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from menura.app.server import uploads
from menura.app.server.errors import Refusal, documented
from menura.app.server.records import Repeated, StoredFile
from menura.app.server.requests import IdempotencyKey, digest
from menura.app.server.responses import StoredFileResponse, file_answers
from menura.app.server.server import Server, the_same
from menura.app.server.views import FileList, FileRemoved, FileView, ModelList, ModelView
from menura.kinds import media_type
from menura.tasks.models import PRETRAINED, model_folders

_FIELD_BYTES = 1 << 16
_LONGEST_LIST = 10_000
PURPOSE = "user_data"
"""What files are kept for, in OpenAI's words; the only purpose there is."""
_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "purpose": {"type": "string", "description": "may be given, and changes nothing"},
    },
    "required": ["file"],
}


def add_files(app: FastAPI, server: Server) -> None:
    """The addresses of uploads."""

    @app.post(
        "/v1/files",
        response_model=FileView,
        responses=documented(408, 422),
        openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
        tags=["files"],
    )
    async def upload(request: Request, key: IdempotencyKey = None) -> Any:
        """Keep a file, for tasks to be given by its id."""
        async with request.form(max_files=1, max_fields=8, max_part_size=_FIELD_BYTES) as sent:
            file = sent.get("file")
            if not isinstance(file, UploadFile):
                raise Refusal(400, "file: send one, as multipart/form-data", param="file")
            if unknown := [name for name in sent if name not in _FORM["properties"]]:
                raise Refusal(400, f"{unknown[0][:60]}: no such parameter", param=unknown[0][:60])
            return file_view(await run_in_threadpool(_kept, server, file, request.state.client, key))

    _add_list(app, server)

    @app.get("/v1/files/{id}", response_model=FileView, responses=documented(404), tags=["files"])
    def file(request: Request, id: str) -> Any:
        """What is known of a file."""
        return file_view(server.file_of(id, request.state.client))

    @app.get(
        "/v1/files/{id}/content",
        response_class=FileResponse,
        responses=file_answers(404, 416),
        tags=["files"],
    )
    def content(request: Request, id: str) -> Any:
        """A file as it was sent; never as a page, whatever it says it is."""
        found = server.file_of(id, request.state.client)
        kind = media_type(found.name)
        kind = kind if kind.startswith("audio/") else "application/octet-stream"
        headers = {"cache-control": "private, no-cache"}
        return StoredFileResponse(server.store.file_path(id), kind, headers, found.name)

    @app.delete("/v1/files/{id}", response_model=FileRemoved, responses=documented(404), tags=["files"])
    def remove(request: Request, id: str) -> Any:
        """Remove a file; jobs that were given it keep theirs."""
        server.file_of(id, request.state.client)
        server.store.remove_file(id)
        return {"id": id, "object": "file", "deleted": True}


def _add_list(app: FastAPI, server: Server) -> None:
    @app.get("/v1/files", response_model=FileList, responses=documented(404), tags=["files"])
    def files(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=_LONGEST_LIST)] = 50,
        after: Annotated[str | None, Query(max_length=40, description="the last file of the page before")] = None,
        order: Literal["desc", "asc"] = "desc",
        purpose: Annotated[str | None, Query(max_length=40)] = None,
    ) -> Any:
        """A client's files, the youngest first, and how much room all of them take."""
        client = request.state.client
        try:
            found = server.store.files(client, limit + 1, after, oldest_first=order == "asc")
        except KeyError:
            raise Refusal(404, f"there is no file {after!r}", param="after") from None
        shown = [file_view(file) for file in found[:limit] if purpose in (None, PURPOSE)]
        return {
            "object": "list",
            "data": shown,
            "first_id": shown[0]["id"] if shown else None,
            "last_id": shown[-1]["id"] if shown else None,
            "has_more": bool(shown) and len(found) > limit,
            "used_bytes": server.store.file_bytes(client),
            "quota_bytes": server.settings.kept_mb << 20,
        }


def add_models(app: FastAPI, server: Server) -> None:
    """The addresses of models."""

    @app.get("/v1/models", response_model=ModelList, responses=documented(), tags=["models"])
    def models() -> Any:
        """The models that are here, with their cards."""
        found = model_folders(server.shelves)
        return {"object": "list", "data": [_model_view(name, folder) for name, folder in found.items()]}

    @app.get("/v1/models/{id}", response_model=ModelView, responses=documented(404), tags=["models"])
    def model(id: str) -> Any:
        """One model."""
        folder = model_folders(server.shelves).get(id)
        if folder is None:
            raise Refusal(404, f"there is no model {id[:60]!r}")
        return _model_view(id, folder)


def file_view(file: StoredFile) -> dict[str, Any]:
    """An upload as clients see it."""
    return {
        "id": file.id,
        "object": "file",
        "filename": file.name,
        "bytes": file.bytes,
        "created_at": int(file.created),
        "purpose": PURPOSE,
        "status": "processed",
    }


def _kept(server: Server, file: UploadFile, client: str, key: str | None) -> StoredFile:
    asked = digest({"file": file}) if key else None
    try:
        if known := server.store.keyed_file(client, key):
            raise Repeated(known)
        return uploads.keep(file, client, server.store, server.settings, key=key, asked=asked)
    except Repeated as repeated:
        return the_same(repeated, asked)


def _model_view(name: str, folder: Path) -> dict[str, Any]:
    config = folder / "config.json"
    card = folder / "README.md"
    return {
        "id": name,
        "object": "model",
        "created": int(config.stat().st_mtime),
        "owned_by": "menura" if folder.parent == PRETRAINED else "user",
        "family": json.loads(config.read_text())["family"],
        "card": card.read_text() if card.is_file() else "",
    }
