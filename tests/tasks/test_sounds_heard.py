"""What is heard while nobody speaks stands in brackets between what is said."""

from __future__ import annotations

import numpy as np
import pytest
from tests.tasks.beeps import RATE_HZ, Beeps, beep, silence
from tests.tasks.test_transcribing import Hearing

import menura
from menura.audio import Audio
from menura.tasks.sounds_heard import Sounds

HISS = 0.05 * np.random.default_rng(0).standard_normal(4 * RATE_HZ).astype(np.float32)


class Hearer:
    """Knows rain, which is noise."""

    sample_rate_hz = RATE_HZ

    def embed_text(self, texts):
        return np.array([[1.0, 0.0] if "rain" in text.split() else [0.0, 1.0] for text in texts])

    def embed_audio(self, samples, sample_rate_hz):  # noqa: ARG002
        steady = np.abs(samples).mean() > 0.02
        return np.array([[1.0, 0.0] if steady else [0.7, 0.7]])


class Speaking:
    """Takes tones for speech."""

    def speech(self, samples):
        frames = samples[: len(samples) // 320 * 320].reshape(-1, 320)
        power = np.square(np.abs(np.fft.rfft(frames, axis=1)))
        tones = (power.max(1) > 0.4 * power.sum(1)) & (power.sum(1) > 1)
        edges = np.flatnonzero(np.diff(tones.astype(int), prepend=0, append=0)) / 50
        return [(float(start), float(end)) for start, end in edges.reshape(-1, 2)]


class Captioning(Hearing):
    """Hears both."""

    def get(self, name):
        return {"embedder": Hearer(), "voice_activity": Speaking()}.get(name) or Beeps()


def told(samples, rate=RATE_HZ):
    sounds = Sounds(Hearer(), Speaking())
    blocks = np.split(samples, range(7000, len(samples), 7000))
    assert sum(block.shape[1] for block in sounds.listening(iter(blocks), rate)) == len(samples)
    return [(caption.lines[0], caption.start_s, caption.end_s) for caption in sounds.captions()]


def test_rain_between_words_is_told_where_it_is():
    ((line, start_s, end_s),) = told(np.concatenate((beep("one", 1.0), HISS, beep("two", 1.0))))
    assert line == "[rain]"
    assert start_s == pytest.approx(1.2, abs=0.05)
    assert end_s == pytest.approx(4.8, abs=0.05)


def test_silence_and_speech_are_not_told():
    assert told(np.concatenate((beep("one", 1.0), silence(8), beep("two", 3.0)))) == []


def test_what_goes_on_is_told_once():
    assert [line for line, *_ in told(np.tile(HISS, 30))] == ["[rain]"]


def test_what_comes_again_after_a_while_is_told_again():
    assert len(told(np.concatenate((HISS, silence(30), HISS)))) == 2


def test_captions_hold_them_between_what_is_said(tmp_path):
    samples = np.concatenate((silence(0.1), beep("one"), silence(0.1), HISS, silence(0.1), beep("two"), silence(0.5)))
    result = menura.caption(
        Audio(samples, RATE_HZ), sounds=True, format="vtt", output=tmp_path / "x.vtt", models=Captioning()
    )
    lines = (tmp_path / "x.vtt").read_text().splitlines()
    assert [line for line in lines if line and "-->" not in line] == ["WEBVTT", "one", "[rain]", "two"]
    assert result.text == "one two"
