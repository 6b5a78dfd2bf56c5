"""Speech as OpenAI's clients ask for it: a text in, sound out as it is made; and the voices there are."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from menura.app.server.errors import Refusal, documented
from menura.app.server.requests import check_text, request
from menura.app.server.server import Server
from menura.app.server.streaming import Live, Patience, live
from menura.app.server.streams import LiveResponse, warnings_header
from menura.app.server.views import SpeechRequest, SpeechVoiceList
from menura.app.server.workers import error_message
from menura.audio.streamed import STREAMED, StreamEncoder
from menura.tasks.models import Models
from menura.tasks.task import Stream, Task
from menura.tasks.voices import voices_of

_MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15")
"""OpenAI's names, any of which asks for the synthesizer that comes with Menura."""
_SYNTHESIZER = "synthesizer"
_WOMEN = ("alloy", "coral", "nova", "sage", "shimmer", "marin", "fable")
_MEN = ("echo", "ash", "onyx", "ballad", "verse", "cedar")
"""OpenAI's voices, each of which asks for one of ours; one of ours that is called so goes before it."""
_FIELDS = {"text": "input", "format": "response_format"}
"""Parameters of the task -> what OpenAI calls them."""


def add_speech(app: FastAPI, server: Server) -> None:
    """The addresses of speech."""

    sound = {"content": {kind: {} for kind in (*dict.fromkeys(STREAMED.values()), "text/event-stream")}}

    @app.post(
        "/v1/audio/speech",
        response_class=StreamingResponse,
        responses={200: sound, **documented(404, 408)},
        tags=["speech"],
    )
    async def speech(request: Request, asked: SpeechRequest) -> Response:
        """A text as speech, while it is made: `input` may be SSML; `voice` is a name, a mixture or random:7."""
        client = request.state.client
        task = await run_in_threadpool(_task, asked, server.models)
        try:
            encoder = StreamEncoder(asked.response_format, 24_000)
        except ValueError as error:
            raise Refusal(400, str(error), param="response_format") from None
        async with AsyncExitStack() as held:
            held.enter_context(server.slots.taken(client))
            try:
                one, about = await held.enter_async_context(live(task, server.models))
            except (ValueError, OSError) as error:
                raise _refusal(error_message(error, server.store.folder)) from None
            encoded = _encoded(server, one, about, encoder)
            if asked.stream_format == "sse":
                content, media_type = _events(encoded, len(asked.input)), "text/event-stream"
            else:
                content, media_type = encoded, STREAMED[asked.response_format]
            return LiveResponse(content, held.pop_all(), warnings_header(server, one), media_type)

    @app.get("/v1/audio/voices", response_model=SpeechVoiceList, responses=documented(404), tags=["speech"])
    def voices(model: str = _SYNTHESIZER) -> Any:
        """The voices that a synthesizer has."""
        found = voices_of(server.models, _model(model, server.models))
        data = [{**voice, "id": voice["name"], "object": "audio.voice"} for voice in found]
        return {"object": "list", "data": data}


def _task(asked: SpeechRequest, models: Models) -> Task:
    """What is asked for, as the task that does it."""
    given = {
        "text": asked.input,
        "voice": asked.voice if isinstance(asked.voice, str) else asked.voice.id,
        "speed": asked.speed,
        "model": _model(asked.model, models),
        **{name: value for name in ("language", "seed") if (value := getattr(asked, name)) is not None},
    }
    check_text(given)
    given["voice"] = _voice(given["voice"], voices_of(models, given["model"]))
    try:
        return request("speak", given, {}, models).seeded()
    except ValueError as error:
        raise _refusal(str(error)) from None


def _model(name: str, models: Models) -> str:
    fitting = models.fitting("Synthesizer")
    if name in fitting:
        return name
    if fitting and name in (*_MODELS, _SYNTHESIZER):
        return _SYNTHESIZER if _SYNTHESIZER in fitting else fitting[0]
    there = f"there are {', '.join(fitting)}" if fitting else "there is none here"
    said = f"model: {name[:60]!r} is no synthesizer of speech; {there}"
    raise Refusal(404, said, param="model", code="model_not_found")


def _voice(name: str, voices: list[Any]) -> str:
    """One of ours in place of one of OpenAI's: it speaks English, and is a woman's for a woman's, as far as known."""
    if name in {voice["name"] for voice in voices}:
        return name
    english = [voice for voice in voices if voice["language"].startswith("en")] or voices
    for theirs, gender in ((_WOMEN, "f"), (_MEN, "m")):
        if name in theirs and english:
            alike = [voice for voice in english if voice.get("gender", "").lower().startswith(gender)] or english
            return alike[theirs.index(name) % len(alike)]["name"]
    return name


async def _encoded(server: Server, one: Live, about: Stream, encoder: StreamEncoder) -> AsyncIterator[bytes]:
    patience = Patience(about.sample_rate_hz, server.settings.silence_s)
    async for part in one.parts():
        with patience.of(part):
            if content := await run_in_threadpool(encoder.encode, part):
                yield content
    if content := await run_in_threadpool(encoder.end):
        yield content


async def _events(encoded: AsyncIterator[bytes], num_characters: int) -> AsyncIterator[bytes]:
    """Bytes of sound as server-sent events; of what is counted in tokens elsewhere there are the characters."""
    async for content in encoded:
        yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(content).decode()})
    usage = {"input_tokens": num_characters, "output_tokens": 0, "total_tokens": num_characters}
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(said: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(said)}\n\n".encode()


def _refusal(message: str) -> Refusal:
    """An error of the task, in the words of who asked."""
    field, sign, rest = message.partition(":")
    if not sign or not field.isidentifier():
        return Refusal(400, message)
    name = _FIELDS.get(field, field)
    return Refusal(400, f"{name}:{rest}", param=name)
