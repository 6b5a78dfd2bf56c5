"""What a piece does with its theme: where it is quoted, and how it is developed between.

The theme stands at the beginning and wherever that section returns; other sections begin with the theme in sequence
(moved within the scale), inverted (what rose falls, within the scale) or in augmentation (twice as slow), as handbooks
of form have them (Schoenberg, "Fundamentals of Musical Composition", 1967).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from menura.score.arranger.plan import drawn
from menura.score.form import Section
from menura.score.notes import Key
from menura.score.steps.given import Given
from menura.score.steps.tokens import DURATIONS, bar_length
from menura.score.theme import LENGTH, ONSET, PITCH, Theme

_FREE_AT_THE_END = 2
"""Bars of a piece that closes which no development reaches into."""
_PHRASE = 4
_SEQUENCES = (1, -1, 2, -2, 3)
"""By how many steps of the scale."""
_KINDS = ("sequence", "inversion", "augmentation")


@dataclass(frozen=True, eq=False)
class Statement:
    """The theme, or what became of it, at a place.

    Attributes:
        name: what it is: ``"theme"``, ``"sequence +1"``, ``"inversion"`` or ``"augmentation"``.
        bar: in which it begins, from 0.
        bars: how many it takes.
        notes: int64 ``[note, 3]``: onset in twelfths of a quarter from the beginning of that bar, length, pitch.
    """

    name: str
    bar: int
    bars: int
    notes: Int[np.ndarray, "note 3"]

    @property
    def reached(self) -> range:
        """Its bars."""
        return range(self.bar, self.bar + self.bars)


def sequence(notes: np.ndarray, key: Key, steps: int) -> np.ndarray:
    """Notes moved by steps of the key's scale; what is raised stays raised."""
    degrees, raised = _degrees(notes[:, PITCH], key)
    return _with_pitches(notes, _pitches(degrees + steps, key) + raised)


def inversion(notes: np.ndarray, key: Key) -> np.ndarray:
    """Notes mirrored at the first of them within the key's scale; what is raised is lowered."""
    degrees, raised = _degrees(notes[:, PITCH], key)
    return _with_pitches(notes, _pitches(2 * degrees[0] - degrees, key) - raised + raised[0])


def augmentation(notes: np.ndarray) -> np.ndarray:
    """Notes twice as slow."""
    return notes * np.array([2, 2, 1])


