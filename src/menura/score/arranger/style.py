"""What a style is: its metre, pace and players, and what each of them plays at every energy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from menura.score.arranger.patterns import beats_of

ROLES = ("drums", "bass", "comp", "comp2", "pad")


@dataclass(frozen=True, slots=True)
class Style:
    """A style's tables. Patterns stand from the calmest to the wildest; the energy of a phrase chooses among them.

    Args:
        name: what people call it.
        bpm: the usual pace, slowest and fastest, quarter notes a minute.
        programs: General MIDI program by role, of `ROLES`; for drums that of the kit.
        drums: for each energy lines of ``piece pattern``; empty: no drums. ``X`` accented, ``x`` plain, ``o`` soft,
            ``g`` a ghost note.
        bass: for each energy a pattern of ``1 2 3 4 5 6 7 8`` degrees above the root, ``f`` the fifth below, ``a`` a
            note that leads to the next root, ``n`` the next root early, ``w`` a step of a walking line, ``x`` a dead
            note.
        comp: for each energy a pattern: ``X x o`` the chord (accented, plain, soft), ``N`` the next chord early,
            ``d u m`` strummed down, up, muted, ``t`` its two upper notes, ``p q r`` root with fifth,
            sixth or seventh, ``1`` to ``8`` one of its notes from below, ``b f`` root or fifth in the bass. Layers of
            one player are lines.
        comp2: as `comp`, for a second player, who joins from `comp2_from` on.
        metres: the first is the one that patterns are written in.
        swing: how long the first of two `swing_unit` notes is against the second; 1 is straight.
        swing_unit: 8 or 16.
        human: family of the Groove set whose timing and loudness drummers here have; None: a machine plays.
        colour: tones added to chords, as far as the key has them: 0 none, 1 the seventh, 2 the seventh and ninth.
        fills: a table of `menura.score.arranger.fills`.
        ending: ``"hit"``, ``"ring"`` or ``"button"`` (a beat later, short).
        crash: piece struck where a section begins; None: none.
        bright: whether chords lie a fourth higher than usual.
        comp2_from: energy.
    """

    name: str
    bpm: tuple[int, int]
    programs: Mapping[str, int]
    drums: tuple[str, ...]
    bass: tuple[str, ...]
    comp: tuple[str, ...]
    comp2: tuple[str, ...] = ()
    metres: tuple[tuple[int, int], ...] = ((4, 4),)
    swing: float = 1.0
    swing_unit: int = 8
    human: str | None = "rock"
    colour: int = 0
    fills: str = "rock"
    ending: str = "hit"
    crash: str | None = "crash"
    bright: bool = False
    comp2_from: float = 0.4

    @property
    def home(self) -> tuple[int, ...]:
        """Beats of the metre that patterns are written in."""
        return beats_of(*self.metres[0])


def level_of(energy: float, levels: int) -> int:
    """Which of some levels an energy from 0 to 1 asks for."""
    return min(int(energy * levels), levels - 1)
