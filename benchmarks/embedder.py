"""How well words find sounds: captions of held-out sounds, each searched for among all of them.

    python benchmarks/embedder.py DATA [--model embedder] [--split test,valid]

DATA is a folder as `menura train embedder` takes it. A caption's sounds are those that have it. Beside the embedder
stand chance (random orders) and the share of a caption's words in the file's name, which captions were often made of.
The same is done with captions reworded by `REWORDED`, where every new word occurs in no caption that was learnt from.
Last comes the other way round: which of the captions a sound is nearest to.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np

from menura.data.contents import sounds_in
from menura.data.sound_folder import Sound
from menura.models.contract import Embedder
from menura.models.embedder.recipe import captions_of
from menura.tasks.models import Models
from menura.tasks.tags import point_of

REWORDED = {
    "footsteps": "strolling",
    "explosion": "detonation",
    "explode": "detonate",
    "rain": "precipitation",
    "wind": "gusts",
    "click": "tick",
    "hit": "blow",
    "dig": "excavate",
    "digging": "excavating",
    "walk": "stroll",
    "door": "gate",
    "gun": "firearm",
    "shot": "gunfire",
    "shoot": "fire a firearm",
    "fire": "blaze",
    "splash": "plop",
    "water": "liquid",
    "bell": "chime",
    "alarm": "warning signal",
    "dog": "hound",
    "cat": "kitten",
    "bird": "sparrow",
    "wood": "timber",
    "wooden": "timber",
    "glass": "crystal",
    "metal": "iron",
    "stone": "rock",
    "grass": "lawn",
    "snow": "frost",
    "scream": "shriek",
    "laugh": "chuckle",
    "hurt": "injured",
    "death": "dying",
    "car": "automobile",
    "engine": "motor",
    "train": "locomotive",
    "thunder": "thunderclap",
    "waves": "surf",
    "crowd": "audience",
    "applause": "clapping",
    "piano": "keyboard",
    "guitar": "strings",
    "drum": "percussion",
    "woman": "lady",
    "man": "gentleman",
    "speaking": "talking",
    "loud": "forceful",
    "soft": "gentle",
    "button": "key press",
    "sword": "blade",
    "magic": "spell",
    "eat": "chewing",
    "break": "smash",
    "place": "put down",
    "open": "unlatch",
    "close": "shut",
    "monster": "beast",
    "zombie": "undead",
    "robot": "android",
    "laser": "ray",
    "clock": "timepiece",
    "crickets": "insects",
    "street": "traffic",
    "bounce": "rebound",
    "music": "tune",
}
_SHUFFLES = 50


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()))


def reworded(caption: str, learnt: set[str]) -> str | None:
    """The caption in other words; None where none of them is unknown to what was learnt."""
    parts = re.findall(r"[^\W\d_]+|\W+", caption.lower())
    others = [REWORDED[part] if part in REWORDED and not words(REWORDED[part]) & learnt else part for part in parts]
    return "".join(others) if others != parts else None


def measured(scores: np.ndarray, relevant: np.ndarray) -> tuple[float, float, float]:
    """Recall within the first and the first ten, and mean average precision, in per cent; of ``[query, sound]``."""
    order = np.argsort(-scores, axis=1, kind="stable")
    hits = np.take_along_axis(relevant, order, 1)
    precision = np.cumsum(hits, 1) / np.arange(1, hits.shape[1] + 1)
    average = (precision * hits).sum(1) / hits.sum(1)
    return 100 * hits[:, 0].mean(), 100 * hits[:, :10].any(1).mean(), 100 * average.mean()


def chance(relevant: np.ndarray, rng: np.random.Generator) -> tuple[float, ...]:
    return tuple(np.mean([measured(rng.random(relevant.shape), relevant) for _ in range(_SHUFFLES)], 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="embedder")
    parser.add_argument("--split", default="test,valid")
    parser.add_argument("--left-out", default="made-by-rules", help="collections to leave out, by commas")
    asked = parser.parse_args()
    found = [
        (captions[0], sound)
        for sound in sounds_in(asked.data, lambda _: None)
        if (captions := captions_of(sound)) and sound.name.split("/")[0] not in asked.left_out.split(",")
    ]
    held = [(caption, sound) for caption, sound in found if sound.split() in asked.split.split(",")]
    learnt = set().union(*(words(caption) for caption, sound in found if sound.split() == "train"))
    embedder = Models().get(asked.model)
    points = np.stack([point_of(embedder, sound.read(mono=True)) for _, sound in held])
    captions = list(dict.fromkeys(caption for caption, _ in held))
    table(embedder, "captions", captions, captions, held, points)
    pairs = [(caption, other) for caption in captions if (other := reworded(caption, learnt))]
    table(embedder, "reworded", [own for own, _ in pairs], [other for _, other in pairs], held, points)
    texts = embedder.embed_text(captions)
    own = np.array([[caption == one for one in captions] for caption, _ in held])
    tell("caption of a sound", "embedder", measured(points @ texts.T, own))
    tell("caption of a sound", "chance", chance(own, np.random.default_rng(0)))


def table(
    embedder: Embedder,
    name: str,
    captions: list[str],
    queries: list[str],
    held: list[tuple[str, Sound]],
    points: np.ndarray,
) -> None:
    relevant = np.array([[caption == other for other, _ in held] for caption in captions])
    print(f"{name}: {len(queries)} queries, {len(held)} sounds")
    tell(name, "embedder", measured(embedder.embed_text(queries) @ points.T, relevant))
    names = [words(Path(sound.name).stem) for _, sound in held]
    overlap = np.array([[len(words(query) & one) / max(len(words(query)), 1) for one in names] for query in queries])
    rng = np.random.default_rng(0)
    tell(name, "words of file names", measured(overlap + 1e-6 * rng.random(overlap.shape), relevant))
    tell(name, "chance", chance(relevant, rng))


def tell(what: str, who: str, values: tuple[float, ...]) -> None:
    print(f"{what:20} {who:22} R@1 {values[0]:5.1f}  R@10 {values[1]:5.1f}  mAP {values[2]:5.1f}", flush=True)


if __name__ == "__main__":
    main()
