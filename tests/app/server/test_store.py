"""What was accepted is neither lost nor done twice, and nobody waits behind another's many jobs."""

from __future__ import annotations

import time

import pytest

from menura.app.server.store import CANCELLED, DONE, FAILED, QUEUED, RUNNING, QueueFull, Store, file_name

ROOM = {"most_queued": 100, "most_of_client": 50}


@pytest.fixture
def store(tmp_path):
    one = Store(tmp_path / "state")
    yield one
    one.close()


def add(store, client="a", **inputs):
    return store.add(client, "compose", {"prompt": "x"}, inputs, **ROOM)


def reopened(store):
    store.close()
    fresh = Store(store.folder)
    fresh.recover()
    return fresh


def test_clients_take_turns_however_many_jobs_one_has(store):
    for _ in range(5):
        add(store, "greedy")
    add(store, "modest")
    add(store, "late")
    served = []
    while job := store.take():
        served.append(job.client)
        store.end(job.id, DONE)
    assert served == ["greedy", "modest", "late", "greedy", "greedy", "greedy", "greedy"]


def test_of_one_client_the_first_job_is_first(store):
    ids = [add(store).id for _ in range(3)]
    assert [store.place(id) for id in ids] == [1, 2, 3]
    assert [store.take().id for _ in range(3)] == ids
    assert store.take() is None


def test_a_job_that_ran_when_the_server_died_is_done_again_but_not_for_ever(store):
    id, waiting = add(store).id, add(store).id
    store.take()
    (store.job_folder(id) / "half.wav").write_bytes(b"x")
    store = reopened(store)
    assert [store.job(one).status for one in (id, waiting)] == [QUEUED, QUEUED]
    assert store.take().id == id
    assert list(store.job_folder(id).iterdir()) == []
    store = reopened(store)
    assert store.job(id).status == FAILED
    assert "ended 2 times" in store.job(id).error
    assert store.job(waiting).status == QUEUED
    store.close()


def test_a_job_that_has_ended_stays_as_it_is(store):
    id = add(store).id
    store.take()
    (store.job_folder(id) / "kept.wav").write_bytes(b"x")
    assert store.end(id, DONE, results=[{"name": "", "summary": {}, "files": []}])
    assert not store.end(id, FAILED, error="late")
    store = reopened(store)
    assert store.job(id).status == DONE
    assert store.job(id).results == ({"name": "", "summary": {}, "files": []},)
    assert (store.job_folder(id) / "kept.wav").exists()
    store.close()


def test_what_is_put_back_counts_as_not_begun(store):
    id = add(store).id
    for _ in range(4):
        assert store.take().id == id
        store.put_back(id)
    assert (store.job(id).status, store.job(id).attempts) == (QUEUED, 0)


def test_only_a_waiting_job_is_cancelled_at_once(store):
    id = add(store).id
    store.take()
    assert not store.cancel_queued(id)
    assert store.job(id).status == RUNNING
    other = add(store).id
    assert store.cancel_queued(other)
    assert store.job(other).status == CANCELLED


def test_the_queue_is_bounded_for_all_and_for_each(store):
    for _ in range(3):
        store.add("a", "x", {}, {}, most_queued=5, most_of_client=3)
    with pytest.raises(QueueFull):
        store.add("a", "x", {}, {}, most_queued=5, most_of_client=3)
    for client in "bc":
        store.add(client, "x", {}, {}, most_queued=5, most_of_client=3)
    with pytest.raises(QueueFull):
        store.add("d", "x", {}, {}, most_queued=5, most_of_client=3)


def test_a_job_keeps_its_inputs_when_the_upload_goes(store, tmp_path):
    (tmp_path / "up").write_bytes(b"sound")
    file = store.add_file("a", "in.wav", tmp_path / "up")
    path = store.file_path(file.id)
    job = store.add("a", "evaluate", {}, {"reference": (path, "in.wav"), "estimate": (path, "in.wav")}, **ROOM)
    store.remove_file(file.id)
    assert job.inputs == {"reference": "in.wav", "estimate": "in-2.wav"}
    assert [(store.job_folder(job.id) / name).read_bytes() for name in job.inputs.values()] == [b"sound"] * 2
    store.take()
    assert (store.job_folder(job.id) / "in.wav").exists()
    with pytest.raises(KeyError):
        store.file(file.id)


def test_what_nobody_knows_of_is_swept_away(store):
    (store.folder / "files" / ".abc.part").write_bytes(b"half an upload")
    (store.folder / "jobs" / "job-00000000000000000000").mkdir()
    kept = add(store).id
    store = reopened(store)
    assert [path.name for path in (store.folder / "jobs").iterdir()] == [kept]
    assert list((store.folder / "files").iterdir()) == []
    store.close()


def test_a_folder_serves_one_server(store):
    with pytest.raises(ValueError, match="another menura serve"):
        Store(store.folder)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("song.wav", "song.wav"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.wav", "x.wav"),
        ("..", "file"),
        ("/", "file"),
        ("", "file"),
        (None, "file"),
        ("a\x00b\n.wav", "a_b_.wav"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("très bon.mid", "très bon.mid"),
        ("x" * 300 + ".wav", "x" * 96 + ".wav"),
    ],
)
def test_a_name_is_never_a_path(sent, kept):
    assert file_name(sent) == kept


def test_what_is_old_is_forgotten_and_what_is_open_is_not(store, tmp_path):
    ended, running, waiting = add(store), add(store), add(store)
    for job in (store.take(), store.take()):
        assert job.id in (ended.id, running.id)
    store.end(ended.id, DONE)
    (tmp_path / "state" / "upload").write_bytes(b"x")
    file = store.add_file("a", "x.wav", tmp_path / "state" / "upload")
    assert store.forget(time.time() - 60) == 0
    assert store.forget(time.time() + 60) == 2
    assert {job.id for job in store.jobs("a", 10)} == {running.id, waiting.id}
    assert not store.job_folder(ended.id).exists()
    assert not store.file_path(file.id).exists()
    assert store.files("a", 10) == []
