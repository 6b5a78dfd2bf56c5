"""What can be asked of a piece, as the small numbers a note model is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from menura.score.notes import Key
from menura.score.steps.given import Given
from menura.score.steps.tokens import Slot

NUM_SHARES = 8
"""Density, loudness, register and chromaticism are asked in eighths of the training music; 0 = not said."""
MEASURES = ("density", "loudness", "register", "chromaticism")

TEMPO_EDGES_BPM = (40.0, 46, 53, 60, 69, 79, 91, 104, 120, 138, 158, 182, 209)
NUM_TEMPI = len(TEMPO_EDGES_BPM) + 2

DONE_EDGES = (1, 2, 3, 4, 8, 16, 32)
LEFT_EDGES = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 48, 64)
UNTIL_EDGES = (1, 2, 3, 4, 5, 6, 8, 12)
FUTURE = len(UNTIL_EDGES) + 1
"""In place of the bars until the music to arrive at: this is that music."""

NUMERATOR, DENOMINATOR, BARS_DONE, BARS_LEFT, BARS_UNTIL = range(5)
"""What every step is told of its bar; the last three are buckets of the edges above."""
CHORDS = (5, 6, 7)
"""Then the chords (`menura.score.harmony.Chord.index`) of the bar's first half, of its second, and of what follows."""


def tempo_index(bpm: float) -> int:
    """The tempo range of `bpm` quarter notes a minute, 1 to 14; 0 is kept for "not said"."""
    return 1 + sum(bpm >= edge for edge in TEMPO_EDGES_BPM)


def share_index(share: float | None) -> int:
    """Which eighth of the training music a wish from 0 (least) to 1 (most) means, 1 to 8; 0 for None."""
    return 0 if share is None else 1 + min(int(share * NUM_SHARES), NUM_SHARES - 1)


def bar_buckets(bars: np.ndarray, until: np.ndarray | None = None, chords: np.ndarray | None = None) -> np.ndarray:
    """What steps are told of their bars.

    Args:
        bars: int ``[step, 4]``: numerator, denominator, bars done, bars left.
        until: int ``[step]``: bars until the music to arrive at, at least 1; None if there is none.
        chords: int ``[step, 3]``, of CHORDS; None where nothing is said of them.

    Returns:
        int64 ``[step, 8]``.
    """
    arrive = np.zeros(len(bars)) if until is None else np.searchsorted(UNTIL_EDGES, until, "right")
    done = np.searchsorted(DONE_EDGES, bars[:, 2], "right")
    left = np.searchsorted(LEFT_EDGES, bars[:, 3], "right")
    said = np.zeros((len(bars), len(CHORDS))) if chords is None else chords
    return np.column_stack([bars[:, 0], bars[:, 1], done, left, arrive, said]).astype(np.int64)


def to_c(tonic: int) -> int:
    """Semitones from a tonic to the nearest C, -6 to 5: models read and write music in C."""
    return -tonic if tonic <= 6 else 12 - tonic


@dataclass(frozen=True, kw_only=True)
class Controls:
    """A piece to be composed.

    Args:
        slots: its instruments, in `slot_order`.
        key: its tonic and mode.
        bpm: its tempo, quarter notes a minute.
        metres: int ``[bar, 2]``: numerator and denominator of every bar.
        styles: weights that sum to 1; empty for any.
        closes: whether the last bar is to be the tonic chord, held.
        density, loudness, register, chromaticism: 0 (as little as any music it has seen) to 1; None: not said.
        chords: int ``[bar, 2]`` of `menura.score.harmony.Chord.index` for every half bar, sounding; None: not said.
        roles, activity: of each slot, as `menura.score.roles.Roles` has them; empty: not said.
        given: notes of a part that stand; None: all are composed.
        loops: whether the last bar leads into the first.
    """

    slots: tuple[Slot, ...]
    key: Key
    bpm: float
    metres: np.ndarray
    styles: Mapping[str, float] = field(default_factory=dict)
    closes: bool = False
    density: float | None = None
    loudness: float | None = None
    register: float | None = None
    chromaticism: float | None = None
    chords: np.ndarray | None = None
    roles: Sequence[int] = ()
    activity: Sequence[int] = ()
    given: Given | None = None
    loops: bool = False
