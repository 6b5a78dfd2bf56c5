"""What pieces of music are like, as distributions, and how alike two sets of pieces are.

Yang & Lerch, "On the evaluation of generative models in music" (2020): describe every piece by a few distributions of
musical features; a set of pieces is as another when a piece of the one lies as far from those of the other as they lie
from each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist, pdist

from menura.score.analysis import find_key, pitch_class_histogram
from menura.score.critic.measures import Notes, bar_lengths, notes_of
from menura.score.notes import Key
from menura.score.steps.conditions import to_c
from menura.score.steps.tokens import (
    BAR,
    GRID_PER_QUARTER,
    NUM_VELOCITIES,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    TokenPiece,
)

LENGTH_EDGES = (2, 3, 4, 6, 8, 9, 12, 18, 24, 36, 48)
"""Note lengths are told apart at these, twelfths of a quarter: from under a 24th to a whole note and longer."""
NOTES_PER_BAR_EDGES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48)
MAX_INTERVAL = 12
"""Leaps are as far as an octave; wider ones count as that."""
MAX_POLYPHONY = 12
"""More notes at once count as that many."""
BAR_PARTS = 24
"""Onsets in the bar are told apart in this many parts of it."""
MAX_LAG = 8
"""How many bars apart similarity is measured."""
_KDE_POINTS = 512

BINS: dict[str, tuple[str, ...]] = {
    "pitch_classes": ("1", "b2", "2", "b3", "3", "4", "#4", "5", "b6", "6", "b7", "7"),
    "intervals": tuple(f"{step:+d}" for step in range(-MAX_INTERVAL, MAX_INTERVAL + 1)),
    "note_lengths": tuple(f"{edge}/12" for edge in (1, *LENGTH_EDGES)),
    "onsets": tuple(f"{part}/{BAR_PARTS} of the bar" for part in range(BAR_PARTS)),
    "polyphony": tuple(f"{voices} sounding" for voices in range(MAX_POLYPHONY + 1)),
    "self_similarity": tuple(f"{what}, {lag} bars on" for what in ("notes", "rhythm") for lag in range(1, MAX_LAG + 1)),
    "velocities": tuple(str(8 * level + 4) for level in range(NUM_VELOCITIES)),
    "notes_per_bar": tuple(f"{edge} or more" for edge in (0, *NOTES_PER_BAR_EDGES)),
}
"""What the numbers of each of the `features` count, in order."""


def excerpt(piece: TokenPiece, first: int, num_bars: int) -> TokenPiece:
    """Bars `first` (from 0) to ``first + num_bars - 1`` of a piece."""
    rows = piece.bar_rows
    last = min(first + num_bars, piece.num_bars)
    return TokenPiece(piece.slots, piece.metres[first:last], piece.steps[rows[first] : rows[last]])


def heard(piece: TokenPiece) -> TokenPiece:
    """The same piece without instruments that never play in it."""
    is_note = piece.steps[:, POSITION_FIELD] != BAR
    kept = np.unique(piece.steps[is_note, SLOT_FIELD])
    steps = piece.steps.copy()
    steps[is_note, SLOT_FIELD] = np.searchsorted(kept, steps[is_note, SLOT_FIELD])
    return TokenPiece(tuple(piece.slots[slot] for slot in kept), piece.metres, steps)


def in_c(piece: TokenPiece) -> TokenPiece:
    """The same piece moved to C, in the mode that the key finder hears."""
    steps = piece.steps.copy()
    rows = np.flatnonzero(steps[:, POSITION_FIELD] != BAR)[notes_of(piece).pitched]
    steps[rows, PITCH_FIELD] = np.clip(steps[rows, PITCH_FIELD] + to_c(key_of(piece).tonic), 0, 127)
    return TokenPiece(piece.slots, piece.metres, steps)


def features(piece: TokenPiece) -> dict[str, np.ndarray]:
    """A piece as distributions, each summing to 1 but for self-similarity; zeros where there is nothing to count.

    Returns:
        ``pitch_classes`` [12] above the tonic, by sounding time; ``intervals`` [25], semitones from -12 to 12 between
        the highest notes of successive onsets of an instrument; ``note_lengths`` [12]; ``onsets`` [24], parts of the
        bar; ``polyphony`` [13], share of time in which 0, 1, … notes sound; ``self_similarity`` [16], of bars 1 to 8
        apart, in notes and then in rhythm; ``velocities`` [16]; ``notes_per_bar`` [12].
    """
    notes = notes_of(piece)
    pitched = notes.where(notes.pitched)
    lengths = bar_lengths(piece)
    part = notes.position * BAR_PARTS // np.maximum(lengths[notes.bar], 1)
    per_bar = np.bincount(notes.bar, minlength=piece.num_bars)
    return {
        "pitch_classes": tonal_histogram(pitched),
        "intervals": _shares(_steps_between(pitched), 2 * MAX_INTERVAL + 1),
        "note_lengths": _shares(np.searchsorted(LENGTH_EDGES, notes.length, "right"), len(LENGTH_EDGES) + 1),
        "onsets": _shares(np.minimum(part, BAR_PARTS - 1), BAR_PARTS),
        "polyphony": _polyphony(pitched, int(lengths.sum())),
        "self_similarity": _self_similarity(notes, piece.num_bars),
        "velocities": _shares(notes.velocity, NUM_VELOCITIES),
        "notes_per_bar": _shares(np.searchsorted(NOTES_PER_BAR_EDGES, per_bar, "right"), len(NOTES_PER_BAR_EDGES) + 1),
    }


def idiom(piece: TokenPiece) -> np.ndarray:
    """What tells styles apart whoever plays: one vector of distributions that do not change when a part is doubled or
    given to another instrument. Drums are not heard.

    Returns:
        ``[110]``: pitch classes, their spread above the bass note, intervals of the highest and of the lowest line,
        note lengths, places in the quarter, times between onsets.
    """
    notes = notes_of(piece)
    notes = notes.where(notes.pitched)
    onsets, which = np.unique(notes.onset, return_inverse=True)
    top = np.full(len(onsets), -1)
    bass = np.full(len(onsets), 128)
    np.maximum.at(top, which, notes.pitch)
    np.minimum.at(bass, which, notes.pitch)
    above = (notes.pitch - bass[which])[notes.pitch > bass[which]] % 12
    return np.concatenate(
        (
            tonal_histogram(notes),
            _shares(above, 12),
            _shares(_clipped(np.diff(top)), 2 * MAX_INTERVAL + 1),
            _shares(_clipped(np.diff(bass)), 2 * MAX_INTERVAL + 1),
            _shares(np.searchsorted(LENGTH_EDGES, notes.length, "right"), len(LENGTH_EDGES) + 1),
            _shares(onsets % GRID_PER_QUARTER, GRID_PER_QUARTER),
            _shares(np.searchsorted(LENGTH_EDGES, np.diff(onsets), "right"), len(LENGTH_EDGES) + 1),
        )
    )


def key_of(piece: TokenPiece) -> Key:
    """As the key finder hears it."""
    notes = notes_of(piece)
    notes = notes.where(notes.pitched)
    return find_key(pitch_class_histogram(notes.pitch, notes.length))


def tonal_histogram(notes: Notes) -> np.ndarray:
    """Share of sounding time of each pitch class above the tonic that the key finder hears: ``[12]``."""
    histogram = pitch_class_histogram(notes.pitch, notes.length)
    return np.roll(histogram, -find_key(histogram).tonic)


@dataclass(frozen=True, slots=True)
class StyleOverlap:
    """How much a set of pieces lies as the pieces of a reference set lie among each other.

    Attributes:
        area: overlap of the two distributions of distances, 0 to 1.
        divergence: Kullback and Leibler's, of the distances among the reference from those to it, in nats.
        shared: overlap of the two sets' mean distributions, 0 to 1.
    """

    area: float
    divergence: float
    shared: float


def style_overlap(pieces: np.ndarray, reference: np.ndarray) -> StyleOverlap:
    """Yang & Lerch's comparison of one feature, with Gaussian kernels.

    Args:
        pieces: ``[piece, bin]``, the feature of every piece of the set.
        reference: ``[piece, bin]``, at least three.

    Raises:
        ValueError: too few pieces.
    """
    if len(pieces) < 1 or len(reference) < 3:
        raise ValueError(f"style overlap needs at least 1 and 3 pieces, not {len(pieces)} and {len(reference)}")
    within, between = pdist(reference), cdist(pieces, reference).ravel()
    widest = max(within.max(), between.max())
    points = np.linspace(-0.25 * widest, 1.25 * widest, _KDE_POINTS)
    inner, outer = _density(within, points), _density(between, points)
    shared = np.minimum(pieces.mean(0), reference.mean(0)).sum() / max(reference.mean(0).sum(), 1e-9)
    return StyleOverlap(
        float(np.minimum(inner, outer).sum()), float((inner * np.log(inner / outer)).sum()), float(shared)
    )


def _density(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Gaussian kernels of Scott's width at points ``[point]``, summing to 1."""
    width = max(float(values.std()) * len(values) ** -0.2, 2 * float(points[1] - points[0]), 1e-9)
    density = np.exp(-0.5 * ((points[:, None] - values) / width) ** 2).mean(1)
    # A far tail without density would make the divergence infinite.
    density += 1e-3 * density.mean() + 1e-300
    return density / density.sum()


