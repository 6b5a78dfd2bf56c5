"""WebDataset shards: tar files of sounds with what is said of each, read in place.

    shard-000000.tar           000000000.flac  000000000.json  000000001.flac  …
    shard-000000.index.jsonl   {"format": 1, "bytes": size of the tar}
                               {"member": "000000000.flac", "start": 512, "bytes": 31337, "row": {…}, "stats": {…}}
                               {"name": "collection/x.wav", "skipped": "why it is not in the tar"}

A shard of somebody else's has no index and is listed by its headers. Sounds are read through handles that stay open.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from menura.data.folders import Say

SHARD = ".tar"
INDEX = ".index.jsonl"
FORMAT = 1
ORIGIN = "prepared_from"
"""Key of a row: the name that the sound had before it was put into a shard."""
_MAX_TEXT_BYTES = 1 << 16
_MAX_INDEX_BYTES = 1 << 30
_OPEN = 64
"""Shards that are held open at once."""


class Member(NamedTuple):
    """A sound in a shard.

    Attributes:
        name: inside the tar.
        place: first byte and number of bytes inside the tar.
        row: what is said of it.
    """

    name: str
    place: tuple[int, int]
    row: Mapping[str, object]


def members(shard: Path, suffixes: tuple[str, ...], say: Say) -> list[Member]:
    """The sounds of a shard, by its index where it has one.

    Args:
        shard: the tar file.
        suffixes: of sounds.
        say: is told what is left aside.

    Raises:
        ValueError: it is no tar file.
    """
    index = index_of(shard)
    if index.exists():
        try:
            return [_member(row, shard.stat().st_size) for row in index_rows(shard) if "member" in row]
        except (ValueError, OSError) as error:
            say(f"{index} is left aside, and {shard.name} read through: {error}")
    try:
        with tarfile.open(shard, "r:") as tar:
            return list(_listed(tar, suffixes, say))
    except (tarfile.TarError, OSError) as error:
        raise ValueError(f"{shard} is not a sound shard: {error}") from error


def index_of(shard: Path) -> Path:
    """Where the index of a shard is, if it has one."""
    return shard.with_suffix(INDEX)


def index_rows(shard: Path) -> list[dict[str, Any]]:
    """The rows of a shard's index: of sounds, and of what was left out.

    Raises:
        ValueError: it is not an index, or that of another file.
        OSError: there is no index, or no shard.
    """
    index = index_of(shard)
    if index.stat().st_size > _MAX_INDEX_BYTES:
        raise ValueError(f"it is larger than {_MAX_INDEX_BYTES >> 20} MB")
    with index.open(encoding="utf-8") as lines:
        try:
            head, *rows = (json.loads(line) for line in lines)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"it is not an index: {str(error)[:100]}") from error
    if not all(isinstance(row, dict) for row in (head, *rows)) or head.get("format") != FORMAT:
        raise ValueError("it is not an index of this format")
    if head.get("bytes") != shard.stat().st_size:
        raise ValueError("it is the index of another file")
    return rows


def read(shard: Path, place: tuple[int, int]) -> bytes:
    """The bytes of a member. Safe between threads, and after a fork: a shared handle is never moved.

    Raises:
        OSError: the shard cannot be opened.
    """
    start, size = place
    about = os.stat(shard)
    return os.pread(_opened(shard, about.st_ino, about.st_size, about.st_mtime_ns).descriptor, size, start)


class _Handle:
    """A file open for reading, closed when nobody holds it any more: who still reads is not disturbed."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDONLY)

    def __del__(self) -> None:
        if hasattr(self, "descriptor"):
            os.close(self.descriptor)


@lru_cache(_OPEN)
def _opened(shard: Path, _inode: int, _bytes: int, _mtime_ns: int) -> _Handle:
    """The handle of a file as long as that is as it was."""
    return _Handle(shard)


def _member(row: Mapping[str, Any], size: int) -> Member:
    match row:
        case {"member": str(name), "start": int(start), "bytes": int(count), "row": dict(said)}:
            if 0 <= start <= start + count <= size:
                return Member(name, (start, count), said)
    raise ValueError(f"it says of {str(row.get('member'))[:60]!r} what cannot be")


def _listed(tar: tarfile.TarFile, suffixes: tuple[str, ...], say: Say) -> Iterator[Member]:
    found = {member.name: member for member in tar.getmembers() if member.isfile()}
    for name in sorted(found):
        if name.lower().endswith(suffixes) and not PurePosixPath(name).name.startswith("."):
            place = (found[name].offset_data, found[name].size)
            yield Member(name, place, _said(tar, found, name, say))


def _said(tar: tarfile.TarFile, found: Mapping[str, tarfile.TarInfo], name: str, say: Say) -> dict[str, object]:
    """What the members of a key say of its sound."""
    row: dict[str, object] = {}
    key = str(PurePosixPath(name).with_suffix(""))
    for suffix in (".json", ".txt"):
        member = found.get(key + suffix)
        file = tar.extractfile(member) if member and member.size <= _MAX_TEXT_BYTES else None
        content = file.read().decode(errors="replace") if file else ""
        if suffix == ".txt" and content:
            row["text"] = content.strip()
        elif content:
            try:
                row |= dict(json.loads(content))
            except (ValueError, TypeError, RecursionError) as error:
                say(f"what {tar.name} says of {name} is left aside: {str(error)[:100]}")
    return row
