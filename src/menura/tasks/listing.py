"""Lists of what compose knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from menura.progress import Progress
from menura.score.instruments import INSTRUMENTS
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task
from menura.text.prompts import STYLES


@dataclass(frozen=True, repr=False)
class Listing(Shown):
    """Rows with the same columns.

    Attributes:
        title: what they are.
        rows: column -> value, one mapping a row.
    """

    title: str
    rows: tuple[Mapping[str, Any], ...]

    def summary(self) -> Mapping[str, Any]:
        return {self.title: list(self.rows)}


class Styles(Task):
    """List the styles that compose knows."""

    name: ClassVar[str] = "styles"
    category: ClassVar[Category] = "Music"

    def run(self, models: Models, progress: Progress) -> Iterator[Listing]:  # noqa: ARG002
        yield Listing("styles", tuple({"style": style} for style in STYLES))


class Instruments(Task):
    """List the instruments that compose knows."""

    name: ClassVar[str] = "instruments"
    category: ClassVar[Category] = "Music"

    def run(self, models: Models, progress: Progress) -> Iterator[Listing]:  # noqa: ARG002
        rows = (
            {
                "instrument": instrument.name,
                "family": instrument.family,
                "lowest": instrument.low,
                "highest": instrument.high,
                "also": ", ".join(instrument.synonyms),
            }
            for instrument in INSTRUMENTS
        )
        yield Listing("instruments", tuple(rows))
