"""Linear prediction: exact both ways, in parts too, and its filters follow the spectrum they are made of."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import freqz, lfilter

from menura.audio.linear_prediction import Excitation, envelope
from menura.models.wavenet.model import WaveNetConfig, mel_envelope, mel_frames

RATE, HOP = 16_000, 200
CONFIG = WaveNetConfig(sample_rate_hz=RATE, features=40, hop_samples=HOP, upsample_factor=4, lpc_order=16)


@pytest.fixture
def hum() -> np.ndarray:
    """Noise with a resonance at 1 kHz that grows louder."""
    noise = np.random.default_rng(0).standard_normal(RATE)
    angle = 2 * np.pi * 1000 / RATE
    return (lfilter([0.01], [1, -1.9 * np.cos(angle), 0.9025], noise) * np.linspace(0.2, 1, RATE)).astype(np.float32)


def test_there_and_back_is_the_sound(hum):
    under = mel_envelope(mel_frames(hum, RATE, HOP, 40), CONFIG)
    np.testing.assert_allclose(Excitation(under).shaped(Excitation(under).of(hum)), hum, atol=1e-6)


def test_parts_are_the_whole(hum):
    under = mel_envelope(mel_frames(hum, RATE, HOP, 40), CONFIG)
    whole, parted = Excitation(under).of(hum), Excitation(under)
    found = np.concatenate([parted.of(part) for part in np.split(hum, [1, 130, 5000, 5001])])
    np.testing.assert_array_equal(found, whole)


def test_sound_that_came_before_is_gone_on_from(hum):
    under = mel_envelope(mel_frames(hum, RATE, HOP, 40)[:1], CONFIG)
    whole = Excitation(under).of(hum)
    np.testing.assert_allclose(Excitation(under, hum[:300]).of(hum[300:]), whole[300:], atol=1e-6)
    np.testing.assert_allclose(Excitation(under, hum[:3]).of(hum[3:]), whole[3:], atol=1e-6)


def test_what_is_left_is_white_and_of_size_one(hum):
    under = mel_envelope(mel_frames(hum, RATE, HOP, 40), CONFIG)
    left = Excitation(under).of(hum)
    assert left.std() == pytest.approx(1, abs=0.15)
    power = np.abs(np.fft.rfft(left[: RATE // 2 * 2].reshape(-1, 400))) ** 2
    bands = power.mean(0)[4:-4]
    assert bands.max() < 5 * bands.min()


def test_the_filter_is_the_spectrum_s():
    magnitudes = np.exp(-np.linspace(0, 4, 40))[None] * 0.1
    under = envelope(magnitudes, RATE, HOP, 24, 1)
    _, answer = freqz(under.sizes[0], np.append(1, -under.coefficients[0]), worN=64, fs=RATE)
    levels = 20 * np.log10(np.abs(answer))
    assert levels[0] == pytest.approx(-20, abs=3)
    assert levels[-2] == pytest.approx(20 * np.log10(magnitudes[0, -1]), abs=4)
    assert (np.diff(levels[::8]) < 0).all()


def test_silence_stays_finite():
    silence = np.zeros(1000, np.float32)
    under = mel_envelope(mel_frames(silence, RATE, HOP, 40), CONFIG)
    assert np.isfinite(under.coefficients).all()
    assert (under.sizes > 0).all()
    assert not Excitation(under).of(silence).any()
