"""What every request passes: who asks, how much they send and how fast, headers, request ids, logs and counts."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

from menura.app.server.clients import Clients
from menura.app.server.counts import Counts
from menura.app.server.errors import Refusal, body
from menura.app.server.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("menura.server")
OPEN_TO_ALL = ("/healthz", "/readyz", "/", "/r/", "/uploads", "/assets/", "/v1/session")
"""Addresses that ask for no token: the page itself, and whether the server lives."""
ALL = "all"
"""Whose requests at once are counted besides each client's."""
_JSON_BYTES = 1 << 20
_MOST_BODIES = 5
"""So many of the largest bodies may be on their way at once."""
_REQUEST_ID = re.compile(r"[\w.\-]{1,64}")
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
}
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Guard:
    """Wraps the application.

    Args:
        app: what answers.
        clients: who may ask.
        counts: where requests are counted.
        settings: the limits.
    """

    def __init__(
        self,
        app: Callable[[Scope, Receive, Send], Awaitable[None]],
        *,
        clients: Clients,
        counts: Counts,
        settings: Settings,
    ) -> None:
        self.app, self.clients, self.counts, self.settings = app, clients, counts, settings
        self._most_bytes = settings.upload_mb << 20
        self._at_once: Counter[str] = Counter()
        self._receiving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope.setdefault("state", {})
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        started, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out["x-request-id"] = request_id
                for name, value in _HEADERS.items():
                    out.setdefault(name, value)
                out.setdefault("content-security-policy", CONTENT_POLICY)
                out.setdefault("cache-control", "no-store")
            elif message["type"] in ("websocket.accept", "websocket.close") and not status:
                status = 101 if message["type"] == "websocket.accept" else 403
            async with asyncio.timeout(self.settings.silence_s):
                await send(message)

        try:
            with self._counted(ALL):
                await self._passed(scope, headers, receive, answer)
        except Exception as error:
            is_unread = bool(status) and isinstance(error, TimeoutError)
            if not is_unread and not isinstance(error, Refusal):
                log.exception("request %s failed", request_id)
            if not status:  # else there is nothing more to say; the server ends what is not whole
                is_refusal = isinstance(error, Refusal)
                refusal = error if is_refusal else Refusal(500, "internal error; the server's log says more")
                await self._refuse(scope, refusal, answer)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope.get("method", "WS")
            taken = time.monotonic() - started
            self.counts.request(method, route, status, taken)
            log.info("%s %s %s %d %.0f ms", request_id, method, _printable(scope["path"]), status, 1000 * taken)

    async def _passed(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        websocket = scope["type"] == "websocket"
        path = scope["path"]
        is_read = scope.get("method", "GET") in ("GET", "HEAD") and not websocket
        self.clients.check_origin(headers, is_page=is_read and not path.startswith("/v1/"))
        if self._at_once[ALL] > self.settings.max_at_once and path not in OPEN_TO_ALL:
            raise Refusal(503, "too many requests at once; try again soon", headers={"retry-after": "1"})
        is_open = any(path == one or (one.endswith("/") and one != "/" and path.startswith(one)) for one in OPEN_TO_ALL)
        address = (scope.get("client") or ("",))[0]
        client = scope["state"]["client"] = "" if is_open else self.clients.identify(headers, is_read, address)
        with self._counted(client), self._received() as took:
            if client and self._at_once[client] > self.settings.max_at_once_of_client:
                raise Refusal(429, "too many of your requests at once; try again soon", headers={"retry-after": "1"})
            await self.app(scope, receive if websocket else self._limited(headers, receive, took), send)

    @contextmanager
    def _counted(self, whose: str) -> Iterator[None]:
        """One more request of a client, or of all."""
        self._at_once[whose] += 1
        try:
            yield
        finally:
            self._at_once[whose] -= 1
            self._at_once += Counter()  # forgets those of whom there are none

    @contextmanager
    def _received(self) -> Iterator[Callable[[int], None]]:
        """Counts what one request sends, until it has been answered: it takes room until then."""
        received = 0

        def took(count: int) -> None:
            nonlocal received
            received += count
            self._receiving += count
            if self._receiving > _MOST_BODIES * self._most_bytes:
                raise Refusal(503, "too much is being sent at once; try again soon", headers={"retry-after": "5"})

        try:
            yield took
        finally:
            self._receiving -= received

    def _limited(self, headers: Headers, receive: Receive, took: Callable[[int], None]) -> Receive:
        """Receive no more than allowed, and no slower."""
        multipart = headers.get("content-type", "").lower().startswith("multipart/")
        most = self._most_bytes if multipart else _JSON_BYTES
        stated = headers.get("content-length", "")
        if stated.isdigit() and int(stated) > most:
            raise _too_large(most)
        received, whole, until = 0, False, time.monotonic() + self.settings.body_s

        async def limited() -> Message:
            nonlocal received, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout(min(self.settings.silence_s, max(until - time.monotonic(), 0.0))):
                    message = await receive()
            except TimeoutError:
                raise Refusal(408, "the request did not come in time", headers={"connection": "close"}) from None
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if received > most:
                    raise _too_large(most)
                took(len(message.get("body", b"")))
            return message

        return limited

    async def _refuse(self, scope: Scope, refusal: Refusal, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": str(refusal)[:120]})
            return
        content = body(refusal.status, str(refusal), refusal.param, refusal.code)
        await JSONResponse(content, refusal.status, refusal.headers)(scope, _nothing, send)


def _too_large(most: int) -> Refusal:
    size = f"{most >> 20} MB" if most >= 1 << 20 else f"{most} bytes"
    return Refusal(413, f"the request is larger than {size}", headers={"connection": "close"})


def _printable(path: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in path[:200])


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
