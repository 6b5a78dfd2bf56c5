"""What was accepted is neither lost nor done twice, and nobody waits behind another's many jobs."""

from __future__ import annotations

import os
import time

import pytest

from menura.app.server import store as store_module
from menura.app.server.records import CANCELLED, DONE, FAILED, QUEUED, RUNNING, QueueFull, file_name
from menura.app.server.store import Store

ROOM = {"max_queued": 100, "max_queued_of_client": 50}


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


def test_who_removes_his_jobs_is_not_served_before_his_turn(store):
    for _ in range(3):
        add(store, "tidy")
        add(store, "untidy")
    served = []
    while job := store.take():
        served.append(job.client)
        store.end(job.id, DONE)
        if job.client == "tidy":
            store.remove_job(job.id)
    assert served == ["tidy", "untidy"] * 3


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
        store.add("a", "x", {}, {}, max_queued=5, max_queued_of_client=3)
    with pytest.raises(QueueFull):
        store.add("a", "x", {}, {}, max_queued=5, max_queued_of_client=3)
    for client in "bc":
        store.add(client, "x", {}, {}, max_queued=5, max_queued_of_client=3)
    with pytest.raises(QueueFull):
        store.add("d", "x", {}, {}, max_queued=5, max_queued_of_client=3)


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


def test_inputs_of_one_name_are_all_kept(store, tmp_path):
    """However many there are, each is under a name of its own."""
    inputs = {}
    for number in range(4):
        (tmp_path / str(number)).write_text(str(number))
        inputs[f"input{number}"] = (tmp_path / str(number), "in.wav")
    job = add(store, **inputs)
    held = {field: (store.job_folder(job.id) / name).read_text() for field, name in job.inputs.items()}
    assert held == {f"input{number}": str(number) for number in range(4)}


STRANGE = ("jobs/job-00000000000000000000/piece.wav", "files/file-00000000000000000000", "files/.0123456789abcdef.part",
           "jobs/thesis.doc", "files/holiday.jpg", "jobs/job-x/piece.wav")  # fmt: skip


def test_what_the_database_does_not_know_is_left_alone(store):
    """Only names that the database itself says are over are taken away."""
    kept = add(store).id
    for name in STRANGE:
        (store.folder / name).parent.mkdir(exist_ok=True)
        (store.folder / name).write_bytes(b"dear")
    (store.job_folder(kept) / "half.wav").write_bytes(b"x")
    store = reopened(reopened(store))
    assert all((store.folder / name).read_bytes() == b"dear" for name in STRANGE)
    assert store.job(kept).status == QUEUED
    store.close()


def interrupted(monkeypatch, name, call, number=1):
    """Let a function fail the `number`th time it is called, as if the process had ended there."""
    owner, count = {"os": os, "store": store_module}[name.partition(".")[0]], iter(range(1, 1000))
    whole = getattr(owner, name.partition(".")[2])

    def failing(*values, **named):
        if next(count) == number:
            raise KeyboardInterrupt
        return whole(*values, **named)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name.partition(".")[2], failing)
        patch.setattr(Store, "_sweep", lambda *_: None)  # a process that is killed cleans nothing up
        with pytest.raises(KeyboardInterrupt):
            call()


def received(store):
    with store.scratch() as path:
        path.write_bytes(b"half")
        path.with_name("file-" + "1" * 20).write_bytes(b"another's")
        store.add_file("a", "b.wav", path)


def test_what_a_death_left_half_done_is_swept_by_the_next_start_and_nothing_else(store, tmp_path, monkeypatch):
    """Whenever the server dies, what it was making has a row, or is swept: nothing is left without either."""
    (tmp_path / "in").write_bytes(b"x")
    file = store.add_file("a", "in.wav", tmp_path / "in")
    given = {"file": (store.file_path(file.id), "in.wav")}
    ended = add(store).id
    store.end(ended, FAILED)
    interrupted(monkeypatch, "store._put", lambda: store.add("a", "render", {}, given, **ROOM))
    interrupted(monkeypatch, "store.as_json", lambda: store.add("a", "render", {}, given, **ROOM), 2)
    interrupted(monkeypatch, "os.replace", lambda: received(store))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "_sweep", lambda *_: None)
        store.remove_job(ended)
    assert len(list((store.folder / "jobs").iterdir())) == 3
    store = reopened(store)
    assert list((store.folder / "jobs").iterdir()) == []
    assert {path.name for path in (store.folder / "files").iterdir()} == {file.id, "file-" + "1" * 20}
    assert store.file_bytes("a") == 1
    store.close()


