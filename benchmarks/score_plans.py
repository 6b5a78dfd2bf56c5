"""Chords that were asked: in how many half bars composed pieces have their roots and thirds.

    python benchmarks/score_plans.py

Five progressions for three ensembles, 16 bars each: of the first candidate, and of the critic's choice. Chords are
heard by `menura.score.harmony.find_chords`, which takes a Dm7 without its root in the bass for F.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

import menura
from menura.score.critic.critic import follows
from menura.score.harmony import indices, parse_plan
from menura.score.steps.tokens import tokenise
from menura.tasks.piece import Piece

PLANS = (
    "C | G | Am | F",
    "Dm7 | G7 | Cmaj7 | Am7",
    "Am | F | C | G",
    "C7 | C7 | C7 | C7 | F7 | F7 | C7 | C7 | G7 | F7 | C7 | G7",
    "C G | Am Em | F C | Dm G",
)
PLAYERS = ("flute, piano", "string quartet", "piano")
BARS, CANDIDATES = 16, 8


def kept(plan: str, piece: Piece) -> float:
    """The share of half bars."""
    told = tokenise(piece.score, to_end=True)
    chords = indices(parse_plan(plan))
    return follows(told, np.concatenate([chords] * BARS)[: told.num_bars])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Chords as asked, and as they came.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="score_lm")
    args = parser.parse_args(arguments)
    models, shares = menura.Models(), []
    print("| players | chords | first candidate | the critic's choice |\n|---|---|---|---|")
    for players in PLAYERS:
        for plan in PLANS:
            pieces = [
                menura.compose(
                    chords=plan,
                    bars=BARS,
                    instruments=players,
                    seed=args.seed,
                    rate=8000,
                    n=n,
                    keep=1,
                    models=models,
                    model=args.model,
                )
                for n in (1, CANDIDATES)
            ]
            shares.append([kept(plan, piece) for piece in pieces])
            print(
                f"| {players} | {plan.replace(' | ', ' / ')} | {shares[-1][0]:.2f} | {shares[-1][1]:.2f} |", flush=True
            )
    first, chosen = np.mean(shares, axis=0)
    print(f"| mean | | **{first:.3f}** | **{chosen:.3f}** |")


if __name__ == "__main__":
    main()
