"""What is told of a piece before it is composed, and how its chords are written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from menura.score.harmony import Chord
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import Key
from menura.score.steps.tokens import slot_names
from menura.tasks.arrange import Arrangement


def heard(arrangement: Arrangement) -> Iterator[str]:
    """What the prompt was taken to say, what of it gave way to something else, and which words were not used."""
    said, overruled = arrangement.understanding, arrangement.overruled
    for phrase in said.heard:
        meanings = [
            f"{meaning}, overruled by {overruled[control]}" if control in overruled else meaning
            for control, meaning in phrase.meanings
        ]
        yield f"“{phrase.words}” → {', '.join(meanings)}"
    if said.unused:
        yield f"not used: {', '.join(said.unused[:12])}"


def chord_names(chords: np.ndarray, key: Key) -> list[str]:
    """Chords ``[bar, 2]`` as a lead sheet has them."""
    bars = []
    for halves in chords.tolist():
        one, other = (chord.symbol(key.fifths < 0) if (chord := Chord.of(index)) else "N.C." for index in halves)
        bars.append(one if one == other else f"{one} {other}")
    return bars


def messages_of(arrangement: Arrangement) -> Iterator[str]:
    """What was heard, and what is composed for whom."""
    controls, band = arrangement.controls, arrangement.band
    yield from heard(arrangement)
    if band:
        leads = ", ".join(INSTRUMENTS[program].name for program in band.leads)
        players = f"{leads}, and a {band.style.name} band: {', '.join(band.players)}"
    else:
        players = ", ".join(reversed(slot_names(controls.slots)))
    metre = "{}/{}".format(*arrangement.metre)
    fitted = f", to last {arrangement.duration_s:g} s," if arrangement.is_fitted else ""
    count = len(controls.metres)
    yield f"{count} bar{'s' * (count != 1)} of {metre} at {controls.bpm:g} bpm{fitted} in {controls.key} for {players}"
    if arrangement.idiom:
        yield arrangement.idiom.told()
