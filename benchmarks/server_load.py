"""Many clients at once: is every job answered once, in fair order, in bounded memory, and what if things go wrong?

    python benchmarks/server_load.py --clients 50 --seconds 60
    python benchmarks/server_load.py --clients 50 --seconds 60 --kill
    python benchmarks/server_load.py --clients 12 --hours 8

Each client asks for one thing after another (a piece of two bars, a MIDI file played, two sounds compared, a list) and
waits for it; what it heard no answer to it asks again, with the same idempotency key. With ``--kill`` the server is
killed (SIGKILL) half-way and started again. With ``--hours`` its disk fills up, a worker dies, readers stall and it is
killed, in turn (`server_faults.py`), while clients fetch what they made and remove most of it. The last line is
``lost N twice N broken N``.
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
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

import server_faults
from menura.audio import Audio, write

TASKS = {"compose": 0.3, "render": 0.3, "evaluate": 0.2, "styles": 0.2}
_PATIENCE_S = 300.0
_KEPT_SHARE = 0.1


@dataclass
class Seen:
    """What clients have seen.

    Attributes:
        accepted: job -> its task, for each that the server said it took.
        ended: job -> when it ended, as the server first said.
        waits: task -> seconds from asking to having.
        answers: seconds that short requests took while all that went on.
        by_client: client -> jobs done for it.
        removed: client -> jobs that it has removed.
        failed: what jobs that failed said -> how many.
        refused: answers that were no success, by what was asked and status.
        broken: files of results that were not as long as the job says.
    """

    accepted: dict[str, str] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: list[float] = field(default_factory=list)
    by_client: Counter[int] = field(default_factory=Counter)
    removed: Counter[int] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: int = 0


class Server:
    """``menura serve`` as a process that can be killed and started again; its workers die at SIGUSR1."""

    def __init__(self, state: Path, workers: int, log: Path) -> None:
        with contextlib.closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = [sys.executable, server_faults.__file__, "serve", "--state", str(state)]
        self.command += ["--port", str(self.port), "--workers", str(workers), "--quiet"]
        self.log = log
        self.start()

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.command, stderr=log)
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/readyz").status_code == 200:
                    return
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
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


def client(server: Server, number: int, until: float, files: dict[str, bytes], seen: Seen, removes: bool) -> None:
    """Ask for one thing after another."""
    rng = random.Random(number)
    headers = {"menura-client": f"load-{number}"}
    with httpx.Client(base_url=server.address, headers=headers, timeout=90) as http:
        ids = {name: _upload(http, name, content, seen) for name, content in files.items()}
        parameters = {
            "compose": {"prompt": "a waltz for flute and piano, 2 bars"},
            "render": {"file": ids["in.mid"]},
            "evaluate": {"reference": ids["a.wav"], "estimate": ids["b.wav"], "metrics": ["mel", "snr"]},
            "styles": {},
        }
        count = 0
        while time.monotonic() < until:
            task, count = rng.choices(list(TASKS), list(TASKS.values()))[0], count + 1
            started, key = time.monotonic(), {"idempotency-key": f"{number} {count}"}
            answer = _persistent(
                lambda t=task, k=key: http.post(f"/v1/tasks/{t}", json=parameters[t], headers=k), "ask", seen
            )
            id = answer.json()["id"]
            seen.accepted[id] = task
            job = _ended(http, id, seen)
            if job is None:
                continue
            if job["status"] == "done":
                seen.waits[task].append(time.monotonic() - started)
                seen.by_client[number] += 1
            if removes:
                _fetch_all(http, job, seen)
                if rng.random() > _KEPT_SHARE:
                    _persistent(lambda i=id: http.delete(f"/v1/jobs/{i}"), "remove", seen, done=(204, 404))
                    seen.removed[number] += 1


def _persistent(
    ask: Callable[[], httpx.Response], what: str, seen: Seen, done: tuple[int, ...] = (200, 202)
) -> httpx.Response:
    """Ask until there is an answer of success."""
    while True:
        try:
            answer = ask()
            if answer.status_code in done:
                return answer
            seen.refused[f"{what} {answer.status_code}"] += 1
        except httpx.TransportError:
            pass
        time.sleep(0.3)


def _upload(http: httpx.Client, name: str, content: bytes, seen: Seen) -> str:
    key = {"idempotency-key": name}
    sent = _persistent(lambda: http.post("/v1/files", files={"file": (name, content)}, headers=key), "send", seen)
    return sent.json()["id"]


def _ended(http: httpx.Client, id: str, seen: Seen) -> dict | None:
    """A job when it has ended, looking at it now and then as a program does; None: it took too long."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        asked = time.monotonic()
        job = _persistent(lambda: http.get(f"/v1/jobs/{id}"), "look", seen).json()
        seen.answers.append(time.monotonic() - asked)
        if job["status"] in ("done", "failed"):
            seen.ended[id] = job["finished"]
            if job["error"]:
                seen.failed[job["error"]["message"]] += 1
            return job
        time.sleep(0.2)
    return None


