"""Keeping to the key, the chords and the density that were asked."""

import numpy as np
import pytest

from menura.score.analysis import find_key, pitch_class_histogram
from menura.score.harmony import indices, parse_plan
from menura.score.steps.steering import ChordBias, DensityBias, KeyBias, usual_density
from menura.score.steps.tokens import BAR, GRID_PER_QUARTER

TRIADS = {"major": (0, 4, 7), "minor": (0, 3, 7)}


def kept(mode: str, heard: list[int]) -> KeyBias:
    keeper = KeyBias(mode)
    for pitch in heard:
        keeper.take(pitch, 1.0)
    return keeper


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_before_anything_is_heard_the_tonic_triad_is_preferred_to_what_lies_outside_the_scale(mode):
    bias = KeyBias(mode).bias()
    assert min(bias[60 + pc] for pc in TRIADS[mode]) > max(bias[61], bias[66])


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("rival", range(1, 12))
def test_the_further_the_music_has_strayed_the_harder_it_is_called_back(mode, rival):
    """Music in another key makes every pitch that tells the asked key from it likelier than it was at home."""
    home = kept(mode, [60 + pc for pc in TRIADS[mode]])
    strayed = kept(mode, [60 + (pc + rival) % 12 for pc in TRIADS[mode]])
    assert np.ptp(strayed.bias()) > np.ptp(home.bias())


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_random_music_drawn_with_the_bias_is_heard_in_its_key(mode):
    rng, keeper, pitches = np.random.default_rng(0), KeyBias(mode), []
    for _ in range(400):
        weights = np.exp(keeper.bias()[48:84])
        pitches.append(48 + int(rng.choice(36, p=weights / weights.sum())))
        keeper.take(pitches[-1], 1.0)
    key = find_key(pitch_class_histogram(np.array(pitches), np.ones(len(pitches))))
    assert (key.tonic, key.mode) == (0, mode)


def test_octaves_are_alike():
    bias = kept("minor", [60, 61, 66]).bias()
    assert (bias[:12] == bias[60:72]).all()


def drawn(keeper: DensityBias, hunger: float, bars: int = 60) -> list[int]:
    """Notes in each bar of 4/4, drawn note after note with the keeper's bias; `hunger` makes more of them."""
    rng, counts, length = np.random.default_rng(0), [], 4 * GRID_PER_QUARTER
    for _ in range(bars):
        position, count = 0, 0
        while True:
            logits = np.full(BAR + 1, -np.inf)
            logits[position:length] = -np.arange(length - position) * 0.2 * hunger
            logits[BAR] = -2.0 * hunger
            weights = np.exp(logits + keeper.bias(position))
            position = int(rng.choice(BAR + 1, p=weights / weights.sum()))
            if position == BAR or count == 200:
                break
            count += 1
        counts.append(count)
        keeper.take(count, 4.0)
    return counts


@pytest.mark.parametrize("hunger", [1.0, 1.5, 2.0])
def test_music_that_would_thicken_is_held_back(hunger):
    """Most where most is too much: the push has a limit, so that no bar is emptied."""
    free = np.mean(drawn(DensityBias(10_000, 0.5), hunger)[10:])
    held = [np.mean(drawn(DensityBias(players, 0.5), hunger)[10:]) for players in (1, 4, 10)]
    for players, notes in zip((1, 4, 10), held, strict=True):
        too_many = free > 1.3 * 4 * DensityBias(players, 0.5).wanted
        assert notes < 0.8 * free if too_many else notes <= 1.05 * free
    assert held == sorted(held)


def test_music_that_is_not_too_dense_is_left_alone():
    keeper = DensityBias(4, 0.5)
    assert not keeper.bias(0).any()
    for _ in range(8):
        keeper.take(round(4 * keeper.wanted), 4.0)
    assert not keeper.bias(5).any()
    sparse = DensityBias(4, 0.5)
    sparse.take(1, 4.0)
    assert not sparse.bias(0).any()


