"""What is measured from notes: keys anywhere on the circle, tempo, density, and whether velocities mean anything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.score.analysis import chromaticism, find_key, has_dynamics, measure, pitch_class_histogram
from menura.score.notes import Key, Score, Tempo, Track

# Pitches above the tonic, and how many quarters each sounds: scales that rest on their tonic, and cadences.
_MAJOR = {
    "scale": ([0, 2, 4, 5, 7, 9, 11, 12], [1, 1, 1, 1, 1, 1, 1, 3]),
    "I IV V I": ([0, 4, 7, 0, 5, 9, 7, 11, 2, 0, 4, 7], [1] * 9 + [2] * 3),
}
_MINOR = {
    "harmonic scale": ([0, 2, 3, 5, 7, 8, 11, 12], [1, 1, 1, 1, 1, 1, 1, 3]),
    "i iv V i": ([0, 3, 7, 0, 5, 8, 7, 11, 2, 0, 3, 7], [1] * 9 + [2] * 3),
}


def piece(pitches: object, durations: object = 480, velocity: object = 80, step: int = 480) -> Score:
    pitches = np.asarray(pitches)
    columns = [np.arange(len(pitches)) * step, *(np.broadcast_to(c, len(pitches)) for c in (durations, pitches))]
    return Score((Track("", 0, False, np.column_stack([*columns, np.broadcast_to(velocity, len(pitches))])),))


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(
    ("mode", "shape"), [("major", shape) for shape in _MAJOR] + [("minor", shape) for shape in _MINOR]
)
def test_scales_and_cadences_are_heard_in_their_key(tonic: int, mode: str, shape: str) -> None:
    pitches, quarters = (_MAJOR if mode == "major" else _MINOR)[shape]
    score = piece(np.array(pitches) + 48 + tonic, np.array(quarters) * 480)
    assert measure(score).key == Key(tonic, mode)


@given(st.lists(st.integers(1, 100), min_size=12, max_size=12, unique=True), st.integers(0, 11))
def test_a_transposed_piece_is_heard_in_the_transposed_key(weights: list[int], semitones: int) -> None:
    histogram = np.array(weights, dtype=float)
    key, moved = find_key(histogram), find_key(np.roll(histogram, semitones))
    assert moved == Key((key.tonic + semitones) % 12, key.mode)
    assert chromaticism(np.roll(histogram, semitones), moved) == pytest.approx(chromaticism(histogram, key))


def test_histograms_are_shares_of_sounding_time() -> None:
    histogram = pitch_class_histogram(np.array([60, 72, 67]), np.array([1, 2, 1]))
    assert histogram[0] == 0.75
    assert histogram[7] == 0.25
    assert not pitch_class_histogram(np.array([], dtype=int), np.array([])).any()


def test_the_raised_sixth_and_seventh_belong_to_minor() -> None:
    assert chromaticism(np.eye(12)[11], Key(0, "minor")) == 0.0
    assert chromaticism(np.eye(12)[9], Key(0, "minor")) == 0.0
    assert chromaticism(np.eye(12)[6], Key(0, "minor")) == 1.0
    assert chromaticism(np.eye(12)[10], Key(0, "major")) == 1.0


def test_a_piece_is_measured_from_its_notes() -> None:
    score = piece([60, 64, 67, 72], 240, [40, 60, 80, 100], step=240)
    measured = measure(score)
    assert measured.density == 2.0
    assert measured.loudness == 70.0
    assert measured.register == pytest.approx(65.75)
    assert measured.bpm == 120.0


def test_the_tempo_is_the_one_that_holds_longest() -> None:
    (melody,) = piece([60] * 8).tracks
    score = Score((melody,), (Tempo(0, 60), Tempo(480, 90), Tempo(1440, 60), Tempo(1920, 90), Tempo(2880, 150)))
    assert measure(score).bpm == 90
    assert measure(Score((melody,), (Tempo(0, 60), Tempo(480, 90), Tempo(3600, 60)))).bpm == 90
    assert measure(Score((melody,), (Tempo(0, 60), Tempo(3840, 90)))).bpm == 60


def test_drums_count_for_density_alone() -> None:
    (melody,) = piece([60, 64, 67, 72]).tracks
    drums = Track("", 0, True, np.array([[120 * k, 60, 36, 80] for k in range(16)]))
    alone, together = measure(Score((melody,))), measure(Score((melody, drums)))
    assert together.density == 5 * alone.density
    assert (together.key, together.register) == (alone.key, alone.register)
    assert measure(Score((drums,))).density > 0


def test_a_silent_piece_has_no_measures() -> None:
    with pytest.raises(ValueError, match="no notes"):
        measure(Score((Track("", 0, False, np.zeros((0, 4))),)))


@pytest.mark.parametrize(
    ("velocities", "expected"),
    [([64] * 50, False), ([64, 100] * 25, False), ([63, 64, 65, 66] * 9, False), (range(40, 90), True)],
    ids=["one value", "two values", "hardly any spread", "played"],
)
def test_fixed_velocities_are_no_dynamics(velocities: object, expected: bool) -> None:
    values = np.array(list(velocities))  # pyright: ignore[reportArgumentType]
    assert has_dynamics(values) is expected
    assert (measure(piece(np.full(len(values), 60), velocity=values)).loudness is not None) is expected