def stacked(described: Sequence[Mapping[str, np.ndarray]], names: Sequence[str]) -> np.ndarray:
    """Some features of many pieces as one matrix ``[piece, bin]``, for a classifier."""
    return np.stack([np.concatenate([own[name] for name in names]) for own in described])


def shuffled_bars(pieces: Sequence[TokenPiece], num_bars: int, rng: np.random.Generator) -> TokenPiece:
    """Bars drawn at random from pieces for the same instruments: right in every detail, and not music.

    Raises:
        ValueError: no pieces, or their instruments differ.
    """
    if not pieces or any(piece.slots != pieces[0].slots for piece in pieces):
        raise ValueError("bars can be shuffled among pieces with the same instruments only")
    chosen = [pieces[index] for index in rng.integers(len(pieces), size=num_bars)]
    bars = [excerpt(piece, int(rng.integers(piece.num_bars)), 1) for piece in chosen]
    return TokenPiece(
        pieces[0].slots, np.concatenate([bar.metres for bar in bars]), np.concatenate([bar.steps for bar in bars])
    )


def _shares(values: np.ndarray, size: int) -> np.ndarray:
    counts = np.bincount(values, minlength=size).astype(float)
    return counts / max(counts.sum(), 1.0)


def _clipped(intervals: np.ndarray) -> np.ndarray:
    return np.clip(intervals, -MAX_INTERVAL, MAX_INTERVAL) + MAX_INTERVAL


