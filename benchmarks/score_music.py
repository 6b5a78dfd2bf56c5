"""Is it music? Composed pieces beside held-out ones, as Yang & Lerch (2020) compare them, and to a classifier's ear.

    python benchmarks/score_music.py DATA --model score_lm --cache runs/score_lm --pieces 40

Held-out pieces (their first bars, moved to C) are the reference. From a number of them come wishes: style, instruments,
mode, tempo and metre; four sets answer to the same wishes:

    ours       composed by the note model, as `menura compose` does it: the critic chooses every four bars, form and all
    first      the first candidate, whole
    5-gram     drawn from an interpolated 5-gram of the same tokens, under the same grammar
    shuffled   bars of held-out pieces for the same instruments, in the same mode and metre, put together at random
    training   real pieces of the training set for the same instruments: what is to be reached

`area` is the overlap of the distances to the reference with the distances within it, `KL` their divergence in nats;
`shared` is the overlap of the mean distributions. Accuracy is a cross-validated logistic regression's that is to tell
the set from the held-out pieces whose wishes it answers (needs the `eval` extra): 50 % is chance. Velocities are
compared among pieces that have dynamics, and are no business of the classifier's.

A second table has the critic's measures (`menura.score.critic.measures`): medians of each set, and beside them the
share of pairs of a composed and a real piece in which the composed one has more of it (AUC): .5 is alike, and from .35
to .65 near; of all pieces, and of those of one kind of ensemble where there are ten. A third has the mean distances.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpora import fitted_ngrams, load_corpus, parser_for, piece_of
from measures import music, ngram
from menura.app.terminal import TerminalProgress
from menura.data.manifests import SPLITS
from menura.data.scores import Corpus
from menura.models.score_lm.model import ScoreLM
from menura.models.score_lm.recipe import STYLES
from menura.models.score_lm.sampling import Sampling, sample, sample_best
from menura.score.critic.critic import CHOSEN_BY, KINDS, distance, kind_of, ranked
from menura.score.critic.measures import measures
from menura.score.form import repeats, sections
from menura.score.notes import Key
from menura.score.roles import usual_roles
from menura.score.steps.conditions import Controls
from menura.score.steps.tokens import TokenPiece
from menura.tasks.models import Models

FEATURES = tuple(music.BINS)
TOLD_APART_BY = tuple(name for name in FEATURES if name != "velocities")
MIN_NOTES_PER_BAR = 1
NEAR = (0.35, 0.65)
_ENOUGH = 10


@dataclass(frozen=True, eq=False)
class Excerpt:
    """The first bars of a real piece, in C, and what is known of it."""

    piece: TokenPiece
    mode: str
    bpm: float
    styles: tuple[str, ...]
    dynamics: bool

    @property
    def kin(self) -> tuple[object, ...]:
        """What other pieces must share with it to stand in for it."""
        return (self.piece.slots, self.mode, tuple(self.piece.metres[0]))

    def controls(self) -> Controls:
        styles = {name: 1.0 / len(self.styles) for name in self.styles}
        usual = usual_roles(self.piece.slots)  # told as `menura compose` tells them
        return Controls(
            slots=self.piece.slots,
            key=Key(0, self.mode),
            bpm=self.bpm,
            metres=self.piece.metres,
            styles=styles,
            roles=tuple(usual.roles) if usual else (),
            activity=tuple(usual.activity) if usual else (),
        )


def excerpts(corpus: Corpus, split: str, bars: int) -> list[Excerpt]:
    """Of every piece of a split that is long enough, the first bars."""
    found = []
    for index in np.flatnonzero(corpus.split == SPLITS.index(split)):
        whole = piece_of(corpus, int(index))
        opening = music.excerpt(whole, 0, bars)
        notes = music.notes_of(opening)
        if opening.num_bars < bars or notes.pitched.sum() < MIN_NOTES_PER_BAR * bars:
            continue
        moved = music.in_c(music.heard(opening))
        found.append(
            Excerpt(
                piece=moved,
                mode=music.key_of(moved).mode,
                bpm=float(corpus.bpm[index]),
                styles=tuple(np.array(STYLES)[corpus.styles[index]].tolist()),
                dynamics=bool(corpus.dynamics[index]),
            )
        )
    return found


def composed(
    model: ScoreLM, chosen: Sequence[Excerpt], seed: int, guidance: float, candidates: int, progress: TerminalProgress
) -> tuple[list[TokenPiece], list[TokenPiece]]:
    """Our answer to each wish: the one of which the best goes on, by the critic, and the first candidate."""
    best, first = [], []
    for index, excerpt in enumerate(chosen):
        progress.update(index, len(chosen), "composing")
        seeds = range(seed + candidates * index, seed + candidates * (index + 1))
        plan, controls = repeats(sections(None, excerpt.piece.num_bars), seeds[0]), excerpt.controls()
        settings = [Sampling(seed=one, temperature=1.0, top_p=0.97, guidance=guidance) for one in seeds]
        first.append(sample(model, controls, plan, settings[0]))
        best.append(sample_best(model, controls, plan, settings, lambda some, key=controls.key: ranked(some, key)[0]))
    return best, first


def auc(ours: Sequence[float], real: Sequence[float]) -> float:
    """The share of pairs in which ours is larger; of equals half. NaN where either has nothing to count."""
    one, other = (np.array(side, dtype=float) for side in (ours, real))
    pairs = np.sign(one[~np.isnan(one), None] - other[None, ~np.isnan(other)])
    return float((pairs.mean() + 1) / 2) if pairs.size else float("nan")


def _measured(sets: Mapping[str, Sequence[TokenPiece]], real: Sequence[TokenPiece]) -> dict[str, dict[str, float]]:
    """Of every measure the median of each set and of real pieces, and how ours lies to real ones."""
    found = {name: [measures(piece) for piece in pieces] for name, pieces in {**sets, "real": real}.items()}
    kinds = [kind_of(piece) for piece in real]
    groups = {"all": range(len(real))}
    groups |= {kind: [index for index, own in enumerate(kinds) if own == kind] for kind in KINDS}
    rows = {}
    for name in found["real"][0]:
        columns = {set_: [own[name] for own in measured] for set_, measured in found.items()}
        row = {set_: _median(values) for set_, values in columns.items()}
        for group, members in groups.items():
            if len(members) >= _ENOUGH or group == "all":
                ours, theirs = ([columns[side][index] for index in members] for side in ("ours", "real"))
                row[f"AUC {group}"] = auc(ours, theirs)
        rows[name] = row
    return rows


def _median(values: Sequence[float]) -> float:
    counted = [value for value in values if not np.isnan(value)]
    return float(np.median(counted)) if counted else float("nan")


def _table_of_measures(rows: Mapping[str, Mapping[str, float]]) -> str:
    columns = list(next(iter(rows.values())))
    lines = [f"| medians (* the critic does not hear it) | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    for name, row in rows.items():
        cells = ["—" if np.isnan(value) else f"{value:.2f}" for value in row.values()]
        lines.append(f"| {name.replace('_', ' ')}{'' if name in CHOSEN_BY else ' *'} | {' | '.join(cells)} |")
    for group in (column for column in columns if column.startswith("AUC")):
        of_all = {name: row[group] for name, row in rows.items() if not np.isnan(row[group])}
        near = [name for name, value in of_all.items() if NEAR[0] <= value <= NEAR[1]]
        lines.append(f"\n{group}: {len(near)} of {len(of_all)} measures are from {NEAR[0]} to {NEAR[1]}")
    return "\n".join(lines)


def _distances(sets: Mapping[str, Sequence[TokenPiece]]) -> str:
    """From real music, by the measures that the critic hears and by the others: means of each set."""
    others = [name for name in measures(next(iter(sets.values()))[0]) if name not in CHOSEN_BY]
    lines = [f"| mean distance | {' | '.join(sets)} |", "|---|" + "---|" * len(sets)]
    for heading, names in (
        (f"by {len(CHOSEN_BY)} that the critic hears", CHOSEN_BY),
        (f"by {len(others)} others", others),
    ):
        cells = [f"{np.mean([distance(piece, names) for piece in pieces]):.2f}" for pieces in sets.values()]
        lines.append(f"| {heading} | {' | '.join(cells)} |")
    return "\n".join(lines)


def stand_ins(chosen: Sequence[Excerpt], others: Sequence[Excerpt], rng: np.random.Generator) -> list[TokenPiece]:
    """For each excerpt another's piece with the same instruments, mode and metre, or else with as many instruments."""
    pieces = []
    for excerpt in chosen:
        kin = [other for other in others if other.kin == excerpt.kin]
        kin = kin or [other for other in others if other.piece.slots == excerpt.piece.slots]
        size = len(excerpt.piece.slots)
        kin = kin or sorted(others, key=lambda other: abs(len(other.piece.slots) - size))[:20]
        pieces.append(kin[rng.integers(len(kin))].piece)
    return pieces


