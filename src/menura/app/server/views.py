"""What the server answers, as OpenAPI describes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from menura.app.server.errors import ErrorDetail
from menura.kinds import View
from menura.tasks.fields import Seed
from menura.tasks.limits import MOST_CHARACTERS
from menura.tasks.task import Category
from menura.text.speech.normalise import Language


class TaskView(BaseModel):
    """A task, for those who draw a form of it."""

    name: str
    category: Category
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
    kind: View
    type: str
    bytes: int
    url: str
    preview: str | None = Field(
        description="of large sound: where it is heard from over a slow line, once that is ready"
    )


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
    name: str
    starred: bool
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float
    doing: str
    note: str = Field(description="what has come so far: the last words that were heard, the loss of a model")
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


class JobChange(BaseModel):
    """What of a job its owner may change; what is left away stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=200, description="what it is called; empty: as it was asked for")
    starred: bool | None = Field(None, description="whether it is among the best")


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
    purpose: Literal["user_data"]
    status: Literal["processed"]


class FileRemoved(BaseModel):
    """An upload that is no more, in OpenAI's shape."""

    id: str
    object: Literal["file"]
    deleted: Literal[True]


class FileList(BaseModel):
    """A page of uploads, in OpenAI's shape, and how much room all of the client's take."""

    object: Literal["list"]
    data: list[FileView]
    first_id: str | None
    last_id: str | None
    has_more: bool
    used_bytes: int
    quota_bytes: int


class SpeechVoiceId(BaseModel):
    """A voice by what it is called."""

    id: str = Field(max_length=400)


class SpeechRequest(BaseModel):
    """What is to be said, in OpenAI's shape; other fields, as `instructions`, are passed over."""

    input: str = Field(min_length=1, max_length=MOST_CHARACTERS, description="a text, or SSML")
    model: str = Field(max_length=100, description="of a synthesizer; OpenAI's names ask for the one there is")
    voice: Annotated[str, Field(max_length=400)] | SpeechVoiceId = Field(
        description="a name, heart:0.6,fenrir:0.4 or random:7; OpenAI's names ask for one of ours"
    )
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: float = Field(1.0, ge=0.25, le=4.0)
    stream_format: Literal["audio", "sse"] = "audio"
    language: Language | None = Field(None, description="of the text; default: the voice's")
    seed: Seed | None = Field(None, description="the same seed gives the same sound")


class SpeechVoice(BaseModel):
    """A voice of a synthesizer."""

    id: str
    object: Literal["audio.voice"]
    name: str
    language: str
    gender: str = ""
    about: str = ""


class SpeechVoiceList(BaseModel):
    """All voices of a synthesizer."""

    object: Literal["list"]
    data: list[SpeechVoice]


class SoundKnob(BaseModel):
    """What can be set of a layer of sound: a number in a range, or one of a few words."""

    name: str
    about: str
    unit: str = ""
    value: float | str
    low: float | None = None
    high: float | None = None
    values: list[str] = []


class SoundLayer(BaseModel):
    """A layer that words name."""

    words: str
    sound: str
    about: str
    knobs: list[SoundKnob]


class SoundLayerList(BaseModel):
    """What words say, as layers."""

    object: Literal["list"]
    data: list[SoundLayer]


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
    """A track: start and duration in seconds, pitch and velocity of each note; start and duration in ticks."""

    name: str
    program: int
    is_drum: bool
    notes: list[tuple[float, float, int, int]]
    ticks: list[tuple[int, int]]


class Notes(BaseModel):
    """A MIDI file; where its beats (quarter notes) and bars begin, in seconds, and the bars in ticks."""

    seconds: float
    tempo: float
    beats: list[float]
    bars: list[float]
    bar_ticks: list[int]
    ticks_per_quarter: int
    markers: list[Marker]
    tracks: list[TrackNotes]


_LONGEST_TEXT = 10_000
_Tick = Annotated[int, Field(ge=0, lt=2**31)]
_Note = tuple[
    _Tick,
    Annotated[int, Field(ge=1, lt=2**31)],
    Annotated[int, Field(ge=0, le=127)],
    Annotated[int, Field(ge=1, le=127)],
]


class TrackChange(BaseModel):
    """Of one track, counted from 0: notes taken away, as they are counted in the file, and notes put in."""

    model_config = ConfigDict(extra="forbid")

    track: int = Field(ge=0)
    removed: list[int] = Field([], description="their places in `notes`")
    added: list[_Note] = Field([], description="onset and duration in ticks, pitch, velocity")


class NotesChange(BaseModel):
    """A MIDI file, by an id as tasks take them, and what to change in it."""

    model_config = ConfigDict(extra="forbid")

    file: str
    tracks: list[TrackChange] = Field(max_length=1000)


class TextsChange(BaseModel):
    """A transcription, by the id of its JSON as tasks take files, and what its segments say instead."""

    model_config = ConfigDict(extra="forbid")

    file: str
    texts: list[Annotated[str, Field(max_length=_LONGEST_TEXT)]] = Field(
        max_length=100_000, description="one for each segment; an empty one takes it away"
    )
    format: Literal["txt", "vtt", "srt", "tsv", "json"] = Field("json", description="of the file that is answered")


class Written(BaseModel):
    """A file of text."""

    content: str


class StreamFormat(BaseModel):
    """What the parts of a stream are; the length is of each channel, null where it is not known yet."""

    type: Literal["format"]
    encoding: Literal["f32le"]
    rate: int
    channels: int
    samples: int | None


class StreamEnd(BaseModel):
    """All of a stream has been sent."""

    type: Literal["end"]


class Session(BaseModel):
    """What the page's reader types."""

    token: str = Field(min_length=1, max_length=1000)
