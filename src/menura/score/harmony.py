"""Chords: their symbols, plans of them, and which of them a piece has, half a bar at a time, heard in its notes.

The hearer is a hidden Markov model: in each half bar the pitch classes that sound, weighted by how long, follow a
profile of the chord, and so does the lowest note; a chord stays rather than changes. Its tables were counted in 145
songs whose chords people wrote down (OpenScore Lieder, analyses of When in Rome, CC BY-SA 4.0: Gotham et al. 2023),
what is too rare there (diminished, augmented and suspended triads, major sevenths) aside. How well it hears,
`benchmarks/score_chords.py` says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "dim7": (0, 3, 6, 9),
    "m7b5": (0, 3, 6, 10),
    "sus4": (0, 5, 7),
}
"""What stands after the root in a symbol -> the chord's tones, semitones above its root."""
NO_CHORD = 0
NUM_CHORDS = 1 + 12 * len(QUALITIES)
CHORDS_PER_BAR = 2

_NAMES = tuple(QUALITIES)
# In thousandths, from the root upwards, a row for each of QUALITIES: how long each pitch class sounds …
_SOUNDS = (
    (375, 8, 28, 8, 218, 32, 9, 260, 10, 18, 13, 21),
    (339, 7, 44, 229, 6, 30, 9, 281, 15, 10, 15, 17),
    (290, 20, 10, 280, 14, 20, 280, 6, 20, 20, 20, 20),
    (280, 8, 20, 8, 290, 20, 10, 14, 270, 30, 20, 30),
    (330, 17, 24, 6, 165, 56, 7, 178, 14, 27, 170, 7),
    (250, 8, 25, 5, 225, 14, 14, 200, 7, 34, 8, 210),
    (222, 9, 41, 239, 7, 40, 19, 193, 8, 19, 198, 5),
    (201, 62, 7, 193, 30, 19, 225, 5, 41, 182, 24, 11),
    (184, 31, 8, 220, 6, 46, 212, 8, 26, 14, 236, 8),
    (343, 10, 29, 10, 10, 267, 10, 286, 10, 10, 10, 10),
)
# … and how often it is the lowest note.
_IS_LOWEST = (
    (625, 2, 15, 3, 106, 32, 4, 166, 4, 11, 8, 24),
    (519, 2, 30, 176, 4, 21, 4, 192, 9, 6, 22, 15),
    (300, 60, 14, 330, 27, 50, 120, 5, 40, 9, 30, 15),
    (323, 8, 23, 23, 256, 23, 8, 38, 188, 38, 38, 38),
    (530, 7, 6, 5, 137, 96, 2, 118, 6, 12, 76, 5),
    (301, 7, 41, 7, 164, 41, 27, 123, 7, 96, 21, 164),
    (276, 4, 26, 345, 13, 43, 13, 69, 4, 26, 177, 4),
    (228, 124, 6, 110, 48, 22, 261, 1, 36, 126, 26, 13),
    (193, 61, 17, 288, 7, 61, 95, 7, 47, 10, 190, 24),
    (673, 10, 10, 10, 10, 96, 10, 144, 10, 10, 10, 10),
)
_HOW_OFTEN = (420, 210, 17, 10, 200, 40, 45, 50, 25, 12)
_CHANGES = 0.5
_SURENESS, _MOST_QUARTERS = 6.0, 2.0
"""What a quarter note of sound counts, in nats, and how many of them count."""
_WEIGHT_OF_LOWEST = 0.5

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_SYMBOL = re.compile(r"([A-G])([#♯b♭]?)([^/\s]*)(?:/([A-G])([#♯b♭]?))?")
_SPELLINGS: tuple[tuple[str, str], ...] = (
    # Of several that fit, the first counts.
    (r"(m|min|-)7?\(?(b5|♭5|-5)\)?|ø7?|h7?", "m7b5"),
    (r"(dim|°|o)7", "dim7"),
    (r"dim|°|o", "dim"),
    (r"(aug|\+|\(?#5\)?)(7|maj7)?|7\(?(#5|\+5)\)?", "aug"),
    (r"7?sus[24]?|9sus4?|11", "sus4"),
    (r"(maj|M|ma|Δ|j)(7|9|11|13)?(\(?#11\)?)?|Δ", "maj7"),
    (r"(m|min|-)(maj|M)7", "m"),
    (r"(m|min|mi|-)(7|9|11|13)", "m7"),
    (r"(m|min|mi|-)(6|add9|6/9)?", "m"),
    (r"(7|9|13)(\(?[#b♯♭]?\d*\)?)*|7alt|alt", "7"),
    (r"6|6/?9|add9|add2|2|5", ""),
)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord: pitch class of its root, 0 to 11, and one of QUALITIES."""

    root: int
    quality: str = ""

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """Root first."""
        return tuple((self.root + tone) % 12 for tone in QUALITIES[self.quality])

    @property
    def index(self) -> int:
        """A number from 1 to ``NUM_CHORDS - 1``."""
        return 1 + self.root * len(QUALITIES) + _NAMES.index(self.quality)

    @classmethod
    def of(cls, index: int) -> Chord | None:
        """The chord of an `index`; None for `NO_CHORD`."""
        if index == NO_CHORD:
            return None
        root, quality = divmod(index - 1, len(QUALITIES))
        return cls(root, _NAMES[quality])

    def transposed(self, semitones: int) -> Chord:
        return Chord((self.root + semitones) % 12, self.quality)

    def symbol(self, flats: bool = False) -> str:
        """``"F#m7"``, or ``"Gbm7"`` in a key of flats."""
        names = ("C Db D Eb E F Gb G Ab A Bb B" if flats else "C C# D D# E F F# G G# A A# B").split()
        return names[self.root] + self.quality

    @classmethod
    def parse(cls, text: str) -> Chord:
        """A symbol as lead sheets write it: ``Dm7``, ``F#m7b5``, ``Bbmaj7``, ``C/E`` (its bass is not kept), ``G13``.

        Raises:
            ValueError: it is none.
        """
        match = _SYMBOL.fullmatch(text.strip())
        if match:
            root = (_LETTERS[match[1]] + _ACCIDENTALS[match[2]]) % 12
            rest = match[3]
            if not rest:
                return cls(root)
            for pattern, quality in _SPELLINGS:
                if re.fullmatch(pattern, rest):
                    return cls(root, quality)
        raise ValueError(f"{text[:20]!r} is not a chord; write it as Dm7, G7, Cmaj7, F#m7b5 or Bb")


def transposed(chords: np.ndarray, semitones: int) -> np.ndarray:
    """Indices of chords, moved; `NO_CHORD` stays."""
    root, quality = np.divmod(chords - 1, len(QUALITIES))
    return np.where(chords == NO_CHORD, NO_CHORD, 1 + (root + semitones) % 12 * len(QUALITIES) + quality)


def parse_plan(text: str) -> list[tuple[Chord | None, Chord | None]]:
    """A plan of chords, two for each bar: ``"Dm | G7 | C | % | F G"``; ``%`` is the bar before, ``N.C.`` no chord.

    Raises:
        ValueError: a bar is empty or holds more than two, or a symbol is none.
    """
    bars: list[tuple[Chord | None, Chord | None]] = []
    for number, bar in enumerate(text.strip().strip("|").split("|"), 1):
        symbols = bar.replace("-", " - ").split() if " - " in bar else bar.split()
        symbols = [symbol for symbol in symbols if symbol != "-"]
        if symbols == ["%"] and bars:
            bars.append(bars[-1])
        elif 1 <= len(symbols) <= CHORDS_PER_BAR:
            chords = [None if s.upper() in ("N.C.", "NC") else Chord.parse(s) for s in symbols]
            bars.append((chords[0], chords[-1]))
        else:
            raise ValueError(
                f"bar {number} of the chords has {len(symbols)}; write one or two, as in Dm | G7 | C F | %"
            )
    return bars


def indices(plan: Sequence[tuple[Chord | None, Chord | None]]) -> np.ndarray:
    """A plan as `Chord.index` for the halves of every bar, ``[bar, 2]``."""
    return np.array([[chord.index if chord else NO_CHORD for chord in halves] for halves in plan], dtype=np.int64)


def half_bars(starts: np.ndarray, metres: np.ndarray, end: int) -> np.ndarray:
    """Where halves of bars begin, and the end.

    Args:
        starts: int ``[bar]``, of bars, in any unit.
        metres: int ``[bar, 2]``.
        end: of the last bar.

    Returns:
        int64 ``[2 * bar + 1]``.
    """
    ends = np.append(starts[1:], end).astype(np.int64)
    middles = starts + first_half(metres, ends - starts)
    return np.append(np.column_stack((starts, middles)).ravel(), end).astype(np.int64)


def first_half(metres: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """How long the first half of a bar of such a metre and length is: of three beats it has two."""
    numerator, denominator = metres[:, 0].astype(np.int64), metres[:, 1]
    beats = np.where((denominator >= 8) & (numerator % 3 == 0), numerator // 3, numerator)
    return lengths * ((beats + 1) // 2) // np.maximum(beats, 1)


def chord_at(position: np.ndarray, metres: np.ndarray, halves: np.ndarray, whole: int) -> np.ndarray:
    """The chord at positions in bars, of those of the bars' halves.

    Args:
        position: int ``[row]``.
        metres: int ``[row, 2]``.
        halves: int ``[row, 2]``.
        whole: how long a whole note is in the unit of `position`.
    """
    lengths = whole * metres[:, 0].astype(np.int64) // metres[:, 1]
    return np.where(position < first_half(metres, lengths), halves[:, 0], halves[:, 1])


def find_chords(
    onset: np.ndarray, duration: np.ndarray, pitch: np.ndarray, edges: np.ndarray, quarter: float
) -> np.ndarray:
    """The chord of every segment of a piece.

    Args:
        onset, duration, pitch: of its notes, drums aside.
        edges: where segments begin, and the end, in the unit of `onset`.
        quarter: how long a quarter note is in that unit.

    Returns:
        `Chord.index` for every segment, int64; `NO_CHORD` where nothing sounds.
    """
    sounding, lowest = _sounding(onset, duration, pitch, edges)
    quarters = sounding.sum(1) / quarter
    shares = sounding / np.maximum(sounding.sum(1, keepdims=True), 1e-9)
    likely = np.einsum("sp,rqp->srq", shares, _BY_ROOT) * (_SURENESS * quarters.clip(max=_MOST_QUARTERS))[:, None, None]
    likely += _WEIGHT_OF_LOWEST * np.where(lowest >= 0, _LOWEST_BY_ROOT[:, :, lowest % 12], 0.0).transpose(2, 0, 1)
    best = _likeliest_path(likely.reshape(len(likely), -1))
    return np.where(quarters > 0, best + 1, NO_CHORD)


def _sounding(
    onset: np.ndarray, duration: np.ndarray, pitch: np.ndarray, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How long each pitch class sounds in each segment, ``[segment, 12]``, and the lowest pitch, -1 for none."""
    count = len(edges) - 1
    sounding, lowest = np.zeros((count, 12)), np.full(count, 128)
    first = np.searchsorted(edges, onset, side="right") - 1
    beyond = np.searchsorted(edges, onset + duration, side="left")
    for later in range(int((beyond - first).max(initial=0))):
        segment = first + later
        within = (segment >= 0) & (segment < np.minimum(beyond, count))
        at, notes = segment[within], pitch[within]
        length = np.minimum(onset[within] + duration[within], edges[at + 1]) - np.maximum(onset[within], edges[at])
        np.add.at(sounding, (at, notes % 12), length)
        np.minimum.at(lowest, at, notes)
    return sounding, np.where(lowest < 128, lowest, -1)


