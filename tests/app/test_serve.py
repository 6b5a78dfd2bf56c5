"""The server as a process: it starts, is killed in the middle of work, comes back, and has lost nothing."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import pytest

from menura.app.cli import FAILED, MISUSED, main
from menura.app.server import conversions
from menura.app.server.store import Store

HTTP = httpx.Client(verify=False, limits=httpx.Limits(max_keepalive_connections=0))
"""For all requests: by itself each would read all authorities' certificates, and waiting would keep a core busy."""
SHORT = {"prompt": "a waltz for piano, 2 bars", "seed": 3, "n": 1, "rate": 8000}


def free_port() -> int:
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def serving(state, port, *flags, host="localhost"):
    """``menura serve`` as a process of its own, ready."""
    command = [sys.executable, "-m", "menura", "serve", "--state", str(state), "--port", str(port), *flags]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.TransportError):
                if HTTP.get(f"http://{host}:{port}/readyz").status_code == 200:
                    break
            assert process.poll() is None, process.communicate()
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
        jobs = [HTTP.post(f"{address}/tasks/compose", json=SHORT).json()["id"] for _ in range(4)]
        while HTTP.get(f"{address}/jobs/{jobs[1]}").json()["status"] != "running":
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with serving(tmp_path, port):
        until = time.monotonic() + 60
        while True:
            ends = [HTTP.get(f"{address}/jobs/{id}").json() for id in jobs]
            if all(job["status"] == "done" for job in ends):
                break
            assert time.monotonic() < until
            time.sleep(0.1)
        assert len(HTTP.get(f"{address}/jobs").json()["data"]) == len(jobs)
        notes = set()
        for job in ends:
            (result,) = job["results"]
            assert len(result["files"]) == 4
            notes.update(
                HTTP.get(f"http://localhost:{port}{f['url']}").content for f in result["files"] if f["kind"] == "notes"
            )
        assert len(notes) == 1
    assert {path.name for path in (tmp_path / "jobs").glob("*/.*")} <= {conversions.FOLDER}


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
        long = HTTP.post(f"{address}/tasks/compose", json={"prompt": "string quartet, 400 bars"}).json()["id"]
        with HTTP.stream("GET", f"{address}/jobs/{long}/events", timeout=30) as events:
            lines = events.iter_lines()
            next(line for line in lines if '"running"' in line)
            process.send_signal(signal.SIGTERM)
            started = time.monotonic()
            process.communicate(timeout=30)
        assert time.monotonic() - started < 12
    with serving(tmp_path, port):
        assert HTTP.get(f"http://localhost:{port}/v1/jobs/{long}").json()["status"] in ("queued", "running")


