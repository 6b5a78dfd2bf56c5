"""Perform a task: draw its seed, run it, keep each result as files with a sidecar. Every face goes through here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from menura import files, sidecar
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.task import FileResult, Result, Task


@dataclass(frozen=True)
class Performed:
    """A result, and the files it was kept in: none where no output was asked for."""

    result: Result
    files: tuple[Path, ...] = ()


def perform(task: Task, models: Models, progress: Progress, overwrite: bool = False) -> Iterator[Performed]:
    """Run a task and, where it has an output, keep each result there as soon as it is ready.

    Raises:
        FileExistsError: a file of a result exists and `overwrite` is false; noticed before the work where possible.
        ValueError, menura.progress.Cancelled: as `Task.run`.
    """
    task, models = task.seeded(), models.unused()
    stem = output_stem(task)
    if stem is not None:
        targets = [files.suffixed(stem, suffix) for suffix in task.suffixes()]
        _refuse_own_input(task.recorded(), targets)
        files.refuse_overwrite(targets, overwrite)
    for result in task.run(models, progress):
        if stem is not None and isinstance(result, FileResult):
            yield Performed(result, _keep(result, task.recorded(), models.used, stem, overwrite))
        else:
            yield Performed(result)


def with_default_output(task: Task, folder: Path = Path()) -> Task:
    """The task with an output, if it can have one: named in `folder` for the first words or file it was given."""
    if vars(task).get("output", "") is not None:
        return task
    source = vars(task)[task.positional[0]] if task.positional else None
    if isinstance(source, Path):
        name = f"{files.slug(source.stem)}-{task.name}"
    else:
        name = files.slug(source if isinstance(source, str) else "")
    return task.model_copy(update={"output": folder / (name.strip("-") or task.name)})


def output_stem(task: Task) -> Path | None:
    """Where a task's results go: its ``output`` without a result's suffix, or None."""
    output = vars(task).get("output")
    if output is None:
        return None
    path = Path(output)
    stem = path.with_suffix("") if path.suffix.lower() in task.suffixes() and path.stem else path
    if not stem.name or stem.is_dir():
        raise ValueError(f"output: {str(output)!r} is a folder; add a name for the files in it")
    return stem


def _refuse_own_input(recorded: Task, targets: Iterable[Path]) -> None:
    """Nothing takes the place of what it is made from, overwriting or not."""
    inputs = {value.resolve(): value.name for name, value in recorded if name in recorded.inputs() and value}
    for target in targets:
        if name := inputs.get(target.resolve()):
            raise ValueError(f"output: {target.with_suffix('')} would take the place of {name} itself; name another")


def _keep(result: FileResult, recorded: Task, used: Mapping[str, str], stem: Path, overwrite: bool) -> tuple[Path, ...]:
    """Write a result's files and its sidecar, all of them or none."""
    stem = stem.with_name(stem.name + result.name)
    with files.writing_beside(stem, overwrite) as staged:
        paths = [path.relative_to(staged.parent) for path in result.save(staged)]
        hashes = {path.as_posix(): files.sha256(staged.parent / path) for path in paths}
        parameters, inputs = _parameters(recorded, stem.parent)
        note = sidecar.now(recorded.name, parameters, used, inputs, hashes)
        sidecar.write(files.suffixed(staged, recorded.sidecar_suffix()), note)
    return (*(stem.parent / path for path in paths), files.suffixed(stem, recorded.sidecar_suffix()))


def _parameters(task: Task, folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """A task's parameters as JSON holds them, and the hashes of the files among them.

    Files are named as seen from `folder`, where the sidecar is, so that the two can be moved together.
    """
    parameters = task.model_dump(mode="json", exclude={"output"})
    inputs = {}
    for name, value in task:
        if name != "output" and isinstance(value, Path) and value.is_file():
            parameters[name] = os.path.relpath(value.resolve(), folder.resolve())
            inputs[name] = files.sha256(value)
    return parameters, inputs