def _likeliest_path(likely: np.ndarray) -> np.ndarray:
    """Viterbi: the states ``[segment]`` that `likely` ``[segment, state]`` and the price of changes make likeliest."""
    prior = np.tile(np.log(np.array(_HOW_OFTEN) / sum(_HOW_OFTEN) / 12), 12)
    states, came_from = np.arange(likely.shape[1]), np.zeros(likely.shape, dtype=np.int64)
    score = prior + likely[0] if len(likely) else prior
    for segment in range(1, len(likely)):
        best = int(score.argmax())
        changed, stayed = score[best] + np.log(_CHANGES) + prior, score + np.log(1 - _CHANGES)
        came_from[segment] = np.where(stayed >= changed, states, best)
        score = np.maximum(stayed, changed) + likely[segment]
    path = np.zeros(len(likely), dtype=np.int64)
    for segment in range(len(likely) - 1, -1, -1):
        path[segment] = score.argmax() if segment == len(likely) - 1 else came_from[segment + 1, path[segment + 1]]
    return path


def _by_root(table: Sequence[Sequence[int]]) -> np.ndarray:
    """Logarithms of shares, ``[root, quality, pitch class]``."""
    shares = np.array(table, dtype=float)
    shares /= shares.sum(1, keepdims=True)
    return np.log(np.stack([np.roll(shares, root, axis=1) for root in range(12)]))


_BY_ROOT, _LOWEST_BY_ROOT = _by_root(_SOUNDS), _by_root(_IS_LOWEST)
