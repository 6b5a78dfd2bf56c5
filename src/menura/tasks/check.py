"""Check a model folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from menura.progress import Progress
from menura.tasks.inputs import ModelName
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task

if TYPE_CHECKING:
    from menura.checkpoint import CheckReport


@dataclass(frozen=True, repr=False)
class Checked(Shown):
    """A model folder that is sound, with the numbers that show it."""

    report: CheckReport

    def summary(self) -> Mapping[str, Any]:
        report = self.report
        return {
            "folder": str(report.folder),
            "family": report.family,
            "parameters": report.num_parameters,
            "weights": report.weights,
            "probe": f"differs by {report.difference:.1e} of its peak; {report.tolerance:.0e} is allowed",
            "compiled_step": f"differs by {report.rounding:.1e} from the readable one; it is rounded to 8 bits",
            "parts": [part.folder.name for part in report.parts],
        }


class Check(Task):
    """Check that a model is whole and answers as it did when it was saved."""

    name: ClassVar[str] = "check"
    category: ClassVar[Category] = "Check"
    positional: ClassVar[tuple[str, ...]] = ("model",)

    model: Annotated[ModelName, Field(description="a model folder, or the name of a model that comes with Menura")]
    tolerance: Annotated[float, Field(description="largest difference of the probe, of its peak", ge=0, le=1)] = 1e-3

    def run(self, models: Models, progress: Progress) -> Iterator[Checked]:
        folder = models.folder(self.model)
        progress.update(0, 1, f"checking {folder.name}")
        report: CheckReport = resolve_name("menura.checkpoint:check")(folder, self.tolerance)
        if report.complaint:
            raise ValueError(report.complaint)
        yield Checked(report)
