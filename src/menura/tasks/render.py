"""Render: any MIDI file as sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from menura.progress import Progress
from menura.score.instruments import track_names
from menura.tasks.fields import Seed
from menura.tasks.inputs import NotesInput
from menura.tasks.models import Models
from menura.tasks.piece import Piece, Rendered
from menura.tasks.task import Category, Task


class Render(Rendered, Task):
    """Play a MIDI file, as sound and as a piano roll."""

    name: ClassVar[str] = "render"
    category: ClassVar[Category] = "Music"
    positional: ClassVar[tuple[str, ...]] = ("file",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Sound": ("rate", "bits", "format", "loudness", "soundfont", "stems", "bundle", "seed", "output"),
    }

    file: Annotated[NotesInput, Field(description="the MIDI file (.mid) to play")]
    seed: Annotated[Seed, Field(description="of the hall")] = 0
    output: Annotated[Path | None, Field(description="stem of the files to write")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[Piece]:  # noqa: ARG002
        score = self.file.read()
        if not score.num_notes:
            raise ValueError(f"{self.file.name} has no notes to render")
        progress.update(0, 1, "rendering")
        instruments = track_names(track for track in score.tracks if len(track.notes))
        about = {"title": score.title, "instruments": instruments, "bpm": round(score.tempos[0].bpm, 2)}
        yield self.rendered(score, name="", seed=self.seed, about=about)
