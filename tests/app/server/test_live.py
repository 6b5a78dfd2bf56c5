"""Words are told as they are heard, and a socket that breaks loses none of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.tasks.beeps import NAMES, LiveBeeps, spoken

from menura.tasks.models import Models
from menura.tasks.sections import Loud

ADDRESS = "ws://localhost/v1/audio/transcriptions/live"
BLOCK = 4800


@pytest.fixture(autouse=True)
def beeps(monkeypatch):
    """The model called "beeps" hears beeps."""
    monkeypatch.setattr(Models, "require", lambda *_: None)
    monkeypatch.setattr(Models, "get", lambda _self, name: Loud() if name == "voice_activity" else LiveBeeps())


@pytest.fixture(scope="module")
def talk():
    rng = np.random.default_rng(0)
    names = [NAMES[place] for place in rng.integers(len(NAMES), size=30)]
    told = [part for name in names for part in ([name] if rng.random() < 0.8 else [name, "1.1"])]
    return names, (spoken(told) * 32767).astype("<i2").tobytes()


def drained(socket):
    events = []
    while not events or events[-1]["type"] != "end":
        events.append(socket.receive_json())
    return events


def text_of(events):
    return " ".join(event["text"] for event in events if event["type"] == "final").split()


def test_all_words_come_and_the_end_has_the_text(shared, talk):
    names, content = talk
    with shared.websocket_connect(ADDRESS) as socket:
        socket.send_json({"model": "beeps"})
        session = socket.receive_json()
        assert session["samples"] == 0
        for start in range(0, len(content), BLOCK):
            socket.send_bytes(content[start : start + BLOCK])
        socket.send_json({"type": "end"})
        events = drained(socket)
    assert text_of(events) == names
    assert events[-1]["text"].split() == names
    assert events[-1]["samples"] == len(content) // 2
    with shared.websocket_connect(ADDRESS) as socket:
        socket.send_json({"session": session["session"]})
        assert socket.receive_json()["error"]["type"] == "not_found_error"


@pytest.mark.parametrize("sent_again", [0, 3000])
def test_a_socket_that_breaks_loses_nothing(shared, talk, sent_again):
    names, content = talk
    middle = len(content) // 4 * 2
    got = []
    with shared.websocket_connect(ADDRESS) as socket:
        socket.send_json({"model": "beeps"})
        session = socket.receive_json()["session"]
        for start in range(0, middle, BLOCK):
            socket.send_bytes(content[start : min(start + BLOCK, middle)])
            got.append(socket.receive_json())
    last = max((event["number"] for event in got if event["type"] == "final"), default=0)
    with shared.websocket_connect(ADDRESS) as socket:
        socket.send_json({"session": session, "samples": middle // 2 - sent_again, "event": last})
        assert socket.receive_json()["samples"] == middle // 2
        socket.send_bytes(content[middle - 2 * sent_again :])
        socket.send_json({"type": "end"})
        events = drained(socket)
    kept = [event for event in got if event["type"] == "final"]
    assert text_of([*kept, *events]) == names
    assert events[-1]["text"].split() == names


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ({"session": "nobody"}, "no session"),
        ({"model": "beeps", "rate": 10}, "rate"),
        ({"model": "beeps", "colour": 1}, "colour"),
        ({"model": "beeps", "language": "de"}, "language"),
        ({"model": "beeps", "samples": 5}, "go on at 0"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(shared, first, said):
    with shared.websocket_connect(ADDRESS) as socket:
        socket.send_json(first)
        event = socket.receive_json()
    assert event["type"] == "error"
    assert said in event["error"]["message"]


@pytest.mark.parametrize(("frame", "said"), [(b"abc", "whole samples"), ("hello", "samples as bytes")])
def test_frames_that_are_no_sound_are_refused(shared, frame, said):
    with shared.websocket_connect(ADDRESS) as socket:
        socket.send_json({"model": "beeps"})
        socket.receive_json()
        socket.send_bytes(frame) if isinstance(frame, bytes) else socket.send_text(frame)
        event = socket.receive_json()
        while event["type"] == "ack":
            event = socket.receive_json()
    assert said in event["error"]["message"]


def test_another_client_s_session_is_not_there(serving):
    client = serving(tokens=("anna-anna-anna-anna", "berta-berta-berta-be"))
    with client.websocket_connect(ADDRESS, headers={"authorization": "Bearer anna-anna-anna-anna"}) as socket:
        socket.send_json({"model": "beeps"})
        session = socket.receive_json()["session"]
    with client.websocket_connect(ADDRESS, headers={"authorization": "Bearer berta-berta-berta-be"}) as socket:
        socket.send_text(json.dumps({"session": session}))
        assert socket.receive_json()["error"]["type"] == "not_found_error"
