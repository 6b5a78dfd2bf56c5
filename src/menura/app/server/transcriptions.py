"""Speech as text, as OpenAI's clients ask for it: a file in, its words out, all at once or as they are recognised."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Literal

from fastapi import FastAPI, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, PlainTextResponse, Response

from menura.app.server.errors import Refusal, documented
from menura.app.server.requests import check_text, request
from menura.app.server.server import Server
from menura.app.server.streams import LiveResponse
from menura.app.server.uploads import received_sound
from menura.app.server.workers import error_message
from menura.models.whisper.languages import LANGUAGES
from menura.progress import Cancelled, Noting
from menura.tasks.models import Models
from menura.tasks.transcribe import Transcribe
from menura.tasks.transcribing import MODEL, Listening
from menura.text.captions import BROADCAST
from menura.text.transcript import Segment, Transcript
from menura.text.writers import WRITERS, segment_fields

log = logging.getLogger("menura.server")

_MODELS = ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize")
"""OpenAI's names, any of which asks for the recognizer that is here."""
_FIELD_BYTES = 1 << 16
_SEVERAL = "timestamp_granularities"
_DIARIZED = "diarized_json"
_OF_WORDS = ("srt", "vtt", _DIARIZED)
_DOING = {"transcribe": "transcriptions", "translate": "translations"}
"""Task -> the end of its address."""


class TranscriptionRequest(BaseModel):
    """What is asked of a file, in OpenAI's shape; other fields, as `include`, are passed over."""

    model: str = Field(max_length=100, description="of a recognizer; OpenAI's names ask for the one there is")
    language: str | None = Field(None, max_length=40, description="what is spoken, as en; default: as it is heard")
    prompt: str = ""
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] = "json"
    temperature: float = Field(0.0, ge=0.0, le=1.0)
    timestamp_granularities: list[Literal["word", "segment"]] = Field(["segment"])
    stream: bool = Field(False, description="server-sent events, as the words are recognised")


@dataclass(frozen=True)
class _Failed:
    error: BaseException


class _Recognition:
    """A recording that is transcribed in a thread of its own.

    Args:
        task: what is asked for.
        models: of the server.
    """

    def __init__(self, task: Transcribe, models: Models) -> None:
        self._task, self._models, self._progress = task, models, Noting()
        self._heard: Listening | None = None
        self._found: SimpleQueue[Segment | _Failed | None] = SimpleQueue()
        self._thread = Thread(target=self._listen, name="menura-transcription", daemon=True)

    async def segments(self) -> AsyncIterator[Segment]:
        """Segments as they are recognised; stopped where whoever takes them stops.

        Raises:
            ValueError, OSError: the recording cannot be transcribed.
        """
        self._thread.start()
        try:
            while (found := await asyncio.to_thread(self._found.get)) is not None:
                if isinstance(found, _Failed):
                    raise found.error
                yield found
        finally:
            self._progress.cancel()

    def transcript(self) -> Transcript:
        """All of it, once all segments are taken."""
        assert self._heard is not None
        return self._heard.transcript()

    def _listen(self) -> None:
        last: _Failed | None = None
        try:
            with self._progress.active():
                self._heard = self._task.heard(self._models.unused(), self._progress)
                for segment in self._heard:
                    self._found.put(segment)
        except Cancelled:
            pass
        except Exception as error:  # told to the client by whoever reads
            last = _Failed(error)
        self._found.put(last)


def add_transcriptions(app: FastAPI, server: Server) -> None:
    """The addresses of recognition."""
    answers = ("application/json", "text/plain", "text/event-stream")
    parts = {**TranscriptionRequest.model_json_schema()["properties"], "file": {"type": "string", "format": "binary"}}
    form = {"multipart/form-data": {"schema": {"type": "object", "properties": parts, "required": ["file", "model"]}}}
    for task, address in _DOING.items():
        app.add_api_route(
            f"/v1/audio/{address}",
            _answering(server, task),
            methods=["POST"],
            name=address,
            summary={"transcribe": "What is said in a recording.", "translate": "The same in English."}[task],
            response_class=Response,
            response_model=None,
            responses={200: {"content": {kind: {} for kind in answers}}, **documented(404, 413, 415)},
            openapi_extra={"requestBody": {"required": True, "content": form}},
            tags=["speech"],
        )


def _answering(server: Server, task: str) -> Any:
    async def answer(request: Request) -> Response:
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise Refusal(415, "send multipart/form-data")
        async with AsyncExitStack() as held:
            held.enter_context(server.slots.taken(request.state.client))
            path = held.enter_context(server.store.scratch())
            asked = await _received(server, request, path)
            wanted = await run_in_threadpool(_task, asked, task, path, server)
            recognition = _Recognition(wanted, server.models)
            if asked.stream:
                return LiveResponse(_events(server, recognition), held.pop_all(), {}, "text/event-stream")
            try:
                async for _ in recognition.segments():
                    if await request.is_disconnected():
                        return Response(status_code=499)  # which nobody sees
            except (ValueError, OSError) as error:
                raise _refusal(error_message(error, server.store.folder)) from None
            return _answer(recognition.transcript(), asked, task)

    return answer


