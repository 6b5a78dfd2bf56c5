"""Splicing: outside the bars that were composed a piece stays as it was, note for note."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.score.notes import DURATION, ONSET, PITCH, Key, KeyMark, Marker, Metre, Score, Tempo, Track
from menura.score.splice import splice

VIOLIN, FLUTE = 40, 73


def track(program: int, *notes: tuple[int, int, int], name: str = "", is_drum: bool = False) -> Track:
    return Track(name, program, is_drum, np.array([(*note, 80) for note in notes]).reshape(-1, 4))


def line(program: int, pitch: int, first: int = 0, count: int = 8, name: str = "") -> Track:
    return track(program, *((480 * k, 480, pitch) for k in range(first, first + count)), name=name)


def pitches(score: Score) -> dict[str, list[int]]:
    return {part.name: part.notes[:, PITCH].tolist() for part in score.tracks}


_notes = st.lists(st.tuples(st.integers(0, 8000), st.integers(1, 3000), st.integers(0, 127)), min_size=1, max_size=20)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from((0, VIOLIN)), _notes), min_size=1, max_size=4), _notes, st.data())
def test_notes_outside_the_region_stay_as_they_were(parts: list, fresh: list, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, 8000))
    end = data.draw(st.integers(first, 9000))
    original = Score(tuple(track(program, *notes, name=str(k)) for k, (program, notes) in enumerate(parts)))
    result = splice(original, Score((track(VIOLIN, *fresh, name="new"),)), first, end)
    after = {part.name: part.notes for part in result.tracks}
    for part in original.tracks:
        old, new = (_outside(notes, first, end) for notes in (part.notes, after.get(part.name, part.notes[:0])))
        assert (old[:, [ONSET, PITCH]] == new[:, [ONSET, PITCH]]).all()
        early = old[:, ONSET] < first
        old[early, DURATION] = np.minimum(old[early, DURATION], first - old[early, ONSET])
        assert (np.sort(new[:, DURATION]) == np.sort(old[:, DURATION])).all()
    composed = [tuple(note[:3]) for notes in after.values() for note in _inside(notes, first, end).tolist()]
    assert sorted(composed) == sorted(note for note in fresh if first <= note[0] < end)


def _inside(notes: np.ndarray, first: int, end: int) -> np.ndarray:
    return notes[(notes[:, ONSET] >= first) & (notes[:, ONSET] < end)]


def _outside(notes: np.ndarray, first: int, end: int) -> np.ndarray:
    kept = notes[(notes[:, ONSET] < first) | (notes[:, ONSET] >= end)]
    return kept[np.lexsort((kept[:, DURATION], kept[:, PITCH], kept[:, ONSET]))]


def test_notes_that_ring_into_the_region_end_at_it() -> None:
    original = Score((track(VIOLIN, (0, 4000, 60), (100, 100, 62), (1920, 480, 64), (3840, 900, 65)),))
    result = splice(original, Score(()), 1920, 3840)
    assert result.tracks[0].notes[:, [ONSET, DURATION]].tolist() == [[0, 1920], [100, 100], [3840, 900]]


def test_players_of_one_instrument_keep_their_parts_whatever_their_order_in_the_file() -> None:
    composed = Score((line(VIOLIN, 81, 8), line(VIOLIN, 61, 8)))
    for names in (("first", "second"), ("second", "first")):
        heights = {"first": 80, "second": 60}
        result = splice(Score(tuple(line(VIOLIN, heights[name], name=name) for name in names)), composed, 3840, 7680)
        assert pitches(result) == {name: [heights[name]] * 8 + [heights[name] + 1] * 8 for name in names}


def test_players_of_one_program_and_drums_are_told_apart() -> None:
    original = Score((line(0, 60, name="piano"), track(0, (0, 10, 36), name="drums", is_drum=True)))
    composed = Score((track(0, (0, 10, 38), is_drum=True), line(0, 70)))
    assert pitches(splice(original, composed, 0, 480)) == {"piano": [70] + [60] * 7, "drums": [38]}


def test_instruments_that_were_not_there_come_last() -> None:
    original = Score((line(0, 60, name="piano"),))
    result = splice(original, Score((line(FLUTE, 80, name="flute"), line(0, 62), line(VIOLIN, 70))), 1920, 3840)
    assert [part.program for part in result.tracks] == [0, FLUTE, VIOLIN]
    assert pitches(result)["flute"] == [80] * 4


def test_a_track_left_without_notes_is_left_out() -> None:
    original = Score((line(0, 60, name="piano"), line(FLUTE, 70, name="flute", count=2)))
    assert pitches(splice(original, Score((line(0, 61),)), 0, 960)) == {"piano": [61, 61] + [60] * 6}


def test_marks_of_the_original_stay() -> None:
    marks = {
        "tempos": (Tempo(0, 90), Tempo(500, 60)),
        "metres": (Metre(0, 4, 4), Metre(1920, 3, 4)),
        "keys": (KeyMark(0, Key(2, "minor")),),
        "markers": (Marker(0, "A"),),
        "title": "Waltz",
    }
    original = Score((line(0, 60),), **marks)
    composed = Score(
        (line(0, 62),), (Tempo(0, 200),), (Metre(0, 4, 4), Metre(1920, 3, 4)), (KeyMark(0, Key(0, "major")),)
    )
    result = splice(original, composed, 0, 1920)
    assert {name: getattr(result, name) for name in marks} == marks


def test_a_new_metre_is_added_after_the_last_bar_even_where_its_last_note_rings_on() -> None:
    composed = Score((line(0, 62),), metres=(Metre(0, 4, 4), Metre(3840, 3, 4)))
    for duration in (240, 480, 5000):
        original = Score((track(0, (0, 480, 60), (3360, duration, 60)),))
        result = splice(original, composed, 3840, 5280)
        assert result.metres == (Metre(0, 4, 4), Metre(3840, 3, 4))
        assert result.tracks[0].notes[1, DURATION] == min(duration, 480)
    same = splice(Score((line(0, 60),), metres=(Metre(0, 3, 4),)), composed, 3840, 5280)
    assert same.metres == (Metre(0, 3, 4),)


def test_controllers_rest_in_composed_bars_and_go_on_as_they_stood_after_them() -> None:
    controls = [(0, 7, 90), (0, 10, 20), (0, 64, 127), (100, 11, 70), (900, 7, 3), (1000, 128, 500), (2000, 64, 0)]
    part = Track("piano", 0, False, line(0, 60).notes, np.array(controls))
    (spliced,) = splice(Score((part,)), Score((line(0, 62),)), 960, 1920).tracks
    rows = spliced.controls.tolist()
    assert [row for row in rows if row[0] < 960] == [list(row) for row in controls if row[0] < 960]
    assert sorted(row for row in rows if row[0] == 960) == [[960, 7, 90], [960, 11, 70], [960, 64, 0], [960, 128, 0]]
    assert sorted(row for row in rows if row[0] == 1920) == [
        [1920, 7, 3],
        [1920, 11, 70],
        [1920, 64, 127],
        [1920, 128, 500],
    ]
    assert rows[-1] == [2000, 64, 0]


def test_a_piece_that_faded_out_is_gone_on_from_at_its_usual_volume() -> None:
    fade = [(0, 7, 100), *((3000 + 10 * k, 7, 100 - k) for k in range(100))]
    part = Track("", 0, False, line(0, 60).notes, np.array(fade))
    (spliced,) = splice(Score((part,)), Score((line(0, 62, 8),)), 4080, 7680, rings_on=True).tracks
    assert spliced.controls[-1].tolist() == [4080, 7, 100]


def test_where_a_piece_is_gone_on_from_its_last_notes_ring_on_until_they_are_struck_again() -> None:
    original = Score((track(VIOLIN, (0, 4000, 60), (100, 5000, 62)),))
    result = splice(original, Score((track(VIOLIN, (1920, 480, 62)),)), 1920, 3840, rings_on=True)
    assert result.tracks[0].notes[:, [ONSET, DURATION]].tolist() == [[0, 4000], [100, 1820], [1920, 480]]
