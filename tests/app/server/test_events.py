"""Whoever listens hears of every change of a client's own jobs, of nobody else's, and through one connection."""

from __future__ import annotations

import json
import threading

import httpx

from menura.app.server.events import Watch
from menura.app.server.records import CANCELLED, DONE

from .test_guard import listening, without_lifespan

LIMITS = {"max_queued": 10, "max_queued_of_client": 10}


def heard(events: list[str]) -> list[tuple[str, str, str | None]]:
    """Kind, id and status of each event."""
    said = []
    for event in events:
        kind, data = event.strip().split("\n")
        body = json.loads(data.removeprefix("data: "))
        said.append((kind.removeprefix("event: "), body["id"], body.get("status")))
    return said


def test_every_change_of_a_client_s_jobs_is_told_once(serving):
    server = serving(workers=0).app.state.server
    store = server.store
    over, first = (store.add("me", "styles", {}, {}, **LIMITS).id for _ in range(2))
    store.end(over, DONE)
    watch = Watch(server, "me")
    assert heard(watch.news()) == [("job", first, "queued")]
    assert watch.news() == []
    store.add("you", "styles", {}, {}, **LIMITS)
    second = store.add("me", "styles", {}, {}, **LIMITS).id
    assert heard(watch.news()) == [("job", second, "queued")]
    store.take()
    assert heard(watch.news()) == [("job", first, "running"), ("job", second, "queued")]  # which moved up
    assert watch.news() == []
    brief = store.add("me", "styles", {}, {}, **LIMITS).id  # it has come and gone before anybody looks
    store.end(brief, CANCELLED)
    store.remove_job(over)
    said = heard(watch.news())
    assert ("job", brief, "cancelled") in said
    assert ("removed", over, None) in said
    assert watch.news() == []
    assert not watch.is_over


def test_the_watch_of_one_job_ends_with_it(serving):
    server = serving(workers=0).app.state.server
    id = server.store.add("me", "styles", {}, {}, **LIMITS).id
    watch = Watch(server, "me", only=id)
    assert heard(watch.news()) == [("job", id, "queued")]
    assert not watch.is_over
    server.store.end(id, DONE)
    assert heard(watch.news()) == [("job", id, "done")]
    assert watch.is_over
    ended = Watch(server, "me", only=id)
    assert heard(ended.news()) == [("job", id, "done")]
    assert ended.is_over


def test_one_connection_carries_all_of_a_client_s_jobs(serving):
    client = serving()
    me = {"menura-client": "me"}
    with (
        listening(without_lifespan(client.app)) as port,
        httpx.stream("GET", f"http://localhost:{port}/v1/events", headers=me, timeout=60) as events,
    ):
        assert events.headers["content-type"].startswith("text/event-stream")
        lines = events.iter_lines()
        assert next(lines).startswith(":")  # it is open before anything has happened

        def work():
            for name in ("you", "me", "me"):
                client.post("/v1/tasks/styles", json={}, headers={"menura-client": name})

        threading.Thread(target=work).start()
        ended = set()
        while len(ended) < 2:
            if (line := next(lines)).startswith("data: "):
                job = json.loads(line.removeprefix("data: "))
                ended |= {job["id"]} if job["status"] == "done" else set()
        mine = {job["id"] for job in client.get("/v1/jobs", headers=me).json()["data"]}
        assert ended == mine


def test_a_name_and_a_star_are_told_of_a_job_that_has_ended(serving):
    """Other tabs see what one of them calls a piece."""
    server = serving(workers=0).app.state.server
    id = server.store.add("me", "styles", {}, {}, **LIMITS).id
    server.store.end(id, DONE)
    watch = Watch(server, "me")
    assert watch.news() == []
    for changed in ({"name": "mine"}, {"starred": True}):
        server.store.change(id, **changed)
        assert heard(watch.news()) == [("job", id, "done")]
        assert watch.news() == []
