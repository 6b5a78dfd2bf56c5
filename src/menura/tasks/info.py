"""Info: what a file of codes says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from menura.audio import mnr
from menura.progress import Progress
from menura.tasks.inputs import CodesInput
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task


@dataclass(frozen=True, eq=False, repr=False)
class Info(Shown):
    """What a file of codes says of itself.

    Attributes:
        header: of the file.
        num_samples: of the sound, a channel.
        odd: what is odd about the file; nothing where it is whole.
        num_bytes: of the file.
        is_here: whether the codec it was made with is here.
    """

    header: mnr.Header
    num_samples: int
    odd: tuple[str, ...]
    num_bytes: int
    is_here: bool

    def summary(self) -> Mapping[str, Any]:
        header, seconds = self.header, self.num_samples / self.header.sample_rate_hz
        return {
            "is_whole": "; ".join(self.odd) or "yes",
            "seconds": round(seconds, 3),
            "channels": header.channels,
            "rate": header.sample_rate_hz,
            "frames_per_second": round(header.sample_rate_hz / header.hop_samples, 3),
            "codebooks": header.num_codebooks,
            "codes_in_each": header.codebook_size,
            "kbps": round(header.kbps, 3),
            "kbps_of_the_file": round(8 * self.num_bytes / max(seconds, 1e-9) / 1000, 3),
            "model": header.model,
            "weights": f"{header.weights}…",
            "model_is_here": "yes" if self.is_here else "no, or with other weights",
        }


class InfoTask(Task):
    """Say what a .mnr file holds, and whether it is whole."""

    name: ClassVar[str] = "info"
    category: ClassVar[Category] = "Check"
    positional: ClassVar[tuple[str, ...]] = ("file",)

    file: Annotated[CodesInput, Field(description="the .mnr file")]

    def run(self, models: Models, progress: Progress) -> Iterator[Info]:  # noqa: ARG002
        header, num_samples, odd = self.file.measure()
        try:
            is_here = header.same_weights(models.weights_hash(header.model))
        except ValueError:
            is_here = False
        yield Info(header, num_samples, odd, len(self.file.to_bytes()), is_here)
