"""What the arranger knows of human drumming, measured in the Groove MIDI set, and its own patterns beside it.

Groove MIDI Dataset, (c) 2019 Google LLC, CC BY 4.0: Gillick, Roberts, Engel, Eck & Bamman, "Learning to groove with
inverse sequence transformations" (2019). People played to a metronome, so the grid is known.

    python benchmarks/score_grooves.py symbolic-groove-drums            # the arranger's patterns beside people's
    python benchmarks/score_grooves.py symbolic-groove-drums --write    # the table that humanise reads, made anew
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from menura.score import midi
from menura.score.arranger.drums import lines_of
from menura.score.arranger.fills import PIECES as DRUMS
from menura.score.arranger.humanise import PIECES, TABLE, piece_of
from menura.score.arranger.styles import STYLES
from menura.score.notes import ONSET, PITCH, TICKS_PER_QUARTER, VELOCITY

PLACES = 16
_FEWEST_HITS = 50
_LATEST_MS = 12.0
"""Beyond it a mean tells of hits meant for another place."""
_TD11 = {22: 42, 26: 46, 40: 38, 58: 43, 52: 49, 55: 49, 57: 49, 59: 51, 47: 45, 50: 48}
"""Pads of the kit they played -> the nearest drum of General MIDI."""


@dataclass(frozen=True, eq=False)
class Take:
    """One performance: beat position of every hit, its velocity and its piece, an index into `PIECES`."""

    family: str
    bpm: float
    beats: np.ndarray
    velocity: np.ndarray
    piece: np.ndarray

    @property
    def long_eighth(self) -> float:
        """Where the off-beat eighth falls in the beat: .5 is straight, .67 a triplet."""
        return self._middle(self.beats % 1)

    @property
    def long_sixteenth(self) -> float:
        """Where the second sixteenth falls in the eighth."""
        return self._middle(self.beats * 2 % 1)

    def _middle(self, part: np.ndarray) -> float:
        cymbals = np.isin(self.piece, [PIECES.index("hat"), PIECES.index("ride")])
        off = part[cymbals & (part > 0.42) & (part < 0.72)]
        return float(np.median(off)) if len(off) >= _FEWEST_HITS else 0.5

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """The sixteenth of the bar that each hit is meant for, swing taken out, and how late it is, ms."""
        part, half = self.beats % 1, self.long_eighth
        straight = np.where(part < half, part / half / 2, 0.5 + (part - half) / (1 - half) / 2)
        sixteenth = (np.floor(self.beats) + straight) * 4
        nearest = np.round(sixteenth)
        late = (sixteenth - nearest) * 15_000 / self.bpm
        return nearest.astype(int) % PLACES, late - late.mean()


def takes(folder: Path) -> Iterator[Take]:
    with ZipFile(folder / "groove-midi.zip") as archive:
        for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["kind"] != "beat" or row["metre_named"] != "4/4" or row["split"] == "test":
                continue
            notes = np.concatenate([track.notes for track in midi.read(archive.read(row["file"])).tracks])
            pieces = [piece_of(_TD11.get(int(pitch), int(pitch))) for pitch in notes[:, PITCH].tolist()]
            yield Take(
                row["style"],
                float(row["bpm"]),
                notes[:, ONSET] / TICKS_PER_QUARTER,
                notes[:, VELOCITY].astype(float),
                np.array([PIECES.index(piece) for piece in pieces]),
            )


def measure(found: list[Take]) -> dict[str, object]:
    """A family's feel: offsets and loudness by piece and place, drawn to nothing where there are few hits."""
    late, loud = np.zeros((len(PIECES), PLACES)), np.zeros((len(PIECES), PLACES))
    count = np.zeros((len(PIECES), PLACES))
    rest_late, rest_loud = [], []
    for take in found:
        place, offset = take.places()
        means = np.array(
            [take.velocity[take.piece == k].mean() if (take.piece == k).any() else 1 for k in range(len(PIECES))]
        )
        relative = np.log(take.velocity / means[take.piece])
        np.add.at(late, (take.piece, place), offset)
        np.add.at(loud, (take.piece, place), relative)
        np.add.at(count, (take.piece, place), 1)
        cell = take.piece * PLACES + place
        own = np.bincount(cell, minlength=late.size)
        for values, into in ((offset, rest_late), (relative, rest_loud)):
            mean = np.bincount(cell, values, minlength=late.size) / np.maximum(own, 1)
            into.append((values - mean[cell])[own[cell] > 3])
    weight = 1 / (count + _FEWEST_HITS)
    return {
        "late_ms": dict(
            zip(PIECES, np.round(np.clip(late * weight, -_LATEST_MS, _LATEST_MS), 1).tolist(), strict=True)
        ),
        "loudness": dict(zip(PIECES, np.round(np.exp(loud * weight), 2).tolist(), strict=True)),
        "spread_ms": _typical(rest_late),
        "spread_loudness": round(_typical(rest_loud, 3), 3),
        "hits": int(count.sum()),
    }


def _typical(residuals: list[np.ndarray], digits: int = 1) -> float:
    """Standard deviation, by the middle half, so that slips do not count."""
    low, high = np.percentile(np.concatenate(residuals), (25, 75))
    return round(float((high - low) / 1.349), digits)


def shares(found: list[Take]) -> np.ndarray:
    """Share of bars in which each piece is hit at each place, ``[piece, place]``."""
    total, hit = 0, np.zeros((len(PIECES), PLACES))
    for take in found:
        place, _ = take.places()
        bars = np.round(take.beats * 4).astype(int) // PLACES
        total += len(np.unique(bars))
        for piece, at, _ in np.unique(np.column_stack((take.piece, place, bars)), axis=0):
            hit[piece, at] += 1
    return hit / max(total, 1)


def compare(by_family: dict[str, list[Take]]) -> None:
    """Prints where people hit in a bar, tenths of the bars, over what the arranger's styles of that family play."""
    for family, found in sorted(by_family.items()):
        human = shares(found)
        eighth, sixteenth = (
            np.median([getattr(take, name) for take in found]) for name in ("long_eighth", "long_sixteenth")
        )
        print(f"\n{family}: {len(found)} takes; off-beat eighth at {eighth:.2f}, second sixteenth at {sixteenth:.2f}")
        for piece in ("kick", "snare", "hat", "ride"):
            row = human[PIECES.index(piece)]
            print(f"  {piece:6}" + "".join("." if s < 0.05 else str(min(int(s * 10), 9)) for s in row))
            for style in STYLES.values():
                if style.human == family and style.metres[0] == (4, 4):
                    played = [_written(level, piece) for level in style.drums]
                    print(f"      {style.name:14}" + "   ".join(played))


def _written(level: str, piece: str) -> str:
    """What a level's table has for a piece of the kit, the first alternatives, as one row."""
    row = ["."] * PLACES
    for name, patterns in lines_of(level).items():
        text = patterns[0].split("|")[0]
        if piece_of(DRUMS[name]) == piece:
            for step, symbol in enumerate(text):
                if symbol != ".":
                    row[step * PLACES // len(text)] = symbol
    return "".join(row)


def main() -> None:
    parser = argparse.ArgumentParser(description="The arranger's drums beside people's.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    by_family: dict[str, list[Take]] = defaultdict(list)
    for take in takes(options.folder):
        by_family[take.family].append(take)
    if options.write:
        table = {family: measure(found) for family, found in sorted(by_family.items())}
        TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    else:
        compare(by_family)


if __name__ == "__main__":
    main()
