"""Fetch: public models brought here, once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from menura.progress import Progress
from menura.tasks.catalogue import (
    Entry,
    catalogue,
    convert,
    entry_of,
    is_model,
    packaged_folder,
    weights_in,
)
from menura.tasks.download import Unreachable, download, sha256_of
from menura.tasks.listing import Listing
from menura.tasks.models import Models, user_shelf
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task

_DOWNLOADS = "downloads"
"""Beside the shelf: what has come so far."""


@dataclass(frozen=True, repr=False)
class Fetched(Shown):
    """A public model that is here now.

    Attributes:
        entry: what it is.
        folder: where it stands; it is found by its name.
        how: it came.
    """

    entry: Entry
    folder: Path
    how: str

    def summary(self) -> Mapping[str, Any]:
        return {
            "model": self.entry.name,
            "about": self.entry.about,
            "licence": self.entry.licence,
            "how": self.how,
            "folder": str(self.folder),
        }


class Fetch(Task):
    """Bring a public model here, such as Whisper's, or list those that there are.

    It is downloaded (and goes on where an earlier try broke off), compared with its known hash, and converted once.
    Where there is no network, `--from` takes what was copied from elsewhere.
    """

    name: ClassVar[str] = "fetch"
    category: ClassVar[Category] = "Check"
    positional: ClassVar[tuple[str, ...]] = ("model",)
    is_local: ClassVar[bool] = True

    model: Annotated[str | None, Field(description="which; the list of all where none is named")] = None
    from_: Annotated[Path | None, Field(description="a file or folder of its weights that is here already")] = None
    sha256: Annotated[
        str | None,
        Field(description="hash of the file, for one whose hash Menura does not know", pattern=r"^[0-9a-f]{64}$"),
    ] = None

    def check(self) -> None:
        if self.model is None and (self.from_ or self.sha256):
            raise ValueError("model: name the model that this is of; menura fetch lists them")

    def run(self, models: Models, progress: Progress) -> Iterator[Fetched | Listing]:  # noqa: ARG002
        shelf = user_shelf()
        if self.model is None:
            yield Listing("models", tuple(_row(entry, shelf) for entry in catalogue().values()))
            return
        entry = entry_of(self.model)
        yield Fetched(entry, shelf / entry.name, self._brought(entry, shelf, progress))

    def _brought(self, entry: Entry, shelf: Path, progress: Progress) -> str:
        """Put a model on the shelf; how it came."""
        if is_model(shelf / entry.name):
            return "it was here already"
        if self.from_ is not None:
            return self._taken(entry, self.from_, shelf, progress)
        if packaged_folder(entry.name, shelf):
            return f"converted from the extra {entry.extra}"
        return self._downloaded(entry, shelf, progress)

    def _taken(self, entry: Entry, source: Path, shelf: Path, progress: Progress) -> str:
        if not source.exists():
            raise ValueError(f"from: there is nothing at {source}")
        weights = weights_in(entry, source)
        found = sha256_of(weights, progress)
        if found not in (self.sha256, entry.sha256):
            raise ValueError(
                f"from: {weights} is not the file that is known as {entry.name}; if it is one that you trust, add "
                f"--sha256 {found}"
            )
        progress.update(0, 1, f"converting {entry.name}")
        convert(entry, weights if weights.name == entry.file_name else source, shelf, source.name, found)
        return f"converted from {source}"

    def _downloaded(self, entry: Entry, shelf: Path, progress: Progress) -> str:
        sha256 = self.sha256 or entry.sha256
        if not sha256:
            raise ValueError(
                f"model: the hash of {entry.url} is not known here; look up its SHA-256 there, and add --sha256 HASH"
            )
        path = shelf.parent / _DOWNLOADS / entry.name / entry.file_name
        _require_space(entry, shelf)
        try:
            download(entry.url, path, sha256, progress)
        except Unreachable as error:
            raise ValueError(
                f"{error}; copy that file ({entry.size}) here from a machine that can, then: "
                f"menura fetch {entry.name} --from {entry.file_name}"
            ) from None
        progress.update(0, 1, f"converting {entry.name}")
        convert(entry, path, shelf, entry.url, sha256)
        shutil.rmtree(path.parent, ignore_errors=True)
        return f"downloaded from {entry.url}"


def _row(entry: Entry, shelf: Path) -> dict[str, Any]:
    here = "yes" if is_model(shelf / entry.name) else f"by the extra {entry.extra}" if entry.is_packaged_here else "no"
    return {
        "model": entry.name,
        "about": entry.about,
        "megabytes": round(entry.num_bytes / 1e6) if entry.num_bytes else "",
        "licence": entry.licence,
        "here": here,
    }


def _require_space(entry: Entry, shelf: Path) -> None:
    """For the file and what is made of it."""
    shelf.parent.mkdir(parents=True, exist_ok=True)
    free, needed = shutil.disk_usage(shelf.parent).free, 2 * (entry.num_bytes or 0)
    if free < needed:
        raise ValueError(
            f"{entry.name} needs {needed / 1e9:.1f} GB in {shelf.parent}, where {free / 1e9:.1f} GB are free; "
            "MENURA_CACHE may name another folder"
        )
