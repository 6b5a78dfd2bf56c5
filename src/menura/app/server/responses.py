"""How answers travel: files in parts and only if they have changed, JSON compressed, headers without a body."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from menura.app.server.errors import DESCRIPTIONS, Refusal, body, documented

_RANGES = re.compile(r"bytes=[ \t]*(\d+-\d*|-\d+)([ \t]*,[ \t]*(\d+-\d*|-\d+))*[ \t]*")
_OF_A_FILE = ("etag", "last-modified", "cache-control", "accept-ranges")
_WORTH_COMPRESSING_BYTES = 1024
_COMPRESSION_LEVEL = 5


class StoredFileResponse(FileResponse):
    """A file that does not change, whole or in parts (RFC 9110, 13 and 14): ETag, 304, ranges, errors in our shape.

    Args:
        path: of the file.
        media_type: of it.
        headers: of the answer.
        filename: under which a browser keeps it; none where it may show it.

    Raises:
        Refusal: it is not there.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        media_type: str,
        headers: Mapping[str, str] | None = None,
        filename: str | None = None,
    ) -> None:
        try:
            status = os.stat(path)
        except OSError:
            raise Refusal(404, "the file is gone from the server") from None
        super().__init__(path, media_type=media_type, headers=headers, filename=filename, stat_result=status)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)
        if self._is_known(asked):
            kept = {name: self.headers[name] for name in _OF_A_FILE if name in self.headers}
            await Response(status_code=304, headers=kept)(scope, receive, send)
            return
        if not _RANGES.fullmatch(asked.get("range", "bytes=0-")):  # what is no range is passed over, says the RFC
            headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
            scope = {**scope, "headers": headers}
        is_refused = False

        async def answer(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start" and message["status"] >= 400:
                is_refused = True
                size = self.headers["content-length"]
                refusal = JSONResponse(body(416, DESCRIPTIONS[416]), 416, {"content-range": f"bytes */{size}"})
                await refusal(scope, receive, send)
            if not is_refused:
                await send(message)

        await super().__call__(scope, receive, answer)

    def _is_known(self, asked: Headers) -> bool:
        """Whether whoever asks has the file already."""
        if "if-none-match" in asked:
            tags = [tag.strip().removeprefix("W/") for tag in asked["if-none-match"].split(",")]
            return self.headers["etag"] in tags or tags == ["*"]
        try:
            since = parsedate_to_datetime(asked.get("if-modified-since", ""))
            return parsedate_to_datetime(self.headers["last-modified"]) <= since
        except (ValueError, TypeError):  # not given, no date, or one without a zone
            return False


def file_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of an address that gives a file, and answers with such errors."""
    return {
        200: {"content": {"*/*": {}}, "description": "The file"},
        206: {"content": {"*/*": {}}, "description": "A part of it"},
        304: {"description": "It is what the client has"},
        **documented(*statuses),
    }


class Delivery:
    """Compresses JSON for clients that take it so, and leaves bodies away where only headers were asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        takes_gzip, is_head = _takes_gzip(Headers(scope=scope)), scope["method"] == "HEAD"
        start: Message | None = None

        async def answer(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and takes_gzip and _is_plain_json(message):
                start = message
                return
            if start is not None:
                if not message.get("more_body", False):
                    message = _compressed(start, message)
                await send(start)
                start = None
            if is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, answer)


def answer_head(app: FastAPI) -> None:
    """Let every address that is read be asked for its headers alone, but for streams, which are work."""
    for route in [route for route in app.routes if isinstance(route, APIRoute)]:
        if "GET" in (route.methods or ()) and "streams" not in route.tags:
            app.add_api_route(
                route.path,
                route.endpoint,
                methods=["HEAD"],
                name=f"{route.name}_head",
                response_model=route.response_model,
                response_class=route.response_class,
                include_in_schema=False,
            )


def _takes_gzip(asked: Headers) -> bool:
    return bool(re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", asked.get("accept-encoding", "")))


def _is_plain_json(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").partition(";")[0] == "application/json" and "etag" not in headers


def _compressed(start: Message, message: Message) -> Message:
    """The body of an answer, packed where that is worth it; its headers are changed to say so."""
    if len(message.get("body", b"")) < _WORTH_COMPRESSING_BYTES:
        return message
    packed = gzip.compress(message["body"], _COMPRESSION_LEVEL)
    headers = MutableHeaders(raw=start["headers"])
    headers["content-encoding"], headers["content-length"] = "gzip", str(len(packed))
    headers.add_vary_header("accept-encoding")
    return {**message, "body": packed}
