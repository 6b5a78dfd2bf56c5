"""Given notes: whatever a model prefers, they stand note for note, and the rest is a playable piece."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.score.instruments import INSTRUMENTS
from menura.score.steps.given import LENGTH, LOWEST, NOTHING, POSITION, Given
from menura.score.steps.grammar import Grammar, chord_size
from menura.score.steps.tokens import BAR, DRUMS, DURATIONS, bar_length, slots_for

METRE = (4, 4)


def chosen(mask: np.ndarray, rng: np.random.Generator, likes: np.ndarray | float = 0.0) -> int:
    assert mask.max() > -np.inf, "a dead end"
    return int((mask + likes + rng.gumbel(size=len(mask))).argmax())


def walk(grammar: Grammar, num_bars: int, rng: np.random.Generator, brevity: float) -> list[np.ndarray]:
    """Bars drawn by random preferences."""
    bars, likes = [], np.append(np.zeros(BAR), brevity)
    for bar in range(num_bars):
        grammar.open_bar(bar)
        rows: list[list[int]] = []
        while (position := grammar.settled([], chosen(grammar.positions(), rng, likes))) != BAR:
            slot = grammar.settled([position], chosen(grammar.slot_mask(position), rng))
            mask = np.where(grammar.pitches(position, slot), 0.0, -np.inf)
            pitch = grammar.settled([position, slot], chosen(mask, rng))
            mask = np.where(grammar.durations(position, slot, pitch), 0.0, -np.inf)
            rows.append([position, slot, pitch, chosen(mask, rng), 8])
            grammar.take(rows[-1])
            assert len(rows) < 900, "no end"
        bars.append(np.array(rows, dtype=np.int64).reshape(-1, 5))
    return bars


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[int], Given, int, bool]:
    """An ensemble, what its highest pitched player is given, how many bars there are, and whether they close."""
    programs = draw(st.lists(st.sampled_from((0, 24, 33, 40, 42, 46, 52, 73, DRUMS)), min_size=1, max_size=5))
    programs = programs if set(programs) != {DRUMS} else [*programs, 73]
    programs = [program for place, program in enumerate(programs) if programs[:place].count(program) < 4]
    slots = slots_for(programs)
    lead = max(index for index, slot in enumerate(slots) if slot.program != DRUMS)
    num_bars, is_fixed = draw(st.integers(1, 6)), draw(st.booleans())
    instrument = INSTRUMENTS[slots[lead].program]
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    bars: list[np.ndarray | None] = []
    for _ in range(num_bars):
        positions = np.sort(rng.choice(bar_length(*METRE), int(rng.integers(0, 12)), replace=False))
        lowest = rng.integers(instrument.low, instrument.high - 13, len(positions))
        highest = lowest if is_fixed else lowest + 13
        notes = np.column_stack((positions, lowest, highest, rng.integers(0, 9, len(positions))))
        bars.append(None if rng.random() < 0.3 else notes)
    alone = chord_size(slots[lead].program) > 2 and draw(st.booleans())
    return programs, Given(lead, bars, draw(st.sampled_from((0, 7))), alone), num_bars, draw(st.booleans())


@settings(max_examples=80)
@given(cases(), st.integers(-6, 6), st.integers(0, 2**31), st.sampled_from((-9.0, 0.0, 4.0, 20.0)))
def test_what_is_given_stands_and_nothing_of_its_player_above_it(
    case: tuple[list[int], Given, int, bool], shift: int, seed: int, brevity: float
) -> None:
    programs, theme, num_bars, closes = case
    slots, rng = slots_for(programs), np.random.default_rng(seed)
    last_chord = tuple((tone - shift) % 12 for tone in (0, 4, 7)) if closes else ()
    grammar = Grammar(slots, shift, np.tile(METRE, (num_bars, 1)), last_chord, theme)
    bars = walk(grammar, num_bars, rng, brevity)
    floors = theme.floors(np.full(num_bars, bar_length(*METRE)))
    for bar, rows in enumerate(bars):
        order = [tuple(row) for row in rows[:, :3].tolist()]
        assert order == sorted(set(order)), "time runs forwards and chords are written from below, once"
        asked, own = theme.bars[bar], rows[rows[:, 1] == theme.slot]
        if asked is None:
            continue
        sounding = own[:, 2] + shift
        melody, under = own[sounding >= floors[bar]], own[sounding < floors[bar]]
        assert melody[:, [0, 3]].tolist() == asked[:, [POSITION, LENGTH]].tolist()
        assert (melody[:, 2] + shift >= asked[:, LOWEST]).all()
        assert (melody[:, 2] + shift <= asked[:, 2]).all()
        assert not len(under) or theme.is_alone
    heard = {int(slot) for rows in bars for slot in rows[:, 1]}
    free = theme.bars[-1] is None or len(theme.bars[-1])
    assert heard >= set(range(len(slots))) - (set() if free else {theme.slot}), "all are heard"


def test_a_floor_holds_under_a_note_that_rings_into_the_bar() -> None:
    whole = int(np.flatnonzero(DURATIONS == 96)[0])
    held = Given(0, [np.array([[36, 60, 60, whole]]), np.array([[24, 72, 72, 3]]), NOTHING, None])
    assert held.floors(np.full(4, 48)).tolist() == [60, 60, 60, 60]
    assert [held.sounding(0, position) for position in (0, 36, 47)] == [None, 60, 60]
    assert held.sounding(1, 24) == 72
    assert held.sounding(1, 40) is None
