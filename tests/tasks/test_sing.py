"""What is asked of `sing` is sung: words at their notes, by as many as are asked; else a line says why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import menura
from menura.audio import read
from menura.audio.loudness import integrated_lufs
from menura.audio.pitch import pitch
from menura.score import midi
from menura.score.notes import Score, Text, Track
from menura.tasks.models import Models

TUNE = "C4 D4 E4 F4 | G4:2 r:2 | A4 G4"
WORDS = "One lit-tle ro-bin sang _"


@pytest.fixture
def sing(speech_models: Path) -> Callable[..., Any]:
    """Sings with models that have learnt nothing."""
    models = Models(shelves=(speech_models,))
    return lambda *lyrics, **how: menura.sing(*lyrics, **{"seed": 3, "models": models, **how})


def test_words_begin_with_their_notes(sing, tmp_path):
    result = sing(WORDS, tune=TUNE, bpm=60, captions="srt", output=tmp_path / "robin.flac")
    lead_s = result.audio.duration_s - 10.0
    assert [word.text for word in result.words] == ["One", "little", "robin", "sang"]
    assert [word.start_s for word in result.words] == pytest.approx([0, 1, 3, 8], abs=0.35)
    assert 0 <= lead_s < 0.5
    assert read(tmp_path / "robin.flac").num_samples == result.audio.num_samples
    assert "robin" in (tmp_path / "robin.srt").read_text()
    assert json.loads((tmp_path / "robin.json").read_text())["task"] == "sing"


def test_it_is_as_loud_as_speech_and_silent_where_the_tune_rests(sing):
    result = sing("la la", tune="C4 r:4 C4", bpm=60)
    samples, rate = result.audio.samples[0], result.audio.sample_rate_hz
    assert integrated_lufs(result.audio) == pytest.approx(-19, abs=1)
    assert np.abs(samples[2 * rate : 4 * rate]).max() < 1e-3


def test_one_seed_gives_the_same_samples_and_another_others(sing):
    first, again, other = (sing("la la", tune="C4 E4", seed=seed).audio.samples for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_choir_is_wide_and_begins_with_the_one_voice(sing):
    result = sing("la", tune="C4:4", choir=3)
    assert result.audio.num_channels == 2
    left, right = result.audio.samples
    assert not np.allclose(left, right)
    assert result.summary()["singers"] == 3


def test_a_midi_file_is_sung_with_its_own_lyrics(sing, tmp_path):
    notes = np.array([(0, 480, 60, 90), (480, 480, 62, 90), (960, 960, 64, 90)])
    texts = tuple(Text(tick, "lyric", text) for tick, text in ((0, "Mor-"), (480, "ning"), (960, "star")))
    midi.write(Score((Track("voice", 53, False, notes),), texts=texts), tmp_path / "star.mid")
    assert [word.text for word in sing(file=tmp_path / "star.mid").words] == ["Morning", "star"]
    assert [word.text for word in sing("la _ lo", file=tmp_path / "star.mid").words] == ["la", "lo"]


@pytest.mark.parametrize(
    ("lyrics", "how", "complaint"),
    [
        ("la", {}, "tune: give one"),
        ("", {"tune": "C4"}, "lyrics: are empty"),
        ("!?", {"tune": "C4"}, "lyrics: there is no word"),
        ("la la la", {"tune": "C4 D4"}, "lyrics: the lyrics need 3 notes, and the tune has 2"),
        ("la", {"tune": "H4"}, "tune: "),
        ("la", {"tune": "C4", "voice": "nobody"}, "voice: there is no voice 'nobody'"),
        ("la " * 300, {"tune": "C4:8 " * 300, "bpm": 20}, "lasts longer than 15 minutes"),
    ],
)
def test_what_cannot_be_sung_is_told_and_nothing_is_written(sing, tmp_path, lyrics, how, complaint):
    with pytest.raises(ValueError, match=complaint):
        sing(lyrics, **how, output=tmp_path / "x.wav")
    assert not list(tmp_path.iterdir())


def test_the_voices_that_come_with_the_package_sing_in_tune():
    result = menura.sing("la lo loo", tune="A3:2 C4:2 E4:2", bpm=80, vibrato=0, voice="heart", seed=1)
    heard = pitch(result.audio.samples[0], result.audio.sample_rate_hz, 300)
    lead_s = result.audio.duration_s - 4.5 - 0.125  # the tail
    for number, hz in enumerate((220.0, 261.6, 329.6)):
        middle = heard[slice(*(round((lead_s + 1.5 * number + at_s) / 0.0125) for at_s in (0.5, 1.1)))]
        cents = 1200 * np.log2(middle[middle > 0] / hz)
        assert (middle > 0).mean() > 0.8
        assert abs(np.median(cents)) < 20
