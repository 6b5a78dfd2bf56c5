"""Jobs are done with one set of models; a stop loses none, and an idle server gives memory back."""

from __future__ import annotations

import contextlib
import errno
import itertools
import shutil
import sqlite3
import time
from threading import Thread

import pytest
from starlette.testclient import TestClient

from menura.app.server import database, workers
from menura.app.server.api import create_app
from menura.app.server.requests import request, task_class
from menura.app.server.store import Store
from menura.app.server.workers import error_message
from menura.tasks.models import Models

from .conftest import COMPOSE, done, refusal, upload

LONG = {"prompt": "string quartet, 400 bars", "n": 1}


def wait_for(condition, seconds=20.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_stop_puts_back_what_cannot_be_finished(serving):
    client = serving(grace_s=0.2)
    ids = [client.post("/v1/tasks/compose", json=LONG).json()["id"] for _ in range(2)]
    wait_for(lambda: client.get(f"/v1/jobs/{ids[0]}").json()["status"] == "running")
    client.app.state.server.workers.stop(0.2)
    store = client.app.state.server.store
    assert [(store.job(id).status, store.job(id).attempts) for id in ids] == [("queued", 0)] * 2
    assert list(store.job_folder(ids[0]).iterdir()) == []


def test_a_stop_lets_a_short_job_finish(settings):
    app = create_app(settings)
    with TestClient(app, base_url="http://localhost") as client:
        done(client, "compose", COMPOSE)
        id = client.post("/v1/tasks/compose", json=COMPOSE).json()["id"]
        wait_for(lambda: client.get(f"/v1/jobs/{id}").json()["status"] != "queued")
    store = Store(settings.state)
    assert store.job(id).status == "done"
    store.close()


def test_jobs_accepted_before_a_restart_are_done_after_it(settings):
    app = create_app(settings)
    workers = app.state.server.workers
    workers.start = workers.stop = lambda *_: None  # a server that dies before it gets to anything
    with TestClient(app, base_url="http://localhost") as client:
        id = client.post("/v1/tasks/compose", json=COMPOSE).json()["id"]
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        wait_for(lambda: client.get(f"/v1/jobs/{id}").json()["status"] == "done")
        assert client.get(client.get(f"/v1/jobs/{id}").json()["results"][0]["files"][0]["url"]).status_code == 200


def test_an_idle_server_lets_go_of_its_models(serving):
    client = serving(idle_s=0.3)
    done(client, "compose", COMPOSE)
    models = client.app.state.server.models
    assert models.num_loaded == 1
    wait_for(lambda: models.num_loaded == 0)
    done(client, "compose", COMPOSE)


def test_several_workers_share_one_model_and_give_the_same(serving):
    client = serving(workers=3)
    jobs = [client.post("/v1/tasks/compose", json=COMPOSE).json()["id"] for _ in range(6)]
    wait_for(lambda: all(client.get(f"/v1/jobs/{id}").json()["status"] == "done" for id in jobs), 60)
    results = [client.get(f"/v1/jobs/{id}").json()["results"][0]["files"] for id in jobs]
    notes = {client.get(next(f["url"] for f in files if f["kind"] == "notes")).content for files in results}
    assert len(notes) == 1
    assert client.app.state.server.models.num_loaded == 1


def as_client(number):
    return {"authorization": f"Bearer {TOKENS[number]}"}


TOKENS = ("first-token", "second-token")


def test_a_long_job_lets_others_go_first_and_is_done_all_the_same(serving, monkeypatch):
    monkeypatch.setattr(workers, "_SLICE_S", 0.05)
    client = serving(tokens=TOKENS)
    server = client.app.state.server
    done(client, "compose", COMPOSE, headers=as_client(0))
    long = {"prompt": "a flute, 64 bars", "seed": 5, "n": 1, "rate": 8000}
    id = client.post("/v1/tasks/compose", json=long, headers=as_client(0)).json()["id"]
    wait_for(lambda: server.store.job(id).status == "running")
    for _ in range(2):
        done(client, "compose", COMPOSE, headers=as_client(1))
        assert server.store.job(id).status == "running"
    wait_for(lambda: server.store.job(id).status == "done", 60)
    assert server.store.job(id).attempts == 1


def test_a_client_s_own_jobs_are_done_one_after_another(serving, monkeypatch):
    monkeypatch.setattr(workers, "_SLICE_S", 0.0)
    client = serving()
    server = client.app.state.server
    ids = [client.post("/v1/tasks/compose", json=COMPOSE).json()["id"] for _ in range(3)]
    wait_for(lambda: server.store.job(ids[-1]).status == "done", 60)
    ended = [server.store.job(id) for id in ids]
    assert all(one.finished <= other.started for one, other in itertools.pairwise(ended))


def test_a_job_that_waits_for_its_next_turn_can_be_cancelled_and_stopped(serving, monkeypatch):
    monkeypatch.setattr(workers, "_SLICE_S", 0.0)
    client = serving(tokens=TOKENS)
    server = client.app.state.server
    done(client, "compose", COMPOSE, headers=as_client(0))  # what must be compiled first does not notice a stop
    ids = [client.post("/v1/tasks/compose", json=LONG, headers=as_client(number)).json()["id"] for number in range(2)]
    wait_for(lambda: all(server.store.job(id).status == "running" for id in ids))
    assert server.workers.cancel(ids[0])
    wait_for(lambda: server.store.job(ids[0]).status == "cancelled", 5)
    server.workers.stop(0.0)
    wait_for(lambda: server.store.job(ids[1]).status == "queued")


def test_a_job_that_fails_for_a_fault_of_ours_says_no_more_than_that(serving, monkeypatch):
    client = serving()
    monkeypatch.setattr("menura.app.server.workers.perform", lambda *_: 1 / 0)
    job = client.post("/v1/tasks/compose?wait=10", json=COMPOSE).json()
    assert job["status"] == "failed"
    assert job["error"]["message"] == "internal error; the server's log says more"
    monkeypatch.undo()
    done(client, "compose", COMPOSE)


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("cannot even be told")


@pytest.fixture
def quick(monkeypatch):
    """What is looked at now and then is looked at all the time."""
    monkeypatch.setattr(workers, "_LOOK_EVERY_S", 0.02)


def failing_once(monkeypatch, error):
    """Let the first job that is done end with an error."""
    errors, whole = [error], workers.perform

    def perform(*values):
        if errors:
            raise errors.pop()
        return whole(*values)

    monkeypatch.setattr(workers, "perform", perform)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("bars: too many"), "bars: too many"),
        (ValueError("“\ud800” is no word"), "“?” is no word"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y.wav"), "the disk is full"),
        (OSError(errno.EACCES, "Permission denied", "y.wav"), "y.wav: permission denied"),
        (MemoryError(), "out of memory; ask for less, or close other programs"),
        (RecursionError("too deep"), "internal error; the server's log says more"),
        (SystemExit(3), "internal error; the server's log says more"),
        (KeyboardInterrupt(), "internal error; the server's log says more"),
        (GeneratorExit(), "internal error; the server's log says more"),
        (sqlite3.OperationalError("no such table"), "internal error; the server's log says more"),
    ],
)
@pytest.mark.usefixtures("quick")
def test_a_job_that_fails_in_whatever_way_takes_no_worker_with_it(serving, monkeypatch, error, said):
    client = serving()
    failing_once(monkeypatch, error)
    job = client.post("/v1/tasks/styles?wait=20", json={}).json()
    assert (job["status"], job["error"]["message"]) == ("failed", said)
    assert client.get("/readyz").status_code == 200
    done(client, "styles", {})


