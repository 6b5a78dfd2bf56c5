"""Does a mixture of styles sound as mixed as it was asked? A classifier trained on real pieces reads the share back.

    python benchmarks/score_styles.py DATA --model score_lm --cache runs/score_lm --plot styles.png

For every pair of styles a logistic regression learns, from real training pieces (by keyboards alone where both styles
have enough of those), to tell the two apart by their idiom (`measures.music.idiom`: no instrument, no thickness
of scoring). Then the note model composes for the piano with shares 0, 0.1, … 1 of the first style against the second;
the wishes (mode, tempo, metre) and the seeds are the same for every share. What is read is the classifier's probability
at the mean of its log-odds over the pieces of a share. Goal: a rank correlation of .8 (needs the `eval` extra).

The last table is of calibration: how far readings, as shares of the way from the first to the last, lie from what was
asked: as composed, through a monotone map of the pair's own, and through one exponent for all pairs
(`measures.calibration`). These are fitted to half of the pieces and judged on the other half.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from corpora import load_corpus, parser_for, piece_of
from measures import calibration, music
from menura.app.terminal import TerminalProgress
from menura.data.manifests import SPLITS
from menura.data.scores import Corpus
from menura.models.score_lm.model import ScoreLM
from menura.models.score_lm.recipe import STYLES
from menura.models.score_lm.sampling import Sampling, sample
from menura.score.form import repeats, sections
from menura.score.notes import Key
from menura.score.steps.conditions import Controls
from menura.score.steps.tokens import TokenPiece, slots_for
from menura.tasks.models import Models

PAIRS = ("schubert/game", "bach/joplin", "chopin/haydn", "romantic/baroque")
SHARES = np.linspace(0, 1, 11)
GOAL = 0.8
KEYBOARDS = frozenset(range(8))
ENOUGH_PIECES = 10
EXCERPTS_PER_PIECE = 6


@dataclass(frozen=True, eq=False)
class Material:
    """Real music of a pair: idiom of each excerpt, whether it is of the first style, from which piece, and wishes."""

    idioms: np.ndarray
    is_first: np.ndarray
    pieces: np.ndarray
    wishes: tuple[Controls, ...]


@dataclass(frozen=True, eq=False)
class Sweep:
    """What was read of a pair: log-odds of the first style, ``[share, piece]``, and the classifier's accuracy."""

    pair: str
    accuracy: float
    num_real: int
    logits: np.ndarray

    @property
    def read(self) -> np.ndarray:
        """Probability of the first style at every share."""
        return _probability(self.logits.mean(1))

    @property
    def rank_correlation(self) -> float:
        return _spearman(SHARES, self.read)

    @property
    def piece_correlation(self) -> float:
        """Of single pieces rather than of means."""
        return _spearman(np.repeat(SHARES, self.logits.shape[1]), self.logits.ravel())


def material(corpus: Corpus, first: str, second: str, bars: int, rng: np.random.Generator) -> Material:
    """Excerpts of training pieces that are of one of two styles."""
    styles = corpus.styles[:, [STYLES.index(first), STYLES.index(second)]]
    usable = (corpus.split == SPLITS.index("train")) & (styles.sum(1) == 1)
    alone = np.array([set(own[own >= 0].tolist()) <= KEYBOARDS for own in corpus.programs])
    if min((usable & alone & styles[:, side]).sum() for side in (0, 1)) >= ENOUGH_PIECES:
        usable &= alone
    idioms, is_first, pieces, wishes = [], [], [], []
    for index in np.flatnonzero(usable):
        whole = piece_of(corpus, int(index))
        starts = np.arange(0, max(whole.num_bars - bars, 0) + 1, bars)
        for start in rng.permutation(starts)[:EXCERPTS_PER_PIECE]:
            part = music.excerpt(whole, int(start), bars)
            if music.notes_of(part).pitched.sum() < bars:
                continue
            idioms.append(music.idiom(part))
            is_first.append(bool(styles[index, 0]))
            pieces.append(index)
            wishes.append(_wish_like(part, float(corpus.bpm[index]), bars))
    return Material(np.stack(idioms), np.array(is_first), np.array(pieces), tuple(wishes))


