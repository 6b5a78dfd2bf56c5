"""A task over HTTP is the task of the command line, as a job that can be watched, cancelled, found and fetched."""

from __future__ import annotations

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from menura.app.cli import OK, main
from menura.app.server import server as server_module
from menura.app.server.store import Store
from menura.audio import io

from .conftest import COMPOSE, done, refusal, upload

COMMAND = ["compose", COMPOSE["prompt"], *(f"--{name}={value}" for name, value in COMPOSE.items() if name != "prompt")]
LONG = {"prompt": "string quartet, 400 bars", "seed": 1, "n": 1}


def files_of(job: dict, kind: str) -> list[dict]:
    return [file for result in job["results"] for file in result["files"] if file["kind"] == kind]


def test_a_job_has_the_files_that_the_command_line_writes(shared, tmp_path, monkeypatch):
    job = done(shared, "compose", COMPOSE)
    assert job["progress"] == 1
    assert job["told"][0] == "“waltz” → 3/4, 140 bpm, style waltz 100%"
    monkeypatch.chdir(tmp_path)
    assert main([*COMMAND, "--quiet"]) == OK
    for kind in ("audio", "notes", "picture"):
        (file,) = files_of(job, kind)
        content = shared.get(file["url"])
        assert content.content == (tmp_path / file["name"]).read_bytes()
        assert len(content.content) == file["bytes"]
        assert content.headers["content-type"].partition(";")[0] == file["type"]
    (sidecar,) = files_of(job, "sidecar")
    ours, theirs = shared.get(sidecar["url"]).json(), json.loads((tmp_path / sidecar["name"]).read_text())
    assert {**ours, "created": ""} == {**theirs, "created": ""}


@pytest.mark.parametrize("format", ["wav", "flac", "ogg", "opus", "mp3", "aiff"])
def test_every_format_is_the_file_that_the_command_line_writes(shared, tmp_path, format):
    job = done(shared, "compose", {**COMPOSE, "format": format})
    (file,) = files_of(job, "audio")
    assert main([*COMMAND, "--format", format, "-o", str(tmp_path / "x")]) == OK
    ours, theirs = shared.get(file["url"]).content, (tmp_path / f"x.{format}").read_bytes()
    if format in ("ogg", "opus"):  # an ogg stream has a number of its own
        ours, theirs = (io.read(_written(tmp_path / "y.ogg", content)).samples for content in (ours, theirs))
        assert (ours == theirs).all()
    else:
        assert ours == theirs


def _written(path, content):
    path.write_bytes(content)
    return path


def test_sound_is_given_in_other_formats_and_notes_as_json(shared, tmp_path):
    job = done(shared, "compose", COMPOSE)
    (sound,), (notes,), (picture,) = (files_of(job, kind) for kind in ("audio", "notes", "picture"))
    flac = shared.get(sound["url"], params={"format": "flac"})
    assert flac.headers["content-type"] == "audio/flac"
    audio = io.read(_written(tmp_path / "x.flac", flac.content))
    assert (audio.samples == io.read(_written(tmp_path / "x.wav", shared.get(sound["url"]).content)).samples).all()
    read = shared.get(notes["url"], params={"format": "notes"}).json()
    assert len(read["bars"]) == 2
    assert sum(len(track["notes"]) for track in read["tracks"]) == job["results"][0]["summary"]["notes"]
    assert shared.get(picture["url"], params={"format": "mp3"}).status_code == 406
    assert shared.get(sound["url"], params={"format": "notes"}).status_code == 406
    assert refusal(shared.get(sound["url"], params={"format": "exe"}))["param"] == "format"


