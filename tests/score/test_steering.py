"""Keeping to the key that was asked."""

import numpy as np
import pytest

from menura.score.analysis import find_key, pitch_class_histogram
from menura.score.steering import KeyKeeper

TRIADS = {"major": (0, 4, 7), "minor": (0, 3, 7)}


def kept(mode: str, heard: list[int]) -> KeyKeeper:
    keeper = KeyKeeper(mode)
    for pitch in heard:
        keeper.take(pitch, 1.0)
    return keeper


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_before_anything_is_heard_the_tonic_triad_is_preferred_to_what_lies_outside_the_scale(mode):
    bias = KeyKeeper(mode).bias()
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
    rng, keeper, pitches = np.random.default_rng(0), KeyKeeper(mode), []
    for _ in range(400):
        weights = np.exp(keeper.bias()[48:84])
        pitches.append(48 + int(rng.choice(36, p=weights / weights.sum())))
        keeper.take(pitches[-1], 1.0)
    key = find_key(pitch_class_histogram(np.array(pitches), np.ones(len(pitches))))
    assert (key.tonic, key.mode) == (0, mode)


def test_octaves_are_alike():
    bias = kept("minor", [60, 61, 66]).bias()
    assert (bias[:12] == bias[60:72]).all()
