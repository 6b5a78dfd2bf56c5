"""What is recognised is written whole or not at all, at the times it is said; what cannot be is told in a line."""

from __future__ import annotations

import numpy as np
import pytest
from tests.tasks.beeps import RATE_HZ, Beeps, beep, silence, sound, spoken
from tests.tasks.test_diarization import Pitches

import menura
from menura.app.cli import FAILED, MISUSED, main
from menura.audio import Audio, write
from menura.progress import Noting
from menura.tasks.models import Models
from menura.tasks.sections import Loud


class Hearing(Models):
    """Has one model, which hears beeps."""

    def get(self, name):
        return {"voice_activity": Loud(), "speaker": Pitches()}.get(name) or Beeps()

    def require(self, _name, _contract):
        pass

    def unused(self, _device=None):
        return self


def heard(audio, **how):
    return menura.transcribe(audio, models=Hearing(), **how)


def test_words_have_their_times():
    found = heard(sound(spoken(["one", "two", "5", "three"]))).transcript
    assert found.text == "one two three"
    assert found.language == "en"
    assert [word.text for word in found.words()] == ["one", "two", "three"]
    assert found.duration_s == pytest.approx(0.1 + 3 * 0.4 + 5)


def test_channels_and_rates_do_not_matter():
    eight = np.repeat(spoken(["one", "two"])[None], 8, axis=0)
    assert heard(Audio(eight, RATE_HZ)).text == "one two"
    assert heard(Audio(eight, RATE_HZ).resampled(44_100)).text == "one two"


@pytest.mark.parametrize("samples", [np.zeros(RATE_HZ, np.float32), np.full(16, 1e-3, np.float32)])
def test_of_silence_or_a_millisecond_nothing_is_written_and_that_is_told(samples, tmp_path):
    progress = Noting()
    result = heard(Audio(samples, RATE_HZ), output=tmp_path / "x", progress=progress)
    assert result.text == ""
    assert result.transcript.segments == ()
    assert (tmp_path / "x.vtt").read_text() == "WEBVTT\n"
    assert "nobody is heard to speak" in progress.warnings[0]


def test_who_speaks_is_told_where_that_is_asked(tmp_path):
    turns = ("one", "four", "one", "seven")
    dialogue = np.concatenate([part for name in turns for part in (beep(name, 4.0), silence(1.0))])
    for how, speakers in (({}, "1213"), ({"num_speakers": 1}, "1111")):
        found = heard(sound(dialogue), speakers=True, output=tmp_path / speakers, **how).transcript
        assert [segment.speaker for segment in found.segments] == [f"Speaker {number}" for number in speakers]
    assert (tmp_path / "1213.txt").read_text().splitlines() == [
        *("Speaker 1: one", "Speaker 2: four", "Speaker 1: one", "Speaker 3: seven")
    ]
    assert "<v Speaker 2>four" in (tmp_path / "1213.vtt").read_text()
    assert not heard(sound(dialogue)).transcript.segments[0].speaker


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"num_speakers": 2}, "goes with speakers"),
        ({"language": "Klingon"}, "is no language that is known"),
        ({"language": "German"}, "knows en, not de"),
        ({"task": "translate"}, "knows English alone"),
        ({"beam_size": 0}, "0 is not in 1–20"),
    ],
)
def test_what_cannot_be_is_told(asked, told):
    with pytest.raises(menura.Refused, match=told):
        heard(sound(spoken(["one"])), **asked)


def test_a_file_without_sound_leaves_nothing_behind(tmp_path, capsys):
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.mp3").write_text("no sound")
    for name in ("empty.wav", "text.mp3", "none.wav"):
        with pytest.raises(menura.Refused, match=name):
            heard(tmp_path / name, output=tmp_path / "out" / "x")
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
    del capsys


def test_without_the_model_a_line_says_how_to_get_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MENURA_CACHE", str(tmp_path))
    monkeypatch.setattr("menura.tasks.catalogue._installed", lambda *_: False)
    write(sound(spoken(["one"])), tmp_path / "x.wav")
    assert main(["transcribe", str(tmp_path / "x.wav")]) == MISUSED
    (line,) = capsys.readouterr().err.splitlines()
    assert 'menura[hear]"' in line


def test_several_files_are_done_each_by_itself(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("menura.app.command.Models", Hearing)
    for name in ("a", "b"):
        write(sound(spoken([{"a": "one", "b": "two"}[name]])), tmp_path / f"{name}.wav")
    (tmp_path / "broken.wav").touch()
    files = [str(tmp_path / f"{name}.wav") for name in ("a", "broken", "b")]
    assert main(["transcribe", *files, "-o", f"{tmp_path}/out/", "--output-format", "txt"]) == FAILED
    assert [(tmp_path / "out" / f"{name}.txt").read_text() for name in "ab"] == ["one\n", "two\n"]
    assert "broken.wav: the file is empty" in capsys.readouterr().err
    assert main(["transcribe", *files, "-o", str(tmp_path / "x.txt")]) == MISUSED
    assert "need a folder" in capsys.readouterr().err
