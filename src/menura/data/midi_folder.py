"""A folder of MIDI files, with what its manifests say of them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from menura import kinds
from menura.data.folders import Say, each_once, files_under, fingerprint
from menura.data.manifests import inside, rows, split_of
from menura.files import read_bytes
from menura.score.midi import MAX_BYTES

_MANIFEST = "manifest.jsonl"


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
        return split_of(self.row, self.group(), trusted=self.group() == self.name.lower())

    def fingerprint(self) -> str:
        """What changes when its music may have."""
        return f"{fingerprint(self.path)} {self.member}"


def find_scores(folder: Path, say: Say) -> list[ScoreFile]:
    """Every MIDI file under `folder`, in a fixed order: rows of each ``manifest.jsonl`` (files beside it or in a zip
    beside it), then loose files where there is no manifest. Links are followed, as `files_under` says.

    Args:
        folder: to look through.
        say: is told what is passed over, and what lies outside.

    Raises:
        ValueError: there is no such folder, or a manifest or zip in it is not sound.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; give one that holds MIDI files")
    paths = files_under(folder, lambda name: name == _MANIFEST or kinds.has_suffix(name, kinds.NOTES), say)
    manifests = [path for path in paths if path.name == _MANIFEST]
    found = [score for manifest in manifests for score in _listed(manifest)]
    listed = {manifest.parent for manifest in manifests}
    for path in paths:
        if path.name != _MANIFEST and not listed.intersection(path.parents):
            place = path.relative_to(folder).as_posix()
            row = {"collection": path.parent.resolve().name, "source_path": place}
            found.append(ScoreFile(f"{folder.resolve().name}/{place}", path, row))
    return each_once(found, folder, say)


def _listed(manifest: Path) -> Iterator[ScoreFile]:
    """The MIDI files that a manifest lists."""
    home = manifest.parent
    members: dict[str, tuple[Path, zipfile.ZipFile]] = {}
    for path in sorted(home.glob("[!.]*.zip")):
        try:
            archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise ValueError(f"{path} is not a sound zip file: {error}") from error
        members |= dict.fromkeys(archive.namelist(), (path, archive))
    for where, said in rows(manifest):
        name = str(said["file"])
        if not kinds.has_suffix(name, kinds.NOTES):
            continue
        row = {**said, "collection": home.resolve().name}
        if name in members:
            path, archive = members[name]
            yield ScoreFile(f"{row['collection']}/{name}", path, row, name, archive)
        else:
            yield ScoreFile(f"{row['collection']}/{name}", inside(home, name, where), row)
