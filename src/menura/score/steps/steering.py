"""Steering: keeping to the key, the chords and the density that were asked.

Left alone, a small model wanders off to a neighbouring key and stays there. The key finder listens along: the less it
hears the key that was asked, the more the pitches that tell that key from its strongest rival are preferred. Likewise
an orchestra left alone thickens from section to section, until everybody plays at once in every bar: where the latest
bars hold more notes than were asked, later places in the bar are preferred. Chords that were asked are told to the
model, which hears them half: on beats other pitches than theirs are made unlikely, and the lowest part begins them with
their root.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import NormalDist

import numpy as np
from jaxtyping import Float, Int

from menura.score.analysis import KEY_LOG_PROFILES
from menura.score.harmony import NO_CHORD, Chord
from menura.score.notes import Key
from menura.score.steps.tokens import BAR, FIELD_SIZES, GRID_PER_QUARTER, POSITION_FIELD

_OUTSIDE = -0.6
"""Always, for pitches outside the scale; in minor the raised seventh belongs to it, the raised sixth does not."""
_THIRD_AND_SIXTH = (0.25, 0.15)
"""Always in minor, for its third and sixth degree: without them it is heard as the major of the same tonic."""
_WANTED_MARGIN = 0.2
"""How far ahead of its rival the key should be heard, nats per unit of time; the median of real pieces is 0.16."""
_MAX_BIAS = 1.0
"""Of one pitch at full need: more, and melodies become arpeggios of the tonic."""
_MAX_NEED = 1.5


def _outside(mode: str) -> np.ndarray:
    return np.where(np.isin(np.arange(12), [*Key(0, mode).scale, 11]), 0.0, _OUTSIDE)


class KeyBias:
    """Listens to the music being written, in the model's C, and says which pitches to prefer.

    Args:
        mode: ``"major"`` or ``"minor"``.
    """

    def __init__(self, mode: str) -> None:
        self.asked = 0 if mode == "major" else 12
        self.usual = _outside(mode)
        if mode == "minor":
            self.usual[[3, 8]] += _THIRD_AND_SIXTH
        self.heard = np.zeros(12)

    def take(self, pitch: int, length: float) -> None:
        """Hear a note."""
        self.heard[pitch % 12] += length

    def bias(self) -> np.ndarray:
        """What to add to the logits of the 128 pitches."""
        own = KEY_LOG_PROFILES[self.asked]
        bias = self.usual
        if total := self.heard.sum():
            likelihoods = KEY_LOG_PROFILES @ (self.heard / total)
            likelihoods[self.asked], asked = -np.inf, likelihoods[self.asked]
            rival = int(likelihoods.argmax())
            need = np.clip((_WANTED_MARGIN - (asked - likelihoods[rival])) / _WANTED_MARGIN, 0.0, _MAX_NEED)
            bias = bias + need * np.clip(own - KEY_LOG_PROFILES[rival], -_MAX_BIAS, _MAX_BIAS)
        return np.resize(bias, 128)


_FOREIGN = (-1.5, -3.0, -5.0)
"""For pitches that are not the chord's: between beats, on a beat, where the chord begins."""
_PASSING = (0.0, -0.75, -2.0)
"""The same for a melody over chords that others play: it may step through what lies between them."""
_ROOT = 4.0
"""For the root, in the lowest note where a chord begins."""
_HELD = -3.0
"""For notes that would ring on into a chord that they are foreign to."""


