"""Pulses stand at F0, without aliases, and in phase with what is measured."""

from __future__ import annotations

import numpy as np
import pytest

from menura.models.vocoder.pulses import frequencies, measured_drift, phases, pulses

RATE, HOP = 24_000, 300


def train(f0: np.ndarray) -> np.ndarray:
    hz = frequencies(f0, HOP)
    return pulses(phases(hz, RATE), hz, RATE)


def test_frequencies_go_straight_between_the_middles_of_frames_and_end_soon_after_what_is_voiced():
    f0 = np.zeros(20)
    f0[8:10] = 100, 200
    hz = frequencies(f0, HOP)
    assert hz.shape == (20 * HOP,)
    assert hz[9 * HOP - 1] == pytest.approx(150, abs=0.5)
    assert hz[8 * HOP + HOP // 2] == pytest.approx(100, abs=0.5)
    assert np.flatnonzero(hz).min() // HOP == 5
    assert np.flatnonzero(hz).max() // HOP == 12


def test_where_nothing_is_voiced_there_are_no_pulses():
    assert not train(np.zeros(5)).any()
    assert train(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("hz", [71.3, 233.1, 907.7])
def test_nothing_lies_between_harmonics_or_is_mirrored(hz):
    sound = train(np.full(80, hz))[2400:-2400].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(sound * np.blackman(len(sound)))) ** 2
    places = np.fft.rfftfreq(len(sound), 1 / RATE)
    nearest = np.abs(places - hz * np.rint(places / hz))
    assert spectrum[nearest > 30].max() < 1e-7 * spectrum.max()


@pytest.mark.parametrize("hz", [80.0, 240.0])
def test_they_have_the_power_of_white_noise_of_unit_variance(hz):
    sound = train(np.full(80, hz))
    assert np.square(sound).mean() == pytest.approx(2 * 0.46, rel=0.12)


def test_the_phase_goes_on_where_pitch_glides():
    """A pulse at every whole period of the sum of F0: no more and no fewer."""
    f0 = np.linspace(90, 310, 100)
    hz = frequencies(f0, HOP)
    expected = phases(hz, RATE)[-1]
    sound = pulses(phases(hz, RATE), hz, RATE)
    peaks = (sound[1:-1] > sound[:-2]) & (sound[1:-1] >= sound[2:]) & (sound[1:-1] > 0.25 * sound.max())
    assert peaks.sum() == pytest.approx(expected, abs=1.5)


def test_a_sound_s_own_pulses_are_found_though_f0_is_not_quite_right():
    """Of a resonance at 700 Hz, by which the fundamental alone is misled."""
    f0 = np.full(80, 150.0)
    true = 150.3 * np.arange(80 * HOP) / RATE + 0.3
    excitation = pulses(true, np.full(len(true), 150.3), RATE)
    time = np.arange(480) / RATE
    sound = np.convolve(excitation, np.exp(-600 * time) * np.cos(2 * np.pi * 700 * time))[: len(true)]
    phase = phases(frequencies(f0, HOP), RATE)
    found = phase + measured_drift(sound, f0, phase, RATE, 1200)
    amiss = ((found - true + 0.5) % 1 - 0.5)[1200:-1200]
    assert np.abs(amiss - np.median(amiss)).max() < 0.03
    assert np.abs(np.median(amiss)) < 0.1
    assert not measured_drift(sound, np.zeros(80), phase, RATE, 1200).any()
