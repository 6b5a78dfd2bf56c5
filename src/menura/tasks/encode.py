"""Encode: sound as a neural codec's codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from menura.audio import mnr, read
from menura.files import suffixed
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.task import SOUND_SUFFIXES, Task, takes

if TYPE_CHECKING:
    from menura.nn.coding import Coder

_CHUNK_S = 5.0
_SUFFIX = ".mnr"


@dataclass(frozen=True, eq=False)
class Encoded:
    """Sound as codes.

    Attributes:
        codes: the tokens.
        header: what a file of them says first.
        latency_s: of the codec, were the sound a stream.
    """

    codes: mnr.Codes
    header: mnr.Header
    latency_s: float
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        return {
            "kbps": round(self.header.kbps, 3),
            "seconds": round(self.codes.duration_s, 3),
            "codes": int(self.codes.codes.size),
            "latency_ms": round(1000 * self.latency_s, 1),
        }

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write ``stem.mnr``."""
        path = suffixed(stem, _SUFFIX)
        mnr.write(path, self.codes, self.header, overwrite)
        return [path]


class Encode(Task):
    """Turn sound into a few codes with a neural codec.

    Stereo is coded as its middle and its side, each at the rate asked for. Sound of another rate is resampled.
    """

    name: ClassVar[str] = "encode"
    positional: ClassVar[tuple[str, ...]] = ("file",)

    file: Annotated[Path, Field(description="the sound file to encode", json_schema_extra=takes(*SOUND_SUFFIXES))]
    kbps: Annotated[float, Field(gt=0, le=1000, description="kilobits a second of each channel, at most")] = 3.0
    effort: Annotated[
        int,
        Field(
            ge=0,
            le=200,
            description="rounds of searching for codes that sound nearer: 40 take about as long as the sound lasts",
        ),
    ] = 0
    model: Annotated[str, Field(description="name or folder of a codec")] = "codec"
    output: Annotated[Path | None, Field(description="the .mnr file to write")] = None

    def suffixes(self) -> tuple[str, ...]:
        return (_SUFFIX, self.sidecar_suffix())

    def sidecar_suffix(self) -> str:
        return f"{_SUFFIX}.json"  # x.json is the sidecar of the sound x.wav, where Menura made it

    def run(self, models: Models, progress: Progress) -> Iterator[Encoded]:
        audio = read(self.file)
        if audio.num_channels > 2:
            raise ValueError(f"file: a codec takes mono or stereo; mix these {audio.num_channels} channels down first")
        coder: Coder = models.get(self.model)
        audio = audio.resampled(coder.sample_rate_hz)
        if not audio.num_samples:
            raise ValueError(f"{self.file.name}: is too short; it has not one sample at {coder.sample_rate_hz} Hz")
        chunk, parts, start = round(_CHUNK_S * audio.sample_rate_hz), [], 0

        def turn() -> None:
            progress.update(start, audio.num_samples, "encoding")

        encoder = coder.encoder(audio.num_channels, self.kbps, self.effort, turn)
        for start in range(0, audio.num_samples, chunk):
            turn()
            parts.append(encoder.push(audio.samples[:, start : start + chunk]))
        codes = np.concatenate([*parts, encoder.finish()], axis=1)
        header = mnr.Header(
            channels=codes.shape[0],
            stages=codes.shape[2],
            size=coder.size,
            sample_rate_hz=coder.sample_rate_hz,
            hop_samples=coder.hop_samples,
            weights=models.hash(self.model),
            model=Path(self.model).name,
        )
        yield Encoded(mnr.Codes(codes, audio.num_samples, audio.sample_rate_hz), header, coder.latency_s)