def statements(
    theme: Theme,
    metre: tuple[int, int],
    key: Key,
    form: Sequence[Section],
    compass: tuple[int, int],
    seed: int,
    *,
    closes: bool = True,
) -> list[Statement]:
    """Where a piece states its theme, in order, none over another.

    Args:
        theme: as it is to sound.
        metre: of all bars.
        key: whose scale it is moved in.
        form: the sections of the piece.
        compass: the lowest and the highest pitch of who plays it.
        seed: of the choice of developments.
        closes: whether the last bars are kept free for the close.

    Raises:
        ValueError: the theme is longer than the piece, or its bar lines are not those of the metre; one line.
    """
    length, upbeat = bar_length(*metre), theme.upbeat(metre)
    opening = theme.notes + np.array([(length - upbeat) % length, 0, 0])
    bars, total = _bars(opening, length), sum(section.bars for section in form)
    if bars > total:
        raise ValueError(f"it takes {bars} bars of {metre[0]}/{metre[1]}, and the piece has {total}; ask for more bars")
    end, unit = total - (_FREE_AT_THE_END if closes else 0), bars if bars <= 2 else _PHRASE
    developer = _Developer(opening, key, compass, length, drawn(seed, "theme"))
    found = [Statement("theme", 0, bars, opening)]
    known: dict[str, list[Statement]] = {}
    for section in form:
        first, beyond = section.start, min(section.start + section.bars, end)
        if section.name == form[0].name:
            if first and bars <= section.bars and first + bars <= total:
                found.append(Statement("theme", first, bars, opening))
            if len(form) > 1:
                continue
            first = max(_rounded_up(section.bars // 2, unit), bars)  # a piece of one section has a middle
        if section.name in known:
            again = [replace(one, bar=first + one.bar) for one in known[section.name]]
            found += [one for one in again if one.reached.stop <= beyond]
            continue
        own = known.setdefault(section.name, [])
        for place in (first, _rounded_up((first + beyond) // 2, unit)):
            if place >= found[-1].reached.stop and (one := developer.next(place, beyond)) is not None:
                found.append(one)
                own.append(replace(one, bar=place - section.start))
    return found


class _Developer:
    """Makes of a theme one thing after another.

    Args:
        opening, key, compass: as of `statements`; the theme from the beginning of its bar.
        length: of a bar, twelfths of a quarter.
        rng: draws the order.
    """

    def __init__(
        self, opening: np.ndarray, key: Key, compass: tuple[int, int], length: int, rng: np.random.Generator
    ) -> None:
        self.opening, self.key, self.compass, self.length = opening, key, compass, length
        self.order = [_KINDS[index] for index in rng.permutation(len(_KINDS))]
        self.steps = [_SEQUENCES[index] for index in rng.permutation(len(_SEQUENCES))]
        self.count = 0

    def next(self, bar: int, beyond: int) -> Statement | None:
        """The next that fits from a bar to before another; None where nothing does."""
        for _ in self.order:
            rounds, kind = divmod(self.count, len(self.order))
            self.count += 1
            name, notes = self._developed(self.order[kind], self.steps[rounds % len(self.steps)])
            fitting = _in_compass(notes, self.opening, self.compass)
            if fitting is not None and bar + _bars(fitting, self.length) <= beyond:
                return Statement(name, bar, _bars(fitting, self.length), fitting)
        return None

    def _developed(self, kind: str, steps: int) -> tuple[str, np.ndarray]:
        if kind == "sequence":
            return f"sequence {steps:+d}", sequence(self.opening, self.key, steps)
        return kind, inversion(self.opening, self.key) if kind == "inversion" else augmentation(self.opening)


def as_given(stated: Sequence[Statement], slot: int, num_bars: int, length: int, *, is_alone: bool = False) -> Given:
    """Statements as what a part is given, bar by bar; bars are `length` twelfths of a quarter long."""
    bars: list[np.ndarray | None] = [None] * num_bars
    for one in stated:
        for bar in one.reached:
            within = one.notes[one.notes[:, ONSET] // length == bar - one.bar]
            room = num_bars * length - one.bar * length - within[:, ONSET]
            index = np.searchsorted(DURATIONS, np.minimum(within[:, LENGTH], room), side="right") - 1
            pitch = within[:, PITCH]
            bars[bar] = np.column_stack((within[:, ONSET] % length, pitch, pitch, index)).astype(np.int64)
    return Given(slot, bars, is_alone=is_alone)


def named(stated: Sequence[Statement]) -> str:
    """What is stated where, for people: ``"theme 1–2, 17–18; inversion 9–10"``."""
    places: dict[str, list[str]] = {}
    for one in stated:
        first, last = one.bar + 1, one.reached.stop
        places.setdefault(one.name, []).append(f"{first}" if first == last else f"{first}–{last}")
    return "; ".join(f"{name} {', '.join(where)}" for name, where in places.items())


def _bars(notes: np.ndarray, length: int) -> int:
    """How many bars notes sound in: into the last of them nothing else may cut."""
    return -(-int((notes[:, ONSET] + notes[:, LENGTH]).max()) // length)


def _in_compass(notes: np.ndarray, opening: np.ndarray, compass: tuple[int, int]) -> np.ndarray | None:
    """Notes in the octave nearest to the theme's in which they can be played; None: there is none."""
    low, high = compass
    apart = opening[:, PITCH].mean() - notes[:, PITCH].mean()
    for octave in sorted(range(-3, 4), key=lambda octave: abs(12 * octave - apart)):
        moved = notes[:, PITCH] + 12 * octave
        if low <= moved.min() and moved.max() <= high:
            return _with_pitches(notes, moved)
    return None


def _with_pitches(notes: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    return np.column_stack((notes[:, ONSET], notes[:, LENGTH], pitches))


def _degrees(pitches: np.ndarray, key: Key) -> tuple[np.ndarray, np.ndarray]:
    """Steps of the scale from its lowest tonic, and by how many semitones each pitch is above its step."""
    scale = _scale(key)
    octave, tone = np.divmod(pitches - key.tonic, 12)
    step = np.searchsorted(scale, tone, side="right") - 1
    return 7 * octave + step, tone - scale[step]


def _pitches(degrees: np.ndarray, key: Key) -> np.ndarray:
    octave, step = np.divmod(degrees, 7)
    return key.tonic + 12 * octave + _scale(key)[step]


def _scale(key: Key) -> np.ndarray:
    return np.array(sorted((pitch_class - key.tonic) % 12 for pitch_class in key.scale))


def _rounded_up(bar: int, unit: int) -> int:
    return -(-bar // unit) * unit
