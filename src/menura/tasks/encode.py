"""Encode: sound as a neural codec's codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from PIL import Image
from pydantic import Field

from menura.audio import mnr
from menura.audio.pictures import codes_picture, save_png
from menura.audio.resample import in_lengths, resampled
from menura.files import suffixed, writing_beside
from menura.models.contract import needs
from menura.progress import Progress
from menura.tasks.fields import OnDevice
from menura.tasks.inputs import ModelName, SoundInput
from menura.tasks.models import Models, model_name
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task

if TYPE_CHECKING:
    from menura.nn.coding import BaseCodec

_CHUNK_S = 2.0
_SUFFIX = ".mnr"
_PICTURE_SUFFIX = f"{_SUFFIX}.png"  # x.png is the picture of the sound x.wav, where Menura made it


@dataclass(frozen=True, eq=False, repr=False)
class Encoded(Shown):
    """Sound as codes.

    Attributes:
        codes: the tokens.
        header: what a file of them says first.
        latency_s: of the codec, were the sound a stream.
        has_picture: whether a picture is kept too.
    """

    codes: mnr.Codes
    header: mnr.Header
    latency_s: float
    has_picture: bool = False
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        return {
            "kbps": round(self.header.kbps, 3),
            "seconds": round(self.codes.duration_s, 3),
            "codes": int(self.codes.codes.size),
            "latency_ms": round(1000 * self.latency_s, 1),
        }

    def image(self) -> Image.Image:
        return codes_picture(self.codes.codes, self.header.codebook_size, self.codes.duration_s)

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write ``stem.mnr`` and, if wanted, ``stem.mnr.png``: both or none."""
        stem, suffixes = Path(stem), [_SUFFIX, *([_PICTURE_SUFFIX] if self.has_picture else [])]
        with writing_beside(stem, overwrite) as staged:
            mnr.write(suffixed(staged, _SUFFIX), self.codes, self.header)
            if self.has_picture:
                save_png(self.image(), suffixed(staged, _PICTURE_SUFFIX))
        return [suffixed(stem, suffix) for suffix in suffixes]


class Encode(OnDevice, Task):
    """Turn sound into a few codes with a neural codec.

    Stereo is coded as its middle and its side, each at the rate asked for. Sound of another rate is resampled.
    """

    name: ClassVar[str] = "encode"
    category: ClassVar[Category] = "Sound"
    positional: ClassVar[tuple[str, ...]] = ("file",)

    file: Annotated[SoundInput, Field(description="the sound to encode")]
    kbps: Annotated[float, Field(gt=0, le=1000, description="kilobits a second of each channel, at most")] = 3.0
    effort: Annotated[
        int,
        Field(
            ge=0,
            le=200,
            description="rounds of searching for codes that sound nearer: 40 take about as long as the sound lasts",
        ),
    ] = 0
    model: Annotated[
        ModelName, Field(description="name or folder of a codec", json_schema_extra=needs("BaseCodec"))
    ] = "codec"
    picture: Annotated[bool, Field(description="also draw the codes, as x.mnr.png")] = False
    output: Annotated[Path | None, Field(description="the .mnr file to write")] = None

    def suffixes(self) -> tuple[str, ...]:
        return (_SUFFIX, *([_PICTURE_SUFFIX] if self.picture else []), self.sidecar_suffix())

    def sidecar_suffix(self) -> str:
        return f"{_SUFFIX}.json"  # x.json is the sidecar of the sound x.wav, where Menura made it

    def run(self, models: Models, progress: Progress) -> Iterator[Encoded]:
        with self.file.decoding() as sound:
            if sound.num_channels > 2:
                raise ValueError(
                    f"file: a codec takes mono or stereo; mix these {sound.num_channels} channels down first"
                )
            codec: BaseCodec = models.get(self.model)
            rate_hz, done = codec.sample_rate_hz, 0
            expected = round((sound.num_samples or 0) * rate_hz / sound.sample_rate_hz)

            def turn() -> None:
                progress.update(done, max(expected, done), "encoding")

            encoder, parts = codec.encoder(sound.num_channels, self.kbps, self.effort, turn), []
            for part in in_lengths(resampled(sound, sound.sample_rate_hz, rate_hz), round(_CHUNK_S * rate_hz)):
                turn()
                parts.append(encoder.push(part))
                done += part.shape[1]
        if not done:
            raise ValueError(f"{self.file.name}: is too short; it has not one sample at {rate_hz} Hz")
        codes = np.concatenate([*parts, encoder.finish()], axis=1)
        header = mnr.Header(
            channels=codes.shape[0],
            num_codebooks=codes.shape[2],
            codebook_size=codec.codebook_size,
            sample_rate_hz=codec.sample_rate_hz,
            hop_samples=codec.hop_samples,
            weights=models.weights_hash(self.model),
            model=model_name(models.folder(self.model)),
        )
        yield Encoded(mnr.Codes(codes, done, rate_hz), header, codec.latency_s, self.picture)
