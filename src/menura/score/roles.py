"""Who does what: lead, countermelody, accompaniment, bass or drums, measured from the notes of an ensemble."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from menura.score.steps.grammar import chord_size
from menura.score.steps.tokens import DRUMS, DURATIONS, GRID_PER_QUARTER, MAX_SLOTS, Slot

ROLES = ("solo", "lead", "counter", "comp", "bass", "drums")
"""Solo is melody and bass in one player's hands."""
NUM_ACTIVITIES = 8
BASSES = frozenset((*range(32, 40), 43, 58))
"""General MIDI programs of instruments that play the bass and nothing else."""
CHORDAL = 3
"""Whoever strikes so many notes at once can accompany itself."""
_SMALL = 5
_EVERY = GRID_PER_QUARTER // 2
_MOSTLY = 0.5
_LONGEST_LOOK = 400
"""Eighth notes: an ensemble is known after that many."""


class Roles(NamedTuple):
    """What each slot does; 0 where it is empty or silent.

    Attributes:
        roles: 1 to 6, in the order of ROLES.
        activity: in how many eighths of the bars it sounds, 1 to 8.
    """

    roles: Int[np.ndarray, "slot"]
    activity: Int[np.ndarray, "slot"]


def usual_lead(slots: Sequence[Slot]) -> int | None:
    """The slot that has the melody where nobody says: the highest that plays lines, not chords or the bass, if any."""
    pitched = [index for index, slot in enumerate(slots) if slot.program != DRUMS]
    upper = [index for index in pitched if slots[index].program not in BASSES] or pitched
    lines = [index for index in upper if chord_size(slots[index].program) < CHORDAL]
    return max(lines or upper, default=None)


def usual_roles(slots: Sequence[Slot]) -> Roles | None:
    """What a small ensemble's players do where nobody says: one leads, in nearly all bars, and the others accompany.

    Args:
        slots: in `slot_order`, of one to five pitched players and drums; of more: None, for in orchestras many rest.

    Returns:
        Both of ``[slot]``.
    """
    pitched = [index for index, slot in enumerate(slots) if slot.program != DRUMS]
    lead = usual_lead(slots)
    if lead is None or len(pitched) > _SMALL:
        return None
    names = dict.fromkeys(range(len(slots)), "drums")
    names |= {index: "comp" if chord_size(slots[index].program) >= CHORDAL else "counter" for index in pitched}
    names[next((index for index in pitched if index != lead), lead)] = "bass"
    names[lead] = "lead" if len(pitched) > 1 else "solo"
    roles = [1 + ROLES.index(name) for name in names.values()]
    return Roles(np.array(roles), np.array([NUM_ACTIVITIES - (name == "lead") for name in names.values()]))


def find_roles(notes: np.ndarray, onset: np.ndarray, bar: np.ndarray, num_bars: int, is_drum: np.ndarray) -> Roles:
    """The roles of an ensemble's players.

    Args:
        notes: int ``[note, 5]``: rows of `menura.score.steps.tokens` without bar lines.
        onset: of each, in twelfths of a quarter.
        bar: in which each stands, from 0.
        num_bars: there are.
        is_drum: bool ``[slot]``, as many as there are slots.

    Returns:
        Both of ``[16]``.
    """
    found = Roles(np.zeros(MAX_SLOTS, np.int64), np.zeros(MAX_SLOTS, np.int64))
    count = len(is_drum)
    for slot in range(count):
        sounds_in = len(np.unique(bar[notes[:, 1] == slot]))
        if sounds_in:
            share = sounds_in / max(num_bars, 1)
            found.activity[slot] = 1 + min(int(share * NUM_ACTIVITIES), NUM_ACTIVITIES - 1)
    tops, bottoms = _outlines(notes, onset, is_drum)
    sounds = tops >= 0
    playing = sounds.any(0)
    is_top = sounds & (tops == tops.max(1, keepdims=True, initial=-1))
    floor = np.where(sounds, bottoms, 999)
    is_bottom = sounds & (floor == floor.min(1, keepdims=True, initial=999))
    times = np.maximum(sounds.sum(0), 1)
    top_share, bottom_share = is_top.sum(0) / times, is_bottom.sum(0) / times
    lead = _lead(notes, top_share * playing, times)
    for slot in np.flatnonzero(playing).tolist():
        chords = _notes_per_onset(notes, onset, slot) > 1.5
        if slot == lead:
            found.roles[slot] = 1 if bottom_share[slot] > _MOSTLY and (chords or playing.sum() == 1) else 2
        elif bottom_share[slot] > _MOSTLY and not (chords and bottom_share[slot] < 0.8 and playing.sum() > 2):
            found.roles[slot] = 5
        else:
            found.roles[slot] = 4 if chords or _repeats(notes, slot) > _MOSTLY else 3
    for slot in range(count):
        if is_drum[slot] and found.activity[slot]:
            found.roles[slot] = 6
    return found


def _outlines(notes: np.ndarray, onset: np.ndarray, is_drum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The highest and the lowest pitch of each slot in each eighth note, ``[time, slot]``; -1 where it is silent."""
    pitched = ~is_drum[notes[:, 1]] if len(notes) else np.zeros(0, bool)
    notes, onset = notes[pitched], onset[pitched]
    if not len(notes):
        return np.full((0, len(is_drum)), -1), np.full((0, len(is_drum)), -1)
    begin = onset.min()
    first = (onset - begin) // _EVERY
    last = (onset - begin + DURATIONS[notes[:, 3]] - 1) // _EVERY
    count = int(min(last.max() + 1, _LONGEST_LOOK))
    tops, bottoms = np.full((count, len(is_drum)), -1), np.full((count, len(is_drum)), 999)
    for later in range(int((last - first).max()) + 1):
        within = (first + later <= last) & (first + later < count)
        at = (first[within] + later, notes[within, 1])
        np.maximum.at(tops, at, notes[within, 2])
        np.minimum.at(bottoms, at, notes[within, 2])
    return tops, np.where(bottoms < 999, bottoms, -1)


def _lead(notes: np.ndarray, top_share: np.ndarray, times: np.ndarray) -> int:
    """The slot that is most often on top, and long there; how varied it is decides between equals."""
    if not top_share.any():
        return -1
    variety = np.array([len(np.unique(notes[notes[:, 1] == slot, 2])) for slot in range(len(top_share))])
    weight = top_share * np.sqrt(times / times.max()) * np.log1p(variety)
    return int(weight.argmax())


def _notes_per_onset(notes: np.ndarray, onset: np.ndarray, slot: int) -> float:
    own = onset[notes[:, 1] == slot]
    return len(own) / max(len(np.unique(own)), 1)


def _repeats(notes: np.ndarray, slot: int) -> float:
    """Share of notes at the pitch of the one before."""
    pitches = notes[notes[:, 1] == slot, 2]
    return float((np.diff(pitches) == 0).mean()) if len(pitches) > 1 else 0.0
