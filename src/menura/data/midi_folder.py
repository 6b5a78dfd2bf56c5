"""A folder of MIDI files, with what its manifests say of them."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from menura.files import read_bytes
from menura.score.midi import MAX_BYTES

SPLITS = ("train", "valid", "test")
_SUFFIXES = (".mid", ".midi")
_ALSO_VALID = {"validation": "valid", "val": "valid", "dev": "valid"}


@dataclass(frozen=True, slots=True)
class ScoreFile:
    """One MIDI file of a folder.

    Attributes:
        name: ``collection/path``, for people.
        path: where it is, or where the archive that holds it is.
        row: what the manifest says; without one its ``collection`` and ``source_path``.
        member: its name inside the archive.
        archive: the zip that holds it.
    """

    name: str
    path: Path
    row: Mapping[str, object]
    member: str = ""
    archive: zipfile.ZipFile | None = field(default=None, repr=False, compare=False)

    def read(self) -> bytes:
        """Its content.

        Raises:
            ValueError: it is too large, or damaged inside its archive.
            OSError: it cannot be opened.
        """
        if self.archive is None:
            return read_bytes(self.path, MAX_BYTES)
        if self.archive.getinfo(self.member).file_size > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES >> 20} MB")
        try:
            return self.archive.read(self.member)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
            raise ValueError(f"it cannot be unpacked from {self.path.name}: {error}") from error

    def group(self) -> str:
        """Pieces with the same group are one work, in several editions say, and never fall into different splits."""
        opus = str(self.row.get("opus") or "").lower()
        if opus and self.row.get("editions"):
            number = re.search(r"\d+", opus)
            return f"op. {number[0]}" if number else opus
        return self.name.lower()

    def split(self) -> str:
        """The manifest's split, except for works in several editions; else one group in twenty each is held out."""
        said = str(self.row.get("split") or "").lower()
        said = _ALSO_VALID.get(said, said)
        if said in SPLITS and self.group() == self.name.lower():
            return said
        digest = hashlib.sha256(self.group().encode()).digest()[0]
        return "valid" if digest < 13 else "test" if digest < 26 else "train"


def find_scores(folder: Path) -> Iterator[ScoreFile]:
    """Every MIDI file under `folder`: rows of each ``manifest.jsonl`` (files beside it or in a zip beside it), then
    loose files where there is no manifest, in a fixed order.

    Raises:
        ValueError: there is no such folder, or a manifest or zip in it is not sound.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; give one that holds MIDI files")
    manifests = sorted(folder.rglob("manifest.jsonl"))
    for manifest in manifests:
        yield from _listed(manifest)
    listed = {manifest.parent for manifest in manifests}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _SUFFIXES and path.is_file() and not listed.intersection(path.parents):
            place = path.relative_to(folder).as_posix()
            row = {"collection": path.parent.resolve().name, "source_path": place}
            yield ScoreFile(f"{folder.resolve().name}/{place}", path, row)


def _listed(manifest: Path) -> Iterator[ScoreFile]:
    """The MIDI files that a manifest lists."""
    home = manifest.parent
    inside: dict[str, tuple[Path, zipfile.ZipFile]] = {}
    for path in sorted(home.glob("*.zip")):
        try:
            archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise ValueError(f"{path} is not a sound zip file: {error}") from error
        inside |= dict.fromkeys(archive.namelist(), (path, archive))
    for number, line in enumerate(manifest.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        row = _row(line, f"{manifest} line {number}")
        name = str(row["file"])
        if not name.lower().endswith(_SUFFIXES):
            continue
        row = {**row, "collection": home.resolve().name}
        if name in inside:
            path, archive = inside[name]
            yield ScoreFile(f"{row['collection']}/{name}", path, row, name, archive)
        elif (home / name).resolve().is_relative_to(home.resolve()):
            yield ScoreFile(f"{row['collection']}/{name}", home / name, row)
        else:
            raise ValueError(f"{manifest} line {number}: {name[:60]!r} lies outside the folder of the manifest")


def _row(line: str, where: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} is not JSON: {error}") from error
    if not isinstance(row, dict) or not isinstance(row.get("file"), str):
        raise ValueError(f"{where} is not an object with a file")
    return row
