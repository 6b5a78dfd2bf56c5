"""Whether what `menura sound` makes is heard as what its words name, by judges that were fitted on recordings alone.

    python benchmarks/sound_prompts.py DATA… [--prompts FILE] [--each]

DATA are folders with a `manifest.jsonl` of labelled recordings. Every prompt is made once, with seed 0. Judges:

- a classifier of kinds of sound, on features of its own (`measures/sounds.py`), fitted on the recordings whose labels,
  joined over the folders, name a kind of which there are three or more. Beside it stands how well it tells recordings
  of labels that it was not fitted on, eight folds in turn. Prompts count whose kind it knows;
- a line from the same features to the points of captions, fitted on all recordings: where the prompt's own words stand
  among those of all prompts. The points are the embedder's for texts, and its tower for sounds is not asked;
- the shipped embedder, which is no independent judge: it has learnt from sounds that were made by rules too.

Shuffled are the same sounds under another prompt's words. The Fréchet distance is one of features, in sixteen principal
components of the recordings, from recordings of the splits valid and test: of sounds made from the labels of these, of
noise of the mean spectrum and course of their kind's training recordings, and of such training recordings themselves.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

import menura
from measures.sounds import Classifier, Line, Recording, features, frechet, recordings, shaped_noise
from menura.audio import Audio
from menura.tasks.models import Models
from menura.text.sounds import understand_sounds

_FOLDS, _FEWEST, _COMPONENTS, _SHUFFLES = 8, 3, 16, 200
_COPIES = 2
_JUDGED_S = 8.0


def known_of(found: list[Recording]) -> tuple[np.ndarray, np.ndarray]:
    """Features of recordings as they are, and of equalised copies of all."""
    rng = np.random.default_rng(0)
    plain, copies = [], []
    for one in found:
        sound = one.sound()
        plain.append(features(sound))
        copies += [features(sound, rng) for _ in range(_COPIES - 1)]
    return np.stack(plain), np.concatenate((np.stack(plain), np.stack(copies)))


def told(scores: np.ndarray, asked: list[set[int]]) -> tuple[float, float]:
    """In how many rows the first, and one of the first three, is among those asked for; per cent."""
    order = np.argsort(-scores, axis=1)
    first = [row[0] in wanted for row, wanted in zip(order, asked, strict=True)]
    three = [bool(wanted & set(row[:3].tolist())) for row, wanted in zip(order, asked, strict=True)]
    return 100 * float(np.mean(first)), 100 * float(np.mean(three))


def shuffled(scores: np.ndarray, asked: list[set[int]], rng: np.random.Generator) -> tuple[float, float]:
    turns = [told(scores, [asked[place] for place in rng.permutation(len(asked))]) for _ in range(_SHUFFLES)]
    first, three = np.mean(turns, 0)
    return float(first), float(three)


def in_folds(plain: np.ndarray, copies: np.ndarray, labels: np.ndarray, groups: list[str], count: int) -> np.ndarray:
    """Scores of every recording by a classifier that was fitted on other labels."""
    names = sorted(set(groups))
    folds = dict(zip(names, np.random.default_rng(0).integers(0, _FOLDS, len(names)).tolist(), strict=True))
    fold = np.array([folds[group] for group in groups])
    scores = np.zeros((len(plain), count))
    for number in range(_FOLDS):
        learnt = np.tile(fold != number, _COPIES)
        judge = Classifier(copies[learnt], np.tile(labels, _COPIES)[learnt], count)
        scores[fold == number] = judge.scores(plain[fold == number])
    return scores


def ranks(cosines: np.ndarray) -> np.ndarray:
    """Where the diagonal stands in its row, 0 first."""
    return (cosines > np.diag(cosines)[:, None]).sum(1)


def tell(name: str, values: tuple[float, float]) -> None:
    print(f"| {name} | {values[0]:.0f} | {values[1]:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA")
    parser.add_argument("--prompts", type=Path, default=Path(__file__).parent / "prompts_sound.txt")
    parser.add_argument("--each", action="store_true", help="print what each prompt is heard as")
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    found = list(recordings(asked.data))
    plain, copies = known_of(found)
    sizes: dict[str, int] = defaultdict(int)
    for one in found:
        sizes[one.kind or ""] += 1
    kinds = sorted(kind for kind in sizes if kind and sizes[kind] >= _FEWEST)
    of_kinds = np.array([one.kind in kinds for one in found])
    labels = np.array([kinds.index(one.kind or "") for one in found if one.kind in kinds])
    groups = [one.group for one in found if one.kind in kinds]
    own = in_folds(plain[of_kinds], copies[np.tile(of_kinds, _COPIES)], labels, groups, len(kinds))
    judge = Classifier(copies[np.tile(of_kinds, _COPIES)], np.tile(labels, _COPIES), len(kinds))

    prompts = [line for line in asked.prompts.read_text(encoding="utf-8").splitlines() if line]
    meant = [{layer.generator for layer in understand_sounds(prompt).layers} for prompt in prompts]
    made = [cut(menura.sound(prompt, seed=0, mono=True).audio) for prompt in prompts]
    heard = np.stack([features(sound) for sound in made])
    judged = [number for number, of in enumerate(meant) if of & set(kinds)]
    wanted = [{kinds.index(kind) for kind in meant[number] if kind in kinds} for number in judged]
    scores = judge.scores(heard[judged])
    noises = np.stack([features(noise_of(found, kinds[min(one)], made[number].duration_s, rng))
                       for number, one in zip(judged, wanted, strict=True)])  # fmt: skip
    print(f"{len(labels)} recordings of {len(kinds)} kinds; {len(judged)} of {len(prompts)} prompts are of these")
    print("| kind by the classifier | first, % | among three, % |\n|---|---|---|")
    tell("recordings of labels held out", told(own, [{label} for label in labels.tolist()]))
    tell("most frequent kind", (100 * max(np.bincount(labels)) / len(labels), float("nan")))
    tell("prompts", told(scores, wanted))
    tell("prompts, shuffled", shuffled(scores, wanted, rng))
    tell("noise shaped as the kind", told(judge.scores(noises), wanted))
    if asked.each:
        for number, row in zip(judged, np.argsort(-scores, axis=1), strict=True):
            print(f"  {prompts[number]:44} {', '.join(kinds[place] for place in row[:3])}")

    embedder = Models().get("embedder")
    captions = [str(one.row.get("caption") or one.row["label"]) for one in found]
    line = Line(copies, np.tile(embedder.embed_text(captions), (_COPIES, 1)))
    points = embedder.embed_text(prompts)
    print("| own words among those of all prompts | first, % | among ten, % | mean rank |\n|---|---|---|---|")
    towers = np.stack([embedder.embed_audio(one.samples, one.sample_rate_hz)[0] for one in made]) @ points.T
    for name, cosines in (("line from recordings", line.cosines(heard, points)), ("embedder", towers)):
        order = rng.permutation(len(prompts))
        for which, rank in ((name, ranks(cosines)), (f"{name}, shuffled", ranks(cosines[:, order]))):
            first, ten = 100 * (rank == 0).mean(), 100 * (rank < 10).mean()
            print(f"| {which} | {first:.0f} | {ten:.0f} | {1 + rank.mean():.0f} |", flush=True)
    fidelity(found, plain, rng)


def cut(sound: Audio) -> Audio:
    return Audio(sound.samples[:, : round(_JUDGED_S * sound.sample_rate_hz)], sound.sample_rate_hz)


def noise_of(found: list[Recording], kind: str, seconds: float, rng: np.random.Generator) -> Audio:
    learnt = [one for one in found if one.kind == kind and one.row["split"] == "train"]
    return shaped_noise([one.sound() for one in learnt[:20]], seconds, rng)


def fidelity(found: list[Recording], plain: np.ndarray, rng: np.random.Generator) -> None:
    """Print how far sets of sounds are from held-out recordings."""
    learnt: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(found):
        if one.kind and one.row["split"] == "train":
            learnt[one.kind].append(number)
    held = [number for number, one in enumerate(found) if one.row["split"] != "train" and learnt.get(one.kind or "")]
    lengths = [min(float(found[number].row["duration_s"]), _JUDGED_S) for number in held]
    made = [
        menura.sound(str(found[number].row["label"]), seconds=max(length, 0.05), seed=number, mono=True).audio
        for number, length in zip(held, lengths, strict=True)
    ]
    noises = [
        noise_of(found, found[number].kind or "", length, rng) for number, length in zip(held, lengths, strict=True)
    ]
    sets = {
        "recordings to learn from": plain[[int(rng.choice(learnt[found[number].kind or ""])) for number in held]],
        "made by rules": np.stack([features(sound) for sound in made]),
        "noise shaped as the kind": np.stack([features(sound) for sound in noises]),
    }
    mean, deviation = plain.mean(0), plain.std(0) + 1e-3
    components = np.linalg.svd((plain - mean) / deviation, full_matrices=False)[2][:_COMPONENTS].T

    def placed(rows: np.ndarray) -> np.ndarray:
        return (rows - mean) / deviation @ components

    print(f"| Fréchet distance from {len(held)} held-out recordings | |\n|---|---|")
    for name, rows in sets.items():
        print(f"| {name} | {frechet(placed(rows), placed(plain[held])):.0f} |", flush=True)


if __name__ == "__main__":
    main()
