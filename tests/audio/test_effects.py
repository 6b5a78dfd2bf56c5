"""Effects: the room decays as asked and repeats by its seed; panning keeps the power."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import butter, sosfilt

from menura.audio.effects import chorus, pan, reverb
from menura.audio.samples import Audio

RATE = 44100


def click(num_channels: int = 1) -> Audio:
    samples = np.zeros((num_channels, 2000), np.float32)
    samples[:, 0] = 1
    return Audio(samples, RATE)


def noise(duration_s: float = 0.2, num_channels: int = 1) -> Audio:
    random = np.random.default_rng(0)
    return Audio(random.uniform(-0.3, 0.3, (num_channels, round(RATE * duration_s))), RATE)


def decay_time_s(samples: np.ndarray) -> float:
    """T60 from the slope between -5 and -35 dB of Schroeder's backward integral (ISO 3382)."""
    left_db = 10 * np.log10(np.cumsum(np.square(samples[::-1], dtype=np.float64))[::-1] + 1e-30)
    left_db -= left_db[0]
    start, end = np.argmax(left_db < -5), np.argmax(left_db < -35)
    return 60 / 30 * float(end - start) / RATE


def band(samples: np.ndarray, low_hz: float, high_hz: float) -> np.ndarray:
    return sosfilt(butter(4, (low_hz, high_hz), "bandpass", output="sos", fs=RATE), samples)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0])
def test_the_room_decays_in_the_time_asked_and_treble_sooner(seconds: float) -> None:
    response = reverb(click(), seconds, mix=1.0).samples[0]
    assert decay_time_s(band(response, 400, 900)) == pytest.approx(seconds, rel=0.2)
    assert decay_time_s(band(response, 7000, 14000)) < 0.7 * seconds


def test_the_tail_is_kept_and_ends_without_a_click() -> None:
    wet = reverb(noise(), 1.0, 0.5)
    assert wet.duration_s == pytest.approx(0.2 + 1.0, abs=0.05)
    assert np.abs(wet.samples[:, -10:]).max() < 1e-5


def test_left_and_right_are_independent() -> None:
    left, right = reverb(click(), 1.0, mix=1.0).samples
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.1


def test_a_seed_gives_one_room() -> None:
    assert reverb(noise(), seed=1) == reverb(noise(), seed=1)
    assert reverb(noise(), seed=1) != reverb(noise(), seed=2)


def test_dry_is_the_sound_itself_and_any_mix_about_as_loud() -> None:
    dry = noise(2.0, num_channels=2)
    np.testing.assert_allclose(reverb(dry, mix=0.0).cut(0, 2).samples, dry.samples, atol=1e-6)
    for mix in (0.3, 0.6, 1.0):
        ratio = np.square(reverb(dry, mix=mix).samples).sum() / np.square(dry.samples).sum()
        assert 0.6 < ratio < 1.5


def test_the_effect_is_linear_whatever_the_length() -> None:
    whole = noise(3.0, num_channels=2)
    parts = reverb(whole.cut(0, 1.3), 0.3) + reverb(whole.cut(1.3), 0.3).padded(before_s=1.3)
    np.testing.assert_allclose(reverb(whole, 0.3).samples, parts.samples, atol=1e-5)


def test_a_minute_of_stereo_takes_a_fraction_of_a_second() -> None:
    audio = Audio(np.zeros((2, 60 * RATE), np.float32), RATE)
    start_s = time.process_time()
    reverb(audio, 2.0)
    assert time.process_time() - start_s < 1.0


@given(position=st.floats(-1, 1))
def test_panning_keeps_the_power(position: float) -> None:
    for audio in (noise(), noise().stereo()):
        power = np.square(pan(audio, position).samples).sum()
        assert power == pytest.approx(np.square(audio.samples).sum(), rel=1e-4)


def test_positions_are_where_they_are_said_to_be() -> None:
    assert np.abs(pan(noise(), -1).samples[1]).max() < 1e-7
    assert np.abs(pan(noise(), 1).samples[0]).max() < 1e-7
    np.testing.assert_allclose(pan(noise(num_channels=2), 0).samples, noise(num_channels=2).samples, rtol=1e-6)


@pytest.mark.parametrize(
    "refused",
    [
        lambda: reverb(noise(), seconds=0),
        lambda: reverb(noise(), mix=1.5),
        lambda: reverb(noise(), seconds=float("nan")),
        lambda: pan(noise(), 2),
    ],
)
def test_arguments_out_of_range_are_refused(refused) -> None:
    with pytest.raises(ValueError, match="not"):
        refused()


def test_what_goes_into_the_room_may_be_other_than_what_is_heard() -> None:
    sound, silence = noise(num_channels=2), Audio(np.zeros((2, noise().num_samples), np.float32), RATE)
    dry = reverb(sound, mix=0.5, send=silence).samples
    np.testing.assert_allclose(dry[:, : sound.num_samples], np.sqrt(0.5) * sound.samples, atol=1e-6)
    assert not dry[:, sound.num_samples :].any()
    both = dry + reverb(silence, mix=0.5, send=sound).samples
    np.testing.assert_allclose(both, reverb(sound, mix=0.5).samples, atol=1e-6)


def test_a_chorus_is_several_voices_a_little_apart_and_never_early() -> None:
    heard = chorus(click()).samples[0]
    places = np.flatnonzero(np.abs(heard) > 0.1 * np.abs(heard).max()) / RATE
    assert len(places) >= 3
    assert 0.005 <= places.min() < places.max() <= 0.0131
    assert np.array_equal(chorus(noise()).samples, chorus(noise()).samples)


def test_a_chorus_moves() -> None:
    time = np.arange(4 * RATE) / RATE
    tone = Audio(np.sin(2 * np.pi * 1000 * time)[None].astype(np.float32), RATE)
    heard = chorus(tone).samples[0]
    levels = np.sqrt(np.square(heard[RATE // 10 :].reshape(-1, RATE // 10)).mean(1))
    assert levels.max() > 2 * levels.min()
