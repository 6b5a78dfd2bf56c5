"""Roles are heard in the notes: a tune above chords above a bass, in whatever order the players are named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.roles import NUM_ACTIVITIES, ROLES, find_roles, usual_roles
from menura.score.steps.tokens import DRUMS, nearest_duration, slots_for

QUARTER, BAR_UNITS = 12, 48


def part(slot: int, kind: str, bars: int = 4) -> list[tuple[int, tuple[int, int, int, int, int]]]:
    """Onsets and rows of a part: a tune, chords, a bass, a drum or a slow second voice."""
    found = []
    for beat in range(4 * bars):
        pitches = {
            "tune": [72 + (beat * 2) % 7],
            "chords": [60, 64, 67],
            "bass": [36 + 7 * (beat % 2)],
            "drum": [38],
            "second": [65 + (beat * 3) % 5] if beat % 2 == 0 else [],
        }[kind]
        length = int(nearest_duration(np.array([QUARTER]))[0])
        found += [(beat * QUARTER, (beat % 4 * QUARTER, slot, pitch, length, 8)) for pitch in pitches]
    return found


def roles_of(*kinds: str) -> list[str]:
    rows = sorted(row for slot, kind in enumerate(kinds) for row in part(slot, kind))
    onset = np.array([at for at, _ in rows])
    notes = np.array([row for _, row in rows])
    found = find_roles(notes, onset, onset // BAR_UNITS, 4, np.array([kind == "drum" for kind in kinds]))
    assert (found.activity[: len(kinds)] == NUM_ACTIVITIES).all()
    return [ROLES[role - 1] for role in found.roles[: len(kinds)]]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (("bass", "chords", "tune"), ["bass", "comp", "lead"]),
        (("tune", "bass", "chords"), ["lead", "bass", "comp"]),
        (("drum", "bass", "chords", "tune"), ["drums", "bass", "comp", "lead"]),
        (("bass", "second", "tune"), ["bass", "counter", "lead"]),
        (("tune",), ["solo"]),
        (("drum",), ["drums"]),
    ],
)
def test_who_does_what_is_heard(kinds, expected):
    assert roles_of(*kinds) == expected


rows = st.tuples(st.integers(0, 47), st.integers(0, 3), st.integers(0, 127), st.integers(0, 30), st.integers(0, 15))


@given(st.lists(st.tuples(rows, st.integers(0, 5)), max_size=40), st.lists(st.booleans(), min_size=4, max_size=4))
def test_any_notes_have_roles(notes, drums):
    steps = np.array([row for row, _ in notes], dtype=int).reshape(-1, 5)
    bar = np.array([at for _, at in notes], dtype=int)
    found = find_roles(steps, bar * BAR_UNITS + steps[:, 0], bar, 6, np.array(drums))
    present = np.isin(np.arange(16), steps[:, 1])
    assert ((found.roles > 0) == present).all()
    assert ((found.activity > 0) == present).all()
    assert found.roles.max() <= len(ROLES)


@given(st.lists(st.integers(0, 127), min_size=1, max_size=5, unique=True), st.booleans())
def test_a_small_ensemble_has_one_who_leads_and_all_of_them_play(programs, drums):
    slots = slots_for([*programs, *([DRUMS] if drums else [])])
    usual = usual_roles(slots)
    assert usual is not None
    names = [ROLES[role - 1] for role in usual.roles]
    assert names.count("lead") == (len(programs) > 1)
    assert names.count("solo") == (len(programs) == 1)
    assert names.count("drums") == drums
    assert (usual.activity >= NUM_ACTIVITIES - 1).all()


def test_who_plays_lines_leads_over_chords_and_nobody_does_in_an_orchestra():
    names = {slot.program: ROLES[role - 1] for slot, role in _usual([0, 73])}
    assert names == {0: "bass", 73: "lead"}
    names = {slot.program: ROLES[role - 1] for slot, role in _usual([0, 42])}
    assert names[42] == "lead", "a cello sonata"
    names = {slot.program: ROLES[role - 1] for slot, role in _usual([53, 0, 43])}
    assert names[53] == "lead"
    assert names[43] == "bass"
    assert usual_roles(slots_for(range(40, 46))) is None


def _usual(programs):
    slots = slots_for(programs)
    usual = usual_roles(slots)
    assert usual is not None
    return zip(slots, usual.roles, strict=True)
