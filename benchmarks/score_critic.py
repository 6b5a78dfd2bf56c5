"""The critic's table of real music, and whether choosing by it brings pieces nearer to real ones.

    python benchmarks/score_critic.py DATA --cache runs/score_lm            distances of real and of composed pieces
    python benchmarks/score_critic.py DATA --cache runs/score_lm --write    measures training pieces anew

For wishes taken from held-out pieces (as `score_music.py` takes them) eight candidates are composed; distances are of
the first, of the critic's choice, of four of which it chooses every four bars, as `menura compose` does, and of the
real pieces, once by the measures that the critic listens to, and once by the others.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from corpora import load_corpus, parser_for, piece_of
from measures import music
from menura.app.terminal import TerminalProgress
from menura.data.manifests import SPLITS
from menura.data.scores import Corpus
from menura.files import write_json
from menura.models.score_lm.model import ScoreLM
from menura.models.score_lm.sampling import Sampling, sample_best, sample_many
from menura.score.critic.critic import CHOSEN_BY, KINDS, OF_DRUMS, TABLE, distance, kind_of
from menura.score.critic.measures import measures
from menura.score.form import repeats, sections
from menura.score.steps.tokens import TokenPiece
from menura.tasks.models import Models
from score_music import Excerpt, excerpts

CANDIDATES, CHOSEN_AMONG = 8, 4
BARS = 32
_NORMAL_IQR = 1.349
_LEAST_SPREAD = 0.03


def table(pieces: Sequence[TokenPiece]) -> dict[str, dict[str, tuple[float, float]]]:
    """Kind of ensemble -> measure -> median and spread (that of a normal distribution with as wide a middle half); of
    drums those of all pieces that have them."""
    found: dict[str, dict[str, list[float]]] = {kind: defaultdict(list) for kind in KINDS}
    for piece in pieces:
        for name, value in measures(piece).items():
            if not np.isnan(value):
                for kind in KINDS if name in OF_DRUMS else (kind_of(piece),):
                    found[kind][name].append(value)
    return {
        kind: {name: (round(float(np.median(values)), 4), round(_spread(values), 4)) for name, values in own.items()}
        for kind, own in found.items()
    }


def _spread(values: Sequence[float]) -> float:
    low, high = np.percentile(values, (25, 75))
    return max(float(high - low) / _NORMAL_IQR, _LEAST_SPREAD)


def openings(corpus: Corpus, split: str, bars: int) -> list[TokenPiece]:
    """The first bars of every piece of a split, of half of them at least, without players who never play."""
    found = []
    for index in np.flatnonzero(corpus.split == SPLITS.index(split)):
        opening = music.heard(music.excerpt(piece_of(corpus, int(index)), 0, bars))
        if opening.num_bars >= bars // 2 and opening.slots:
            found.append(opening)
    return found


def composed(
    model: ScoreLM, wishes: Sequence[Excerpt], seed: int, progress: TerminalProgress
) -> tuple[list[list[TokenPiece]], list[TokenPiece]]:
    """For each wish all candidates, and what comes of some where the best goes on."""
    pieces, chosen = [], []
    for index, wish in enumerate(wishes):
        progress.update(index, len(wishes), "composing")
        plan, controls = repeats(sections(None, wish.piece.num_bars), seed + index), wish.controls()
        settings = [Sampling(seed=seed + CANDIDATES * index + one, guidance=1.25) for one in range(CANDIDATES)]
        pieces.append(sample_many(model, controls, plan, settings))
        chosen.append(sample_best(model, controls, plan, settings[:CHOSEN_AMONG], _nearest))
    return pieces, chosen


def _nearest(pieces: Sequence[TokenPiece]) -> int:
    return min(range(len(pieces)), key=lambda number: distance(pieces[number]))


def _row(name: str, sets: Mapping[str, Sequence[TokenPiece]]) -> str:
    cells = [np.array([measures(piece)[name] for piece in pieces]) for pieces in sets.values()]
    medians = [f"{np.nanmedian(own):.2f}" if not np.isnan(own).all() else "—" for own in cells]
    return f"| {name.replace('_', ' ')}{'' if name in CHOSEN_BY else ' *'} | {' | '.join(medians)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = parser_for("The critic: real music's numbers, and what choosing by them brings.")
    parser.add_argument("--pieces", type=int, default=32, help="wishes to compose for")
    parser.add_argument(
        "--write", action="store_true", help="measure the training pieces, and write the critic's table"
    )
    args = parser.parse_args(arguments)
    progress = TerminalProgress()
    corpus = load_corpus(args, progress)
    if args.write:
        found = table(openings(corpus, "train", BARS))
        write_json(TABLE, found, overwrite=True)
        print(json.dumps({kind: len(own) for kind, own in found.items()}))
        return
    model: ScoreLM = Models().get(args.model)
    held_out = excerpts(corpus, "test", BARS)
    order = np.random.default_rng(args.seed).permutation(len(held_out))[: args.pieces]
    wishes = [held_out[index] for index in order]
    candidates, chosen = composed(model, wishes, args.seed, progress)
    progress.close()
    sets = {
        "1 candidate": [own[0] for own in candidates],
        f"best of {CANDIDATES}": [own[_nearest(own)] for own in candidates],
        f"{CHOSEN_AMONG} on the way": chosen,
        "real": [wish.piece for wish in wishes],
    }
    names = tuple(measures(wishes[0].piece))
    others = tuple(name for name in names if name not in CHOSEN_BY)
    print(f"| medians, {len(wishes)} pieces of {BARS} bars (* not listened to) | {' | '.join(sets)} |")
    print("|---|" + "---|" * len(sets))
    print("\n".join(_row(name, sets) for name in names))
    for heading, some in (
        (f"distance by the critic's {len(CHOSEN_BY)}", CHOSEN_BY),
        (f"by {len(others)} others", others),
    ):
        cells = [f"**{np.mean([distance(piece, some) for piece in pieces]):.2f}**" for pieces in sets.values()]
        print(f"| {heading}, mean | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