@pytest.mark.parametrize("what", ["lost", "emptied", "lost with its log kept"])
def test_without_its_database_a_folder_keeps_all_it_holds(store, tmp_path, what):
    id = add(store).id
    (store.job_folder(id) / "piece.wav").write_bytes(b"dear")
    (tmp_path / "up").write_bytes(b"dear too")
    file = store.add_file("a", "in.wav", tmp_path / "up")
    removed = add(store).id
    store.end(removed, DONE)
    store.remove_job(removed)
    store.job_folder(removed).mkdir()
    log = store.folder / "jobs.sqlite-wal"
    content = log.read_bytes()
    store.close()
    if what == "emptied":
        (store.folder / "jobs.sqlite").write_bytes(b"")
    else:
        (store.folder / "jobs.sqlite").unlink()
    if what == "lost with its log kept":
        log.write_bytes(content)
    for number in range(2):
        fresh = Store(store.folder)
        fresh.recover()
        assert len(fresh.jobs("a", 10)) == number
        assert fresh.end(add(fresh).id, CANCELLED)
        fresh.close()
    assert (store.job_folder(id) / "piece.wav").read_bytes() == b"dear"
    assert store.file_path(file.id).read_bytes() == b"dear too"
    assert store.job_folder(removed).exists()


def test_a_link_among_jobs_is_not_followed(store, tmp_path):
    """A job's folder on another disk, put there by hand, keeps what is in it when the job is removed."""
    id = add(store).id
    store.end(id, DONE)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "piece.wav").write_bytes(b"dear")
    store.job_folder(id).rmdir()
    store.job_folder(id).symlink_to(tmp_path / "elsewhere")
    store.remove_job(id)
    assert not store.job_folder(id).is_symlink()
    assert (tmp_path / "elsewhere" / "piece.wav").exists()


def test_a_job_that_ran_at_a_death_runs_alone_so_that_the_guilty_one_is_known(store):
    first, second, third = (add(store).id for _ in range(3))
    assert {store.take().id, store.take().id} == {first, second}
    store = reopened(store)
    assert store.take().id == first
    assert store.take() is None
    store = reopened(store)
    assert [store.job(id).status for id in (first, second, third)] == [FAILED, QUEUED, QUEUED]
    assert store.take().id == second
    assert store.take() is None
    store.end(second, DONE)
    assert store.take().id == third
    store.close()


def test_a_job_that_was_cancelled_while_it_ran_is_not_begun_again(store):
    at_death, at_stop = add(store).id, add(store).id
    for id in (at_death, at_stop):
        assert store.take().id == id
        store.cancel_running(id)
    store.put_back(at_stop)
    store = reopened(store)
    assert [store.job(id).status for id in (at_death, at_stop)] == [CANCELLED, CANCELLED]
    assert store.take() is None
    store.close()


def test_a_list_goes_on_after_what_was_removed_meanwhile(store, tmp_path):
    """Whoever removes what he reads, page by page, comes to the end."""
    for number in range(5):
        (tmp_path / "up").write_bytes(b"x")
        store.add_file("a", f"{number}.wav", tmp_path / "up")
        store.end(add(store).id, DONE)
    seen, last = [], None
    while page := store.files("a", 2, last):
        seen += [file.name for file in page]
        last = page[-1].id
        for file in page:
            store.remove_file(file.id)
    assert seen == ["4.wav", "3.wav", "2.wav", "1.wav", "0.wav"]
    count, last = 0, None
    while page := store.jobs("a", 2, last):
        count, last = count + len(page), page[-1].id
        for job in page:
            store.remove_job(job.id)
    assert count == 5
    for unknown in (last, "job-00000000000000000000"):
        with pytest.raises(KeyError):
            store.jobs("b", 2, unknown)


def test_what_happens_takes_no_more_room_on_the_disk(store):
    """So that jobs can end, and be removed, when the disk is full."""
    ids = [add(store).id for _ in range(40)]
    before = {path.name: path.stat().st_size for path in store.folder.glob("jobs.sqlite*")}
    for _ in ids:
        id = store.take().id
        store.end(id, DONE, results=[{"name": "", "summary": {"x": "y" * 2000}, "files": []}])
        store.remove_job(id)
    assert {path.name: path.stat().st_size for path in store.folder.glob("jobs.sqlite*")} == before


def test_words_and_numbers_that_json_cannot_hold_are_kept_as_near_as_can_be(store):
    id = add(store).id
    store.end(id, FAILED, results=[{"\ud800": float("inf"), "n": float("nan")}], told=["a\udfffb"], error="\ud800")
    job = store.job(id)
    assert job.results == ({"?": None, "n": None},)
    assert (job.told, job.error) == (("a?b",), "?")


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
        ("あ" * 300 + ".wav", "あ" * 65 + ".wav"),
        ("𠀀" * 300 + ".wav", "𠀀" * 49 + ".wav"),
        ("é" * 96 + ".wav", "é" * 96 + ".wav"),
    ],
)
def test_a_name_is_never_a_path_and_never_too_long(sent, kept, tmp_path):
    assert file_name(sent) == kept
    (tmp_path / file_name(sent)).touch()


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


def test_a_folder_of_an_earlier_version_is_read(tmp_path):
    """Jobs that were stored before they could have names and stars are there still, without them."""
    store = Store(tmp_path)
    id = add(store).id
    for column in ("name", "starred"):
        store._database.run(f"ALTER TABLE jobs DROP COLUMN {column}")
    store.close()
    store = Store(tmp_path)
    assert (store.job(id).name, store.job(id).starred) == ("", False)
    store.change(id, name="mine", starred=True)
    store.close()
    store = Store(tmp_path)
    assert (store.job(id).name, store.job(id).starred) == ("mine", True)
    store.close()
