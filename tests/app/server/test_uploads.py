"""Files that are not what they should be are refused, and none can be reached by another name."""

from __future__ import annotations

import io
from dataclasses import replace

import av
import numpy as np
import pytest
import soundfile

from menura.audio import Audio, encode, mnr
from menura.audio.formats import FORMATS

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
    answer = shared.post("/v1/tasks/encode?wait=30", json={"file": file, "model": str(shelf / "small")})
    assert answer.status_code == 400
    assert "give one of" in refusal(answer)["message"]


def test_an_upload_comes_back_as_it_was_and_never_as_a_page(shared, tmp_path):
    (tmp_path / "page.html").write_text("<script>alert(1)</script>")
    id = upload(shared, tmp_path / "page.html")
    answer = shared.get(f"/v1/files/{id}/content")
    assert answer.text == "<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert shared.get(f"/v1/files/{id}").json()["filename"] == "page.html"
    assert shared.delete(f"/v1/files/{id}").json() == {"id": id, "object": "file", "deleted": True}
    assert shared.get(f"/v1/files/{id}").status_code == 404


def _silence(kind: str, seconds: float) -> bytes:
    """Sound of a format that is small as a file."""
    channels = 8 if kind == "8 channels" else 1
    if kind == "mnr":
        header = mnr.Header(
            **{"channels": 1, "num_codebooks": 1, "codebook_size": 2, "sample_rate_hz": 24_000, "hop_samples": 24_000},
            **{"weights": "sha256:" + "0" * 64, "model": "x"},
        )
        file = io.BytesIO()
        writer = mnr.Writer(file, header)
        writer.push(np.zeros((1, round(seconds), 1), np.int64))
        writer.finish(24_000 * round(seconds))
        return file.getvalue()
    if kind == "m4a":
        file = io.BytesIO()
        with av.open(file, "w", format="mp4") as container:
            stream = container.add_stream("aac", rate=8000, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 8000
            for index in range(round(seconds * 8000 / 1024)):
                frame.pts = 1024 * index
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return file.getvalue()
    if kind == "a rate of 1 Hz":
        content = bytearray(encode(Audio(np.zeros((1, round(seconds)), np.float32), 8000)))
        content[24:28] = (1).to_bytes(4, "little")
        return bytes(content)
    format = kind if kind in FORMATS else "flac"
    content = bytearray(encode(Audio(np.zeros((channels, round(8000 * seconds)), np.float32), 8000), format))
    if kind in ("no length", "a false length"):
        content[21:26] = bytes([content[21] & 0xF0, 0, 0, 0, 0 if kind == "no length" else 100])
    return bytes(content)


@pytest.mark.parametrize(
    "kind", [*FORMATS, "m4a", "mnr", "8 channels", "a rate of 1 Hz", "no length", "a false length", "joined"]
)
def test_sound_that_is_small_as_a_file_and_long_as_sound_is_refused_before_it_is_decoded(serving, kind, monkeypatch):
    """By its seconds and its channels, in every format, whatever its header says."""
    client = serving(sound_minutes=0.5)
    content = _silence(kind, 10 if kind == "8 channels" else 35)
    short = _silence(kind, 5)
    content = 7 * short if kind == "joined" else content
    monkeypatch.setattr(soundfile.SoundFile, "read", None)
    answer = client.post("/v1/files", files={"file": ("x", content)})
    assert answer.status_code == 413
    assert refusal(answer)["code"] == "too_long"
    assert client.get("/v1/files").json()["data"] == []
    assert client.post("/v1/files", files={"file": ("x", short)}).status_code == 200


def test_a_client_keeps_no_more_than_it_may(serving, settings):
    client = serving(kept_mb=1)
    part = b"x" * 600_000
    assert client.post("/v1/files", files={"file": ("a", part)}).status_code == 200
    kept = client.get("/v1/files").json()
    assert (kept["used_bytes"], kept["quota_bytes"]) == (len(part), 1 << 20)
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
