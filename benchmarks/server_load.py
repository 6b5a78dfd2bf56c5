"""Many clients at once: is every job answered once, in fair order, in bounded memory, and what if the server is killed?

    python benchmarks/server_load.py --clients 50 --seconds 60
    python benchmarks/server_load.py --clients 50 --seconds 60 --kill

Each client asks for one thing after another (a piece of two bars, a MIDI file played, two sounds compared, a list) and
waits for it. With ``--kill`` the server is killed (SIGKILL) half-way and started again. The last line is
``lost N twice N``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from menura.audio import Audio, write

TASKS = {"compose": 0.3, "render": 0.3, "evaluate": 0.2, "styles": 0.2}
_PATIENCE_S = 300.0


@dataclass
class Seen:
    """What clients have seen.

    Attributes:
        accepted: job -> its task, for each that the server said it took.
        ended: job -> when it ended, as the server first said.
        waits: task -> seconds from asking to having.
        answers: seconds that short requests took while all that went on.
        refused: answers that were no success, by status.
    """

    accepted: dict[str, str] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: list[float] = field(default_factory=list)
    by_client: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)


class Server:
    """``menura serve`` as a process that can be killed and started again."""

    def __init__(self, state: Path, workers: int) -> None:
        with contextlib.closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = [sys.executable, "-m", "menura", "serve", "--state", str(state), "--port", str(self.port)]
        self.command += ["--workers", str(workers), "--quiet"]
        self.largest_mb = 0.0
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/readyz").status_code == 200:
                    return
            time.sleep(0.1)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def client(server: Server, number: int, until: float, files: dict[str, bytes], seen: Seen) -> None:
    """Ask for one thing after another."""
    rng = random.Random(number)
    headers = {"menura-client": f"load-{number}"}
    with httpx.Client(base_url=server.address, headers=headers, timeout=90) as http:
        ids = {name: _retried(lambda n=name: _upload(http, n, files[n])) for name in files}
        parameters = {
            "compose": {"prompt": "a waltz for flute and piano, 2 bars"},
            "render": {"file": ids["in.mid"]},
            "evaluate": {"reference": ids["a.wav"], "estimate": ids["b.wav"], "metrics": ["mel", "snr"]},
            "styles": {},
        }
        while time.monotonic() < until:
            task = rng.choices(list(TASKS), list(TASKS.values()))[0]
            started = time.monotonic()
            try:
                answer = http.post(f"/v1/tasks/{task}", json=parameters[task])
            except httpx.TransportError:  # killed: whether it was accepted is not known, so it does not count
                time.sleep(0.2)
                continue
            if answer.status_code not in (200, 202):
                seen.refused[answer.status_code] += 1
                time.sleep(0.5)
                continue
            id = answer.json()["id"]
            seen.accepted[id] = task
            if _ended(http, id, seen):
                seen.waits[task].append(time.monotonic() - started)
                seen.by_client[number] += 1


def _upload(http: httpx.Client, name: str, content: bytes) -> str:
    return http.post("/v1/files", files={"file": (name, content)}).raise_for_status().json()["id"]


def _retried(ask):
    while True:
        try:
            return ask()
        except httpx.TransportError:
            time.sleep(0.2)


def _ended(http: httpx.Client, id: str, seen: Seen) -> bool:
    """Wait for a job, looking at it now and then as the page does."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        asked = time.monotonic()
        answer = _retried(lambda: http.get(f"/v1/jobs/{id}"))
        seen.answers.append(time.monotonic() - asked)
        job = answer.json()
        if job.get("status") in ("done", "failed"):
            seen.ended[id] = job["finished"]
            return job["status"] == "done"
        time.sleep(0.2)
    return False


def material(folder: Path) -> dict[str, bytes]:
    """Files to ask about: a short piece and two short sounds."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "menura",
            "compose",
            "a march for piano, 2 bars",
            "--seed",
            "1",
            "-o",
            folder / "in",
            "--quiet",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        write(Audio(0.1 * rng.standard_normal((1, 8000)).astype(np.float32), 8000), folder / f"{name}.wav")
    return {name: (folder / name).read_bytes() for name in ("in.mid", "a.wav", "b.wav")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=1, help="of the server")
    parser.add_argument("--kill", action="store_true", help="kill the server half-way and start it again")
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        files = material(Path(folder))
        server = Server(Path(folder) / "state", args.workers)
        try:
            report(*measured(server, files, args))
        finally:
            server.kill()


def measured(server: Server, files: dict[str, bytes], args: argparse.Namespace) -> tuple[Seen, list[float], int, int]:
    """Let the clients at it; what they saw, memory over time, and how many jobs were lost and done twice."""
    seen, memory = Seen(), [server.memory_mb()]
    started = time.monotonic()
    until = started + args.seconds
    threads = [threading.Thread(target=client, args=(server, n, until, files, seen)) for n in range(args.clients)]
    for thread in threads:
        thread.start()
    killed = not args.kill
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.25)
        if not killed and time.monotonic() - started > args.seconds / 2:
            server.kill()
            server.start()
            killed = True
        with contextlib.suppress(FileNotFoundError, IndexError):
            memory.append(server.memory_mb())
    lost = len(seen.accepted.keys() - seen.ended.keys())
    twice = 0
    for number in range(args.clients):
        with httpx.Client(base_url=server.address, headers={"menura-client": f"load-{number}"}) as http:
            for job in http.get("/v1/jobs", params={"limit": 200}).json()["data"]:
                twice += job["id"] in seen.ended and job["finished"] != seen.ended[job["id"]]
    return seen, memory, lost, twice


def report(seen: Seen, memory: list[float], lost: int, twice: int) -> None:
    counts = [seen.by_client[number] for number in sorted(seen.by_client)]
    print(f"{len(seen.accepted)} jobs accepted, {len(seen.ended)} ended, refused {dict(seen.refused)}\n")
    print("| what | number | p50 s | p95 s | longest s |\n|---|---|---|---|---|")
    for task, waits in sorted(seen.waits.items()):
        print(f"| {task}, asked to done | {_row(waits)} |")
    print(f"| GET /v1/jobs/ID meanwhile | {_row(seen.answers)} |\n")
    print(f"jobs of a client: {min(counts)} to {max(counts)}, {len(counts)} clients")
    third = len(memory) // 3
    second, last = max(memory[third : 2 * third]), max(memory[2 * third :])
    print(f"memory: {memory[0]:.0f} MB at first, {max(memory):.0f} at most; ", end="")
    print(f"{second:.0f} in the second third, {last:.0f} in the last")
    print(f"lost {lost} twice {twice}")


def _row(seconds: list[float]) -> str:
    p50, p95 = np.percentile(seconds, [50, 95])
    return f"{len(seconds)} | {p50:.3f} | {p95:.3f} | {max(seconds):.3f}"


if __name__ == "__main__":
    main()
