"""A melody suits its words: stresses on beats, room to breathe, notes that fit the chords and the voice."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
import pytest

from menura.score.harmony import parse_plan
from menura.score.notes import Key
from menura.score.vocal import HELD, Ground, VocalLine, bars_of_line, harmony, melody

IAMBS = (0.0, 1.0) * 4
LOOP = parse_plan("C | Am | F | G")


def ground(metre: tuple[int, int] = (4, 4), bpm: float = 90.0) -> Ground:
    return Ground(LOOP * 16, Key(0, "major"), metre, bpm, (54, 71))


def lines(
    on: Ground, stresses: tuple[float, ...], count: int = 4, lift: int = 0, name: str = "verse"
) -> list[VocalLine]:
    length = bars_of_line(stresses, on) * on.bar
    return [
        VocalLine(name, number, count, on.bar * 4 + number * length, on.bar * 4 + (number + 1) * length, stresses, lift)
        for number in range(count)
    ]


@pytest.mark.parametrize("metre", [(4, 4), (3, 4), (6, 8)])
@pytest.mark.parametrize("seed", range(3))
def test_stressed_syllables_stand_on_beats_and_lines_breathe(metre, seed):
    on = ground(metre)
    sung = melody(lines(on, IAMBS), on, seed)
    for line, notes in zip(lines(on, IAMBS), sung, strict=True):
        stressed = np.array(line.stresses) == 1
        assert np.mean([on.strength(int(tick)) >= 0.8 for tick in notes[stressed, 0]]) >= 0.85
        assert (np.diff(notes[:, 0]) > 0).all()
        assert (notes[:-1, 0] + notes[:-1, 1] == notes[1:, 0]).all()  # no rest within a line, so none within a word
        assert notes[-1, 0] + notes[-1, 1] < line.end
    for before, after in pairwise(sung):
        assert on.seconds(after[0, 0] - before[-1, :2].sum()) >= 0.2


@pytest.mark.parametrize("bpm", [88.0, 104.0, 126.0])
@pytest.mark.parametrize("stresses", [IAMBS[:6], (1.0, *IAMBS[:6]), (*IAMBS[:6], 0.0), IAMBS])
def test_in_three_a_stressed_syllable_has_a_bar(bpm, stresses):
    """In verse all of whose lines are short, too."""
    on = ground((3, 4), bpm)
    for line, notes in zip(lines(on, stresses), melody(lines(on, stresses), on, 1), strict=True):
        stressed = np.array(line.stresses) == 1
        assert np.mean([on.strength(int(tick)) >= 0.8 for tick in notes[stressed, 0]]) >= 0.75


def test_notes_lie_in_the_voice_and_where_it_matters_in_the_chord():
    on = ground()
    notes = np.concatenate(melody(lines(on, IAMBS), on, 1))
    assert ((notes[:, 2] >= 54) & (notes[:, 2] <= 71)).all()
    beats = [row for row in notes.tolist() if on.is_on_beat(row[0])]
    under = [(row[2] % 12, on.chord_at(row[0])) for row in beats]
    belongs = [chord is not None and pitch in chord.pitch_classes for pitch, chord in under]
    assert np.mean(belongs) > 0.8


def test_a_chorus_lies_higher_and_a_line_returns_with_its_tune():
    on = ground()
    verse = melody(lines(on, IAMBS), on, 1)
    chorus = melody(lines(on, IAMBS, lift=4, name="chorus"), on, 1)
    assert np.concatenate(chorus)[:, 2].mean() > np.concatenate(verse)[:, 2].mean() + 1
    twice = melody([*lines(on, IAMBS), *lines(on, (1.0, 0.0) * 4)], on, 1)
    again = melody([*lines(on, IAMBS), *lines(on, IAMBS)], on, 1)
    assert np.array_equal(again[0], again[4])
    assert len(twice[4]) == 8


def test_a_held_syllable_moves_and_one_seed_gives_one_melody():
    on = ground()
    held = lines(on, (1.0, HELD, 0.0, 1.0))
    first, again, other = (np.concatenate(melody(held, on, seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (first[0::4, 2] != first[1::4, 2]).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_pitch_is_not_sung_over_and_over(seed):
    """Not even where the voice has little room."""
    on = replace(ground(), compass=(60, 67))
    for stresses in (IAMBS, (1.0,) * 8):
        for notes in melody(lines(on, stresses), on, seed):
            assert max(len(list(own)) for _, own in groupby(notes[:, 2].tolist())) <= 3


def test_too_many_notes_are_refused():
    on = ground()
    crowded = VocalLine("verse", 0, 1, on.bar, 2 * on.bar, (0.0,) * 40)
    with pytest.raises(ValueError, match="40 notes do not fit 1 bar"):
        melody([crowded], on, 0)


def test_the_second_voice_sings_thirds_and_sixths_that_fit():
    on = ground()
    lead = np.concatenate(melody(lines(on, IAMBS, lift=4), on, 1))
    second = harmony(lead, on, 48)
    below = lead[:, 2] - second[:, 2]
    assert np.isin(below, (3, 4, 5, 8, 9, 12)).all()
    assert np.isin(below, (3, 4, 8, 9)).mean() > 0.6
    assert np.array_equal(lead[:, :2], second[:, :2])
