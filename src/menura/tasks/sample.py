"""Sample: sound from a WaveNet, sample by sample, or between two sounds, by an autoencoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import BeforeValidator, Field

from menura.audio import Audio
from menura.audio.io import append
from menura.files import suffixed
from menura.models.contract import Autoencoder, needs
from menura.progress import Progress
from menura.tasks.fields import OnDevice, Seed, SoundTemperature
from menura.tasks.inputs import ModelName, SoundInput
from menura.tasks.limits import MOST_BLENDED_S, MOST_DRAWN_S
from menura.tasks.models import Models
from menura.tasks.perform import output_stem
from menura.tasks.sound import Sounding, SoundResult
from menura.tasks.task import Category, Refused, Stream, Task, pairs

if TYPE_CHECKING:
    from menura.models.wavenet.model import WaveNet

_PART_SUFFIX = ".part.wav"


class Sample(Sounding, OnDevice, Task):
    """Draw sound from a WaveNet, sample by sample; or, from an autoencoder, what lies between two sounds.

    With `save_every` the file OUTPUT.part.wav holds what there is, and stays if the work is stopped.
    """

    name: ClassVar[str] = "sample"
    category: ClassVar[Category] = "Voice"
    streams: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("model", "other")
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "What": ("speaker", "given", "prime", "seconds", "samples", "temperature", "seed", "device"),
        "Between two sounds": ("interpolate", "share"),
        "Sound": ("format", "bits", "picture", "output", "save_every"),
    }

    model: Annotated[
        ModelName,
        Field(description="name or folder of a WaveNet, or of an autoencoder", json_schema_extra=needs("Generator")),
    ] = "wavenet-digits"
    other: Annotated[SoundInput | None, Field(description="the second sound, where one is interpolated")] = None
    interpolate: Annotated[
        SoundInput | None, Field(description="the sound from which an autoencoder goes to the other")
    ] = None
    share: Annotated[float, Field(ge=0, le=1, description="of the other sound")] = 0.5
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

    def check(self) -> None:
        if (self.interpolate is None) != (self.other is None):
            raise ValueError("interpolate: takes two sounds, as --interpolate a.wav b.wav")

    def check_models(self, models: Models) -> None:
        if self.interpolate is None:
            return super().check_models(models)
        try:
            models.require(self.model, "Autoencoder")
        except ValueError as error:
            raise Refused(f"model: {error}") from None

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
        about = {"share": self.share} if self.interpolate else {**self._told(), "seed": self.seed or 0}
        yield SoundResult(Audio(np.concatenate(parts, 1), stream.sample_rate_hz), about, self)
        if growing is not None:
            growing.unlink(missing_ok=True)

    def stream(self, models: Models, progress: Progress) -> Stream:
        if self.interpolate is not None and self.other is not None:
            return _between(models.get(self.model), (self.interpolate, self.other), self.share, progress)
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


def _between(autoencoder: Autoencoder, sounds: Sequence[SoundInput], share: float, progress: Progress) -> Stream:
    """A sound whose latents lie on the line between those of two; the shorter one ends in silence."""
    rate_hz = autoencoder.sample_rate_hz
    read = [sound.read(sample_rate_hz=rate_hz, max_samples=2 * MOST_BLENDED_S * rate_hz).samples for sound in sounds]
    channels, count = max(map(len, read)), max(samples.shape[1] for samples in read)
    latents = []
    for number, samples in enumerate(read):
        progress.update(number, len(read), "encoding")
        alike = np.repeat(samples, channels, 0) if len(samples) < channels else samples
        whole = np.pad(alike, ((0, 0), (0, count - samples.shape[1])))
        latents.append(autoencoder.encode(Audio(whole, rate_hz)))
    sound = autoencoder.decode((1 - share) * latents[0] + share * latents[1]).samples[:, :count]
    return Stream(rate_hz, channels, count, iter((sound,)))
