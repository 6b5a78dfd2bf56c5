"""Forms that a result can be given in: sound in another format, its peaks and spectrum, notes as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from menura import files
from menura.app.server import notes, previews
from menura.app.server.conversions import Form, Maker
from menura.app.server.views import Notes
from menura.audio import io
from menura.audio.formats import FORMATS


def _notes(source: Path) -> bytes:
    return Notes(**notes.as_json(source)).model_dump_json().encode()


def _peaks(source: Path) -> bytes:
    return json.dumps(previews.peaks(source)).encode()


def _of_bytes(made: Callable[[Path], bytes]) -> Maker:
    return lambda source, path: files.write_bytes(path, made(source))


FORMS: dict[tuple[str, str], Form] = {
    **{("audio", name): Form(partial(io.convert, format=name), f".{name}") for name in FORMATS},
    ("audio", "peaks"): Form(_of_bytes(_peaks), ".peaks.json", is_quick=True),
    ("audio", "spectrogram"): Form(_of_bytes(previews.spectrogram), ".png"),
    ("notes", "notes"): Form(_of_bytes(_notes), ".notes.json", is_quick=True),
}
"""The kind of a result and what it is asked for as -> how that is made."""
_PREVIEW, _LARGE_BYTES = "opus", 1_000_000
"""Sound of more bytes is heard from a smaller file, by those who have it over a slow line."""


def preview(file: Mapping[str, Any]) -> str | None:
    """The format of the smaller file, for a file of a result; None where it is small enough, or no sound."""
    is_lossy = file["type"] in ("audio/mpeg", "audio/ogg", "audio/mp4")
    return _PREVIEW if file["kind"] == "audio" and file["bytes"] > _LARGE_BYTES and not is_lossy else None


def made_ahead(file: Mapping[str, Any]) -> list[Form]:
    """The forms of a result's file that will be asked for, and are made when its job has ended."""
    names = ["peaks", preview(file)] if file["kind"] == "audio" and "/" not in file["name"] else []
    return [FORMS["audio", name] for name in names if name]
