"""The server as a process: it starts, is killed in the middle of work, comes back, and has lost nothing."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from menura.app.cli import FAILED, MISUSED, main

SHORT = {"prompt": "a waltz for piano, 2 bars", "seed": 3}


def free_port() -> int:
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def serving(state, port, *flags):
    """``menura serve`` as a process of its own, ready."""
    command = [sys.executable, "-m", "menura", "serve", "--state", str(state), "--port", str(port), *flags]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://localhost:{port}/readyz").status_code == 200:
                    break
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_killed_in_the_middle_it_finishes_all_it_accepted_once(tmp_path):
    port = free_port()
    address = f"http://localhost:{port}/v1"
    with serving(tmp_path, port) as process:
        jobs = [httpx.post(f"{address}/tasks/compose", json=SHORT).json()["id"] for _ in range(4)]
        while httpx.get(f"{address}/jobs/{jobs[1]}").json()["status"] != "running":
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with serving(tmp_path, port):
        until = time.monotonic() + 60
        while True:
            ends = [httpx.get(f"{address}/jobs/{id}").json() for id in jobs]
            if all(job["status"] == "done" for job in ends):
                break
            assert time.monotonic() < until
            time.sleep(0.1)
        assert len(httpx.get(f"{address}/jobs").json()["data"]) == len(jobs)
        notes = set()
        for job in ends:
            (result,) = job["results"]
            assert len(result["files"]) == 4
            notes.update(
                httpx.get(f"http://localhost:{port}{f['url']}").content for f in result["files"] if f["kind"] == "notes"
            )
        assert len(notes) == 1
    assert not list((tmp_path / "jobs").glob("*/.*"))


def test_ctrl_c_ends_it_in_peace(tmp_path):
    with serving(tmp_path, free_port()) as process:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert "Traceback" not in said
    assert re.search(r"the studio is at http://127\.0\.0\.1:\d+/", said)


def test_it_stops_soon_though_a_page_listens_and_a_job_runs(tmp_path):
    port = free_port()
    with serving(tmp_path, port, "--grace", "0.2") as process:
        address = f"http://localhost:{port}/v1"
        long = httpx.post(f"{address}/tasks/compose", json={"prompt": "string quartet, 400 bars"}).json()["id"]
        with httpx.stream("GET", f"{address}/jobs/{long}/events", timeout=30) as events:
            lines = events.iter_lines()
            next(line for line in lines if '"running"' in line)
            process.send_signal(signal.SIGTERM)
            started = time.monotonic()
            process.communicate(timeout=30)
        assert time.monotonic() - started < 12
    with serving(tmp_path, port):
        assert httpx.get(f"http://localhost:{port}/v1/jobs/{long}").json()["status"] in ("queued", "running")


def test_it_listens_beyond_this_machine_only_with_a_token(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("MENURA_TOKEN", raising=False)
    assert main(["serve", "--host", "0.0.0.0", "--state", str(tmp_path)]) == FAILED
    assert "set a token" in capsys.readouterr().err
    monkeypatch.setenv("MENURA_TOKEN", "short")
    assert main(["serve", "--host", "0.0.0.0", "--state", str(tmp_path)]) == FAILED
    assert "at least 8 characters" in capsys.readouterr().err
    assert main(["serve", "--token", "short", "--state", str(tmp_path)]) == MISUSED


def test_a_port_that_is_taken_is_told(tmp_path, capsys):
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port), "--state", str(tmp_path)]) == FAILED
    assert f"port: {port}" in capsys.readouterr().err


def test_without_its_packages_it_says_which_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["serve", "--state", str(tmp_path)]) == FAILED
    assert 'pip install "menura[serve]"' in capsys.readouterr().err


@pytest.mark.parametrize("flags", [["--port", "0"], ["--port", "x"], ["--workers", "0"], ["--prot", "1"]])
def test_its_flags_are_checked(flags):
    assert main(["serve", *flags]) == MISUSED
