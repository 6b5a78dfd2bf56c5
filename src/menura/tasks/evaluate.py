"""Evaluate: how near sound comes to what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, field_validator

from menura.audio import Audio, read
from menura.audio.formats import FORMATS
from menura.metrics.sound import METRICS
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.task import SOUND_SUFFIXES, Task, offers, takes

_SUFFIXES = {*(f".{name}" for name in FORMATS), ".aif", ".oga", ".m4a", ".webm", ".caf", ".au", ".w64"}
_MAX_NAMED = 3
_DECIMALS = 4


@dataclass(frozen=True)
class Measured:
    """One pair of sounds.

    Attributes:
        name: of the estimate, as seen from its folder.
        values: metric -> reading, or None where it is not defined.
        notes: what was done to the two to compare them, and why readings are missing.
    """

    name: str
    values: Mapping[str, float | None]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Evaluated:
    """Readings of all pairs.

    Attributes:
        pairs: each pair's.
        notes: what holds for all.
    """

    pairs: tuple[Measured, ...]
    notes: tuple[str, ...] = ()

    @property
    def mean(self) -> dict[str, float | None]:
        """The mean of each metric over the pairs that have a reading."""
        means = {}
        for metric in self.pairs[0].values:
            found = [value for pair in self.pairs if (value := pair.values[metric]) is not None]
            means[metric] = float(np.mean(found)) if found else None
        return means

    def summary(self) -> Mapping[str, Any]:
        rows = [{"pair": pair.name, **_rounded(pair.values)} for pair in self.pairs]
        if len(rows) > 1:
            rows.append({"pair": "mean", **_rounded(self.mean)})
        notes = [{"pair": pair.name, "note": note} for pair in self.pairs for note in pair.notes]
        notes += [{"pair": "all", "note": note} for note in (*self.notes, *self._missing())]
        return {"readings": rows, "metrics": [_described(name) for name in self.pairs[0].values], "notes": notes}

    def _missing(self) -> Iterator[str]:
        for metric in self.pairs[0].values:
            count = sum(pair.values[metric] is not None for pair in self.pairs)
            if 0 < count < len(self.pairs):
                yield f"{metric}: the mean of {count} of {len(self.pairs)} pairs"


class Evaluate(Task):
    """Measure how near sound comes to a reference: one file to another, or folders of them.

    Files in folders are matched by their names without suffixes. Channels are averaged; an estimate of another rate is
    resampled to the reference's; of two lengths the longer is cut at its end. Only nsim and pesq allow for a delay.
    """

    name: ClassVar[str] = "evaluate"
    positional: ClassVar[tuple[str, ...]] = ("reference", "estimate")

    reference: Annotated[
        Path,
        Field(
            description="the sound as it should be: a file, or a folder of files",
            json_schema_extra=takes(*SOUND_SUFFIXES),
        ),
    ]
    estimate: Annotated[
        Path,
        Field(
            description="the sound to measure: a file, or a folder of files", json_schema_extra=takes(*SOUND_SUFFIXES)
        ),
    ]
    metrics: Annotated[
        tuple[str, ...],
        Field(
            description=f"which of {', '.join(METRICS)} (default: all that are installed)",
            json_schema_extra=offers(METRICS),
        ),
    ] = ()
    rate: Annotated[
        int | None,
        Field(description="samples a second to compare at (default: the reference's)", ge=8000, le=192000),
    ] = None

    @field_validator("metrics")
    @classmethod
    def _known(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        for name in metrics:
            if name not in METRICS:
                raise ValueError(f"no metric {name[:40]!r}; there are {', '.join(METRICS)}")
        return tuple(dict.fromkeys(metrics))

    def run(self, models: Models, progress: Progress) -> Iterator[Evaluated]:  # noqa: ARG002
        pairs, notes = _matched(self.reference, self.estimate)
        available = tuple(name for name, metric in METRICS.items() if metric.is_available)
        metrics = self.metrics or available
        if missing := sorted(METRICS.keys() - {*available, *metrics}):
            notes.append(f'without {" and ".join(missing)}: pip install "menura[eval]" brings them')
        measured = []
        for index, (reference, estimate) in enumerate(pairs):
            progress.update(index, len(pairs), "measuring")
            name = estimate.relative_to(self.estimate).as_posix() if self.estimate.is_dir() else estimate.name
            measured.append(Measured(name, *_readings(reference, estimate, metrics, self.rate)))
        if all(value is None for pair in measured for value in pair.values.values()):
            raise ValueError(f"nothing could be measured; {measured[0].name}: {measured[0].notes[-1]}")
        yield Evaluated(tuple(measured), tuple(notes))


def _matched(reference: Path, estimate: Path) -> tuple[list[tuple[Path, Path]], list[str]]:
    """The pairs of files to compare, and what to say about files without a match."""
    if not reference.is_dir() and not estimate.is_dir():
        return [(reference, estimate)], []
    if not (reference.is_dir() and estimate.is_dir()):
        folder, other = (reference, estimate) if reference.is_dir() else (estimate, reference)
        raise ValueError(f"{folder} is a folder and {other} is not; give two files or two folders")
    ours, theirs = _sounds(reference), _sounds(estimate)
    if not ours.keys() & theirs.keys():
        raise ValueError(f"no sound file in {estimate} has the name of one in {reference}, suffixes aside")
    notes = []
    for folder, alone in ((reference, ours.keys() - theirs.keys()), (estimate, theirs.keys() - ours.keys())):
        if alone:
            notes.append(f"{len(alone)} without a match in {folder}: {_listed(sorted(alone))}")
    return [(ours[name], theirs[name]) for name in sorted(ours.keys() & theirs.keys())], notes


def _sounds(folder: Path) -> dict[str, Path]:
    """Sound files anywhere under a folder, by their paths in it without suffixes."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _SUFFIXES and not path.name.startswith(".") and path.is_file():
            name = path.relative_to(folder).with_suffix("").as_posix()
            if name in found:
                raise ValueError(f"{folder}: {found[name].name} and {path.name} have one name; keep one of them")
            found[name] = path
    return found


