"""The addresses where notes, and texts that were heard, are changed."""

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
from menura.app.server.views import FileView, NotesChange, TextsChange, Written
from menura.score import midi
from menura.text.captions import BROADCAST
from menura.text.transcript import Transcript, reworded
from menura.text.writers import WRITERS, from_json


def add_edits(app: FastAPI, server: Server) -> None:
    """The addresses of changes."""

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

    @app.post("/v1/transcripts", response_model=Written, responses=documented(), tags=["speech"])
    def reword(request: Request, asked: TextsChange) -> Any:
        """A transcription with other texts; words that stay keep their times, others share those they replace."""
        path, name = uploads.find(asked.file, "file", request.state.client, server.store)
        try:
            transcript = from_json(path.read_bytes())
        except ValueError as error:
            raise Refusal(400, f"{name}: {error}", param="file") from None
        if len(asked.texts) != (count := len(transcript.segments)):
            said = f"texts: give one for each of the {count} segments, not {len(asked.texts)}"
            raise Refusal(400, said, param="texts")
        pairs = zip(transcript.segments, asked.texts, strict=True)
        segments = [reworded(segment, text) for segment, text in pairs if text.strip()]
        changed = Transcript.of(segments, transcript.language, transcript.duration_s)
        return Written(content=WRITERS[asked.format](changed, BROADCAST))
