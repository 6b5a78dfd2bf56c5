"""Sound arrives while it is made, is the sound of the job, and waits for slow clients."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
from starlette.websockets import WebSocketDisconnect
from websockets.sync.client import connect

from menura.app.server import streaming
from menura.app.server.errors import Refusal
from menura.app.server.guard import Guard
from menura.audio import Audio, io, write

from .conftest import done, refusal, upload
from .test_guard import listening, without_lifespan


@pytest.fixture(scope="module")
def long_codes(shared, tmp_path_factory):
    """Two minutes of codes on the server."""
    path = tmp_path_factory.mktemp("long") / "long.flac"
    write(Audio(0.1 * np.random.default_rng(0).standard_normal((1, 8000 * 120)).astype(np.float32), 8000), path)
    return f"{done(shared, 'encode', {'file': upload(shared, path), 'model': 'small'})['id']}/long-encode.mnr"


def whole(shared, codes, tmp_path):
    job = done(shared, "decode", {"file": codes, "bits": "32"})
    (file,) = [file for file in job["results"][0]["files"] if file["kind"] == "audio"]
    (tmp_path / "whole.wav").write_bytes(shared.get(file["url"]).content)
    return io.read(tmp_path / "whole.wav").samples


def test_a_stream_is_the_sound_of_the_job(shared, long_codes, tmp_path):
    answer = shared.get("/v1/stream/decode", params={"file": long_codes})
    assert answer.headers["content-type"] == "audio/wav"
    (tmp_path / "live.wav").write_bytes(answer.content)
    assert (io.read(tmp_path / "live.wav").samples == whole(shared, long_codes, tmp_path)).all()


def test_a_websocket_tells_the_format_then_the_sound_then_the_end(shared, long_codes, tmp_path):
    with shared.websocket_connect("ws://localhost/v1/stream/decode") as socket:
        socket.send_json({"file": long_codes})
        about = socket.receive_json()
        parts = []
        while "bytes" in (message := socket.receive()) and message["bytes"] is not None:
            parts.append(message["bytes"])
        assert json.loads(message["text"]) == {"type": "end"}
    assert about["type"] == "format"
    assert len(parts) > 1
    samples = np.frombuffer(b"".join(parts), "<f4").reshape(-1, about["channels"]).T
    assert samples.shape[1] == about["samples"]
    assert (samples == whole(shared, long_codes, tmp_path)).all()


def test_the_first_bytes_arrive_before_the_task_has_ended_and_it_waits_for_the_client(shared, long_codes, monkeypatch):
    made, handed = [], streaming.interleaved
    monkeypatch.setattr("menura.app.server.streams.interleaved", lambda part: handed(np.repeat(part, 32, axis=1)))
    taking = streaming.Live._put

    def counted(self, item):
        taking(self, item)
        made.append(time.monotonic())

    monkeypatch.setattr(streaming.Live, "_put", counted)
    with listening(without_lifespan(shared.app)) as port, narrow(port) as connection:
        address = f"ws://localhost:{port}/v1/stream/decode"
        with connect(address, sock=connection, max_queue=1, max_size=None, compression=None) as client:
            client.send(json.dumps({"file": long_codes}))
            assert json.loads(client.recv())["type"] == "format"
            assert isinstance(client.recv(), bytes)
            before = settled(made)  # the client takes its time
            count = sum(isinstance(message, bytes) for message in client)
        assert before < len(made) * 2 / 3, "the task ran ahead of a client that reads nothing"
        assert count + 1 == len(made) - 2  # the format and the end aside


def narrow(port):
    """A connection that holds little: the system's own buffers grow to many megabytes, differently every time."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    connection.connect(("127.0.0.1", port))
    return connection


def settled(made):
    """How many parts there are once no more come for a second."""
    count, since = -1, time.monotonic()
    while time.monotonic() - since < 1.0:
        if len(made) != count:
            count, since = len(made), time.monotonic()
        time.sleep(0.05)
    return count


