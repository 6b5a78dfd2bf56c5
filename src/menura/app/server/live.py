"""Sound sent over a WebSocket as it is recorded, and its words as they are heard; a broken socket loses nothing.

A session outlives its socket: whoever comes back with its id is told from which sample to go on, and gets what became
final meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from typing import Any

import numpy as np
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from menura.app.server.errors import Refusal
from menura.app.server.server import Server
from menura.app.server.workers import error_message
from menura.audio.resample import Resampler
from menura.tasks.hearing import HearingOptions
from menura.tasks.live import LiveEvent, LiveTranscriber
from menura.tasks.models import Models
from menura.tasks.sections import RATE_HZ
from menura.tasks.transcribing import ACTIVITY

_KEPT_S = 120.0
"""A session without a socket."""
_MOST_KEPT = 32
_MOST_WAITING_S = 30.0
"""Of sound that was not heard yet; a sender who is further ahead waits."""
_SAMPLE_BYTES = 2


class LiveRequest(BaseModel):
    """What is sent first: how a new session is to hear, or which one goes on."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field("whisper-tiny.en", max_length=120)
    language: str | None = Field(None, max_length=20)
    prompt: str = Field("", max_length=4000)
    hotwords: str = Field("", max_length=1000)
    rate: int = Field(RATE_HZ, ge=8000, le=192_000)
    session: str | None = Field(None, max_length=64)
    samples: int | None = Field(None, ge=0)
    """The first that will be sent, of a session that goes on; by default the first that the server lacks."""
    event: int = Field(0, ge=0)
    """The last final one that arrived."""


class LiveSession:
    """A sound that is being heard.

    Attributes:
        id: whoever knows it may go on.
        client: whose it is.
        samples: how many came, at the rate of the sender.
        is_connected: whether a socket is its.
    """

    def __init__(self, transcriber: LiveTranscriber, rate_hz: int, client: str) -> None:
        self.id, self.client, self.rate_hz = secrets.token_urlsafe(16), client, rate_hz
        self.samples = 0
        self.is_connected = False
        self.left_at = time.monotonic()
        self.finals: list[dict[str, Any]] = []
        self._transcriber, self._waiting = transcriber, bytearray()
        self._resampler = Resampler(rate_hz, RATE_HZ)

    def receive(self, content: bytes, start: int) -> None:
        """Take samples, 16-bit little-endian, the first of which has a number; those that came before are passed over.

        Raises:
            ValueError: some are missing between, or half a sample came.
        """
        if len(content) % _SAMPLE_BYTES:
            raise ValueError("a frame holds whole samples of 16 bits")
        if start > self.samples:
            raise ValueError(f"samples {self.samples} to {start - 1} are missing; go on at {self.samples}")
        fresh = content[_SAMPLE_BYTES * (self.samples - start) :]
        self._waiting += fresh
        self.samples += len(fresh) // _SAMPLE_BYTES

    @property
    def waiting_s(self) -> float:
        """How much sound was not heard yet."""
        return len(self._waiting) / _SAMPLE_BYTES / self.rate_hz

    def hear(self, is_last: bool = False) -> list[dict[str, Any]]:
        """Events of what waits."""
        content = bytes(self._waiting)
        del self._waiting[: len(content)]
        samples = np.frombuffer(content, "<i2").astype(np.float32) / 32768
        return self._told(self._transcriber.feed(self._resampler(samples, is_last)))

    def finish(self) -> list[dict[str, Any]]:
        """Events of the rest, and the end."""
        events = [*self.hear(is_last=True), *self._told(self._transcriber.finish())]
        text = " ".join(event["text"] for event in self.finals)
        return [*events, {"type": "end", "text": text, "samples": self.samples}]

    def _told(self, events: list[LiveEvent]) -> list[dict[str, Any]]:
        told = [{**event.to_dict(), "samples": self.samples} for event in events]
        self.finals += [event for event in told if event["type"] == "final"]
        return told


class LiveSessions:
    """Those that go on, and those that wait for their client to come back."""

    def __init__(self) -> None:
        self._kept: dict[str, LiveSession] = {}

    def add(self, session: LiveSession) -> None:
        """Keep one; those that nobody came back to for long, and of too many the oldest, are let go of."""
        idle = sorted((one for one in self._kept.values() if not one.is_connected), key=lambda one: one.left_at)
        late = [one for one in idle if time.monotonic() - one.left_at > _KEPT_S]
        for one in dict.fromkeys([*late, *idle[: max(len(self._kept) + 1 - _MOST_KEPT, 0)]]):
            del self._kept[one.id]
        self._kept[session.id] = session

    def of(self, id: str, client: str) -> LiveSession:
        """A client's session that has no socket.

        Raises:
            Refusal: there is none, or it has one.
        """
        found = self._kept.get(id)
        if found is None or found.client != client or time.monotonic() - found.left_at > _KEPT_S:
            raise Refusal(404, f"there is no session {id[:40]!r}; begin a new one")
        if found.is_connected:
            raise Refusal(409, "this session is connected already")
        return found

    def end(self, session: LiveSession) -> None:
        """It is over."""
        self._kept.pop(session.id, None)


