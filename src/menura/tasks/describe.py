"""Describe: what is heard in a sound."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from menura.audio.loudness import integrated_lufs
from menura.models.contract import Embedder, needs
from menura.progress import Progress
from menura.tasks.fields import OnDevice
from menura.tasks.inputs import ModelName, SoundInput
from menura.tasks.limits import MOST_SAMPLES
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.tags import TAGS, Tag, nearest_tags, point_of
from menura.tasks.task import Category, Task

_IN_THE_LINE = 3


@dataclass(frozen=True, repr=False)
class Described(Shown):
    """What a sound is most like.

    Attributes:
        tags: names, the nearest first, with the cosine between name and sound.
        seconds: its length.
        loudness: in LUFS; -inf for silence.
    """

    tags: tuple[Tag, ...]
    seconds: float
    loudness: float

    @property
    def line(self) -> str:
        """In one line."""
        level = f"{self.loudness:.1f} LUFS" if math.isfinite(self.loudness) else "silent"
        names = ", ".join(tag.name for tag in self.tags[:_IN_THE_LINE])
        return f"{names}; {self.seconds:.2f} s, {level}"

    def summary(self) -> Mapping[str, Any]:
        return {"sound": self.line, "tags": [{"tag": tag.name, "score": round(tag.score, 3)} for tag in self.tags]}


class Describe(OnDevice, Task):
    """Say what a sound is most like: tags with scores, and one line.

    Tags are the names of sounds that Menura knows, or those that you give; the nearest come first. A score is a cosine:
    1 at most, around 0 for what has nothing to do with the sound.
    """

    name: ClassVar[str] = "describe"
    category: ClassVar[Category] = "Listen"
    positional: ClassVar[tuple[str, ...]] = ("file",)

    file: Annotated[SoundInput, Field(description="the sound")]
    top: Annotated[int, Field(description="tags to give", ge=1, le=100)] = 5
    among: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
        Field(description="tags to choose among (default: the sounds that Menura knows)", max_length=1000),
    ] = ()
    model: Annotated[
        ModelName, Field(description="name or folder of an embedder", json_schema_extra=needs("Embedder"))
    ] = "embedder"

    def run(self, models: Models, progress: Progress) -> Iterator[Described]:
        embedder: Embedder = models.get(self.model)
        progress.update(0, 1, "listening")
        sound = self.file.read(max_samples=MOST_SAMPLES)
        tags = nearest_tags(embedder, point_of(embedder, sound), self.among or TAGS, self.top)
        yield Described(tags, sound.num_samples / sound.sample_rate_hz, integrated_lufs(sound))
