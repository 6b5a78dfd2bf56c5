"""Nobody can fill the server's memory, hold it for ever, or learn from its errors what is none of their business."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing, contextmanager

import httpx
import pytest
import uvicorn

from menura.app.server import uploads
from menura.app.server.api import create_app
from menura.app.server.connections import Connection
from menura.app.server.guard import ALL, Guard

from .conftest import COMPOSE, refusal


@contextmanager
def listening(app):
    """The application behind a real socket."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(app, port=port, http=Connection, log_level="critical", ws_max_size=1 << 16)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


def exchange(port, request, pause_s=0.0, parts=1, part=b""):
    """What the server says to raw bytes, sent slowly, and how long it took to say it."""
    started = time.monotonic()
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
        connection.sendall(request)
        try:
            for _ in range(parts):
                time.sleep(pause_s)
                connection.sendall(part)
        except OSError:
            pass
        received = b""
        while block := connection.recv(65536):
            received += block
            if b"\r\n\r\n" in received and b'"code":' in received:
                break
    return received, time.monotonic() - started


ME = {"menura-client": "me"}
HEAD = b"POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"


def test_a_body_larger_than_allowed_is_refused_before_it_is_read(shared):
    answer = shared.post("/v1/tasks/compose", content=b" " * (1 << 21), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert refusal(answer)["type"] == "request_too_large"


def test_a_body_without_end_is_cut_off(settings, serving):
    app = serving(upload_mb=1, silence_s=1.0, body_s=3.0).app
    with listening(without_lifespan(app)) as port:
        chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        begin = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        chunked += b"%x\r\n%s\r\n" % (len(begin), begin)
        answer, _ = exchange(port, chunked, parts=200, part=b"10000\r\n" + b"x" * 65536 + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 413")
        answer, took = exchange(port, HEAD + b"Content-Length: 5000\r\n\r\n", parts=1, part=b"--b\r\n")
        assert answer.startswith(b"HTTP/1.1 408")
        assert took < 5
        answer, took = exchange(port, HEAD + b"Content-Length: 5000\r\n\r\n", pause_s=0.4, parts=20, part=b"\n")
        assert answer.startswith(b"HTTP/1.1 408")
        answer, _ = exchange(port, HEAD + b"Content-Length: 99999999999\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413")
    assert list((settings.state / "files").iterdir()) == []


def without_lifespan(app):
    async def served(scope, receive, send):
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            return
        await app(scope, receive, send)

    return served


def test_too_many_requests_at_once_are_put_off(serving):
    client = serving(max_at_once=2)
    long = client.post("/v1/tasks/compose", json={"prompt": "string quartet, 400 bars"}).json()["id"]
    codes: list[int] = []

    def watch():
        codes.append(client.get(f"/v1/jobs/{long}/events").status_code)

    threads = [threading.Thread(target=watch) for _ in range(4)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 20
    while len(codes) < 2:  # those that are refused answer at once, the others when the job has ended
        assert time.monotonic() < until
        time.sleep(0.02)
    assert client.get("/healthz").status_code == 200
    client.app.state.server.workers.cancel(long)
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 200, 503, 503]


def test_every_answer_is_marked_and_guarded(shared):
    for address in ("/healthz", "/v1/tasks", "/nowhere", "/v1/jobs/job-x"):
        headers = shared.get(address).headers
        assert headers["x-request-id"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert shared.get("/healthz", headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    assert shared.get("/healthz", headers={"x-request-id": "a b\r\n"}).headers["x-request-id"] != "a b\r\n"


def test_a_fault_of_ours_is_told_without_its_trace(serving, monkeypatch, caplog):
    client = serving()
    monkeypatch.setattr(client.app.state.server.store, "jobs", lambda *_: 1 / 0)
    answer = client.get("/v1/jobs")
    assert answer.status_code == 500
    assert refusal(answer)["message"] == "internal error; the server's log says more"
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(("method", "address"), [("GET", "/v1/tasks/compose"), ("PUT", "/v1/jobs"), ("GET", "/v1")])
def test_what_is_not_there_is_told_in_the_same_shape(shared, method, address):
    assert refusal(shared.request(method, address))["type"] in ("invalid_request_error", "not_found_error")


def test_requests_and_jobs_are_counted(shared):
    shared.post("/v1/tasks/compose?wait=30", json=COMPOSE)
    text = shared.get("/metrics").text
    assert 'menura_jobs_total{status="done",task="compose"}' in text
    assert 'route="/v1/tasks/compose"' in text
    assert "menura_jobs_queued 0.0" in text
    assert "menura_models_loaded 1.0" in text


def test_the_application_can_be_made_twice_only_in_two_folders(settings):
    app = create_app(settings)
    with pytest.raises(ValueError, match="another menura serve"):
        create_app(settings)
    app.state.server.store.close()


def test_a_download_that_is_not_read_does_not_hold_a_place_for_ever(serving):
    client = serving(silence_s=1.0, body_s=3.0)
    (client.app.state.server.store.folder / "large").write_bytes(bytes(20 << 20))
    file = client.app.state.server.store.add_file(
        "local", "large", client.app.state.server.store.folder / "large", most_bytes=1 << 30
    )
    guard = client.app.middleware_stack
    while not isinstance(guard, Guard):
        guard = guard.app
    with listening(without_lifespan(client.app)) as port, closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(f"GET /v1/files/{file.id}/content HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        until = time.monotonic() + 10
        while not guard._at_once[ALL]:
            assert time.monotonic() < until
            time.sleep(0.02)
        while guard._at_once[ALL]:
            assert time.monotonic() < until
            time.sleep(0.02)


def test_one_client_does_not_take_all_places(serving):
    client = serving(max_at_once_of_client=1)
    long = client.post("/v1/tasks/compose", json={"prompt": "string quartet, 400 bars"}, headers=ME).json()["id"]
    with listening(without_lifespan(client.app)) as port:
        address = f"http://localhost:{port}"
        with httpx.stream("GET", f"{address}/v1/jobs/{long}/events", headers=ME, timeout=30) as events:
            lines = events.iter_lines()
            assert next(lines)
            assert httpx.get(f"{address}/v1/jobs", headers=ME, timeout=30).status_code == 429
            assert httpx.get(f"{address}/v1/jobs", headers={"menura-client": "you"}, timeout=30).status_code == 200
        client.app.state.server.workers.cancel(long)


def test_bodies_on_their_way_are_counted_together(serving, monkeypatch):
    client = serving(upload_mb=1)
    monkeypatch.setattr("menura.app.server.guard._MOST_BODIES", 2)
    held = threading.Event()
    arrived = threading.Semaphore(0)
    keep = uploads.keep

    def slow(*args, **named):
        arrived.release()
        held.wait(20)
        return keep(*args, **named)

    monkeypatch.setattr(uploads, "keep", slow)
    codes: list[int] = []

    def send():
        codes.append(client.post("/v1/files", files={"file": ("x", bytes(900_000))}).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert arrived.acquire(timeout=20)
    send()
    assert codes == [503]
    held.set()
    for thread in threads:
        thread.join()
    assert codes == [503, 200, 200]
