"""What a piece is like: each measure on music of which it is known."""

import numpy as np
import pytest

from menura.score.critic.measures import chords_of, measures
from menura.score.steps.tokens import DRUMS


def test_a_scale_goes_by_steps_and_a_drone_repeats(piece_of, line):
    scale = measures(piece_of([line(60, 62, 64, 65), line(67, 69, 71, 72)], 73))
    assert (scale["steps"], scale["repeated"], scale["leaps"], scale["turns"]) == (1, 0, 0, 0)
    drone = measures(piece_of([line(60, 60, 60, 60)] * 2, 73))
    assert (drone["steps"], drone["repeated"]) == (0, 1)


def test_a_leap_is_answered_by_a_step_back(piece_of, line):
    assert measures(piece_of([line(60, 67, 65, 64)], 73))["leaps_answered"] == 1
    assert measures(piece_of([line(60, 67, 69, 71)], 73))["leaps_answered"] == 0


def test_a_motif_returns_wherever_it_is_moved(piece_of, line):
    motif, moved, other = line(60, 62, 64, 60), line(67, 69, 71, 67), line(60, 57, 55, 60)
    found = measures(piece_of([motif, moved, other, other], 73))
    assert found["motif_1"] == pytest.approx(2 / 3)
    assert found["motif_2"] == 0


def test_chords_are_counted_by_halves_of_bars(piece_of):
    def chord(*pitches: int) -> list[tuple[int, int, int, int]]:
        return [(0, 0, pitch, 48) for pitch in pitches]

    cadence = piece_of([chord(48, 60, 64, 67), chord(53, 60, 65, 69), chord(55, 59, 62, 67), chord(48, 60, 64, 67)], 0)
    found = measures(cadence)
    assert found["chord_changes"] == pytest.approx(3 / 4)
    assert found["tonic_root"] == 0.5
    assert found["bass_is_root"] == 1
    assert found["chord_tones"] == 1
    assert found["outside"] == 0
    assert (chords_of(cadence) > 0).all()


def test_a_backbeat_and_even_hats(piece_of):
    bar = [
        (0, 0, 36, 1),
        (12, 0, 38, 1),
        (24, 0, 36, 1),
        (36, 0, 38, 1),
        *((6 * place, 0, 42, 1) for place in range(8)),
    ]
    found = measures(piece_of([bar] * 4, DRUMS))
    assert (found["backbeat"], found["even_hats"], found["drums_again"], found["kit_pieces"]) == (1, 1, 1, 3)


def test_every_piece_has_the_same_measures_and_an_empty_one_has_none(piece_of, line):
    empty = measures(piece_of([[], []], 73))
    full = measures(piece_of([line(60, 62, 64, 65)] * 2, 73))
    assert empty.keys() == full.keys()
    assert np.isnan(empty["steps"])
    assert np.isnan(full["backbeat"])
