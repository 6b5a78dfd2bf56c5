"""Similar: sounds of a folder, by another sound or by words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from jaxtyping import Float
from pydantic import BeforeValidator, Field

from menura import audio, kinds
from menura.models.contract import Embedder, needs
from menura.progress import Progress
from menura.tasks.fields import OnDevice
from menura.tasks.inputs import ModelName, as_text
from menura.tasks.limits import MOST_SAMPLES
from menura.tasks.models import Models
from menura.tasks.shown import Shown
from menura.tasks.sound_index import Heard, refresh, shown
from menura.tasks.tags import point_of
from menura.tasks.task import Category, Task

_INDEX = ".menura.sqlite"
_AVOIDED = 0.7
"""How strongly a sound is moved away from what it should not be like."""
_ALIKE, _AS_LONG = 0.98, 0.95
"""Near-duplicates: the least cosine, and the least ratio of lengths."""
_SHORTEST_S = 1e-6


@dataclass(frozen=True, repr=False)
class Similar(Shown):
    """Sounds, the nearest first.

    Attributes:
        sounds: with their scores; of near-duplicates with the sound that each is like.
        heard: how many there are in the folder.
    """

    sounds: tuple[tuple[Heard, float, str], ...]
    heard: int

    def summary(self) -> Mapping[str, Any]:
        rows = []
        for sound, score, other in self.sounds:
            row = {"score": round(score, 3), **shown(sound)}
            rows.append(row | {"like": other} if other else row)
        return {"sounds": rows, "of": self.heard}


class FindSimilar(OnDevice, Task):
    """Find sounds of a folder by another sound, by words, or those that are nearly the same.

    What is heard is kept in an index in the folder, so that only new and changed files are heard again. `--without`
    names what must not be heard; `--duplicates` lists pairs that are nearly the same.
    """

    name: ClassVar[str] = "similar"
    category: ClassVar[Category] = "Listen"
    is_local: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("folder", "like")

    folder: Annotated[Path, Field(description="to look through")]
    like: Annotated[
        str | None, BeforeValidator(as_text), Field(max_length=10_000, description="a sound file, or words")
    ] = None
    without: Annotated[
        str | None, Field(min_length=1, max_length=1000, description="words for what must not be heard")
    ] = None
    duplicates: Annotated[bool, Field(description="list near-duplicates instead")] = False
    top: Annotated[int, Field(description="sounds to give", ge=1, le=10_000)] = 10
    index: Annotated[Path | None, Field(description=f"the index (default: {_INDEX} in the folder)")] = None
    model: Annotated[
        ModelName, Field(description="name or folder of an embedder", json_schema_extra=needs("Embedder"))
    ] = "embedder"

    def check(self) -> None:
        if self.duplicates == bool((self.like or "").strip() or self.without):
            raise ValueError("like: name a sound or words to find, or ask for duplicates alone")

    def run(self, models: Models, progress: Progress) -> Iterator[Similar]:
        embedder: Embedder = models.get(self.model)
        wanted = None if self.duplicates else self._wanted(embedder)
        index = self.index or self.folder / _INDEX
        heard = refresh(self.folder, index, embedder, models.hash(self.model), progress)
        points = np.stack([sound.point for sound in heard])
        if wanted is None:
            found = near_duplicates(heard, points)
        else:
            scores = points @ wanted
            order = np.argsort(-scores, kind="stable")
            found = [(heard[place], float(scores[place]), "") for place in order]
        yield Similar(tuple(found[: self.top]), len(heard))

    def _wanted(self, embedder: Embedder) -> Float[np.ndarray, " embedding"]:
        point = np.zeros(1, np.float32)
        if self.like and self.like.strip():
            if kinds.has_suffix(self.like, kinds.SOUND) and Path(self.like).is_file():
                point = point_of(embedder, audio.read(Path(self.like), max_samples=MOST_SAMPLES))
            else:
                point = embedder.embed_text([self.like])[0]
        if self.without:
            point = point - _AVOIDED * embedder.embed_text([self.without])[0]
        return point / max(float(np.linalg.norm(point)), 1e-9)


def near_duplicates(
    heard: Sequence[Heard], points: Float[np.ndarray, "sound embedding"]
) -> list[tuple[Heard, float, str]]:
    """Sounds that are nearly one that comes before them, the most alike first."""
    found = []
    for place, sound in enumerate(heard):
        scores = points[:place] @ points[place]
        shares = (sound.seconds / max(one.seconds, _SHORTEST_S) for one in heard[:place])
        lengths = np.array([min(share, 1 / max(share, _SHORTEST_S)) for share in shares])
        scores = np.where(lengths >= _AS_LONG, scores, -1)
        same = [number for number, one in enumerate(heard[:place]) if one.hash == sound.hash]
        if same:
            found.append((sound, 1.0, heard[same[0]].name))
        elif place and scores.max() >= _ALIKE:
            found.append((sound, float(scores.max()), heard[int(scores.argmax())].name))
    return sorted(found, key=lambda one: -one[1])
