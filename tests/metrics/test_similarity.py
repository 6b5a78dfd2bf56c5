"""nsim is 1 for a copy, falls with damage of any kind, and hears neither gain nor a small delay."""

import numpy as np
import pytest

from menura.metrics.similarity import gammatones, nsim

RATE = 24000


@pytest.mark.parametrize("kind", ["speech", "music"])
@pytest.mark.parametrize("damage", ["noise", "low-pass", "bits"])
def test_it_falls_from_one_as_damage_grows(kind, damage, spoilt, request):
    sound = request.getfixturevalue(kind)(RATE)
    found = [nsim(sound, estimate, RATE) for estimate in [sound, *spoilt[damage](sound, RATE)]]
    assert found[0] == pytest.approx(1, abs=1e-6)
    assert (np.diff(found) < -1e-3).all()
    assert found[-1] > 0


@pytest.mark.parametrize("kind", ["speech", "music"])
@pytest.mark.parametrize("snr_db", [np.inf, 20])
def test_gain_and_a_delay_are_not_heard(kind, snr_db, request):
    sound = request.getfixturevalue(kind)(RATE)
    noise = np.random.default_rng(2).standard_normal(len(sound)) * np.sqrt(np.mean(sound**2)) * 10 ** (-snr_db / 20)
    plain = nsim(sound, sound + noise, RATE)
    for gain_db in (-6, 6):
        assert nsim(sound, (sound + noise) * 10 ** (gain_db / 20), RATE) == pytest.approx(plain, abs=1e-4)
    late = round(0.01 * RATE)
    padded = np.pad(sound, late)
    for shifted in (padded[: len(sound)], padded[2 * late :]):
        assert nsim(sound, shifted + noise, RATE) == pytest.approx(plain, abs=5e-3)


def test_another_sound_is_less_alike_than_a_noisy_copy(speech, spoilt):
    sound = speech(RATE)
    assert nsim(sound, speech(RATE, seed=5), RATE) < nsim(sound, spoilt["noise"](sound, RATE)[2], RATE)


def test_silence_around_the_sound_changes_little(speech):
    sound = speech(RATE)
    noisy = sound + 0.01 * np.random.default_rng(0).standard_normal(len(sound)) * (np.abs(sound) > 0.01)
    around = nsim(np.pad(sound, 2 * RATE), np.pad(noisy, 2 * RATE), RATE)
    assert around == pytest.approx(nsim(sound, noisy, RATE), abs=0.01)


def test_a_silent_estimate_has_nothing_in_common_and_a_silent_reference_is_refused():
    assert nsim(np.ones(500), np.zeros(500), RATE) == 0
    with pytest.raises(ValueError, match="the reference is silent"):
        nsim(np.zeros(500), np.ones(500), RATE)


def test_gammatones_peak_at_one_within_half_the_rate_and_leave_no_gap():
    bank = gammatones(RATE, 1920)
    assert bank.shape == (32, 961)
    assert bank.max() <= 1
    assert bank.max(axis=1).min() > 0.7
    peaks = bank.argmax(axis=1)
    assert (np.diff(peaks) > 0).all()
    assert (bank[:, peaks[0] :].sum(axis=0) > 0.1).all()
