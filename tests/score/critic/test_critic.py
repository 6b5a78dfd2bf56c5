"""The critic: what is like real music comes first, and what lost its key or its chords last."""

import numpy as np
import pytest

from menura.score.critic.critic import (
    CHOSEN_BY,
    KINDS,
    OF_MELODIES,
    distance,
    follows,
    keeps,
    ranked,
    reference,
    silent_players,
)
from menura.score.critic.measures import measures
from menura.score.harmony import indices, parse_plan
from menura.score.notes import Key
from menura.score.steps.tokens import TokenPiece

C_MAJOR = Key(0, "major")
TUNE = [(60, 62, 64, 60), (64, 65, 67, 64), (67, 69, 67, 65), (64, 62, 60, 55)] * 4
NOISE = [(48, 79, 50, 83), (61, 61, 61, 61), (90, 54, 70, 42), (66, 66, 66, 66)] * 4


@pytest.fixture
def tune(piece_of, line) -> TokenPiece:
    return piece_of([line(*bar) for bar in TUNE], 73)


@pytest.fixture
def noise(piece_of, line) -> TokenPiece:
    return piece_of([line(*bar) for bar in NOISE], 73)


def test_a_tune_is_nearer_to_real_music_than_leaps_at_random(tune, noise):
    assert distance(tune) < distance(noise)


def test_its_table_knows_everything_it_listens_to(tune):
    assert reference().keys() == KINDS.keys()
    names = measures(tune).keys()
    for kind in reference().values():
        assert {*CHOSEN_BY, *OF_MELODIES} <= kind.keys() <= names
        assert all(spread > 0 for _, spread in kind.values())


def test_the_best_comes_first_and_equals_stay_in_order(tune, noise):
    assert ranked([noise, tune, tune], C_MAJOR) == [1, 2, 0]


def test_who_loses_the_key_comes_last(tune, piece_of, line):
    moved = piece_of([line(*(pitch + 1 for pitch in bar)) for bar in TUNE], 73)
    assert keeps(tune, C_MAJOR) == 2
    assert keeps(moved, C_MAJOR) == 0
    assert ranked([moved, tune], C_MAJOR) == [1, 0]


@pytest.mark.parametrize(("plan", "share"), [("C", 1.0), ("F#", 0.0)])
def test_chords_that_were_asked_are_looked_for(plan: str, share: float, piece_of):
    chords = np.resize(indices(parse_plan(plan)), (8, 2))
    held = piece_of([[(0, 0, pitch, 48) for pitch in (48, 52, 55)]] * 8, 0)
    assert follows(held, chords) == share


def test_who_hardly_plays_is_missed(piece_of, line):
    bars = [line(*bar) for bar in TUNE]
    both = piece_of([[*bar, (0, 1, 72, 48)] for bar in bars], 42, 73)
    seldom = piece_of([[*bar, (0, 1, 72, 48)] if number < 4 else bar for number, bar in enumerate(bars)], 42, 73)
    assert silent_players(both) == 0
    assert silent_players(seldom) == 1
    assert ranked([seldom, both], C_MAJOR) == [1, 0]
