"""Info: what a file of codes says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from menura.audio import mnr
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.task import Task, takes


@dataclass(frozen=True, eq=False)
class Info:
    """What a file of codes says of itself.

    Attributes:
        header: of the file.
        codes: all of them, checked.
        num_bytes: of the file.
        is_here: whether the codec it was made with is here.
    """

    header: mnr.Header
    codes: mnr.Codes
    num_bytes: int
    is_here: bool

    def summary(self) -> Mapping[str, Any]:
        header, seconds = self.header, self.codes.duration_s
        return {
            "seconds": round(seconds, 3),
            "channels": header.channels,
            "rate": header.sample_rate_hz,
            "frames_per_second": round(header.sample_rate_hz / header.hop_samples, 3),
            "codebooks": header.stages,
            "codes_in_each": header.size,
            "kbps": round(header.kbps, 3),
            "kbps_of_the_file": round(8 * self.num_bytes / max(seconds, 1e-9) / 1000, 3),
            "model": header.model,
            "weights": f"{header.weights}…",
            "model_is_here": "yes" if self.is_here else "no, or with other weights",
        }


class InfoTask(Task):
    """Say what a .mnr file holds, and whether it is whole."""

    name: ClassVar[str] = "info"
    positional: ClassVar[tuple[str, ...]] = ("file",)

    file: Annotated[Path, Field(description="the .mnr file", json_schema_extra=takes(".mnr"))]

    def run(self, models: Models, progress: Progress) -> Iterator[Info]:  # noqa: ARG002
        header, codes = mnr.read(self.file)
        try:
            is_here = header.same_weights(models.hash(header.model))
        except ValueError:
            is_here = False
        yield Info(header, codes, self.file.stat().st_size, is_here)
