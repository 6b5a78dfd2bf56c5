"""A download goes on where it broke off, and is what was meant or is not there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest

from menura.progress import Cancelled, Progress
from menura.tasks import download as module
from menura.tasks.download import Unreachable, download, sha256_of

CONTENT = np.random.default_rng(0).bytes(3 << 20)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Host(ThreadingHTTPServer):
    """Serves `CONTENT`, as badly as it is told.

    Attributes:
        breaks: how many bytes the next answers send before they break off.
        ranges: whether it can go on from a byte.
        asked: the ranges that were asked for.
        codes: of the next answers, in place of what was asked for.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.breaks: list[int] = []
        self.codes: list[int] = []
        self.ranges = True
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.pt"


class Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        if self.server.codes:
            self.send_error(self.server.codes.pop(0))
            return
        begin = int(re.findall(r"\d+", asked)[0]) if asked and self.server.ranges else 0
        if begin >= len(CONTENT):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
            self.end_headers()
            return
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        part = CONTENT[begin:]
        self.wfile.write(part[: self.server.breaks.pop(0)] if self.server.breaks else part)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host(monkeypatch) -> Iterator[Host]:
    monkeypatch.setattr(module, "_PAUSE_S", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Host() as host:
        Thread(target=host.serve_forever, args=(0.01,), daemon=True).start()
        yield host
        host.shutdown()


def test_a_file_comes_whole(host, tmp_path):
    download(host.url, tmp_path / "deep" / "weights.pt", SHA256, Progress())
    assert (tmp_path / "deep" / "weights.pt").read_bytes() == CONTENT
    assert host.asked == [None]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["weights.pt"]


@pytest.mark.parametrize("ranges", [True, False], ids=["goes on", "begins again"])
def test_what_broke_off_goes_on(host, tmp_path, ranges):
    host.breaks, host.ranges = [1_000_000, 5], ranges
    download(host.url, tmp_path / "weights.pt", SHA256, Progress())
    assert (tmp_path / "weights.pt").read_bytes() == CONTENT
    assert host.asked[1] == "bytes=1000000-"
    assert len(host.asked) == 3


def test_what_is_stopped_goes_on_another_time(host, tmp_path):
    class Stopped(Progress):
        def show(self, _done: int, total: int, what: str) -> None:
            assert total == len(CONTENT)
            assert what == "fetching weights.pt"
            self.cancel()

    with pytest.raises(Cancelled):
        download(host.url, tmp_path / "weights.pt", SHA256, Stopped())
    assert not (tmp_path / "weights.pt").exists()
    begun = (tmp_path / "weights.pt.part").stat().st_size
    assert 0 < begun < len(CONTENT)
    download(host.url, tmp_path / "weights.pt", SHA256, Progress())
    assert (tmp_path / "weights.pt").read_bytes() == CONTENT
    assert host.asked == [None, f"bytes={begun}-"]


@pytest.mark.parametrize("extra", [b"", b"more"], ids=["whole", "longer than it is"])
def test_what_is_there_already_is_not_fetched_again_unless_it_is_wrong(host, tmp_path, extra):
    (tmp_path / "weights.pt.part").write_bytes(CONTENT + extra)
    download(host.url, tmp_path / "weights.pt", SHA256, Progress())
    assert (tmp_path / "weights.pt").read_bytes() == CONTENT
    assert len(host.asked) == (2 if extra else 1)


def test_another_file_than_is_meant_is_not_kept(host, tmp_path):
    (tmp_path / "weights.pt.part").write_bytes(b"of another file")
    with pytest.raises(ValueError, match=r"gave another file than is meant: its SHA-256 is \w{64}, not"):
        download(host.url, tmp_path / "weights.pt", SHA256, Progress())
    assert not list(tmp_path.iterdir())
    download(host.url, tmp_path / "weights.pt", SHA256, Progress())


def test_who_breaks_off_time_and_again_is_told_of(host, tmp_path):
    host.breaks = [1_000_000] + [0] * 20
    with pytest.raises(ValueError, match=r"broke off after 1\.0 MB; the same command goes on"):
        download(host.url, tmp_path / "weights.pt", SHA256, Progress())
    host.breaks, host.codes = [], [503]
    download(host.url, tmp_path / "weights.pt", SHA256, Progress())


def test_what_is_not_there_and_who_does_not_answer(host, tmp_path):
    host.codes = [404]
    with pytest.raises(ValueError, match="answers 404 Not Found"):
        download(host.url, tmp_path / "weights.pt", SHA256, Progress())
    host.shutdown()
    host.server_close()
    with pytest.raises(Unreachable, match=r"cannot be reached \(Connection refused\)"):
        download(host.url, tmp_path / "weights.pt", SHA256, Progress())
    assert not list(tmp_path.iterdir())


def test_the_hash_of_a_file(tmp_path):
    (tmp_path / "a").write_bytes(CONTENT)
    assert sha256_of(tmp_path / "a", Progress()) == SHA256