def shuffled(chosen: Sequence[Excerpt], reference: Sequence[Excerpt], rng: np.random.Generator) -> list[TokenPiece]:
    """For each excerpt as many bars drawn at random from its kin."""
    kin = [[other.piece for other in reference if other.kin == excerpt.kin] for excerpt in chosen]
    return [music.shuffled_bars(own, one.piece.num_bars, rng) for own, one in zip(kin, chosen, strict=True)]


def told_apart(
    pieces: np.ndarray, real: np.ndarray, seed: int, rounds: int = 5, wishes: np.ndarray | None = None
) -> float:
    """Accuracy of a logistic regression that tells rows of `pieces` from those of `real`, on rows it never saw; the
    rows of one wish are never parted.

    Args:
        wishes: of every row of both; default: the rows of each side answer to one after the other.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = np.concatenate((pieces, real))
    labels = np.repeat((1, 0), (len(pieces), len(real)))
    wishes = np.concatenate((np.arange(len(pieces)), np.arange(len(real)))) if wishes is None else wishes
    accuracies = []
    for turn in range(rounds):
        folds = StratifiedGroupKFold(min(5, len(np.unique(wishes))), shuffle=True, random_state=seed + turn)
        classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
        accuracies.append(cross_val_score(classifier, rows, labels, groups=wishes, cv=folds).mean())
    return float(np.mean(accuracies))


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is found of one set: overlap by feature, accuracy of telling it apart, of whole pieces and of single bars,
    by all features and by each alone, and what differs most."""

    overlaps: Mapping[str, music.StyleOverlap]
    accuracy: float
    accuracy_bars: float
    alone: Mapping[str, float]
    differences: tuple[str, ...]

    @property
    def mean_area(self) -> float:
        return float(np.mean([overlap.area for overlap in self.overlaps.values()]))


