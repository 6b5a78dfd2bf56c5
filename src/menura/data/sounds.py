"""A corpus of sound: many files decoded once into one, and crops of it.

    sounds-<key>/sounds.json   {"rate": …, "names": […], "starts": […], "splits": […], "kinds": […], "skipped": […], …}
    sounds-<key>/sounds.i16    all samples, mono, little-endian 16-bit, one file after another

The key is made of everything that the samples come from, so that one cache serves many runs. Crops are a pure function
of seed, step and item, so that training resumes exactly.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, Self

import numpy as np

from menura.audio import Audio
from menura.data.augment import Change
from menura.files import read_json, writing_folder
from menura.progress import Progress

SPLITS = ("train", "valid", "test")
_FULL_SCALE = 32767.0
_MAX_INDEX_BYTES = 1 << 30
_MAX_COLLECTIONS = 1000
_BLOCK_SAMPLES = 1 << 20
_MANY = 20
"""From so many sounds on whole ones are held out; of fewer the ends."""


class Source(Protocol):
    """One sound to take into a corpus."""

    @property
    def name(self) -> str: ...

    def read(self, sample_rate_hz: int, mono: bool) -> Audio:
        """Its sound at a rate."""
        ...

    def split(self) -> str: ...

    def fingerprint(self) -> str:
        """What changes if the samples that `read` gives may have: the file's size and time, and what is done to it."""
        ...


Sources = Sequence[tuple[str, Source]]
"""Sounds, each with its kind."""


class _Part(NamedTuple):
    """A stretch of the samples."""

    name: str
    kind: str
    split: str
    start: int
    stop: int


@dataclass(frozen=True)
class SoundCorpus:
    """Sounds of one rate, one after another.

    Attributes:
        samples: int16 ``[sample]``, of all of them, mapped from the file.
        starts: where each begins, and where the last ends.
        names, splits, kinds: of each.
        rate_hz: samples a second.
        skipped: what could not be read, and why.
        held_out: in words, what the model is judged by.
        sha256: of the samples and of what is said of them.
    """

    samples: np.ndarray
    starts: np.ndarray
    names: tuple[str, ...]
    splits: tuple[str, ...]
    kinds: tuple[str, ...]
    rate_hz: int
    skipped: tuple[str, ...]
    held_out: str
    sha256: str

    def minutes(self, split: str) -> dict[str, float]:
        """How much there is of each kind."""
        found: dict[str, float] = {}
        for kind, said, length in zip(self.kinds, self.splits, np.diff(self.starts), strict=True):
            if said == split:
                found[kind] = found.get(kind, 0.0) + float(length) / self.rate_hz / 60
        return {kind: round(minutes, 2) for kind, minutes in sorted(found.items())}

    @property
    def collections(self) -> list[str]:
        """Where the sounds come from: first folders of their names; of very many the first."""
        return sorted({name.split("/")[0] for name in self.names})[:_MAX_COLLECTIONS]

    @classmethod
    def of(cls, found: Sources, rate_hz: int, cache: Path, progress: Progress, made: Sources = ()) -> SoundCorpus:
        """The corpus of some sounds, each with its kind: read from the folder `cache` where it was made before, of the
        same sounds at the same rate; else made there.

        Args:
            found: the sounds of a folder.
            rate_hz: samples a second.
            cache: folder of corpora.
            progress: is told what cannot be read.
            made: sounds to add that are computed, and whose splits stand as they are.

        Raises:
            ValueError: as `build`, or what the cache holds is damaged.
        """
        folder = cache / f"sounds-{_key((*found, *made), rate_hz)}"
        if (folder / "sounds.json").exists():
            progress.say(f"taking the sound from {folder}")
            return cls.load(folder)
        return cls.build(found, rate_hz, folder, progress, made)

    @classmethod
    def load(cls, folder: Path) -> SoundCorpus:
        """Read what `build` wrote.

        Raises:
            ValueError: the files do not belong together.
        """
        stored = read_json(folder / "sounds.json", _MAX_INDEX_BYTES)
        try:
            corpus = cls(
                samples=np.memmap(folder / "sounds.i16", dtype="<i2", mode="r"),
                starts=np.array(stored["starts"], dtype=np.int64),
                names=tuple(stored["names"]),
                splits=tuple(stored["splits"]),
                kinds=tuple(stored["kinds"]),
                rate_hz=int(stored["rate"]),
                skipped=tuple(stored["skipped"]),
                held_out=stored["held_out"],
                sha256=stored["sha256"],
            )
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise ValueError(f"{folder} does not hold a corpus of sound ({error}); delete it") from error
        if len(corpus.samples) != corpus.starts[-1] or len(corpus.names) != len(corpus.starts) - 1:
            raise ValueError(f"{folder}: sounds.i16 is not the file that sounds.json speaks of; delete both")
        return corpus

    @classmethod
    def build(cls, found: Sources, rate_hz: int, folder: Path, progress: Progress, made: Sources = ()) -> SoundCorpus:
        """Decode sounds, as `of`, into a folder that appears once it is whole; those that cannot be read are named and
        left out. There is always something to learn from and something to judge by.

        Raises:
            ValueError: not one can be read, or there is next to nothing.
        """
        total = len(found) + len(made)
        with writing_folder(folder, overwrite=True) as fresh, _Decoder(fresh / "sounds.i16", rate_hz, total) as decoder:
            parts = decoder.parts(found, progress)
            if not parts:
                skipped = f"; {decoder.skipped[0]}" if decoder.skipped else ""
                raise ValueError(f"there is no sound to learn from{skipped}")
            parts, held_out = _shared_out(parts)
            parts += decoder.parts(made, progress)
            names, kinds, splits, _, stops = zip(*parts, strict=True)
            index = {"rate": rate_hz, "starts": (0, *stops), "splits": splits, "kinds": kinds}
            decoder.digest.update(json.dumps(index).encode())
            about = {"skipped": decoder.skipped, "held_out": held_out, "sha256": decoder.digest.hexdigest()}
            (fresh / "sounds.json").write_text(json.dumps({**index, "names": names, **about}), encoding="utf-8")
        return cls.load(folder)


