"""How well chords are heard in notes, beside the analyses of people (When in Rome, in the set ``harmony-roman``).

    python benchmarks/score_chords.py DATA

For every half bar of the songs that have both an analysis and MIDI: is the root the analyst's, and the quality too
(sevenths and ninths as their nearest of `menura.score.harmony.QUALITIES`)? By split: the tables were counted in
``train``. Annotators of popular
music themselves agree on about three roots in four (Koops et al. 2019).
"""

from __future__ import annotations

import argparse
import itertools
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from menura.score import midi
from menura.score.harmony import NO_CHORD, Chord, find_chords, half_bars
from menura.score.notes import DURATION, ONSET, PITCH, TICKS_PER_QUARTER, Score

QUALITY_OF = {
    **{"maj": "", "5": "", "min": "m", "minmaj7": "m", "dim": "dim", "aug": "aug", "augmaj7": "aug", "aug7": "aug"},
    **{"7": "7", "7b9": "7", "9": "7", "maj7": "maj7", "min7": "m7", "dim7": "dim7", "m7b5": "m7b5"},
}
SONGS = "symbolic-openscore-lieder/openscore-lieder-midi.zip"


def heard(score: Score) -> tuple[np.ndarray, np.ndarray]:
    """Edges of half bars in ticks, and the chord of each."""
    notes = np.concatenate([track.notes for track in score.tracks if not track.is_drum])
    starts = score.bar_starts(score.end_tick)
    changes = np.array([metre.tick for metre in score.metres])
    metres = [score.metres[index] for index in np.searchsorted(changes, starts, side="right") - 1]
    fractions = np.array([(metre.numerator, metre.denominator) for metre in metres])
    edges = half_bars(starts, fractions, score.end_tick)
    return edges, find_chords(notes[:, ONSET], notes[:, DURATION], notes[:, PITCH], edges, TICKS_PER_QUARTER)


def written(chords: Sequence[Sequence[Any]], edges: np.ndarray) -> list[Chord | None]:
    """The analyst's chord that takes most of each segment; None where there is none or it has no such quality."""
    begins = np.array([chord[0] for chord in chords]) * TICKS_PER_QUARTER
    ends = np.append(begins[1:], edges[-1])
    found: list[Chord | None] = []
    for start, stop in itertools.pairwise(edges):
        shared = np.minimum(ends, stop) - np.maximum(begins, start)
        _, _, _, root, quality = chords[int(shared.argmax())]
        known = shared.max() > 0 and root is not None and quality in QUALITY_OF
        found.append(Chord(int(root), QUALITY_OF[quality]) if known else None)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Chords heard in notes beside those that people wrote.")
    parser.add_argument("data", type=Path, help="the folder with harmony-roman and symbolic-openscore-lieder")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(arguments)
    rows = [json.loads(line) for line in (args.data / "harmony-roman/harmony.jsonl").read_text().splitlines()]
    counts: dict[str, np.ndarray] = {}
    with zipfile.ZipFile(args.data / SONGS) as songs:
        members = {Path(name).name: name for name in songs.namelist()}
        for row in rows:
            name = members.get(Path(row.get("midi") or "").name)
            if name is None or not row.get("aligned", True):
                continue
            edges, found = heard(midi.read(songs.read(name)))
            for index, chord in zip(found, written(row["chords"], edges), strict=True):
                if chord is not None and index != NO_CHORD:
                    ours = Chord.of(int(index))
                    assert ours is not None
                    right = (1, ours.root == chord.root, ours == chord)
                    counts[row["midi_split"]] = counts.get(row["midi_split"], np.zeros(3)) + right
    shares = {split: {"half_bars": int(n), "root": r / n, "chord": c / n} for split, (n, r, c) in counts.items()}
    if args.json:
        print(json.dumps(shares))
        return
    for split, row in shares.items():
        print(f"{split:8} {row['half_bars']:6} half bars: root {row['root']:.0%}, root and quality {row['chord']:.0%}")


if __name__ == "__main__":
    main()