def judged(
    pieces: Sequence[TokenPiece],
    loud: Sequence[TokenPiece],
    chosen: Sequence[Excerpt],
    reference: Sequence[Excerpt],
    seed: int,
) -> Verdict:
    """Compare a set with the reference; `loud` are those of its pieces that have dynamics."""
    own, real = ([music.features(piece) for piece in some] for some in (pieces, [one.piece for one in reference]))
    overlaps = {}
    for name in FEATURES:
        one, other = own, real
        if name == "velocities":
            one = [music.features(piece) for piece in loud]
            other = [features for features, excerpt in zip(real, reference, strict=True) if excerpt.dynamics]
        if len(one) and len(other) > 2:
            overlaps[name] = music.style_overlap(music.stacked(one, [name]), music.stacked(other, [name]))
    pairs = [music.features(excerpt.piece) for excerpt in chosen]
    composed, asked = (music.stacked(side, TOLD_APART_BY) for side in (own, pairs))
    alone = {name: told_apart(music.stacked(own, [name]), music.stacked(pairs, [name]), seed) for name in TOLD_APART_BY}
    ours, wishes = _bars(pieces)
    theirs, other_wishes = _bars([excerpt.piece for excerpt in chosen])
    by_bars = told_apart(ours, theirs, seed, 1, np.concatenate((wishes, other_wishes)))
    return Verdict(overlaps, told_apart(composed, asked, seed), by_bars, alone, most_different(composed, asked))


def _bars(pieces: Sequence[TokenPiece]) -> tuple[np.ndarray, np.ndarray]:
    """The features of every bar, and of which piece each is."""
    counts = [piece.num_bars for piece in pieces]
    bars = [music.excerpt(piece, bar, 1) for piece in pieces for bar in range(piece.num_bars)]
    found = music.stacked([music.features(bar) for bar in bars], TOLD_APART_BY)
    return found, np.repeat(np.arange(len(pieces)), counts)


def most_different(pieces: np.ndarray, real: np.ndarray, count: int = 10) -> tuple[str, ...]:
    """The bins whose means differ most, in standard deviations."""
    names = [f"{feature}: {name}" for feature in TOLD_APART_BY for name in music.BINS[feature]]
    deviation = np.sqrt((pieces.var(0) + real.var(0)) / 2) + 0.01
    effect = (pieces.mean(0) - real.mean(0)) / deviation
    return tuple(
        f"{names[bin_]}  {pieces.mean(0)[bin_]:.3f} against {real.mean(0)[bin_]:.3f} ({effect[bin_]:+.1f} sd)"
        for bin_ in np.argsort(-np.abs(effect))[:count]
    )


