"""Every example of how to serve is true.

nginx runs as the docs configure it, systemd takes the unit, the container's file is sound, Ray's program hands the
server what it takes, and each command is one that `menura` understands.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import socket
import ssl
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType, SimpleNamespace

import httpx
import pytest
from websockets.sync.client import connect

from menura.app.cli import COMMANDS
from menura.app.flags import parse
from menura.app.serve import Serve
from menura.app.server.api import create_app
from menura.app.server.settings import Settings
from menura.tasks import TASKS

from .app.server.test_guard import listening
from .app.test_serve import free_port

ROOT = Path(__file__).parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
SERVING = (ROOT / "docs" / "serving.md").read_text()
TOKENS = tuple(f"token-number-{n}" for n in range(6))


def block(kind: str) -> str:
    """The one example of that kind in docs/serving.md."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", SERVING, re.MULTILINE | re.DOTALL)
    return found


def words(command: str) -> list[str]:
    return shlex.split(command, comments=True)


def served(arguments: list[str]) -> Serve:
    """The task that ``menura serve`` makes of such arguments, which are those of a command line."""
    return Serve.build(parse(Serve, arguments).values)


@contextmanager
def nginx(program: str, configuration: str, folder: Path, port: int) -> Iterator[None]:
    """nginx, found as `program`, with a configuration as it stands in the ``http`` block; it listens at `port`."""
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    whole = f"{user} daemon off; pid {folder}/pid; events {{}} http {{ access_log off; {places}\n{configuration} }}"
    (folder / "nginx.conf").write_text(whole)
    command = [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stderr=log)
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), contextlib.closing(socket.create_connection(("127.0.0.1", port))):
                break
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)
    assert not re.search(r"\[(emerg|alert|crit|error)\]", (folder / "log").read_text())


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for the host of the example, in `folder`, and the context that trusts it."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=menura"
    named = ["-addext", "subjectAltName=DNS:menura.example.org,DNS:localhost"]
    places = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    subprocess.run([*command.split(), *named, *places], check=True, capture_output=True)
    return ssl.create_default_context(cafile=folder / "fullchain.pem")


@pytest.fixture(scope="module")
def proxied(tmp_path_factory, program) -> Iterator[SimpleNamespace]:
    """Two servers behind nginx, as docs/serving.md has it, but for places."""
    folder = tmp_path_factory.mktemp("proxied")
    trusted, plain, secure = certificate(folder), free_port(), free_port()
    apps = [create_app(Settings(state=folder / str(n), tokens=TOKENS, host="0.0.0.0")) for n in (1, 2)]
    with ExitStack() as stack:
        configuration = block("nginx").replace("/etc/ssl/menura", str(folder))
        for number, app in enumerate(apps, 1):
            port = stack.enter_context(listening(app))
            configuration = configuration.replace(f"10.0.0.{number}:8787", f"127.0.0.1:{port}")
        for before, after in (("listen 80;", f"listen {plain};"), ("listen 443 ssl;", f"listen {secure} ssl;")):
            assert before in configuration
            configuration = configuration.replace(before, after)
        stack.enter_context(nginx(program("nginx-light", "nginx"), configuration, folder, secure))
        headers = {"host": "menura.example.org"}
        client = stack.enter_context(
            httpx.Client(base_url=f"https://localhost:{secure}", headers=headers, verify=trusted, timeout=60)
        )
        yield SimpleNamespace(client=client, apps=apps, plain=plain, secure=secure, trusted=trusted)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_behind_nginx_each_client_stays_with_its_server(proxied):
    for token in TOKENS:
        job = proxied.client.post("/v1/tasks/styles?wait=30", json={}, headers=bearer(token)).json()
        assert job["status"] == "done"
        for _ in range(3):
            answer = proxied.client.get(f"/v1/jobs/{job['id']}", headers=bearer(token))
            assert answer.json()["status"] == "done"
        events = proxied.client.get(f"/v1/jobs/{job['id']}/events", headers=bearer(token))
        assert events.text.startswith("event: job")
    clients = [
        {job.client for job in app.state.server.store.jobs(client, 9)}
        for app in proxied.apps
        for client in [app.state.server.clients.identify(bearer(token)) for token in TOKENS]
    ]
    assert sum(map(len, clients)) == len(TOKENS)
    assert any(clients[: len(TOKENS)])
    assert any(clients[len(TOKENS) :])


def test_behind_nginx_the_page_logs_in_over_tls_alone(proxied):
    moved = httpx.get(f"http://localhost:{proxied.plain}/x", headers={"host": "menura.example.org"})
    assert (moved.status_code, moved.headers["location"]) == (301, "https://menura.example.org/x")
    assert "<html" in proxied.client.get("/").text
    own = {"origin": "https://menura.example.org"}
    answer = proxied.client.post("/v1/session", json={"token": TOKENS[0]}, headers=own)
    assert answer.status_code == 204
    assert answer.headers["set-cookie"].endswith("; Secure")
    cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert proxied.client.post("/v1/tasks/styles?wait=30", json={}, headers=cookie | own).status_code == 200
    other = {"origin": "https://evil.example.org"}
    assert proxied.client.post("/v1/tasks/styles", json={}, headers=cookie | other).status_code == 403


