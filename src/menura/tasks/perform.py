"""Perform a task: draw its seed, run it, keep each result as files with a sidecar. Every face goes through here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from menura import files, kinds, sidecar
from menura.progress import Progress
from menura.tasks.fields import OnDevice
from menura.tasks.inputs import Input
from menura.tasks.models import Models
from menura.tasks.task import RESULT_SUFFIXES, FileResult, Played, Remarked, Result, Task, paths_in, spoken

_KNOWN_SUFFIXES = frozenset((*RESULT_SUFFIXES, *kinds.SOUND.suffixes, *kinds.NOTES.suffixes))
_MAX_NUMBER = 10_000


@dataclass(frozen=True)
class Performed:
    """A result, and the files it was kept in: none where no output was asked for."""

    result: Result
    files: tuple[Path, ...] = ()


def perform(task: Task, models: Models, progress: Progress, overwrite: bool = False) -> Iterator[Performed]:
    """Run a task and, where it has an output, keep each result there as soon as it is ready.

    Raises:
        OSError: a file of a result exists and `overwrite` is false, or cannot be written; noticed before the work
            where possible.
        ValueError, menura.progress.Cancelled: as `Task.run`.
    """
    task = task.seeded()
    models = models.unused(_device(task.recorded()))
    task.check_models(models)
    stem = output_stem(task)
    if stem is not None:
        targets = _targets(task, stem)
        _refuse_own_input(task.recorded(), targets)
        files.require_writable(stem.parent)
        files.refuse_overwrite(targets, overwrite)

    def kept(result: Result) -> Performed:
        if stem is None or not isinstance(result, FileResult):
            return Performed(result)
        return Performed(result, _keep(result, task.recorded(), models, stem, overwrite))

    results = map(kept, task.run(models, progress))
    while True:
        with progress.active():  # whoever takes the results does so between them, and as whoever they are
            performed = next(results, None)
        if performed is None:
            return
        yield performed
        del performed  # large, and of no use while the next is made


def with_default_output(task: Task, folder: Path | None = None, overwrite: bool = False) -> Task:
    """The task with an output, if it can have one: named for the first words or file it was given.

    It is in `folder`, or where the task puts it. Unless `overwrite`, the name is numbered where it is taken, but for
    one that stands beside the file that was given.
    """
    if vars(task).get("output", "") is not None:
        return task
    given = (vars(task)[name] for name in (*task.positional, *task.inputs()))
    source = next((one for one in given if one), None)
    if (path := next(paths_in(source), None)) is not None:
        stem = task.default_output(path)
    else:
        stem = Path(files.slug(source if isinstance(source, str) else "").strip("-") or task.name)
    if folder is not None:
        stem = folder / stem.name
    elif stem.parent != Path():
        return task.model_copy(update={"output": stem})
    stems = (stem, *(stem.with_name(f"{stem.name}-{number}") for number in range(2, _MAX_NUMBER)))
    free = (one for one in stems if overwrite or not any(map(os.path.lexists, _targets(task, one))))
    return task.model_copy(update={"output": next(free, stem)})


def output_stem(task: Task) -> Path | None:
    """Where a task's results go: its ``output`` without a result's suffix, or None.

    Raises:
        ValueError: it names no file, or one of a kind that the task does not write.
    """
    output = vars(task).get("output")
    if output is None:
        return None
    path, suffixes = Path(output), task.suffixes()
    suffix = path.suffix.lower() if path.stem else ""
    own = {one.lower() for one in suffixes}
    stem = path.with_suffix("") if suffix in own else path
    if not stem.name or stem.is_dir():
        raise ValueError(f"output: {str(output)!r} is a folder; add a name for the files in it")
    if suffix in _KNOWN_SUFFIXES and suffix not in own:
        raise ValueError(f"output: {task.name} as asked would not write {path.name}, but {', '.join(suffixes)} files")
    return stem


def _device(task: Task) -> str | None:
    return task.named_device if isinstance(task, OnDevice) else None


def _targets(task: Task, stem: Path) -> list[Path]:
    """Every file that is known to be written, and some that may be."""
    return [stem.with_name(stem.name + name + suffix) for name in task.names() for suffix in task.suffixes()]


def _refuse_own_input(recorded: Task, targets: Iterable[Path]) -> None:
    """Nothing takes the place of what it is made from, overwriting or not."""
    inputs = {path.resolve(): path.name for name in recorded.inputs() for path in paths_in(vars(recorded)[name])}
    for target in targets:
        if name := inputs.get(target.resolve()):
            raise ValueError(f"output: {target.with_suffix('')} would take the place of {name} itself; name another")


def _keep(result: FileResult, recorded: Task, models: Models, stem: Path, overwrite: bool) -> tuple[Path, ...]:
    """Write a result's files and its sidecar, all of them or none."""
    stem = stem.with_name(stem.name + result.name)
    with files.writing_beside(stem, overwrite) as staged:
        paths = [path.relative_to(staged.parent) for path in result.save(staged)]
        hashes = {path.as_posix(): files.sha256(staged.parent / path) for path in paths}
        parameters, inputs = _parameters(recorded, stem.parent, models.device)
        found = result.soundfont if isinstance(result, Played) and "soundfont" not in inputs else None
        soundfonts = {found.name: _hash(found)} if found else {}
        remarks = result.remarks if isinstance(result, Remarked) else {}
        note = sidecar.now(recorded.name, parameters, models.used, inputs, hashes, soundfonts, remarks)
        sidecar.write(files.suffixed(staged, recorded.sidecar_suffix()), note)
    return (*(stem.parent / path for path in paths), files.suffixed(stem, recorded.sidecar_suffix()))


def _hash(path: Path) -> str:
    """The hash of a large file, computed once for as long as it stays as it is."""
    state = path.stat()
    return _hash_of_state(path, state.st_mtime_ns, state.st_size)


@lru_cache
def _hash_of_state(path: Path, _mtime_ns: int, _num_bytes: int) -> str:
    return files.sha256(path)


def _parameters(task: Task, folder: Path, device: str) -> tuple[dict[str, Any], dict[str, str]]:
    """A task's parameters as JSON holds them, and the hashes of the files among them.

    Files are named as seen from `folder`, where the sidecar is, so that the two can be moved together; what was given
    without a file has a hash and no name. The device stands there only where it is not the CPU, which needs no saying.
    """
    parameters = task.model_dump(mode="json", by_alias=True, exclude={"output", "device"})
    if isinstance(task, OnDevice) and device != "cpu":
        parameters["device"] = device
    inputs = {}
    for name in task.inputs():
        value = vars(task)[name]
        path = value.path if isinstance(value, Input) else value
        if isinstance(path, Path) and path.is_file():
            parameters[spoken(name)] = os.path.relpath(path.resolve(), folder.resolve())
            inputs[spoken(name)] = files.sha256(path)
        elif isinstance(value, Input) and path is None:
            inputs[spoken(name)] = value.hash()
    return parameters, inputs