def _table(verdicts: Mapping[str, Verdict]) -> str:
    lines = [f"| area / KL / shared | {' | '.join(verdicts)} |", "|---|" + "---|" * len(verdicts)]
    for name in FEATURES:
        cells = []
        for verdict in verdicts.values():
            overlap = verdict.overlaps.get(name)
            cells.append(f"{overlap.area:.2f} / {overlap.divergence:.2f} / {overlap.shared:.2f}" if overlap else "—")
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    lines.append(f"| mean area | {' | '.join(f'**{verdict.mean_area:.3f}**' for verdict in verdicts.values())} |")
    lines.append(f"| told from held-out | {' | '.join(f'**{v.accuracy:.0%}**' for v in verdicts.values())} |")
    lines.append(f"| single bars | {' | '.join(f'{v.accuracy_bars:.0%}' for v in verdicts.values())} |")
    for name in TOLD_APART_BY:
        cells = " | ".join(f"{verdict.alone[name]:.0%}" for verdict in verdicts.values())
        lines.append(f"| … by {name.replace('_', ' ')} alone | {cells} |")
    return "\n".join(lines)


def _as_json(verdict: Verdict) -> dict[str, object]:
    overlaps = verdict.overlaps.items()
    return {
        **{name: {"area": one.area, "kl": one.divergence, "shared": one.shared} for name, one in overlaps},
        "mean_area": verdict.mean_area,
        "accuracy": verdict.accuracy,
        "accuracy_bars": verdict.accuracy_bars,
        "accuracy_alone": verdict.alone,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = parser_for("Composed music beside held-out music, 5-grams and shuffled bars.")
    parser.add_argument("--pieces", type=int, default=40, help="to compose")
    parser.add_argument("--bars", type=int, default=16, help="of each")
    parser.add_argument("--guidance", type=float, default=1.25, help="how strictly to follow the wishes")
    parser.add_argument("--ours", action="store_true", help="without the sets that do not change with the model")
    parser.add_argument("--candidates", type=int, default=4, help="of which the critic chooses, every four bars")
    args = parser.parse_args(arguments)
    started = time.perf_counter()
    progress = TerminalProgress()
    corpus = load_corpus(args, progress)
    model: ScoreLM = Models().get(args.model)
    reference = excerpts(corpus, "test", args.bars)
    rng = np.random.default_rng(args.seed)
    order = rng.permutation(len(reference))[: args.pieces]
    chosen = [reference[index] for index in order]
    ours, first = composed(model, chosen, args.seed, args.guidance, args.candidates, progress)
    progress.close()
    sets, beside = {"ours": (ours, ours), "first": (first, first)}, {"ours": ours, "first": first}
    if not args.ours:
        training = excerpts(corpus, "train", args.bars)
        (five,) = fitted_ngrams(corpus, model.config.max_steps, [5], progress.say)
        counted = [ngram.compose(five, one.controls(), args.seed + index, 0.95) for index, one in enumerate(chosen)]
        mixed = shuffled(chosen, reference, rng)
        loud = [one for one in training if one.dynamics]
        loud = [loud[index].piece for index in rng.permutation(len(loud))[: args.pieces]]
        loud_mixed = [piece for piece, one in zip(mixed, chosen, strict=True) if one.dynamics]
        beside["5-gram"] = counted
        sets["5-gram"], sets["shuffled"] = (counted, counted), (mixed, loud_mixed)
        sets["training"] = (stand_ins(chosen, training, rng), loud)
    verdicts = {name: judged(own, loud, chosen, reference, args.seed) for name, (own, loud) in sets.items()}
    rows = _measured(beside, [one.piece for one in chosen])
    if args.json:
        print(json.dumps({"sets": {name: _as_json(verdict) for name, verdict in verdicts.items()}, "measures": rows}))
        return
    print(f"{len(chosen)} wishes of {args.bars} bars, {len(reference)} held-out pieces to compare with\n")
    print(_table(verdicts))
    print(f"\n{_table_of_measures(rows)}")
    print(f"\n{_distances({**beside, 'real': [one.piece for one in chosen]})}")
    error = np.sqrt(0.25 / (2 * len(chosen)))
    print(f"\nAccuracies are uncertain by some ±{2 * error:.0%}. What differs most between ours and real:")
    print("\n".join(f"  {line}" for line in verdicts["ours"].differences))
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
