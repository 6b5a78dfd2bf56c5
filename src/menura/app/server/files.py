"""The addresses of uploads and models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from menura.app.server import uploads
from menura.app.server.errors import Refusal, documented
from menura.app.server.server import Server
from menura.app.server.store import StoredFile
from menura.app.server.views import FileList, FileView, ModelList, ModelView
from menura.app.server.workers import media_type
from menura.tasks.models import PRETRAINED, model_folders

_FIELD_BYTES = 1 << 16


def add_files(app: FastAPI, server: Server) -> None:
    """The addresses of uploads."""

    form = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}

    @app.post(
        "/v1/files",
        response_model=FileView,
        responses=documented(408),
        openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}},
        tags=["files"],
    )
    async def upload(request: Request) -> Any:
        """Keep a file, for tasks to be given by its id."""
        async with request.form(max_files=1, max_fields=8, max_part_size=_FIELD_BYTES) as sent:
            file = sent.get("file")
            if not isinstance(file, UploadFile):
                raise Refusal(400, "file: send one, as multipart/form-data", param="file")
            client = request.state.client
            return _file_view(await run_in_threadpool(uploads.keep, file, client, server.store, server.settings))

    @app.get("/v1/files", response_model=FileList, responses=documented(), tags=["files"])
    def files(request: Request, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Any:
        """A client's files, the youngest first."""
        return {"object": "list", "data": [_file_view(f) for f in server.store.files(request.state.client, limit)]}

    @app.get("/v1/files/{id}", response_model=FileView, responses=documented(404), tags=["files"])
    def file(request: Request, id: str) -> Any:
        """What is known of a file."""
        return _file_view(server.file_of(id, request.state.client))

    @app.get(
        "/v1/files/{id}/content",
        response_class=FileResponse,
        responses={
            200: {"content": {"*/*": {}}, "description": "The file"},
            206: {"content": {"*/*": {}}, "description": "A part of it"},
            **documented(404, 416),
        },
        tags=["files"],
    )
    def content(request: Request, id: str) -> Any:
        """A file as it was sent; never as a page, whatever it says it is."""
        found = server.file_of(id, request.state.client)
        kind = media_type(Path(found.name))
        kind = kind if kind.startswith("audio/") else "application/octet-stream"
        return FileResponse(server.store.file_path(id), media_type=kind, filename=found.name)

    @app.delete("/v1/files/{id}", status_code=204, responses=documented(404), tags=["files"])
    def remove(request: Request, id: str) -> None:
        """Remove a file; jobs that were given it keep theirs."""
        server.file_of(id, request.state.client)
        server.store.remove_file(id)


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


def _file_view(file: StoredFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "object": "file",
        "filename": file.name,
        "bytes": file.bytes,
        "created_at": int(file.created),
        "purpose": "input",
    }


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
