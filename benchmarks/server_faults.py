"""What goes wrong with a server, in turn: its disk fills up, a worker dies, readers stall, it is killed.

Used by ``server_load.py --hours``, which runs itself where a small disk of its own can be filled (`within_own_disk`),
and the server as ``server_faults.py serve …``, in which SIGUSR1 kills the thread that is doing a job.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from menura.app.cli import main
from menura.app.server import workers

_DISK_MB = 192
_NUM_STALLED = 40
_INSIDE = "MENURA_SOAK_DISK"


class Fatal(BaseException):
    """Ends the thread it is raised in, wherever it is caught."""


def serve_with_mortal_workers(arguments: list[str]) -> int:
    """``menura serve``, in which SIGUSR1 kills the next thread that reports progress of a job."""
    fuse = threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: fuse.set())
    show, whole = workers.JobProgress.show, workers.error_message

    def mortal(self: workers.JobProgress, done: int, total: int, what: str) -> None:
        if fuse.is_set():
            fuse.clear()
            raise Fatal
        show(self, done, total, what)

    def untold(error: BaseException, folder: Path) -> str:
        if isinstance(error, Fatal):
            raise error
        return whole(error, folder)

    workers.JobProgress.show, workers.error_message = mortal, untold
    threading.excepthook = lambda _args: None
    return main(["serve", *arguments])


def within_own_disk() -> Path:
    """A folder that is a disk of its own, for this process and those it starts, as long as they live.

    The first call runs the whole program again in a namespace where it may mount one; the second gives the folder.
    """
    if folder := os.environ.get(_INSIDE):
        size = f"size={_DISK_MB}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
        return Path(folder)
    if not shutil.which("unshare"):
        raise SystemExit("a disk that can be filled needs Linux, and unshare (util-linux)")
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"menura-soak-{os.getpid()}"
    folder.mkdir()
    try:
        own = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, *sys.argv]
        raise SystemExit(subprocess.run(own, env={**os.environ, _INSIDE: str(folder)}, check=False).returncode)
    finally:
        folder.rmdir()


class Faults:
    """Does one after the other to a server, and notes how it bore it.

    Args:
        server: with `address`, `process`, `kill` and `start`.
        disk: that its state is on.
        hold_s: how long each lasts, and the pause after it.

    Attributes:
        ready_after_s: fault -> how long after each the server said that it was ready.
        unseen: how often the disk was full and /readyz did not say so.
    """

    def __init__(self, server: Any, disk: Path, hold_s: float) -> None:
        self.server, self.disk, self.hold_s = server, disk, hold_s
        self.ready_after_s: dict[str, list[float]] = defaultdict(list)
        self.unseen = 0

    def run(self, until: float) -> None:
        """All of them, over and over, until a time of `time.monotonic`."""
        kinds: dict[str, Callable[[], Any]] = {
            "disk full": self.full_disk,
            "worker died": self.worker_death,
            "readers stalled": self.stalled_readers,
            "killed": self.killed,
        }
        while True:
            for name, fault in kinds.items():
                if time.monotonic() > until:
                    return
                with fault() as began:
                    self.ready_after_s[name].append(self._ready() - began)
                time.sleep(self.hold_s)

    @contextmanager
    def full_disk(self) -> Iterator[float]:
        """Not a byte is left for a while; the time when there is room again."""
        ballast = self.disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        seen = self._seen_within(
            self.hold_s, lambda answer: answer.status_code == 503 and "disk is full" in answer.text
        )
        self.unseen += not seen
        until = time.monotonic() + self.hold_s
        while time.monotonic() < until:  # what jobs give back is taken at once
            with contextlib.suppress(OSError), ballast.open("ab") as file:
                file.write(bytes(1 << 16))
            time.sleep(0.05)
        ballast.unlink()
        yield time.monotonic()

    @contextmanager
    def worker_death(self) -> Iterator[float]:
        """The thread that does a job is killed; the time when it was."""
        self.server.process.send_signal(signal.SIGUSR1)
        began = time.monotonic()
        time.sleep(1.0)
        yield began

    @contextmanager
    def stalled_readers(self) -> Iterator[float]:
        """Many ask for events and files, and read nothing for a while; the time when they did."""
        host, port = self.server.address.removeprefix("http://").split(":")
        began = time.monotonic()
        with contextlib.ExitStack() as held:
            for number in range(_NUM_STALLED):
                reader = held.enter_context(contextlib.closing(socket.socket()))
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                reader.connect((host, int(port)))
                path = "/v1/events" if number % 2 else "/openapi.json"
                reader.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            yield began
            time.sleep(self.hold_s)

    @contextmanager
    def killed(self) -> Iterator[float]:
        """SIGKILL, and another in its place; the time when it began."""
        self.server.kill()
        began = time.monotonic()
        self.server.start()
        yield began

    def _seen_within(self, seconds: float, said: Callable[[httpx.Response], bool]) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if said(httpx.get(f"{self.server.address}/readyz", timeout=30)):
                    return True
            time.sleep(0.1)
        return False

    def _ready(self) -> float:
        """When the server says that it is ready."""
        if not self._seen_within(120.0, lambda answer: answer.status_code == 200):
            raise RuntimeError("the server was not ready within two minutes")
        return time.monotonic()


if __name__ == "__main__":
    sys.exit(serve_with_mortal_workers(sys.argv[2:]))