class ChordBias:
    """Says which pitches, and how long, go with the chords that were asked.

    Args:
        halves: int ``[bar, 2]``, the chords of the bars' halves (`menura.score.harmony.Chord.index`), in the model's C.
        first_halves: int ``[bar]``, how long the first of them lasts, grid units.
        lengths: int ``[bar]``, of bars.
        mode: ``"major"`` or ``"minor"``, of the key.
    """

    def __init__(self, halves: np.ndarray, first_halves: np.ndarray, lengths: np.ndarray, mode: str) -> None:
        self.chords, self.outside = halves.ravel(), _outside(mode)
        ends = np.column_stack((first_halves, lengths)) + (np.cumsum(lengths) - lengths)[:, None]
        self.ends, self.bars = ends.ravel(), np.cumsum(lengths) - lengths
        self.starts = np.append(0, self.ends[:-1])

    def is_said(self, bar: int, position: int) -> bool:
        """Whether a chord was asked for there."""
        return bool(self.chords[self._half(bar, position)] != NO_CHORD)

    def of_pitches(self, bar: int, position: int, is_lowest: bool, is_over: bool = False) -> np.ndarray:
        """What to add to the logits of the 128 pitches of a note; `is_lowest`: nothing lower sounds with it, `is_over`:
        others play the chords."""
        half = self._half(bar, position)
        chord = Chord.of(int(self.chords[half]))
        if chord is None:
            return np.zeros(128)
        onset = self.bars[bar] + position
        begins = onset == self.starts[half]
        place = 2 if begins else int(position % GRID_PER_QUARTER == 0)
        bias = (_PASSING if is_over else _FOREIGN)[place] + self.outside
        bias[list(chord.pitch_classes)] = 0.0
        if is_lowest and begins:
            bias[chord.root] = _ROOT
        return np.resize(bias, 128)

    def of_lengths(self, bar: int, position: int, pitch: int, lengths: np.ndarray) -> np.ndarray:
        """What to add to the logits of the lengths of a note, grid units."""
        half = self._half(bar, position)
        foreign = self._next_foreign(half, pitch)
        return np.where(self.bars[bar] + position + lengths > foreign, _HELD, 0.0)

    def _half(self, bar: int, position: int) -> int:
        return 2 * bar + int(self.bars[bar] + position >= self.ends[2 * bar])

    def _next_foreign(self, half: int, pitch: int) -> int:
        """Where the next chord begins that a pitch does not belong to."""
        for later in range(half + 1, min(half + 5, len(self.chords))):
            chord = Chord.of(int(self.chords[later]))
            if self.chords[later] != NO_CHORD and chord and pitch % 12 not in chord.pitch_classes:
                return int(self.starts[later])
        return int(self.ends[-1]) + 1_000


_RECENT_BARS = 8
_BY_PLAYERS = (3.0, 0.8)
"""Notes a quarter are in proportion to the first and, for every player, the second."""
_TOLERATED = 0.15
"""How far eight bars may be above the density asked, in nats: eight in ten of those in real pieces lie within .3."""
_MAX_PUSH = 2.0
_PUSH = 8.0
_FAR = GRID_PER_QUARTER / 2
"""From an eighth note on, places are later alike."""


def usual_density(
    notes: Int[np.ndarray, "piece"], quarters: Float[np.ndarray, "piece"], players: Int[np.ndarray, "piece"]
) -> tuple[float, float]:
    """How many notes pieces have in a quarter note, as `DensityBias` needs to know it.

    Returns:
        The median of what there are against 3 and 0.8 for every player, and the standard deviation of its logarithm.
        In 5 500 pieces of European art music they are 1.0 and 0.5.
    """
    usual = np.log(np.maximum(notes, 1) / quarters / (_BY_PLAYERS[0] + _BY_PLAYERS[1] * players))
    return float(np.clip(np.exp(np.median(usual)), 0.05, 20)), float(np.clip(np.std(usual), 0.1, 2))


class DensityBias:
    """Counts the notes of the latest bars, and says which places in the bar to prefer where they are too many.

    Args:
        players: how many instruments there are; the more, the more notes are usual.
        share: 0 (as few notes as music for so many has) to 1 (as many).
        density: what is usual, as `usual_density` measures it.
    """

    def __init__(self, players: int, share: float, density: tuple[float, float] = (1.0, 0.5)) -> None:
        factor, spread = density
        usual = factor * (_BY_PLAYERS[0] + _BY_PLAYERS[1] * players)
        self.wanted = usual * math.exp(spread * NormalDist().inv_cdf(min(max(share, 0.02), 0.98)))
        self.bars: deque[tuple[int, float]] = deque(maxlen=_RECENT_BARS)

    def take(self, notes: int, quarters: float) -> None:
        """Hear a bar."""
        self.bars.append((notes, quarters))

    def bias(self, position: int) -> np.ndarray:
        """What to add to the logits of places from `position` in the bar on, and of the next bar line."""
        bias = np.zeros(FIELD_SIZES[POSITION_FIELD])
        if self.bars:
            notes, quarters = map(sum, zip(*self.bars, strict=True))
            excess = math.log(max(notes, 1) / quarters / self.wanted)
            push = min(max(excess - _TOLERATED, 0.0) * _PUSH, _MAX_PUSH)
            bias = push * np.clip((np.arange(len(bias)) - position) / _FAR, 0.0, 1.0)
            bias[BAR] = push
        return bias
