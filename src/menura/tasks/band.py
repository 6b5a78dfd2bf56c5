"""A band: who plays what where music is made over a groove, and what it adds to what the model composes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from menura.score.arranger.arrange import arrange as play
from menura.score.arranger.humanise import humanise
from menura.score.arranger.plan import Plan
from menura.score.arranger.progressions import LEADS, Chords
from menura.score.arranger.style import ROLES, Style
from menura.score.arranger.styles import STYLES
from menura.score.form import Section
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import PITCH, Score, Track
from menura.score.roles import BASSES
from menura.score.steps.tokens import DRUMS

BY_ITSELF = frozenset(
    (
        *("rock", "hard rock", "metal", "punk", "pop", "ballad", "country", "blues shuffle", "gospel", "funk", "soul"),
        *("disco", "reggae", "ska", "afrobeat", "lo-fi", "hip hop", "trap", "house", "techno", "trance"),
        *("drum and bass", "dubstep", "synthwave", "chiptune", "ambient", "swing", "big band", "jazz waltz"),
        *(
            "new orleans",
            "bossa nova",
            "samba",
            "salsa",
            "cha-cha",
            "latin pop",
            "tango",
            "rumba flamenca",
            "polka",
            "march",
        ),
        *("balkan 7/8", "five four"),
    )
)
"""Styles that a band plays unasked. The others the model knows from scores, and composes every part of them itself."""
_BEATS = frozenset(
    ("lo-fi", "hip hop", "trap", "house", "techno", "trance", "drum and bass", "dubstep", "synthwave", "chiptune")
)
"""Without a beat they are nothing: whoever is named plays over it."""
_USUALLY_MINOR = frozenset(
    (
        *("metal", "hip hop", "lo-fi", "trap", "techno", "trance", "drum and bass", "dubstep", "synthwave"),
        *("afrobeat", "salsa", "tango", "rumba flamenca", "balkan 7/8"),
    )
)
_ONE_VOICE = frozenset((22, *range(40, 46), *range(56, 61), *range(64, 88), 109, 110, 111))
_LINE = 40
_VOLUME, _PAN = 7, 10
_MIX = {
    **{"lead": (112, 64), "drums": (127, 64), "bass": (122, 64), "comp": (86, 36), "comp2": (78, 92)},
    **{"pad": (68, 76), "counter": (98, 84)},
}
"""Role -> fader and seat (64: the middle). General MIDI kits are some 8 dB softer than chords that would cover them."""
_ENERGY = {"A": 0.5, "B": 0.75, "C": 0.85}
_MOST_ENERGY_BY_RETURN = 0.15


@dataclass(frozen=True)
class Band:
    """Who plays.

    Attributes:
        style: what the band plays.
        leads: General MIDI programs that play what the model composes, the first the melody.
        roles: role -> program, of those who play by the style's tables.
    """

    style: Style
    leads: tuple[int, ...]
    roles: Mapping[str, int]

    @property
    def mode(self) -> str | None:
        """The mode that the style is usually in; None: either."""
        return "minor" if self.style.name in _USUALLY_MINOR else None

    @property
    def composed_for(self) -> tuple[int, ...]:
        """Whom the model is told to compose for: where others play the chords, whoever could play them too is given
        the line of a violin, for scores have two hands of a pianist play them."""
        alone = "comp" not in self.roles
        return tuple(program if alone or program in _ONE_VOICE else _LINE for program in self.leads)

    @property
    def players(self) -> list[str]:
        """Those who play by the tables, by name."""
        return ["drums" if role == "drums" else INSTRUMENTS[program].name for role, program in self.roles.items()]

    def plan(
        self, chords: Chords, metres: np.ndarray, sections: Sequence[Section], bpm: float, *, loops: bool = False
    ) -> Plan:
        """What is told the band of a piece."""
        pairs = [(int(numerator), int(denominator)) for numerator, denominator in metres]
        return Plan(chords, pairs, sections, energy_of(sections), bpm, self.roles, loops=loops)

    def joins(self, score: Score, plan: Plan, seed: int) -> Score:
        """The score with the band under it, all of it swung and played as people play."""
        score = replace(score, tracks=self._played(score.tracks))
        melody = [track for track in score.tracks if len(track.notes)]
        low = min((int(np.percentile(track.notes[:, PITCH], 25)) for track in melody[:1]), default=plan.ceiling)
        tracks = play(replace(plan, ceiling=int(np.clip(low - 1, 60, 74))), self.style, seed)
        roles = [role for role in ROLES if role in plan.roles]
        band = [_at_level(track, role) for track, role in zip(tracks, roles, strict=True)]
        leads = [_at_level(track, "counter" if number else "lead") for number, track in enumerate(score.tracks)]
        own = [humanise(track, plan, self.style, seed) for track in (*leads, *_downwards(band))]
        return replace(score, tracks=tuple(own))

    def _played(self, tracks: Sequence[Track]) -> tuple[Track, ...]:
        """Tracks of stand-ins as those play them for whom they stood in."""
        waiting = list(zip(self.composed_for, self.leads, strict=True))
        played = []
        for track in tracks:
            place = next(index for index, (program, _) in enumerate(waiting) if program == track.program)
            program = waiting.pop(place)[1]
            played.append(track if program == track.program else _given_to(track, program))
        return tuple(played)


def band_of(groove: str, named: Sequence[int], left_out: Set[int], *, always: bool) -> Band | None:
    """Who plays what in a style.

    Args:
        groove: name of the style.
        named: programs that were asked for, 128 for drums; empty: the style's own players.
        left_out: programs that are not to play.
        always: whether a band plays although those who are named are none.

    Returns:
        None where those who are named have no rhythm section, and the style can do without.
    """
    style = STYLES[groove]
    usual = {role: program for role, program in style.programs.items() if not _is_left_out(role, program, left_out)}
    if not named:
        lead = LEADS[groove] if LEADS[groove] not in left_out else 0
        return Band(style, (lead,), usual)
    roles: dict[str, int] = {}
    if DRUMS in named and "drums" in style.programs:
        roles["drums"] = style.programs["drums"]
    basses = [program for program in named if program in BASSES]
    if basses:
        roles["bass"] = basses[0]
    rest = [program for program in named if program not in (DRUMS, *basses[:1])]
    leads = [program for program in rest if program in _ONE_VOICE]
    comps = [program for program in rest if program not in _ONE_VOICE]
    if not leads and comps:
        leads, comps = comps[:1], comps[1:]
    roles |= dict(zip(("comp", "comp2", "pad"), comps, strict=False))
    if groove in _BEATS or (always and not roles):
        roles = {**{role: program for role, program in usual.items() if role in ("drums", "bass", "comp")}, **roles}
    missed = DRUMS in named and "drums" not in roles
    if not leads or not {"drums", "bass"} & roles.keys() or missed or len(comps) > 3:
        return None
    return Band(style, tuple(leads), roles)


def energy_of(sections: Sequence[Section]) -> list[float]:
    """Energy of every bar: each name has its own, a section that returns has a little more."""
    energy: list[float] = []
    heard: dict[str, int] = {}
    for section in sections:
        returns = heard.get(section.name, 0)
        heard[section.name] = returns + 1
        level = _ENERGY.get(section.name, 0.6) + _MOST_ENERGY_BY_RETURN * (1 - 0.5**returns)
        energy += [min(level, 1.0)] * section.bars
    return energy


def _given_to(track: Track, program: int) -> Track:
    """A part for another instrument: by octaves where its range is another."""
    instrument, notes = INSTRUMENTS[program], track.notes.copy()
    notes[:, PITCH] += 12 * (notes[:, PITCH] < instrument.low) - 12 * (notes[:, PITCH] > instrument.high)
    return replace(track, name=instrument.name, program=program, notes=notes)


def _at_level(track: Track, role: str) -> Track:
    mix = np.array([[0, _VOLUME, _MIX[role][0]], [0, _PAN, _MIX[role][1]]], dtype=np.int32)
    return replace(track, controls=np.concatenate((mix, track.controls)))


def _is_left_out(role: str, program: int, left_out: Set[int]) -> bool:
    """Whoever wants no bass wants none of another kind either."""
    if role == "drums":
        return DRUMS in left_out
    return program in left_out or (role == "bass" and not BASSES.isdisjoint(left_out))


def _downwards(tracks: Sequence[Track]) -> list[Track]:
    """As a score is read: from the treble to the bass, drums last."""
    return sorted(
        tracks, key=lambda track: (track.is_drum, -float(track.notes[:, PITCH].mean() if len(track.notes) else 0))
    )
