"""What the server answers, as OpenAPI describes it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from menura.app.server.errors import ErrorDetail


class TaskView(BaseModel):
    """A task, for those who draw a form of it."""

    name: str
    summary: str
    about: str
    positional: list[str]
    groups: dict[str, list[str]]
    streams: bool
    json_schema: dict[str, Any] = Field(alias="schema")


class TaskList(BaseModel):
    """All tasks."""

    object: Literal["list"]
    data: list[TaskView]


class ResultFile(BaseModel):
    """A file of a result."""

    name: str
    kind: Literal["audio", "notes", "picture", "sidecar", "bundle", "codes", "other"]
    type: str
    bytes: int
    url: str


class ResultView(BaseModel):
    """A result of a job."""

    name: str
    summary: dict[str, Any]
    files: list[ResultFile]


class JobView(BaseModel):
    """A job, and how far it has come."""

    id: str
    object: Literal["job"]
    task: str
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float
    doing: str
    eta_s: float | None
    place: int | None
    created: float
    started: float | None
    finished: float | None
    parameters: dict[str, Any]
    inputs: dict[str, str]
    told: list[str]
    error: ErrorDetail | None
    results: list[ResultView]


class JobList(BaseModel):
    """Jobs, the youngest first."""

    object: Literal["list"]
    data: list[JobView]
    has_more: bool


class FileView(BaseModel):
    """An upload, in OpenAI's shape."""

    id: str
    object: Literal["file"]
    filename: str
    bytes: int
    created_at: int
    purpose: Literal["input"]


class FileList(BaseModel):
    """Uploads, the youngest first."""

    object: Literal["list"]
    data: list[FileView]


class ModelView(BaseModel):
    """A model, in OpenAI's shape, with its card."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    family: str
    card: str


class ModelList(BaseModel):
    """All models."""

    object: Literal["list"]
    data: list[ModelView]


class Marker(BaseModel):
    """A name at a time."""

    start: float
    text: str


class TrackNotes(BaseModel):
    """A track: start and duration in seconds, pitch and velocity of each note."""

    name: str
    program: int
    is_drum: bool
    notes: list[tuple[float, float, int, int]]


class Notes(BaseModel):
    """A MIDI file."""

    seconds: float
    tempo: float
    beats: list[float]
    bars: list[float]
    markers: list[Marker]
    tracks: list[TrackNotes]


class Session(BaseModel):
    """What the page's reader types."""

    token: str = Field(min_length=1, max_length=1000)