def test_it_listens_beyond_this_machine_only_with_a_token(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("MENURA_TOKEN", raising=False)
    assert main(["serve", "--host", "0.0.0.0", "--state", str(tmp_path)]) == FAILED
    assert "set a token" in capsys.readouterr().err
    monkeypatch.setenv("MENURA_TOKEN", "short")
    assert main(["serve", "--host", "0.0.0.0", "--state", str(tmp_path)]) == FAILED
    assert "at least 8 characters" in capsys.readouterr().err
    assert main(["serve", "--token", "short", "--state", str(tmp_path)]) == MISUSED


@contextlib.contextmanager
def listening(host="127.0.0.1"):
    """A port that is taken."""
    with contextlib.closing(socket.socket()) as taken:
        taken.bind((host, 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("damaged", r"state: \S+jobs\.sqlite is damaged \(file is not a database\); put back a copy of it, or "),
        ("foreign", r"state: \S+ is not empty and no folder of menura serve \(it holds 'song\.wav'\); name another"),
        ("below a file", r"state: \S+ cannot be used: not a directory; name another folder \(--state\)"),
        ("in use", r"state: another menura serve uses \S+; stop it, or name another folder \(--state\)"),
        ("taken", r"port: \d+ at 127\.0\.0\.1 is taken by another program; name another \(--port\)"),
        ("taken by one of two", r"port: \d+ at localhost is taken by another program; name another \(--port\)"),
        ("unknown host", r"host: 'no host' is neither an address nor a name that is known here"),
        ("another's host", r"host: 192\.0\.2\.1 is no address of this machine"),
        ("no models", r"models: there is no folder \S+none"),
    ],
)
def test_each_thing_that_keeps_it_from_starting_has_its_own_line(tmp_path, capsys, case, said):
    state, flags, port = tmp_path / "state", [], free_port()
    with contextlib.ExitStack() as held:
        if case in ("damaged", "foreign"):
            state.mkdir()
            (state / {"damaged": "jobs.sqlite", "foreign": "song.wav"}[case]).write_bytes(b"no database" * 1000)
        elif case == "below a file":
            state.write_bytes(b"")
            state = state / "below"
        elif case == "in use":
            held.callback(Store(state).close)
        elif case.startswith("taken"):
            port = held.enter_context(listening())
            flags = ["--host", "localhost"] if case == "taken by one of two" else []
        elif case == "no models":
            flags = ["--models", str(tmp_path / "none")]
        else:
            flags = (
                ["--host", "no host"] if case == "unknown host" else ["--host", "192.0.2.1", "--token", "longenough"]
            )
        assert main(["serve", "--state", str(state), "--port", str(port), *flags]) == FAILED
    told = capsys.readouterr().err
    assert re.search(f"^menura serve: {said}.*\n\\Z", told, re.MULTILINE), told
    assert len(told.splitlines()) == 1
    if case != "below a file":
        Store(tmp_path / "fresh").close()  # nothing is left that keeps the next one from starting


def test_a_folder_one_may_not_write_to_is_told(capsys):
    """Run as nobody where the tests are root's, who may write anywhere."""
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o555)
        if os.geteuid() == 0:
            os.seteuid(65534)
        for state in (folder, folder / "state"):
            assert main(["serve", "--state", str(state), "--port", str(free_port())]) == FAILED
            told = capsys.readouterr().err
            assert (
                told
                == f"menura serve: state: {state} cannot be used: permission denied; name another folder (--state)\n"
            )
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        folder.rmdir()


def test_it_answers_at_the_loopback_address_it_is_told_to_listen_at(tmp_path):
    port = free_port()
    with serving(tmp_path, port, "--host", "127.0.0.2", host="127.0.0.2"):
        assert HTTP.get(f"http://127.0.0.2:{port}/v1/tasks").status_code == 200
        assert HTTP.get(f"http://127.0.0.2:{port}/v1/tasks", headers={"host": "evil.example"}).status_code == 403


def test_only_trusted_proxies_are_believed(tmp_path, capsys, monkeypatch):
    """What X-Forwarded-Proto and -For say counts from this machine and from where one is told that a proxy is."""
    seen = []

    def run(server, sockets):
        seen.append(server.config.forwarded_allow_ips)
        server.started = True
        for one in sockets:
            one.close()

    monkeypatch.setattr("uvicorn.Server.run", run)
    flags = ["--state", str(tmp_path), "--port", str(free_port()), "--quiet", "--trusted-proxies"]
    assert main(["serve", *flags, "10.0.0.9,10.1.0.0/16"]) == 0
    assert seen == [["127.0.0.1", "::1", "10.0.0.9", "10.1.0.0/16"]]
    assert main(["serve", *flags, "proxy.example.org"]) == FAILED
    assert capsys.readouterr().err.startswith(
        "menura serve: trusted-proxies: 'proxy.example.org' is neither an address"
    )


def test_without_its_packages_it_says_which_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["serve", "--state", str(tmp_path)]) == FAILED
    assert 'pip install "menura[serve]"' in capsys.readouterr().err


@pytest.mark.parametrize("flags", [["--port", "0"], ["--port", "x"], ["--workers", "0"], ["--prot", "1"]])
def test_its_flags_are_checked(flags):
    assert main(["serve", *flags]) == MISUSED
