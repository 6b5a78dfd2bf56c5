"""Decode: a neural codec's codes as sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from menura.audio import Audio, mnr
from menura.models.contract import needs
from menura.progress import Progress
from menura.tasks.fields import OnDevice
from menura.tasks.inputs import CodesInput, ModelName
from menura.tasks.models import Models
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.task import Category, Stream, Task

if TYPE_CHECKING:
    from menura.nn.coding import BaseCodec


class Decode(Sounding, OnDevice, Task):
    """Turn a neural codec's codes back into sound."""

    name: ClassVar[str] = "decode"
    category: ClassVar[Category] = "Sound"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("file",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Sound": ("model", "device", "format", "bits", "picture", "output")
    }

    file: Annotated[CodesInput, Field(description="the .mnr file to decode")]
    model: Annotated[
        ModelName | None,
        Field(
            description="name or folder of the codec; default: as the file says", json_schema_extra=needs("BaseCodec")
        ),
    ] = None

    def run(self, models: Models, progress: Progress) -> Iterator[SoundResult]:
        stream = self.stream(models, progress)
        samples = np.concatenate([np.zeros((stream.num_channels, 0), np.float32), *stream.parts], axis=1)
        kbps = self.file.measure().header.kbps
        yield SoundResult(Audio(samples, stream.sample_rate_hz), {"kbps": round(kbps, 3)}, self)

    def stream(self, models: Models, progress: Progress) -> Stream:
        header, num_samples, odd = self.file.measure()
        for line in odd:
            progress.warn(f"{self.file.name}: {line}")
        codec = self._coder(models, header)
        return Stream(codec.sample_rate_hz, header.channels, num_samples, self._parts(codec, num_samples, progress))

    def _parts(self, codec: BaseCodec, num_samples: int, progress: Progress) -> Iterator[np.ndarray]:
        with self.file.opened() as file:
            reader = mnr.Reader(file, str(self.file))
            decoder, done = codec.decoder(reader.header.channels), 0
            for codes in reader:
                progress.update(done, num_samples, "decoding")
                part = decoder.push(codes)[:, : num_samples - done]
                done += part.shape[1]
                yield part
        if done < num_samples and not reader.odd:
            progress.warn(f"{self.file.name}: says that it has {num_samples} samples; its frames hold {done}")

    def _coder(self, models: Models, header: mnr.Header) -> BaseCodec:
        """The codec the file was made with.

        Raises:
            ValueError: it is not here, or another was named.
        """
        name, where = self.model or header.model, "" if models.only_named else " (--model FOLDER)"
        try:
            weights = models.weights_hash(name)
        except ValueError as error:
            raise ValueError(
                f"{self.file.name} was made with the codec {header.model!r}; name where it is{where}: {error}"
            ) from error
        if not header.same_weights(weights):
            raise ValueError(
                f"{self.file.name} was made with other weights than those of {name!r} here "
                f"({header.weights[:19]}…, not {weights[:19]}…); name those of {header.model!r}{where}"
            )
        codec: BaseCodec = models.get(name)
        known = (codec.sample_rate_hz, codec.hop_samples, codec.codebook_size)
        if (
            known != (header.sample_rate_hz, header.hop_samples, header.codebook_size)
            or header.num_codebooks > codec.num_codebooks
        ):
            raise ValueError(f"{self.file.name}: its header is not that of the codec {name!r}")
        return codec
