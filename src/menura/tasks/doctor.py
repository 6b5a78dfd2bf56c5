"""Doctor: an audit of a folder of sound before training on it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from menura.audio.charts import bar_charts
from menura.audio.pictures import save_png
from menura.data.audit import SLICES, Audit, Heard, described, hear
from menura.data.sound_folder import Sound, find_sounds
from menura.files import suffixed
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.task import Task

_WORKERS = 2
_SHOWN = 8
_PASSES = 100


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What is to be said of a folder.

    Attributes:
        audit: its files.
        reading: seconds of sound that are read in a second, on this machine.
        step_s: seconds a step of the shipped codec takes on this machine, or None if that was not asked.
    """

    audit: Audit
    reading: float
    step_s: float | None
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        audit = self.audit
        spread = audit.loudness_lufs()
        told: dict[str, Any] = {
            "sounds": len(audit.heard),
            "hours": round(audit.hours, 2),
            "to_mend": [{"found": found, "advice": advice} for found, advice in audit.findings()],
            "rates": audit.counts("rate_hz"),
            "channels": audit.counts("channels"),
            "minutes_by_split": _rounded(audit.minutes_by("split")),
            "licences": _rounded(_first(audit.minutes_by("license"))),
            **described(audit),
            "loudness_lufs": [round(float(x), 1) for x in np.percentile(spread, (10, 50, 90))] if len(spread) else [],
            "read_at": f"{self.reading:.0f} times real time",
            **({} if self.step_s is None else {"training": self._estimate(self.step_s)}),
        }
        for key in SLICES:
            if slices := audit.minutes_by(key):
                told[f"minutes_by_{key}"] = _rounded(_first(slices))
        if audit.unreadable:
            told["unreadable"] = [{"file": name, "reason": reason} for name, reason in audit.unreadable.items()]
        return told

    def _estimate(self, step_s: float) -> str:
        learnt_s = 60 * self.audit.minutes_by("split").get("train", 0.0)
        steps = max(round(learnt_s / 8), 1)
        minutes = steps * step_s / 60
        return (
            f"a step of the shipped codec (8 crops of a second) takes {step_s:.2f} s here; once through all this sound "
            f"is {steps} steps or {minutes:.0f} minutes, and {_PASSES} times {_PASSES * minutes / 60:.0f} hours"
        )

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write ``stem.png``: durations, loudness, and the largest slices."""
        audit = self.audit
        durations = np.array([one.seconds for one in audit.heard])
        groups = {
            "files by seconds": _histogram(durations, (0, 0.5, 1, 2, 4, 8, 16, 32, 64, 1e9)),
            "files by loudness, LUFS": _histogram(audit.loudness_lufs(), (-200, -50, -40, -32, -26, -20, -14, -8, 50)),
            **{f"minutes by {key}": _first(audit.minutes_by(key)) for key in ("split", *SLICES)},
        }
        path = suffixed(stem, ".png")
        save_png(bar_charts(groups), path, overwrite)
        return [path]


class Doctor(Task):
    """Look over a folder of sound before training on it: what is there, and what to mend first."""

    name: ClassVar[str] = "doctor"
    is_local: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("data",)

    data: Annotated[Path, Field(description="the folder; manifests, tables, texts and shards in it are read too")]
    estimate: Annotated[bool, Field(description="also time a few training steps, for an estimate")] = True
    output: Annotated[Path | None, Field(description="stem of the picture to write")] = None

    def suffixes(self) -> tuple[str, ...]:
        return (".png", ".json")

    def run(self, models: Models, progress: Progress) -> Iterator[Diagnosis]:  # noqa: ARG002
        sounds = list(find_sounds(self.data))
        if not sounds:
            raise ValueError(f"data: there is no sound in {self.data}")
        heard, unreadable = [], {}
        started = time.perf_counter()
        pool = ThreadPoolExecutor(_WORKERS)
        try:
            for index, (sound, found) in enumerate(zip(sounds, pool.map(_heard, sounds), strict=True)):
                progress.update(index, len(sounds), "listening")
                if isinstance(found, Heard):
                    heard.append(found)
                else:
                    unreadable[sound.name] = found
        finally:
            pool.shutdown(cancel_futures=True)
        audit = Audit(heard, unreadable)
        reading = 3600 * audit.hours / (time.perf_counter() - started)
        step_s = None
        if self.estimate:
            progress.update(0, 1, "timing a training step")
            step_s = resolve_name("menura.recipes.codec:seconds_a_step")()
        yield Diagnosis(audit, reading, step_s)


def _heard(sound: Sound) -> Heard | str:
    """What a file is like, or why it cannot be read."""
    try:
        return hear(sound)
    except (ValueError, OSError) as error:
        return str(error).removeprefix(f"{sound.path}: ")


def _first(minutes: Mapping[str, float]) -> dict[str, float]:
    """The largest, and the rest together."""
    names = list(minutes)
    shown = {name: minutes[name] for name in names[:_SHOWN]}
    rest = names[_SHOWN:]
    return shown | ({f"{len(rest)} others": sum(minutes[name] for name in rest)} if rest else {})


def _rounded(minutes: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 1) for name, value in minutes.items()}


def _histogram(values: np.ndarray, edges: tuple[float, ...]) -> dict[str, float]:
    counts, _ = np.histogram(values, edges)
    names = [
        f"under {edges[1]:g}",
        *(f"{low:g} to {high:g}" for low, high in pairwise(edges[1:-1])),
    ]
    return dict(zip([*names, f"over {edges[-2]:g}"], counts.astype(float).tolist(), strict=True))
