"""The address where notes are changed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.datastructures import UploadFile

from menura.app.server import notes, uploads
from menura.app.server.errors import Refusal, documented
from menura.app.server.files import file_view
from menura.app.server.server import Server
from menura.app.server.views import FileView, NotesChange
from menura.score import midi


def add_edits(app: FastAPI, server: Server) -> None:
    """The address of changes."""

    @app.post("/v1/notes", response_model=FileView, responses=documented(), tags=["files"])
    def change(request: Request, asked: NotesChange) -> Any:
        """A copy of a MIDI file with other notes, kept as an upload; all else in it stays."""
        client = request.state.client
        path, name = uploads.find(asked.file, "file", client, server.store)
        try:
            content = midi.to_bytes(notes.changed(midi.read(path), asked.tracks))
        except ValueError as error:
            raise Refusal(400, str(error), param="tracks") from None
        copy = UploadFile(BytesIO(content), filename=f"{Path(name).stem.removesuffix('-edited')}-edited.mid")
        return file_view(uploads.keep(copy, client, server.store, server.settings))
