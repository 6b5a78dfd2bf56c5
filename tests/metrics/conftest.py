"""Sounds to measure: something like speech, something like music, and ways to spoil them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import signal


@pytest.fixture(scope="session")
def speech() -> Callable[..., np.ndarray]:
    """Makes syllables of a buzz or a hiss through three formants each, with pauses."""

    def make(rate_hz: int, duration_s: float = 4.0, seed: int = 0) -> np.ndarray:
        rng = np.random.default_rng(seed)
        seconds = np.arange(round(rate_hz * duration_s)) / rate_hz
        buzz = signal.sawtooth(2 * np.pi * (120 * seconds + 8 * np.sin(2 * np.pi * 0.7 * seconds)))
        sound = np.zeros(len(seconds))
        length = rate_hz // 4
        for start in range(0, len(seconds) - length + 1, length):
            part = (rng.random() > 0.15) * (buzz[start : start + length] + 0.3 * rng.standard_normal(length))
            for low_hz, high_hz, width_hz in ((300, 800, 80), (900, 2300, 120), (2400, 3500, 200)):
                part = 0.2 * part + signal.lfilter(*_resonance(rng.uniform(low_hz, high_hz), width_hz, rate_hz), part)
            sound[start : start + length] = part * np.hanning(length) ** 0.5
        return (0.5 * sound / np.abs(sound).max()).astype(np.float32)

    return make


@pytest.fixture(scope="session")
def music() -> Callable[..., np.ndarray]:
    """Makes chords of two plucked tones, each with a click."""

    def make(rate_hz: int, duration_s: float = 4.0, seed: int = 0) -> np.ndarray:
        rng = np.random.default_rng(seed)
        seconds = np.arange(round(rate_hz * duration_s)) / rate_hz
        sound = np.zeros(len(seconds))
        for start in range(0, len(seconds), rate_hz // 3):
            since = seconds[: len(seconds) - start]
            sound[start:] += 0.3 * np.exp(-40 * since) * rng.standard_normal(len(since))
            for tone_hz in 220 * 2 ** (rng.integers(24, size=2) / 12):
                for harmonic in range(1, 12):
                    wave = np.sin(2 * np.pi * tone_hz * harmonic * since) / harmonic
                    sound[start:] += wave * np.exp(-since * (2 + 0.7 * harmonic))
        return (0.7 * sound / np.abs(sound).max()).astype(np.float32)

    return make


def _resonance(frequency_hz: float, width_hz: float, rate_hz: int) -> tuple[list[float], list[float]]:
    radius = np.exp(-np.pi * width_hz / rate_hz)
    return [1 - radius], [1, -2 * radius * np.cos(2 * np.pi * frequency_hz / rate_hz), radius**2]


def with_noise(samples: np.ndarray, snr_db: float) -> np.ndarray:
    noise = np.random.default_rng(1).standard_normal(len(samples)).astype(np.float32)
    return samples + noise * np.float32(np.sqrt(np.mean(samples**2)) * 10 ** (-snr_db / 20))


def low_passed(samples: np.ndarray, cutoff_hz: float, rate_hz: int) -> np.ndarray:
    return signal.sosfiltfilt(signal.butter(8, cutoff_hz, fs=rate_hz, output="sos"), samples).astype(np.float32)


def with_fewer_bits(samples: np.ndarray, bits: int) -> np.ndarray:
    """μ-law with so many bits a sample."""
    steps = 2 ** (bits - 1)
    rounded = np.round(np.sign(samples) * np.log1p(255 * np.abs(samples)) / np.log(256) * steps) / steps
    return (np.sign(rounded) * np.expm1(np.abs(rounded) * np.log(256)) / 255).astype(np.float32)


@pytest.fixture(scope="session")
def spoilt() -> dict[str, Callable[[np.ndarray, int], list[np.ndarray]]]:
    """Kinds of damage, each of which makes worse and worse sound of a sound and its rate."""
    return {
        "noise": lambda x, _: [with_noise(x, snr_db) for snr_db in (40, 30, 20, 10)],
        "low-pass": lambda x, rate_hz: [low_passed(x, cutoff_hz, rate_hz) for cutoff_hz in (8000, 4000, 2000)],
        "bits": lambda x, _: [with_fewer_bits(x, bits) for bits in (8, 6, 4)],
    }
