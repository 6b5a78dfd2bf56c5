"""What is heard of speech: words are counted fairly, and faults that one would hear are found."""

from __future__ import annotations

import numpy as np
import pytest

from measures.speech import Judges, clicks, error_rate, measures, silences_s, word_errors, word_row
from menura.audio import Audio

RATE = 24_000


def vowel(hz: float = 150.0, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    swell = np.sin(np.pi * np.minimum(np.minimum(time, seconds - time) / 0.1, 0.5)) ** 2
    return (swell * sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 12)) * 0.1).astype(np.float32)


@pytest.mark.parametrize(
    ("reference", "heard", "errors"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a x c", 1),
        ("a b c", "a c", 1),
        ("a c", "a b c", 1),
        ("", "a", 1),
        ("a", "", 1),
        ("can anyone see", "can any one see", 0),
        ("any one", "anyone", 0),
        ("he saw any one", "he was anyone", 1),
    ],
)
def test_words_that_were_misheard_are_counted(reference, heard, errors):
    assert word_errors(reference.split(), heard.split()) == errors


@pytest.mark.parametrize(
    ("written", "heard", "language"),
    [
        ("It's twenty-one o\u2019clock.", "It's 21 o'clock", "en-us"),
        ("Our neighbours had a grey harbour!", "our neighbors had a gray harbor", "en-us"),
        ("Es kostet fünf Euro, Großvater.", "Es kostet 5 Euro Großvater", "de"),
        ("Zij hebben drie boten.", "zij hebben 3 boten", "nl"),
    ],
)
def test_what_sounds_alike_is_alike(written, heard, language):
    assert word_row(written, language) == word_row(heard, language)


def test_the_standard_error_is_that_of_the_mean_where_sentences_are_equally_long():
    errors = [0, 1, 0, 0, 2, 0, 1, 0]
    rate, error = error_rate(errors, [10] * 8)
    assert rate == pytest.approx(4 / 80)
    assert error == pytest.approx(np.std(np.array(errors) / 10, ddof=1) / np.sqrt(8))


def test_clicks_are_found_and_speech_has_none():
    assert clicks(vowel(), RATE) == 0
    assert clicks((0.05 * np.random.default_rng(0).standard_normal(RATE)).astype(np.float32), RATE) == 0
    damaged = vowel()
    damaged[5000] += 0.3
    damaged[15_000:18_000] = 0
    assert 2 <= clicks(damaged, RATE) <= 3
    assert clicks(vowel()[:12_345] + np.float32(0.1), RATE) >= 1


def test_silences_are_measured_between_and_at_the_ends():
    sound = np.concatenate((vowel(), np.zeros(RATE * 3 // 2, np.float32), vowel()))
    duration_s, silence_s = silences_s(np.pad(sound, RATE // 2), RATE)
    assert duration_s == pytest.approx(3.5, abs=0.1)
    assert silence_s == pytest.approx(1.5, abs=0.1)
    assert silences_s(np.zeros(RATE, np.float32), RATE) == (0.0, 1.0)


def test_pitch_and_pace_are_those_of_the_sound():
    found = measures(Audio(np.pad(vowel(200.0), 6000)[None], RATE))
    assert found.f0_hz == pytest.approx(200, rel=0.02)
    assert found.f0_semitones < 0.3
    assert found.duration_s == pytest.approx(1.0, abs=0.1)


def test_what_judges_heard_is_kept(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("measures.speech._transcribed", lambda *given: asked.append(given) or "One 2")
    monkeypatch.setattr("measures.speech._dnsmos", lambda *_: (3.0, 4.0))
    sounds = [Audio(vowel()[None], RATE), Audio(0.1 * vowel(120.0)[None], RATE)]
    first = Judges(tmp_path).opinion(sounds, "One. Two three.", "en-us")
    assert first == ("One 2", 3, 1, 3.0, 4.0)
    assert Judges(tmp_path).opinion(sounds, "One. Two three.", "en-us") == first
    assert len(asked) == 1
    heard = asked[0][0]
    assert heard[: len(heard) // 2].std() == pytest.approx(heard[len(heard) // 2 :].std(), rel=0.2)
