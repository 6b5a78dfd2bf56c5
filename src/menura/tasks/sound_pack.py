"""A pack: many sounds in one zip, with a manifest that a game engine or an editor reads."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from menura.files import suffixed, writing
from menura.tasks.shown import Shown

_EPOCH = (1980, 1, 1, 0, 0, 0)  # no clock in the file: the same sounds give the same bytes
_COMPRESSED = ("flac", "ogg", "opus", "mp3")
_README = """Sounds made by Menura {version}.

manifest.json lists them: under "sounds" each with its words, and under "takes" its files, seed and length.
"loop" gives the first and the last sample of what is to be played over and over; WAV files are marked with it too.
"""


class Take(Protocol):
    """One sound that is made when it is written."""

    def summary(self) -> Mapping[str, Any]: ...
    def write(self, path: Path) -> None:
        """Write the sound file."""
        ...


@dataclass(frozen=True, eq=False)
class Entry:
    """One sound of a pack, in one take or several.

    Attributes:
        name: of its files.
        prompt: its words.
        loops: whether its end leads into its beginning.
        count: of its takes.
        takes: made one by one.
    """

    name: str
    prompt: str
    loops: bool
    count: int
    takes: Iterator[Take]


@dataclass(frozen=True, eq=False, repr=False)
class Pack(Shown):
    """Sounds as one zip.

    Attributes:
        entries: made as they are written, once.
        count: of the files.
        format: of the files.
        name: added to the stem of the zip.
    """

    entries: Iterator[Entry]
    count: int
    format: str
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        return {"sounds": self.count, "format": self.format}

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write ``stem.zip``: one folder with the sounds, ``manifest.json`` and ``README.txt``."""
        path, folder, sounds = suffixed(Path(stem), ".zip"), Path(stem).name, []
        with (
            writing(path, overwrite) as temporary,
            TemporaryDirectory(dir=path.parent, prefix=".") as made,
            zipfile.ZipFile(temporary, "w") as archive,
        ):
            for entry in self.entries:
                takes = []
                for number, take in enumerate(entry.takes, start=1):
                    file = f"{entry.name}{f'-{number:02d}' if entry.count > 1 else ''}.{self.format}"
                    take.write(Path(made) / file)
                    self._add(archive, f"{folder}/{file}", Path(made) / file)
                    takes.append({"file": file, **_said(take.summary(), entry.loops)})
                sounds.append({"name": entry.name, "prompt": entry.prompt, "takes": takes})
            manifest = {"format": 1, "menura": version("menura"), "sounds": sounds}
            written = {
                "manifest.json": json.dumps(manifest, indent=2, ensure_ascii=False) + "\n",
                "README.txt": _README.format(version=version("menura")),
            }
            for name, content in written.items():
                archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", _EPOCH), content.encode())
        return [path]

    def _add(self, archive: zipfile.ZipFile, name: str, path: Path) -> None:
        entry = zipfile.ZipInfo(name, _EPOCH)
        entry.compress_type = zipfile.ZIP_STORED if self.format in _COMPRESSED else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        entry.file_size = path.stat().st_size
        with path.open("rb") as source, archive.open(entry, "w") as target:
            while block := source.read(1 << 20):
                target.write(block)
        path.unlink()


def _said(summary: Mapping[str, Any], loops: bool) -> Mapping[str, Any]:
    samples = round(summary["seconds"] * summary["rate"])
    loop = {"loop": [0, samples - 1]} if loops else {}
    return {key: summary[key] for key in ("seed", "seconds", "rate", "channels")} | loop | {"layers": summary["layers"]}
