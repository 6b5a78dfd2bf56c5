"""Replay: make a result again from its sidecar."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, ClassVar

from pydantic import Field

from menura import files, sidecar
from menura.progress import Progress
from menura.sidecar import Sidecar
from menura.tasks import TASKS
from menura.tasks.models import Models
from menura.tasks.task import Result, Task


class Replay(Task):
    """Make a result again from its sidecar, the same to the last sample."""

    name: ClassVar[str] = "replay"
    is_local: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("file",)

    file: Annotated[Path, Field(description="the sidecar (.json) of the result")]
    output: Annotated[Path | None, Field(description="stem of the files to write")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[Result]:
        task = self.recorded()
        for warning in self._differences(task, models):
            progress.say(f"warning: {warning}, so the result may differ")
        yield from task.run(models, progress)

    def single(self) -> bool:
        return self.recorded().single()

    def recorded(self) -> Task:
        return self._task

    @cached_property
    def _sidecar(self) -> Sidecar:
        return sidecar.read(self.file)

    @cached_property
    def _task(self) -> Task:
        """The recorded task, checked as if a stranger asked for it."""
        note = self._sidecar
        if note.task not in TASKS or note.task == self.name:
            raise ValueError(f"{self.file}: no task {note.task[:60]!r} to replay")
        kind: type[Task] = resolve_name(TASKS[note.task][0])
        if "output" in note.parameters or "output" not in kind.model_fields:
            raise ValueError(f"{self.file}: a sidecar of {note.task} names no output")
        inputs = {name: self.file.parent / note.parameters[name] for name in note.inputs if name in note.parameters}
        try:
            return kind.build(note.parameters | inputs)
        except ValueError as error:
            raise ValueError(f"{self.file}: {error}") from None

    def _differences(self, task: Task, models: Models) -> Iterator[str]:
        """What is no longer as it was, one phrase each."""
        note = self._sidecar
        if note.menura != version("menura"):
            yield f"it was made by menura {note.menura[:20]}, this is {version('menura')}"
        for name, recorded in note.models.items():
            if models.hash(name) != recorded:
                yield f"the weights of {name} are not those it was made with"
        for name, recorded in note.inputs.items():
            path = vars(task).get(name)
            if isinstance(path, Path) and files.sha256(path) != recorded:
                yield f"{path} has changed"
