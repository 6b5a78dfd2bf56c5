"""Steps: on the grid nothing is lost, off it little; bars, chords and players are written in one way only."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.score.notes import DURATION, ONSET, PITCH, VELOCITY, Key, KeyMark, Marker, Metre, Score, Tempo, Track
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    DURATION_FIELD,
    DURATIONS,
    FIELD_SIZES,
    GRID_TICKS,
    MAX_SLOTS,
    NUM_POSITIONS,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
    Slot,
    bar_length,
    detokenise,
    nearest_duration,
    slot_names,
    slot_order,
    slots_for,
    tokenise,
)

PIANO, VIOLIN, CELLO, FLUTE = 0, 40, 42, 73


def track(program: int, *notes: tuple[int, int, int], is_drum: bool = False, name: str = "") -> Track:
    rows = np.array([(onset, duration, pitch, 84) for onset, duration, pitch in notes])
    return Track(name, program, is_drum, rows.reshape(-1, 4))


def line(program: int, pitch: int, count: int = 4, is_drum: bool = False) -> Track:
    return track(program, *((480 * k, 480, pitch) for k in range(count)), is_drum=is_drum)


_METRES = [(n, d) for d in (1, 2, 4, 8, 16) for n in range(1, 17) if bar_length(n, d) <= NUM_POSITIONS]


@st.composite
def grid_scores(draw: st.DrawFn) -> Score:
    """A piece as `detokenise` might have made it: on the grid, its lengths and velocities those of the tables."""
    metres, starts = [], [0]
    for _ in range(draw(st.integers(1, 3))):
        numerator, denominator = draw(st.sampled_from(_METRES))
        for _ in range(draw(st.integers(1, 3))):
            metres.append((numerator, denominator))
            starts.append(starts[-1] + bar_length(numerator, denominator))
    end = starts[-1]
    tracks = []
    for program in draw(st.lists(st.integers(0, DRUMS), min_size=1, max_size=5, unique=True)):
        free: dict[int, int] = {}
        notes = []
        onsets = draw(st.lists(st.integers(0, end - 1), min_size=1, max_size=12, unique=True))
        for onset in sorted(onsets):
            pitch = draw(st.integers(0, 127))
            length = int(draw(st.sampled_from([int(d) for d in DURATIONS if d <= end - onset])))
            if free.get(pitch, 0) <= onset:
                notes.append((onset, length, pitch, 8 * draw(st.integers(0, 15)) + 4))
                free[pitch] = onset + length
        rows = np.array(notes) * [GRID_TICKS, GRID_TICKS, 1, 1]
        is_drum = program == DRUMS
        tracks.append(Track("", 0 if is_drum else program, is_drum, rows))
    # The last bar is known by a note in it.
    tracks[0] = Track("", tracks[0].program, tracks[0].is_drum, np.vstack([tracks[0].notes, _closing(starts, tracks)]))
    changes = [k for k in range(len(metres)) if k == 0 or metres[k] != metres[k - 1]]
    return Score(tuple(tracks), metres=tuple(Metre(starts[k] * GRID_TICKS, *metres[k]) for k in changes))


def _closing(starts: list[int], tracks: list[Track]) -> np.ndarray:
    """A last note of a pitch that nobody in the first track plays."""
    pitch = next(pitch for pitch in range(128) if pitch not in tracks[0].notes[:, PITCH])
    return np.array([[(starts[-1] - 1) * GRID_TICKS, GRID_TICKS, pitch, 84]])


def plain(score: Score) -> tuple:
    """The notes of each instrument and the metres, whatever the order and names of the tracks."""
    notes = {(part.is_drum, part.program): part.notes.tolist() for part in score.tracks}
    return notes, score.metres


@settings(max_examples=150, deadline=None)
@given(grid_scores())
def test_what_lies_on_the_grid_comes_back_note_for_note(score: Score) -> None:
    piece = tokenise(score)
    again = detokenise(piece, 120.0)
    assert plain(again) == plain(score)
    assert (tokenise(again).steps == piece.steps).all()
    assert piece.slots == tokenise(again).slots


@settings(max_examples=100, deadline=None)
@given(grid_scores())
def test_steps_are_canonical_and_within_their_fields(score: Score) -> None:
    piece = tokenise(score)
    steps = piece.steps
    assert steps[0, POSITION_FIELD] == BAR
    assert (steps >= 0).all()
    assert (steps < FIELD_SIZES).all()
    assert steps[:, SLOT_FIELD].max() < len(piece.slots)
    lines = steps[:, POSITION_FIELD] == BAR
    assert lines.sum() == piece.num_bars == len(score.bar_starts())
    assert not steps[lines, 1:].any()
    rows = piece.bar_rows
    assert rows[-1] == len(steps)
    for bar, (first, last) in enumerate(pairwise(rows)):
        order = [tuple(row[:3]) for row in steps[first + 1 : last].tolist()]
        assert order == sorted(set(order)), "by position, slot and pitch, nothing twice"
        assert all(position < bar_length(*piece.metres[bar].tolist()) for position, _, _ in order)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40_000), st.integers(1, 9000)), min_size=1, max_size=30), st.data())
def test_off_the_grid_a_note_moves_by_at_most_half_a_step(times: list[tuple[int, int]], data: st.DataObject) -> None:
    pitches = data.draw(st.permutations(range(60, 60 + len(times))))
    notes = np.array([[onset, length, pitch, 80] for (onset, length), pitch in zip(times, pitches, strict=True)])
    before = Track("", PIANO, False, notes).notes
    (after,) = detokenise(tokenise(Score((Track("", PIANO, False, notes),))), 120.0).tracks
    before, after = (part[part[:, PITCH].argsort()] for part in (before, after.notes))
    assert (before[:, PITCH] == after[:, PITCH]).all()
    assert (np.abs(before[:, ONSET] - after[:, ONSET]) <= GRID_TICKS // 2).all()
    assert (np.abs(before[:, VELOCITY] - after[:, VELOCITY]) <= 4).all()
    steps = np.maximum((before[:, DURATION] + GRID_TICKS // 2) // GRID_TICKS, 1)
    end = tokenise(Score((Track("", PIANO, False, notes),))).num_bars * 1920
    lengths = np.minimum(DURATIONS[nearest_duration(steps)] * GRID_TICKS, end - after[:, ONSET])
    assert (after[:, DURATION] == lengths).all()


def test_the_nearest_length_is_the_nearest() -> None:
    lengths = np.arange(1, 300)
    found = nearest_duration(lengths)
    distance = np.abs(DURATIONS[found] - lengths)
    assert (distance == np.abs(DURATIONS[None] - lengths[:, None]).min(axis=1)).all()
    assert (nearest_duration(DURATIONS) == np.arange(len(DURATIONS))).all()


def test_notes_before_the_beat_join_the_bar_they_belong_to() -> None:
    piece = tokenise(Score((track(PIANO, (0, 480, 60), (1910, 480, 62)),)))
    assert piece.num_bars == 2
    assert piece.steps[:, POSITION_FIELD].tolist() == [BAR, 0, BAR, 0]


def test_empty_bars_are_bars() -> None:
    piece = tokenise(Score((track(PIANO, (0, 480, 60), (3 * 1920, 480, 62)),)))
    assert piece.steps[:, POSITION_FIELD].tolist() == [BAR, 0, BAR, BAR, BAR, 0]
    assert piece.bar_rows.tolist() == [0, 2, 3, 4, 6]


def test_a_bar_cut_short_has_the_metre_of_what_is_left_of_it() -> None:
    melody = track(PIANO, *((480 * k, 480, 60) for k in range(9)))
    score = Score((melody,), metres=(Metre(0, 4, 4), Metre(2880, 3, 4)))
    piece = tokenise(score)
    assert piece.metres.tolist() == [[4, 4], [2, 4], [3, 4]]
    assert detokenise(piece, 120.0).tracks[0].notes.tolist() == melody.notes.tolist()
    eighths = tokenise(Score((melody,), metres=(Metre(0, 2, 2), Metre(2160, 4, 4))))
    assert eighths.metres.tolist() == [[2, 2], [1, 8], [4, 4]]


def test_a_pickup_bar_of_its_own_metre_comes_back() -> None:
    score = Score((line(FLUTE, 70, 9),), metres=(Metre(0, 1, 4), Metre(480, 4, 4)))
    assert plain(detokenise(tokenise(score), 120.0)) == plain(score)


def test_two_hands_are_one_player_and_two_violins_are_two() -> None:
    score = Score((line(VIOLIN, 60), line(PIANO, 72), line(VIOLIN, 76), line(PIANO, 40), line(PIANO, 50)))
    piece = tokenise(score)
    assert set(piece.slots) == {Slot(PIANO), Slot(VIOLIN), Slot(VIOLIN, 1)}
    first, second = (piece.slots.index(Slot(VIOLIN, copy)) for copy in (0, 1))
    slots, pitches = piece.steps[:, SLOT_FIELD], piece.steps[:, PITCH_FIELD]
    notes = piece.steps[:, POSITION_FIELD] != BAR
    assert set(pitches[notes & (slots == first)]) == {76}, "the first violin is the higher one, wherever it stands"
    assert set(pitches[notes & (slots == second)]) == {60}
    assert first > second


def test_tracks_without_notes_are_no_players() -> None:
    assert tokenise(Score((track(FLUTE), line(PIANO, 60)))).slots == (Slot(PIANO),)


def test_drums_are_a_slot_below_all_others_whatever_their_program() -> None:
    piece = tokenise(Score((line(CELLO, 36), line(30, 36, is_drum=True), line(31, 38, is_drum=True))))
    assert piece.slots == (Slot(DRUMS), Slot(CELLO))
    again = detokenise(piece, 100.0)
    assert [(part.name, part.is_drum, part.program) for part in again.tracks] == [
        ("cello", False, CELLO),
        ("drums", True, 0),
    ]
    assert again.tracks[1].notes[:, PITCH].tolist() == [36, 38] * 4


def test_a_fifth_player_of_a_kind_joins_the_fourth() -> None:
    score = Score(tuple(line(VIOLIN, 60 + k) for k in range(6)))
    piece = tokenise(score)
    assert piece.slots == tuple(Slot(VIOLIN, copy) for copy in (3, 2, 1, 0))
    assert (piece.steps[:, POSITION_FIELD] != BAR).sum() == score.num_notes


def test_copies_give_way_where_there_are_many_programs() -> None:
    programs = list(range(40, 54))
    score = Score(tuple(line(program, 60 + k) for program in programs for k in range(3)))
    piece = tokenise(score)
    assert len(piece.slots) == MAX_SLOTS
    assert {slot.program for slot in piece.slots} == set(programs)
    assert (piece.steps[:, POSITION_FIELD] != BAR).sum() == score.num_notes


@pytest.mark.parametrize("quietest", [40, 50, 57])
def test_of_more_than_sixteen_programs_those_with_fewest_notes_are_left_out(quietest: int) -> None:
    score = Score(tuple(line(program, 60, 3 if program == quietest else 8) for program in range(40, 58)))
    kept = {slot.program for slot in tokenise(score).slots}
    assert len(kept) == MAX_SLOTS
    assert quietest not in kept


def test_a_note_struck_again_ends_there_and_equal_notes_are_one() -> None:
    piece = tokenise(Score((track(PIANO, (0, 1920, 60), (480, 480, 60)), track(PIANO, (480, 480, 60)))))
    assert piece.steps[1:, DURATION_FIELD].tolist() == nearest_duration(np.array([48, 12])).tolist()
    (again,) = detokenise(piece, 120.0).tracks
    assert again.notes[:, [ONSET, DURATION]].tolist() == [[0, 480], [480, 480]]


def test_no_note_rings_beyond_the_last_bar() -> None:
    piece = tokenise(Score((track(PIANO, (1440, 4800, 60)),)))
    assert detokenise(piece, 120.0).end_tick == 1920


def test_velocities_keep_their_sixteenth() -> None:
    rows = np.array([[480 * k, 480, 60, velocity] for k, velocity in enumerate((1, 7, 8, 64, 120, 127))])
    steps = tokenise(Score((Track("", PIANO, False, rows),))).steps
    assert steps[steps[:, POSITION_FIELD] != BAR, VELOCITY_FIELD].tolist() == [0, 0, 1, 8, 15, 15]


def test_key_tempo_markers_and_title_are_those_given() -> None:
    keys, markers = (KeyMark(0, Key(2, "minor")),), (Marker(0, "A"),)
    score = detokenise(tokenise(Score((line(PIANO, 60),))), 90.5, keys=keys, markers=markers, title="Waltz")
    assert (score.tempos, score.keys, score.markers, score.title) == ((Tempo(0, 90.5),), keys, markers, "Waltz")


def test_a_silent_piece_is_refused() -> None:
    with pytest.raises(ValueError, match="no notes"):
        tokenise(Score((track(PIANO),)))


@pytest.mark.parametrize("metre", [(9, 4), (5, 2), (255, 64)])
def test_bars_of_more_than_eight_quarters_are_refused(metre: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="bars have at most 8"):
        tokenise(Score((line(PIANO, 60),), metres=(Metre(0, *metre),)))


def test_repeated_programs_become_copies_from_the_bass_upwards() -> None:
    slots = slots_for([FLUTE, VIOLIN, PIANO, VIOLIN, DRUMS, CELLO])
    assert slots[0] == Slot(DRUMS)
    assert (
        slots.index(Slot(CELLO)) < slots.index(Slot(VIOLIN, 1)) < slots.index(Slot(VIOLIN)) < slots.index(Slot(FLUTE))
    )
    assert set(slot_names(slots)) == {"drums", "cello", "violin 1", "violin 2", "flute", "piano"}


@given(st.permutations([Slot(PIANO), Slot(VIOLIN), Slot(VIOLIN, 1), Slot(FLUTE), Slot(DRUMS), Slot(1)]))
def test_the_order_of_slots_depends_on_nothing_else(slots: list[Slot]) -> None:
    assert slot_order(slots) == slot_order(sorted(slots, key=str))


@pytest.mark.parametrize(
    ("programs", "words"),
    [
        ([], "1 to 16 instruments, not 0"),
        ([*range(17)], "1 to 16 instruments, not 17"),
        ([FLUTE] * 5, "at most 4 of one instrument; flute was asked 5 times"),
        ([DRUMS] * 5, "at most 4 of one instrument; drums was asked 5 times"),
    ],
)
def test_ensembles_that_cannot_be_are_refused(programs: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        slots_for(programs)


@pytest.mark.parametrize(
    ("onset", "duration", "bars", "to_end"),
    [(0, 1920, 1, 1), (0, 3840, 1, 2), (960, 1920, 1, 2), (1440, 1200, 1, 1), (0, 2000, 1, 1), (0, 288_000, 1, 150)],
)
def test_bars_may_be_counted_to_the_end_of_what_is_held(onset: int, duration: int, bars: int, to_end: int) -> None:
    score = Score((Track("", 0, False, np.array([[onset, duration, 60, 80]])),))
    assert tokenise(score).num_bars == bars
    piece = tokenise(score, to_end=True)
    assert piece.num_bars == to_end == len(piece.bar_rows) - 1
