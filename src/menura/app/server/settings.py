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
        workers: jobs done at once.
        upload_mb: largest request with files.
        kept_mb: most that a client's uploads may take together.
        kept_days: how long results and uploads are kept; None: until they are removed.
        sound_minutes: longest sound that may be sent.
        most_queued, most_of_client: jobs that wait, of all and of one client.
        most_at_once: requests answered at once.
        most_streams: live streams at once.
        idle_s: models leave memory when nothing has been done for so long.
        grace_s: how long running jobs may go on when the server is told to stop.
        silence_s, body_s: how long a sender may pause, and take in all.
    """

    state: Path
    host: str = "127.0.0.1"
    tokens: tuple[str, ...] = ()
    models: Path | None = None
    workers: int = 1
    upload_mb: int = 200
    kept_mb: int = 2000
    kept_days: float | None = None
    sound_minutes: float = 60.0
    most_queued: int = 500
    most_of_client: int = 50
    most_at_once: int = 256
    most_streams: int = 4
    idle_s: float = 600.0
    grace_s: float = 20.0
    silence_s: float = 30.0
    body_s: float = 900.0


def usual_state() -> Path:
    """Where a server keeps its state unless told otherwise."""
    home = os.environ.get("XDG_STATE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return Path(home or Path.home() / ".local" / "state") / "menura"