def _steps_between(notes: Notes) -> np.ndarray:
    """Melodic intervals of each slot's highest notes, as bins."""
    order = np.lexsort((-notes.pitch, notes.onset, notes.slot))
    slot, onset, pitch = notes.slot[order], notes.onset[order], notes.pitch[order]
    highest = np.append(True, (np.diff(slot) != 0) | (np.diff(onset) != 0))[: len(order)]
    slot, pitch = slot[highest], pitch[highest]
    return _clipped(np.diff(pitch)[np.diff(slot) == 0])


def _polyphony(notes: Notes, total: int) -> np.ndarray:
    changes = np.zeros(total + 1, dtype=np.int64)
    np.add.at(changes, notes.onset, 1)
    np.add.at(changes, np.minimum(notes.onset + notes.length, total), -1)
    return _shares(np.minimum(np.cumsum(changes)[:total], MAX_POLYPHONY), MAX_POLYPHONY + 1)


def _self_similarity(notes: Notes, num_bars: int) -> np.ndarray:
    """Mean Dice coefficient of the notes, then of the onsets, of bars 1 to MAX_LAG apart; an empty bar is like none."""
    pitch_sets: list[set[int]] = [set() for _ in range(num_bars)]
    for bar, position, pitch in zip(notes.bar.tolist(), notes.position.tolist(), notes.pitch.tolist(), strict=True):
        pitch_sets[bar].add(position * 128 + pitch)
    rhythm_sets = [{note // 128 for note in own} for own in pitch_sets]
    found = [
        [_dice(own[bar], own[bar + lag]) for bar in range(num_bars - lag)]
        for own in (pitch_sets, rhythm_sets)
        for lag in range(1, MAX_LAG + 1)
    ]
    return np.array([float(np.mean(similar)) if similar else 0.0 for similar in found])


def _dice(one: set[int], other: set[int]) -> float:
    return 2 * len(one & other) / max(len(one) + len(other), 1)
