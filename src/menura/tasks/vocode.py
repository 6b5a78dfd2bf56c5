"""Vocode: sound made again from its mel spectrum by a WaveNet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from menura.audio import Audio, read
from menura.audio.mel_inversion import mel_energies, towards_mel
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.task import SOUND_SUFFIXES, Stream, Task, takes

if TYPE_CHECKING:
    from menura.models.wavenet import WaveNet


class Vocode(Sounding, Task):
    """Make sound again from its mel spectrum alone, with a WaveNet trained for that.

    The sound is resampled to the model's rate, and its channels are averaged.
    """

    name: ClassVar[str] = "vocode"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("file",)
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "How": ("model", "temperature", "rounds", "seed"),
        "Sound": ("format", "bits", "output"),
    }

    file: Annotated[
        Path, Field(description="the sound whose mel spectrum is taken", json_schema_extra=takes(*SOUND_SUFFIXES))
    ]
    model: Annotated[str, Field(description="name or folder of a WaveNet trained with --local mel")] = "wavenet-voice"
    temperature: Annotated[float, Field(ge=0, le=3, description="lower is tamer; 0 takes the likeliest")] = 0.8
    rounds: Annotated[
        int, Field(ge=0, le=200, description="of moving what is drawn towards the spectrum; 0 leaves it as it is")
    ] = 40
    seed: Annotated[int | None, Field(ge=0, lt=2**31, description="the same seed gives the same sound")] = None

    def run(self, models: Models, progress: Progress) -> Iterator[SoundResult]:
        stream = self.stream(models, progress)
        samples = np.concatenate(list(stream.parts), 1)
        yield SoundResult(Audio(samples, stream.sample_rate_hz), {"seed": self.seed or 0}, self)

    def stream(self, models: Models, progress: Progress) -> Stream:
        network: WaveNet = models.get(self.model)
        if type(network).__name__ != "WaveNet" or not network.config.features:
            raise ValueError(f"model: {self.model} is not a WaveNet that was trained with --local mel")
        config, audio = network.config, read(self.file).mono().resampled(network.sample_rate_hz)
        if not audio.num_samples:
            raise ValueError(f"{self.file.name}: is too short; it has not one sample at {network.sample_rate_hz} Hz")
        grid = (config.sample_rate_hz, config.hop_samples)
        energies = mel_energies(audio.samples[0], *grid, config.features)
        drawn = resolve_name("menura.models.wavenet:sample")(
            network,
            audio.duration_s,
            seeds=(self.seed or 0,),
            frames=resolve_name("menura.models.wavenet:mel_features")(energies)[None],
            temperature=self.temperature,
            ready=lambda done, total: progress.update(done, total, "drawing"),
        )
        moved = towards_mel((part[0] for part in drawn), energies, *grid, self.rounds)
        parts = (part[None].clip(-1, 1) for part in moved)
        return Stream(network.sample_rate_hz, 1, audio.num_samples, parts)
