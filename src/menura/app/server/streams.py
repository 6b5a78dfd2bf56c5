"""The addresses of live sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from menura.app.server.descriptions import description, offered
from menura.app.server.errors import Refusal, documented
from menura.app.server.requests import received, request
from menura.app.server.server import Server
from menura.app.server.streaming import Live, Patience, interleaved, live, wav_header
from menura.app.server.workers import error_message, without_folders
from menura.tasks.task import Task

_SAFE = " !#$&'()*+,-./:;<=>?@[]^_`{|}~"
"""What a header holds as it is."""


def add_streams(app: FastAPI, server: Server) -> None:
    """An address for each task that streams."""

    for name, kind in offered().items():
        if kind.streams:
            parameters = [
                {"name": field, "in": "query", "required": field in kind.positional, "schema": said}
                for field, said in description(name)["schema"]["properties"].items()
            ]
            app.add_api_route(
                f"/v1/stream/{name}",
                _streaming(server, name),
                methods=["GET"],
                summary=f"{kind.summary()} As it is made, in 32-bit floats.",
                response_class=StreamingResponse,
                responses={200: {"content": {"audio/wav": {}}}, **documented()},
                openapi_extra={"parameters": parameters},
                tags=["streams"],
            )
            app.add_api_websocket_route(f"/v1/stream/{name}", _websocket_streaming(server, name))


class LiveResponse(StreamingResponse):
    """A stream that lets go of what makes it however it ends, and even if it never begins."""

    def __init__(
        self,
        content: AsyncIterator[bytes],
        held: AsyncExitStack,
        headers: Mapping[str, str],
        media_type: str = "audio/wav",
    ) -> None:
        super().__init__(content, media_type=media_type, headers=headers)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            await super().__call__(scope, receive, send)


def _streaming(server: Server, name: str) -> Any:
    async def stream(request: Request) -> Response:
        client = request.state.client
        task = await run_in_threadpool(_streamed_task, server, name, dict(request.query_params), client)
        async with AsyncExitStack() as held:
            held.enter_context(server.slots.taken(client))
            try:
                one, about = await held.enter_async_context(live(task, server.models))
            except (ValueError, OSError) as error:
                raise Refusal(400, error_message(error, server.store.folder)) from None

            async def content() -> AsyncIterator[bytes]:
                yield wav_header(about)
                patience = Patience(about.sample_rate_hz, server.settings.silence_s)
                async for part in one.parts():
                    with patience.of(part):
                        yield interleaved(part)

            return LiveResponse(content(), held.pop_all(), warnings_header(server, one))

    return stream


def _websocket_streaming(server: Server, name: str) -> Any:
    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            async with asyncio.timeout(server.settings.silence_s):
                given = await websocket.receive_json()
            client = websocket.state.client
            task = await run_in_threadpool(_streamed_task, server, name, given, client)
            with server.slots.taken(client):
                await _sent(server, websocket, task)
            await websocket.send_json({"type": "end"})
            await websocket.close()
        except WebSocketDisconnect:
            pass
        except TimeoutError:
            await websocket.close(1008, "too slow")
        except (Refusal, ValueError, KeyError, OSError) as error:
            refusal = error if isinstance(error, Refusal) else Refusal(400, error_message(error, server.store.folder))
            await websocket.send_json({"type": "error", **refusal.body()})
            await websocket.close(1008)

    return stream


async def _sent(server: Server, websocket: WebSocket, task: Task) -> None:
    async with live(task, server.models) as (one, about):
        about_it = {"rate": about.sample_rate_hz, "channels": about.num_channels, "samples": about.num_samples}
        told_first = {"type": "format", "encoding": "f32le", **about_it, "warnings": _warnings(server, one)}
        await websocket.send_json(told_first)
        patience = Patience(about.sample_rate_hz, server.settings.silence_s)
        async for part in one.parts():
            with patience.of(part):
                await websocket.send_bytes(interleaved(part))


def warnings_header(server: Server, one: Live) -> dict[str, str]:
    """What is odd about what a stream is made of, as a header of its answer."""
    return {"menura-warnings": quote("; ".join(_warnings(server, one)), safe=_SAFE)} if one.warnings else {}


def _warnings(server: Server, one: Live) -> list[str]:
    return [without_folders(text, server.store.folder) for text in one.warnings]


def _streamed_task(server: Server, name: str, given: Any, client: str) -> Task:
    if not isinstance(given, dict):
        raise Refusal(400, "the parameters are not an object in braces")
    plain, found = received(name, given, client, server.store)
    try:
        return request(name, plain, {field: path for field, (path, _) in found.items()}, server.models).seeded()
    except ValueError as error:
        raise Refusal(400, str(error)) from None
