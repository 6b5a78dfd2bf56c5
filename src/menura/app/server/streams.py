"""The addresses of live sound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from starlette.responses import StreamingResponse

from menura.app.server import uploads
from menura.app.server.descriptions import description, offered
from menura.app.server.errors import Refusal, documented
from menura.app.server.server import Server
from menura.app.server.streaming import interleaved, live, wav_header
from menura.app.server.workers import request, told
from menura.tasks.task import Task, spoken


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


def _streaming(server: Server, name: str) -> Any:
    async def stream(request: Request) -> StreamingResponse:
        task = _streamed_task(server, name, dict(request.query_params), request.state.client)
        making = live(task, server.models)
        server.streams += 1
        try:
            one, about = await making.__aenter__()
        except BaseException as error:
            server.streams -= 1
            if isinstance(error, ValueError | OSError):
                raise Refusal(400, told(error, server.store.folder)) from None
            raise

        async def content() -> AsyncIterator[bytes]:
            try:
                yield wav_header(about)
                async for part in one.parts():
                    yield interleaved(part)
            finally:
                server.streams -= 1
                await making.__aexit__(None, None, None)

        return StreamingResponse(content(), media_type="audio/wav")

    return stream


def _websocket_streaming(server: Server, name: str) -> Any:
    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            async with asyncio.timeout(server.settings.silence_s):
                given = await websocket.receive_json()
            task = _streamed_task(server, name, given, websocket.state.client)
            server.streams += 1
            try:
                async with live(task, server.models) as (one, about):
                    await websocket.send_json(
                        {
                            "type": "format",
                            "encoding": "f32le",
                            "rate": about.sample_rate_hz,
                            "channels": about.num_channels,
                            "samples": about.num_samples,
                        }
                    )
                    async for part in one.parts():
                        await websocket.send_bytes(interleaved(part))
            finally:
                server.streams -= 1
            await websocket.send_json({"type": "end"})
            await websocket.close()
        except WebSocketDisconnect:
            pass
        except (Refusal, ValueError, KeyError, OSError) as error:
            refusal = error if isinstance(error, Refusal) else Refusal(400, told(error, server.store.folder))
            await websocket.send_json({"type": "error", **refusal.body()})
            await websocket.close(1008)

    return stream


def _streamed_task(server: Server, name: str, given: Any, client: str) -> Task:
    if not isinstance(given, dict):
        raise Refusal(400, "the parameters are not an object in braces")
    if server.streams >= server.settings.most_streams:
        raise Refusal(503, "too many live streams at once; try again soon", headers={"retry-after": "2"})
    known = {spoken(field): field for field in offered()[name].inputs()}
    plain = {field: value for field, value in given.items() if field not in known}
    found = {known[f]: uploads.find(value, f, client, server.store)[0] for f, value in given.items() if f in known}
    try:
        return request(name, plain, found).seeded()
    except ValueError as error:
        raise Refusal(400, str(error)) from None
