"""A shard is read in place: found by its index, through one handle that threads and forked processes share."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from menura.data import shards

CONTENTS = {f"{index:09d}.flac": bytes([index]) * (100 + 613 * index) for index in range(20)}


@pytest.fixture
def shard(tmp_path):
    """A shard with an index."""
    path, start, lines = tmp_path / "s.tar", 0, []
    with tarfile.open(path, "w") as tar:
        for name, content in CONTENTS.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
            lines.append({"member": name, "start": start + 512, "bytes": len(content), "row": {"label": name}})
            start += 512 + -(-len(content) // 512) * 512
    rewrite(path, *lines)
    return path


def rewrite(path, *lines):
    head = {"format": shards.FORMAT, "bytes": path.stat().st_size}
    shards.index_of(path).write_text("".join(f"{json.dumps(line)}\n" for line in (head, *lines)))


def found(path, say=print) -> dict[str, shards.Member]:
    return {member.name: member for member in shards.members(path, (".flac",), say)}


def test_the_index_says_what_the_headers_do(shard):
    indexed = found(shard)
    shards.index_of(shard).unlink()
    listed = found(shard)
    assert {name: member.place for name, member in indexed.items()} == {n: m.place for n, m in listed.items()}
    assert {name: shards.read(shard, member.place) for name, member in indexed.items()} == CONTENTS


def test_a_shard_with_an_index_is_not_listed_and_is_opened_once(shard, monkeypatch):
    opened, really = [], os.open
    monkeypatch.setattr(tarfile, "open", None)
    monkeypatch.setattr(os, "open", lambda path, *rest: opened.append(path) or really(path, *rest))
    for member in [*found(shard).values()] * 3:
        assert shards.read(shard, member.place) == CONTENTS[member.name]
    assert opened == [shard]


def test_a_shard_that_was_replaced_is_opened_anew(shard):
    assert shards.read(shard, (512, 3)) == CONTENTS["000000000.flac"][:3]
    fresh = shard.with_name("fresh")
    fresh.write_bytes(b"x" * 2000)
    os.replace(fresh, shard)
    assert shards.read(shard, (512, 3)) == b"xxx"


def test_threads_and_forked_processes_read_through_one_handle(shard):
    places = [member.place for member in found(shard).values()]
    expected = list(CONTENTS.values())
    read = [*places] * 50
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda place: shards.read(shard, place), read)) == expected * 50
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=lambda: queue.put([shards.read(shard, place) for place in read] == expected * 50))
    child.start()
    assert [shards.read(shard, place) for place in read] == expected * 50
    assert queue.get()
    child.join()


def test_more_shards_than_are_held_open_can_be_read_and_none_stays_open(tmp_path):
    before = len(os.listdir("/dev/fd"))
    paths = [tmp_path / f"{number}.tar" for number in range(3 * shards._OPEN)]
    for path in paths:
        path.write_bytes(path.name.encode())
    for path in [*paths, *paths]:
        assert shards.read(path, (0, 99)) == path.name.encode()
    assert len(os.listdir("/dev/fd")) <= before + shards._OPEN
    shards._opened.cache_clear()
    assert len(os.listdir("/dev/fd")) <= before


@pytest.mark.parametrize(
    "line",
    [
        {"member": "x.flac", "start": 0, "bytes": 10**9, "row": {}},
        {"member": "x.flac", "start": -1, "bytes": 1, "row": {}},
        {"member": "x.flac", "start": 0, "bytes": -1, "row": {}},
        {"member": "x.flac", "start": "0", "bytes": 1, "row": {}},
        {"member": "x.flac", "start": 0, "bytes": 1, "row": []},
        {"member": 1},
        [],
    ],
)
def test_an_index_that_cannot_be_is_left_aside_and_said(shard, line):
    rewrite(shard, line)
    said: list[str] = []
    assert found(shard, said.append).keys() == CONTENTS.keys()
    assert len(said) == 1
    assert "s.index.jsonl is left aside, and s.tar read through: it " in said[0]


@pytest.mark.parametrize("text", ["", "{", "[]\n", '{"format": 2}\n', '{"format": 1, "bytes": 5}\n', "[" * 100_000])
def test_so_is_one_of_another_file_or_format(shard, text):
    shards.index_of(shard).write_text(text)
    said: list[str] = []
    assert found(shard, said.append).keys() == CONTENTS.keys()
    assert len(said) == 1
