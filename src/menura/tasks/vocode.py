"""Vocode: speech made again from its mel spectrum by a vocoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from menura.audio import Audio
from menura.models.contract import Vocoder, needs
from menura.progress import Progress
from menura.tasks.fields import OnDevice, Seed, SoundTemperature
from menura.tasks.inputs import ModelName, SoundInput
from menura.tasks.limits import MOST_DRAWN_S
from menura.tasks.models import Models
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.task import Category, Stream, Task


class Vocode(Sounding, OnDevice, Task):
    """Make speech again from its mel spectrum, with a WaveNet trained for that or a vocoder told F0 as well.

    The sound is resampled to the model's rate, and its channels are averaged.
    """

    name: ClassVar[str] = "vocode"
    category: ClassVar[Category] = "Voice"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("file",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "How": ("model", "temperature", "rounds", "seed", "device"),
        "Sound": ("format", "bits", "picture", "output"),
    }

    file: Annotated[SoundInput, Field(description="the sound whose mel spectrum is taken")]
    model: Annotated[
        ModelName,
        Field(description="name or folder of a vocoder", json_schema_extra=needs("Vocoder")),
    ] = "wavenet-voice"
    temperature: Annotated[
        SoundTemperature | None, Field(description="of what a WaveNet draws, 0.8, or of the noise of another, 1")
    ] = None
    rounds: Annotated[
        int | None,
        Field(
            ge=0,
            le=200,
            description="of moving what is made towards the spectrum; 0 leaves it as it is; a WaveNet has 40",
        ),
    ] = None
    seed: Annotated[Seed | None, Field(description="the same seed gives the same sound")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[SoundResult]:
        stream = self.stream(models, progress)
        samples = np.concatenate(list(stream.parts), 1)
        yield SoundResult(Audio(samples, stream.sample_rate_hz), {"seed": self.seed or 0}, self)

    def stream(self, models: Models, progress: Progress) -> Stream:
        network: Vocoder = models.get(self.model)
        rate_hz = network.sample_rate_hz
        audio = self.file.read(mono=True, sample_rate_hz=rate_hz, max_samples=MOST_DRAWN_S * rate_hz)
        if not audio.num_samples:
            raise ValueError(f"{self.file.name}: is too short; it has not one sample at {rate_hz} Hz")
        asked = {"temperature": self.temperature, "rounds": self.rounds}
        made = network.vocode(
            audio.samples[0], self.seed or 0, **{name: value for name, value in asked.items() if value is not None}
        )
        return Stream(rate_hz, 1, audio.num_samples, self._watched(made, audio.num_samples, progress))

    @staticmethod
    def _watched(made: Iterator[np.ndarray], count: int, progress: Progress) -> Iterator[np.ndarray]:
        done = 0
        for part in made:
            done += len(part)
            progress.update(done, count, "drawing")
            yield part[None].clip(-1, 1)