def test_a_client_that_leaves_stops_the_task(shared, long_codes):
    with shared.websocket_connect("ws://localhost/v1/stream/decode") as socket:
        socket.send_json({"file": long_codes})
        socket.receive_json()
    until = time.monotonic() + 5
    while any(thread.name == "menura-stream" for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert shared.app.state.server.streams == 0


@pytest.mark.parametrize("given", [{"file": "/etc/passwd"}, {}, {"file": "x", "nope": 1}, [1]])
def test_what_cannot_be_streamed_is_told_in_the_common_shape(shared, given):
    with shared.websocket_connect("ws://localhost/v1/stream/decode") as socket:
        socket.send_json(given)
        answer = socket.receive_json()
        assert answer["type"] == "error"
        assert answer["error"]["type"] == "invalid_request_error"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()
    if isinstance(given, dict):
        refusal(shared.get("/v1/stream/decode", params=given))


def test_a_file_that_is_no_code_is_told(shared, sound):
    file = upload(shared, sound)
    assert "not a .mnr file" in refusal(shared.get("/v1/stream/decode", params={"file": file}))["message"]


def test_streams_are_few(serving, sound):
    client = serving(max_streams=0)
    answer = client.get("/v1/stream/decode", params={"file": upload(client, sound)})
    assert answer.status_code == 503


def test_a_page_of_another_site_cannot_listen(shared):
    with (
        pytest.raises(WebSocketDisconnect),
        shared.websocket_connect("ws://localhost/v1/stream/decode", headers={"origin": "https://evil.example"}),
    ):
        pass


def _freed(server, within_s=10.0):
    until = time.monotonic() + within_s
    while server.streams:
        assert time.monotonic() < until, "a stalled reader keeps its place"
        time.sleep(0.05)


@pytest.mark.parametrize("way", ["http", "websocket"])
def test_readers_that_stall_keep_nobody_out(shared, long_codes, monkeypatch, way):
    """One client has two places of four, and loses them when it reads nothing."""
    server = shared.app.state.server
    monkeypatch.setattr("menura.app.server.streams.interleaved", lambda part: bytes(32 * part.nbytes))
    monkeypatch.setattr(server, "settings", replace(server.settings, silence_s=1.0))
    guard = shared.app.middleware_stack
    while not isinstance(guard, Guard):
        guard = guard.app
    monkeypatch.setattr(guard, "settings", server.settings)
    with listening(without_lifespan(shared.app)) as port, ExitStack() as held:
        for _ in range(2):
            connection = held.enter_context(narrow(port))
            if way == "http":
                path = f"/v1/stream/decode?file={long_codes}"
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            else:
                key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
                head = f"GET /v1/stream/decode HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n{key}"
                connection.sendall(f"{head}Connection: Upgrade\r\n\r\n".encode())
                assert connection.recv(4096).startswith(b"HTTP/1.1 101")
                said = json.dumps({"file": long_codes}).encode()
                connection.sendall(bytes([0x81, 0x80 | len(said), 0, 0, 0, 0]) + said)
        until = time.monotonic() + 10
        while server.streams < 2:
            assert time.monotonic() < until
            time.sleep(0.02)
        third = shared.get("/v1/stream/decode", params={"file": long_codes})
        assert (third.status_code, refusal(third)["type"]) == (429, "rate_limit_error")
        with server.slots.taken("another"):
            pass
        _freed(server)
    until = time.monotonic() + 5
    while any(thread.name == "menura-stream" for thread in threading.enumerate()):
        assert time.monotonic() < until, "sound is made for nobody"
        time.sleep(0.02)


def test_a_reader_may_take_as_long_as_the_sound_lasts_and_a_bit(monkeypatch):
    now = 0.0
    monkeypatch.setattr(streaming.time, "monotonic", lambda: now)
    patience = streaming.Patience(1000, 5.0)
    for _ in range(100):  # as it is played
        with patience.of(np.zeros((2, 1000))):
            now += 1.0
    for _ in range(5):  # a little at a time
        with patience.of(np.zeros((2, 1000))):
            now += 1.9
    with pytest.raises(Refusal, match="not read as fast as it lasts"), patience.of(np.zeros((2, 1000))):
        now += 1.9


def test_what_is_odd_about_codes_is_told_with_the_stream(shared, long_codes, tmp_path):
    id, _, name = long_codes.partition("/")
    content = shared.get(f"/v1/jobs/{id}/results/{name}").content
    (tmp_path / "cut.mnr").write_bytes(content[: len(content) // 2])
    file = upload(shared, tmp_path / "cut.mnr")
    with shared.websocket_connect("ws://localhost/v1/stream/decode") as socket:
        socket.send_json({"file": file})
        (line,) = socket.receive_json()["warnings"]
    assert "is cut short" in line
    assert "/" not in line
    assert "is cut short" in shared.get("/v1/stream/decode", params={"file": file}).headers["menura-warnings"]