def test_behind_nginx_large_files_ranges_and_live_streams_pass(proxied):
    content = os.urandom(3 << 20)
    sent = proxied.client.post("/v1/files", files={"file": ("x.bin", content)}, headers=bearer(TOKENS[0]))
    assert sent.status_code == 200
    part = proxied.client.get(
        f"/v1/files/{sent.json()['id']}/content", headers=bearer(TOKENS[0]) | {"range": "bytes=1000-1999"}
    )
    assert (part.status_code, part.content) == (206, content[1000:2000])
    address = f"wss://localhost:{proxied.secure}/v1/stream/decode"
    with connect(address, ssl=proxied.trusted, additional_headers=bearer(TOKENS[0]), proxy=None) as stream:
        stream.send(json.dumps({"file": sent.json()["id"]}))
        assert json.loads(stream.recv(timeout=30))["type"] == "error"


def test_the_unit_is_one_that_systemd_takes(tmp_path, program):
    """Loaded by systemd's own reader, which names every key and value it does not know; its command is ours."""
    unit = (ROOT / "deploy" / "menura.service").read_text()
    menura = tmp_path / "menura"
    menura.write_text("#!/bin/sh\n")
    menura.chmod(0o755)
    installed = "/opt/menura/bin/menura"
    assert installed in unit
    (tmp_path / "menura.service").write_text(unit.replace(installed, str(menura)))
    command = [program("systemd", "systemd-analyze"), "verify", "--man=no", str(tmp_path / "menura.service")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "menura" in line]) == (0, [])
    (started,) = re.findall(rf"^ExecStart={installed} serve (.*)$", unit, re.MULTILINE)
    task = served(words(started.replace("%S", "/var/lib")))
    (kept,) = re.findall(r"^StateDirectory=(.*)$", unit, re.MULTILINE)
    assert task.state == Path("/var/lib") / kept
    (patience,) = re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    assert int(patience) > task.grace


def container() -> list[tuple[str, str]]:
    """The instructions of the container's file."""
    lines = (ROOT / "deploy" / "Containerfile").read_text().replace("\\\n", " ").splitlines()
    told = [line.partition(" ") for line in lines if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in told]


def test_the_container_s_file_is_sound():
    known = {"FROM", "ARG", "RUN", "COPY", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD", "ENV", "WORKDIR", "LABEL"}
    instructions = container()
    assert instructions[0][0] == "FROM"
    assert {name for name, _ in instructions} <= known
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for _, command in (one for one in instructions if one[0] == "RUN"):
        subprocess.run(["sh", "-n", "-c", command], check=True)
        for named in re.findall(r"/src\[([\w,]+)\]", command):
            assert set(named.split(",")) <= extras.keys()
        for path in re.findall(r"/src/([\w.]+)", command):
            assert (ROOT / path).exists()
    once = {name: rest for name, rest in instructions if name in ("CMD", "VOLUME", "EXPOSE")}
    program, verb, *flags = json.loads(once["CMD"])
    assert (program, verb) == ("menura", "serve")
    task = served(flags)
    assert task.state is not None
    assert task.state.is_relative_to(once["VOLUME"])
    assert str(task.port) == once["EXPOSE"]


def test_the_container_s_check_tells_whether_the_server_answers(tmp_path):
    (check,) = (rest.removeprefix("CMD ") for name, rest in container() if name == "HEALTHCHECK")
    python, *rest = json.loads(check)
    assert python == "python"
    with listening(create_app(Settings(state=tmp_path))) as port:
        command = [sys.executable, *(word.replace("8787", str(port)) for word in rest)]
        assert subprocess.run(command, check=False).returncode == 0
    assert subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode != 0


def test_ray_s_program_makes_a_server_for_each_replica(tmp_path, monkeypatch):
    """With stand-ins for Ray, which is half a gigabyte: what it hands to the server is what the server takes."""
    run, deployed = [], []
    replica = SimpleNamespace(replica_id=SimpleNamespace(unique_id="one"))
    serve = ModuleType("ray.serve")
    vars(serve).update(
        get_replica_context=lambda: replica,
        deployment=lambda **options: deployed.append(options) or (lambda kind: kind),
        ingress=lambda build: lambda _kind: SimpleNamespace(bind=lambda: build),
        run=run.append,
    )
    config = ModuleType("ray.serve.config")
    vars(config)["RequestRouterConfig"] = dict
    ray = ModuleType("ray")
    vars(ray)["serve"] = serve
    for module in (ray, serve, config):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(block("python").replace("/var/lib/menura", str(tmp_path)), "serving.md", "exec"), {})
    (build,) = run
    app = build()
    app.state.server.store.close()
    assert (tmp_path / "one" / "jobs.sqlite").exists()
    assert deployed[0]["num_replicas"] > 1


COMMANDS_SHOWN = sorted(
    {
        line.removeprefix("$ ").strip()
        for page in PAGES
        for text in re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
        for line in text.splitlines()
        if line.removeprefix("$ ").startswith("menura ")
    }
    | {found for page in PAGES for found in re.findall(r"`(menura serve[^`]*)`", page.read_text())}
)


@pytest.mark.parametrize("command", COMMANDS_SHOWN)
def test_every_command_in_the_docs_is_understood(command):
    """Those that are not run, for they take hours or never end, at least name flags and values that exist."""
    verb, *arguments = words(command)[1:]
    reference = (TASKS | COMMANDS).get(verb.replace("-", "_"), ("",))[0]
    if verb.startswith("-"):
        return
    kind = resolve_name(reference)
    request = parse(kind, [word for word in arguments if word != "-"])
    if not request.help:
        kind.build(request.values)
