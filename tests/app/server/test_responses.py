"""Files and lists travel as HTTP's own words allow: in parts, only if changed, compressed, or as headers alone."""

from __future__ import annotations

import gzip
import time

import pytest

from .conftest import COMPOSE, done, refusal, upload
from .test_jobs import files_of


@pytest.fixture(scope="module")
def kept(shared, sound) -> tuple[dict[str, str], bytes]:
    """Addresses of a result and of an upload, and the upload's content."""
    (result,) = files_of(done(shared, "compose", COMPOSE), "audio")
    return {"result": result["url"], "upload": f"/v1/files/{upload(shared, sound)}/content"}, sound.read_bytes()


@pytest.fixture(params=["result", "upload"])
def address(request, kept) -> str:
    return kept[0][request.param]


@pytest.mark.parametrize(
    "path",
    ["/", "/healthz", "/readyz", "/metrics", "/v1/tasks", "/v1/models", "/v1/files", "/v1/jobs", "/openapi.json"],
)
def test_whatever_is_read_answers_head_with_the_same_headers_and_no_body(shared, path):
    read, head = shared.get(path), shared.head(path)
    assert head.status_code == read.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == read.headers["content-type"]
    shared.cookies.clear()


def test_head_of_a_file_job_or_its_events_sends_nothing_and_waits_for_nothing(shared, address):
    job = shared.post("/v1/tasks/compose", json={"prompt": "string quartet, 400 bars"}).json()["id"]
    for path in (address, f"/v1/jobs/{job}", f"/v1/jobs/{job}/events"):
        head = shared.head(path)
        assert (head.status_code, head.content) == (200, b"")
    assert int(shared.head(address).headers["content-length"]) == len(shared.get(address).content)
    shared.post(f"/v1/jobs/{job}/cancel")
    assert shared.head("/v1/jobs/job-00000000000000000000").status_code == 404


def test_what_a_client_has_is_not_sent_again(shared, address):
    first = shared.get(address)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    later = "Fri, 01 Jan 2100 00:00:00 GMT"
    for known in (
        {"if-none-match": tag},
        {"if-none-match": f'"other", W/{tag}'},
        {"if-none-match": "*"},
        {"if-modified-since": date},
        {"if-modified-since": later},
    ):
        for ask in (shared.get, shared.head):
            answer = ask(address, headers=known)
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["etag"] == tag
    for unknown in (
        {"if-none-match": '"other"'},
        {"if-none-match": '"other"', "if-modified-since": later},
        {"if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"if-modified-since": "tomorrow"},
    ):
        assert shared.get(address, headers=unknown).content == first.content
    assert "no-store" not in first.headers["cache-control"]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=100-199", slice(100, 200)),
        ("bytes=0-0", slice(0, 1)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=1000-", slice(1000, None)),
        ("bytes=1000-99999999", slice(1000, None)),
    ],
)
def test_a_range_is_given(shared, address, asked, part):
    whole = shared.get(address).content
    answer = shared.get(address, headers={"range": asked})
    assert answer.status_code == 206
    assert answer.content == whole[part]
    assert answer.headers["content-range"].endswith(f"/{len(whole)}")


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0", "bytes=5-2", "bytes=99999999-100000000"])
def test_a_range_that_is_not_there_is_refused_in_the_shape_of_all_errors(shared, address, asked):
    answer = shared.get(address, headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(shared.get(address).content)}"
    assert refusal(answer)["type"] == "invalid_request_error"


@pytest.mark.parametrize("asked", ["items=0-5", "bytes=", "bytes=x-y", "bytes", "bytes=--5", "bytes=1", "bytes=,"])
def test_what_is_no_range_of_bytes_is_passed_over(shared, address, asked):
    answer = shared.get(address, headers={"range": asked})
    assert (answer.status_code, answer.content) == (200, shared.get(address).content)


def test_a_range_of_a_file_that_changed_meanwhile_is_the_whole_file(shared, address):
    whole = shared.get(address)
    for known, status in ((whole.headers["etag"], 206), ('"other"', 200)):
        answer = shared.get(address, headers={"range": "bytes=0-9", "if-range": known})
        assert answer.status_code == status


def test_an_upload_whose_file_is_gone_is_not_there(serving, sound):
    client = serving()
    id = upload(client, sound)
    client.app.state.server.store.file_path(id).unlink()
    for ask in (client.get, client.head):
        assert ask(f"/v1/files/{id}/content").status_code == 404


def test_lists_travel_compressed_to_those_who_take_it_so(shared):
    plain = shared.get("/v1/tasks", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = shared.get("/v1/tasks", headers={"accept-encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.json() == plain.json()
    assert "content-encoding" not in shared.get("/v1/tasks", headers={"accept-encoding": "gzip;q=0"}).headers
    assert "content-encoding" not in shared.get("/healthz", headers={"accept-encoding": "gzip"}).headers


def test_files_are_never_compressed_on_the_way(shared, address):
    answer = shared.get(address, headers={"accept-encoding": "gzip", "range": "bytes=0-4095"})
    assert "content-encoding" not in answer.headers
    assert len(answer.content) == 4096


def test_events_come_as_they_happen_though_a_client_takes_gzip(shared):
    started = time.monotonic()
    job = done(shared, "styles", {})
    with shared.stream("GET", f"/v1/jobs/{job['id']}/events", headers={"accept-encoding": "gzip"}) as events:
        assert "content-encoding" not in events.headers
        assert events.read().startswith(b"event: job")
    assert time.monotonic() - started < 20


def test_a_compressed_answer_unpacks_to_what_was_said(shared):
    with shared.stream("GET", "/v1/tasks", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw).startswith(b'{"object":"list"')
