"""The files under a folder: links are followed, everything is read once, and what is passed over is said."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

Say = Callable[[str], None]
"""Tells a person one line."""


class Held(Protocol):
    """What a folder holds: a file, or a member of one. A dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> Path: ...

    @property
    def member(self) -> str: ...


_Held = TypeVar("_Held", bound=Held)


def files_under(folder: Path, is_wanted: Callable[[str], bool], say: Say) -> list[Path]:
    """The files under a folder whose names are wanted, sorted; a link that leads nowhere is among them.

    Links to folders are followed, out of the folder too. Each folder is looked into once, under its own name rather
    than a link's, so loops end; a link to a folder that holds this one is not followed. What begins with a dot is
    passed over: ``._a.wav`` is no sound but what macOS has to say of one.

    Args:
        folder: begins every path that is returned.
        is_wanted: says it of a file's name.
        say: is told what is passed over, and why.
    """
    found: list[Path] = []
    hidden: list[str] = []
    looked_into: set[str] = set()
    home, links, waiting = os.path.realpath(folder), [], [folder]
    while waiting or links:
        here = waiting.pop() if waiting else links.pop(0)
        real = os.path.realpath(here)
        if real in looked_into:
            say(f"{here} leads to {real}, which is read already")
            continue
        if here != folder and Path(home).is_relative_to(real):
            say(f"{here} leads to {real}, which holds {folder} itself; it is not followed")
            continue
        looked_into.add(real)
        for entry in _entries(here, say):
            if entry.name.startswith("."):
                hidden += [entry.name] if entry.is_dir() or is_wanted(entry.name) else []
            elif os.path.isdir(entry.path):
                (links if entry.is_symlink() else waiting).append(Path(entry.path))
            elif is_wanted(entry.name) and (os.path.isfile(entry.path) or not os.path.exists(entry.path)):
                found.append(Path(entry.path))
    if hidden:
        say(f"{len(hidden)} hidden files or folders are passed over, as {hidden[0]}")
    return sorted(found)


def _entries(folder: Path, say: Say) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        say(f"{folder} cannot be looked into ({(error.strerror or str(error)).lower()}); what it holds is missing")
        return []


def each_once(found: Iterable[_Held], folder: Path, say: Say) -> list[_Held]:
    """What a folder holds, each file once: of several names the first that is no link, or else the first.

    Args:
        found: in order.
        folder: where it was found.
        say: is told of files outside the folder, which links lead to, and of names that were left out.
    """
    home, listed = os.path.realpath(folder), list(found)
    leads_to = {path: os.path.realpath(path) for path in {one.path for one in listed}}  # a shard has many
    own = {path for path, real in leads_to.items() if os.path.join(home, os.path.relpath(path, folder)) == real}
    real, is_own = [leads_to[one.path] for one in listed], [one.path in own for one in listed]
    chosen: dict[tuple[str, str], int] = {}
    for index, one in enumerate(listed):
        former = chosen.setdefault((real[index], one.member), index)
        if is_own[index] and not is_own[former]:
            chosen[real[index], one.member] = index
    kept = sorted(chosen.values())
    if outside := [index for index in kept if not Path(real[index]).is_relative_to(home)]:
        example = f"{listed[outside[0]].name} is {real[outside[0]]}"
        say(f"{len(outside)} files lie outside {folder}, behind links, and are read: {example}")
    if again := sorted(set(range(len(listed))) - set(kept)):
        say(f"{len(again)} names lead to files that are read already, as {listed[again[0]].name}; each is read once")
    return _distinct([listed[index] for index in kept], folder)


def _distinct(found: list[_Held], folder: Path) -> list[_Held]:
    """What was found, each by a name of its own: two collections may be called alike."""
    times = Counter(one.name for one in found)
    home = folder.resolve().name
    return [
        replace(one, name="/".join(filter(None, (home, one.path.relative_to(folder).as_posix(), one.member))))
        if times[one.name] > 1
        else one
        for one in found
    ]


def fingerprint(path: Path) -> str:
    """What changes when a file does: its size and the time it was written; ``"missing"`` where it is not."""
    try:
        status = path.stat()
    except OSError:
        return "missing"
    return f"{status.st_size} bytes of {status.st_mtime_ns}"
