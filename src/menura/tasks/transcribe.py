"""Transcribe: what is said in a recording, with the times of its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from menura.progress import Progress
from menura.tasks.hearing import HearingOptions
from menura.tasks.inputs import as_text
from menura.tasks.models import Models
from menura.tasks.task import Category
from menura.tasks.transcribing import SUFFIXES, Transcribed, Transcribing
from menura.text.writers import WRITERS

_SIDECAR = ".transcribe.json"
"""`x.json` is the transcript, as of whisper."""


class Transcribe(Transcribing):
    """Write down what is said in a recording, with the times of its words.

    Files are named and shaped as those of openai/whisper: interview.txt, .vtt, .srt, .tsv and .json. Several recordings
    are done one after another. What nobody says is not written: silences are left out, and what repeats itself. On
    the command line, `--live` writes what comes through a pipe as it is said.
    """

    name: ClassVar[str] = "transcribe"
    category: ClassVar[Category] = "Listen"
    positional: ClassVar[tuple[str, ...]] = ("file",)
    takes_more_files: ClassVar[bool] = True
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("language", "task", "prompt", "hotwords", "word_timestamps", "speakers", "num_speakers"),
        "How": (
            *("model", "temperature", "beam_size", "best_of", "condition_on_previous_text", "vad_filter", "batch_size"),
            *("seed", "device"),
        ),
        "Files": (
            *("output_format", "max_line_width", "max_line_count", "max_words_per_line", "highlight_words"),
            "output",
        ),
    }

    task: Annotated[
        Literal["transcribe", "translate"],
        Field(description="as it is said, or in English (by models of many languages)"),
    ] = "transcribe"
    word_timestamps: Annotated[bool, Field(description="find when each word is said")] = True
    output_format: Annotated[
        Literal["txt", "vtt", "srt", "tsv", "json", "ass", "chapters", "all"],
        Field(description="ass is karaoke, chapters those of a podcast; all is the first five"),
    ] = "all"
    output: Annotated[Path | None, Field(description="the file to write, as x.srt, or a folder for the files")] = None

    @model_validator(mode="before")
    @classmethod
    def _as_the_output_is_named(cls, values: Any) -> Any:
        """x.srt has that format; a folder gets files that are called as the recording is."""
        if not isinstance(values, dict) or not (output := as_text(values.get("output"))):
            return values
        source = as_text(values.get("file"))
        if isinstance(source, str) and (output.endswith("/") or Path(output).is_dir()):
            return {**values, "output": str(Path(output) / Path(source).stem)}
        kind = next((kind for kind, suffix in SUFFIXES.items() if Path(output).suffix.lower() == suffix), None)
        return {"output_format": kind, **values} if kind else values

    def suffixes(self) -> tuple[str, ...]:
        return (*(SUFFIXES[kind] for kind in self.formats), self.sidecar_suffix())

    def sidecar_suffix(self) -> str:
        return _SIDECAR

    def default_output(self, source: Path) -> Path:
        return Path(source.stem)

    @property
    def formats(self) -> tuple[str, ...]:
        """Those that are asked for."""
        return tuple(WRITERS) if self.output_format == "all" else (self.output_format,)

    def hearing(self) -> HearingOptions:
        return replace(super().hearing(), task=self.task, word_timestamps=self.word_timestamps)

    def run(self, models: Models, progress: Progress) -> Iterator[Transcribed]:
        yield Transcribed(self.heard(models, progress).transcript(), self.layout, self.formats)
