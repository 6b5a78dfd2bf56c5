"""What tasks that make plain sound share: the format of its file, and the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from PIL import Image
from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from menura.audio import Audio, write
from menura.audio.chapters import MARKED
from menura.audio.formats import FORMATS
from menura.audio.pictures import save_png, sound_picture
from menura.files import suffixed, writing_beside
from menura.tasks.shown import Shown

_WRITTEN_WITH = {
    ".zip": {"bundle": True},
    ".png": {"picture": True},
    **{f".{name}": {"captions": name} for name in ("srt", "vtt")},
}


def as_named(output: Path) -> dict[str, Any]:
    """The parameters without which no file of that name is written."""
    suffix = output.suffix.lower()
    return {"format": suffix[1:]} if suffix[1:] in (*FORMATS, *MARKED) else _WRITTEN_WITH.get(suffix, {})


class SoundFile(BaseModel):
    """The parameters of every sound file. One whose name says its format has that format, unless told otherwise."""

    bits: Annotated[
        Literal["16", "24", "32"], BeforeValidator(str), Field(description="of a sample; 32 is floating point")
    ] = "16"
    format: Annotated[
        Literal["wav", "flac", "ogg", "opus", "mp3", "aiff"],
        Field(description="of the sound file; or name the output so, as x.flac"),
    ] = "wav"

    @model_validator(mode="before")
    @classmethod
    def _as_the_output_is_named(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not isinstance(values.get("output"), str | Path):
            return values
        named = as_named(Path(values["output"]))
        return {**{field: value for field, value in named.items() if field in cls.model_fields}, **values}

    @field_validator("format")
    @classmethod
    def _holds_the_bits(cls, name: str, others: ValidationInfo) -> str:
        known, bits = FORMATS.get(name), int(others.data.get("bits") or 16)
        if known and bits not in (subtypes := known.subtypes) and not known.is_lossy:
            raise ValueError(f"{name} holds {' or '.join(map(str, subtypes))} bits, not {bits}; wav holds 32")
        return name


class Sounding(SoundFile):
    """The parameters of everything that makes plain sound."""

    picture: Annotated[bool, Field(description="also draw the sound: its waveform above its spectrogram")] = False
    output: Annotated[Path | None, Field(description="the sound file to write")] = None

    def suffixes(self) -> tuple[str, ...]:
        """As `Task.suffixes`."""
        return (f".{self.format}", *([".png"] if self.picture else []), ".json")


@dataclass(frozen=True, eq=False, repr=False)
class SoundResult(Shown):
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

    def image(self) -> Image.Image:
        return sound_picture(self.audio)

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the sound file and, if wanted, ``stem.png``: both or none."""
        stem, suffixes = Path(stem), [f".{self.wanted.format}", *([".png"] if self.wanted.picture else [])]
        with writing_beside(stem, overwrite) as staged:
            write(self.audio, suffixed(staged, suffixes[0]), bits=int(self.wanted.bits))
            if self.wanted.picture:
                save_png(self.image(), suffixed(staged, ".png"))
        return [suffixed(stem, suffix) for suffix in suffixes]
