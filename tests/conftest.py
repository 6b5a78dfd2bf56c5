"""A small task with every kind of field, for the tests of what all tasks share."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import Field

from menura import files
from menura.progress import Progress
from menura.tasks import TASKS
from menura.tasks.models import Models
from menura.tasks.task import Task


@dataclass(frozen=True)
class Drawing:
    name: str
    text: str

    def summary(self) -> Mapping[str, Any]:
        return {"text": self.text}

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        path = files.suffixed(stem, ".mid")
        files.write_bytes(path, self.text.encode(), overwrite)
        return [path]


class Sketch(Task):
    """Draw a thing.

    It is drawn at random.
    """

    name: ClassVar[str] = "sketch"
    positional: ClassVar[tuple[str, ...]] = ("prompt",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {"Sound": ("bpm", "instruments")}

    prompt: Annotated[str, Field(description="what to draw", min_length=1, max_length=50)]
    bpm: Annotated[float | None, Field(description="beats a minute", ge=20, le=300)] = None
    bars: Annotated[int, Field(description="how long", ge=1)] = 4
    warmth: Annotated[float, Field(description="how warm", gt=0, le=1)] = 0.5
    instruments: Annotated[tuple[str, ...], Field(description="who plays", max_length=3)] = ()
    format: Annotated[Literal["wav", "flac"], Field(description="what kind of file")] = "wav"
    stems: Annotated[bool, Field(description="whether to keep the parts")] = False
    continue_: Annotated[Path | None, Field(description="a file to go on from")] = None
    n: Annotated[int, Field(description="how many", ge=1, le=9)] = 1
    seed: Annotated[int | None, Field(description="for chance", ge=0)] = None
    output: Annotated[Path | None, Field(description="stem of the files")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[Drawing]:  # noqa: ARG002
        before = self.continue_.read_text() if self.continue_ else ""
        for index in range(self.n):
            progress.update(index, self.n, "drawing")
            chance = random.Random(f"{self.seed} {index}").random()
            yield Drawing("" if self.n == 1 else f"-{index + 1}", f"{before}{self.prompt} {chance}")

    def single(self) -> bool:
        return self.n == 1


@pytest.fixture
def sketch(monkeypatch) -> type[Sketch]:
    """The small task, listed among the verbs."""
    monkeypatch.setitem(TASKS, "sketch", (f"{Sketch.__module__}:Sketch", "Draw a thing."))
    return Sketch
