"""Models: an explicit cache of loaded model folders, made by the caller and handed to tasks."""

from __future__ import annotations

from importlib.resources import files as package_files
from pathlib import Path
from pkgutil import resolve_name
from threading import RLock
from typing import Any

PRETRAINED = Path(str(package_files("menura"))) / "pretrained"
"""The models that come with the package."""


def model_folder(name: str | Path, pretrained: Path = PRETRAINED) -> Path:
    """The folder of a model, by the name it has among the pretrained ones or by its path.

    Raises:
        ValueError: there is none; the message lists the names there are.
    """
    names = sorted(path.parent.name for path in pretrained.glob("*/config.json"))
    if str(name) in names:
        return pretrained / str(name)
    if (Path(name) / "config.json").is_file():
        return Path(name)
    raise ValueError(
        f"no model {str(name)!r}: give a folder with a config.json, or one of {', '.join(names) or 'none'}"
    )


class Models:
    """Loads each model once; safe to share between threads.

    Args:
        device: where the models live, as torch names it.
        pretrained: the folder in which names are looked up.
    """

    def __init__(self, device: str = "cpu", pretrained: Path = PRETRAINED) -> None:
        self.device = device
        self.pretrained = pretrained
        self.used: dict[str, str] = {}
        self._loaded: dict[Path, Any] = {}
        self._hashes: dict[Path, str] = {}
        self._lock = RLock()

    def get(self, name: str | Path) -> Any:
        """The loaded model, ready for inference; torch is imported by the first call and not before.

        Raises:
            ValueError: there is no such model, or its folder is not sound.
        """
        folder = model_folder(name, self.pretrained).resolve()
        with self._lock:
            if folder not in self._loaded:
                self._loaded[folder] = resolve_name("menura.checkpoint:load")(folder, self.device)
            self.used[str(name)] = self.hash(name)
            return self._loaded[folder]

    def hash(self, name: str | Path) -> str:
        """``"sha256:…"`` of a model's weights."""
        folder = model_folder(name, self.pretrained).resolve()
        with self._lock:
            if folder not in self._hashes:
                self._hashes[folder] = resolve_name("menura.checkpoint:weights_hash")(folder)
            return self._hashes[folder]

    def unused(self) -> Models:
        """The same loaded models with an empty record of which were used, for one task."""
        view = Models(self.device, self.pretrained)
        view._loaded, view._hashes, view._lock = self._loaded, self._hashes, self._lock
        return view
