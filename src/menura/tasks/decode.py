"""Decode: a neural codec's codes as sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from menura.audio import Audio, mnr
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.task import Stream, Task, takes

if TYPE_CHECKING:
    from menura.nn.coding import Coder


_PART_FRAMES = 5 * mnr.BLOCK_FRAMES


class Decode(Sounding, Task):
    """Turn a neural codec's codes back into sound."""

    name: ClassVar[str] = "decode"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("file",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {"Sound": ("model", "format", "bits", "output")}

    file: Annotated[Path, Field(description="the .mnr file to decode", json_schema_extra=takes(".mnr"))]
    model: Annotated[str | None, Field(description="name or folder of the codec; default: as the file says")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[SoundResult]:
        header, codes = mnr.read(self.file)
        stream = self._decoded(header, codes, models, progress)
        samples = np.concatenate([np.zeros((header.channels, 0), np.float32), *stream.parts], axis=1)
        yield SoundResult(Audio(samples, stream.sample_rate_hz), {"kbps": round(header.kbps, 3)}, self)

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