class _Decoder:
    """Appends the samples of sounds to a file.

    Args:
        path: the file.
        rate_hz: samples a second.
        total: how many sounds there are to come.
    """

    def __init__(self, path: Path, rate_hz: int, total: int) -> None:
        self.rate_hz, self.total = rate_hz, total
        self.skipped: list[str] = []
        self.digest = hashlib.sha256()
        self._file, self._done, self._end = path.open("wb"), 0, 0

    def parts(self, sources: Sources, progress: Progress) -> list[_Part]:
        """Where the samples of some sounds now are; those that cannot be read are left out."""
        parts = []
        for kind, source in sources:
            progress.update(self._done, self.total, "decoding")
            self._done += 1
            try:
                samples = source.read(self.rate_hz, mono=True).samples[0]
                if not len(samples):
                    raise ValueError(f"it has not one sample at {self.rate_hz} Hz")
            except (ValueError, OSError) as error:
                self.skipped.append(f"{source.name}: {error}")
                progress.say(f"left out {self.skipped[-1]}")
                continue
            for block in np.array_split(samples, len(samples) // _BLOCK_SAMPLES + 1):
                content = (block.clip(-1, 1) * _FULL_SCALE).round().astype("<i2").tobytes()
                self._file.write(content)
                self.digest.update(content)
            parts.append(_Part(source.name, kind, source.split(), self._end, self._end + len(samples)))
            self._end += len(samples)
        return parts

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _key(sources: Sources, rate_hz: int) -> str:
    """What a corpus is known by: who made it, at what rate, and of what."""
    listed = [(kind, source.name, source.split(), source.fingerprint()) for kind, source in sources]
    return hashlib.sha256(json.dumps([version("menura"), rate_hz, listed]).encode()).hexdigest()[:12]


def _shared_out(parts: Sequence[_Part]) -> tuple[list[_Part], str]:
    """The parts with some to learn from and some to judge by, and in words what is held out.

    Splits stay as they were said where both are there. Else one sound in twenty is held out, or, where there are few,
    the last tenth of each.
    """
    splits = {part.split for part in parts}
    if {"train", "valid"} <= splits:
        return list(parts), "what the data say, else one group in twenty"
    # All are of one speaker, say, or are said to be for training, or for testing.
    free = [part for part in parts if part.split == "train"] or list(parts)
    kept = [part for part in parts if part not in free]
    if len(free) >= _MANY:
        order = sorted(free, key=lambda part: hashlib.sha256(part.name.encode()).digest())
        chosen = {part.start for part in order[: len(free) // _MANY]}
        fresh = [part._replace(split="valid" if part.start in chosen else "train") for part in free]
        return sorted([*kept, *fresh], key=lambda part: part.start), f"{len(chosen)} of {len(free)} sounds"
    cut = [half for part in free for half in _halves(part)]
    if not any(part.split == "valid" for part in cut):
        raise ValueError("there is too little sound to learn from: not two samples in one file")
    return sorted([*kept, *cut], key=lambda part: part.start), "the last tenth of each sound, for there are few"


def _halves(part: _Part) -> Iterator[_Part]:
    """What is learnt from, and the last tenth."""
    middle = part.stop - max((part.stop - part.start) // 10, 1)
    if middle <= part.start:
        yield part._replace(split="train")
        return
    yield part._replace(split="train", stop=middle)
    yield part._replace(split="valid", start=middle)


class SoundCrops:
    """Crops of one split.

    Args:
        corpus: the sounds.
        split: ``"train"``, ``"valid"`` or ``"test"``.
        length: samples of a crop; shorter sounds end in silence.
        shares: how often each kind is drawn; kinds that are missing leave their share to the others.
        seed: of everything drawn.
        change: what is done to every crop, if anything.

    Raises:
        ValueError: the split is empty.
    """

    def __init__(
        self,
        corpus: SoundCorpus,
        split: str,
        length: int,
        shares: Mapping[str, float],
        seed: int,
        change: Change | None = None,
    ) -> None:
        self.corpus, self.length, self.seed, self.change = corpus, length, seed, change
        lengths = np.diff(corpus.starts)
        said, kinds = np.array(corpus.splits), np.array(corpus.kinds)
        self.members = {kind: np.flatnonzero((said == split) & (kinds == kind) & (lengths > 0)) for kind in shares}
        self.members = {kind: members for kind, members in self.members.items() if len(members)}
        if not self.members:
            raise ValueError(f"no sound falls into the split {split!r}; there is too little")
        # A sound is drawn as often as it has places to begin: all moments are equally likely.
        self.places = {
            kind: np.cumsum(np.maximum(lengths[m] - length, 0) + length // 4) for kind, m in self.members.items()
        }
        weights = np.array([shares[kind] for kind in self.members])
        self.kinds, self.weights = list(self.members), weights / weights.sum()

    def item(self, step: int, index: int) -> np.ndarray:
        """One crop, float32 ``[sample]``."""
        rng = np.random.default_rng((self.seed, step, index))
        crop = self._crop(rng)
        return self.change(crop, rng, self._crop) if self.change else crop

    def batch(self, step: int, count: int) -> np.ndarray:
        """Crops of a step, float32 ``[item, sample]``."""
        return np.stack([self.item(step, index) for index in range(count)])

    def _crop(self, rng: np.random.Generator) -> np.ndarray:
        kind = self.kinds[rng.choice(len(self.kinds), p=self.weights)]
        places = self.places[kind]
        sound = self.members[kind][np.searchsorted(places, rng.integers(places[-1]), side="right")]
        start, stop = self.corpus.starts[sound : sound + 2]
        begin = start + rng.integers(max(stop - start - self.length, 0) + 1)
        crop = np.zeros(self.length, dtype=np.float32)
        found = self.corpus.samples[begin : min(begin + self.length, stop)]
        crop[: len(found)] = found / np.float32(_FULL_SCALE)
        return crop
