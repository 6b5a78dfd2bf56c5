"""``menura serve``: the server and the studio, on this machine or for others."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, ClassVar

from pydantic import Field

from menura.app.server.settings import Settings, usual_state
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.task import Result, Task

_KEEP_ALIVE_S, _FAREWELL_S = 30, 5
"""How long a connection may be idle, and how long answers that have begun may go on when the server stops."""
_SHORTEST_TOKEN = 8


def _tokens_of_environment() -> tuple[str, ...]:
    """What ``MENURA_TOKEN`` holds: other users of the machine can read a command line, but not that."""
    tokens = tuple(one.strip() for one in os.environ.get("MENURA_TOKEN", "").split(",") if one.strip())
    if any(len(one) < _SHORTEST_TOKEN for one in tokens):
        raise ValueError(f"MENURA_TOKEN: a token has at least {_SHORTEST_TOKEN} characters")
    return tokens


class Serve(Task):
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
    sound_minutes: Annotated[float, Field(gt=0, le=6000, description="longest sound that may be sent")] = 60.0
    queue: Annotated[int, Field(ge=1, le=100_000, description="jobs that may wait")] = 500
    keep_days: Annotated[
        float | None, Field(gt=0, le=36_500, description="days that results and uploads are kept; default: for ever")
    ] = None
    grace: Annotated[
        float, Field(ge=0, le=3600, description="seconds that running jobs get when it is told to stop")
    ] = 20.0

    def run(self, models: Models, progress: Progress) -> Iterator[Result]:  # noqa: ARG002
        try:
            import uvicorn
        except ImportError:
            raise ValueError('the server needs more packages: pip install "menura[serve]"') from None
        settings = Settings(
            state=self.state or usual_state(),
            host=self.host,
            tokens=self.token or _tokens_of_environment(),
            models=self.models,
            workers=self.workers,
            upload_mb=self.upload_mb,
            sound_minutes=self.sound_minutes,
            most_queued=self.queue,
            kept_days=self.keep_days,
            grace_s=self.grace,
        )
        app = resolve_name("menura.app.server.api:create_app")(settings)
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
        shown = f"[{self.host}]" if ":" in self.host else self.host
        progress.say(
            f"the studio is at http://{shown}:{self.port}/ (Ctrl-C stops it); jobs are kept in {settings.state}"
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=self.host,
                port=self.port,
                access_log=False,
                log_level="warning",
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_FAREWELL_S,
                server_header=False,
                ws_max_size=1 << 16,
                ws_per_message_deflate=False,  # sound hardly gets smaller by it
            )
        )
        app.state.server.is_stopping = lambda: server.should_exit
        try:
            server.run()
        except SystemExit:
            raise ValueError(f"port: {self.port} at {self.host} cannot be listened at; is it taken?") from None
        yield from ()
