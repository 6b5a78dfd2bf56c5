"""Decode: a neural codec's codes as sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from menura.audio import Audio, mnr, write
from menura.audio.formats import FORMATS
from menura.files import suffixed
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.task import Stream, Task, takes

if TYPE_CHECKING:
    from menura.nn.coding import Coder


_PART_FRAMES = 5 * mnr.BLOCK_FRAMES


@dataclass(frozen=True, eq=False)
class Decoded:
    """Sound from codes.

    Attributes:
        audio: the sound.
        kbps: what it was coded at.
        wanted: format and bits.
    """

    audio: Audio
    kbps: float
    wanted: Decode
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        return {
            "seconds": round(self.audio.duration_s, 3),
            "rate": self.audio.sample_rate_hz,
            "channels": self.audio.num_channels,
            "kbps": round(self.kbps, 3),
        }

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the sound file."""
        path = suffixed(stem, f".{self.wanted.chosen_format}")
        write(self.audio, path, bits=int(self.wanted.bits), overwrite=overwrite)
        return [path]


class Decode(Task):
    """Turn a neural codec's codes back into sound."""

    name: ClassVar[str] = "decode"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("file",)

    file: Annotated[Path, Field(description="the .mnr file to decode; - for stdin", json_schema_extra=takes(".mnr"))]
    model: Annotated[str | None, Field(description="name or folder of the codec; default: as the file says")] = None
    format: Annotated[
        Literal["wav", "flac", "ogg", "opus", "mp3", "aiff"] | None,
        Field(description="of the sound file; default: as the output's name says, or wav"),
    ] = None
    bits: Annotated[
        Literal["16", "24", "32"], BeforeValidator(str), Field(description="of a sample; 32 is floating point")
    ] = "16"
    output: Annotated[Path | None, Field(description="the sound file to write; - for stdout")] = None

    def suffixes(self) -> tuple[str, ...]:
        return (f".{self.chosen_format}", ".json")

    def recorded(self) -> Decode:
        return self.model_copy(update={"format": self.chosen_format})

    @property
    def chosen_format(self) -> str:
        """The format asked for, or that of the output's name, or wav."""
        said = self.output.suffix.lower().lstrip(".") if self.output else ""
        return self.format or (said if said in FORMATS else "wav")

    def run(self, models: Models, progress: Progress) -> Iterator[Decoded]:
        header, codes = mnr.read(self.file)
        stream = self._decoded(header, codes, models, progress)
        samples = np.concatenate([np.zeros((header.channels, 0), np.float32), *stream.parts], axis=1)
        yield Decoded(Audio(samples, stream.sample_rate_hz), header.kbps, self)

    def stream(self, models: Models, progress: Progress) -> Stream:
        return self._decoded(*mnr.read(self.file), models, progress)

    def _decoded(self, header: mnr.Header, codes: mnr.Codes, models: Models, progress: Progress) -> Stream:
        coder = self._coder(models, header)
        decoder, frames = coder.decoder(header.channels), codes.codes.shape[1]

        def parts() -> Iterator[np.ndarray]:
            left = codes.num_samples
            for start in range(0, frames, _PART_FRAMES):
                progress.update(start, frames, "decoding")
                part = decoder.push(codes.codes[:, start : start + _PART_FRAMES])[:, :left]
                left -= part.shape[1]
                yield part
            if left:
                raise ValueError(f"{self.file.name}: says it has more samples than its frames hold")

        return Stream(coder.sample_rate_hz, header.channels, codes.num_samples, parts())

    def _coder(self, models: Models, header: mnr.Header) -> Coder:
        """The codec the file was made with.

        Raises:
            ValueError: it is not here, or another was named.
        """
        name = self.model or header.model
        try:
            coder: Coder = models.get(name)
        except ValueError as error:
            raise ValueError(f"{self.file.name} was made with the codec {header.model!r}: {error}") from error
        if not header.same_weights(models.hash(name)):
            raise ValueError(
                f"{self.file.name} was made with other weights than those of {name!r} here "
                f"({header.weights[:19]}…, not {models.hash(name)[:19]}…); name the right folder with model"
            )
        known = (coder.sample_rate_hz, coder.hop_samples, coder.size)
        if known != (header.sample_rate_hz, header.hop_samples, header.size) or header.stages > coder.stages:
            raise ValueError(f"{self.file.name}: its header is not that of the codec {name!r}")
        return coder
