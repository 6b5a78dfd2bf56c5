"""Prepare a folder of sound for training on many machines, as shards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, ClassVar

from pydantic import Field

from menura.audio import Audio, mnr
from menura.data.contents import sounds_in
from menura.data.prepare import Form, Prepared, Shard, finish, left_to_do, plan, sweep, write_shard
from menura.data.workers import Told, Work, in_processes, in_turn, on_ray
from menura.files import require_writable
from menura.models.contract import needs
from menura.progress import Progress
from menura.tasks.encode import Encode
from menura.tasks.inputs import ModelName
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task


@dataclass(frozen=True, repr=False)
class Shards(Shown):
    """A folder of shards.

    Attributes:
        folder: where they are, for `menura train`.
        found: what they hold.
    """

    folder: Path
    found: Prepared

    def summary(self) -> Mapping[str, Any]:
        audit, left_out = self.found.audit, self.found.audit.unreadable
        return {
            "shards": str(self.folder),
            "files": self.found.shards,
            "megabytes": round(self.found.num_bytes / 1e6, 1),
            "sounds": len(audit.heard),
            "hours": float(f"{audit.hours:.3g}"),
            "left_out": len(left_out),
            "to_mend": [{"found": found, "advice": advice} for found, advice in audit.findings()],
            **({"unreadable": [{"file": f, "reason": r} for f, r in left_out.items()]} if left_out else {}),
        }


@dataclass(frozen=True)
class Encoder:
    """Sound as the content of a ``.mnr`` file.

    Attributes:
        model: folder of the codec, which is read where the first sound is encoded.
        kbps: kilobits a second of each channel, at most.
    """

    model: Path
    kbps: float

    def __call__(self, audio: Audio) -> bytes:
        task = Encode.build({"file": audio, "kbps": self.kbps, "model": str(self.model)})
        torch = resolve_name("torch")
        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # sums over several threads end in other bits
        try:
            (encoded,) = task.run(_models(), Progress())
        finally:
            torch.set_num_threads(threads)
        return mnr.to_bytes(encoded.header, encoded.codes)


@cache
def _models() -> Models:
    return Models()


class Prepare(Task):
    """Put a folder of sound into shards to train on: audited, resampled, and encoded if wanted.

    The same command goes on with a run that was stopped or killed. Files that cannot be read are named and left out.
    The bytes are the same whatever the number of workers or machines.
    """

    name: ClassVar[str] = "prepare"
    category: ClassVar[Category] = "Train"
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Shards": ("out", "rate", "mono", "shard_mb", "encode", "kbps"),
        "Machines": ("workers", "ray"),
    }
    is_local: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("data",)

    data: Annotated[
        Path, Field(description="a folder of sound; manifests, tables, texts and shards in it are read too")
    ]
    out: Annotated[Path, Field(description="folder of the shards, a new one or that of a run to go on with")]
    rate: Annotated[
        int | None, Field(ge=8000, le=192_000, description="sample rate in Hz of all sounds; default: as they are")
    ] = None
    mono: Annotated[bool, Field(description="average the channels")] = False
    shard_mb: Annotated[
        float, Field(ge=0.1, le=10_000, description="megabytes of files, as they are now, that fill a shard")
    ] = 64.0
    encode: Annotated[
        ModelName | None,
        Field(
            description="also keep the codes of a codec, by its name or folder, as x.mnr beside x.flac",
            json_schema_extra=needs("BaseCodec"),
        ),
    ] = None
    kbps: Annotated[float, Field(gt=0, le=1000, description="kilobits a second of codes of a channel, at most")] = 3.0
    workers: Annotated[
        int | None, Field(ge=1, le=100_000, description="shards at once; default: 1, of a cluster all its cores")
    ] = None
    ray: Annotated[
        str | None,
        Field(
            description="address of a Ray cluster that sees both folders: auto, HOST:PORT, or local for this machine"
        ),
    ] = None

    def run(self, models: Models, progress: Progress) -> Iterator[Shards]:
        data, out = self.data.absolute(), self.out.absolute()
        if out.resolve().is_relative_to(data.resolve()):
            raise ValueError(f"out: {self.out} lies in {self.data}, and would be prepared itself the next time")
        form = self._form(models)
        sounds = sounds_in(data, progress.say)
        require_writable(out)
        shards = plan(sounds, out, self.shard_mb)
        left = left_to_do(shards, out, form)
        done = len(sounds) - sum(len(shard.sounds) for shard in left)
        if done:
            progress.say(f"going on with {self.out}: {len(shards) - len(left)} of {len(shards)} shards are there")

        def told(more: int) -> None:
            nonlocal done
            done += more
            progress.update(done, len(sounds), "preparing")

        told(0)
        try:
            self._share_out(partial(write_shard, form), left, told)
        finally:
            sweep(out)
        found = finish(shards, out)
        for name, reason in found.audit.unreadable.items():
            progress.say(f"left out {name}: {reason}")
        yield Shards(self.out, found)

    def _share_out(self, work: Work[Shard], left: Sequence[Shard], told: Told) -> None:
        if self.ray is not None and left:
            on_ray(work, left, self.ray, self.workers, told)
        elif (self.workers or 1) > 1 and left:
            in_processes(work, left, self.workers or 1, told)
        else:
            in_turn(work, left, told)

    def _form(self, models: Models) -> Form:
        if self.encode is None:
            return Form(self.rate, self.mono)
        folder = models.folder(self.encode)
        by = f"{models.hash(self.encode)} at {self.kbps:g} kbps"
        return Form(self.rate, self.mono, Encoder(folder, self.kbps), by)
