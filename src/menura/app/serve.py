"""``menura serve``: the server and the studio, on this machine or for others."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, ClassVar

from pydantic import Field

from menura.app.server.settings import Settings, usual_state
from menura.extras import EXTRAS, require
from menura.progress import Progress
from menura.tasks.fields import OnDevice
from menura.tasks.models import Models
from menura.tasks.task import Result, Task

_KEEP_ALIVE_S, _FAREWELL_S = 30, 5
"""How long a connection may be idle, and how long answers that have begun may go on when the server stops."""
_SHORTEST_TOKEN = 8
_OWN_ADDRESSES = ("127.0.0.1", "::1")
_WAITING_CONNECTIONS = 2048


def _tokens_of_environment() -> tuple[str, ...]:
    """What ``MENURA_TOKEN`` holds: other users of the machine can read a command line, but not that."""
    tokens = tuple(one.strip() for one in os.environ.get("MENURA_TOKEN", "").split(",") if one.strip())
    if any(len(one) < _SHORTEST_TOKEN for one in tokens):
        raise ValueError(f"MENURA_TOKEN: a token has at least {_SHORTEST_TOKEN} characters")
    return tokens


class Serve(OnDevice, Task):
    """Open the studio in a browser, and answer over HTTP, until Ctrl-C.

    Jobs and their results are kept in a folder and survive a restart. Beyond this machine a token is needed.
    """

    name: ClassVar[str] = "serve"
    is_local: ClassVar[bool] = True

    host: Annotated[str, Field(description="address to listen at; beyond this machine only with a token")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="to listen at")] = 8787
    token: Annotated[
        tuple[Annotated[str, Field(min_length=_SHORTEST_TOKEN)], ...],
        Field(description="what clients must send, each its own; at least 8 characters; default: MENURA_TOKEN"),
    ] = ()
    models: Annotated[Path | None, Field(description="a folder of models beside those that come with Menura")] = None
    workers: Annotated[int, Field(ge=1, le=64, description="jobs to do at once")] = 1
    state: Annotated[Path | None, Field(description="folder of jobs and files; default: in your home")] = None
    upload_mb: Annotated[int, Field(ge=1, le=100_000, description="largest request")] = 200
    quota_mb: Annotated[int, Field(ge=1, le=10_000_000, description="most that a client's uploads take together")] = (
        2000
    )
    sound_minutes: Annotated[float, Field(gt=0, le=6000, description="longest sound that may be sent")] = 60.0
    queue: Annotated[int, Field(ge=1, le=100_000, description="jobs that may wait")] = 500
    keep_days: Annotated[
        float | None, Field(gt=0, le=36_500, description="days that results and uploads are kept; default: for ever")
    ] = None
    trusted_proxies: Annotated[
        tuple[str, ...],
        Field(description="addresses of proxies, whose X-Forwarded-Proto and -For are believed; this machine's always"),
    ] = ()
    grace: Annotated[
        float, Field(ge=0, le=3600, description="seconds that running jobs get when it is told to stop")
    ] = 20.0

    def run(self, models: Models, progress: Progress) -> Iterator[Result]:  # noqa: ARG002
        require("the server", *EXTRAS["serve"])
        import uvicorn

        settings = Settings(
            state=self.state or usual_state(),
            host=self.host,
            tokens=self.token or _tokens_of_environment(),
            models=self.models,
            device=self.named_device or "cpu",
            workers=self.workers,
            upload_mb=self.upload_mb,
            kept_mb=self.quota_mb,
            sound_minutes=self.sound_minutes,
            max_queued=self.queue,
            kept_days=self.keep_days,
            grace_s=self.grace,
        )
        _check_networks(self.trusted_proxies)
        addresses(self.host, self.port)  # an unknown host is told before anything is made
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        with contextlib.ExitStack() as opened:
            app = resolve_name("menura.app.server.api:create_app")(settings)
            opened.callback(app.state.server.store.close)
            sockets = listen(self.host, self.port)
            opened.pop_all()
        shown = f"[{self.host}]" if ":" in self.host else self.host
        progress.say(
            f"the studio is at http://{shown}:{self.port}/ (Ctrl-C stops it); jobs are kept in {settings.state}"
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=self.host,
                port=self.port,
                http=resolve_name("menura.app.server.connections:Connection"),
                access_log=False,
                log_level="warning",
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_FAREWELL_S,
                server_header=False,
                forwarded_allow_ips=[*_OWN_ADDRESSES, *self.trusted_proxies],
                ws_max_size=1 << 16,
                ws_per_message_deflate=False,  # sound hardly gets smaller by it
            )
        )
        app.state.server.is_stopping = lambda: server.should_exit
        server.run(sockets)
        if not server.started:
            raise ValueError("the server did not start; the lines above say why")
        yield from ()


def _check_networks(networks: Sequence[str]) -> None:
    for one in networks:
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError:
            raise ValueError(f"trusted-proxies: {one!r} is neither an address nor a network like 10.0.0.0/8") from None


def addresses(host: str, port: int) -> list[tuple[int, Any]]:
    """Where a host can be listened at: families, each with an address.

    Raises:
        ValueError: nowhere, for it is not known.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ValueError(f"host: {host!r} is neither an address nor a name that is known here") from None
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen at all addresses of a host.

    Raises:
        ValueError: in one line, why they cannot.
    """
    sockets, failure = [], None
    for family, address in addresses(host, port):
        one = socket.socket(family, socket.SOCK_STREAM)
        try:
            if os.name == "posix":  # elsewhere it would let two servers have one port
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind(address)
            one.listen(_WAITING_CONNECTIONS)
            sockets.append(one)
        except OSError as error:
            one.close()
            failure = error
            if error.errno == errno.EADDRINUSE:
                break
    if failure is not None and (not sockets or failure.errno == errno.EADDRINUSE):
        for one in sockets:
            one.close()
        raise ValueError(_why_not(failure, host, port)) from None
    return sockets


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port: {port} at {host} is taken by another program; name another (--port)"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port: {port} is for the system alone; name one from 1024 up (--port)"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"host: {host} is no address of this machine"
    return f"host: {host} cannot be listened at: {(error.strerror or str(error)).lower()}"
