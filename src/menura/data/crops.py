"""Crops of a corpus for a note model, a pure function of seed and index, so that training resumes exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from menura.data.scores import SPLITS, Corpus, CropMeasures, measure_steps
from menura.score.conditions import BARS_UNTIL, FUTURE, bar_buckets, tempo_index, to_c
from menura.score.instruments import INSTRUMENTS
from menura.score.tokens import BAR, DRUMS, PITCH_FIELD, POSITION_FIELD, SLOT_FIELD, Slot, slot_order

_NUM_CONDITIONS = 7
"""Those that may be withheld: styles, mode, tempo and the four measures."""


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
        augmentation: how they are varied.

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
        self._cumulative = np.cumsum(corpus.weights(self.pieces))

    def batch(self, index: int) -> list[dict[str, np.ndarray]]:
        """The batch of one step of training: the same for the same seed and index, whatever came before."""
        rng = np.random.default_rng((self.seed, index))
        drawn = np.searchsorted(self._cumulative, rng.random(self.batch_size))
        return [self._crop(int(self.pieces[min(d, len(self.pieces) - 1)]), rng) for d in drawn]

    def _crop(self, piece: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
        lines = self.corpus.bar_lines(piece)
        draw = rng.random()
        if draw < self.augmentation.ends:
            start = lines[0]
        elif draw < 2 * self.augmentation.ends:
            last_that_fills = self.corpus.piece_rows(piece).stop - 1 - self.length
            start = lines[min(np.searchsorted(lines, last_that_fills), len(lines) - 1)]
        else:
            start = lines[rng.integers(len(lines))]
        return crop(self.corpus, piece, int(start), self.length, self.augmentation, rng)


def crop(
    corpus: Corpus, piece: int, start: int, length: int, variation: Augmentation, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """One labelled crop of up to ``length + 1`` rows from the bar line at row `start`, padded, moved to C.

    Returns:
        ``steps`` and ``bars`` ``[length + 1, 5]``, ``weight`` ``[length]`` (1 where the *next* row counts), and what a
        note model is told: ``has_velocity``, ``programs``, ``copies``, ``styles``, ``mode``, ``tempo``, ``shares``;
        0 stands for "not said" in the last four.
    """
    rows = slice(start, min(start + length + 1, corpus.piece_rows(piece).stop))
    steps = corpus.steps[rows].astype(np.int64)
    exact = corpus.bars[rows].astype(np.int64)
    programs, copies = corpus.programs[piece].astype(np.int64), corpus.copies[piece].astype(np.int64)
    dynamics = bool(corpus.dynamics[piece])
    if rng.random() < variation.revoice:
        programs = _revoiced(programs, copies, steps, rng)
    measured = measure_steps(steps, programs, exact, dynamics)
    steps, mode = _into_c(steps, programs, measured)
    bars, given = bar_buckets(exact), 0
    if rng.random() < variation.arrive:
        steps, bars, given = _arrive(steps, exact, rng)
    weight = np.zeros(length, dtype=np.float32)
    weight[max(given - 1, 0) : len(steps) - 1] = 1.0
    pad = ((0, length + 1 - len(steps)), (0, 0))
    styles = corpus.styles[piece] * rng.dirichlet(np.ones(corpus.styles.shape[1]))
    known = rng.random(_NUM_CONDITIONS) >= variation.forget
    if rng.random() < variation.forget:
        known[:] = False
    return {
        "steps": np.pad(steps, pad),
        "bars": np.pad(bars, pad),
        "weight": weight,
        "has_velocity": np.array(dynamics),
        "programs": programs,
        "copies": copies,
        "styles": (styles / max(styles.sum(), 1e-9) * known[0]).astype(np.float32),
        "mode": np.array(mode * known[1]),
        "tempo": np.array(tempo_index(float(corpus.bpm[piece])) * known[2]),
        "shares": shares_of(measured, corpus.edges) * known[3:],
    }


def shares_of(measured: CropMeasures, edges: np.ndarray) -> np.ndarray:
    """In which eighth of the training music each of MEASURES lies, 1 to 8; 0 where it is not known: int64 ``[4]``."""
    pairs = zip(measured.values, edges, strict=True)
    return np.array([0 if np.isnan(value) else 1 + int(np.searchsorted(own, value, "right")) for value, own in pairs])


def _into_c(steps: np.ndarray, programs: np.ndarray, measured: CropMeasures) -> tuple[np.ndarray, int]:
    """The steps moved to C, and the mode to tell: 1 major, 2 minor. Music that C has no room for stays as it is, and
    its mode is not told (0)."""
    if measured.mode is None:
        return steps, 0
    moved = steps.copy()
    is_pitched = (steps[:, POSITION_FIELD] != BAR) & (programs[steps[:, SLOT_FIELD]] != DRUMS)
    pitch = steps[is_pitched, PITCH_FIELD] + to_c(measured.tonic)
    if pitch.min() < 0 or pitch.max() > 127:
        return steps, 0
    moved[is_pitched, PITCH_FIELD] = pitch
    return moved, 1 + measured.mode


def _arrive(steps: np.ndarray, exact: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Move bars of a crop's second half to its front, as music to arrive at; returns also how many rows they are.

    bars 1 2 3 4 5 6 …  ->  [4 5] 1 2 3 |
    """
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


def _revoiced(programs: np.ndarray, copies: np.ndarray, steps: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Instruments exchanged for others of their family that can play the notes, where that keeps `slot_order`."""
    fresh = programs.copy()
    is_note = steps[:, POSITION_FIELD] != BAR
    for slot in np.flatnonzero((programs >= 0) & (programs < DRUMS)):
        other = int(programs[slot]) // 8 * 8 + int(rng.integers(8))
        pitches = steps[is_note & (steps[:, SLOT_FIELD] == slot), PITCH_FIELD]
        if (programs == programs[slot]).sum() > 1 or other in fresh or not _can_play(other, pitches):
            continue
        trial = fresh.copy()
        trial[slot] = other
        slots = tuple(Slot(int(p), int(copy)) for p, copy in zip(trial, copies, strict=True) if p >= 0)
        if slot_order(slots) == slots:
            fresh = trial
    return fresh


def _can_play(program: int, pitches: np.ndarray) -> bool:
    instrument = INSTRUMENTS[program]
    return not len(pitches) or (instrument.low <= pitches.min() and pitches.max() <= instrument.high)
