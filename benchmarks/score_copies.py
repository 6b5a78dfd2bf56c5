"""Does the note model copy? The longest runs of notes that its pieces share with the music it was trained on.

    python benchmarks/score_copies.py DATA --cache runs/score_lm

Pieces are composed under the conditions of training pieces drawn by seed (instruments, metres, key, tempo, styles,
density and the rest), which is where a model is likeliest to remember. A run is a chain of consecutive notes with the
same pitch intervals and the same distances in time, in any key; it is looked for in every training piece, exactly, by
a suffix array. Beside ours stand excerpts of held-out pieces, as many notes each: music shares runs by nature (scales,
repeated chords, and works in several editions), and what a person wrote without having read the rest tells how much.
Runs are counted in the whole texture, all instruments in order of time, and in single parts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from menura.data.scores import TEST, TRAIN, Corpus, measure_steps
from menura.models.score_lm.model import ScoreLM
from menura.models.score_lm.recipe import corpus_of
from menura.models.score_lm.sampling import Sampling, sample
from menura.progress import Progress
from menura.score.notes import Key
from menura.score.steps.conditions import MEASURES, NUM_SHARES, Controls
from menura.score.steps.tokens import BAR, GRID_PER_QUARTER, PITCH_FIELD, POSITION_FIELD, SLOT_FIELD
from menura.tasks.compose import Compose, usual_guidance
from menura.tasks.models import Models

LONG_RUN = 16
"""Notes from which on a run counts as long: some four bars of a tune."""
_LONGEST_STEP = 2047


@dataclass(frozen=True)
class Passage:
    """Rows of a piece as the model reads them.

    Attributes:
        steps: ``[row, 5]``, bar lines among them.
        metres: ``[row, 2]``, the numerator and denominator of the bar that each row is in.
    """

    steps: np.ndarray
    metres: np.ndarray

    def moves(self, by_part: bool) -> list[np.ndarray]:
        """From each note to the next, interval and distance in time as one number: one array, or one for each part."""
        lines = self.steps[:, POSITION_FIELD] == BAR
        lengths = GRID_PER_QUARTER * 4 * self.metres[lines, 0].astype(np.int64) // self.metres[lines, 1]
        starts = np.concatenate(([0], np.cumsum(lengths)))
        # A passage may begin within a bar.
        bar = np.maximum(np.cumsum(lines) - 1, 0)[~lines]
        notes = self.steps[~lines].astype(np.int64)
        onset = starts[bar] + notes[:, POSITION_FIELD]
        parts = [notes[:, SLOT_FIELD] == slot for slot in np.unique(notes[:, SLOT_FIELD])] if by_part else [slice(None)]
        return [_moves(notes[own, PITCH_FIELD], onset[own]) for own in parts]


def _moves(pitch: np.ndarray, onset: np.ndarray) -> np.ndarray:
    return (np.diff(pitch) + 128) * (_LONGEST_STEP + 1) + np.minimum(np.diff(onset), _LONGEST_STEP)


@dataclass(frozen=True)
class Run:
    """The longest run of a passage: its notes, which sequence it was found in, and the share of the passage's notes
    that lie in runs of at least `LONG_RUN` notes."""

    notes: int
    source: int
    covered: float


class RunFinder:
    """Finds the longest run that each of some sequences shares with any of the known ones: a suffix array by prefix
    doubling (Manber & Myers 1990) over all of them, its ranks kept to compare suffixes.

    Args:
        known, asked: sequences of non-negative numbers.
    """

    def __init__(self, known: Sequence[np.ndarray], asked: Sequence[np.ndarray]) -> None:
        sequences = [*known, *asked]
        lengths = np.array([len(sequence) + 1 for sequence in sequences])
        self.starts = np.concatenate(([0], np.cumsum(lengths)))
        self.num_known = len(known)
        text = np.empty(self.starts[-1], dtype=np.int64)
        for index, sequence in enumerate(sequences):
            text[self.starts[index] : self.starts[index + 1] - 1] = sequence
            # No two ends are alike, so that no run goes past one.
            text[self.starts[index + 1] - 1] = -1 - index
        longest = max((len(sequence) for sequence in asked), default=0)
        self.ranks = [_ranked(text)]
        while 2 ** (len(self.ranks) - 1) < longest:
            self.ranks.append(_doubled(self.ranks[-1], 2 ** (len(self.ranks) - 1)))
        first = self.starts[self.num_known]
        order = np.argsort(self.ranks[-1], kind="stable")
        places = np.flatnonzero(order >= first)
        suffix = order[places]
        # The longest shared beginning is with the nearest known suffix on either side.
        nearest = [neighbours[places] for neighbours in self._known_neighbours(order)]
        shared = [self._shared(suffix, other) for other in nearest]
        self.length = np.zeros(len(text) - first, dtype=np.int64)
        self.where = np.zeros_like(self.length)
        self.length[suffix - first] = np.maximum(*shared)
        self.where[suffix - first] = np.where(shared[0] >= shared[1], *nearest)

    def _known_neighbours(self, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The last known suffix up to each place of the order, and the first from it on."""
        is_known = order < self.starts[self.num_known]
        place = np.arange(len(order))
        before = np.maximum.accumulate(np.where(is_known, place, -1))
        after = np.minimum.accumulate(np.where(is_known, place, len(order))[::-1])[::-1]
        # Where there is none, an end mark, which shares nothing.
        padded = np.append(order, self.starts[1] - 1)
        return padded[before], padded[after]

    def _shared(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """How long a beginning suffixes share."""
        length = np.zeros(len(one), dtype=np.int64)
        for level in range(len(self.ranks) - 1, -1, -1):
            ranks = self.ranks[level]
            length += (ranks[one + length] == ranks[other + length]) * 2**level
        return length

    def longest(self, index: int) -> Run:
        """The longest run of the asked sequence `index`, in notes: one more than moves."""
        first = self.starts[self.num_known]
        rows = slice(self.starts[self.num_known + index] - first, self.starts[self.num_known + index + 1] - first - 1)
        lengths, where = self.length[rows], self.where[rows]
        if not len(lengths):
            return Run(1, -1, 0.0)
        best = int(lengths.argmax())
        source = int(np.searchsorted(self.starts, where[best], side="right")) - 1 if lengths[best] else -1
        ends = np.where(lengths + 1 >= LONG_RUN, np.arange(len(lengths)) + lengths + 1, 0)
        covered = np.arange(len(lengths) + 1) < np.append(np.maximum.accumulate(ends), ends.max())
        return Run(int(lengths[best]) + 1, source, float(covered.mean()))


def _ranked(values: np.ndarray) -> np.ndarray:
    order = np.argsort(values, kind="stable")
    fresh = np.append(False, np.diff(values[order]) != 0)
    ranks = np.empty(len(values), dtype=np.int32)
    ranks[order] = np.cumsum(fresh)
    return ranks


def _doubled(ranks: np.ndarray, length: int) -> np.ndarray:
    """Ranks by twice as many symbols."""
    following = np.zeros(len(ranks), dtype=np.int64)
    following[:-length] = ranks[length:] + 1
    return _ranked(ranks.astype(np.int64) * (len(ranks) + 1) + following)


def longest_runs(training: Sequence[Passage], passages: Sequence[Passage], by_part: bool) -> list[Run]:
    """For each passage its longest run found in training; `source` is the number of the training passage."""
    known = [(index, moves) for index, piece in enumerate(training) for moves in piece.moves(by_part)]
    asked = [(index, moves) for index, passage in enumerate(passages) for moves in passage.moves(by_part)]
    finder = RunFinder([moves for _, moves in known], [moves for _, moves in asked])
    runs: list[list[tuple[Run, int]]] = [[] for _ in passages]
    for number, (index, moves) in enumerate(asked):
        runs[index].append((finder.longest(number), len(moves) + 1))
    best = []
    for parts in runs:
        run = max((run for run, _ in parts), key=lambda run: run.notes)
        covered = sum(run.covered * notes for run, notes in parts) / sum(notes for _, notes in parts)
        best.append(Run(run.notes, known[run.source][0] if run.source >= 0 else -1, covered))
    return best


def training_passages(corpus: Corpus) -> tuple[list[Passage], list[str]]:
    """Every training piece, and its name."""
    pieces = np.flatnonzero(corpus.split == TRAIN).tolist()
    return [_passage(corpus, corpus.piece_rows(piece)) for piece in pieces], [str(corpus.names[p]) for p in pieces]


def _passage(corpus: Corpus, rows: slice) -> Passage:
    return Passage(corpus.steps[rows], corpus.bars[rows, :2])


def compose_like_training(model: ScoreLM, corpus: Corpus, count: int, bars: int, seed: int) -> list[Passage]:
    """Pieces under the conditions of training pieces, drawn as training draws them, sampled as `compose` does."""
    rng = np.random.default_rng(seed)
    pieces = np.flatnonzero(corpus.split == TRAIN)
    usual = {name: Compose.model_fields[name].default for name in ("temperature", "top_p")}
    passages = []
    for index, piece in enumerate(rng.choice(pieces, count, p=corpus.weights(pieces))):
        controls = _wish_of(model, corpus, int(piece), bars)
        how = Sampling(seed=seed + index, guidance=usual_guidance(controls.styles), **usual)
        own = sample(model, controls, [None] * len(controls.metres), how)
        bar = np.cumsum(own.steps[:, POSITION_FIELD] == BAR) - 1
        passages.append(Passage(own.steps, own.metres[bar]))
    return passages


def _wish_of(model: ScoreLM, corpus: Corpus, piece: int, bars: int) -> Controls:
    """What the first bars of a training piece would have been asked as."""
    lines = corpus.bar_lines(piece)
    end = lines[bars] if bars < len(lines) else corpus.starts[piece + 1]
    rows = slice(int(lines[0]), int(end))
    programs = corpus.programs[piece]
    found = measure_steps(corpus.steps[rows], programs, corpus.bars[rows], bool(corpus.dynamics[piece]))
    shares = {
        name: None if np.isnan(value) else (np.searchsorted(edges, value, "right") + 0.5) / NUM_SHARES
        for name, value, edges in zip(MEASURES, found.values, corpus.edges, strict=True)
    }
    styles = [name for name, own in zip(model.config.styles, corpus.styles[piece], strict=True) if own]
    return Controls(
        slots=corpus.slots(piece),
        key=Key(found.tonic, "minor" if found.mode else "major"),
        bpm=float(corpus.bpm[piece]),
        metres=corpus.bars[lines[:bars], :2],
        styles={name: 1 / len(styles) for name in styles},
        **shares,
    )


def held_out_excerpts(corpus: Corpus, notes: Sequence[int], seed: int) -> list[Passage]:
    """Excerpts of test pieces, each of as many notes as asked or as the longest piece has."""
    rng = np.random.default_rng(seed)
    pieces = np.flatnonzero(corpus.split == TEST)
    if not len(pieces):
        raise SystemExit("DATA has no held-out test pieces to compare with; more files are needed")
    sizes = np.array([np.diff(corpus.starts)[piece] - len(corpus.bar_lines(piece)) - 1 for piece in pieces.tolist()])
    excerpts = []
    for wanted in notes:
        fitting = pieces[sizes >= min(wanted, sizes.max())]
        piece = int(rng.choice(fitting, p=corpus.weights(fitting)))
        rows = corpus.piece_rows(piece)
        is_note = corpus.steps[rows, POSITION_FIELD] != BAR
        counted = np.cumsum(is_note)
        starts = corpus.bar_lines(piece) - rows.start
        starts = starts[counted[-1] - counted[starts] >= min(wanted, counted[-1])]
        start = int(rng.choice(starts))
        end = int(np.searchsorted(counted, counted[start] + wanted)) + 1
        excerpts.append(_passage(corpus, slice(rows.start + start, min(rows.start + end, rows.stop))))
    return excerpts


@dataclass(frozen=True)
class Distribution:
    """Longest runs in notes over passages, and the mean share of notes in runs of `LONG_RUN` notes or more."""

    median: float
    p90: float
    p99: float
    longest: int
    covered: float

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Distribution:
        notes = np.array([run.notes for run in runs])
        median, p90, p99 = (float(np.percentile(notes, share)) for share in (50, 90, 99))
        return cls(median, p90, p99, int(notes.max()), float(np.mean([run.covered for run in runs])))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Longest runs of notes copied from training, beside held-out music's.")
    parser.add_argument("data", type=Path, metavar="DATA", help="the folder of MIDI the model was trained on")
    parser.add_argument("--cache", type=Path, required=True, metavar="DIR", help="where its corpus is kept once read")
    parser.add_argument("--model", default="score_lm", help="name or folder of a score_lm model")
    parser.add_argument("--pieces", type=int, default=60, help="to compose")
    parser.add_argument("--bars", type=int, default=24, help="of each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(arguments)
    corpus = corpus_of(args.data, args.cache, Progress())
    model = Models().get(args.model)
    ours = compose_like_training(model, corpus, args.pieces, args.bars, args.seed)
    sizes = [int((passage.steps[:, POSITION_FIELD] != BAR).sum()) for passage in ours]
    real = held_out_excerpts(corpus, sizes, args.seed)
    training, names = training_passages(corpus)
    result = {}
    for view, by_part in (("whole texture", False), ("single parts", True)):
        runs = longest_runs(training, [*ours, *real], by_part)
        result[view] = {"ours": runs[: len(ours)], "held out": runs[len(ours) :]}
    if args.json:
        print(json.dumps(_json(result, names)))
        return
    print(f"{len(ours)} pieces of {int(np.median(sizes))} notes (median) against {len(training)} training pieces")
    for view, sides in result.items():
        print(f"{view}: longest run in notes      median    90 %    99 %  longest   in runs of {LONG_RUN}+")
        for side, runs in sides.items():
            d = Distribution.of(runs)
            print(f"  {side:28s}{d.median:10.0f}{d.p90:8.0f}{d.p99:8.0f}{d.longest:9d}{d.covered:12.1%}")
        for side, runs in sides.items():
            for run in sorted(runs, key=lambda run: -run.notes)[:3]:
                print(f"    {side}: {run.notes} notes of {names[run.source]}")


def _json(result: dict[str, dict[str, list[Run]]], names: Sequence[str]) -> dict[str, object]:
    """Everything printed and every run, with names in place of numbers."""
    told: dict[str, object] = {}
    for view, sides in result.items():
        for side, runs in sides.items():
            every = [{"notes": run.notes, "covered": run.covered, "source": names[run.source]} for run in runs]
            told[f"{view}, {side}"] = {**asdict(Distribution.of(runs)), "runs": every}
    return told


if __name__ == "__main__":
    main()
