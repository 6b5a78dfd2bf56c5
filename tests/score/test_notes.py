"""The shared form of notes: keys by name, a tempo map that never runs back, bars where metres change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.notes import DURATION, KEY_PRESSURE, ONSET, PITCH, Key, KeyMark, Marker, Metre, Score, Tempo, Track

KEYS = [Key(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]
_SHARPS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F#": 6, "F": -1, "Bb": -2, "Eb": -3, "Ab": -4, "Db": -5}


def track(*notes: tuple[int, int, int], is_drum: bool = False) -> Track:
    rows = [(onset, duration, pitch, 80) for onset, duration, pitch in notes]
    return Track("", 0, is_drum, np.array(rows))


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_key_is_read_back_from_its_name(key: Key) -> None:
    assert Key.parse(str(key)) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Am", Key(9, "minor")),
        ("AM", Key(9, "major")),
        ("b flat minor", Key(10, "minor")),
        ("B♭", Key(10, "major")),
        ("  f♯-min ", Key(6, "minor")),
        ("A-flat major", Key(8, "major")),
        ("Cb", Key(11, "major")),
        ("E#m", Key(5, "minor")),
        ("b", Key(11, "major")),
        ("bb", Key(10, "major")),
    ],
)
def test_keys_are_read_as_people_write_them(text: str, key: Key) -> None:
    assert Key.parse(text) == key


@given(st.text().filter(lambda text: text.strip()[:1].upper() not in list("ABCDEFG")) | st.just("H" * 100_000))
def test_whatever_is_no_key_is_refused_in_one_short_line(text: str) -> None:
    with pytest.raises(ValueError, match="is not a key") as refusal:
        Key.parse(text)
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 500


@pytest.mark.parametrize(("tonic", "mode"), [(12, "major"), (-1, "minor"), (0, "dorian")])
def test_a_key_is_a_tonic_and_one_of_two_modes(tonic: int, mode: str) -> None:
    with pytest.raises(ValueError, match="a key is a tonic"):
        Key(tonic, mode)


def test_signatures_are_those_of_the_circle_of_fifths() -> None:
    for name, fifths in _SHARPS.items():
        major = Key.parse(name)
        relative = Key((major.tonic + 9) % 12, "minor")
        assert major.fifths == relative.fifths == fifths
        assert major.scale == relative.scale
        assert len(major.scale) == 7


tempo_maps = st.lists(st.tuples(st.integers(0, 10_000), st.floats(10, 400)), max_size=6, unique_by=lambda mark: mark[0])


@given(tempo_maps, st.lists(st.integers(0, 20_000), min_size=2, max_size=30))
def test_seconds_grow_with_ticks_and_add_up_over_tempo_changes(marks: list, ticks: list[int]) -> None:
    score = Score((), tuple(Tempo(tick, bpm) for tick, bpm in marks))
    ticks = sorted(ticks)
    found = score.seconds(np.array(ticks))
    assert (np.diff(found)[np.diff(ticks) > 0] > 0).all()
    paces = np.zeros(ticks[-1])  # seconds that each tick lasts, by the plainest rule
    for tempo, following in zip(score.tempos, (*score.tempos[1:], Tempo(1 << 30, 1)), strict=True):
        paces[tempo.tick : following.tick] = 60 / tempo.bpm / 480
    np.testing.assert_allclose(found[-1], paces.sum(), rtol=1e-9, atol=1e-12)


def test_tempo_and_metre_default_to_120_in_4_4_until_one_is_given() -> None:
    score = Score((track((960, 480, 60)),), (Tempo(960, 60),), (Metre(1920, 3, 4),))
    assert score.seconds(960) == 1.0
    assert score.duration_s == 2.0
    assert [str(metre) for metre in score.metres] == ["4/4", "3/4"]
    assert score.tempos[0] == Tempo(0, 120.0)


def test_the_later_of_two_marks_at_one_tick_holds() -> None:
    score = Score((track((480, 480, 60)),), (Tempo(0, 60), Tempo(0, 120)))
    assert score.duration_s == 1.0


def test_bars_follow_the_metre_and_begin_anew_where_it_changes() -> None:
    score = Score((track((0, 9000, 60)),), metres=(Metre(0, 4, 4), Metre(3840, 3, 4), Metre(6000, 6, 8)))
    assert score.bar_starts().tolist() == [0, 1920, 3840, 5280, 6000, 7440, 8880]
    assert score.bar_starts(1920).tolist() == [0]
    assert score.bar_starts(1921).tolist() == [0, 1920]
    assert score.bar_starts(5400).tolist() == [0, 1920, 3840, 5280]
    assert Score(()).bar_starts().tolist() == [0]


@given(st.integers(1, 16), st.sampled_from((1, 2, 4, 8, 16)), st.integers(1, 30_000))
def test_bars_cover_the_piece_exactly(numerator: int, denominator: int, end: int) -> None:
    starts = Score((track((0, end, 60)),), metres=(Metre(0, numerator, denominator),)).bar_starts()
    length = 1920 * numerator // denominator
    assert (np.diff(starts) == length).all()
    assert starts[-1] < end <= starts[-1] + length


def test_notes_are_kept_in_order_and_cannot_be_changed() -> None:
    unordered = track((480, 10, 64), (0, 10, 60), (480, 10, 55))
    assert unordered.notes[:, PITCH].tolist() == [60, 55, 64]
    assert unordered.end_tick == 490
    with pytest.raises(ValueError, match="read-only"):
        unordered.notes[0, 0] = 1
    score = Score((), markers=(Marker(9, "b"), Marker(1, "a")), keys=(KeyMark(5, KEYS[0]), KeyMark(0, KEYS[1])))
    assert [marker.text for marker in score.markers] == ["a", "b"]
    assert [mark.tick for mark in score.keys] == [0, 5]


@given(st.lists(st.integers(0, 127), min_size=1, max_size=20), st.integers(-60, 60))
def test_transposing_moves_pitch_classes_and_keys_and_leaves_drums_alone(pitches: list[int], semitones: int) -> None:
    notes = [(10 * place, 5, pitch) for place, pitch in enumerate(pitches)]
    score = Score((track(*notes), track(*notes, is_drum=True)), keys=(KeyMark(0, Key(2, "minor")),))
    moved = score.transposed(semitones)
    melody, drums = (part.notes for part in moved.tracks)
    assert ((melody[:, PITCH] - np.array(pitches) - semitones) % 12 == 0).all()
    assert not (melody[:, PITCH] >> 7).any(), "0 to 127"
    target = np.array(pitches) + semitones
    inside = target >> 7 == 0
    assert (melody[inside, PITCH] == target[inside]).all()
    assert (melody[:, [ONSET, DURATION]] == score.tracks[0].notes[:, [ONSET, DURATION]]).all()
    assert (drums == score.tracks[1].notes).all()
    assert moved.keys[0].key == Key((2 + semitones) % 12, "minor")


def test_controllers_are_kept_in_order_and_go_with_their_notes() -> None:
    moves = np.array([[50, 7, 1], [0, 100, 0], [0, 101, 0], [50, 7, 2], [9, KEY_PRESSURE + 60, 5]])
    part = Track("", 0, False, np.array([[0, 10, 60, 80]]), moves)
    assert part.controls.tolist() == [[0, 100, 0], [0, 101, 0], [9, KEY_PRESSURE + 60, 5], [50, 7, 1], [50, 7, 2]]
    assert part.later(5).controls[:, 0].tolist() == [5, 5, 14, 55, 55]
    assert part.later(5).notes.tolist() == [[5, 10, 60, 80]]
    (moved,) = Score((part,)).transposed(3).tracks
    assert moved.controls[2].tolist() == [9, KEY_PRESSURE + 63, 5]
    with pytest.raises(ValueError, match="read-only"):
        part.controls[0, 0] = 1
