"""A result in another form is made once for all who wait, few at a time, not for nobody, and kept within a limit."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import closing

import numpy as np
import pytest
from starlette.requests import ClientDisconnect

from menura.app.server import forms
from menura.app.server.conversions import FOLDER, Conversions, Form
from menura.audio import Audio, io, read, write
from menura.progress import check
from menura.score import midi
from menura.score.notes import Score, Track

from .conftest import COMPOSE, done, upload
from .test_guard import listening, without_lifespan
from .test_jobs import files_of


async def stays() -> bool:
    return False


@pytest.fixture
def sources(tmp_path):
    """Three results of a job."""
    folder = tmp_path / "jobs" / "job-1"
    folder.mkdir(parents=True)
    for name in "abc":
        write(Audio.silence(1.0, 8000), folder / f"{name}.wav")
    return [folder / f"{name}.wav" for name in "abc"]


@pytest.fixture
def slow(monkeypatch):
    """How many conversions were begun, are being made, and were at most; each takes until it is let go."""

    class Slow:
        form: Form
        begun = at_once = most = stopped = 0
        go = threading.Event()

        def make(self, _source, path):
            self.begun += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            try:
                while not self.go.wait(0.01):
                    check()
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(bytes(1000))
            except BaseException:
                self.stopped += 1
                raise
            finally:
                self.at_once -= 1

    one = Slow()
    one.go.clear()
    one.form = Form(one.make, ".mp3")
    monkeypatch.setitem(forms.FORMS, ("audio", "mp3"), one.form)
    return one


def test_one_conversion_serves_all_who_wait_and_few_are_made_at_once(sources, slow):
    kept = Conversions(sources[0].parents[1], 1, 1 << 20)

    async def asked():
        waiting = [asyncio.create_task(kept.get(source, slow.form, stays)) for source in 12 * sources]
        await asyncio.sleep(0.3)
        assert slow.begun == 1
        assert kept.num_waiting == 3
        slow.go.set()
        return await asyncio.gather(*waiting)

    paths = asyncio.run(asked())
    assert (slow.begun, slow.most) == (3, 1)
    assert set(paths) == {source.parent / FOLDER / f"{source.name}.mp3" for source in sources}
    assert asyncio.run(kept.get(sources[0], slow.form, stays)) == paths[0]
    assert slow.begun == 3  # it was kept
    again = Conversions(sources[0].parents[1], 1, 1 << 20)  # and is by the next server
    assert asyncio.run(again.get(sources[0], slow.form, stays)) == paths[0]
    assert slow.begun == 3
    kept.close()
    again.close()


def test_what_nobody_waits_for_any_more_is_not_made(sources, slow):
    kept = Conversions(sources[0].parents[1], 1, 1 << 20)
    gone = False

    async def leaves():
        return gone

    async def asked():
        nonlocal gone
        patient = asyncio.create_task(kept.get(sources[0], slow.form, stays))
        others = [asyncio.create_task(kept.get(source, slow.form, leaves)) for source in sources]
        await asyncio.sleep(0.1)
        gone = True
        for one in others:
            with pytest.raises(ClientDisconnect):
                await one
        assert slow.stopped == 0, "somebody waits for the first"
        patient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await patient
        until = time.monotonic() + 5
        while kept.num_waiting or slow.at_once:
            assert time.monotonic() < until
            await asyncio.sleep(0.02)

    asyncio.run(asked())
    assert (slow.begun, slow.stopped) == (1, 1)
    assert not (sources[0].parent / FOLDER).exists()
    kept.close()


def test_the_one_not_asked_for_longest_makes_room(sources, slow):
    slow.go.set()
    kept = Conversions(sources[0].parents[1], 1, 2500)
    for source in (sources[0], sources[1], sources[0], sources[2]):
        asyncio.run(kept.get(source, slow.form, stays))
    assert sorted(path.name for path in (sources[0].parent / FOLDER).iterdir()) == ["a.wav.mp3", "c.wav.mp3"]
    kept.close()


def test_a_job_that_is_removed_meanwhile_leaves_nothing(sources, slow, tmp_path):
    kept = Conversions(sources[0].parents[1], 1, 1 << 20)

    async def asked():
        task = asyncio.create_task(kept.get(sources[0], slow.form, stays))
        await asyncio.sleep(0.1)
        for source in sources:
            source.rename(tmp_path / source.name)
        slow.go.set()
        with pytest.raises(OSError, match=r"a\.wav"):
            await task

    asyncio.run(asked())
    assert not sources[0].parent.exists()
    kept.close()


def test_a_conversion_is_a_file_like_any_other(shared, tmp_path):
    """With its length, parts, and a mark by which a client knows that it has it."""
    (sound,) = files_of(done(shared, "compose", COMPOSE), "audio")
    whole = shared.get(sound["url"], params={"format": "mp3"})
    assert whole.headers["content-type"] == "audio/mpeg"
    assert whole.headers["content-disposition"].endswith(".mp3")
    (tmp_path / "x.mp3").write_bytes(whole.content)
    assert read(tmp_path / "x.mp3").duration_s > 1
    part = shared.get(sound["url"], params={"format": "mp3"}, headers={"range": "bytes=100-299"})
    assert (part.status_code, part.content) == (206, whole.content[100:300])
    known = {"if-none-match": whole.headers["etag"]}
    assert shared.get(sound["url"], params={"format": "mp3"}, headers=known).status_code == 304
    assert int(shared.head(sound["url"], params={"format": "mp3"}).headers["content-length"]) == len(whole.content)
    past = {"range": f"bytes={len(whole.content)}-"}
    assert shared.get(sound["url"], params={"format": "mp3"}, headers=past).status_code == 416


def test_a_client_that_hangs_up_stops_the_conversion(shared, slow):
    (sound,) = files_of(done(shared, "compose", COMPOSE), "audio")
    kept = shared.app.state.server.conversions
    folder = shared.app.state.server.store.folder
    for one in folder.glob(f"jobs/*/{FOLDER}/*.mp3"):
        one.unlink()
    with listening(without_lifespan(shared.app)) as port:
        with closing(socket.create_connection(("127.0.0.1", port))) as connection:
            connection.sendall(f"GET {sound['url']}?format=mp3 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            until = time.monotonic() + 10
            while not slow.at_once:
                assert time.monotonic() < until
                time.sleep(0.02)
        while slow.at_once or kept.num_waiting:
            assert time.monotonic() < until, "it goes on though nobody waits"
            time.sleep(0.02)
    assert slow.stopped == 1


def test_memory_does_not_grow_with_the_sound(tmp_path, monkeypatch):
    """Whatever is converted passes through in blocks."""
    write(Audio.silence(120.0, 8000), tmp_path / "long.wav")
    largest = 0
    quantised = io._quantised

    def watched(samples, *rest):
        nonlocal largest
        largest = max(largest, samples.size)
        return quantised(samples, *rest)

    monkeypatch.setattr(io, "_quantised", watched)
    io.convert(tmp_path / "long.wav", tmp_path / "long.mp3", "mp3")
    assert 0 < largest <= 1 << 16


def test_what_is_made_in_a_moment_waits_for_nothing_slow(sources, slow):
    """A page draws notes and a waveform while an hour of sound is being put into another format."""
    kept = Conversions(sources[0].parents[1], 1, 1 << 20)

    async def asked():
        waiting = asyncio.create_task(kept.get(sources[0], slow.form, stays))
        quick = await asyncio.wait_for(kept.get(sources[1], forms.FORMS["audio", "peaks"], stays), 20)
        assert quick.name == "b.wav.peaks.json"
        assert not waiting.done()
        slow.go.set()
        await waiting

    asyncio.run(asked())
    kept.close()


def test_what_was_begun_ahead_is_made_though_nobody_waits(sources, slow):
    kept = Conversions(sources[0].parents[1], 1, 1 << 20)
    kept.begin(sources[0], slow.form)

    async def leaves():
        return True

    async def asked():
        with pytest.raises(ClientDisconnect):
            await kept.get(sources[0], slow.form, leaves)
        slow.go.set()
        return await kept.get(sources[0], slow.form, stays)

    assert asyncio.run(asked()).is_file()
    assert (slow.begun, slow.stopped) == (1, 0)
    kept.close()
    kept.begin(sources[1], slow.form)  # which is too late, and no fault


def test_a_large_sound_has_a_preview_and_peaks_before_anybody_asks(serving, tmp_path):
    """What is heard over a slow line is a tenth as large, ready when the job has ended, and given in parts."""
    client = serving()
    midi.write(
        Score((Track("piano", 0, False, np.array([[480 * beat, 480, 60, 90] for beat in range(14)])),)),
        tmp_path / "x.mid",
    )
    job = done(client, "render", {"file": upload(client, tmp_path / "x.mid")})
    (sound,) = files_of(job, "audio")
    assert sound["bytes"] > 1_000_000
    until = time.monotonic() + 30
    while not (address := files_of(client.get(f"/v1/jobs/{job['id']}").json(), "audio")[0]["preview"]):
        assert time.monotonic() < until
        time.sleep(0.02)
    (folder,) = client.app.state.server.settings.state.glob(f"jobs/**/{FOLDER}")
    assert {path.name for path in folder.iterdir()} == {"x-render.wav.opus", "x-render.wav.peaks.json"}
    part = client.get(address, headers={"range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert part.headers["content-type"] == "audio/ogg"
    whole = client.get(address)
    assert len(whole.content) < sound["bytes"] / 5
    (tmp_path / "x.opus").write_bytes(whole.content)
    assert read(tmp_path / "x.opus").duration_s == pytest.approx(job["results"][0]["summary"]["seconds"], abs=0.05)
    (folder / "x-render.wav.opus").unlink()  # room was needed for others
    assert client.get(sound["url"], params={"format": "peaks"}).status_code == 200
    while not files_of(client.get(f"/v1/jobs/{job['id']}").json(), "audio")[0]["preview"]:
        assert time.monotonic() < until + 30
        time.sleep(0.02)
    small = done(client, "render", {"file": f"{job['id']}/x-render.mid", "rate": 8000})
    time.sleep(0.3)
    assert files_of(client.get(f"/v1/jobs/{small['id']}").json(), "audio")[0]["preview"] is None
