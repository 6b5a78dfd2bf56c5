"""Sound arrives while it is made, is the sound of the job, and waits for slow clients."""

from __future__ import annotations

import json
import socket
import threading
import time

import numpy as np
import pytest
from starlette.websockets import WebSocketDisconnect
from websockets.sync.client import connect

from menura.app.server import streaming
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
    client = serving(most_streams=0)
    answer = client.get("/v1/stream/decode", params={"file": upload(client, sound)})
    assert answer.status_code == 503


def test_a_page_of_another_site_cannot_listen(shared):
    with (
        pytest.raises(WebSocketDisconnect),
        shared.websocket_connect("ws://localhost/v1/stream/decode", headers={"origin": "https://evil.example"}),
    ):
        pass