def _listed(names: list[str]) -> str:
    more = len(names) - _MAX_NAMED
    return ", ".join(names[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _readings(
    reference: Path, estimate: Path, metrics: tuple[str, ...], rate_hz: int | None
) -> tuple[dict[str, float | None], tuple[str, ...]]:
    """Metric -> reading, and notes on them."""
    ours, theirs, notes = _aligned(read(reference), read(estimate), rate_hz)
    values: dict[str, float | None] = {}
    for name in metrics:
        try:
            values[name] = METRICS[name].measure(ours.samples[0], theirs.samples[0], ours.sample_rate_hz)
        except ValueError as error:
            values[name] = None
            notes.append(f"{name}: {error}")
    return values, tuple(notes)


def _aligned(reference: Audio, estimate: Audio, rate_hz: int | None) -> tuple[Audio, Audio, list[str]]:
    """Both mono, of one rate and one length, and what was done for it."""
    notes = []
    rate_hz = rate_hz or reference.sample_rate_hz
    if reference.sample_rate_hz != rate_hz:
        notes.append(f"the reference was resampled from {reference.sample_rate_hz} to {rate_hz} Hz")
    if estimate.sample_rate_hz != rate_hz:
        notes.append(f"the estimate was resampled from {estimate.sample_rate_hz} to {rate_hz} Hz")
    ours, theirs = (audio.mono().resampled(rate_hz) for audio in (reference, estimate))
    length = min(ours.num_samples, theirs.num_samples)
    if ours.num_samples != theirs.num_samples:
        longer = "reference" if ours.num_samples > theirs.num_samples else "estimate"
        cut_s = abs(ours.num_samples - theirs.num_samples) / rate_hz
        notes.append(f"the {longer} is longer: its last {cut_s:.3f} s of {(length / rate_hz + cut_s):.3f} s were cut")
    return Audio(ours.samples[:, :length], rate_hz), Audio(theirs.samples[:, :length], rate_hz), notes


def _described(metric: str) -> dict[str, str]:
    better = "higher" if METRICS[metric].higher_is_better else "lower"
    return {"metric": metric, "better": better, "in": METRICS[metric].unit}


def _rounded(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, _DECIMALS) for name, value in values.items()}
