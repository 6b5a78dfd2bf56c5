"""Sample: sound from a WaveNet, sample by sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import BeforeValidator, Field

from menura.audio import Audio
from menura.audio.io import append
from menura.files import suffixed
from menura.models.contract import needs
from menura.progress import Progress
from menura.tasks.fields import OnDevice, Seed, SoundTemperature
from menura.tasks.inputs import ModelName, SoundInput
from menura.tasks.limits import MOST_DRAWN_S
from menura.tasks.models import Models
from menura.tasks.perform import output_stem
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.task import Category, Stream, Task, pairs

if TYPE_CHECKING:
    from menura.models.wavenet.model import WaveNet

_PART_SUFFIX = ".part.wav"


class Sample(Sounding, OnDevice, Task):
    """Draw sound from a WaveNet, sample by sample.

    With `save_every` the file OUTPUT.part.wav holds what there is, and stays if the work is stopped.
    """

    name: ClassVar[str] = "sample"
    category: ClassVar[Category] = "Voice"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("model",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("speaker", "given", "prime", "seconds", "samples", "temperature", "seed", "device"),
        "Sound": ("format", "bits", "picture", "output", "save_every"),
    }

    model: Annotated[
        ModelName, Field(description="name or folder of a WaveNet", json_schema_extra=needs("Generator"))
    ] = "wavenet-digits"
    seconds: Annotated[float, Field(gt=0, le=MOST_DRAWN_S, description="to draw")] = 2.0
    samples: Annotated[int | None, Field(ge=1, le=28_800_000, description="to draw, instead of seconds")] = None
    speaker: Annotated[str | None, Field(description="whose voice, where the model knows several")] = None
    given: Annotated[
        dict[str, str] | None,
        BeforeValidator(pairs),
        Field(description="what else the model is told, as text=seven"),
    ] = None
    prime: Annotated[SoundInput | None, Field(description="sound to go on from")] = None
    temperature: SoundTemperature = 1.0
    seed: Annotated[Seed | None, Field(description="the same seed gives the same sound")] = None
    save_every: Annotated[
        int | None, Field(ge=1, le=28_800_000, description="samples after which a file on disk grows")
    ] = None

    def suffixes(self) -> tuple[str, ...]:
        return (*super().suffixes(), *([_PART_SUFFIX] if self.save_every else []))

    def run(self, models: Models, progress: Progress) -> Iterator[SoundResult]:
        stream, parts, kept = self.stream(models, progress), [], 0
        growing = self._growing()
        if growing is not None:
            growing.unlink(missing_ok=True)
        for part in stream.parts:
            parts.append(part)
            if growing is not None and self.save_every:
                waiting = np.concatenate(parts[kept:], 1)
                if waiting.shape[1] >= self.save_every:
                    append(Audio(waiting, stream.sample_rate_hz), growing, seed=kept)
                    kept = len(parts)
        about = {**self._told(), "seed": self.seed or 0}
        yield SoundResult(Audio(np.concatenate(parts, 1), stream.sample_rate_hz), about, self)
        if growing is not None:
            growing.unlink(missing_ok=True)

    def stream(self, models: Models, progress: Progress) -> Stream:
        network: WaveNet = models.get(self.model)
        rate = network.sample_rate_hz
        count, most = self.samples or max(round(self.seconds * rate), 1), MOST_DRAWN_S * rate
        if count > most:
            raise ValueError(f"samples: {count} is not in 1–{most}, which are {MOST_DRAWN_S} s of this model")
        prime = self.prime.read(mono=True, max_samples=most) if self.prime else None
        if prime is not None and prime.sample_rate_hz != rate:
            raise ValueError(f"prime: is at {prime.sample_rate_hz} Hz; the model goes on from sound at {rate} Hz")
        drawn = resolve_name("menura.models.wavenet.sampling:sample")(
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
        return None if stem is None else suffixed(stem, _PART_SUFFIX)
