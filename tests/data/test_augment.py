"""Augmentation: what each change promises, and that all of it follows from the generator handed in."""

from __future__ import annotations

import numpy as np
import pytest

from menura.data.augment import Chain, Change, Equalise, Gain, Mix, Resample

RATE = 8000
CHANGES: tuple[Change, ...] = (Gain(), Mix(), Resample(), Equalise())


def tone(hz: float = 500.0, length: int = RATE) -> np.ndarray:
    return (0.2 * np.sin(2 * np.pi * hz * np.arange(length) / RATE)).astype(np.float32)


def another(rng: np.random.Generator) -> np.ndarray:
    return tone(rng.uniform(1000, 2000))


def rms(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def decibels(ratio: float) -> float:
    return 20 * np.log10(ratio)


@pytest.mark.parametrize(
    "change", [*CHANGES, Chain(tuple((0.5, change) for change in CHANGES))], ids=lambda c: type(c).__name__
)
@pytest.mark.parametrize(
    "sound", [tone(), np.zeros(RATE, np.float32), tone(length=1000)], ids=["tone", "silence", "short"]
)
def test_a_change_keeps_length_and_type_and_is_a_function_of_its_generator(change, sound) -> None:
    short = len(sound)
    drawn = lambda rng: another(rng)[:short]  # noqa: E731
    before = sound.copy()
    changed = change(sound, np.random.default_rng(3), drawn)
    assert changed.shape == sound.shape
    assert changed.dtype == np.float32
    assert np.isfinite(changed).all()
    np.testing.assert_array_equal(sound, before)
    np.testing.assert_array_equal(changed, change(sound, np.random.default_rng(3), drawn))


def test_gain_stays_in_its_range_and_under_full_scale() -> None:
    gains = [rms(Gain(-14, 8)(tone(), np.random.default_rng(seed), another)) / rms(tone()) for seed in range(200)]
    assert decibels(min(gains)) > -14.01
    assert 7 < decibels(max(gains)) < 8.01
    assert np.abs(Gain(30, 30)(tone(), np.random.default_rng(0), another)).max() <= 1


def test_what_is_added_lies_as_far_under_the_sound_as_asked() -> None:
    added = Mix(12, 12)(tone(), np.random.default_rng(0), another) - tone()
    assert decibels(rms(tone()) / rms(added)) == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize(("speed", "hz"), [(1.1, 550.0), (0.9, 450.0)])
def test_speed_moves_the_pitch(speed, hz) -> None:
    played = Resample(speed, speed)(tone(), np.random.default_rng(0), another)
    heard = np.argmax(np.abs(np.fft.rfft(played * np.hanning(RATE))))
    assert heard == pytest.approx(hz, abs=2)


def test_an_equaliser_bends_the_spectrum_no_more_than_it_may_and_does_not_delay() -> None:
    click = np.zeros(RATE, np.float32)
    click[RATE // 2] = 1
    for seed in range(10):
        bent = Equalise(9)(click, np.random.default_rng(seed), another)
        gains_db = decibels(np.abs(np.fft.rfft(bent)))
        assert np.abs(gains_db).max() < 10
        assert np.ptp(gains_db) > 3
        assert np.argmax(np.abs(bent)) == RATE // 2


def test_a_chain_makes_each_change_in_its_share_of_the_cases() -> None:
    flip: Change = lambda crop, *_: -crop  # noqa: E731
    chain = Chain(((0.3, flip),))
    flipped = sum(chain(tone(), np.random.default_rng(seed), another)[1] < 0 for seed in range(500))
    assert 100 < flipped < 200