def _fetch_all(http: httpx.Client, job: dict, seen: Seen) -> None:
    for file in (file for result in job["results"] for file in result["files"]):
        content = _persistent(lambda url=file["url"]: http.get(url), "fetch", seen).content
        seen.broken += len(content) != file["bytes"]


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
    parser.add_argument("--hours", type=float, help="in the place of seconds: let things go wrong, one after another")
    parser.add_argument(
        "--hold", type=float, default=10.0, help="seconds that each of them lasts, and the pause after it"
    )
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    disk = server_faults.within_own_disk() if args.hours else None
    with tempfile.TemporaryDirectory() as folder:
        files = material(Path(folder))
        state = (disk or Path(folder)) / "state"
        server = Server(state, args.workers, Path(folder) / "log")
        try:
            faults = server_faults.Faults(server, disk, args.hold) if disk else None
            report(*measured(server, state, files, args, faults), faults)
        finally:
            server.kill()


def measured(
    server: Server, state: Path, files: dict[str, bytes], args: argparse.Namespace, faults: server_faults.Faults | None
) -> tuple[Seen, list[float], int, int]:
    """Let the clients at it; what they saw, memory over time, and how many jobs were lost and done twice."""
    seen, memory = Seen(), [server.memory_mb()]
    started = time.monotonic()
    until = started + (3600 * args.hours if args.hours else args.seconds)
    threads = [
        threading.Thread(target=client, args=(server, n, until, files, seen, faults is not None))
        for n in range(args.clients)
    ]
    if faults:
        threads.append(threading.Thread(target=faults.run, args=(until,)))
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
    twice = num_kept = 0
    for number in range(args.clients):
        with httpx.Client(base_url=server.address, headers={"menura-client": f"load-{number}"}) as http:
            kept, page = [], {"has_more": True}
            while page["has_more"]:
                page = http.get(
                    "/v1/jobs", params={"limit": 200, **({"before": kept[-1]["id"]} if kept else {})}
                ).json()
                kept += page["data"]
        twice += sum(job["finished"] != seen.ended.get(job["id"]) for job in kept)
        num_kept += len(kept)
    twice += num_kept + seen.removed.total() - len(seen.accepted)  # a job that nobody was told of
    strays = len(list((state / "jobs").iterdir())) - num_kept
    replaced = server.log.read_text().count("has died; another takes its place")
    print(f"workers replaced: {replaced}; folders that belong to no job: {strays}")
    return seen, memory, lost, twice


def report(seen: Seen, memory: list[float], lost: int, twice: int, faults: server_faults.Faults | None) -> None:
    counts = [seen.by_client[number] for number in sorted(seen.by_client)]
    print(f"{len(seen.accepted)} jobs accepted, {len(seen.ended)} ended, of which failed {dict(seen.failed)}")
    print(f"refused, and asked again: {dict(seen.refused)}\n")
    print("| what | number | p50 s | p95 s | longest s |\n|---|---|---|---|---|")
    for task, waits in sorted(seen.waits.items()):
        print(f"| {task}, asked to done | {_row(waits)} |")
    print(f"| GET /v1/jobs/ID meanwhile | {_row(seen.answers)} |")
    for name, seconds in faults.ready_after_s.items() if faults else ():
        print(f"| {name}: ready again | {_row(seconds)} |")
    if faults:
        print(f"\nthe disk was full and /readyz did not say so: {faults.unseen} times")
    print(f"\njobs of a client: {min(counts)} to {max(counts)}, {len(counts)} clients")
    third = len(memory) // 3
    second, last = max(memory[third : 2 * third]), max(memory[2 * third :])
    print(f"memory: {memory[0]:.0f} MB at first, {max(memory):.0f} at most; ", end="")
    print(f"{second:.0f} in the second third, {last:.0f} in the last")
    print(f"lost {lost} twice {twice} broken {seen.broken}")


def _row(seconds: list[float]) -> str:
    p50, p95 = np.percentile(seconds, [50, 95])
    return f"{len(seconds)} | {p50:.3f} | {p95:.3f} | {max(seconds):.3f}"


if __name__ == "__main__":
    main()
