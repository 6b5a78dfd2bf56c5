"""Models: an explicit cache of loaded model folders, made by the caller and handed to tasks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources import files as package_files
from pathlib import Path
from pkgutil import resolve_name
from threading import RLock
from typing import Any, NamedTuple

from menura.files import read_json
from menura.models.contract import CONTRACTS, contracts_of
from menura.tasks.catalogue import catalogue, packaged_folder

PRETRAINED = Path(str(package_files("menura"))) / "pretrained"
"""The models that come with the package."""
VARIABLE = "MENURA_CACHE"
_OF_A_RUN = "model"
"""Where `menura train` puts the model, within the folder of the run."""


def user_shelf() -> Path:
    """The user's own models: ``models`` in the folder that ``MENURA_CACHE`` names, or in the platform's for caches."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser() / "models"
    if os.name == "nt":
        usual = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        usual = Path.home() / "Library" / "Caches"
    else:
        usual = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(usual) / "menura" / "models"


def usual_shelves() -> tuple[Path, ...]:
    """Where a name is looked up unless told otherwise: among the models of the package, then among the user's."""
    return (PRETRAINED, user_shelf())


def model_folder(name: str | Path, shelves: Sequence[Path] | None = None, only_named: bool = False) -> Path:
    """The folder of a model, by the name it has on a shelf or, unless `only_named`, by its path or that of its run.

    A public model whose weights are within an installed package is put on the user's shelf when it is first asked for.

    Args:
        name: its name or path.
        shelves: the folders in which names are looked up, the first first; default: `usual_shelves`.
        only_named: whether it has to stand on a shelf.

    Raises:
        ValueError: there is none; the message lists the names there are.
    """
    if standing := _standing(str(name), usual_shelves() if shelves is None else shelves):
        return standing
    if not only_named:
        for folder in (Path(name), Path(name) / _OF_A_RUN):
            if (folder / "config.json").is_file():
                return folder
        if (Path(name) / "training" / "state.json").is_file():
            raise ValueError(f"{name} is a run that has not ended, and has no model yet; go on with it (--resume)")
    if _has_user_shelf(shelves) and (folder := packaged_folder(str(name), user_shelf())):
        return folder
    if known := catalogue().get(str(name)):
        raise ValueError(f"the model {name} is not here yet: {known.how_to_get}")
    wanted = "give" if only_named else "give a folder with a config.json, or"
    folders = model_folders(shelves)
    raise ValueError(f"no model {str(name)[:80]!r}: {wanted} one of {', '.join(folders) or 'none'}")


def _standing(name: str, shelves: Sequence[Path]) -> Path | None:
    """The folder of that name on the first shelf that has one, without listing the shelves."""
    if name in ("", "..") or Path(name).name != name:  # it is a path
        return None
    folders = (shelf / name / within for shelf in shelves for within in ("", _OF_A_RUN))
    return next((folder for folder in folders if (folder / "config.json").is_file()), None)


def model_folders(shelves: Sequence[Path] | None = None) -> dict[str, Path]:
    """The models that stand on shelves, by themselves or in the folder of their run: name -> folder."""
    shelves = usual_shelves() if shelves is None else shelves
    patterns = (f"*/{_OF_A_RUN}/config.json", "*/config.json")
    found = (path.parent for shelf in reversed(shelves) for pattern in patterns for path in shelf.glob(pattern))
    folders = {model_name(folder): folder for folder in found}  # of two with one name, the one on the first shelf
    return {name: folders[name] for name in sorted(folders)}


def _has_user_shelf(shelves: Sequence[Path] | None) -> bool:
    """Whether models may be put there, to be found by their names."""
    return shelves is None or user_shelf() in shelves


def model_name(folder: Path) -> str:
    """What a model is called: as its folder, or as the run whose model it is."""
    return folder.parent.name if folder.name == _OF_A_RUN else folder.name


_HASH, _WEIGHTS_HASH = "menura.checkpoint:model_hash", "menura.checkpoint:weights_hash"
_Stamp = tuple[tuple[str, int, int, int, int], ...]


class _Kept(NamedTuple):
    """A value, and what the folder was like that it is of."""

    stamp: _Stamp
    value: Any