def add_live(app: FastAPI, server: Server) -> None:
    """The address of live recognition."""
    sessions = LiveSessions()

    @app.websocket("/v1/audio/transcriptions/live")
    async def transcribe(websocket: WebSocket) -> None:
        await websocket.accept()
        client = websocket.state.client
        try:
            with server.slots.taken(client):
                async with asyncio.timeout(server.settings.silence_s):
                    asked = _asked(await websocket.receive_json())
                session = await _session(server, sessions, asked, client)
                session.is_connected = True
                try:
                    await _serve(server, websocket, session, asked)
                    sessions.end(session)
                finally:
                    session.is_connected, session.left_at = False, time.monotonic()
            await websocket.close()
        except WebSocketDisconnect:
            pass
        except TimeoutError:
            await websocket.close(1008, "too slow")
        except (Refusal, ValueError, KeyError, OSError) as error:
            refusal = error if isinstance(error, Refusal) else Refusal(400, error_message(error, server.store.folder))
            await websocket.send_json({"type": "error", **refusal.body()})
            await websocket.close(1008)


def _asked(given: Any) -> LiveRequest:
    try:
        return LiveRequest.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or None
        raise Refusal(400, f"{field or 'the first message'}: {first['msg']}", param=field) from None


async def _session(server: Server, sessions: LiveSessions, asked: LiveRequest, client: str) -> LiveSession:
    if asked.session is not None:
        return sessions.of(asked.session, client)
    transcriber = await run_in_threadpool(_transcriber, server.models.unused(), asked)
    session = LiveSession(transcriber, asked.rate, client)
    sessions.add(session)
    return session


def _transcriber(models: Models, asked: LiveRequest) -> LiveTranscriber:
    models.require(asked.model, "Recognizer")
    model = models.get(asked.model)
    if asked.language and asked.language not in model.languages:
        raise Refusal(400, f"language: {asked.model} knows {', '.join(model.languages)}", param="language")
    options = HearingOptions(language=asked.language, initial_prompt=asked.prompt, hotwords=asked.hotwords)
    return LiveTranscriber(model, options, models.get(ACTIVITY))


async def _serve(server: Server, websocket: WebSocket, session: LiveSession, asked: LiveRequest) -> None:
    """Until the client says that it has sent all.

    Raises:
        WebSocketDisconnect: the client is gone.
    """
    start = session.samples if asked.samples is None else asked.samples
    if start > session.samples:
        raise Refusal(400, f"samples: go on at {session.samples}, the first that is lacking", param="samples")
    told = {"type": "session", "session": session.id, "samples": session.samples, "rate": session.rate_hz}
    await websocket.send_json(told)
    for event in [one for one in session.finals if one["number"] > asked.event]:
        await websocket.send_json(event)
    fresh, heard = asyncio.Event(), asyncio.Event()
    receiver = asyncio.create_task(_receive(server, websocket, session, start, fresh, heard))
    try:
        while not receiver.done() or session.waiting_s:
            await _either(fresh, receiver)
            fresh.clear()
            events = await run_in_threadpool(session.hear)
            heard.set()
            if receiver.done():
                receiver.result()  # raises where the client is gone
            for event in events or [{"type": "ack", "samples": session.samples}]:
                await websocket.send_json(event)
        receiver.result()
        for event in await run_in_threadpool(session.finish):
            await websocket.send_json(event)
    finally:
        receiver.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await receiver


async def _either(fresh: asyncio.Event, receiver: asyncio.Task[None]) -> None:
    waiter = asyncio.create_task(fresh.wait())
    await asyncio.wait((waiter, receiver), return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()


async def _receive(
    server: Server, websocket: WebSocket, session: LiveSession, start: int, fresh: asyncio.Event, heard: asyncio.Event
) -> None:
    """Take sound until the client says that this is all."""
    while True:
        async with asyncio.timeout(server.settings.silence_s):
            message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1000)
        if (content := message.get("bytes")) is None:
            if message.get("text") and '"end"' in message["text"]:
                return
            raise Refusal(400, 'send samples as bytes, and {"type": "end"} behind the last')
        session.receive(content, start)
        start += len(content) // _SAMPLE_BYTES
        fresh.set()
        while session.waiting_s > _MOST_WAITING_S:
            heard.clear()
            await heard.wait()
