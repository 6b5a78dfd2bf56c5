"""A folder of sound, with what is said of its files: manifests, metadata tables, texts beside them, shards."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from menura import audio
from menura.audio import Audio
from menura.data.manifests import inside, rows, split_of
from menura.files import read_json

SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".w64", ".au", ".m4a")
_MAX_MEMBER_BYTES = 1 << 30
_MAX_TEXT_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound of a folder.

    Attributes:
        name: ``collection/path``, for people; no two are alike.
        path: where it is, or where the shard that holds it is.
        row: what is said of it: text, caption, label, speaker, language, license, source, split, …
        member: its name inside the shard; empty for a file of its own.
    """

    name: str
    path: Path
    row: Mapping[str, object] = field(default_factory=dict)
    member: str = ""

    def read(self) -> Audio:
        """Its sound.

        Raises:
            ValueError, OSError: it cannot be read; one line.
        """
        if not self.member:
            return audio.read(self.path)
        with tarfile.open(self.path) as shard:
            file = shard.extractfile(self.member)
            if file is None or shard.getmember(self.member).size > _MAX_MEMBER_BYTES:
                raise ValueError(f"{self.name}: it is no file, or larger than {_MAX_MEMBER_BYTES >> 20} MB")
            return audio.read(io.BytesIO(file.read()))

    def group(self) -> str:
        """Sounds with one group never fall into different splits: what the row names as such, else the speaker where
        no split is said, else the sound alone."""
        for said in ("group", "speaker"):
            if self.row.get(said):
                return f"{self.name.split('/')[0]}/{self.row[said]}".lower()
        return self.name.lower()

    def split(self) -> str:
        """``"train"``, ``"valid"`` or ``"test"``: as the row says, else one group in twenty each is held out."""
        return split_of(self.row, self.group())


def find_sounds(folder: Path) -> Iterator[Sound]:
    """Every sound under a folder, in a fixed order.

    Rows come from each ``manifest.jsonl`` (``file`` beside it) and ``metadata.csv`` (``file_name``); where there is
    neither, from ``x.json`` and ``x.txt`` beside ``x.wav``. In WebDataset shards (``.tar``), from the members of the
    same key.

    Raises:
        ValueError: there is no such folder, or a manifest, table or shard in it is not sound.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; give one that holds sound")
    listed = set()
    for table in sorted([*folder.rglob("manifest.jsonl"), *folder.rglob("metadata.csv")]):
        listed.add(table.parent)
        yield from _manifest(table) if table.suffix == ".jsonl" else _table(table)
    for path in sorted(folder.rglob("*")):
        if listed.intersection(path.parents) or not path.is_file():
            continue
        place = f"{folder.resolve().name}/{path.relative_to(folder).as_posix()}"
        if path.suffix.lower() == ".tar":
            yield from _shard(path, place)
        elif path.suffix.lower() in SUFFIXES:
            inside(folder, str(path.relative_to(folder)), place)
            yield Sound(place, path, _beside(path))


def _manifest(manifest: Path) -> Iterator[Sound]:
    home = manifest.parent
    for where, row in rows(manifest):
        name = str(row["file"])
        if name.lower().endswith(SUFFIXES):
            yield Sound(f"{home.resolve().name}/{name}", inside(home, name, where), row)


def _table(table: Path) -> Iterator[Sound]:
    home = table.parent
    with table.open(encoding="utf-8", errors="replace", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            name = row.get("file_name") or ""
            if not name:
                raise ValueError(f"{table} line {number} names no file; it needs a column file_name")
            if name.lower().endswith(SUFFIXES):
                said = {key: value for key, value in row.items() if key and value}
                yield Sound(f"{home.resolve().name}/{name}", inside(home, name, f"{table} line {number}"), said)


def _beside(path: Path) -> dict[str, object]:
    """What ``x.json`` and ``x.txt`` say of ``x.wav``."""
    row: dict[str, object] = {}
    said, text = path.with_suffix(".json"), path.with_suffix(".txt")
    if said.is_file():
        row |= read_json(said)
    if text.is_file() and text.stat().st_size <= _MAX_TEXT_BYTES:
        row["text"] = text.read_text(encoding="utf-8", errors="replace").strip()
    return row


def _shard(path: Path, place: str) -> Iterator[Sound]:
    try:
        with tarfile.open(path) as shard:
            members = {member.name: member for member in shard.getmembers() if member.isfile()}
            for name in sorted(members):
                if name.lower().endswith(SUFFIXES):
                    yield Sound(f"{place}/{name}", path, _said(shard, members, name), name)
    except tarfile.TarError as error:
        raise ValueError(f"{path} is not a sound shard: {error}") from error


def _said(shard: tarfile.TarFile, members: Mapping[str, tarfile.TarInfo], name: str) -> dict[str, object]:
    """What the members of a key say of its sound."""
    row: dict[str, object] = {}
    key = str(PurePosixPath(name).with_suffix(""))
    for suffix in (".json", ".txt"):
        member = members.get(key + suffix)
        file = shard.extractfile(member) if member and member.size <= _MAX_TEXT_BYTES else None
        content = file.read().decode(errors="replace") if file else ""
        if suffix == ".txt" and content:
            row["text"] = content.strip()
        elif content:
            try:
                said = json.loads(content)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{shard.name}: {key}.json is not JSON: {str(error)[:100]}") from error
            row |= said if isinstance(said, dict) else {}
    return row
