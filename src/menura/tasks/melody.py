"""What is given to the melody of a piece: a theme and what becomes of it, or lines of so many syllables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from menura.score import development, lines
from menura.score.arranger.progressions import Chords
from menura.score.development import Statement
from menura.score.form import Section
from menura.score.harmonise import harmonise
from menura.score.harmony import Chord, half_bars
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import Key
from menura.score.roles import CHORDAL, ROLES, usual_lead
from menura.score.steps.given import Given
from menura.score.steps.grammar import chord_size
from menura.score.steps.tokens import DRUMS, bar_length
from menura.score.theme import Theme, parse, theme_of
from menura.tasks.inputs import NotesInput

if TYPE_CHECKING:
    from menura.tasks.arrange import Arrangement


@dataclass(frozen=True, eq=False)
class Melody:
    """What a part is given.

    Attributes:
        given: its notes, bar by bar.
        messages: what is told of it.
        about: what stands of it in the summary and the sidecar.
        stated: where the theme is stated; empty where there is none.
    """

    given: Given
    messages: tuple[str, ...]
    about: Mapping[str, str]
    stated: Sequence[Statement] = ()

    def harmonised(self, chords: Chords | None, key: Key, metres: np.ndarray) -> Chords | None:
        """Chords that fit the theme where it is stated, and elsewhere those that were chosen, or none."""
        if not self.stated:
            return chords
        known: Chords = chords or [(None, None) for _ in metres]
        fitting, sevenths = list(known), _has_sevenths(known)
        found: dict[str, list[Chord]] = {}  # whatever returns returns over its chords
        length = bar_length(int(metres[0, 0]), int(metres[0, 1]))
        for one in self.stated:
            if one.name not in found:
                starts = np.arange(one.bars) * length
                edges = half_bars(starts, metres[: one.bars], one.bars * length)
                found[one.name] = harmonise(one.notes, edges, key, sevenths=sevenths)
            halves = found[one.name]
            for place, bar in enumerate(one.reached):
                fitting[bar] = (halves[2 * place], halves[2 * place + 1])
        return fitting


def read_theme(text: str | None, file: NotesInput | None) -> Theme | None:
    """The theme that was given, if any.

    Raises:
        ValueError: it is none; one line that begins with the field.
    """
    try:
        if text is not None:
            return parse(text)
        return theme_of(file.read()) if file is not None else None
    except ValueError as error:
        name = f"theme: {_as_file(text)}" if text is not None else f"theme_file: {file.name if file else ''}: "
        raise ValueError(f"{name}{error}") from error


def melody_of(
    arrangement: Arrangement,
    theme: Theme | None,
    syllables: Sequence[int],
    form: Sequence[Section],
    seed: int,
    *,
    field: str,
) -> Melody | None:
    """What the lead is given, or None; complaints begin with the name of the `field` that says what.

    Raises:
        ValueError: it cannot be played, is longer than the piece, or does not fit its bars; one line.
    """
    if theme is None and not syllables:
        return None
    controls = arrangement.controls
    slot = _lead(arrangement)
    if slot is None:
        raise ValueError(f"{field}: drums alone carry no melody; name who plays it")
    program = arrangement.band.leads[0] if arrangement.band else controls.slots[slot].program
    compass, is_alone, bars = _compass(arrangement, slot), _is_alone(arrangement, slot), len(controls.metres)
    try:
        if theme is None:
            given = lines.as_given(syllables, bars, arrangement.metre, slot, compass, seed, is_alone=is_alone)
            about = {"lines": ", ".join(map(str, lines.first_notes(syllables)))}
            told = f"lines of {', '.join(map(str, syllables))} notes for {INSTRUMENTS[program].name}"
            return Melody(given, (f"{told}; they begin with its notes {about['lines']}",), about)
        moved = theme.within(*compass)
        own, length = theme.transposed(moved), bar_length(*arrangement.metre)
        metre, closes = arrangement.metre, controls.closes
        stated = development.statements(own, metre, controls.key, form, compass, seed, closes=closes)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from None
    octaves = abs(moved) // 12
    shift = f", {octaves} octave{'s' * (octaves > 1)} {'higher' if moved > 0 else 'lower'}" if moved else ""
    about = {"theme": development.named(stated)}
    told = f"theme of {len(theme.notes)} notes for {INSTRUMENTS[program].name}{shift}: bars {about['theme']}"
    given = development.as_given(stated, slot, bars, length, is_alone=is_alone)
    return Melody(given, (told,), about, stated)


def _lead(arrangement: Arrangement) -> int | None:
    """The part that has the melody: a band's lead, or the usual one."""
    slots, roles = arrangement.controls.slots, list(arrangement.controls.roles)
    if arrangement.band:
        return roles.index(1 + ROLES.index("lead"))
    return usual_lead(slots)


def _compass(arrangement: Arrangement, slot: int) -> tuple[int, int]:
    """The lowest and the highest pitch that the lead has, and so has whoever stands in for it."""
    programs = [arrangement.controls.slots[slot].program, *(arrangement.band.leads[:1] if arrangement.band else ())]
    players = [INSTRUMENTS[program] for program in programs]
    return max(player.low for player in players), min(player.high for player in players)


def _is_alone(arrangement: Arrangement, slot: int) -> bool:
    """Whether whoever has the melody is also the only one who can play chords to it."""
    slots = arrangement.controls.slots
    chordal = [place for place, one in enumerate(slots) if one.program != DRUMS and chord_size(one.program) >= CHORDAL]
    return arrangement.band is None and chordal == [slot]


def _has_sevenths(chords: Chords) -> bool:
    named = [chord.quality for halves in chords for chord in halves if chord]
    return bool(named) and sum("7" in quality for quality in named) > len(named) / 2


def _as_file(text: str) -> str:
    """What to say before a complaint of text that looks like the name of a file."""
    return f"{text[-40:]!r} looks like a file, which is given as theme_file: " if _looks_like_file(text) else ""


def _looks_like_file(text: str) -> bool:
    return text.lower().strip().endswith(NotesInput.suffixes)
