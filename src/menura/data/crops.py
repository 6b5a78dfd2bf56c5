"""Crops of a corpus for a note model, a pure function of seed and index, so that training resumes exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from menura.data.scores import SPLITS, Corpus, CropMeasures, measure_steps
from menura.score.harmony import chord_at, transposed
from menura.score.instruments import INSTRUMENTS
from menura.score.roles import find_roles
from menura.score.steps.conditions import BARS_UNTIL, CHORDS, FUTURE, bar_buckets, tempo_index, to_c
from menura.score.steps.context import Context, Music, context
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    GRID_PER_QUARTER,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    Slot,
    slot_order,
)

_NUM_CONDITIONS = 7
"""Those that may be withheld: styles, mode, tempo and the four measures."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How training crops are varied.

    Args:
        forget: share of crops told nothing, and of single conditions withheld in the others (guidance needs both).
        forget_structure: share of crops whose chords, and as often whose roles, are withheld.
        arrive: share of crops whose music is to lead into bars given beforehand (infilling).
        revoice: share of crops in which instruments are exchanged for others of their family.
        ends: share of crops that are a piece's beginning, and as many its end.
    """

    forget: float = 0.12
    forget_structure: float = 0.25
    arrive: float = 0.2
    revoice: float = 0.15
    ends: float = 0.15


NO_AUGMENTATION = Augmentation(forget=0.0, forget_structure=0.0, arrive=0.0, revoice=0.0, ends=0.0)


class Crops:
    """Batches of one split of a corpus.

    Args:
        corpus: the pieces.
        split: ``"train"``, ``"valid"`` or ``"test"``.
        length: steps in a crop.
        seed: of everything drawn.
        augmentation: how they are varied.

    Raises:
        ValueError: the split is empty.
    """

    def __init__(self, corpus: Corpus, split: str, length: int, seed: int, augmentation: Augmentation) -> None:
        self.corpus = corpus
        self.length = length
        self.seed = seed
        self.augmentation = augmentation
        self.pieces = np.flatnonzero(corpus.split == SPLITS.index(split))
        if not len(self.pieces):
            raise ValueError(f"the corpus has no {split} pieces")
        self._cumulative = np.cumsum(corpus.weights(self.pieces))

    def batch(self, index: int, count: int) -> list[dict[str, np.ndarray]]:
        """Crops of one step of training: the same for the same seed and index, whatever came before."""
        rng = np.random.default_rng((self.seed, index))
        drawn = np.searchsorted(self._cumulative, rng.random(count))
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
        ``steps`` ``[length + 1, 5]``, ``bars`` ``[length + 1, 8]``, ``weight`` ``[length]`` (1 where the *next* row
        counts), ``context_…`` of each row (`menura.score.steps.context`, and the chord at its position), and what a
        note model is told: ``has_velocity``, ``programs``, ``copies``, ``styles``, ``mode``, ``tempo``, ``shares``,
        ``roles``, ``activity``; 0 stands for "not said" in the last six.
    """
    own = corpus.piece_rows(piece)
    rows = slice(start, min(start + length + 1, own.stop))
    exact = corpus.bars[rows].astype(np.int64)
    programs, copies = corpus.programs[piece].astype(np.int64), corpus.copies[piece].astype(np.int64)
    dynamics = bool(corpus.dynamics[piece])
    if rng.random() < variation.revoice:
        programs = _revoiced(programs, copies, corpus.steps[rows].astype(np.int64), rng)
    is_drum = programs[programs >= 0] == DRUMS
    measured = measure_steps(corpus.steps[rows].astype(np.int64), programs, exact, dynamics)
    within = slice(rows.start - own.start, rows.stop - own.start)
    whole, shift, mode = _into_c(corpus.steps[own], is_drum, within, measured)
    chords = transposed(corpus.chords[rows].astype(np.int64), shift)
    music = Music.of(whole, _metres(corpus, piece), is_drum)
    steps = whole[within].astype(np.int64)
    roles = find_roles(*_notes(music, within), is_drum)
    around = _Rows(steps, exact, chords, context(music, within.start, within.stop))
    bars, given = bar_buckets(exact, chords=chords), 0
    if rng.random() < variation.arrive:
        around, bars, given = _arrive(around, music, within, rng)
    weight = np.zeros(length, dtype=np.float32)
    weight[max(given - 1, 0) : len(around.steps) - 1] = 1.0
    styles = corpus.styles[piece] * rng.dirichlet(np.ones(corpus.styles.shape[1]))
    known = rng.random(_NUM_CONDITIONS) >= variation.forget
    if rng.random() < variation.forget:
        known[:] = False
    told_chords, told_roles = rng.random(2) >= variation.forget_structure
    bars[:, CHORDS[0] :] *= told_chords
    position = around.steps[:, POSITION_FIELD] % BAR  # a bar line stands where its bar begins
    chord = chord_at(position, around.exact[:, :2], bars[:, CHORDS[0] : CHORDS[-1]], 4 * GRID_PER_QUARTER)
    pad = length + 1 - len(around.steps)
    return {
        "steps": _padded(around.steps, pad),
        "bars": _padded(bars, pad),
        "weight": weight,
        "has_velocity": np.array(dynamics),
        "programs": programs,
        "copies": copies,
        "styles": (styles / max(styles.sum(), 1e-9) * known[0]).astype(np.float32),
        "mode": np.array(mode * known[1]),
        "tempo": np.array(tempo_index(float(corpus.bpm[piece])) * known[2]),
        "shares": shares_of(measured, corpus.edges) * known[3:],
        "roles": roles.roles * told_roles,
        "activity": roles.activity * told_roles,
        **as_crop(around.context, chord, pad),
    }