def test_a_range_of_a_file_can_be_asked_for(shared):
    (sound,) = files_of(done(shared, "compose", COMPOSE), "audio")
    whole = shared.get(sound["url"]).content
    part = shared.get(sound["url"], headers={"range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole[100:200]
    assert shared.get(sound["url"], headers={"range": f"bytes={len(whole)}-"}).status_code == 416


def test_a_task_without_files_has_a_summary(shared):
    job = done(shared, "styles", {})
    assert {"style": "bach"} in job["results"][0]["summary"]["styles"]
    assert job["results"][0]["files"] == []


def test_the_seed_that_was_drawn_makes_it_again(shared):
    first = done(shared, "compose", {**COMPOSE, "seed": None})
    again = done(shared, "compose", first["parameters"])
    assert (
        shared.get(files_of(first, "audio")[0]["url"]).content == shared.get(files_of(again, "audio")[0]["url"]).content
    )


def test_files_and_results_are_inputs(shared, sound):
    encoded = done(shared, "encode", {"file": upload(shared, sound), "model": "small"})
    assert encoded["results"][0]["files"][0]["name"] == "in-encode.mnr"
    decoded = done(shared, "decode", {"file": f"{encoded['id']}/in-encode.mnr"})
    (out,) = files_of(decoded, "audio")
    measured = done(
        shared, "evaluate", {"reference": upload(shared, sound), "estimate": f"{decoded['id']}/{out['name']}"}
    )
    assert measured["results"][0]["summary"]["readings"]


def test_a_form_may_hold_the_files_themselves(shared, sound):
    answer = shared.post(
        "/v1/tasks/encode?wait=60", data={"kbps": "1", "model": "small"}, files={"file": ("in.wav", sound.read_bytes())}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "done", answer.text
    assert answer.json()["parameters"]["file"].startswith("file-")


def test_fields_go_by_the_names_people_use(shared):
    first = done(shared, "compose", COMPOSE)
    (notes,) = files_of(first, "notes")
    longer = done(shared, "compose", {"continue": f"{first['id']}/{notes['name']}", "bars": 2, "seed": 1})
    assert longer["results"][0]["summary"]["bars"] == 4


@pytest.mark.parametrize(
    ("parameters", "param"),
    [
        ({"bars": 600}, "bars"),
        ({"barz": 6}, "barz"),
        ({"key": ["C"]}, "key"),
        ({"output": "/tmp/x"}, "output"),
        ({"soundfont": "/etc/passwd"}, "soundfont"),
        ({"continue": "file-00000000000000000000"}, "continue"),
    ],
)
def test_a_wrong_parameter_is_named(shared, parameters, param):
    error = refusal(shared.post("/v1/tasks/compose", json=parameters))
    assert error["param"] == param
    assert error["type"] == "invalid_request_error"


def test_what_goes_wrong_later_is_the_job_s_error(shared, tmp_path):
    (tmp_path / "no.mid").write_bytes(b"MThd no")
    answer = shared.post("/v1/tasks/render?wait=60", json={"file": upload(shared, tmp_path / "no.mid")}).json()
    assert answer["status"] == "failed"
    assert answer["error"]["message"].startswith("no.mid")
    assert answer["results"] == []


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff", b'{"bars": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(shared, body):
    refusal(shared.post("/v1/tasks/compose", content=body, headers={"content-type": "application/json"}))


def test_a_running_job_is_watched_and_cancelled(shared):
    job = shared.post("/v1/tasks/compose", json=LONG).json()
    seen = []
    with shared.stream("GET", f"/v1/jobs/{job['id']}/events") as events:
        for line in events.iter_lines():
            if line.startswith("data: "):
                seen.append(json.loads(line.removeprefix("data: ")))
                if seen[-1]["progress"] > 0.01 and not any(one["status"] == "cancelled" for one in seen):
                    shared.post(f"/v1/jobs/{job['id']}/cancel")
    assert seen[-1]["status"] == "cancelled"
    assert any(one["doing"] == "composing" for one in seen)
    assert seen[-1]["results"] == []
    folder = shared.app.state.server.store.job_folder(job["id"])
    assert list(folder.iterdir()) == []


def test_a_waiting_job_knows_its_place_and_is_cancelled_at_once(shared):
    first, second = (shared.post("/v1/tasks/compose", json=LONG).json() for _ in range(2))
    assert shared.get(f"/v1/jobs/{second['id']}").json()["place"] in (1, 2)
    assert shared.post(f"/v1/jobs/{second['id']}/cancel").json()["status"] == "cancelled"
    assert shared.post(f"/v1/jobs/{second['id']}/cancel").status_code == 409
    assert shared.delete(f"/v1/jobs/{first['id']}").status_code == 409
    shared.post(f"/v1/jobs/{first['id']}/cancel")
    until = time.monotonic() + 20
    while shared.get(f"/v1/jobs/{first['id']}").json()["status"] != "cancelled":
        assert time.monotonic() < until
        time.sleep(0.05)


def test_history_is_searched_paged_and_deleted(serving):
    client = serving()
    for title in ("elephant", "giraffe", "elephant again"):
        done(client, "styles", {}) if title == "giraffe" else client.post(
            "/v1/tasks/compose?wait=60", json={"prompt": f"{title}, 1 bar, flute"}
        )
    listed = client.get("/v1/jobs").json()
    assert [job["task"] for job in listed["data"]] == ["compose", "styles", "compose"]
    found = client.get("/v1/jobs", params={"search": "ELEPHANT again"}).json()["data"]
    assert [job["parameters"]["prompt"] for job in found] == ["elephant again, 1 bar, flute"]
    page = client.get("/v1/jobs", params={"limit": 2}).json()
    assert page["has_more"]
    rest = client.get("/v1/jobs", params={"limit": 2, "before": page["data"][-1]["id"]}).json()
    assert [len(page["data"]), len(rest["data"]), rest["has_more"]] == [2, 1, False]
    gone = listed["data"][0]
    assert client.delete(f"/v1/jobs/{gone['id']}").status_code == 204
    assert client.get(f"/v1/jobs/{gone['id']}").status_code == 404
    assert client.get(files_of(gone, "audio")[0]["url"]).status_code == 404


def test_a_full_queue_says_so(serving):
    client = serving(max_queued_of_client=2)
    codes = [client.post("/v1/tasks/compose", json=LONG).status_code for _ in range(4)]
    assert codes[-1] == 429
    answer = client.post("/v1/tasks/compose", json=LONG)
    assert answer.headers["retry-after"]
    assert refusal(answer)["type"] == "rate_limit_error"
    for job in client.get("/v1/jobs").json()["data"]:
        client.post(f"/v1/jobs/{job['id']}/cancel")


def test_a_server_that_is_told_so_forgets_what_is_old(serving):
    first = serving()
    job = done(first, "compose", COMPOSE)
    first.__exit__(None, None, None)
    time.sleep(0.05)
    again = serving(kept_days=0.05 / 86_400)
    until = time.monotonic() + 10
    while again.get(f"/v1/jobs/{job['id']}").status_code == 200:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert again.get(f"/v1/jobs/{job['id']}").status_code == 404


def test_a_job_is_called_and_starred_as_its_owner_likes(serving):
    """Names and stars are kept, found by a search, and change nothing else; what is left away stays."""
    client = serving()
    plain, other = done(client, "styles", {}), done(client, "instruments", {})
    assert (plain["name"], plain["starred"]) == ("", False)
    address = f"/v1/jobs/{plain['id']}"
    named = client.patch(address, json={"name": "  Für\n Élise  "}).json()
    assert named == {**plain, "name": "Für Élise"}
    starred = client.patch(address, json={"starred": True}).json()
    assert starred == client.get(address).json() == {**named, "starred": True}
    for query in ({"search": "élise"}, {"starred": "true"}, {"search": "für styles", "starred": "true"}):
        assert [one["id"] for one in client.get("/v1/jobs", params=query).json()["data"]] == [plain["id"]], query
    assert [one["id"] for one in client.get("/v1/jobs").json()["data"]] == [other["id"], plain["id"]]
    assert client.patch(address, json={"name": "", "starred": False}).json() == plain


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "x" * 201},
        {"name": 3},
        {"starred": "perhaps"},
        {"status": "done"},
        {"name": "\ud800"},
        ["name"],
        "name",
    ],
)
def test_a_wrong_change_is_refused(shared, asked):
    job = done(shared, "styles", {})
    content = json.dumps(asked).encode()
    answer = shared.patch(f"/v1/jobs/{job['id']}", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert refusal(answer)
    assert shared.get(f"/v1/jobs/{job['id']}").json() == job


def test_what_is_old_goes_though_it_could_not_at_first(serving, monkeypatch):
    """The one who removes it goes on after a failure, as everyone in the server does."""
    monkeypatch.setattr(server_module, "_HOUR_S", 0.02)
    failures, whole = [sqlite3.OperationalError("disk I/O error"), OSError("no")], Store.forget

    def forget(*values):
        if failures:
            raise failures.pop()
        return whole(*values)

    monkeypatch.setattr(Store, "forget", forget)
    client = serving(kept_days=0.05 / 86_400)
    job = done(client, "styles", {})
    until = time.monotonic() + 10
    while client.get(f"/v1/jobs/{job['id']}").status_code == 200:
        assert time.monotonic() < until
        time.sleep(0.02)


KEY = {"idempotency-key": "3f1c"}


def test_what_is_asked_again_with_its_key_is_the_same_job(serving, sound):
    """A client that did not hear the answer may ask again: in JSON or a form, while it runs, and after a restart."""
    client = serving()
    first = client.post("/v1/tasks/compose", json=LONG, headers=KEY)
    assert first.status_code == 202
    again = client.post("/v1/tasks/compose", json=dict(reversed(LONG.items())), headers=KEY)
    assert again.json()["id"] == first.json()["id"]
    client.post(f"/v1/jobs/{first.json()['id']}/cancel")
    form = {"data": {"model": "small"}, "files": {"file": ("in.wav", sound.read_bytes())}}
    ids = set()
    for _ in range(2):
        answer = client.post("/v1/tasks/encode?wait=30", headers={"idempotency-key": "form"}, **form)
        assert answer.json()["status"] == "done"
        ids.add(answer.json()["id"])
    assert len(ids) == 1
    assert len(client.get("/v1/files").json()["data"]) == 1
    client.__exit__(None, None, None)
    later = serving()
    assert later.post("/v1/tasks/compose", json=LONG, headers=KEY).json()["id"] == first.json()["id"]
    assert len(later.get("/v1/jobs").json()["data"]) == 2


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_that_is_none_is_refused(shared, key):
    assert (
        refusal(shared.post("/v1/tasks/styles", json={}, headers={"idempotency-key": key}))["param"]
        == "Idempotency-Key"
    )


def test_a_key_is_good_for_one_request_of_one_client(serving, sound):
    client = serving()
    mine = client.post("/v1/tasks/styles", json={}, headers=KEY).json()["id"]
    for task, parameters in (("styles", {"x": 1}), ("instruments", {}), ("compose", {"bars": 600})):
        answer = client.post(f"/v1/tasks/{task}", json=parameters, headers=KEY)
        assert (answer.status_code, refusal(answer)["code"]) == (422, "idempotency_key_reused")
    other = client.post("/v1/tasks/styles", json={}, headers=KEY | {"menura-client": "another"})
    assert other.json()["id"] != mine
    refused = client.post("/v1/tasks/compose", json={"bars": 600}, headers={"idempotency-key": "refused"})
    assert refused.status_code == 400
    right = {"idempotency-key": "refused"}
    assert client.post("/v1/tasks/styles", json={}, headers=right).status_code == 202  # a refusal uses no key up
    changed = {"idempotency-key": "changed"}
    client.post(
        "/v1/tasks/encode", data={"model": "small"}, files={"file": ("in.wav", sound.read_bytes())}, headers=changed
    )
    answer = client.post("/v1/tasks/encode", data={"model": "small"}, files={"file": ("in.wav", b"x")}, headers=changed)
    assert answer.status_code == 422


def test_of_many_who_ask_at_once_with_one_key_one_is_taken(serving, sound):
    client = serving()
    content = sound.read_bytes()

    def ask(_):
        form = {"data": {"model": "small"}, "files": {"file": ("in.wav", content)}}
        return client.post("/v1/tasks/encode", headers=KEY, **form).json()["id"]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert len(client.get("/v1/jobs").json()["data"]) == 1
    assert len(client.get("/v1/files").json()["data"]) == 1


def test_whoever_waits_for_a_job_that_is_removed_is_told(serving):
    client = serving()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.post, "/v1/tasks/compose?wait=30", json=LONG)
        while not (jobs := client.get("/v1/jobs").json()["data"]):
            time.sleep(0.01)
        client.post(f"/v1/jobs/{jobs[0]['id']}/cancel")
        while client.delete(f"/v1/jobs/{jobs[0]['id']}").status_code == 409:
            time.sleep(0.01)
        assert answer.result().status_code in (200, 404)


