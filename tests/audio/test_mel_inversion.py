"""Sound moved towards mel energies comes near them, in any parts, without seams, and is as long as it was."""

from __future__ import annotations

import numpy as np
import pytest

from menura.audio.mel_inversion import match_mel, mel_energies

RATE, HOP, MELS = 8000, 100, 40


@pytest.fixture(scope="module")
def voiced() -> np.ndarray:
    """Six seconds of a gliding buzz that swells."""
    time = np.arange(6 * RATE) / RATE
    phase = 2 * np.pi * (150 * time + 8 * np.sin(2 * np.pi * 0.5 * time))
    return (0.1 * (1.2 + np.sin(5 * time)) * sum(np.sin(k * phase) / k for k in range(1, 15))).astype(np.float32)


@pytest.fixture(scope="module")
def noise(voiced) -> np.ndarray:
    return (0.1 * np.random.default_rng(0).standard_normal(len(voiced))).astype(np.float32)


def moved(parts, wanted, rounds=20) -> np.ndarray:
    return np.concatenate(list(match_mel(parts, wanted, RATE, HOP, rounds)))


def off(sound, wanted) -> np.ndarray:
    """Mean error of each frame's bands, in decades."""
    return np.abs(np.log10(mel_energies(sound, RATE, HOP, MELS) / wanted)).mean(1)


def test_bands_come_near_what_is_told_and_nearer_with_more_rounds(voiced, noise):
    wanted = mel_energies(voiced, RATE, HOP, MELS)
    errors = [off(moved([noise], wanted, rounds), wanted).mean() for rounds in (1, 5, 20)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.2 * off(noise, wanted).mean()


def test_noise_becomes_voiced_where_bands_part_the_harmonics(voiced, noise):
    made = moved([noise], mel_energies(voiced, RATE, HOP, MELS), 40)

    def between(sound):
        power = np.abs(np.fft.rfft(sound[:RATE] * np.hanning(RATE))) ** 2
        return power[205:245].sum() / power[100:350].sum()  # Hz, around the first two harmonics of 150 ± 25

    assert between(made) < 0.2 * between(noise)


def test_sound_that_is_right_stays(voiced):
    made = moved([voiced], mel_energies(voiced, RATE, HOP, MELS))
    np.testing.assert_allclose(made, voiced, atol=5e-3)


def test_there_is_no_seam_where_one_stretch_is_settled_and_the_next_begins(voiced, noise):
    wanted = mel_energies(voiced, RATE, HOP, MELS)
    errors = off(moved([0.5 * voiced + 0.3 * noise], wanted), wanted)
    seams = [frame for second in range(1, 6) for frame in range(second * 80 - 3, second * 80 + 3)]
    assert errors[seams].max() < 0.1  # 2 dB


def test_the_parts_it_comes_in_do_not_matter(voiced, noise):
    wanted = mel_energies(voiced, RATE, HOP, MELS)
    whole = moved([noise], wanted, 3)
    np.testing.assert_array_equal(moved(np.split(noise, [1, 777, 20_000, 20_001]), wanted, 3), whole)


def test_a_long_sound_is_handed_out_as_it_comes(voiced, noise):
    taken = []

    def parts():
        for part in np.split(noise, 12):
            taken.append(len(part))
            yield part

    next(match_mel(parts(), mel_energies(voiced, RATE, HOP, MELS), RATE, HOP, 1))
    assert sum(taken) <= 1.5 * RATE


@pytest.mark.parametrize("count", [1, 99, 101, 250, 10_000, 10_001, 10_099])
def test_any_length_stays_as_long(voiced, noise, count):
    made = moved([noise[:count]], mel_energies(voiced[:count], RATE, HOP, MELS), 2)
    assert made.shape == (count,)
    assert made.dtype == np.float32
    assert np.isfinite(made).all()


def test_no_rounds_leave_it_as_it_is_and_silence_becomes_silent(noise):
    wanted = mel_energies(np.zeros_like(noise), RATE, HOP, MELS)
    assert (moved([noise], wanted, 0) == noise).all()
    assert np.abs(moved([noise], wanted)).max() < 0.02 * np.abs(noise).max()
