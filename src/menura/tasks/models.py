"""Models: an explicit cache of loaded model folders, made by the caller and handed to tasks."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files as package_files
from pathlib import Path
from pkgutil import resolve_name
from threading import RLock
from typing import Any

PRETRAINED = Path(str(package_files("menura"))) / "pretrained"
"""The models that come with the package."""


def model_folder(name: str | Path, shelves: Sequence[Path] = (PRETRAINED,), only_named: bool = False) -> Path:
    """The folder of a model, by the name it has on a shelf or, unless `only_named`, by its path.

    Raises:
        ValueError: there is none; the message lists the names there are.
    """
    folders = model_folders(shelves)
    if str(name) in folders:
        return folders[str(name)]
    if not only_named and (Path(name) / "config.json").is_file():
        return Path(name)
    wanted = "give" if only_named else "give a folder with a config.json, or"
    raise ValueError(f"no model {str(name)[:80]!r}: {wanted} one of {', '.join(folders) or 'none'}")


def model_folders(shelves: Sequence[Path] = (PRETRAINED,)) -> dict[str, Path]:
    """The models that stand on shelves: name -> folder."""
    found = (path.parent for shelf in reversed(tuple(shelves)) for path in shelf.glob("*/config.json"))
    return dict(sorted((folder.name, folder) for folder in found))


class Models:
    """Loads each model once; safe to share between threads.

    Args:
        device: where the models live, as torch names it.
        shelves: the folders in which names are looked up, the first first.
        only_named: whether a model has to stand on a shelf, for callers who may not read any folder they like.
    """

    def __init__(self, device: str = "cpu", shelves: Sequence[Path] = (PRETRAINED,), only_named: bool = False) -> None:
        self.device = device
        self.shelves = tuple(shelves)
        self.only_named = only_named
        self.used: dict[str, str] = {}
        self._loaded: dict[Path, Any] = {}
        self._hashes: dict[Path, str] = {}
        self._lock = RLock()

    def folder(self, name: str | Path) -> Path:
        """Where a model is.

        Raises:
            ValueError: there is none of that name.
        """
        return model_folder(name, self.shelves, self.only_named).resolve()

    def get(self, name: str | Path) -> Any:
        """The loaded model, ready for inference; torch is imported by the first call and not before.

        Raises:
            ValueError: there is no such model, or its folder is not sound.
        """
        folder = self.folder(name)
        with self._lock:
            if folder not in self._loaded:
                self._loaded[folder] = resolve_name("menura.checkpoint:load")(folder, self.device)
            self.used[str(name)] = self.hash(name)
            return self._loaded[folder]

    def hash(self, name: str | Path) -> str:
        """``"sha256:…"`` of a model's weights."""
        folder = self.folder(name)
        with self._lock:
            if folder not in self._hashes:
                self._hashes[folder] = resolve_name("menura.checkpoint:weights_hash")(folder)
            return self._hashes[folder]

    def forget(self) -> None:
        """Let go of the loaded models; those that tasks still use stay until these end."""
        with self._lock:
            self._loaded.clear()

    @property
    def num_loaded(self) -> int:
        """How many models are in memory."""
        return len(self._loaded)

    def unused(self) -> Models:
        """The same loaded models with an empty record of which were used, for one task."""
        view = Models(self.device, self.shelves, self.only_named)
        view._loaded, view._hashes, view._lock = self._loaded, self._hashes, self._lock
        return view
