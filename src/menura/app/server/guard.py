"""What every request passes: who asks, how much they send and how fast, headers, request ids, logs and counts."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

from menura.app.server.clients import Clients
from menura.app.server.counts import Counts
from menura.app.server.errors import Refusal, body

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("menura.server")
OPEN_TO_ALL = ("/healthz", "/readyz", "/", "/assets/", "/v1/session")
"""Addresses that ask for no token: the page itself, and whether the server lives."""
_JSON_BYTES = 1 << 20
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
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Guard:
    """Wraps the application.

    Args:
        app: what answers.
        clients: who may ask.
        counts: where requests are counted.
        most_bytes: of a body with files.
        most_at_once: requests in progress, streams aside.
        silence_s, body_s: how long a sender may pause, and take in all.
    """

    def __init__(
        self,
        app: Callable[[Scope, Receive, Send], Awaitable[None]],
        *,
        clients: Clients,
        counts: Counts,
        most_bytes: int,
        most_at_once: int,
        silence_s: float,
        body_s: float,
    ) -> None:
        self.app, self.clients, self.counts = app, clients, counts
        self.most_bytes, self.most_at_once, self.silence_s, self.body_s = most_bytes, most_at_once, silence_s, body_s
        self._at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope.setdefault("state", {})
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        nonce = scope["state"]["nonce"] = secrets.token_urlsafe(16)
        started, status = time.monotonic(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out["x-request-id"] = request_id
                for name, value in _HEADERS.items():
                    out.setdefault(name, value)
                out.setdefault("content-security-policy", CONTENT_POLICY.format(nonce=nonce))
                out.setdefault("cache-control", "no-store")
            elif message["type"] in ("websocket.accept", "websocket.close") and not status:
                status = 101 if message["type"] == "websocket.accept" else 403
            await send(message)

        self._at_once += 1
        try:
            await self._passed(scope, headers, receive, answer)
        except Refusal as refusal:
            await self._refuse(scope, refusal, answer)
        except Exception:
            log.exception("request %s failed", request_id)
            if not status:
                await self._refuse(scope, Refusal(500, "internal error; the server's log says more"), answer)
        finally:
            self._at_once -= 1
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
        if self._at_once > self.most_at_once and path not in OPEN_TO_ALL:
            raise Refusal(503, "too many requests at once; try again soon", headers={"retry-after": "1"})
        is_open = any(path == one or (one.endswith("/") and one != "/" and path.startswith(one)) for one in OPEN_TO_ALL)
        scope["state"]["client"] = "" if is_open else self.clients.identify(headers)
        await self.app(scope, receive if websocket else self._limited(headers, receive), send)

    def _limited(self, headers: Headers, receive: Receive) -> Receive:
        """Receive no more than allowed, and no slower."""
        multipart = headers.get("content-type", "").lower().startswith("multipart/")
        most = self.most_bytes if multipart else _JSON_BYTES
        stated = headers.get("content-length", "")
        if stated.isdigit() and int(stated) > most:
            raise _too_large(most)
        received, whole, until = 0, False, time.monotonic() + self.body_s

        async def limited() -> Message:
            nonlocal received, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout(min(self.silence_s, max(until - time.monotonic(), 0.0))):
                    message = await receive()
            except TimeoutError:
                raise Refusal(408, "the request did not come in time", headers={"connection": "close"}) from None
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if received > most:
                    raise _too_large(most)
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