def as_crop(known: Context, chord: np.ndarray, pad: int) -> dict[str, np.ndarray]:
    """The context of rows, and the chord at each, as a crop holds them, with rows of nothing added at the end."""
    parts = {**known._asdict(), "chord": chord}
    return {f"context_{name}": _padded(part, pad) for name, part in parts.items()}


class _Rows(NamedTuple):
    """Rows of a crop with what is known of each."""

    steps: np.ndarray
    exact: np.ndarray
    chords: np.ndarray
    context: Context


def _padded(rows: np.ndarray, by: int) -> np.ndarray:
    whole = rows if rows.dtype == bool else rows.astype(np.int64)
    return np.pad(whole, ((0, by), *((0, 0),) * (rows.ndim - 1)))


def _metres(corpus: Corpus, piece: int) -> np.ndarray:
    return corpus.bars[corpus.bar_lines(piece), :2]


def _notes(music: Music, rows: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Of some rows the notes, their onsets, their bars from 0, and how many bars there are."""
    bar = music.bar[rows] - music.bar[rows.start]
    is_note = music.steps[rows, POSITION_FIELD] != BAR
    return music.steps[rows][is_note], music.onset[rows][is_note], bar[is_note], int(bar[-1]) + 1


def shares_of(measured: CropMeasures, edges: np.ndarray) -> np.ndarray:
    """In which eighth of the training music each of MEASURES lies, 1 to 8; 0 where it is not known: int64 ``[4]``."""
    pairs = zip(measured.values, edges, strict=True)
    return np.array([0 if np.isnan(value) else 1 + int(np.searchsorted(own, value, "right")) for value, own in pairs])


def _into_c(
    steps: np.ndarray, is_drum: np.ndarray, within: slice, measured: CropMeasures
) -> tuple[np.ndarray, int, int]:
    """A piece moved so that the rows `within` are in C, by how many semitones, and the mode to tell: 1 major, 2 minor.
    Music that C has no room for stays as it is, and its mode is not told (0)."""
    if measured.mode is None:
        return steps, 0, 0
    moved, shift = steps.copy(), to_c(measured.tonic)
    pitched = (steps[:, POSITION_FIELD] != BAR) & ~is_drum[steps[:, SLOT_FIELD]]
    here = steps[within][pitched[within], PITCH_FIELD] + shift
    if here.min() < 0 or here.max() > 127:
        return steps, 0, 0
    moved[pitched, PITCH_FIELD] = (steps[pitched, PITCH_FIELD] + shift).clip(0, 127)
    return moved, shift, 1 + measured.mode


def _arrive(around: _Rows, music: Music, within: slice, rng: np.random.Generator) -> tuple[_Rows, np.ndarray, int]:
    """Move bars of a crop's second half to its front, as music to arrive at; returns also what is told of the bars, and
    how many rows were moved.

    bars 1 2 3 4 5 6 …  ->  [4 5] 1 2 3 |
    """
    steps, exact, chords, known = around
    lines = np.flatnonzero(steps[:, POSITION_FIELD] == BAR)
    if len(lines) < 4:
        return around, bar_buckets(exact, chords=chords), 0
    first = int(rng.integers(max(len(lines) // 2, 1), len(lines) - 1))
    end = int(min(first + rng.integers(1, 5), len(lines) - 1))
    cut, stop = lines[first], lines[end]
    bar = np.cumsum(steps[:, POSITION_FIELD] == BAR) - 1
    before = bar_buckets(exact, np.maximum(first - bar, 1), chords)
    after = bar_buckets(exact, chords=chords)
    after[:, BARS_UNTIL] = FUTURE
    # What the moved bars follow is still to be composed, so they know nothing of it.
    alone = music.cut(within.start + int(cut), within.start + int(stop))
    ahead = context(alone, 0, int(stop - cut))

    def moved(rows: np.ndarray) -> np.ndarray:
        # The bar line of the music to arrive at stays as the last target: "now the gap is full".
        return np.concatenate((rows[cut:stop], rows[: cut + 1]))

    contexts = (np.concatenate((new, old[: cut + 1])) for new, old in zip(ahead, known, strict=True))
    rows = _Rows(moved(steps), moved(exact), moved(chords), Context(*contexts))
    return rows, np.concatenate((after[cut:stop], before[: cut + 1])), int(stop - cut)


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
