"""Speech of a folder: levelled sound in whole frames, what was said in phonemes, durations that fit both."""

from __future__ import annotations

import json

import numpy as np
import pytest

from menura import audio
from menura.audio import Audio
from menura.data.speech import HOP_SAMPLES, RATE_HZ, SpeechCorpus
from menura.progress import Progress
from menura.text.speech.phonemes import to_teacher

SAID = "hiːlO"
"""Five characters, of four symbols."""


def vowel(seconds: float, level: float = 0.1, rate_hz: int = RATE_HZ, silence_s: float = 0.0) -> Audio:
    moments = np.arange(round(seconds * rate_hz)) / rate_hz
    sound = level * sum(np.sin(2 * np.pi * 200 * harmonic * moments) / harmonic for harmonic in range(1, 6))
    silence = np.zeros(round(silence_s * rate_hz))
    return Audio(np.concatenate((silence, sound, silence))[None].astype(np.float32), rate_hz)


def folder_of(path, rows, sounds):
    path.mkdir()
    written = []
    for number, (row, sound) in enumerate(zip(rows, sounds, strict=True)):
        audio.write(sound, path / f"{number:02d}.flac")
        written.append(json.dumps({"file": f"{number:02d}.flac", "split": "valid" if number < 3 else "train", **row}))
    (path / "manifest.jsonl").write_text("\n".join(written), encoding="utf-8")
    return path


def corpus_of(path, rows, sounds, tmp_path) -> SpeechCorpus:
    return SpeechCorpus.of(folder_of(path, rows, sounds), tmp_path / "cache", Progress())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("speech")
    timed = {"phonemes": SAID, "durations_ms": [100, 100, 50, 100, 50, 100, 100], "speaker": "ann", "language": "en-gb"}
    told = {"text": "Hello. It is 5 o'clock.", "speaker": "ben", "mix": {"ann": 0.25, "ben": 0.75}}
    sounds = [vowel(0.6, level=0.02 * (1 + number % 3)) for number in range(12)]
    sounds += [vowel(0.5, silence_s=0.5, rate_hz=16_000) for _ in range(12)]
    return corpus_of(tmp_path / "data", [timed] * 12 + [told] * 12, sounds, tmp_path)


def test_sound_frames_and_f0_agree(corpus):
    for index in range(len(corpus.utterances)):
        frames = corpus.num_frames(index)
        assert corpus.sound(index).shape == (frames * HOP_SAMPLES,)
        assert corpus.mel(index).shape == (frames, 100)
        assert np.median(corpus.f0(index)[8:-8]) == pytest.approx(200, rel=0.01)


def test_all_are_as_loud(corpus):
    peaks = [np.abs(corpus.sound(index)).max() for index in range(12)]
    assert max(peaks) / min(peaks) < 1.01


def test_durations_of_characters_become_frames_of_symbols(corpus):
    one = corpus.utterances[0]
    assert one.symbols == ("h", "iː", "l", "oʊ")
    assert to_teacher(one.symbols) == SAID
    assert one.durations is not None
    assert one.durations.tolist() == [8, 8, 12, 4, 8, 8]
    assert one.durations.sum() == corpus.num_frames(0)
    assert (one.language, dict(one.speaker)) == ("en-gb", {"ann": 1.0})


def test_texts_are_spoken_and_silence_at_the_ends_is_cut(corpus):
    one = corpus.utterances[12]
    assert one.durations is None
    assert one.symbols.count("5") == 0
    assert one.symbols[-1] == "."
    assert dict(one.speaker) == {"ann": 0.25, "ben": 0.75}
    assert corpus.num_frames(12) * HOP_SAMPLES / RATE_HZ == pytest.approx(0.7, abs=0.05)
    assert corpus.speakers == ("ann", "ben")


def test_what_was_computed_is_taken_from_the_cache(tmp_path):
    sounds = [vowel(0.4)] * 21
    first, again = (
        SpeechCorpus.of(folder, tmp_path / "cache", Progress())
        for folder in [folder_of(tmp_path / "data", [{"text": "A word."}] * 21, sounds)] * 2
    )
    np.testing.assert_array_equal(first.mels, again.mels)
    assert len(list((tmp_path / "cache").glob("speech-*"))) == 1


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"phonemes": SAID, "durations_ms": [100] * 6}, "has 6 durations for 5 phonemes and two pads"),
        ({"phonemes": SAID, "durations_ms": [100] * 7}, "add up to 56 frames, its sound has 32"),
        ({"phonemes": "h%"}, '"%" is none of the symbols'),
        ({"text": "Bonjour", "language": "fr"}, "language 'fr' cannot be read"),
    ],
)
def test_rows_that_do_not_fit_are_named(tmp_path, row, complaint):
    with pytest.raises(ValueError, match=complaint):
        corpus_of(tmp_path / "data", [row] + [{"text": "A word."}] * 20, [vowel(0.4)] * 21, tmp_path)


def test_sounds_without_words_are_refused(tmp_path):
    with pytest.raises(ValueError, match="holds 0 sounds whose text is told"):
        corpus_of(tmp_path / "data", [{"label": "door"}] * 21, [vowel(0.4)] * 21, tmp_path)
