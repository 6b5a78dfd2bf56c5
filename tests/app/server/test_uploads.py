"""Files that are not what they should be are refused, and none can be reached by another name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from menura.audio import Audio, mnr, write

from .conftest import COMPOSE, done, refusal, upload


@pytest.mark.parametrize(
    "reference",
    [
        "/etc/passwd",
        "../../../../etc/passwd",
        "file-../../jobs.sqlite",
        "file-00000000000000000000/../../jobs.sqlite",
        "job-00000000000000000000/../../jobs.sqlite",
        "jobs.sqlite",
        "",
        5,
        ["file-00000000000000000000"],
    ],
)
def test_a_reference_is_never_a_path(shared, reference):
    assert refusal(shared.post("/v1/tasks/info", json={"file": reference}))["param"] == "file"


def test_a_job_s_files_are_those_it_lists(shared):
    job = done(shared, "compose", COMPOSE)
    for name in ("../../jobs.sqlite", "..%2f..%2fjobs.sqlite", "%2e%2e/jobs.sqlite", "/etc/passwd", "", ".", "x.wav"):
        assert shared.get(f"/v1/jobs/{job['id']}/results/{name}").status_code == 404
        error = refusal(shared.post("/v1/tasks/render", json={"file": f"{job['id']}/{name}"}))
        assert error["param"] == "file"


@pytest.mark.parametrize("id", ["..", "%2e%2e", "job-..%2f", "job-" + "0" * 20, "x" * 500, "%00", "job-é"])
def test_an_id_is_never_a_path(shared, id):
    for address in ("/v1/jobs/{}", "/v1/files/{}", "/v1/files/{}/content", "/v1/models/{}"):
        assert shared.get(address.format(id)).status_code == 404


def test_a_model_is_named_and_never_a_folder(shared, shelf, sound):
    file = upload(shared, sound)
    answer = shared.post("/v1/tasks/encode?wait=30", json={"file": file, "model": str(shelf / "small")}).json()
    assert answer["status"] == "failed"
    assert "give one of" in answer["error"]["message"]


def test_an_upload_comes_back_as_it_was_and_never_as_a_page(shared, tmp_path):
    (tmp_path / "page.html").write_text("<script>alert(1)</script>")
    id = upload(shared, tmp_path / "page.html")
    answer = shared.get(f"/v1/files/{id}/content")
    assert answer.text == "<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert shared.get(f"/v1/files/{id}").json()["filename"] == "page.html"
    assert shared.delete(f"/v1/files/{id}").status_code == 204
    assert shared.get(f"/v1/files/{id}").status_code == 404


def test_sound_that_is_small_as_a_file_and_long_as_sound_is_refused(serving, tmp_path):
    client = serving(sound_minutes=1.0)
    write(Audio(np.zeros((1, 8000 * 90), np.float32), 8000), tmp_path / "silence.flac")
    answer = client.post("/v1/files", files={"file": ("x.flac", (tmp_path / "silence.flac").read_bytes())})
    assert answer.status_code == 413
    assert refusal(answer)["code"] == "too_long"
    header = mnr.Header(
        channels=1, stages=1, size=2, sample_rate_hz=24_000, hop_samples=24_000, weights="sha256:" + "0" * 64, model="x"
    )
    codes = np.zeros((1, 100_000, 1), np.int16)
    mnr.write(tmp_path / "long.mnr", mnr.Codes(codes, 24_000 * 100_000, 24_000), header)
    assert client.post("/v1/files", files={"file": ("x", (tmp_path / "long.mnr").read_bytes())}).status_code == 413
    assert client.get("/v1/files").json()["data"] == []


def test_a_client_keeps_no_more_than_it_may(serving, settings):
    client = serving(kept_mb=1)
    part = b"x" * 600_000
    assert client.post("/v1/files", files={"file": ("a", part)}).status_code == 200
    answer = client.post("/v1/files", files={"file": ("b", part)})
    assert answer.status_code == 413
    assert refusal(answer)["code"] == "quota"
    assert len(list((replace(settings).state / "files").iterdir())) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary="),
        (b"--b\r\n\r\nx", "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (b"{}", "application/json"),
    ],
)
def test_a_form_without_a_file_is_refused(shared, content, kind):
    assert shared.post("/v1/files", content=content, headers={"content-type": kind}).status_code == 400


def test_a_task_takes_files_only_where_it_has_a_place_for_them(shared):
    answer = shared.post("/v1/tasks/compose", data={"bars": "2"}, files={"prompt": ("x", b"x")})
    assert refusal(answer)["param"] == "prompt"
