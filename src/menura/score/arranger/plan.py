"""What a band is told: chords, metres, sections and energy of every bar, and who plays."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from menura.score.analysis import find_key
from menura.score.arranger.patterns import beats_of
from menura.score.arranger.style import ROLES, Style
from menura.score.form import Section
from menura.score.harmony import Chord, first_half
from menura.score.notes import DURATION, ONSET, PITCH

_PHRASE = 4
_WORTH_CONTRAST = 0.3


@dataclass(frozen=True)
class Plan:
    """What is played, bar by bar.

    Args:
        chords: for every bar those of its halves, see `menura.score.harmony.parse_plan`; None: nobody plays chords.
        metres: of every bar, numerator and denominator.
        sections: which bars belong together; a name that returns is played as before.
        energy: of every bar, 0 to 1.
        bpm: quarter notes a minute.
        roles: role, of `menura.score.arranger.style.ROLES`, -> General MIDI program (of the kit, for drums).
        ceiling: the highest pitch that chords may take; above it is the melody's place.
        loops: whether the last bar leads into the first.

    Raises:
        ValueError: lengths differ, or a role or an energy is none.
    """

    chords: Sequence[tuple[Chord | None, Chord | None]]
    metres: Sequence[tuple[int, int]]
    sections: Sequence[Section]
    energy: Sequence[float]
    bpm: float
    roles: Mapping[str, int]
    ceiling: int = 69
    loops: bool = False

    def __post_init__(self) -> None:
        counts = (len(self.chords), len(self.metres), sum(section.bars for section in self.sections), len(self.energy))
        if len(set(counts)) > 1 or not counts[0]:
            raise ValueError("chords, metres, sections and energy are of {}, {}, {} and {} bars".format(*counts))
        unknown = [role for role in self.roles if role not in ROLES]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a role in a band; write one of {', '.join(ROLES)}")
        if not all(0 <= energy <= 1 for energy in self.energy):
            raise ValueError(f"energy is from 0 to 1, not {min(self.energy):g} to {max(self.energy):g}")

    @classmethod
    def of(
        cls,
        style: Style,
        chords: Sequence[tuple[Chord | None, Chord | None]],
        sections: Sequence[Section],
        energy: Sequence[float],
        *,
        metre: tuple[int, int] | None = None,
    ) -> Plan:
        """A plan with a style's own players, metre and usual tempo."""
        metres = [metre or style.metres[0]] * len(chords)
        return cls(chords, metres, sections, energy, round(sum(style.bpm) / 2), style.programs)

    @property
    def starts(self) -> np.ndarray:
        """Ticks at which bars begin, and the end: ``[bar + 1]``."""
        lengths = [sum(beats_of(*metre)) for metre in self.metres]
        return np.concatenate(([0], np.cumsum(lengths)))

    @property
    def scale(self) -> frozenset[int]:
        """Pitch classes of the key that the chords are in."""
        weight = np.zeros(12)
        for chord in (chord for halves in self.chords for chord in halves if chord):
            weight[list(chord.pitch_classes)] += 1
            weight[chord.root] += 0.5
        return find_key(weight).scale


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar as a player sees it.

    Args:
        index, start: its number, and the tick it begins at.
        beats: their lengths in ticks.
        energy: its own, 0 to 1.
        phrase_energy: of the four bars it is in: patterns change with phrases, not with bars.
        section: name.
        place: in its section, from 0.
        section_bars: of the section.
        before, after: mean energy of the sections before and after; None: there is none.
        chords: where each begins, in ticks from the bar's start; a chord that goes on stands once.
        following: the next bar's first chord.
        may_rest: the piece is loud enough elsewhere for players to fall silent here.
    """

    index: int
    start: int
    beats: tuple[int, ...]
    energy: float
    phrase_energy: float
    section: str
    place: int
    section_bars: int
    before: float | None
    after: float | None
    chords: tuple[tuple[int, Chord | None], ...]
    following: Chord | None
    may_rest: bool

    @property
    def length(self) -> int:
        return sum(self.beats)

    @property
    def closes_section(self) -> bool:
        return self.place == self.section_bars - 1

    @property
    def is_last(self) -> bool:
        return self.closes_section and self.after is None

    @property
    def is_light(self) -> bool:
        """An intro, or a break after a loud section: whoever keeps time plays less, until half of it is over."""
        quiet = self.before is None or self.before - self.phrase_energy > _WORTH_CONTRAST
        return self.may_rest and quiet and self.phrase_energy < 0.35 and self.place < self.section_bars // 2

    def rests(self, below: float) -> bool:
        return self.may_rest and self.phrase_energy < below

    def chord_at(self, onset: int) -> Chord | None:
        return [chord for start, chord in self.chords if start <= onset][-1]

    def chord_after(self, onset: int) -> Chord | None:
        """The next that is not the one at `onset`, or the next bar's first."""
        return next((chord for start, chord in self.chords if start > onset), self.following)

    def change_in(self, onset: int, length: int) -> int | None:
        """Where the first change of chord after `onset` is, if within `length` ticks."""
        return next((start for start, _ in self.chords if onset < start < onset + length), None)

    def spans(self) -> list[tuple[int, int, Chord | None]]:
        """Onset, length and chord of each of its chords."""
        edges = [*(start for start, _ in self.chords), self.length]
        return [(a, b - a, chord) for (a, b), (_, chord) in zip(pairwise(edges), self.chords, strict=True)]

    def ending(self, kind: str) -> list[tuple[int, int]]:
        """Onsets and lengths of what the band plays in the last bar."""
        onsets = [start for start, _ in self.chords]
        if kind == "button" and len(self.beats) > 1:
            second = sum(self.beats[: (len(self.beats) + 1) // 2])
            onsets = sorted({0, *onsets, second})
        edges = [*onsets, self.length]
        spans = [(a, b - a) for a, b in pairwise(edges)]
        if kind == "ring":
            return spans
        longest = min(self.beats) // (2 if kind == "hit" else 1)
        return [(onset, min(length, longest)) for onset, length in spans]


def bars_of(plan: Plan) -> list[Bar]:
    """A plan as the bars that players see."""
    metres = np.array(plan.metres)
    starts, chords = plan.starts, list(plan.chords)
    middles = first_half(metres, np.diff(starts))
    may_rest = max(plan.energy) >= _WORTH_CONTRAST
    means, first = [], 0
    for section in plan.sections:
        means.append(float(np.mean(plan.energy[first : first + section.bars])))
        first += section.bars
    bars: list[Bar] = []
    around = [means[-1], *means, means[0]] if plan.loops else [None, *means, None]
    for number, section in enumerate(plan.sections):
        for place in range(section.bars):
            index = len(bars)
            one, other = chords[index]
            changes = one != other and middles[index] < starts[index + 1] - starts[index]
            begin = index - place % _PHRASE
            end = min(begin + _PHRASE, index - place + section.bars)
            bars.append(
                Bar(
                    index=index,
                    start=int(starts[index]),
                    beats=beats_of(*plan.metres[index]),
                    energy=float(plan.energy[index]),
                    phrase_energy=float(np.mean(plan.energy[begin:end])),
                    section=section.name,
                    place=place,
                    section_bars=section.bars,
                    before=around[number],
                    after=around[number + 2],
                    chords=((0, one), (int(middles[index]), other)) if changes else ((0, one),),
                    following=chords[(index + 1) % len(chords)][0],
                    may_rest=may_rest,
                )
            )
    return bars


def drawn(seed: int, *words: str | int) -> np.random.Generator:
    """A generator for one decision, the same wherever that decision returns."""
    return np.random.default_rng([seed, *(zlib.crc32(str(word).encode()) for word in words)])


def choose(options: Sequence[str], seed: int, *words: str | int) -> str:
    return options[int(drawn(seed, *words).integers(len(options)))]


def tidy(rows: Iterable[tuple[int, int, int, int]], end: int) -> np.ndarray:
    """Notes in order, ``[note, 4]``: of two that begin together at one pitch the louder, none longer than the next of
    its pitch allows, none beyond `end`."""
    notes = np.array([row for row in rows if 0 <= row[0] < end], dtype=np.int64).reshape(-1, 4)
    notes = notes[np.lexsort((-notes[:, 3], notes[:, ONSET], notes[:, PITCH]))]
    again = (np.diff(notes[:, PITCH]) == 0) & (np.diff(notes[:, ONSET]) == 0)
    notes = notes[np.append(True, ~again)[: len(notes)]]
    limit = np.full(len(notes), end)
    same = np.flatnonzero(np.diff(notes[:, PITCH]) == 0)
    limit[same] = notes[same + 1, ONSET]
    notes[:, DURATION] = np.clip(np.minimum(notes[:, DURATION], limit - notes[:, ONSET]), 1, None)
    notes[:, 3] = np.clip(notes[:, 3], 1, 127)
    return notes[np.lexsort((notes[:, PITCH], notes[:, ONSET]))]
