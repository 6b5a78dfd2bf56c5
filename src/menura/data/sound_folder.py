"""A folder of sound, with what is said of its files: manifests, metadata tables, texts beside them, shards."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from menura import audio, kinds
from menura.audio import Audio
from menura.data import shards
from menura.data.folders import Say, each_once, files_under, fingerprint
from menura.data.manifests import inside, rows, split_of
from menura.files import read_json

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
        place: first byte and number of bytes inside the shard.
    """

    name: str
    path: Path
    row: Mapping[str, object] = field(default_factory=dict)
    member: str = ""
    place: tuple[int, int] = (0, 0)

    def read(self, sample_rate_hz: int | None = None, mono: bool = False) -> Audio:
        """Its sound.

        Args:
            sample_rate_hz: to resample to; None: as it is.
            mono: whether to average the channels.

        Raises:
            ValueError, OSError: it cannot be read; one line.
        """
        sound = audio.read(self._file())
        sound = sound.mono() if mono else sound
        return sound.resampled(sample_rate_hz) if sample_rate_hz else sound

    def _file(self) -> Path | io.BytesIO:
        if self.path.exists() and not self.path.is_file():
            raise ValueError(f"{self.name}: is not a file")
        if not self.member:
            return self.path
        if self.place[1] > _MAX_MEMBER_BYTES:
            raise ValueError(f"{self.name}: is larger than {_MAX_MEMBER_BYTES >> 20} MB")
        return io.BytesIO(shards.read(self.path, self.place))

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

    def fingerprint(self) -> str:
        """What changes when its sound may have."""
        return f"{fingerprint(self.path)} {self.place}"


def find_sounds(folder: Path, say: Say) -> list[Sound]:
    """Every sound under a folder, in a fixed order. Links are followed, as `files_under` says.

    Rows come from each ``manifest.jsonl`` (``file`` beside it) and ``metadata.csv`` (``file_name``); where there is
    neither, from ``x.json`` and ``x.txt`` beside ``x.wav``. In WebDataset shards (``.tar``), from the members of the
    same key, or from the index; sounds that `menura prepare` put there keep the names they had.

    Args:
        folder: to look through.
        say: is told what is passed over, and what lies outside.

    Raises:
        ValueError: there is no such folder, or a manifest, table or shard in it is not sound.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder; give one that holds sound")
    paths = files_under(
        folder, lambda name: name in _TABLES or name.lower().endswith(shards.SHARD) or _is_sound(name), say
    )
    tables = [path for path in paths if path.name in _TABLES]
    found = [sound for table in tables for sound in _TABLES[table.name](table)]
    listed = {table.parent for table in tables}
    for path in paths:
        if path.name in _TABLES or listed.intersection(path.parents):
            continue
        place = f"{folder.resolve().name}/{path.relative_to(folder).as_posix()}"
        if path.suffix.lower() == shards.SHARD:
            found += _shard(path, place, say)
        else:
            found.append(Sound(place, path, _beside(path, say)))
    return each_once(found, folder, say)


def _is_sound(name: str) -> bool:
    return kinds.has_suffix(name, kinds.SOUND)


def _manifest(manifest: Path) -> Iterator[Sound]:
    home = manifest.parent
    for where, row in rows(manifest):
        name = str(row["file"])
        if _is_sound(name):
            yield Sound(f"{home.resolve().name}/{name}", inside(home, name, where), row)


def _table(table: Path) -> Iterator[Sound]:
    home = table.parent
    with table.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = csv.DictReader(file)
        try:
            for row in lines:
                where, name = f"{table} line {lines.line_num}", row.get("file_name") or ""
                if not name:
                    raise ValueError(f"{where} names no file; it needs a column file_name")
                if _is_sound(name):
                    said = {key: value for key, value in row.items() if key and value}
                    yield Sound(f"{home.resolve().name}/{name}", inside(home, name, where), said)
        except csv.Error as error:
            raise ValueError(f"{table} line {lines.line_num} is not CSV: {error}") from error


_TABLES = {"manifest.jsonl": _manifest, "metadata.csv": _table}


def _beside(path: Path, say: Say) -> dict[str, object]:
    """What ``x.json`` and ``x.txt`` say of ``x.wav``."""
    row: dict[str, object] = {}
    said, text = path.with_suffix(".json"), path.with_suffix(".txt")
    try:
        if said.is_file():
            row |= read_json(said)
        if text.is_file() and text.stat().st_size <= _MAX_TEXT_BYTES:
            row["text"] = text.read_text(encoding="utf-8", errors="replace").strip()
    except (ValueError, OSError) as error:
        say(f"what is said of {path.name} is left aside: {error}")
    return row


def _shard(path: Path, place: str, say: Say) -> Iterator[Sound]:
    for name, where, row in shards.members(path, kinds.SOUND.suffixes, say):
        yield Sound(str(row.get(shards.ORIGIN) or f"{place}/{name}"), path, row, name, where)
