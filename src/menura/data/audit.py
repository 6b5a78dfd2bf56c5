"""An audit of a folder: what each file is like, what all of them are, and what is to be mended first."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from menura.audio import loudness
from menura.audio.samples import Audio
from menura.data.sound_folder import Sound
from menura.progress import Noting

SLICES = ("collection", "speaker", "language", "category", "label")
_TEXTS = ("text", "transcription", "text_normalized", "sentence")
_CAPTIONS = ("caption", "description", "title", "tags")
_FULL_SCALE = 0.999
_CLIPPED_RUN = 3
_SILENT = 10 ** (-60 / 20)
_BLOCK_S = 0.02
_LARGEST_DC = 0.01
_MUCH_CLIPPED, _MUCH_SILENT, _WIDE_LU, _SHORT_S = 1e-4, 0.5, 12.0, 0.1
_NAMED = 3


@dataclass(frozen=True)
class FileStats:
    """What one file is like.

    Attributes:
        name, split: of the file.
        seconds, rate_hz, channels: of its sound.
        peak: largest absolute sample.
        clipped: share of samples in runs of full scale.
        silent: share of time under -60 dBFS.
        dc: mean of the samples, as a share of full scale.
        lufs: integrated loudness; -inf for silence.
        content: hash of the samples.
        row: what is said of it.
        odd: what its header says wrongly, in words.
    """

    name: str
    split: str
    seconds: float
    rate_hz: int
    channels: int
    peak: float
    clipped: float
    silent: float
    dc: float
    lufs: float
    content: str
    row: Mapping[str, object]
    odd: tuple[str, ...] = ()


def hear(sound: Sound) -> FileStats:
    """Read a file and measure it.

    Raises:
        ValueError, OSError: it cannot be read; one line.
    """
    return hear_and_keep(sound)[0]


def hear_and_keep(sound: Sound) -> tuple[FileStats, Audio]:
    """As `hear`, with the sound itself, for whoever goes on with it."""
    noting = Noting()
    with noting.active():
        audio = sound.read()
    return _stats(sound, audio, noting.warnings), audio


def _stats(sound: Sound, audio: Audio, odd: Sequence[str]) -> FileStats:
    if audio.duration_s < 2 / audio.sample_rate_hz:
        raise ValueError("it has one sample alone")
    samples = audio.samples
    return FileStats(
        name=sound.name,
        split=sound.split(),
        seconds=audio.duration_s,
        rate_hz=audio.sample_rate_hz,
        channels=audio.num_channels,
        peak=audio.peak,
        clipped=_clipped(samples),
        silent=_silent(audio),
        dc=float(np.abs(samples.mean(axis=1)).max()),
        lufs=loudness.integrated_lufs(audio) if audio.sample_rate_hz >= 8000 else float("-inf"),
        content=hashlib.sha256(samples.tobytes()).hexdigest(),
        row=sound.row,
        odd=tuple(odd),
    )


def _clipped(samples: np.ndarray) -> float:
    """Share of samples in runs of three or more at full scale: a single one may be a peak."""
    full = np.abs(samples) >= _FULL_SCALE
    runs = full[:, 2:] & full[:, 1:-1] & full[:, :-2] if samples.shape[1] >= _CLIPPED_RUN else full[:, :0]
    return float(runs.sum() / samples.size)


def _silent(audio: Audio) -> float:
    size = max(round(_BLOCK_S * audio.sample_rate_hz), 1)
    level = np.abs(audio.samples).max(axis=0)
    blocks = np.add.reduceat(level >= _SILENT, np.arange(0, len(level), size))
    return float((blocks == 0).mean())


class Measured(Protocol):
    """What is known of every file, of whatever kind."""

    @property
    def name(self) -> str: ...

    @property
    def split(self) -> str: ...

    @property
    def seconds(self) -> float: ...

    @property
    def content(self) -> str: ...

    @property
    def row(self) -> Mapping[str, object]: ...


_Measured = TypeVar("_Measured", bound=Measured)


@dataclass(frozen=True)
class Audit(Generic[_Measured]):
    """All files of a folder together.

    Attributes:
        heard: those that can be read.
        unreadable: name -> reason, of the others.
    """

    heard: Sequence[_Measured]
    unreadable: Mapping[str, str]

    @property
    def hours(self) -> float:
        return sum(one.seconds for one in self.heard) / 3600

    def minutes_by(self, key: str) -> dict[str, float]:
        """Minutes of sound of each value of a key of the rows, the most first; ``collection`` is the first folder."""
        found: dict[str, float] = defaultdict(float)
        for one in self.heard:
            value = one.name.split("/")[0] if key == "collection" else getattr(one, key, one.row.get(key))
            if value not in (None, ""):
                found[str(value)] += one.seconds / 60
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def duplicates(self) -> list[list[str]]:
        """Names of files of one content."""
        groups: dict[str, list[str]] = defaultdict(list)
        for one in self.heard:
            groups[one.content].append(one.name)
        return [names for names in groups.values() if len(names) > 1]

    def across_splits(self) -> list[list[str]]:
        """Duplicates of which one is learnt from and another judged by."""
        splits = {one.name: one.split for one in self.heard}
        return [names for names in self.duplicates() if len({splits[name] for name in names}) > 1]

    def described(self, fields: Sequence[str]) -> int:
        """How many files say one of some fields."""
        return sum(any(one.row.get(field) for field in fields) for one in self.heard)

    def counts(self, key: str) -> dict[str, int]:
        """How many files have each value of a measure."""
        return {str(value): count for value, count in Counter(getattr(one, key) for one in self.heard).most_common()}

    def findings(self) -> Iterator[tuple[str, str]]:
        """What to mend, the worst first, and how."""
        if self.unreadable:
            reasons = [f"{name} ({reason})" for name, reason in self.unreadable.items()]
            yield f"{len(reasons)} cannot be read: {_some(reasons)}", "they are left out; fetch or convert them again"
        if leaks := self.across_splits():
            yield f"{len(leaks)} duplicates lie across splits: {_some(leaks[0])}", "held-out figures will be too good"
        if again := [name for names in self.duplicates() for name in names[1:]]:
            yield f"{len(again)} are the same as another: {_some(again)}", "one of each is enough"
        for what, names, advice in self._marks():
            if names:
                yield f"{len(names)} are {what}: {_some(names)}", advice
        yield from self._of_all()
        yield from self._of_rows()

    def _marks(self) -> Iterator[tuple[str, list[str], str]]:
        """What single files are, which are so, and how to mend it."""
        yield from ()

    def _of_all(self) -> Iterator[tuple[str, str]]:
        """What the files are together, and how to mend it."""
        yield from ()

    def _where(self, holds: Callable[[_Measured], bool]) -> list[str]:
        return [one.name for one in self.heard if holds(one)]

    def _of_rows(self) -> Iterator[tuple[str, str]]:
        if unlicensed := len(self.heard) - self.described(("license", "licence")):
            yield f"{unlicensed} state no licence", "know it before you pass weights on"
        for key in ("speaker", "language"):
            minutes = self.minutes_by(key)
            if len(minutes) > 1 and (most := max(minutes.values())) > 0.6 * sum(minutes.values()):
                name = next(iter(minutes))
                yield (
                    f"{most / sum(minutes.values()):.0%} of what names a {key} is {name}",
                    "the others will be learnt less",
                )


class SoundAudit(Audit[FileStats]):
    """Of a folder of sound."""

    def loudness_lufs(self) -> np.ndarray:
        """Of every file that is not silent."""
        values = np.array([one.lufs for one in self.heard])
        return values[np.isfinite(values)]

    def _marks(self) -> Iterator[tuple[str, list[str], str]]:
        yield "clipped", self._where(lambda one: one.clipped > _MUCH_CLIPPED), "leave them out, or declip them"
        yield "silent for more than half", self._where(lambda one: one.silent > _MUCH_SILENT), "trim them"
        yield "off centre (DC)", self._where(lambda one: one.dc > _LARGEST_DC), "a high-pass at 20 Hz mends it"
        odd = [line for one in self.heard for line in one.odd]
        yield "not as their headers say", odd, "what is there is learnt from; fetch or convert them again"
        short = self._where(lambda one: one.seconds < _SHORT_S)
        yield "shorter than 0.1 s", short, "crops of them are mostly silence"

    def _of_all(self) -> Iterator[tuple[str, str]]:
        spread = self.loudness_lufs()
        if len(spread) > 1 and float(np.ptp(np.percentile(spread, (10, 90)))) > _WIDE_LU:
            low, high = np.percentile(spread, (10, 90))
            yield f"loudness goes from {low:.0f} to {high:.0f} LUFS", "recipes vary the level; even out far outliers"
        if len(self.counts("rate_hz")) > 1:
            yield f"{len(self.counts('rate_hz'))} sample rates", "all are resampled; low ones have no treble to learn"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def described(audit: SoundAudit) -> dict[str, int]:
    """How many files have a text, how many a caption."""
    return {"texts": audit.described(_TEXTS), "captions": audit.described(_CAPTIONS)}