def _wish_like(piece: TokenPiece, bpm: float, bars: int) -> Controls:
    key = Key(0, music.key_of(piece).mode)
    return Controls(slots=slots_for([0]), key=key, bpm=bpm, metres=np.tile(piece.metres[0], (bars, 1)))


def trained_classifier(real: Material, seed: int) -> tuple[Any, float]:
    """A logistic regression of the idiom, and its balanced accuracy on pieces that it never saw."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=2000))
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    accuracy = cross_val_score(
        classifier, real.idioms, real.is_first, groups=real.pieces, cv=folds, scoring="balanced_accuracy"
    ).mean()
    return classifier.fit(real.idioms, real.is_first), float(accuracy)


def neutral_wishes(real: Material, count: int, rng: np.random.Generator) -> list[Controls]:
    """Mode, tempo and metre of real excerpts, as many of one style as of the other."""
    order = rng.permutation(len(real.wishes))
    sides = [order[real.is_first[order] == side] for side in (True, False)]
    return [real.wishes[sides[number % 2][number // 2]] for number in range(count)]


def sweep(model: ScoreLM, corpus: Corpus, pair: str, args: Any, progress: TerminalProgress) -> Sweep:
    """Compose a pair's mixtures and read them."""
    first, second = pair.split("/")
    rng = np.random.default_rng(args.seed)
    real = material(corpus, first, second, args.bars, rng)
    classifier, accuracy = trained_classifier(real, args.seed)
    wishes = neutral_wishes(real, args.pieces, rng)
    logits = np.zeros((len(SHARES), len(wishes)))
    for row, share in enumerate(SHARES):
        for column, controls in enumerate(wishes):
            progress.update(row * len(wishes) + column, logits.size, pair)
            piece = _composed(model, controls, {first: float(share), second: float(1 - share)}, args, column)
            logits[row, column] = classifier.decision_function(music.idiom(piece)[None])[0]
    return Sweep(pair, accuracy, len(set(real.pieces)), logits)


def _composed(model: ScoreLM, controls: Controls, styles: dict[str, float], args: Any, number: int) -> TokenPiece:
    asked = Controls(slots=controls.slots, key=controls.key, bpm=controls.bpm, metres=controls.metres, styles=styles)
    sampling = Sampling(seed=args.seed + number, temperature=1.0, top_p=0.97, guidance=args.guidance)
    return sample(model, asked, repeats(sections("through", len(controls.metres))), sampling)


def calibrated(sweeps: Sequence[Sweep]) -> np.ndarray:
    """Mean errors ``[pair, 3]`` of the share: as asked, through each pair's own slider, through one exponent for all;
    fitted to half of the pieces and judged on the other half, both ways. nan where readings do not rise."""
    halves = [[_probability(one.logits[:, part::2].mean(1)) for one in sweeps] for part in (0, 1)]
    errors = np.full((2, len(sweeps), 3), np.nan)
    for turn, (fitted_to, judged_by) in enumerate((halves, halves[::-1])):
        rising = [index for index, both in enumerate(zip(*halves, strict=True)) if all(map(_rises, both))]
        if not rising:
            break
        exponent = calibration.fit_sharpness(SHARES, [fitted_to[index] for index in rising])
        for index in rising:
            slider = calibration.fit_slider(SHARES, fitted_to[index])
            for column, given in enumerate((SHARES, slider(SHARES), _first_of_pair(exponent))):
                errors[turn, index, column] = calibration.slider_error(SHARES, judged_by[index], given)
    return errors.mean(0)


def _first_of_pair(exponent: float) -> np.ndarray:
    return calibration.sharpened(np.column_stack((SHARES, 1 - SHARES)), exponent)[:, 0]


