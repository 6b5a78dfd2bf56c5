"""Evaluate: how near sound, or a text, comes to what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, field_validator

from menura import kinds
from menura.audio import Audio
from menura.data.folders import files_under
from menura.extras import how_to_install
from menura.metrics.sound import METRICS
from menura.metrics.words import WORD_METRICS
from menura.progress import Progress, check
from menura.tasks.inputs import SoundOrTextInput
from menura.tasks.limits import MOST_SAMPLES
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.task import Category, Task, offers

_MAX_NAMED = 3
_DECIMALS = 4
_KNOWN = (*METRICS, *WORD_METRICS)


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


@dataclass(frozen=True, repr=False)
class Evaluated(Shown):
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
    """Measure how near sound, or a text, comes to a reference: one file to another, or folders of them.

    Files in folders are matched by their names without suffixes. Channels are averaged; an estimate of another rate is
    resampled to the reference's; of two lengths the longer is cut at its end. Only nsim and pesq allow for a delay.
    Texts (.txt) are measured by wer and cer, errors a word and a character, once both are spelled alike as Whisper's
    authors do it.
    """

    name: ClassVar[str] = "evaluate"
    category: ClassVar[Category] = "Check"
    positional: ClassVar[tuple[str, ...]] = ("reference", "estimate")

    reference: Annotated[
        SoundOrTextInput, Field(description="the sound or text as it should be: a file, or a folder of files")
    ]
    estimate: Annotated[
        SoundOrTextInput, Field(description="the sound or text to measure: a file, or a folder of files")
    ]
    metrics: Annotated[
        tuple[str, ...],
        Field(
            description=f"which of {', '.join(_KNOWN)} (default: all that are installed)",
            json_schema_extra=offers(_KNOWN),
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
            if name not in _KNOWN:
                raise ValueError(f"no metric {name[:40]!r}; there are {', '.join(_KNOWN)}")
        return tuple(dict.fromkeys(metrics))

    def run(self, models: Models, progress: Progress) -> Iterator[Evaluated]:  # noqa: ARG002
        wants_words = bool(self.metrics) and set(self.metrics) <= WORD_METRICS.keys()
        pairs, notes = _matched(self.reference, self.estimate, wants_words)
        if all(one.is_text for pair in pairs for one in pair[1:]):
            yield self._of_texts(pairs, notes, progress)
            return
        if words := WORD_METRICS.keys() & set(self.metrics):
            raise ValueError(f"metrics: {' and '.join(sorted(words))} are of texts (.txt), and these are sounds")
        available = tuple(name for name, metric in METRICS.items() if metric.is_available)
        metrics = self.metrics or available
        if missing := sorted(METRICS.keys() - {*available, *metrics}):
            notes.append(f"without {' and '.join(missing)}: {how_to_install('eval')} brings them")
        measured = []
        for index, (name, reference, estimate) in enumerate(pairs):
            progress.update(index, len(pairs), "measuring")
            measured.append(Measured(name, *_readings(reference, estimate, metrics, self.rate)))
        if all(value is None for pair in measured for value in pair.values.values()):
            raise ValueError(f"nothing could be measured; {measured[0].name}: {measured[0].notes[-1]}")
        yield Evaluated(tuple(measured), tuple(notes))

    def _of_texts(self, pairs: Sequence[_Pair], notes: Sequence[str], progress: Progress) -> Evaluated:
        if other := [name for name in self.metrics if name not in WORD_METRICS]:
            raise ValueError(f"metrics: {other[0]} is of sounds; texts have {' and '.join(WORD_METRICS)}")
        measured = []
        for index, (name, reference, estimate) in enumerate(pairs):
            progress.update(index, len(pairs), "measuring")
            values = dict[str, float | None]()
            for metric in self.metrics or WORD_METRICS:
                try:
                    values[metric] = WORD_METRICS[metric](reference.text(), estimate.text())
                except ValueError as error:
                    raise ValueError(f"{reference.name}: {error}") from None
            measured.append(Measured(name, values, ()))
        return Evaluated(tuple(measured), tuple(notes))


_Pair = tuple[str, SoundOrTextInput, SoundOrTextInput]


def _matched(
    reference: SoundOrTextInput, estimate: SoundOrTextInput, wants_words: bool
) -> tuple[list[_Pair], list[str]]:
    """The pairs to compare, each with the name of the estimate, and what to say about files without a match."""
    folders = [one.path for one in (reference, estimate) if one.path is not None and one.path.is_dir()]
    if not folders:
        if reference.is_text != estimate.is_text:
            raise ValueError(f"{reference.name} and {estimate.name}: one is a text and the other is not")
        return [(estimate.name, reference, estimate)], []
    if len(folders) == 1:
        other = estimate if folders[0] == reference.path else reference
        raise ValueError(f"{folders[0]} is a folder and {other} is not; give two files or two folders")
    notes: list[str] = []
    ours, theirs = (_files(folder, kinds.TEXT if wants_words else kinds.SOUND, notes) for folder in folders)
    if not (wants_words or ours or theirs):
        ours, theirs = (_files(folder, kinds.TEXT, notes) for folder in folders)
    if not ours.keys() & theirs.keys():
        what = "text" if wants_words else "sound"
        raise ValueError(f"no {what} file in {estimate} has the name of one in {reference}, suffixes aside")
    for folder, alone in zip(folders, (ours.keys() - theirs.keys(), theirs.keys() - ours.keys()), strict=True):
        if alone:
            notes.append(f"{len(alone)} without a match in {folder}: {_listed(sorted(alone))}")
    paths = [(ours[name], theirs[name]) for name in sorted(ours.keys() & theirs.keys())]
    pairs = [
        (b.relative_to(folders[1]).as_posix(), SoundOrTextInput(path=a), SoundOrTextInput(path=b)) for a, b in paths
    ]
    return pairs, notes


def _files(folder: Path, kind: kinds.Kind, notes: list[str]) -> dict[str, Path]:
    """Files of a kind anywhere under a folder, behind links too, by their paths in it without suffixes."""
    found: dict[str, Path] = {}
    for path in files_under(folder, lambda name: kinds.has_suffix(name, kind), notes.append):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if name in found:
            raise ValueError(f"{folder}: {found[name].name} and {path.name} have one name; keep one of them")
        found[name] = path
    return found


def _listed(names: list[str]) -> str:
    more = len(names) - _MAX_NAMED
    return ", ".join(names[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _readings(
    reference: SoundOrTextInput, estimate: SoundOrTextInput, metrics: tuple[str, ...], rate_hz: int | None
) -> tuple[dict[str, float | None], tuple[str, ...]]:
    """Metric -> reading, and notes on them."""
    ours, theirs, notes = _aligned(reference, estimate, rate_hz)
    values: dict[str, float | None] = {}
    for name in metrics:
        check()
        try:
            values[name] = METRICS[name].measure(ours.samples[0], theirs.samples[0], ours.sample_rate_hz)
        except ValueError as error:
            values[name] = None
            notes.append(f"{name}: {error}")
    return values, tuple(notes)


def _aligned(
    reference: SoundOrTextInput, estimate: SoundOrTextInput, rate_hz: int | None
) -> tuple[Audio, Audio, list[str]]:
    """Both mono, of one rate and one length, and what was done for it."""
    notes = []
    rate_hz = rate_hz or reference.sample_rate_hz
    for what, sound in (("reference", reference), ("estimate", estimate)):
        if sound.sample_rate_hz != rate_hz:
            notes.append(f"the {what} was resampled from {sound.sample_rate_hz} to {rate_hz} Hz")
    ours, theirs = (
        sound.read(mono=True, sample_rate_hz=rate_hz, max_samples=MOST_SAMPLES) for sound in (reference, estimate)
    )
    length = min(ours.num_samples, theirs.num_samples)
    if ours.num_samples != theirs.num_samples:
        longer = "reference" if ours.num_samples > theirs.num_samples else "estimate"
        cut_s = abs(ours.num_samples - theirs.num_samples) / rate_hz
        notes.append(f"the {longer} is longer: its last {cut_s:.3f} s of {(length / rate_hz + cut_s):.3f} s were cut")
    return Audio(ours.samples[:, :length], rate_hz), Audio(theirs.samples[:, :length], rate_hz), notes


def _described(metric: str) -> dict[str, str]:
    if metric in WORD_METRICS:
        return {"metric": metric, "better": "lower", "in": "errors, 1 is all"}
    better = "higher" if METRICS[metric].higher_is_better else "lower"
    return {"metric": metric, "better": better, "in": METRICS[metric].unit}


def _rounded(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, _DECIMALS) for name, value in values.items()}
