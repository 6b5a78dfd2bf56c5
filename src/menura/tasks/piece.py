"""A piece: what composing and rendering yield, as notes and as sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator

from menura.audio import io
from menura.audio.formats import FORMATS
from menura.audio.pictures import save_png
from menura.audio.samples import Audio
from menura.files import slug, suffixed
from menura.score import midi
from menura.score.bundle import write_bundle
from menura.score.notes import Score
from menura.score.piano_roll import piano_roll
from menura.score.render import Renderer, Rendering


class Rendered(BaseModel):
    """The parameters of everything that makes sound from notes."""

    rate: Annotated[int, Field(ge=8000, le=192_000, description="samples a second")] = 44_100
    bits: Annotated[
        Literal["16", "24", "32"], BeforeValidator(str), Field(description="of a sample; 32 is floating point")
    ] = "16"
    format: Annotated[Literal["wav", "flac", "ogg", "opus", "mp3", "aiff"], Field(description="of the sound file")] = (
        "wav"
    )
    loudness: Annotated[float, Field(ge=-40, le=-6, description="integrated loudness, LUFS")] = -16.0
    soundfont: Annotated[
        Path | None,
        Field(
            description="the .sf2 or .sf3 file that plays; default: as found",
            json_schema_extra={"x-accept": [".sf2", ".sf3"]},
        ),
    ] = None
    stems: Annotated[bool, Field(description="also write each instrument alone")] = False
    bundle: Annotated[bool, Field(description="also write a zip for a DAW: MIDI, stems, mix, picture")] = False

    @field_validator("format")
    @classmethod
    def _holds_the_bits(cls, name: str, others: ValidationInfo) -> str:
        subtypes, bits = FORMATS[name].subtypes, int(others.data.get("bits", 16))
        if bits not in subtypes and not FORMATS[name].is_lossy:
            raise ValueError(f"{name} holds {' or '.join(map(str, subtypes))} bits, not {bits}; wav holds 32")
        return name

    def rendered(
        self, score: Score, *, name: str, seed: int, about: Mapping[str, Any], duration_s: float | None = None
    ) -> Piece:
        """The score played, with what is to be said of it."""
        rendering = Renderer(self.soundfont, self.rate).render(
            score, stems=self.stems or self.bundle, loudness_lufs=self.loudness, seed=seed, duration_s=duration_s
        )
        return Piece(name, score, rendering, about, self)


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of music.

    Attributes:
        name: added to the stem of its files: ``""``, or ``"-2"`` for the second of several.
        score: its notes.
        rendering: its sound, and each instrument's alone if stems were asked for.
        about: what to say of it.
        wanted: format, bits and which files to write.
    """

    name: str
    score: Score
    rendering: Rendering
    about: Mapping[str, Any]
    wanted: Rendered

    @property
    def audio(self) -> Audio:
        """The mix."""
        return self.rendering.mix

    def summary(self) -> Mapping[str, Any]:
        return {
            **self.about,
            "bars": len(self.score.bar_starts()),
            "notes": self.score.num_notes,
            "seconds": round(self.audio.duration_s, 2),
        }

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write ``stem.mid``, the sound, ``stem.png`` (piano roll), and if wanted ``stem-stems/`` and ``stem.zip``."""
        stem = Path(stem)
        extension, bits = f".{self.wanted.format}", int(self.wanted.bits)
        paths = [suffixed(stem, ".mid"), suffixed(stem, extension), suffixed(stem, ".png")]
        midi.write(self.score, paths[0], overwrite)
        io.write(self.audio, paths[1], bits=bits, overwrite=overwrite)
        save_png(piano_roll(self.score), paths[2], overwrite)
        if self.wanted.stems:
            for number, (name, audio) in enumerate(self.rendering.stems.items(), start=1):
                path = stem.with_name(f"{stem.name}-stems") / f"{number:02d}-{slug(name)}{extension}"
                io.write(audio, path, bits=bits, overwrite=overwrite)
                paths.append(path)
        if self.wanted.bundle:
            paths.append(suffixed(stem, ".zip"))
            write_bundle(
                paths[-1], self.score, self.rendering, bits=bits, format=self.wanted.format, overwrite=overwrite
            )
        return paths
