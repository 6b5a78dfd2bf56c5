"""Loudness: the test signals of EBU Tech 3341 and 3342, synthesised as published, and what normalising promises.

Signals 7 and 8 of Tech 3341, and 5 and 6 of Tech 3342, are recorded programmes and cannot be synthesised.
"""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.audio.loudness import _k_weighting, integrated_lufs, measure, mel_lufs, momentary, normalised, short_term
from menura.audio.mel_inversion import mel_energies
from menura.audio.samples import Audio
from menura.audio.true_peak import true_peak_dbtp

RATES_HZ = (44100, 48000)


def tones(*parts: tuple[float, float], rate_hz: int = 48000, num_channels: int = 2) -> Audio:
    """A 1 kHz sine, the same in all channels, as parts of (seconds, peak level in dBFS)."""
    lengths = [round(duration_s * rate_hz) for duration_s, _ in parts]
    height = np.repeat([10 ** (level / 20) for _, level in parts], lengths)
    sine = height * np.sin(2 * np.pi * 1000 * np.arange(sum(lengths)) / rate_hz)
    return Audio(np.tile(sine, (num_channels, 1)), rate_hz)


def music(duration_s: float, rate_hz: int = 44100, seed: int = 0) -> Audio:
    """Decaying notes over noise: peaky as music is."""
    random = np.random.default_rng(seed)
    times_s = np.arange(rate_hz // 4) / rate_hz
    notes = [
        np.exp(-12 * times_s) * np.sin(2 * np.pi * pitch_hz * times_s + random.uniform(0, 6, (2, 1)))
        for pitch_hz in random.uniform(80, 2000, round(duration_s * 4))
    ]
    samples = np.concatenate(notes, axis=1)
    return Audio(0.3 * samples + 0.01 * random.standard_normal(samples.shape), rate_hz)


SILENT = float("-inf")


def test_the_k_weighting_at_48_khz_is_the_published_one() -> None:
    shelf, high_pass = _k_weighting(48000)
    published = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585]
    np.testing.assert_allclose(shelf, published, atol=1e-6)
    np.testing.assert_allclose(high_pass, [1, -2, 1, 1, -1.99004745483398, 0.99007225036621], atol=1e-6)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_tech_3341_signals_1_and_2(level: float, rate_hz: int) -> None:
    loudness = measure(tones((20, level), rate_hz=rate_hz))
    assert loudness.integrated_lufs == pytest.approx(level, abs=0.1)
    assert loudness.momentary_max_lufs == pytest.approx(level, abs=0.1)
    assert loudness.short_term_max_lufs == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize(
    "parts",
    [
        [(10, -36.0), (60, -23.0), (10, -36.0)],
        [(10, -72.0), (10, -36.0), (60, -23.0), (10, -36.0), (10, -72.0)],
        [(20, -26.0), (20.1, -20.0), (20, -26.0)],
    ],
    ids=["3", "4", "5"],
)
def test_tech_3341_signals_3_to_5_gating(parts: list[tuple[float, float]]) -> None:
    assert measure(tones(*parts)).integrated_lufs == pytest.approx(-23, abs=0.1)


def test_tech_3341_signal_6_five_channels_and_the_same_with_a_low_frequency_channel() -> None:
    sine = tones((20, 0.0), num_channels=1).samples[0]
    five = 10 ** (np.array([-28, -28, -24, -30, -30])[:, None] / 20) * sine
    assert measure(Audio(five, 48000)).integrated_lufs == pytest.approx(-23, abs=0.1)
    six = np.insert(five, 3, 0.5 * sine, axis=0)
    assert measure(Audio(six, 48000)).integrated_lufs == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_tech_3341_signal_9_short_term_is_constant_after_3_s(rate_hz: int) -> None:
    series = short_term(tones(*[(1.34, -20.0), (1.66, -30.0)] * 5, rate_hz=rate_hz))
    assert series.times_s[0] == pytest.approx(3)
    np.testing.assert_allclose(series.lufs, -23, atol=0.1)


@pytest.mark.parametrize("segment", range(20))
def test_tech_3341_signal_10_short_term_of_files(segment: int) -> None:
    audio = tones((segment * 0.15, SILENT), (3, -23.0), (1, SILENT))
    assert measure(audio).short_term_max_lufs == pytest.approx(-23, abs=0.1)


