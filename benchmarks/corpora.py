"""What the benchmarks of written music share: their arguments, and a corpus as crops, token sequences and pieces."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from measures import ngram
from menura.app.terminal import TerminalProgress
from menura.data.crops import NO_AUGMENTATION, crop
from menura.data.manifests import SPLITS
from menura.data.scores import Corpus
from menura.models.score_lm.recipe import corpus_of
from menura.score.steps.tokens import BAR, POSITION_FIELD, TokenPiece

TUNING_CROPS = 200
"""Crops of the valid split on which an n-gram's weights are tuned."""


@dataclass(frozen=True, eq=False)
class Crop:
    """Consecutive rows of one piece, moved to C, from a bar line on; the first row is context alone."""

    piece: int
    fields: Mapping[str, np.ndarray]

    @property
    def steps(self) -> np.ndarray:
        """Its rows, ``[row, 5]``."""
        return self.fields["steps"][: int(self.fields["weight"].sum()) + 1]

    @property
    def num_notes(self) -> int:
        """Notes that count."""
        return int((self.steps[1:, POSITION_FIELD] != BAR).sum())


def parser_for(description: str) -> argparse.ArgumentParser:
    """The arguments that all of them take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", type=Path, metavar="DATA", help="a folder of MIDI, as `menura train score_lm` takes it")
    parser.add_argument("--model", default="score_lm", help="name or folder of a score_lm model")
    parser.add_argument("--cache", type=Path, default=Path("runs/score_lm"), help="folder in which the corpus is kept")
    parser.add_argument("--seed", type=int, default=0, help="of everything drawn")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    return parser


def load_corpus(args: argparse.Namespace, progress: TerminalProgress) -> Corpus:
    """The corpus of the folder that was named, from the cache if it is there."""
    return corpus_of(args.data, args.cache, progress)


def consecutive_crops(corpus: Corpus, split: str, length: int, limit: int | None = None) -> list[Crop]:
    """All pieces of a split cut into consecutive crops of up to `length` rows after their first, each from a bar line
    to a bar line, so that every row is counted once; of these, `limit` spread evenly."""
    places = [
        (int(piece), start, stop)
        for piece in np.flatnonzero(corpus.split == SPLITS.index(split))
        for start, stop in _cuts(corpus, int(piece), length)
    ]
    if limit is not None and limit < len(places):
        places = [places[index] for index in np.linspace(0, len(places) - 1, limit).round().astype(int)]
    rng = np.random.default_rng(0)  # of how a piece's several styles are weighed
    return [_crop(corpus, piece, start, stop, length, rng) for piece, start, stop in places]


def _cuts(corpus: Corpus, piece: int, length: int) -> Iterator[tuple[int, int]]:
    end = corpus.piece_rows(piece).stop - 1
    lines = np.append(corpus.bar_lines(piece), end)
    start = int(lines[0])
    while start < end:
        stop = int(lines[np.searchsorted(lines, start + length, side="right") - 1])
        if stop <= start:  # one bar is longer than a crop: its rest is left out
            stop = start + length
        yield start, stop
        start = int(lines[np.searchsorted(lines, stop)])


def _crop(corpus: Corpus, piece: int, start: int, stop: int, length: int, rng: np.random.Generator) -> Crop:
    fields = crop(corpus, piece, start, stop - start, NO_AUGMENTATION, rng)
    room = length - (stop - start)
    for name in fields:
        if name in ("steps", "bars", "weight") or name.startswith("context_"):
            fields[name] = np.pad(fields[name], ((0, room), *((0, 0),) * (fields[name].ndim - 1)))
    return Crop(piece, fields)


def sequences_of(crops: Sequence[Crop]) -> ngram.Sequences:
    """Crops as the tokens that an n-gram counts."""
    return ngram.Sequences.join(
        [
            ngram.flattened(
                crop.steps, crop.fields["programs"], crop.fields["copies"], bool(crop.fields["has_velocity"])
            )
            for crop in crops
        ]
    )


def fitted_ngrams(corpus: Corpus, length: int, orders: Sequence[int], say: Callable[[str], None]) -> list[ngram.NGram]:
    """Interpolated n-grams of the training pieces, tuned on valid ones."""
    say(f"counting runs of {max(orders)} tokens in the training pieces")
    counted = ngram.fit(sequences_of(consecutive_crops(corpus, "train", length)), ngram.NOTE_KINDS, max(orders))
    held_out = sequences_of(consecutive_crops(corpus, "valid", length, TUNING_CROPS))
    models = []
    for order in orders:
        say(f"tuning the {order}-gram")
        models.append(ngram.tuned(counted.shortened(order), held_out))
    return models


def piece_of(corpus: Corpus, piece: int) -> TokenPiece:
    """One piece of a corpus, as it stands there, in its own key."""
    rows = corpus.piece_rows(piece)
    rows = slice(rows.start, rows.stop - 1)
    steps = corpus.steps[rows]
    metres = corpus.bars[rows][steps[:, POSITION_FIELD] == BAR, :2]
    return TokenPiece(corpus.slots(piece), metres, steps)
