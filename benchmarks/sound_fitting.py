"""Fitting: parameters found from recordings, against the best that there was before; and the presets that ship.

    python benchmarks/sound_fitting.py DATA… [--count 30] [--trials 100] [--seed 0]
    python benchmarks/sound_fitting.py DATA… --presets src/menura/synth/presets.json [--each 5]

DATA are folders with a `manifest.jsonl` of labelled recordings. Those count whose label names one kind of sound that
the synth knows, every word of it understood. The first command fits held-out recordings (splits valid and test), spread
over the kinds, and prints how far the nearest sound was before (the usual settings, what the words of the label say,
every preset of that kind) and after, dB (`menura.synth.likeness`), from seeds that the search did not hear; and how far
both are by the embedder, which the search does not ask: 1 less the cosine, the mean of three seeds. The second
fits recordings to learn from, at most two of a label in a folder, and keeps of each kind those that bring all
recordings of it nearest, with their authors and licences.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from menura.audio import read
from menura.files import slug
from menura.models.contract import Embedder
from menura.synth.catalogue import GENERATORS
from menura.synth.fitting import Fitted, Target, fit
from menura.synth.generator import Generator, Value
from menura.synth.likeness import distance
from menura.synth.presets import presets_of
from menura.tasks.layers import plan
from menura.tasks.models import Models
from menura.text.sounds import understand_sounds

_OF_A_LABEL = 2
_RATE_HZ, _HEARD = 44_100, 3
_SHORTEST_S = 0.08
_READ_OTHERWISE = ("hit", "tap", "drone", "water", "glass", "roll")
"""Labels that mean something else in these folders than they would in a prompt."""
_GAIN_DB = 0.5
"""What a preset has to bring over a kind's recordings to be kept, in the mean."""


@dataclass(frozen=True)
class Recording:
    """One that the synth knows the kind of."""

    path: Path
    row: Mapping[str, Any]
    generator: Generator
    said: Mapping[str, Value]

    def target(self) -> Target:
        return Target(read(self.path), self.generator)

    def apart(self, embedder: Embedder, values: Mapping[str, Value], seed: int) -> float:
        """How far the sounds of some parameters are from it by the embedder."""
        heard = read(self.path, mono=True)
        seconds = min(self.generator.natural_s(values) if self.generator.kind == "event" else heard.duration_s, 8.0)
        count, point = max(round(seconds * _RATE_HZ), 16), embedder.embed_audio(heard.samples, heard.sample_rate_hz)[0]
        made = [
            self.generator.render(values, count, _RATE_HZ, np.random.default_rng((seed, 11, number)))
            for number in range(_HEARD)
        ]
        return 1 - float(np.mean([embedder.embed_audio(one.astype(np.float32), _RATE_HZ)[0] @ point for one in made]))

    def fitted(self, trials: int, seed: int, presets_too: bool) -> Fitted:
        starts = [self.generator.settled({}), self.said, *(presets_of(self.generator.name) if presets_too else ())]
        return fit(self.target(), starts, {}, trials, seed)


def recordings(folders: list[Path], splits: tuple[str, ...]) -> Iterator[Recording]:
    """Those of the splits that are known; of each label and folder a few."""
    for folder in folders:
        seen: Counter[str] = Counter()
        for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            label = str(row.get("label") or "")
            if (
                label in _READ_OTHERWISE
                or row["split"] not in splits
                or row["duration_s"] < _SHORTEST_S
                or seen[label] >= _OF_A_LABEL
            ):
                continue
            try:
                understood = understand_sounds(label)
            except ValueError:
                continue
            if len(understood.layers) == 1 and not understood.unknown:
                seen[label] += 1
                said = plan(understood.layers[0], {}, 0.0, False)
                yield Recording(folder / row["file"], row, said.generator, said.values)


