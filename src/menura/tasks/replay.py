"""Replay: make a result again from its sidecar."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from menura import files
from menura.progress import Progress
from menura.score.synth import soundfont
from menura.sidecar import Sidecar
from menura.tasks import TASKS
from menura.tasks.fields import is_here
from menura.tasks.inputs import Input, SidecarInput
from menura.tasks.models import Models
from menura.tasks.sound import as_named
from menura.tasks.task import Category, Result, Task, pairs, spoken


class Replay(Task):
    """Make a result again from its sidecar, the same to the last sample."""

    name: ClassVar[str] = "replay"
    category: ClassVar[Category] = "Check"
    is_local: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("file",)

    file: Annotated[SidecarInput, Field(description="the sidecar (.json) of the result")]
    given: Annotated[
        dict[str, Any] | None,
        BeforeValidator(pairs),
        Field(description="files in place of those it was made from, as continue=in.mid"),
    ] = None
    output: Annotated[Path | None, Field(description="stem of the files to write")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[Result]:
        task = self.recorded()
        for warning in self._differences(task, models):
            progress.warn(f"{warning}, so the result may differ")
        yield from task.run(models, progress)

    def single(self) -> bool:
        return self.recorded().single()

    def names(self) -> tuple[str, ...]:
        return self.recorded().names()

    def suffixes(self) -> tuple[str, ...]:
        return self.recorded().suffixes()

    def sidecar_suffix(self) -> str:
        return self.recorded().sidecar_suffix()

    def recorded(self) -> Task:
        return self._task

    @cached_property
    def _sidecar(self) -> Sidecar:
        return self.file.read()

    @cached_property
    def _task(self) -> Task:
        """The recorded task, checked as if a stranger asked for it."""
        note = self._sidecar
        if note.task not in TASKS or note.task == self.name:
            raise ValueError(f"{self.file}: no task {note.task[:60]!r} to replay")
        kind: type[Task] = resolve_name(TASKS[note.task][0])
        if "output" in note.parameters or "output" not in kind.model_fields:
            raise ValueError(f"{self.file}: a sidecar of {note.task} names no output")
        # Older sidecars say ``continue_``.
        given = dict(kind.older) | {spoken(name): value for name, value in note.parameters.items()}
        if self._lacks_device:
            del given["device"]
        named = as_named(self.output) if self.output else {}
        given |= {name: value for name, value in named.items() if name in kind.model_fields}
        try:
            given |= {spoken(name): self._input(name) for name in note.inputs if name in note.parameters}
            return kind.build(given)
        except ValueError as error:
            raise ValueError(f"{self.file}: {error}") from None

    @property
    def _lacks_device(self) -> bool:
        """Whether it was made on a device that this machine has not."""
        device = self._sidecar.parameters.get("device")
        return isinstance(device, str) and not is_here(device)

    def _input(self, name: str) -> Any:
        """What the result was made from: what is given in its place, or the file where it was."""
        replaced, recorded = self.given or {}, self._sidecar.parameters.get(name)
        if unknown := [other for other in replaced if other not in map(spoken, self._sidecar.inputs)]:
            raise ValueError(f"given: {unknown[0][:40]!r} is no file that the result was made from")
        if spoken(name) in replaced:
            return replaced[spoken(name)]
        if isinstance(recorded, str):
            return self.file.folder / recorded
        raise ValueError(f"{spoken(name)} was not a file but given by a program; name one that holds it with given")

    def _differences(self, task: Task, models: Models) -> Iterator[str]:
        """What is no longer as it was, one phrase each."""
        note = self._sidecar
        if note.menura != version("menura"):
            yield f"it was made by menura {note.menura[:20]}, this is {version('menura')}"
        if self._lacks_device:
            yield f"it was made on {note.parameters['device'][:20]!r}, which this machine has not"
        for name, recorded in note.models.items():
            if not models.is_same(name, recorded):
                yield f"the configuration or the weights of {name} are not those it was made with"
        given = {spoken(name): value for name, value in task}
        for name, recorded in note.soundfonts.items():
            found = soundfont.find()
            if files.sha256(found) != recorded:
                yield f"{found} plays, which is not the {name} that it was played with"
        for name, recorded in note.inputs.items():
            value: Any = given.get(spoken(name))
            same = value.is_same(recorded) if isinstance(value, Input) else files.sha256(Path(value)) == recorded
            if not same:
                changed = "is not what it was made from" if spoken(name) in (self.given or {}) else "has changed"
                yield f"{value} {changed}"
