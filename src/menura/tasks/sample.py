"""Sample: sound from a WaveNet, sample by sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import BeforeValidator, Field

from menura.audio import Audio, read, write
from menura.files import suffixed
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.perform import output_stem
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.task import SOUND_SUFFIXES, Stream, Task, takes

if TYPE_CHECKING:
    from menura.models.wavenet import WaveNet


def _pairs(value: object) -> object:
    """``a=b,c=d`` as a mapping."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise ValueError(f"{wrong[0][:40]!r} says nothing, write it as name=value")
    return {name.strip(): said.strip() for name, _, said in pairs}


class Sample(Sounding, Task):
    """Draw sound from a WaveNet, sample by sample.

    With `save_every` the file OUTPUT.part.wav holds what there is, and stays if the work is stopped.
    """

    name: ClassVar[str] = "sample"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("model",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("speaker", "given", "prime", "seconds", "samples", "temperature", "seed"),
        "Sound": ("format", "bits", "output", "save_every"),
    }

    model: Annotated[str, Field(description="name or folder of a WaveNet")] = "wavenet-digits"
    seconds: Annotated[float, Field(gt=0, le=600, description="to draw")] = 2.0
    samples: Annotated[int | None, Field(ge=1, le=10**8, description="to draw, instead of seconds")] = None
    speaker: Annotated[str | None, Field(description="whose voice, where the model knows several")] = None
    given: Annotated[
        dict[str, str] | None,
        BeforeValidator(_pairs),
        Field(description="what else the model is told, as text=seven"),
    ] = None
    prime: Annotated[
        Path | None, Field(description="sound to go on from", json_schema_extra=takes(*SOUND_SUFFIXES))
    ] = None
    temperature: Annotated[float, Field(ge=0, le=3, description="lower is tamer; 0 takes the likeliest")] = 1.0
    seed: Annotated[int | None, Field(ge=0, lt=2**31, description="the same seed gives the same sound")] = None
    save_every: Annotated[int | None, Field(ge=1, description="samples after which a file on disk grows")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[SoundResult]:
        stream, parts = self.stream(models, progress), []
        growing, kept = self._growing(), 0
        for part in stream.parts:
            parts.append(part)
            drawn = sum(one.shape[1] for one in parts)
            if growing is not None and self.save_every and drawn - kept >= self.save_every:
                write(Audio(np.concatenate(parts, 1), stream.sample_rate_hz), growing, overwrite=True)
                kept = drawn
        about = {**self._told(), "seed": self.seed or 0}
        yield SoundResult(Audio(np.concatenate(parts, 1), stream.sample_rate_hz), about, self)
        if growing is not None:
            growing.unlink(missing_ok=True)

    def stream(self, models: Models, progress: Progress) -> Stream:
        network: WaveNet = models.get(self.model)
        if type(network).__name__ != "WaveNet" or network.config.features:
            raise ValueError(f"model: {self.model} is not a WaveNet that draws sound by itself; see menura vocode")
        rate = network.sample_rate_hz
        count = self.samples or max(round(self.seconds * rate), 1)
        prime = read(self.prime).mono() if self.prime else None
        if prime is not None and not np.isfinite(prime.samples).all():
            raise ValueError("prime: holds what are no numbers")
        if prime is not None and prime.sample_rate_hz != rate:
            raise ValueError(f"prime: is at {prime.sample_rate_hz} Hz; the model goes on from sound at {rate} Hz")
        drawn = resolve_name("menura.models.wavenet:sample")(
            network,
            count / rate,
            seeds=(self.seed or 0,),
            categories=self._told(),
            prime=prime,
            temperature=self.temperature,
            ready=lambda done, total: progress.update(done, total, "drawing"),
        )
        return Stream(rate, 1, count, drawn)

    def _told(self) -> Mapping[str, Any]:
        return {**({"speaker": self.speaker} if self.speaker else {}), **(self.given or {})}

    def _growing(self) -> Path | None:
        stem = output_stem(self) if self.save_every else None
        return None if stem is None else suffixed(stem, ".part.wav")
