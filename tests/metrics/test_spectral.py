"""Spectral distances are nothing for a copy, grow with damage, and read as their definitions say."""

import numpy as np
import pytest
import torch

from menura.audio.spectrogram import mel, stft
from menura.metrics.spectral import MEL_SCALES, STFT_SCALES, log_mel_distance, log_spectral_distance, stft_distance

RATE = 24000
NOISE, OTHER = (np.random.default_rng(seed).standard_normal(RATE).astype(np.float32) * 0.3 for seed in (0, 1))


def log_mel_at_rate(reference, estimate):
    return log_mel_distance(reference, estimate, RATE)


DISTANCES = [log_mel_at_rate, stft_distance, log_spectral_distance]


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("damage", ["noise", "low-pass", "bits"])
def test_a_copy_is_at_no_distance_and_more_damage_is_further(distance, damage, music, spoilt):
    sound = music(RATE, 2.0)
    found = [distance(sound, estimate) for estimate in [sound, *spoilt[damage](sound, RATE)]]
    assert found[0] == 0
    assert (np.diff(found) > 0).all()


def test_twice_the_amplitude_is_log10_of_2_and_6_db_at_every_place():
    assert log_mel_at_rate(NOISE, 2 * NOISE) == pytest.approx(np.log10(2), abs=1e-3)
    assert log_spectral_distance(NOISE, 2 * NOISE) == pytest.approx(20 * np.log10(2), abs=1e-3)
    assert stft_distance(NOISE, 2 * NOISE) == pytest.approx(1 + np.log(2), abs=1e-3)


def test_the_mel_distance_is_that_of_what_models_see():
    reference, estimate = torch.from_numpy(NOISE), torch.from_numpy(OTHER)
    distances = []
    for window, num_mels in MEL_SCALES:
        ours, theirs = (
            mel(each, RATE, window, window // 4, num_mels).clamp_min(1e-5).log() for each in (reference, estimate)
        )
        distances.append((ours - theirs).abs().mean() / np.log(10))
    assert log_mel_at_rate(NOISE, OTHER) == pytest.approx(float(np.mean(distances)), rel=1e-4)


def test_the_stft_distance_is_its_formula():
    distances = []
    for fft_samples, hop, window in STFT_SCALES:
        taken = (
            torch.stft(torch.from_numpy(x), fft_samples, hop, window, torch.hann_window(window), return_complex=True)
            for x in (NOISE, OTHER)
        )
        ours, theirs = (each.abs().clamp_min(1e-7**0.5) for each in taken)
        distances.append((ours - theirs).norm() / ours.norm() + (ours.log() - theirs.log()).abs().mean())
    assert stft_distance(NOISE, OTHER) == pytest.approx(float(np.mean(distances)), rel=1e-4)


def test_the_log_spectral_distance_is_its_formula():
    floor = 1e-5 * 2048 / 4
    ours, theirs = (20 * stft(torch.from_numpy(x), 2048, 512).abs().clamp_min(floor).log10() for x in (NOISE, OTHER))
    expected = (ours - theirs).square().mean(0).sqrt().mean()
    assert log_spectral_distance(NOISE, OTHER) == pytest.approx(float(expected), rel=1e-4)


def test_silence_is_as_good_a_sound_as_any_where_nothing_is_relative_to_it():
    silence = np.zeros(RATE, np.float32)
    assert log_mel_at_rate(silence, silence) == log_spectral_distance(silence, silence) == 0
    assert log_mel_at_rate(silence, NOISE) == pytest.approx(log_mel_at_rate(NOISE, silence))
    assert 60 < log_spectral_distance(silence, NOISE) < 100
    assert stft_distance(NOISE, silence) > 1
    with pytest.raises(ValueError, match="the reference is silent"):
        stft_distance(silence, NOISE)
