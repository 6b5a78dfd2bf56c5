"""Two voices are told from one by pitch and timbre; of too little nothing is said."""

from __future__ import annotations

import numpy as np
import pytest

from menura.tasks.speakers import APART, apart


def spoken(seed: int, seconds: float, hz: float, slope: float) -> tuple[np.ndarray, np.ndarray]:
    """Log-mels and F0 of somebody with a pitch and a slope of spectrum, who moves in both."""
    rng = np.random.default_rng(seed)
    count = round(80 * seconds)
    wander = np.repeat(rng.normal(0, 1, count // 40 + 1), 40)[:count, None]
    mel = -4 + (slope + 0.1 * wander) * np.linspace(-1, 1, 100) + rng.normal(0, 1, (count, 100))
    f0 = hz * 2 ** (wander[:, 0] / 6)
    return mel, np.where(np.arange(count) % 20 < 14, f0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_one_voice_is_one_and_two_are_two(seed):
    one, other = spoken(seed, 40, 200, -1.0), spoken(seed + 10, 20, 110, -2.0)
    assert apart([one[0]], [one[1]]) < APART
    mels, f0s = zip(one, other, strict=True)
    assert apart(mels, f0s) > APART


def test_of_little_speech_or_none_nothing_is_said():
    mel, f0 = spoken(0, 20, 200, -1.0)
    assert apart([mel], [f0]) == 0
    assert apart([np.zeros((4000, 100))], [np.zeros(4000)]) == 0
