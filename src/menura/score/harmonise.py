"""Chords for a melody: for every half bar one of the key's chords, as its notes and the way chords move suggest.

Viterbi over the key's triads, or sevenths: what sounds in a half bar speaks for the chords it belongs to, roots like to
fall by a fifth (Piston, "Harmony", 1941: table of usual root progressions), and a chord likes to stay in its bar.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from menura.score.harmony import QUALITIES, Chord
from menura.score.notes import Key

_CHORDS = {
    # Semitones above the tonic, triad, seventh chord, how welcome it is.
    "major": (
        *((0, "", "maj7", 0.0), (5, "", "maj7", -0.4), (7, "", "7", -0.3), (9, "m", "m7", -0.7)),
        *((2, "m", "m7", -0.7), (4, "m", "m7", -1.3)),
    ),
    "minor": (
        *((0, "m", "m7", 0.0), (5, "m", "m7", -0.4), (7, "", "7", -0.4), (8, "", "maj7", -0.6)),
        *((10, "", "7", -0.8), (3, "", "maj7", -0.8), (2, "dim", "m7b5", -1.3)),
    ),
}
_BELONGS, _FOREIGN = 1.0, -1.3
"""For each quarter note that a melody note sounds in a half bar."""
_ACCENT = 0.6
"""What a note that begins with the half bar counts on top, in quarters."""
_STAYS_IN_BAR, _STAYS, _FALLS_A_FIFTH, _FOURTH_AFTER_FIFTH = 0.5, -0.2, 0.3, -0.4
_BEGINS_HOME, _ENDS_WELL = 0.6, 0.4


def harmonise(notes: Int[np.ndarray, "note 3"], edges: np.ndarray, key: Key, *, sevenths: bool = False) -> list[Chord]:
    """Chords under a melody.

    Args:
        notes: onset, length in twelfths of a quarter, pitch.
        edges: where half bars begin, and the end, in twelfths of a quarter.
        key: of the melody.
        sevenths: whether chords have sevenths.

    Returns:
        One for each half bar.
    """
    roots = np.array([row[0] for row in _CHORDS[key.mode]])
    chords, likely = _likely(notes, edges, key, sevenths=sevenths)
    fall = (roots[:, None] - roots[None]) % 12 == 7
    back = (roots[:, None] == 7) & (roots[None] == 5)
    moves = _FALLS_A_FIFTH * fall + _FOURTH_AFTER_FIFTH * back
    likely[0] += _BEGINS_HOME * (roots == 0)
    likely[-1] += _ENDS_WELL * np.isin(roots, (0, 7))
    score, came_from = likely[0], []
    for half in range(1, len(likely)):
        step = score[:, None] + moves + np.eye(len(roots)) * (_STAYS_IN_BAR if half % 2 else _STAYS)
        came_from.append(step.argmax(0))
        score = step.max(0) + likely[half]
    path = [int(score.argmax())]
    for before in reversed(came_from):
        path.append(int(before[path[-1]]))
    return [chords[index] for index in reversed(path)]


def another(notes: Int[np.ndarray, "note 3"], begin: int, end: int, key: Key, than: Chord) -> Chord:
    """The key's chord, but for one, that suits best what sounds from one moment to another; as of `harmonise`."""
    chords, likely = _likely(notes, np.array([begin, end]), key)
    return max(zip(chords, likely[0].tolist(), strict=True), key=lambda pair: (pair[0].root != than.root, pair[1]))[0]


def _likely(
    notes: np.ndarray, edges: np.ndarray, key: Key, *, sevenths: bool = False
) -> tuple[list[Chord], np.ndarray]:
    """The key's chords, and how well each suits what sounds between edges, ``[edge - 1, chord]``."""
    table = _CHORDS[key.mode]
    chords = [Chord((row[0] + key.tonic) % 12, row[2 if sevenths else 1]) for row in table]
    belongs = np.zeros((len(chords), 12))
    for index, (row, chord) in enumerate(zip(table, chords, strict=True)):
        belongs[index] = _FOREIGN
        belongs[index, list(chord.pitch_classes)] = 0.6 * _BELONGS  # a seventh speaks for its chord less than a triad's
        belongs[index, [(chord.root + tone) % 12 for tone in QUALITIES[row[1]]]] = _BELONGS
    return chords, _sounding(notes, edges) @ belongs.T + np.array([row[3] for row in table])


def _sounding(notes: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Quarters for which each pitch class sounds in each half bar, ``[half, 12]``; what begins with it counts more."""
    sounding = np.zeros((len(edges) - 1, 12))
    for onset, length, pitch in notes.tolist():
        overlap = np.minimum(edges[1:], onset + length) - np.maximum(edges[:-1], onset)
        sounding[:, pitch % 12] += np.maximum(overlap, 0) / 12 + _ACCENT * (edges[:-1] == onset)
    return sounding
