"""Vocode: sound made again from its mel spectrum by a WaveNet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from menura.audio import Audio
from menura.audio.mel_inversion import match_mel, mel_energies
from menura.models.contract import needs
from menura.progress import Progress, aside
from menura.tasks.fields import OnDevice, Seed, SoundTemperature
from menura.tasks.inputs import ModelName, SoundInput
from menura.tasks.limits import MOST_DRAWN_S
from menura.tasks.models import Models
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.task import Category, Stream, Task

if TYPE_CHECKING:
    from menura.models.wavenet.model import WaveNet


class Vocode(Sounding, OnDevice, Task):
    """Make sound again from its mel spectrum alone, with a WaveNet trained for that.

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
        Field(description="name or folder of a WaveNet trained on mel spectra", json_schema_extra=needs("Vocoder")),
    ] = "wavenet-voice"
    temperature: SoundTemperature = 0.8
    rounds: Annotated[
        int, Field(ge=0, le=200, description="of moving what is drawn towards the spectrum; 0 leaves it as it is")
    ] = 40
    seed: Annotated[Seed | None, Field(description="the same seed gives the same sound")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[SoundResult]:
        stream = self.stream(models, progress)
        samples = np.concatenate(list(stream.parts), 1)
        yield SoundResult(Audio(samples, stream.sample_rate_hz), {"seed": self.seed or 0}, self)

    def stream(self, models: Models, progress: Progress) -> Stream:
        network: WaveNet = models.get(self.model)
        config, rate_hz = network.config, network.sample_rate_hz
        audio = self.file.read(mono=True, sample_rate_hz=rate_hz, max_samples=MOST_DRAWN_S * rate_hz)
        if not audio.num_samples:
            raise ValueError(f"{self.file.name}: is too short; it has not one sample at {rate_hz} Hz")
        grid = (config.sample_rate_hz, config.hop_samples)
        energies = aside(lambda: mel_energies(audio.samples[0], *grid, config.features))
        drawn = resolve_name("menura.models.wavenet.sampling:sample")(
            network,
            audio.duration_s,
            seeds=(self.seed or 0,),
            frames=resolve_name("menura.models.wavenet.model:mel_features")(energies)[None],
            temperature=self.temperature,
            ready=lambda done, total: progress.update(done, total, "drawing"),
        )
        moved = match_mel((part[0] for part in drawn), energies, *grid, self.rounds)
        parts = (part[None].clip(-1, 1) for part in moved)
        return Stream(rate_hz, 1, audio.num_samples, parts)
