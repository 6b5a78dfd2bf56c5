"""Uploads are listed to the last, by any client that speaks OpenAI's way of it, and take no room for good."""

from __future__ import annotations

import openai
import pytest

from menura.app.server.api import create_app

from .conftest import done, refusal, upload
from .test_guard import listening

TOKEN = "a-token-of-mine"


def send(client, name, content=b"x", **options):
    return client.post("/v1/files", files={"file": (name, content)}, **options)


def test_the_client_of_openai_lists_reads_and_removes_everything(settings):
    """`files.list()` ends, though files go while it is read; `files.delete` understands what it is told."""
    app = create_app(settings)
    with listening(app) as port:
        client = openai.OpenAI(base_url=f"http://localhost:{port}/v1", api_key=TOKEN, max_retries=0)
        ids = [client.files.create(file=(f"{n}.wav", b"%d" % n), purpose="user_data").id for n in range(7)]
        assert [file.id for file in client.files.list(limit=3)] == ids[::-1]
        assert [file.id for file in client.files.list(order="asc", limit=2)] == ids
        assert [file.id for file in client.files.list()] == ids[::-1]
        assert list(client.files.list(purpose="batch")) == []
        assert client.files.content(ids[3]).read() == b"3"
        assert client.files.retrieve(ids[3]).filename == "3.wav"
        assert client.files.wait_for_processing(ids[3], max_wait_seconds=1).status == "processed"
        gone = client.files.delete(ids[0])
        assert (gone.id, gone.deleted, gone.object) == (ids[0], True, "file")
        with pytest.raises(openai.NotFoundError, match="there is no file"):
            client.files.retrieve(ids[0])
        for file in client.files.list(limit=2):
            client.files.delete(file.id)
        assert list(client.files.list()) == []
        assert "score_lm" in [model.id for model in client.models.list()]
        assert client.models.retrieve("score_lm").owned_by == "menura"


def test_more_files_than_a_page_holds_have_a_next_page(serving, tmp_path):
    client = serving()
    store = client.app.state.server.store
    for number in range(203):
        (tmp_path / "up").write_bytes(b"x")
        store.add_file("local", f"{number}.wav", tmp_path / "up")
    seen, page = [], {"has_more": True, "last_id": None}
    while page["has_more"]:
        page = client.get("/v1/files", params={"limit": 50} | ({"after": page["last_id"]} if seen else {})).json()
        seen += [file["filename"] for file in page["data"]]
        assert page["first_id"] == page["data"][0]["id"]
    assert seen == [f"{number}.wav" for number in range(202, -1, -1)]
    assert len(client.get("/v1/files", params={"limit": 10_000}).json()["data"]) == 203
    assert refusal(client.get("/v1/files", params={"after": "file-00000000000000000000"}))["param"] == "after"
    other = {"menura-client": "another"}
    assert client.get("/v1/files", params={"after": page["last_id"]}, headers=other).status_code == 404


def test_a_file_that_came_with_a_job_goes_with_it(serving, sound):
    client = serving()
    asked = {"data": {"kbps": "1", "model": "small"}, "files": {"file": ("in.wav", sound.read_bytes())}}
    job = client.post("/v1/tasks/encode?wait=60", **asked).json()
    assert job["status"] == "done"
    kept = upload(client, sound)
    assert {file["id"] for file in client.get("/v1/files").json()["data"]} == {job["parameters"]["file"], kept}
    client.delete(f"/v1/jobs/{job['id']}")
    assert [file["id"] for file in client.get("/v1/files").json()["data"]] == [kept]


@pytest.mark.parametrize(
    ("data", "files"),
    [
        ({"kbps": "a lot"}, {"file": ("in.wav", b"x")}),
        ({"barz": "1"}, {"file": ("in.wav", b"x")}),
        ({}, [("file", ("in.wav", b"x")), ("file", ("in.wav", b"x"))]),
        ({"file": "file-00000000000000000000"}, {"file": ("in.wav", b"x")}),
    ],
)
def test_a_request_that_is_refused_leaves_no_file_behind(serving, data, files):
    client = serving()
    assert client.post("/v1/tasks/encode", data=data, files=files).status_code == 400
    full = serving(state=client.app.state.server.settings.state / "other", max_queued_of_client=0)
    assert full.post("/v1/tasks/encode", files={"file": ("in.wav", b"x")}).status_code == 429
    for one in (client, full):
        listed = one.get("/v1/files").json()
        assert (listed["data"], listed["used_bytes"]) == ([], 0)
        assert list((one.app.state.server.settings.state / "files").iterdir()) == []


def test_a_field_that_means_nothing_is_named(serving):
    client = serving()
    answer = send(client, "x", data={"expires_after[seconds]": "60"})
    assert refusal(answer)["param"] == "expires_after[seconds]"
    assert send(client, "x", data={"purpose": "user_data"}).status_code == 200


@pytest.mark.parametrize(
    "name", ["音楽の練習曲第一番" * 12 + ".wav", "𠀀" * 200 + ".wav", "x" * 400, "a" * 250 + ".tar.gz", "é" * 108]
)
def test_a_file_of_a_long_name_is_kept_and_worked_on(serving, sound, name):
    client = serving()
    id = send(client, name, sound.read_bytes()).json()["id"]
    assert client.get(f"/v1/files/{id}/content").status_code == 200
    job = done(client, "encode", {"file": id, "model": "small"})
    assert client.get(job["results"][0]["files"][0]["url"]).status_code == 200
    measured = done(client, "evaluate", {"reference": id, "estimate": id, "metrics": "snr"})
    assert measured["inputs"]["reference"] != measured["inputs"]["estimate"]


def test_a_file_sent_again_with_its_key_is_kept_once(serving):
    client = serving(kept_mb=1)
    again = {"headers": {"idempotency-key": "upload-1"}}
    first = send(client, "a.wav", b"x" * 600_000, **again).json()
    assert send(client, "a.wav", b"x" * 600_000, **again).json() == first
    answer = send(client, "a.wav", b"y", **again)
    assert (answer.status_code, refusal(answer)["code"]) == (422, "idempotency_key_reused")
    assert [file["id"] for file in client.get("/v1/files").json()["data"]] == [first["id"]]
    other = {"headers": {"idempotency-key": "upload-1", "menura-client": "another"}}
    assert send(client, "a.wav", b"y", **other).json()["id"] != first["id"]
