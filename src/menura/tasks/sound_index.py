"""A folder's sounds as an embedder hears them, kept in a file of SQLite: only what is new or changed is heard again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from menura import audio, files, kinds
from menura.audio.loudness import integrated_lufs
from menura.data.folders import files_under
from menura.models.contract import Embedder
from menura.progress import Progress
from menura.tasks.limits import MOST_SAMPLES
from menura.tasks.tags import TAGS, nearest_tags, point_of

_TABLES = """
create table if not exists about (model text not null);
create table if not exists sounds (
    name text primary key, size integer not null, modified_ns integer not null, hash text not null,
    seconds real not null, loudness real not null, tags text not null, point blob not null
);
"""
_COLUMNS = "name, size, modified_ns, hash, seconds, loudness, tags, point"
_NUM_TAGS = 5
_KEPT_AFTER = 20
"""Sounds after which what was heard is kept, whatever happens next."""


@dataclass(frozen=True)
class Heard:
    """One sound of a folder.

    Attributes:
        name: its path inside the folder.
        hash: of its file.
        seconds: its length.
        loudness: in LUFS; -inf for silence.
        tags: what it is most like.
        point: of unit length.
    """

    name: str
    hash: str
    seconds: float
    loudness: float
    tags: tuple[str, ...]
    point: Float[np.ndarray, " embedding"]


def refresh(folder: Path, index: Path, embedder: Embedder, model_hash: str, progress: Progress) -> list[Heard]:
    """The sounds of a folder, by name; those that the index does not know yet are heard.

    Files that were only renamed are known by their hash. Points of another model are thrown away. What cannot be read
    is said and left out.

    Raises:
        ValueError: there is no such folder, it holds no sound, or the index is not one.
    """
    if not folder.is_dir():
        raise ValueError(f"folder: {folder} is not a folder")
    paths = files_under(folder, lambda name: kinds.has_suffix(name, kinds.SOUND), progress.say)
    with _opened(index) as base:
        if base.execute("select model from about").fetchone() != (model_hash,):
            base.executescript("delete from about; delete from sounds;")
            base.execute("insert into about values (?)", (model_hash,))
        known = {row[0]: row[1:3] for row in base.execute("select name, size, modified_ns from sounds")}
        names = {path.relative_to(folder).as_posix(): path for path in paths}
        for number, (name, path) in enumerate(names.items()):
            progress.update(number, len(names), "listening")
            try:
                stamp = (path.stat().st_size, path.stat().st_mtime_ns)
                if known.get(name) != stamp:
                    row = _row(base, path, embedder)
                    base.execute("insert or replace into sounds values (?, ?, ?, ?, ?, ?, ?, ?)", (name, *stamp, *row))
            except (ValueError, OSError) as error:
                base.execute("delete from sounds where name = ?", (name,))
                progress.say(f"left out {name}: {error}")
            if number % _KEPT_AFTER == 0:
                base.commit()
        base.executemany("delete from sounds where name = ?", [(name,) for name in known.keys() - names.keys()])
        base.commit()
        found = [_heard(row) for row in base.execute(f"select {_COLUMNS} from sounds order by name")]
    if not found:
        raise ValueError(f"folder: {folder} holds no sound")
    return found


@contextmanager
def _opened(index: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(index)) as base:
            base.executescript(_TABLES)
            yield base
    except sqlite3.Error as error:
        raise ValueError(f"index: {index} cannot be used as an index of sounds ({error}); name another") from error


def _row(base: sqlite3.Connection, path: Path, embedder: Embedder) -> tuple[object, ...]:
    digest = files.sha256(path)
    same = "select hash, seconds, loudness, tags, point from sounds where hash = ? limit 1"
    if known := base.execute(same, (digest,)).fetchone():
        return known
    sound = audio.read(path, max_samples=MOST_SAMPLES)
    point = point_of(embedder, sound)
    tags = ", ".join(tag.name for tag in nearest_tags(embedder, point, TAGS, _NUM_TAGS))
    seconds = sound.num_samples / sound.sample_rate_hz
    return digest, seconds, integrated_lufs(sound), tags, point.astype("<f4").tobytes()


def _heard(row: tuple[Any, ...]) -> Heard:
    name, _, _, digest, seconds, loudness, tags, point = row
    return Heard(name, digest, seconds, loudness, tuple(tags.split(", ")), np.frombuffer(point, "<f4"))


def shown(sound: Heard) -> Mapping[str, object]:
    """A sound as a row."""
    loudness = round(sound.loudness, 1) if np.isfinite(sound.loudness) else None
    return {"sound": sound.name, "seconds": round(sound.seconds, 2), "lufs": loudness, "tags": ", ".join(sound.tags)}