def test_the_same_place_is_never_preferred_and_more_is_wanted_of_more_players():
    keeper = DensityBias(2, 0.5)
    keeper.take(500, 4.0)
    bias = keeper.bias(12)
    assert bias[12] == 0
    assert (np.diff(bias[12:48]) >= 0).all()
    assert bias[BAR] == bias[47] > 0
    wanted = [DensityBias(players, share).wanted for players in (1, 10) for share in (0.0, 0.5, 1.0)]
    assert wanted == sorted(wanted[:3]) + sorted(wanted[3:])
    assert wanted[1] < wanted[4]


@pytest.fixture
def chord_bias() -> ChordBias:
    """Two bars of 4/4: C, then F for a half and G for a half."""
    length = 4 * GRID_PER_QUARTER
    plan = indices(parse_plan("C | F G"))
    return ChordBias(plan, np.array([length // 2] * 2), np.array([length] * 2), "major")


@pytest.mark.parametrize(
    ("bar", "position", "tones"), [(0, 0, (0, 4, 7)), (0, 30, (0, 4, 7)), (1, 0, (5, 9, 0)), (1, 24, (7, 11, 2))]
)
def test_the_tones_of_the_chord_of_the_moment_are_preferred(chord_bias, bar, position, tones):
    bias = chord_bias.of_pitches(bar, position, is_lowest=False)
    assert (np.flatnonzero(bias[60:72] == bias.max()) == sorted(tones)).all()


def test_foreign_pitches_are_least_likely_where_a_chord_begins_and_likelier_between_beats(chord_bias):
    begins, beat, between = (chord_bias.of_pitches(0, position, is_lowest=False)[62] for position in (0, 12, 6))
    assert begins < beat < between < 0


def test_a_melody_over_a_band_may_step_between_the_tones_of_its_chords(chord_bias):
    """Freely between beats, if it stays in the scale; where a chord begins its tones are likelier even so."""
    over = {place: chord_bias.of_pitches(0, place, is_lowest=False, is_over=True)[60:72] for place in (0, 12, 6)}
    scale = [0, 2, 4, 5, 7, 9, 11]
    assert (over[6][scale] == 0).all()
    assert over[0][2] < over[12][2] < 0 == over[0][0]
    assert (np.delete(over[6], scale) < 0).all()
    for place, bias in over.items():
        assert (bias >= chord_bias.of_pitches(0, place, is_lowest=False)[60:72]).all()


def test_the_lowest_note_begins_a_chord_with_its_root(chord_bias):
    assert chord_bias.of_pitches(1, 24, is_lowest=True)[24:36].argmax() == 7
    assert np.ptp(chord_bias.of_pitches(1, 30, is_lowest=True)[[7, 11, 2]]) == 0


def test_notes_end_where_a_chord_begins_that_they_are_foreign_to(chord_bias):
    lengths = np.array([12, 48, 72, 73])
    assert (chord_bias.of_lengths(0, 0, 60, lengths) == [0, 0, 0, chord_bias.of_lengths(0, 0, 60, lengths)[3]]).all()
    assert chord_bias.of_lengths(0, 0, 60, lengths)[3] < 0
    assert (chord_bias.of_lengths(0, 0, 64, lengths)[1:] < 0).sum() == 2


def test_what_is_usual_is_measured_in_the_music_of_the_model():
    """Twice as many notes are usual where there were; the spread is that of pieces of one size."""
    rng = np.random.default_rng(0)
    players = rng.integers(1, 11, 400)
    notes = 64 * 2 * (3.0 + 0.8 * players) * np.exp(rng.normal(0, 0.3, 400))
    factor, spread = usual_density(notes.round().astype(int), np.full(400, 64.0), players)
    assert factor == pytest.approx(2.0, rel=0.05)
    assert spread == pytest.approx(0.3, rel=0.15)
    assert DensityBias(4, 0.5, (factor, spread)).wanted == pytest.approx(factor * DensityBias(4, 0.5).wanted)