class Models:
    """Loads each model once, and anew when its folder has changed; safe to share between threads.

    Args:
        device: where the models live, as torch names it.
        shelves: the folders in which names are looked up, the first first; default: `usual_shelves`.
        only_named: whether a model has to stand on a shelf, for callers who may not read any folder they like.
        limit_bytes: of the parameters of models in memory; those that were not used for longest go first. The
            model asked for last stays, however large.
    """

    def __init__(
        self,
        device: str = "cpu",
        shelves: Sequence[Path] | None = None,
        only_named: bool = False,
        limit_bytes: int = 2 << 30,
    ) -> None:
        self.device = device
        self._shelves = None if shelves is None else tuple(shelves)
        self.only_named = only_named
        self.limit_bytes = limit_bytes
        self.used: dict[str, str] = {}
        self._loaded: dict[tuple[Path, str], _Kept] = {}
        self._hashes: dict[tuple[Path, str], _Kept] = {}
        self._lock = RLock()

    @property
    def shelves(self) -> tuple[Path, ...]:
        """The folders in which names are looked up."""
        return usual_shelves() if self._shelves is None else self._shelves

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
        place = folder, self.device
        with self._lock:
            stamp = _stamp(folder)
            load = partial(resolve_name("menura.checkpoint:load"), folder, self.device)
            before = self._loaded.get(place)
            model = _kept(self._loaded, place, stamp, load)
            self._loaded[place] = self._loaded.pop(place)  # last in line to be let go of
            self.used[str(name)] = self._hash(folder, _HASH, stamp)
            if _stamp(folder) != stamp:
                raise ValueError(f"{folder} was changed while it was read; ask again")
            if self._loaded[place] is not before:
                self._keep_to_limit()
            return model

    def require(self, name: str | Path, contract: str) -> None:
        """Refuse a model that a task cannot use, before its weights are read.

        Raises:
            ValueError: there is no such model, or it does not keep the contract, one of `menura.models.contract`.
        """
        if contract not in _contracts(self.folder(name)):
            fitting = ", ".join(self.fitting(contract)) or "none here"
            raise ValueError(f"{name} is not {CONTRACTS[contract].words}; those that are: {fitting}")

    def fitting(self, contract: str) -> list[str]:
        """The names of the models that keep a contract; of public ones too whose weights installed packages have."""
        folders = model_folders(self.shelves)
        fitting = {name for name, folder in folders.items() if contract in _contracts(folder)}
        if _has_user_shelf(self.shelves):
            public = (entry for entry in catalogue().values() if contract in contracts_of(entry.family, {}))
            fitting |= {entry.name for entry in public if entry.is_packaged_here}
        return sorted(fitting)

    def hash(self, name: str | Path) -> str:
        """``"sha256:…"`` of a model's configuration and weights."""
        folder = self.folder(name)
        return self._hash(folder, _HASH, _stamp(folder))

    def weights_hash(self, name: str | Path) -> str:
        """``"sha256:…"`` of a model's weights alone, as ``.mnr`` files have it."""
        folder = self.folder(name)
        return self._hash(folder, _WEIGHTS_HASH, _stamp(folder))

    def is_same(self, name: str | Path, recorded: str) -> bool:
        """Whether a model is the one whose hash was recorded; the first sidecars recorded that of the weights alone.

        Raises:
            ValueError: there is none of that name.
        """
        return recorded in (self.hash(name), self.weights_hash(name))

    def forget(self) -> None:
        """Let go of the loaded models; those that tasks still use stay until these end."""
        with self._lock:
            self._loaded.clear()
            self._hashes.clear()

    @property
    def num_loaded(self) -> int:
        """How many models are in memory."""
        return len(self._loaded)

    def unused(self, device: str | None = None) -> Models:
        """The same loaded models with an empty record of which were used, for one task, which may name a device."""
        view = Models(device or self.device, self._shelves, self.only_named, self.limit_bytes)
        view._loaded, view._hashes, view._lock = self._loaded, self._hashes, self._lock
        return view

    def _hash(self, folder: Path, kind: str, stamp: _Stamp) -> str:
        with self._lock:
            return _kept(self._hashes, (folder, kind), stamp, partial(resolve_name(kind), folder))

    def _keep_to_limit(self) -> None:
        sizes = {place: _num_bytes(kept.value) for place, kept in self._loaded.items()}
        total = sum(sizes.values())
        for place in list(sizes)[:-1]:
            if total <= self.limit_bytes:
                break
            total -= sizes[place]
            del self._loaded[place]


def _contracts(folder: Path) -> Sequence[str]:
    """Those that a model keeps, by its ``config.json``; what is wrong with that file is said when it is loaded."""
    try:
        described = read_json(folder / "config.json")
    except (ValueError, OSError):
        return tuple(CONTRACTS)
    family, config = described.get("family"), described.get("config")
    return contracts_of(str(family), config if isinstance(config, dict) else {})


def _kept(kept: dict[Any, _Kept], key: Any, stamp: _Stamp, make: Callable[[], Any]) -> Any:
    """What is kept under `key`, made anew where the folder is not as it was."""
    if key not in kept or kept[key].stamp != stamp:
        kept[key] = _Kept(stamp, make())
    return kept[key].value


def _num_bytes(model: Any) -> int:
    """What a model's parameters take in memory, where those of a file may be half as wide."""
    return sum(one.numel() * one.element_size() for one in model.parameters())


def _stamp(folder: Path) -> _Stamp:
    """What changes whenever a file of a model does."""
    found = []
    for pattern in ("config.json", "model.safetensors"):
        for path in sorted(folder.rglob(pattern)):
            about = path.stat()
            found.append((str(path), about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino))
    return tuple(found)
