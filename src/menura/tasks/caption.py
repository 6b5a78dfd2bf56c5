"""Caption: captions of a video or a recording, beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.sounds_heard import Sounds
from menura.tasks.task import Category
from menura.tasks.transcribing import ACTIVITY, SUFFIXES, Transcribed, Transcribing

_EMBEDDER = "embedder"


class Caption(Transcribing):
    """Write captions of a video or a recording beside it, where players look for them.

    The video stays as it is: nothing is burned into its pictures. With sounds, what is heard while nobody speaks is
    told in brackets: [rain].
    """

    name: ClassVar[str] = "caption"
    category: ClassVar[Category] = "Listen"
    is_local: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("file",)
    takes_more_files: ClassVar[bool] = True
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("language", "prompt", "hotwords", "speakers", "num_speakers", "sounds"),
        "How": (
            *("model", "temperature", "beam_size", "best_of", "condition_on_previous_text", "vad_filter", "batch_size"),
            *("seed", "device"),
        ),
        "Files": ("format", "max_line_width", "max_line_count", "max_words_per_line", "highlight_words", "output"),
    }

    format: Annotated[Literal["srt", "vtt", "ass"], Field(description="of the captions; ass is karaoke")] = "srt"
    sounds: Annotated[bool, Field(description="tell in brackets what is heard while nobody speaks")] = False
    output: Annotated[Path | None, Field(description="the file to write (default: called as the video)")] = None

    def suffixes(self) -> tuple[str, ...]:
        return (SUFFIXES[self.format], self.sidecar_suffix())

    def sidecar_suffix(self) -> str:
        return ".caption.json"

    def default_output(self, source: Path) -> Path:
        return source.absolute().with_suffix("")

    def run(self, models: Models, progress: Progress) -> Iterator[Transcribed]:
        sounds = Sounds(models.get(_EMBEDDER), models.get(ACTIVITY)) if self.sounds else None
        transcript = self.heard(models, progress, sounds).transcript()
        yield Transcribed(transcript, self.layout, (self.format,))
