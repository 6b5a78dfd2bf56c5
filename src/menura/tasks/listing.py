"""Lists of what compose and sound know."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from menura.progress import Progress
from menura.score.instruments import INSTRUMENTS
from menura.synth.catalogue import GENERATORS
from menura.synth.generator import Choice
from menura.synth.presets import Preset, presets
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task, offers
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


class Sounds(Task):
    """List the sounds that sound knows, what of each can be set, and the presets that there are."""

    name: ClassVar[str] = "sounds"
    category: ClassVar[Category] = "Sound"
    positional: ClassVar[tuple[str, ...]] = ("of",)

    of: Annotated[
        str | None,
        Field(max_length=40, description="one sound, for its parameters", json_schema_extra=offers(GENERATORS)),
    ] = None
    presets: Annotated[bool, Field(description="list presets, of that sound or of all")] = False

    def check(self) -> None:
        if self.of and self.of not in GENERATORS:
            close = difflib.get_close_matches(self.of, GENERATORS, n=1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise ValueError(f"of: there is no sound {self.of!r}; {hint}`menura sounds` lists them")

    def run(self, models: Models, progress: Progress) -> Iterator[Listing]:  # noqa: ARG002
        if self.presets:
            yield Listing(
                "presets", tuple(_described(one) for one in presets().values() if self.of in (None, one.generator))
            )
            return
        if self.of is None:
            rows = tuple(
                {
                    "sound": one.name,
                    "kind": one.kind,
                    "is": one.summary,
                    "set": ", ".join(parameter.name for parameter in one.parameters),
                }
                for one in GENERATORS.values()
            )
            yield Listing("sounds", rows)
            return
        rows = []
        for parameter in GENERATORS[self.of].parameters:
            is_choice = isinstance(parameter, Choice)
            values = ", ".join(parameter.values) if is_choice else f"{parameter.low:g}–{parameter.high:g}"
            rows.append(
                {
                    "parameter": parameter.name,
                    "values": values,
                    "unit": "" if is_choice else parameter.unit,
                    "usual": parameter.usual,
                    "is": parameter.about,
                }
            )
        yield Listing("parameters", tuple(rows))


def _described(one: Preset) -> Mapping[str, Any]:
    values = ", ".join(f"{name}={value}" for name, value in one.values.items())
    return {
        "preset": one.name,
        "sound": one.generator,
        "parameters": values,
        "after": one.source,
        "by": one.author,
        "licence": one.licence,
    }
