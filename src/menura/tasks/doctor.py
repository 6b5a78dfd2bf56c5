"""Doctor: an audit of a folder of sound or MIDI files before training on it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
from PIL import Image
from pydantic import Field

from menura.audio.charts import bar_charts
from menura.audio.pictures import save_png
from menura.data.audit import SLICES, SoundAudit, described, hear
from menura.data.contents import contents
from menura.data.folders import Held
from menura.data.score_audit import ScoreAudit, hear_score
from menura.files import suffixed
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task

_WORKERS = 2
_SHOWN = 8
_PASSES = 100
_FEW_MINUTES = {"codec": 60.0, "wavenet": 10.0}
_FEW_NOTES = 200_000
_CODEC_STEP_S, _SCORE_STEP_NOTES = 8, 2048
"""What the shipped models learn from in a step: 8 crops of a second, and 4 of 512 notes."""

_File = TypeVar("_File", bound=Held)
_Found = TypeVar("_Found")


@dataclass(frozen=True, eq=False, repr=False)
class Diagnosis(Shown):
    """What is to be said of a folder.

    Attributes:
        sounds, scores: its files.
        passed_over: what in it was not looked at, or lies outside.
        reading: seconds of sound that are read in a second, on this machine.
        step_s: seconds a step of the shipped model of a family takes on this machine, of those that were timed.
    """

    sounds: SoundAudit
    scores: ScoreAudit
    passed_over: Sequence[str]
    reading: float
    step_s: Mapping[str, float]
    name: str = ""

    def summary(self) -> Mapping[str, Any]:
        unreadable = {**self.sounds.unreadable, **self.scores.unreadable}
        findings = (*self._too_little(), *self.sounds.findings(), *self.scores.findings())
        return {
            **({"sounds": len(self.sounds.heard), "hours": _brief(self.sounds.hours)} if _is_any(self.sounds) else {}),
            **({"pieces": len(self.scores.heard), "notes": self.scores.notes} if _is_any(self.scores) else {}),
            "to_mend": [{"found": found, "advice": advice} for found, advice in findings],
            **({"passed_over": list(self.passed_over)} if self.passed_over else {}),
            **(self._of_sounds() if self.sounds.heard else {}),
            **(self._of_scores() if self.scores.heard else {}),
            **({"training": "; ".join(self._estimates())} if self.step_s else {}),
            **(
                {"unreadable": [{"file": f, "reason": reason} for f, reason in unreadable.items()]}
                if unreadable
                else {}
            ),
        }

    def _of_sounds(self) -> dict[str, Any]:
        audit, spread = self.sounds, self.sounds.loudness_lufs()
        return {
            "rates": audit.counts("rate_hz"),
            "channels": audit.counts("channels"),
            "minutes_by_split": _rounded(audit.minutes_by("split")),
            "licences": _rounded(_first(audit.minutes_by("license"))),
            **described(audit),
            "loudness_lufs": [round(float(x), 1) for x in np.percentile(spread, (10, 50, 90))] if len(spread) else [],
            "read_at": f"{self.reading:.0f} times real time",
            **{f"minutes_by_{key}": _rounded(_first(found)) for key in SLICES if (found := audit.minutes_by(key))},
        }

    def _of_scores(self) -> dict[str, Any]:
        audit = self.scores
        return {
            "music": _spoken(3600 * audit.hours),
            "pieces_by_split": audit.counts("split"),
            "pieces_by_licence": _first(_pieces(audit, "license")),
            "pieces_by_collection": _first(_pieces(audit, "collection")),
            "pieces_with": _first(audit.pieces_with()),
            "composers": audit.described(("composer", "composer_id")),
        }

    def _too_little(self) -> Iterator[tuple[str, str]]:
        minutes = 60 * self.sounds.hours
        if self.sounds.heard and minutes < _FEW_MINUTES["codec"]:
            advice = "an hour is a beginning, the shipped one has six; --init codec starts from its weights"
            yield f"too little data for codec: {_spoken(60 * minutes)}", advice
        if self.sounds.heard and minutes < _FEW_MINUTES["wavenet"]:
            advice = "ten minutes of one voice are a beginning; the shipped ones have 16 and 37"
            yield f"too little data for wavenet: {_spoken(60 * minutes)}", advice
        if self.scores.heard and self.scores.notes < _FEW_NOTES:
            advice = (
                "a hundred pieces are a beginning, the shipped one has 4 160; --init score_lm starts from its weights"
            )
            yield (
                f"too little data for score_lm: {self.scores.notes:,} notes in {len(self.scores.heard)} pieces",
                advice,
            )

    def _estimates(self) -> Iterator[str]:
        """How long training on all of it would take here."""
        amounts = {
            "codec": ("8 crops of a second", 3600 * self.sounds.hours / _CODEC_STEP_S),
            "score_lm": ("4 crops of 512 notes", self.scores.notes / _SCORE_STEP_NOTES),
        }
        for family, step_s in self.step_s.items():
            crops, steps = amounts[family][0], max(round(amounts[family][1]), 1)
            yield (
                f"a step of the shipped {family} ({crops}) takes {step_s:.2g} s here; once through all of this is "
                f"{steps} steps or {_spoken(steps * step_s)}, and {_PASSES} times {_spoken(_PASSES * steps * step_s)}"
            )

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write ``stem.png``."""
        path = suffixed(stem, ".png")
        save_png(self.image(), path, overwrite)
        return [path]

    def image(self) -> Image.Image:
        """Durations, loudness, and the largest slices."""
        sounds, scores = self.sounds, self.scores
        durations = np.array([one.seconds for one in sounds.heard])
        groups = {
            "files by seconds": _histogram(durations, (0, 0.5, 1, 2, 4, 8, 16, 32, 64, 1e9)),
            "files by loudness, LUFS": _histogram(sounds.loudness_lufs(), (-200, -50, -40, -32, -26, -20, -14, -8, 50)),
            **{f"minutes by {key}": _first(sounds.minutes_by(key)) for key in ("split", *SLICES)},
        }
        if scores.heard:
            bars = np.array([one.bars for one in scores.heard])
            groups |= {
                "pieces by bars": _histogram(bars, (0, 4, 8, 16, 32, 64, 128, 256, 512, 1e9)),
                "pieces by split": _first(_pieces(scores, "split")),
                "pieces with": _first(scores.pieces_with()),
            }
        return bar_charts({title: values for title, values in groups.items() if any(values.values())})