async def _received(server: Server, request: Request, path: Path) -> TranscriptionRequest:
    """What is asked for; the recording is at `path` then."""
    async with request.form(max_files=1, max_fields=50, max_part_size=_FIELD_BYTES) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise Refusal(400, "file: is needed, the recording", param="file")
        given = {name: value for name, value in form.items() if isinstance(value, str)}
        several = [*form.getlist(f"{_SEVERAL}[]"), *form.getlist(_SEVERAL)]
        if several:
            given[_SEVERAL] = several  # pyright: ignore[reportArgumentType]
        try:
            asked = TranscriptionRequest.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            param = str(first["loc"][0])
            raise Refusal(400, f"{param}: {first['msg'].lower()}", param=param) from None
        await run_in_threadpool(received_sound, upload, path, server.settings)
    check_text(asked.model_dump())
    return asked


def _task(asked: TranscriptionRequest, task: str, path: Path, server: Server) -> Transcribe:
    given = {
        "task": task,
        "model": _model(asked.model, server.models),
        "temperature": asked.temperature,
        "prompt": asked.prompt,
        "word_timestamps": "word" in asked.timestamp_granularities or asked.response_format in _OF_WORDS,
        "speakers": asked.response_format == _DIARIZED,
        **({"language": asked.language} if asked.language else {}),
    }
    try:
        wanted = request("transcribe", given, {"file": path}, server.models).seeded()
    except ValueError as error:
        raise _refusal(error_message(error, server.store.folder)) from None
    assert isinstance(wanted, Transcribe)
    return wanted


def _model(name: str, models: Models) -> str:
    """A recognizer of that name, or the one there is in place of one of OpenAI's."""
    fitting = models.fitting("Recognizer")
    wanted = (fitting[0] if fitting and MODEL not in fitting else MODEL) if name in _MODELS else name
    try:
        models.require(wanted, "Recognizer")
    except ValueError as error:
        raise Refusal(404, f"model: {error}", param="model", code="model_not_found") from None
    return wanted


def _answer(transcript: Transcript, asked: TranscriptionRequest, task: str) -> Response:
    kind = asked.response_format
    if kind == "text":
        return PlainTextResponse(f"{transcript.text}\n")
    if kind in ("srt", "vtt"):
        return PlainTextResponse(WRITERS[kind](transcript, BROADCAST))
    usage = {"type": "duration", "seconds": round(transcript.duration_s)}
    if kind == "json":
        return JSONResponse({"text": transcript.text, "usage": usage})
    if kind == _DIARIZED:
        segments = [_said_by(segment) for segment in transcript.segments]
        duration = round(transcript.duration_s, 3)
        said = {"task": task, "duration": duration, "text": transcript.text, "segments": segments}
        return JSONResponse({**said, "usage": usage})
    said: dict[str, Any] = {
        "task": task,
        "language": LANGUAGES.get(transcript.language, transcript.language),
        "duration": round(transcript.duration_s, 3),
        "text": transcript.text,
    }
    if "segment" in asked.timestamp_granularities:
        fields = map(segment_fields, transcript.segments)
        said["segments"] = [{name: value for name, value in one.items() if name != "words"} for one in fields]
    if "word" in asked.timestamp_granularities:
        said["words"] = [
            {"word": word.text, "start": round(word.start_s, 3), "end": round(word.end_s, 3)}
            for word in transcript.words()
        ]
    return JSONResponse({**said, "usage": usage})


def _said_by(segment: Segment) -> dict[str, Any]:
    """A segment of a dialogue as OpenAI has it."""
    start, end = round(segment.start_s, 3), round(segment.end_s, 3)
    told = {"type": "transcript.text.segment", "id": f"seg_{segment.id}", "start": start, "end": end}
    return {**told, "text": segment.text, "speaker": segment.speaker}


async def _events(server: Server, recognition: _Recognition) -> AsyncIterator[bytes]:
    """Each segment's words as an event, and all of them at the end; what goes wrong is an event too."""
    try:
        async for segment in recognition.segments():
            yield _event({"type": "transcript.text.delta", "delta": segment.text})
    except Exception as error:  # the answer has begun: what goes wrong cannot be a status any more
        if not isinstance(error, ValueError | OSError):
            log.exception("a transcription failed")
        yield _event({"type": "error", **_refusal(error_message(error, server.store.folder)).body()})
        return
    transcript = recognition.transcript()
    usage = {"type": "duration", "seconds": round(transcript.duration_s)}
    yield _event({"type": "transcript.text.done", "text": transcript.text, "usage": usage})


def _event(said: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(said, ensure_ascii=False)}\n\n".encode()


def _refusal(message: str) -> Refusal:
    """An error of the task, with the field that it begins with."""
    field, sign, _ = message.partition(":")
    return Refusal(400, message, param=field if sign and field.isidentifier() else None)
