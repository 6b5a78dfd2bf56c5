"""What is done to a voice is heard where it should be, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from menura.audio import Audio
from menura.audio.dynamics import compress, de_ess, duck, high_pass, in_band, levels_db, presence

RATE = 24_000
WORDS_HZ = (500.0, 4000.0)
TIMES = np.arange(2 * RATE) / RATE


def tone(hz: float, db: float = -6.0) -> Audio:
    return Audio((10 ** (db / 20) * np.sin(2 * np.pi * hz * TIMES)).astype(np.float32)[None], RATE)


def level(audio: Audio) -> float:
    return float(np.median(levels_db(audio)[40:-40]))


def test_low_cut_takes_rumble_and_leaves_the_voice():
    assert level(high_pass(tone(30))) < level(tone(30)) - 12
    assert level(high_pass(tone(400))) == pytest.approx(level(tone(400)), abs=0.3)


def test_compression_brings_loud_and_soft_together_and_leaves_soft_alone():
    assert level(compress(tone(400, -6), -24, 3)) == pytest.approx(-24 + (level(tone(400, -6)) + 24) / 3, abs=0.5)
    assert level(compress(tone(400, -40), -24, 3)) == pytest.approx(level(tone(400, -40)), abs=0.1)


def test_hiss_that_stands_out_is_turned_down_and_a_vowel_is_not():
    assert level(de_ess(tone(8000))) < level(tone(8000)) - 5
    assert level(de_ess(tone(400))) == pytest.approx(level(tone(400)), abs=0.2)


def test_the_band_makes_room_only_in_the_words_and_while_they_sound():
    voice = tone(400).samples.copy()
    voice[:, RATE:] = 0
    share = presence(Audio(voice, RATE)) * 0.37
    levels = levels_db(duck(tone(1500), in_band(tone(1500), WORDS_HZ), share)) - levels_db(tone(1500))
    assert levels[60:180].mean() == pytest.approx(-4, abs=0.8)
    assert abs(levels[340:390].mean()) < 0.3
    assert level(duck(tone(60), in_band(tone(60), WORDS_HZ), share)) == pytest.approx(level(tone(60)), abs=0.2)


def test_the_shortest_sounds_pass():
    short = Audio(np.ones((1, 3), np.float32), RATE)
    for change in (high_pass, compress, de_ess, lambda audio: duck(audio, in_band(audio, WORDS_HZ), presence(audio))):
        assert change(short).num_samples == 3