class Doctor(Task):
    """Look over a folder of sound or MIDI files before training on it: what is there, and what to mend first."""

    name: ClassVar[str] = "doctor"
    category: ClassVar[Category] = "Train"
    is_local: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("data",)

    data: Annotated[Path, Field(description="the folder; manifests, tables, texts and shards in it are read too")]
    estimate: Annotated[bool, Field(description="also time a few training steps, for an estimate")] = True
    output: Annotated[Path | None, Field(description="stem of the picture to write")] = None

    def suffixes(self) -> tuple[str, ...]:
        return (".png", ".json")

    def run(self, models: Models, progress: Progress) -> Iterator[Diagnosis]:  # noqa: ARG002
        passed_over: list[str] = []
        found, files = contents(self.data, passed_over.append)
        for line in passed_over:
            progress.say(line)
        started = time.perf_counter()
        sounds = SoundAudit(*_measured(found, hear, progress, "listening"))
        reading = 3600 * sounds.hours / (time.perf_counter() - started)
        scores = ScoreAudit(*_measured(files, hear_score, progress, "reading music"))
        families = (["codec"] if sounds.heard else []) + (["score_lm"] if scores.heard else [])
        step_s = {}
        for done, family in enumerate(families if self.estimate else []):
            progress.update(done, len(families), "timing a training step")
            step_s[family] = resolve_name(f"menura.models.{family}.recipe:seconds_a_step")()
        yield Diagnosis(sounds, scores, tuple(passed_over), reading, step_s)


def _measured(
    files: Sequence[_File], measure: Callable[[_File], _Found], progress: Progress, what: str
) -> tuple[list[_Found], dict[str, str]]:
    """What each file is like; of those that cannot be read, why."""
    good: list[_Found] = []
    bad: dict[str, str] = {}

    def tried(file: _File) -> _Found | Exception:
        try:
            return measure(file)
        except (ValueError, OSError) as error:
            return error

    pool = ThreadPoolExecutor(_WORKERS)
    try:
        for index, (file, found) in enumerate(zip(files, pool.map(tried, files), strict=True)):
            progress.update(index, len(files), what)
            if isinstance(found, Exception):
                bad[file.name] = str(found).removeprefix(f"{file.path}: ")
            else:
                good.append(found)
    finally:
        pool.shutdown(cancel_futures=True)
    return good, bad


def _is_any(audit: SoundAudit | ScoreAudit) -> bool:
    return bool(audit.heard or audit.unreadable)


def _pieces(audit: ScoreAudit, key: str) -> dict[str, int]:
    """How many pieces there are of each value of a key; ``collection`` is the first folder."""
    said = (
        one.name.split("/")[0] if key == "collection" else getattr(one, key, one.row.get(key)) for one in audit.heard
    )
    return {str(value): count for value, count in Counter(value for value in said if value).most_common()}


def _spoken(seconds: float) -> str:
    """A time in the unit that it has several of: ``"12 s"``, ``"3.2 minutes"``."""
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.{0 if seconds >= 10 * size else 1}f} {unit}"
    return f"{seconds:.{0 if seconds >= 10 else 1}f} s" if seconds >= 0.1 else "less than 0.1 s"


def _first(minutes: Mapping[str, float]) -> dict[str, float]:
    """The largest, and the rest together."""
    names = list(minutes)
    shown = {name: minutes[name] for name in names[:_SHOWN]}
    rest = names[_SHOWN:]
    return shown | ({f"{len(rest)} others": sum(minutes[name] for name in rest)} if rest else {})


def _rounded(minutes: Mapping[str, float]) -> dict[str, float]:
    return {name: _brief(value) for name, value in minutes.items()}


def _brief(value: float) -> float:
    """Three digits of it: little is not rounded to nothing."""
    return float(f"{value:.3g}") if value < 100 else round(value)


def _histogram(values: np.ndarray, edges: tuple[float, ...]) -> dict[str, float]:
    counts, _ = np.histogram(values, edges)
    names = [
        f"under {edges[1]:g}",
        *(f"{low:g} to {high:g}" for low, high in pairwise(edges[1:-1])),
    ]
    return dict(zip([*names, f"over {edges[-2]:g}"], counts.astype(float).tolist(), strict=True))
