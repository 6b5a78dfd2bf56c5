"""A corpus of sound: many files decoded once into one, and crops of it.

    sounds.json   {"rate": …, "names": […], "starts": […], "splits": […], "kinds": […], "skipped": […]}
    sounds.i16    all samples, mono, little-endian 16-bit, one file after another

Crops are a pure function of seed, step and item, so that training resumes exactly.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from menura.audio import Audio
from menura.data.augment import Change
from menura.files import read_json, write_bytes
from menura.progress import Progress

SPLITS = ("train", "valid", "test")
_FULL_SCALE = 32767.0


class Source(Protocol):
    """One sound to take into a corpus."""

    @property
    def name(self) -> str: ...

    def read(self) -> Audio: ...

    def split(self) -> str: ...


@dataclass(frozen=True)
class SoundCorpus:
    """Sounds of one rate, one after another.

    Attributes:
        samples: int16 ``[sample]``, of all of them, mapped from the file.
        starts: where each begins, and where the last ends.
        names, splits, kinds: of each.
        rate_hz: samples a second.
        skipped: what could not be read, and why.
    """

    samples: np.ndarray
    starts: np.ndarray
    names: tuple[str, ...]
    splits: tuple[str, ...]
    kinds: tuple[str, ...]
    rate_hz: int
    skipped: tuple[str, ...]

    def minutes(self, split: str) -> dict[str, float]:
        """How much there is of each kind."""
        found: dict[str, float] = {}
        for kind, said, length in zip(self.kinds, self.splits, np.diff(self.starts), strict=True):
            if said == split:
                found[kind] = found.get(kind, 0.0) + float(length) / self.rate_hz / 60
        return {kind: round(minutes, 2) for kind, minutes in sorted(found.items())}

    @classmethod
    def load(cls, folder: Path) -> SoundCorpus:
        """Read what `build` wrote.

        Raises:
            ValueError: the files do not belong together.
        """
        stored = read_json(folder / "sounds.json")
        try:
            starts = np.array(stored["starts"], dtype=np.int64)
            samples = np.memmap(folder / "sounds.i16", dtype="<i2", mode="r")
            said = {name: tuple(stored[name]) for name in ("names", "splits", "kinds", "skipped")}
            corpus = cls(samples, starts, rate_hz=int(stored["rate"]), **said)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{folder} does not hold a corpus of sound: {error}") from error
        if len(samples) != starts[-1] or len(corpus.names) != len(starts) - 1:
            raise ValueError(f"{folder}: sounds.i16 is not the file that sounds.json speaks of; delete both")
        return corpus

    @classmethod
    def build(
        cls, sources: Iterable[tuple[str, Source]], rate_hz: int, folder: Path, progress: Progress
    ) -> SoundCorpus:
        """Decode sounds, each with its kind; those that cannot be read are named and left out.

        Raises:
            ValueError: not one can be read.
        """
        folder.mkdir(parents=True, exist_ok=True)
        listed = list(sources)
        starts, rows, skipped = [0], [], []
        with (folder / "sounds.i16.part").open("wb") as file:
            for index, (kind, source) in enumerate(listed):
                progress.update(index, len(listed), "decoding")
                try:
                    samples = source.read().mono().resampled(rate_hz).samples[0]
                    split = source.split()
                except (ValueError, OSError) as error:
                    skipped.append(f"{source.name}: {error}")
                    progress.say(f"left out {skipped[-1]}")
                    continue
                file.write((samples.clip(-1, 1) * _FULL_SCALE).round().astype("<i2").tobytes())
                starts.append(starts[-1] + len(samples))
                rows.append((source.name, split, kind))
        if not rows:
            raise ValueError("there is no sound to learn from" + (f"; {skipped[0]}" if skipped else ""))
        (folder / "sounds.i16.part").replace(folder / "sounds.i16")
        names, splits, kinds = zip(*rows, strict=True)
        splits = _with_held_out(names, splits, progress)
        stored = {"rate": rate_hz, "names": names, "starts": starts, "splits": splits, "kinds": kinds}
        content = json.dumps({**stored, "skipped": skipped}).encode()
        write_bytes(folder / "sounds.json", content, overwrite=True)
        return cls.load(folder)


def _with_held_out(names: Sequence[str], splits: Sequence[str], progress: Progress) -> tuple[str, ...]:
    """The splits, with one sound in twenty held out where none is: all are of one speaker, say, or very few."""
    if "valid" in splits or len(names) < 2:
        return tuple(splits)
    order = sorted(range(len(names)), key=lambda index: hashlib.sha256(names[index].encode()).digest())
    chosen = set(order[: max(len(names) // 20, 1)])
    progress.say(f"no sound is held out by its group; {len(chosen)} of {len(names)} are, to judge by")
    return tuple("valid" if index in chosen else split for index, split in enumerate(splits))


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
