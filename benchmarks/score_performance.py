"""Loudness and tempo of composed pieces, as written and as played, beside scores with dynamics.

    python benchmarks/score_performance.py DATA [--out pieces]

Twelve prompts of several styles are composed twice, with ``--straight`` and without. Real pieces are held-out ones of
DATA whose velocities differ, their first bars as many as the composed ones have. Medians over pieces; tempo is measured
before the last two bars, into which a piece slows.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import menura
from menura.app.terminal import TerminalProgress
from menura.data.midi_folder import find_scores
from menura.score import midi
from menura.score.analysis import has_dynamics
from menura.score.critic.measures import measures
from menura.score.notes import ONSET, TICKS_PER_QUARTER, VELOCITY, Score
from menura.score.steps.tokens import GRID_TICKS, tokenise

PROMPTS = (
    *("a slow waltz for flute and piano in D minor", "a nocturne for piano in the style of Chopin"),
    *("a lullaby for voice and harp", "a Bach chorale for satb in G minor", "an invention for harpsichord"),
    *("a string quartet in the style of Haydn", "a romantic song for voice and piano, sad"),
    *("a minuet for oboe, violin and cello", "happy ragtime on piano", "a jig for accordion and violin"),
    *("a symphony for orchestra, heroic", "a guitar study in the style of Sor"),
)
_ENDING_BARS = 2
_FEWEST_BARS = 8


def profile(score: Score) -> dict[str, float]:
    """How a piece is played, in numbers: velocities 1 to 127, tempo in per cent of its mean."""
    notes = np.concatenate([track.notes for track in score.tracks])
    loud = notes[:, VELOCITY].astype(float)
    starts = score.bar_starts()
    bar = np.searchsorted(starts, notes[:, ONSET] + GRID_TICKS // 2, side="right") - 1
    means = np.array([loud[bar == index].mean() for index in np.unique(bar)])
    within = np.array([loud[bar == index].var() for index in np.unique(bar)])
    body = int(starts[-_ENDING_BARS]) if len(starts) > _ENDING_BARS else int(score.end_tick)
    seconds = np.diff(score.seconds(np.arange(0, body, TICKS_PER_QUARTER)))
    return {
        "mean velocity": loud.mean(),
        "spread of velocities": loud.std(),
        "spread of bars": means.std(),
        "spread within bars": within.mean() ** 0.5,
        "loudness of a bar like the bar's before": measures(tokenise(score))["loudness_returns"],
        "spread of tempo, %": 100 * float(seconds.std() / seconds.mean()) if len(seconds) else np.nan,
        "slowest beat of the end, % of tempo": 100 * min(mark.bpm for mark in score.tempos) / score.tempos[0].bpm,
    }


def opening(score: Score, bars: int) -> Score | None:
    """The first bars of a piece with dynamics; None where it has none, or is shorter."""
    starts = score.bar_starts()
    if len(starts) < max(bars, _FEWEST_BARS) + 1:
        return None
    end = int(starts[bars])
    tracks = [replace(track, notes=track.notes[track.notes[:, ONSET] < end]) for track in score.tracks]
    velocities = np.concatenate([track.notes[:, VELOCITY] for track in tracks])
    return replace(score, tracks=tuple(tracks)) if len(velocities) and has_dynamics(velocities) else None


def real_profiles(data: Path, bars: int, count: int, seed: int) -> list[dict[str, float]]:
    """Of held-out pieces, drawn by seed."""
    files = [file for file in find_scores(data, TerminalProgress().say) if file.split() != "train"]
    random.Random(seed).shuffle(files)
    found = []
    for file in files:
        try:
            score = opening(midi.read(file.read()), bars)
            found += [profile(score)] if score else []
        except ValueError:
            continue
        if len(found) == count:
            break
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Loudness and tempo of pieces as written and as played.")
    parser.add_argument("data", type=Path, nargs="?", help="a folder of MIDI: real pieces with dynamics")
    parser.add_argument("--bars", type=int, default=16)
    parser.add_argument("--count", type=int, default=len(PROMPTS), help="prompts")
    parser.add_argument("--pieces", type=int, default=200, help="real ones")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="score_lm")
    parser.add_argument("--out", type=Path, help="keep the pieces in this folder")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(arguments)
    models, columns = menura.Models(), {"as written": [], "played": [], "real": []}
    for number, prompt in enumerate(PROMPTS[: args.count], 1):
        for name in ("as written", "played"):
            how = {"bars": args.bars, "seed": args.seed, "model": args.model, "models": models}
            piece = menura.compose(prompt, straight=name != "played", rate=22_050 if args.out else 8000, **how)
            columns[name].append(profile(piece.score))
            if args.out:
                piece.save(args.out / f"{number:02d}-{name.replace(' ', '-')}", overwrite=True)
    columns["real"] = real_profiles(args.data, args.bars, args.pieces, args.seed) if args.data else []
    names = list(columns["played"][0])
    medians = {
        column: {name: float(np.nanmedian([row[name] for row in rows])) for name in names}
        for column, rows in columns.items()
        if rows
    }
    if args.json:
        print(json.dumps({"medians": medians, "pieces": columns}))
        return
    print(f"| medians of {args.count} pieces | {' | '.join(medians)} |\n|---|{'---|' * len(medians)}")
    for name in names:
        print(f"| {name} | {' | '.join(f'{medians[column][name]:.2f}' for column in medians)} |")


if __name__ == "__main__":
    main()