@pytest.mark.usefixtures("quick")
def test_an_error_that_cannot_be_told_fails_its_job_at_last_and_no_other(serving, monkeypatch):
    client = serving()
    failing_once(monkeypatch, Unspeakable())
    job = client.post("/v1/tasks/styles?wait=20", json={}).json()
    assert job["status"] == "done"
    monkeypatch.setattr(workers, "perform", lambda *_: (_ for _ in ()).throw(Unspeakable()))
    job = client.post("/v1/tasks/styles?wait=20", json={}).json()
    assert (job["status"], job["error"]["message"]) == (
        "failed",
        "its worker ended 2 times while this was being done",
    )
    monkeypatch.undo()
    done(client, "styles", {})


@pytest.mark.usefixtures("quick")
def test_a_disk_that_fills_up_is_said_and_what_was_done_is_written_when_it_can_be(serving, monkeypatch):
    """The job's end waits for room, /readyz says why, and the jobs after it are done."""
    client = serving()
    store = client.app.state.server.store
    full, whole = [True], store.end

    def end(*values, **named):
        if full:
            raise sqlite3.OperationalError("database or disk is full")
        return whole(*values, **named)

    monkeypatch.setattr(store, "end", end)
    ids = [client.post("/v1/tasks/styles", json={}).json()["id"] for _ in range(2)]
    wait_for(lambda: client.get("/readyz").status_code == 503)
    assert [store.job(id).status for id in ids] == ["running", "queued"]
    full.clear()
    wait_for(lambda: all(store.job(id).status == "done" for id in ids))
    wait_for(lambda: client.get("/readyz").status_code == 200)
    assert store.job(ids[0]).attempts == 1


def test_no_room_on_the_disk_is_said_to_whoever_asks(serving, monkeypatch):
    client = serving()
    monkeypatch.setattr(database, "_FREE_BYTES", 1 << 60)
    answer = client.get("/readyz")
    assert (answer.status_code, refusal(answer)["message"]) == (503, "the disk is full")
    monkeypatch.setattr(workers, "perform", lambda *_: 1 / 0)
    job = client.post("/v1/tasks/styles?wait=20", json={}).json()
    assert job["error"]["message"] == "the disk is full"
    monkeypatch.undo()

    def refused(*_values, **_named):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("menura.app.server.uploads.shutil.copyfileobj", refused)
    monkeypatch.setattr("menura.app.server.store.Path.mkdir", refused)
    for answer in (
        client.post("/v1/files", files={"file": ("x", b"x")}),
        client.post("/v1/tasks/styles", json={}),
    ):
        assert answer.status_code == 503
        assert refusal(answer)["code"] == "disk_full"
        assert answer.headers["retry-after"]
    monkeypatch.undo()
    assert client.get("/v1/files").json()["data"] == []
    done(client, "styles", {})


