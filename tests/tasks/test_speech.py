"""Speech is as loud as it should be, words sound when they are said to, and streamed it is the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from menura.audio import Audio
from menura.audio.loudness import integrated_lufs, true_peak_dbtp
from menura.audio.mel_inversion import mel_energies
from menura.tasks.speech import SAMPLE_RATE_HZ, Manner, joined, speak
from menura.tasks.utterances import utterances
from menura.text.captions import Word

PAD = 20
HUM_HZ = 200.0
HUM = mel_energies(np.sin(2 * np.pi * HUM_HZ * np.arange(6000) / SAMPLE_RATE_HZ), SAMPLE_RATE_HZ, 300, 100)[10]
BAND = int(HUM.argmax())
_USUAL = Manner()


@dataclass
class Frames:
    mel: np.ndarray
    f0: np.ndarray
    durations: np.ndarray


@dataclass
class Marking:
    """A synthesizer whose frames are a hum at the level of the voice where there is a symbol."""

    voices: tuple[str, ...] = ("loud", "soft")
    languages: tuple[str, ...] = ("en-us", "de")
    asked: list[dict[str, Any]] = field(default_factory=list)

    def speaker(self, weights, formant=1.0, pitch=1.0):
        assert formant == pitch == 1
        return np.array([weights.get("loud", 0.0), weights.get("soft", 0.0)])

    def synthesize(self, symbols, speaker, language, *, speed, pitch_semitones):
        self.asked.append({"symbols": symbols, "speed": speed, "pitch": pitch_semitones, "language": language})
        durations = np.full(len(symbols) + 2, 8)
        durations[[0, -1]] = PAD
        durations[1:-1] = np.maximum(np.rint(durations[1:-1] / speed[1:-1]), 1)
        level = 0.3 * speaker[0] + 0.01 * speaker[1]
        there = np.repeat([0, *[level] * len(symbols), 0], durations)
        mel = np.log(np.maximum(there[:, None] * HUM, 1e-4)).astype(np.float32)
        return Frames(mel, np.full(len(mel), HUM_HZ), durations)


class Tones:
    """A vocoder that hums where there is a symbol, a little different with each seed."""

    def stream(self, mel, f0, seed, piece_frames, *, first_frames):
        level = np.repeat(np.exp(mel[:, BAND]) / HUM[BAND], 300)
        at = np.arange(len(level)) / SAMPLE_RATE_HZ
        noise = 1e-4 * np.random.default_rng(seed).standard_normal(len(level))
        whole = (level * np.sin(2 * np.pi * np.repeat(f0, 300) * at) + noise).astype(np.float32)
        edges = [0, *range(first_frames or piece_frames, len(mel), piece_frames)]
        return iter(np.split(whole, np.multiply(edges[1:], 300)))


def said(text, voice="loud", manner=_USUAL, synthesizer=None, **how):
    found = utterances(text, "en-us", voice, **how)
    parts = list(speak(found, text, synthesizer or Marking(), Tones(), manner))
    return np.concatenate([part.samples for part in parts]), [word for part in parts for word in part.words]


def lufs(samples):
    return integrated_lufs(Audio(samples, SAMPLE_RATE_HZ))


@pytest.mark.parametrize("voice", ["loud", "soft", "loud:0.5,soft:0.5"])
def test_every_voice_is_as_loud_and_nothing_clips(voice):
    samples, _ = said("A sentence that is said. Another one, which is longer than that. And a third.", voice)
    assert abs(lufs(samples) + 19) < 1
    assert true_peak_dbtp(Audio(samples, SAMPLE_RATE_HZ)) <= -0.99
    loud, _ = said("Here is something loud.", voice, Manner(volume_db=12))
    assert true_peak_dbtp(Audio(loud, SAMPLE_RATE_HZ)) <= -0.99


def test_words_sound_when_they_are_said_to():
    text = "[pause:0.3s] Hello, big [pause:0.5s] world. Yes."
    samples, words = said(text)
    assert [text[word.start : word.end] for word in words] == ["Hello", "big", "world", "Yes"]
    heard = np.abs(samples) > 0.02
    onsets = np.flatnonzero(
        heard & ~np.convolve(np.r_[np.zeros(600), heard[:-600]], np.ones(600), "full")[: len(heard)].astype(bool)
    )
    for word in (words[0], words[2], words[3]):
        assert np.abs(onsets / SAMPLE_RATE_HZ - word.start_s).min() < 0.01
    assert all(one.end_s <= other.start_s for one, other in pairwise(words))
    assert words[2].start_s - words[1].end_s == pytest.approx(0.5 + 12 * 300 / SAMPLE_RATE_HZ)
    assert words[0].start_s == pytest.approx(0.3 + 4 * 300 / SAMPLE_RATE_HZ)


def test_times_are_those_of_the_synthesizer_s_durations():
    _, words = said("one two", manner=Manner(speed=2.0))
    assert words[0].end_s - words[0].start_s == pytest.approx(len(("w", "ˈ", "ʌ", "n")) * 4 * 300 / SAMPLE_RATE_HZ)
    assert words[1].start_s - words[0].end_s == pytest.approx(4 * 300 / SAMPLE_RATE_HZ)


def test_silence_of_the_synthesizer_is_cut_to_what_is_wanted():
    samples, words = said("Yes.")
    assert words[0].start_s == pytest.approx(4 * 300 / SAMPLE_RATE_HZ)
    assert len(samples) / SAMPLE_RATE_HZ - words[0].end_s < 0.25


def test_style_reaches_each_symbol():
    text = (
        '<speak>one <prosody rate="200%" pitch="+3st">two</prosody> <emphasis level="strong">three</emphasis> '
        '<voice name="soft">four</voice></speak>'
    )
    synthesizer = Marking()
    said(text, manner=Manner(speed=1.5, semitones=-1), synthesizer=synthesizer)
    first, second = synthesizer.asked
    assert set(np.round(first["speed"].astype(float), 2)) == {1.5, 3.0, 1.23}
    assert set(first["pitch"]) == {-1, 2, 1}
    assert first["speed"][0] == first["speed"][1] == first["speed"][-1] == np.float32(1.5)
    assert set(second["speed"]) == {1.5}


def test_volume_of_words_is_heard():
    text = 'one <prosody volume="-12dB">two</prosody> one'
    samples, words = said(f"<speak>{text}</speak>")

    def level(word):
        middle = round((word.start_s + word.end_s) / 2 * SAMPLE_RATE_HZ)
        return np.sqrt(np.square(samples[middle - 600 : middle + 600]).mean())

    assert 20 * np.log10(level(words[1]) / level(words[0])) == pytest.approx(-12, abs=1.5)


def test_the_seed_decides_and_nothing_else():
    one, again, other = (said("Hello there.", manner=Manner(seed=seed))[0] for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_what_cannot_be_said_is_told_before_anything_is():
    with pytest.raises(ValueError, match="voice: there is no voice 'lout'; did you mean loud"):
        said("Hello.", "lout")
    with pytest.raises(ValueError, match="language: the model does not speak nl; it speaks en-us, de"):
        said('<speak>Hello <lang xml:lang="nl">dag</lang></speak>')


def test_a_word_said_in_parts_is_one_word():
    parts = [Word("$5,", 0, 1, 0, 3), Word("$5,", 1.1, 2, 0, 3), Word("b", 2, 3, 4, 5), Word("b", 3, 4, 4, 5)]
    assert [(word.text, word.start_s, word.end_s) for word in joined(parts)] == [("$5,", 0, 2), ("b", 2, 4)]
    _, words = said("hammock" * 60)
    assert len(joined(words)) == 1
    assert len(words) > 1


def test_the_first_piece_is_short_and_words_come_with_the_first_of_each_utterance():
    text = "Hello there, this is a sentence of some length. And one more."
    parts = list(speak(utterances(text, "en-us", "loud"), text, Marking(), Tones(), _USUAL))
    assert 0.3 < len(parts[0].samples) / SAMPLE_RATE_HZ < 0.5
    assert [part.utterance for part in parts] == sorted(part.utterance for part in parts)
    firsts = [part for before, part in pairwise([None, *parts]) if not before or before.utterance != part.utterance]
    assert [bool(part.words) for part in parts] == [any(part is one for one in firsts) for part in parts]
    assert len(firsts) == 2
