"""What tasks that make plain sound share: the format of its file, and the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from menura.audio import Audio, write
from menura.audio.formats import FORMATS
from menura.files import suffixed


class Sounding(BaseModel):
    """The parameters of the file."""

    format: Annotated[
        Literal["wav", "flac", "ogg", "opus", "mp3", "aiff"] | None,
        Field(description="of the sound file; default: as the output's name says, or wav"),
    ] = None
    bits: Annotated[
        Literal["16", "24", "32"], BeforeValidator(str), Field(description="of a sample; 32 is floating point")
    ] = "16"
    output: Annotated[Path | None, Field(description="the sound file to write")] = None

    def suffixes(self) -> tuple[str, ...]:
        """As `Task.suffixes`."""
        return (f".{self.chosen_format}", ".json")

    def recorded(self) -> Any:
        """As `Task.recorded`: with the format that was chosen by the output's name."""
        return self.model_copy(update={"format": self.chosen_format})

    @property
    def chosen_format(self) -> str:
        """The format asked for, or that of the output's name, or wav."""
        said = self.output.suffix.lower().lstrip(".") if self.output else ""
        return self.format or (said if said in FORMATS else "wav")


@dataclass(frozen=True, eq=False)
class SoundResult:
    """Sound.

    Attributes:
        audio: the samples.
        about: what to say of it.
        wanted: format and bits.
    """

    audio: Audio
    about: Mapping[str, Any]
    wanted: Sounding
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        return {
            "seconds": round(self.audio.duration_s, 3),
            "rate": self.audio.sample_rate_hz,
            "channels": self.audio.num_channels,
            **self.about,
        }

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the sound file."""
        path = suffixed(stem, f".{self.wanted.chosen_format}")
        write(self.audio, path, bits=int(self.wanted.bits), overwrite=overwrite)
        return [path]
