"""Connections that say nothing, or half a request, or do not read what they asked for, are not kept."""

from __future__ import annotations

import socket
import time
from contextlib import closing

import httpx
import pytest

from menura.app.server import connections

from .test_guard import listening


async def large(scope, _receive, send):
    """Ten megabytes for whoever asks."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(160):
            await send({"type": "http.response.body", "body": bytes(1 << 16), "more_body": True})
        await send({"type": "http.response.body"})


@pytest.fixture
def port(monkeypatch):
    monkeypatch.setattr(connections, "REQUEST_S", 0.5)
    monkeypatch.setattr(connections, "UNREAD_S", 0.5)
    with listening(large) as port:
        yield port


def hung_up(connection: socket.socket, within_s: float = 5.0) -> bool:
    connection.settimeout(within_s)
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("said", [b"", b"G", HEAD, HEAD + b"X: " + b"x" * 5000])
def test_half_a_request_is_not_waited_for(port, said):
    with closing(socket.create_connection(("127.0.0.1", port))) as connection:
        connection.sendall(said)
        assert hung_up(connection)


def test_a_head_that_comes_a_sign_at_a_time_is_not_waited_for(port):
    with closing(socket.create_connection(("127.0.0.1", port))) as connection:
        started = time.monotonic()
        try:
            while time.monotonic() - started < 10:
                connection.sendall(b"G")
                time.sleep(0.05)
        except OSError:
            pass
        assert time.monotonic() - started < 5


def test_thirty_half_requests_keep_nobody_out_and_are_gone_soon(port):
    waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
    for connection in waiting:
        connection.sendall(HEAD)
    assert httpx.get(f"http://localhost:{port}/", timeout=20).status_code == 200
    assert all(hung_up(connection) for connection in waiting)
    for connection in waiting:
        connection.close()


def test_a_connection_may_rest_between_requests_but_not_within_one(port):
    with closing(socket.create_connection(("127.0.0.1", port))) as connection, connection.makefile("rb") as answer:
        for _ in range(2):
            connection.sendall(HEAD + b"\r\n")
            assert answer.readline().startswith(b"HTTP/1.1 200")
            while answer.readline() != b"0\r\n":
                pass
            assert answer.readline() == b"\r\n"
            time.sleep(0.7)  # longer than a head may take
        connection.sendall(HEAD)
        assert hung_up(connection)


def test_an_answer_that_is_not_read_is_given_up(port):
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(HEAD + b"\r\n")
        time.sleep(2)
        received = 0
        try:
            while block := connection.recv(1 << 16):
                received += len(block)
        except ConnectionError:
            pass
        assert received < 10 << 20


def test_there_are_no_more_connections_than_a_system_gives_files(port, monkeypatch):
    monkeypatch.setattr(connections, "MOST", 5)
    waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(6)]
    assert hung_up(waiting[-1], 0.4)
    for connection in waiting:
        connection.close()