def measure(folders: list[Path], count: int, trials: int, seed: int) -> None:
    """Print the table of held-out recordings."""
    by_kind: dict[str, list[Recording]] = {}
    for one in recordings(folders, ("valid", "test")):
        by_kind.setdefault(one.generator.name, []).append(one)
    turns = max(map(len, by_kind.values()))
    chosen = [ones[turn] for turn in range(turns) for ones in by_kind.values() if turn < len(ones)][:count]
    embedder = Models().get("embedder")
    pairs = []
    for one in chosen:
        found = one.fitted(trials, seed, True)
        apart = [one.apart(embedder, values, seed) for values in (found.start, found.values)]
        pairs.append((found.before, found.distance, *apart))
        print(
            f"{one.generator.name:12} {one.row['label'][:28]:28} {found.before:6.1f} -> {found.distance:6.1f} dB, "
            f"{apart[0]:.2f} -> {apart[1]:.2f}",
            flush=True,
        )
    before, after, begun, ended = np.array(pairs).T
    print(
        f"{len(pairs)} recordings of {len({one.generator.name for one in chosen})} kinds: "
        f"median {np.median(before):.1f} -> {np.median(after):.1f} dB, "
        f"mean {before.mean():.1f} -> {after.mean():.1f} dB; nearer by a tenth: {int((after < 0.9 * before).sum())}; "
        f"by the embedder median {np.median(begun):.2f} -> {np.median(ended):.2f}, "
        f"mean {begun.mean():.2f} -> {ended.mean():.2f}, nearer: {int((ended < begun - 0.005).sum())}, "
        f"farther: {int((ended > begun + 0.005).sum())}"
    )


def make(folders: list[Path], output: Path, kinds: list[str], each: int, trials: int, seed: int) -> None:
    """Fit and choose what ships; of `kinds` alone where there are some, and the others stay."""
    by_kind: dict[str, list[tuple[Recording, Target, Fitted]]] = {}
    for one in recordings(folders, ("train",)):
        if kinds and one.generator.name not in kinds:
            continue
        found = one.fitted(trials, seed, False)
        by_kind.setdefault(one.generator.name, []).append((one, one.target(), found))
        print(
            f"{one.generator.name:12} {one.row['label'][:28]:28} {found.before:6.1f} -> {found.distance:6.1f} dB",
            flush=True,
        )
    rows = [row for row in json.loads(output.read_text(encoding="utf-8")) if kinds and row["generator"] not in kinds]
    names = Counter(re.sub(r"-\d+$", "", row["name"]) for row in rows)
    for name, fits in sorted(by_kind.items()):
        is_event = GENERATORS[name].kind == "event"
        made = [target.rendered(found.values, seed + 9) for _, target, found in fits]
        apart = np.array([[distance(target.heard, one, is_event) for one in made] for _, target, _ in fits])
        nearest = np.array([found.before for _, _, found in fits])
        for _ in range(each):
            gains = np.maximum(nearest[:, None] - apart, 0).mean(0)
            at = int(gains.argmax())
            if gains[at] < _GAIN_DB:
                break
            nearest = np.minimum(nearest, apart[:, at])
            recording, _, found = fits[at]
            label = slug(recording.row["label"])
            names[label] += 1
            rows.append(
                {
                    "name": label if names[label] == 1 else f"{label}-{names[label]}",
                    "generator": name,
                    "values": dict(found.values),
                    "source": recording.row["source"],
                    "author": recording.row["author"],
                    "licence": recording.row["license"],
                    "distance": round(found.distance, 2),
                }
            )
    rows.sort(key=lambda row: (row["generator"], row["name"]))
    output.write_text(
        "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n", encoding="utf-8"
    )
    print(f"{len(rows)} presets of {len({row['generator'] for row in rows})} kinds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+", metavar="DATA")
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--presets", type=Path)
    parser.add_argument("--kinds", nargs="*", default=[], help="fit presets of these alone")
    parser.add_argument("--each", type=int, default=5, help="presets of a kind at most")
    options = parser.parse_args()
    if options.presets:
        make(options.data, options.presets, options.kinds, options.each, options.trials, options.seed)
    else:
        measure(options.data, options.count, options.trials, options.seed)


if __name__ == "__main__":
    main()
