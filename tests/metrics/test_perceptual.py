"""PESQ and STOI agree with what is known of them, and sound that they cannot judge is told."""

import sys

import numpy as np
import pytest

from menura.metrics.perceptual import LOWEST_PESQ, pesq, stoi

RATE = 24000


def test_clean_speech_has_the_highest_opinion_and_noise_lowers_it(speech, spoilt):
    sound = speech(RATE)
    found = [pesq(sound, estimate, RATE) for estimate in [sound, *spoilt["noise"](sound, RATE)]]
    assert found[0] == pytest.approx(4.64, abs=0.01)
    assert (np.diff(found) < 0).all()
    assert found[-1] >= LOWEST_PESQ
    assert pesq(sound, 0.5 * sound, RATE) == pytest.approx(found[0], abs=0.01)


def test_long_sound_of_many_short_bursts_is_judged_in_parts():
    """The package writes past its tables, and the process dies, where one piece holds more than 49 utterances."""
    seconds = np.arange(45 * 16000) / 16000
    bursts = np.random.default_rng(0).standard_normal(len(seconds)) * (seconds % 0.5 < 0.25) * 0.3
    assert pesq(bursts, bursts, 16000) == pytest.approx(4.64, abs=0.01)
    half_lost = np.where(seconds < 15, bursts, 0)
    assert pesq(bursts, half_lost, 16000) == pytest.approx((4.64 + 2 * LOWEST_PESQ) / 3, abs=0.01)


def test_a_silent_estimate_is_the_worst_there_is(speech):
    sound = speech(RATE)
    assert pesq(sound, 0 * sound, RATE) == LOWEST_PESQ == pytest.approx(1.04, abs=0.005)
    assert stoi(sound, 0 * sound, RATE) == 0


def test_clean_speech_is_understood_and_noise_lowers_that(speech, spoilt):
    sound = speech(RATE)
    found = [stoi(sound, estimate, RATE) for estimate in [sound, *spoilt["noise"](sound, RATE)]]
    assert found[0] == pytest.approx(1, abs=1e-6)
    assert (np.diff(found) < 0).all()
    assert stoi(sound, 0.1 * sound, RATE) == pytest.approx(1, abs=1e-6)


def test_stoi_is_its_formula():
    """Taal et al. (2011), equations 1 to 6, on sound that is never silent."""
    rng = np.random.default_rng(0)
    swell = 1 + 0.5 * np.sin(2 * np.pi * 4 * np.arange(30000) / 10000)
    clean = rng.standard_normal(30000) * swell
    noisy = clean + rng.standard_normal(30000)

    def envelopes(samples):
        frames = np.lib.stride_tricks.sliding_window_view(samples, 256)[::128] * np.hanning(258)[1:-1]
        energy = np.abs(np.fft.rfft(frames, 512)) ** 2
        centres = 150 * 2 ** (np.arange(15) / 3)
        edges = [np.round(centre * 2 ** np.array([-1 / 6, 1 / 6]) * 512 / 10000).astype(int) for centre in centres]
        bands = np.sqrt(np.stack([energy[:, low:high].sum(axis=1) for low, high in edges]))
        return np.lib.stride_tricks.sliding_window_view(bands, 30, axis=1)

    x, y = envelopes(clean), envelopes(noisy)
    y = y * np.linalg.norm(x, axis=2, keepdims=True) / np.linalg.norm(y, axis=2, keepdims=True)
    y = np.minimum(y, x * (1 + 10 ** (15 / 20)))
    x, y = (each - each.mean(axis=2, keepdims=True) for each in (x, y))
    correlations = (x * y).sum(axis=2) / (np.linalg.norm(x, axis=2) * np.linalg.norm(y, axis=2))
    assert stoi(clean, noisy, 10000) == pytest.approx(correlations.mean(), abs=0.005)


def test_what_cannot_be_judged_is_told(speech):
    sound = speech(RATE)
    with pytest.raises(ValueError, match=r"0\.25 s or more, not 0\.200 s"):
        pesq(sound[:4800], sound[:4800], RATE)
    with pytest.raises(ValueError, match=r"0\.4 s or more"):
        stoi(sound[:4800], sound[:4800], RATE)
    for measure in (pesq, stoi):
        with pytest.raises(ValueError, match="the reference is silent"):
            measure(0 * sound, sound, RATE)


@pytest.mark.parametrize(("measure", "package"), [(pesq, "pesq"), (stoi, "pystoi")])
def test_a_missing_package_is_named_with_what_brings_it(measure, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ValueError, match=r'pip install "menura\[eval\]"'):
        measure(np.ones(RATE), np.ones(RATE), RATE)
