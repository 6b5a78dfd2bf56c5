"""A listening sheet: forty prompts, composed, each with its piano roll and what is farthest from real music.

    python benchmarks/score_sheet.py --out sheet [--prompts benchmarks/prompts_music.txt]

Writes for each prompt its MIDI file, sound and roll, and ``sheet.md``: a row for each, with the three measures that lie
farthest from real pieces for as many players, in their spreads. Last come the medians
of drums and the mean distance. With ``--first`` there is neither critic nor band.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import menura
from menura.app.terminal import TerminalProgress
from menura.score.critic.critic import OF_DRUMS, distance, kind_of, reference
from menura.score.critic.measures import measures
from menura.score.steps.tokens import TokenPiece, tokenise
from menura.tasks.piece import Piece

PROMPTS = Path(__file__).with_name("prompts_music.txt")
_WORST = 3


def faults(piece: TokenPiece) -> list[str]:
    """The measures that are farthest from real music, with what real pieces have."""
    found, real = measures(piece), reference()[kind_of(piece)]
    away = {
        name: abs(value - real[name][0]) / real[name][1]
        for name, value in found.items()
        if name in real and not np.isnan(value)
    }
    worst = sorted(away, key=lambda name: -away[name])[:_WORST]
    return [f"{name.replace('_', ' ')} {found[name]:.2f} (real {real[name][0]:.2f})" for name in worst]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Forty prompts, composed, measured and drawn.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the sheet")
    parser.add_argument("--prompts", type=Path, default=PROMPTS, help="a file with a prompt a line")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=int, default=22_050, help="of the sound")
    parser.add_argument("--model", default="score_lm")
    parser.add_argument("--first", action="store_true", help="the first candidate, with every part by the model")
    args = parser.parse_args(arguments)
    prompts = args.prompts.read_text(encoding="utf-8").splitlines()
    progress, models = TerminalProgress(), menura.Models()
    args.out.mkdir(parents=True, exist_ok=True)
    drums: list[dict[str, float]] = []
    rows, distances = ["| # | prompt | players | distance | farthest from real music |", "|---|---|---|---|---|"], []
    for number, prompt in enumerate(prompts, 1):
        progress.update(number - 1, len(prompts), "composing")
        how = {"n": 1, "band": "model"} if args.first else {}
        piece = menura.compose(prompt, seed=args.seed, rate=args.rate, models=models, model=args.model, **how)
        assert isinstance(piece, Piece)
        piece.save(args.out / f"{number:02d}", overwrite=True)
        told = tokenise(piece.score, to_end=True)
        distances.append(distance(told))
        found = measures(told)
        if not np.isnan(found["kit_pieces"]):
            drums.append({name: found[name] for name in OF_DRUMS})
        players = ", ".join(piece.summary()["instruments"])
        rows.append(f"| {number} | {prompt} | {players} | {distances[-1]:.2f} | {'; '.join(faults(told))} |")
    progress.close()
    medians = [
        f"{name.replace('_', ' ')} {np.nanmedian([own[name] for own in drums]):.2f}" for name in OF_DRUMS if drums
    ]
    rows.append(f"\n{len(drums)} pieces with drums, medians: {', '.join(medians)}")
    rows.append(f"\nmean distance {np.mean(distances):.3f}")
    (args.out / "sheet.md").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