def test_a_job_whose_folder_is_gone_is_done_or_says_what_it_lacks(serving, sound):
    client = serving()
    server = client.app.state.server
    with held(server.workers):
        without = client.post("/v1/tasks/styles", json={}).json()["id"]
        file = {"file": upload(client, sound), "model": "small"}
        lacking = client.post("/v1/tasks/encode", json=file).json()["id"]
        for id in (without, lacking):
            shutil.rmtree(server.store.job_folder(id))
    wait_for(lambda: server.store.job(lacking).status == "failed")
    assert server.store.job(lacking).error == "in.wav is gone from the server; send it again"
    wait_for(lambda: server.store.job(without).status == "done")
    done(client, "encode", file)


def test_what_is_done_when_a_job_has_ended_takes_no_worker_with_it(serving, monkeypatch):
    client = serving()
    server = client.app.state.server
    monkeypatch.setattr(server.workers, "_ended", lambda *_: 1 / 0)
    monkeypatch.setattr(server.workers, "_say_trouble", lambda error: pytest.fail(repr(error)))
    for _ in range(2):
        done(client, "styles", {})
    id = client.post("/v1/tasks/compose", json=LONG).json()["id"]
    waiting = client.post("/v1/tasks/styles", json={}).json()["id"]
    for one in (waiting, id):
        assert client.post(f"/v1/jobs/{one}/cancel").status_code == 200


@contextlib.contextmanager
def held(these):
    """Keep the workers from taking jobs."""
    with these._lock:
        yield


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_that_has_died_is_seen_and_another_takes_its_place(serving, monkeypatch):
    client = serving()
    server = client.app.state.server
    monkeypatch.setattr(workers.Workers, "mend", lambda _: None)
    fatal = iter([SystemExit("a thread may be killed anywhere, also where it catches what kills it")])

    def unlucky(*_values):
        raise next(fatal, ValueError("no more"))

    monkeypatch.setattr(workers.Workers, "_say_trouble", unlucky)
    failing_once(monkeypatch, Unspeakable())
    id = client.post("/v1/tasks/styles", json={}).json()["id"]
    wait_for(lambda: client.get("/readyz").status_code == 503)
    assert refusal(client.get("/readyz"))["message"] == "a worker has died"
    assert server.store.job(id).status == "running"
    monkeypatch.undo()
    wait_for(lambda: server.store.job(id).status == "done")
    assert client.get("/readyz").status_code == 200
    assert server.store.job(id).attempts == 2
    done(client, "styles", {})


@pytest.mark.usefixtures("quick")
def test_a_job_is_not_lost_whose_worker_died_before_it_knew_of_it(serving):
    client = serving()
    server = client.app.state.server
    with held(server.workers):
        id = client.post("/v1/tasks/styles", json={}).json()["id"]
        assert server.store.take().id == id
    wait_for(lambda: server.store.job(id).status == "done")


def test_a_cancel_that_comes_as_a_job_is_taken_is_not_lost(serving, monkeypatch):
    client = serving()
    server = client.app.state.server
    whole, answers = server.store.take, []

    def take():
        job = whole()
        if job is not None:
            cancelling = Thread(target=lambda: answers.append(server.workers.cancel(job.id)))
            cancelling.start()
            cancelling.join(0.1)
        return job

    monkeypatch.setattr(server.store, "take", take)
    id = client.post("/v1/tasks/compose", json=LONG).json()["id"]
    wait_for(lambda: server.store.job(id).status == "cancelled")
    assert answers == [True]


def test_a_job_that_was_cancelled_as_the_server_stopped_is_not_begun_again(serving):
    client = serving()
    server = client.app.state.server
    id = client.post("/v1/tasks/compose", json=LONG).json()["id"]
    wait_for(lambda: server.store.job(id).status == "running")
    progress = server.workers.running[id]
    progress.put_back = True  # as a stop does
    assert server.workers.cancel(id)
    wait_for(lambda: server.store.job(id).status != "running")
    assert server.store.job(id).status == "cancelled"


@pytest.mark.parametrize("name", ["train", "doctor", "replay"])
def test_tasks_that_work_on_folders_of_this_machine_are_not_offered(name, shared):
    with pytest.raises(KeyError):
        task_class(name)
    assert shared.post(f"/v1/tasks/{name}", json={}).status_code == 404


def test_an_error_does_not_name_the_server_s_folders(tmp_path):
    path = tmp_path / "jobs" / "job-1" / "song.mid"
    assert error_message(ValueError(f"{path}: is broken"), tmp_path) == "song.mid: is broken"
    assert error_message(FileNotFoundError(2, "No such file", str(path)), tmp_path) == "song.mid: no such file"


def test_a_request_is_checked_as_on_every_face():
    with pytest.raises(ValueError, match="bars: 600 is not in 1–512"):
        request("compose", {"bars": 600}, {}, Models())
