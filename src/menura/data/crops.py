"""Crops of a corpus for a note model, a pure function of seed and step, so that training resumes exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from menura.data.scores import SPLITS, Corpus, measure_steps
from menura.score.conditions import BARS_UNTIL, FUTURE, bar_buckets, tempo_index, to_c
from menura.score.tokens import BAR, DRUMS, MAX_SLOTS, PITCH_FIELD, POSITION_FIELD, SLOT_FIELD


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How training crops are varied.

    Args:
        forget: share of crops told nothing, and of single conditions withheld in the others (guidance needs both).
        arrive: share of crops whose music is to lead into bars given beforehand (infilling).
        revoice: share of crops in which instruments are exchanged for others of their family.
        ends: share of crops that are a piece's beginning, and as many its end.
    """

    forget: float = 0.12
    arrive: float = 0.2
    revoice: float = 0.15
    ends: float = 0.15


NO_AUGMENTATION = Augmentation(forget=0.0, arrive=0.0, revoice=0.0, ends=0.0)


class Crops:
    """Batches of one split of a corpus.

    Args:
        corpus: the pieces.
        split: ``"train"``, ``"valid"`` or ``"test"``.
        length: steps in a crop.
        batch_size: crops in a batch.
        seed: of everything drawn.

    Raises:
        ValueError: the split is empty.
    """

    def __init__(
        self, corpus: Corpus, split: str, length: int, batch_size: int, seed: int, augmentation: Augmentation
    ) -> None:
        self.corpus = corpus
        self.length = length
        self.batch_size = batch_size
        self.seed = seed
        self.augmentation = augmentation
        self.pieces = np.flatnonzero(corpus.split == SPLITS.index(split))
        if not len(self.pieces):
            raise ValueError(f"the corpus has no {split} pieces")
        # Between one vote a piece and one a note: long quartets should not drown short songs.
        weights = np.diff(corpus.starts)[self.pieces].astype(float) ** 0.75
        self.cumulative = np.cumsum(weights / weights.sum())

    def batch(self, index: int) -> list[dict[str, np.ndarray]]:
        """The batch of one step of training: the same for the same seed and index, whatever came before."""
        rng = np.random.default_rng((self.seed, index))
        drawn = np.searchsorted(self.cumulative, rng.random(self.batch_size))
        return [self._crop(int(self.pieces[min(d, len(self.pieces) - 1)]), rng) for d in drawn]

    def _crop(self, piece: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        corpus, variation = self.corpus, self.augmentation
        rows = corpus.piece_rows(piece)
        lines = rows.start + np.flatnonzero(corpus.steps[rows, POSITION_FIELD] == BAR)[:-1]
        draw = rng.random()
        if draw < variation.ends:
            start = lines[0]
        elif draw < 2 * variation.ends:
            start = lines[np.searchsorted(lines, max(rows.stop - 1 - self.length, rows.start))]
        else:
            start = lines[rng.integers(len(lines))]
        return crop(corpus, piece, int(start), self.length, variation, rng)


def crop(
    corpus: Corpus, piece: int, start: int, length: int, variation: Augmentation, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """One labelled crop of up to ``length + 1`` rows from row `start`, padded, moved to C."""
    rows = slice(start, min(start + length + 1, int(corpus.starts[piece + 1])))
    steps = corpus.steps[rows].astype(np.int64)
    exact = corpus.bars[rows].astype(np.int64)
    programs = corpus.programs[piece].astype(np.int64)
    dynamics = bool(corpus.dynamics[piece])
    measured = measure_steps(steps, programs, exact, dynamics)
    is_pitched = (steps[:, POSITION_FIELD] != BAR) & (programs[steps[:, SLOT_FIELD]] != DRUMS)
    steps[is_pitched, PITCH_FIELD] = np.clip(steps[is_pitched, PITCH_FIELD] + to_c(measured.tonic), 0, 127)
    steps, bars, given = (
        _arrive(steps, exact, rng) if rng.random() < variation.arrive else (steps, bar_buckets(exact), 0)
    )
    weight = np.zeros(length, dtype=np.float32)
    weight[max(given - 1, 0) : len(steps) - 1] = 1.0
    pad = ((0, length + 1 - len(steps)), (0, 0))
    shares = [
        0 if np.isnan(v) else 1 + int(np.searchsorted(e, v, "right"))
        for v, e in zip(measured.values, corpus.edges, strict=True)
    ]
    own = corpus.styles[piece]
    styles = own * rng.dirichlet(np.ones(len(own)))
    known = rng.random(7) >= variation.forget
    if rng.random() < variation.forget:
        known[:] = False
    return {
        "steps": np.pad(steps, pad),
        "bars": np.pad(bars, pad),
        "weight": weight,
        "has_velocity": np.array(dynamics),
        "programs": _revoiced(programs, rng) if rng.random() < variation.revoice else programs,
        "copies": corpus.copies[piece].astype(np.int64),
        "styles": (styles / max(styles.sum(), 1e-9) * known[0]).astype(np.float32),
        "mode": np.array((1 + measured.mode) * known[1]),
        "tempo": np.array(tempo_index(float(corpus.bpm[piece])) * known[2]),
        "shares": np.array(shares) * known[3:],
    }


def _arrive(steps: np.ndarray, exact: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Move a crop's last bars to its front, as music to arrive at; returns also how many rows they are."""
    lines = np.flatnonzero(steps[:, POSITION_FIELD] == BAR)
    if len(lines) < 4:
        return steps, bar_buckets(exact), 0
    first = int(rng.integers(max(len(lines) // 2, 1), len(lines) - 1))
    end = int(min(first + rng.integers(1, 5), len(lines) - 1))
    cut, stop = lines[first], lines[end]
    bar = np.cumsum(steps[:, POSITION_FIELD] == BAR) - 1
    before, after = bar_buckets(exact, np.maximum(first - bar, 1)), bar_buckets(exact)
    after[:, BARS_UNTIL] = FUTURE
    # The bar line of the music to arrive at stays as the last target: "now the gap is full".
    return (
        np.concatenate((steps[cut:stop], steps[: cut + 1])),
        np.concatenate((after[cut:stop], before[: cut + 1])),
        int(stop - cut),
    )


def _revoiced(programs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    fresh = programs.copy()
    for slot in range(MAX_SLOTS):
        if 0 <= programs[slot] < DRUMS and (programs == programs[slot]).sum() == 1:
            other = programs[slot] // 8 * 8 + rng.integers(8)
            if other not in fresh:
                fresh[slot] = other
    return fresh
