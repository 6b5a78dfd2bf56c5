"""Jobs are done with one set of models; a stop loses none, and an idle server gives memory back."""

from __future__ import annotations

import time

import pytest
from starlette.testclient import TestClient

from menura.app.server.api import create_app
from menura.app.server.store import Store
from menura.app.server.workers import request, task_class, told

from .conftest import COMPOSE, done

LONG = {"prompt": "string quartet, 400 bars"}


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


def test_a_job_that_fails_for_a_fault_of_ours_says_no_more_than_that(serving, monkeypatch):
    client = serving()
    monkeypatch.setattr("menura.app.server.workers.perform", lambda *_: 1 / 0)
    job = client.post("/v1/tasks/compose?wait=10", json=COMPOSE).json()
    assert job["status"] == "failed"
    assert job["error"]["message"] == "internal error; the server's log says more"
    monkeypatch.undo()
    done(client, "compose", COMPOSE)


@pytest.mark.parametrize("name", ["train", "doctor", "replay"])
def test_tasks_that_work_on_folders_of_this_machine_are_not_offered(name, shared):
    with pytest.raises(KeyError):
        task_class(name)
    assert shared.post(f"/v1/tasks/{name}", json={}).status_code == 404


def test_an_error_does_not_name_the_server_s_folders(tmp_path):
    path = tmp_path / "jobs" / "job-1" / "song.mid"
    assert told(ValueError(f"{path}: is broken"), tmp_path) == "song.mid: is broken"
    assert told(FileNotFoundError(2, "No such file", str(path)), tmp_path) == "song.mid: no such file"


def test_a_request_is_checked_as_on_every_face():
    with pytest.raises(ValueError, match="bars: 600 is not in 1–512"):
        request("compose", {"bars": 600}, {})
