"""What whoever runs the server may choose."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Of one server.

    Args:
        state: folder of its jobs and files.
        host: address it listens at; beyond this machine a token is needed.
        tokens: each a client.
        models: a folder of models beside those that come with Menura.
        device: where models compute, as torch names it.
        workers: jobs done at once.
        upload_mb: largest request with files.
        kept_mb: most that a client's uploads may take together.
        kept_days: how long results and uploads are kept; None: until they are removed.
        sound_minutes: longest sound that may be sent.
        max_queued, max_queued_of_client: jobs that wait, of all and of one client.
        max_at_once, max_at_once_of_client: requests answered at once, of all and of one client.
        max_streams, max_streams_of_client: live streams at once, of all and of one client.
        conversions, converted_mb: results put into other formats at once, and how much of those is kept.
        idle_s: models leave memory when nothing has been done for so long.
        grace_s: how long running jobs may go on when the server is told to stop.
        silence_s, body_s: how long a sender, or a reader of an answer, may pause, and a sender take in all.
    """

    state: Path
    host: str = "127.0.0.1"
    tokens: tuple[str, ...] = ()
    models: Path | None = None
    device: str = "cpu"
    workers: int = 1
    upload_mb: int = 200
    kept_mb: int = 2000
    kept_days: float | None = None
    sound_minutes: float = 60.0
    max_queued: int = 500
    max_queued_of_client: int = 50
    max_at_once: int = 256
    max_at_once_of_client: int = 64
    max_streams: int = 4
    max_streams_of_client: int = 2
    conversions: int = 1
    converted_mb: int = 1000
    idle_s: float = 600.0
    grace_s: float = 20.0
    silence_s: float = 30.0
    body_s: float = 900.0


def usual_state() -> Path:
    """Where a server keeps its state unless told otherwise."""
    home = os.environ.get("XDG_STATE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return Path(home or Path.home() / ".local" / "state") / "menura"