def test_what_is_odd_about_a_file_is_told_with_the_job_and_without_the_server_s_folders(shared, sound, tmp_path):
    (tmp_path / "cut.wav").write_bytes(sound.read_bytes()[:50_000])
    job = done(shared, "encode", {"file": upload(shared, tmp_path / "cut.wav"), "model": "small"})
    assert job["told"] == ["warning: cut.wav: is cut short: 49956 of 96000 bytes of sound are there, and were read"]


def test_a_file_that_is_looked_at_before_the_work_is_the_one_that_was_sent(shared, tmp_path, tunes):
    """A theme is read when the request is checked; what is wrong with it is told by the name it was sent under."""
    (tmp_path / "broken.mid").write_bytes(b"no notes")
    answer = shared.post("/v1/tasks/compose", json={**COMPOSE, "theme_file": upload(shared, tmp_path / "broken.mid")})
    assert answer.status_code == 400
    assert "broken.mid" in refusal(answer)["message"]
    theme = upload(shared, tunes(1, tmp_path / "tunes", bars=2) / "tune-0.mid")
    answer = shared.post("/v1/tasks/compose", json={**COMPOSE, "prompt": "piano, 8 bars", "theme_file": theme})
    assert answer.status_code == 202, answer.text
    shared.post(f"/v1/jobs/{answer.json()['id']}/cancel")