def _rises(read: np.ndarray) -> bool:
    rising = calibration.isotonic(read)
    return bool(rising[-1] > rising[0])


def _probability(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def _spearman(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.nan_to_num(np.asarray(spearmanr(one, other))[0]))


def plot(sweeps: Sequence[Sweep], path: Path) -> None:
    """Asked against read, a line a pair."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 6))
    for one in sweeps:
        axes.plot(SHARES, one.read, marker="o", label=f"{one.pair}  ρ = {one.rank_correlation:.2f}")
    axes.plot((0, 1), (0, 1), color="grey", linestyle=":")
    axes.set(xlabel="share asked of the first style", ylabel="probability read", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    figure.savefig(path, dpi=120, bbox_inches="tight")


def _table(sweeps: Sequence[Sweep]) -> str:
    lines = [
        f"| pair | real pieces | accuracy | {' | '.join(f'{share:.1f}' for share in SHARES)} | rank | single pieces |",
        "|---|---|---|" + "---|" * (len(SHARES) + 2),
    ]
    for one in sweeps:
        read = " | ".join(f"{value:.2f}" for value in one.read)
        lines.append(
            f"| {one.pair} | {one.num_real} | {one.accuracy:.0%} | {read} "
            f"| **{one.rank_correlation:.2f}** | {one.piece_correlation:.2f} |"
        )
    return "\n".join(lines)


def _calibration_table(sweeps: Sequence[Sweep]) -> str:
    lines = ["| mean error of the share | as asked | own slider | one exponent |", "|---|---|---|---|"]
    errors = calibrated(sweeps)
    for one, row in zip(sweeps, errors, strict=True):
        lines.append(f"| {one.pair} | {' | '.join(f'{error:.3f}' for error in row)} |")
    lines.append(f"| mean | {' | '.join(f'{error:.3f}' for error in errors.mean(0))} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = parser_for("Mixtures of styles, read back by a classifier.")
    parser.add_argument("--pairs", nargs="+", default=PAIRS, metavar="A/B", help="styles to mix")
    parser.add_argument("--pieces", type=int, default=16, help="composed for each share of each pair")
    parser.add_argument("--bars", type=int, default=16, help="of each")
    parser.add_argument("--guidance", type=float, default=3.0, help="how strictly to follow the wishes")
    parser.add_argument("--plot", type=Path, help="write a picture here")
    args = parser.parse_args(arguments)
    started = time.perf_counter()
    progress = TerminalProgress()
    corpus = load_corpus(args, progress)
    model: ScoreLM = Models().get(args.model)
    sweeps = [sweep(model, corpus, pair, args, progress) for pair in args.pairs]
    progress.close()
    pooled = _spearman(np.tile(SHARES, len(sweeps)), np.concatenate([one.read for one in sweeps]))
    mean = float(np.mean([one.rank_correlation for one in sweeps]))
    if args.plot:
        plot(sweeps, args.plot)
    if args.json:
        rows = {
            one.pair: {
                "accuracy": one.accuracy,
                "read": one.read.tolist(),
                "rank_correlation": one.rank_correlation,
                "piece_correlation": one.piece_correlation,
            }
            for one in sweeps
        }
        print(json.dumps({"pairs": rows, "mean_rank_correlation": mean, "pooled_rank_correlation": pooled}))
        return
    print(f"{args.pieces} pieces of {args.bars} bars for each share; accuracy is on real pieces, by pieces left out\n")
    print(_table(sweeps))
    print(f"\nrank correlation: {mean:.2f} on average, {pooled:.2f} of all readings together (goal {GOAL})\n")
    rising = [one.read for one in sweeps if _rises(one.read)]
    if args.pieces > 1:
        print(_calibration_table(sweeps))
    if rising:
        print(f"style sharpness: {calibration.fit_sharpness(SHARES, rising):.2f}")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