def test_tech_3341_signal_11_short_term_of_a_stream() -> None:
    parts = [
        part
        for segment in range(20)
        for part in ((segment * 0.15, SILENT), (3, -38.0 + segment), (3 - segment * 0.15, SILENT))
    ]
    series = short_term(tones(*parts))
    for segment in range(20):
        within = (series.times_s > 6 * segment) & (series.times_s <= 6 * (segment + 1) + 1e-6)
        assert series.lufs[within].max() == pytest.approx(-38 + segment, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_tech_3341_signal_12_momentary_is_constant_after_1_s(rate_hz: int) -> None:
    series = momentary(tones(*[(0.18, -20.0), (0.22, -30.0)] * 25, rate_hz=rate_hz))
    np.testing.assert_allclose(series.lufs[series.times_s >= 1], -23, atol=0.1)


@pytest.mark.parametrize("segment", range(20))
def test_tech_3341_signal_13_momentary_of_files(segment: int) -> None:
    audio = tones((segment * 0.02, SILENT), (0.4, -23.0), (1, SILENT))
    assert measure(audio).momentary_max_lufs == pytest.approx(-23, abs=0.1)


def test_tech_3341_signal_14_momentary_of_a_stream() -> None:
    parts = [
        part
        for segment in range(20)
        for part in ((segment * 0.02, SILENT), (0.4, -38.0 + segment), (0.4 - segment * 0.02, SILENT))
    ]
    series = momentary(tones(*parts))
    for segment in range(20):
        within = (series.times_s > 0.8 * segment) & (series.times_s <= 0.8 * (segment + 1) + 1e-6)
        assert series.lufs[within].max() == pytest.approx(-38 + segment, abs=0.1)


@pytest.mark.parametrize(
    ("levels", "range_lu"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
    ids=["1", "2", "3", "4"],
)
def test_tech_3342_signals_1_to_4_loudness_range(levels: tuple[float, ...], range_lu: float) -> None:
    assert measure(tones(*[(20, level) for level in levels])).range_lu == pytest.approx(range_lu, abs=1)


@pytest.mark.parametrize("rate_hz", [4000, 8000, 11025, 22050, 96000, 192000])
def test_loudness_hardly_depends_on_the_sample_rate(rate_hz: int) -> None:
    assert measure(tones((3, -23.0), rate_hz=rate_hz)).integrated_lufs == pytest.approx(-23, abs=0.15)


def test_silence_and_next_to_nothing_are_measured_without_complaint() -> None:
    for audio in (Audio.silence(5, 44100, 2), Audio.silence(0, 44100), Audio.silence(0.001, 8000)):
        loudness = measure(audio)
        assert loudness.integrated_lufs == loudness.momentary_max_lufs == loudness.true_peak_dbtp == float("-inf")
        assert loudness.range_lu == 0
        assert normalised(audio) == audio
    assert measure(tones((0.1, -23.0))).integrated_lufs == pytest.approx(-23, abs=0.3)


@given(db=st.floats(-30, 10))
@settings(max_examples=20, deadline=None)
def test_gain_moves_loudness_by_as_much(db: float) -> None:
    audio = music(4)
    before, after = measure(audio), measure(audio.gain(db))
    assert after.integrated_lufs == pytest.approx(before.integrated_lufs + db, abs=1e-3)
    assert after.range_lu == pytest.approx(before.range_lu, abs=1e-3)
    assert after.true_peak_dbtp == pytest.approx(before.true_peak_dbtp + db, abs=1e-3)


@pytest.mark.parametrize("rate_hz", [22050, 44100, 96000])
@pytest.mark.parametrize("target", [-30.0, -23.0, -16.0, -12.0])
def test_normalising_meets_the_target_and_never_exceeds_the_ceiling(target: float, rate_hz: int) -> None:
    result = normalised(music(8, rate_hz), target, -1.0)
    assert measure(result).integrated_lufs == pytest.approx(target, abs=0.1)
    assert true_peak_dbtp(result) <= -1.0


@given(seed=st.integers(0, 1000), target=st.floats(-40, -3), ceiling=st.floats(-12, 0))
@settings(max_examples=25, deadline=None)
def test_whatever_is_asked_the_ceiling_holds(seed: int, target: float, ceiling: float) -> None:
    samples = np.random.default_rng(seed).laplace(0, 0.2, (2, 30000)) ** 3
    result = normalised(Audio(samples, 44100), target, ceiling)
    assert true_peak_dbtp(result) <= ceiling
    assert measure(result).integrated_lufs <= target + 0.1


def test_where_the_peaks_leave_room_normalising_is_one_gain() -> None:
    audio = music(4)
    result = normalised(audio, -30)
    loudest = np.abs(audio.samples) > 0.05
    ratio = result.samples[loudest] / audio.samples[loudest]
    assert ratio.std() < 1e-6


def test_impossible_targets_and_ceilings_are_refused() -> None:
    with pytest.raises(ValueError, match="target"):
        normalised(music(1), 3)
    with pytest.raises(ValueError, match="ceiling"):
        normalised(music(1), -16, 1)


def test_a_minute_of_stereo_is_measured_and_normalised_in_a_second_of_work() -> None:
    audio = music(60)
    start_s = time.process_time()
    measure(audio)
    normalised(audio, -14)
    assert time.process_time() - start_s < 1.5


@pytest.mark.parametrize("height", [0.02, 0.3])
def test_mel_frames_tell_how_loud_a_sound_will_be(height: float) -> None:
    random = np.random.default_rng(0)
    buzz = np.sum(
        [np.sin(2 * np.pi * 150 * harmonic * np.arange(48000) / 24000) / harmonic for harmonic in range(1, 30)], 0
    )
    for sound in (random.standard_normal(48000), buzz, np.concatenate((buzz, np.zeros(48000)))):
        samples = (height * sound).astype(np.float32)
        told = mel_lufs(np.log(mel_energies(samples, 24000, 300, 100)), 24000, 300)
        assert told == pytest.approx(integrated_lufs(Audio(samples, 24000)), abs=1.1)
    assert mel_lufs(np.full((50, 100), -9.2), 24000, 300) < -60
    assert mel_lufs(np.zeros((0, 100)), 24000, 300) == -np.inf
