"""The grammar: whatever a model prefers, a walk along its masks is a playable piece, and it always ends."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.score.instruments import INSTRUMENTS
from menura.score.steps.grammar import MAX_NOTES_PER_BAR, Grammar, chord_size, one_voice
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    DURATIONS,
    FIELD_SIZES,
    GRID_PER_QUARTER,
    NUM_POSITIONS,
    TokenPiece,
    bar_length,
    detokenise,
    slots_for,
    tokenise,
)

_METRES = [(n, d) for d in (1, 2, 4, 8, 16) for n in range(1, 17) if bar_length(n, d) <= NUM_POSITIONS]


@st.composite
def ensembles(draw: st.DrawFn) -> list[int]:
    programs = draw(st.lists(st.integers(0, DRUMS), min_size=1, max_size=12, unique=True))
    doubled = draw(st.lists(st.sampled_from(programs), max_size=3))
    return (programs + doubled)[:16]


class Player:
    """Chooses among what is allowed by random preferences.

    Args:
        brevity: how much it likes bar lines (below 0: how much it likes to go on).
        haste: how much it likes to move on within the bar.
    """

    def __init__(self, seed: int, brevity: float, haste: float) -> None:
        self.rng = np.random.default_rng(seed)
        self.brevity, self.haste = brevity, haste

    def choose(self, mask: np.ndarray, likes: np.ndarray | float = 0.0) -> int:
        assert mask.max() > -np.inf, "a dead end"
        assert not np.isnan(mask).any()
        return int((mask + likes + self.rng.gumbel(size=len(mask))).argmax())

    def bar(self, grammar: Grammar) -> np.ndarray:
        rows: list[list[int]] = []
        likes = np.append(self.haste * np.arange(NUM_POSITIONS), self.brevity)
        while (position := self.choose(grammar.positions(), likes)) != BAR:
            slot = self.choose(grammar.slot_mask(position))
            pitch = self.choose(np.where(grammar.pitches(position, slot), 0.0, -np.inf))
            duration = self.choose(np.where(grammar.durations(position), 0.0, -np.inf))
            rows.append([position, slot, pitch, duration, 8])
            grammar.take(rows[-1])
            assert len(rows) <= MAX_NOTES_PER_BAR * len(grammar.slots), "no end"
        return np.array(rows, dtype=np.int16).reshape(-1, 5)


def walk(
    programs: list[int],
    shift: int,
    metre: tuple[int, int],
    num_bars: int,
    player: Player,
    last_chord: tuple[int, ...] = (),
) -> list[np.ndarray]:
    grammar = Grammar(slots_for(programs), shift, np.tile(metre, (num_bars, 1)), last_chord)
    bars = []
    for bar in range(num_bars):
        grammar.open_bar(bar)
        bars.append(player.bar(grammar))
    return bars


chords = st.sampled_from(((), (0, 4, 7), (0, 3, 7)))
players = st.builds(Player, st.integers(0, 2**31), st.sampled_from((-9.0, 0.0, 4.0, 20.0)), st.sampled_from((0.0, 0.3)))


@settings(max_examples=60, deadline=None)
@given(ensembles(), st.integers(-6, 6), st.sampled_from(_METRES), st.integers(1, 9), players, chords)
def test_every_walk_is_a_valid_piece(
    programs: list[int],
    shift: int,
    metre: tuple[int, int],
    num_bars: int,
    player: Player,
    last_chord: tuple[int, ...],
) -> None:
    slots, bars = slots_for(programs), walk(programs, shift, metre, num_bars, player, last_chord)
    length = bar_length(*metre)
    assert {int(slot) for rows in bars for slot in rows[:, 1]} == set(range(len(slots))), "all are heard"
    assert bars[0][0, 0] < GRID_PER_QUARTER, "it begins at its beginning"
    assert len(bars[-1])
    assert all(len(before) or len(after) for before, after in pairwise(bars))
    for bar, rows in enumerate(bars):
        order = [tuple(row) for row in rows[:, :3].tolist()]
        assert order == sorted(set(order)), "time runs forwards and chords are written from below, once"
        assert (rows[:, 0] < length).all()
        ends = bar * length + rows[:, 0] + DURATIONS[rows[:, 3]]
        assert (ends <= num_bars * length).all(), "nothing sounds beyond the end"
        for slot, part in enumerate(slots):
            own = rows[rows[:, 1] == slot]
            sounding = own[:, 2] + (0 if part.program == DRUMS else shift)
            instrument = INSTRUMENTS[part.program]
            assert ((instrument.low <= sounding) & (sounding <= instrument.high)).all()
            assert len(own) <= MAX_NOTES_PER_BAR
            assert np.bincount(own[:, 0], minlength=1).max() <= chord_size(part.program)
    if last_chord:
        is_closed(bars[-1], length, [part.program == DRUMS for part in slots], last_chord)


def is_closed(rows: np.ndarray, length: int, is_drum: list[bool], chord: tuple[int, ...]) -> None:
    """The last bar is its chord, from the bass, struck in the first half and held."""
    pitched = rows[~np.array(is_drum)[rows[:, 1]]]
    assert (pitched[:1, 2] % 12 == chord[0]).all()
    assert set((pitched[:, 2] % 12).tolist()) <= set(chord)
    assert (rows[:, 0] < max(length / 2, 1)).all()
    for position, duration in zip(rows[:, 0], DURATIONS[rows[:, 3]], strict=True):
        fitting = DURATIONS[position + DURATIONS <= length]
        assert position + duration >= min(0.75 * length, position + fitting.max())


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(0, DRUMS), min_size=1, max_size=6), st.sampled_from(_METRES), st.integers(1, 5), players)
def test_every_walk_is_written_as_it_is_read(
    ensemble: set[int], metre: tuple[int, int], num_bars: int, player: Player
) -> None:
    programs = sorted(ensemble)
    bars = walk(programs, 0, metre, num_bars, player)
    line = np.array([[BAR, 0, 0, 0, 0]], dtype=np.int16)
    steps = np.concatenate([part for rows in bars for part in (line, rows)])
    piece = TokenPiece(slots_for(programs), np.tile(metre, (num_bars, 1)).astype(np.int16), steps)
    score = detokenise(piece, 100.0)
    assert len(score.bar_starts()) == num_bars
    assert score.num_notes == (steps[:, 0] != BAR).sum()
    again = tokenise(score)
    assert (again.metres == piece.metres).all()
    assert (again.steps[:, :3] == steps[:, :3]).all()


@pytest.mark.parametrize("num_bars", [1, 2, 4])
@pytest.mark.parametrize("last_chord", [(), (0, 4, 7)])
def test_sixteen_players_are_heard_in_the_shortest_bars(num_bars: int, last_chord: tuple[int, ...]) -> None:
    for seed in range(20):
        bars = walk([*range(40, 56)], 0, (1, 16), num_bars, Player(seed, 20.0, 2.0), last_chord)
        assert {int(slot) for rows in bars for slot in rows[:, 1]} == set(range(16))


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, DRUMS), min_size=1, max_size=5), st.sampled_from(_METRES), st.integers(1, 4), players)
def test_who_plays_one_note_at_a_time_ends_each_where_the_next_begins(
    ensemble: set[int], metre: tuple[int, int], num_bars: int, player: Player
) -> None:
    bars = walk(sorted(ensemble), 0, metre, num_bars, player)
    line = np.array([[BAR, 0, 0, 0, 0]], dtype=np.int16)
    steps = np.concatenate([part for rows in bars for part in (line, rows)])
    before = TokenPiece(slots_for(sorted(ensemble)), np.tile(metre, (num_bars, 1)), steps)
    after = one_voice(before)
    assert (after.steps[:, [0, 1, 2, 4]] == before.steps[:, [0, 1, 2, 4]]).all()
    assert (after.steps[:, 3] <= before.steps[:, 3]).all()
    assert (one_voice(after).steps == after.steps).all()
    start = (np.cumsum(steps[:, 0] == BAR) - 1) * bar_length(*metre) + steps[:, 0]
    for slot, part in enumerate(before.slots):
        own = (steps[:, 0] != BAR) & (steps[:, 1] == slot)
        if chord_size(part.program) == 1:
            ends = start[own] + DURATIONS[after.steps[own, 3]]
            assert (ends[:-1] <= start[own][1:]).all()
        else:
            assert (after.steps[own] == before.steps[own]).all()


def test_given_bars_count_as_heard_and_an_empty_one_is_not_followed_by_another() -> None:
    grammar = Grammar(slots_for([0, 73]), 0, np.tile((4, 4), (3, 1)))
    grammar.take([0, 0, 60, 3, 8])
    grammar.open_bar(1)
    assert grammar.positions()[BAR] == 0.0
    grammar.open_bar(2)
    assert grammar.positions()[BAR] == -np.inf
    assert np.isfinite(grammar.slot_mask(0)).tolist() == [False, True] + [False] * (FIELD_SIZES[1] - 2)


def test_a_bar_is_only_closed_where_it_may_stay_empty() -> None:
    grammar = Grammar(slots_for([0]), 0, np.tile((4, 4), (8, 1)))
    assert grammar.positions()[BAR] == -np.inf
    grammar.take([0, 0, 60, 3, 8])
    assert grammar.positions()[BAR] == 0.0
    assert np.isfinite(grammar.positions()[: bar_length(4, 4)]).all()
    assert not np.isfinite(grammar.positions()[bar_length(4, 4) : NUM_POSITIONS]).any()


def test_a_flute_plays_one_note_at_a_time_and_a_chord_has_its_notes_from_below() -> None:
    grammar = Grammar(slots_for([73, 0]), 0, np.tile((4, 4), (2, 1)))
    piano, flute = 0, 1
    grammar.take([5, piano, 60, 3, 8])
    assert not grammar.pitches(5, piano)[:61].any()
    assert grammar.pitches(6, piano)[48]
    grammar.take([5, flute, 72, 3, 8])
    assert not np.isfinite(grammar.slot_mask(5)).any()
    assert grammar.positions()[5] == -np.inf
    assert np.isfinite(grammar.slot_mask(6)[:2]).all()


@pytest.mark.parametrize("program", range(DRUMS + 1))
def test_every_instrument_can_play_in_every_key(program: int) -> None:
    for shift in range(-6, 7):
        grammar = Grammar(slots_for([program]), shift, np.array([[4, 4]]))
        assert grammar.pitches(0, 0).sum() >= 10
        closing = Grammar(slots_for([program]), shift, np.array([[4, 4]]), (0, 3, 7))
        assert closing.pitches(0, 0).any(), "the tonic"
        assert chord_size(program) >= 1
