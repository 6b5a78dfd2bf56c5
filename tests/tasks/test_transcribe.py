"""`menura transcribe` writes the files that were asked for, under whisper's names, and can be done again."""

from __future__ import annotations

import json

import pytest
from tests.tasks.beeps import sound, spoken
from tests.tasks.test_transcribing import Hearing

import menura
from menura.audio import write
from menura.tasks.perform import with_default_output
from menura.tasks.transcribe import Transcribe


@pytest.fixture
def recording(tmp_path):
    write(sound(spoken(["one", "two", "5", "three"])), tmp_path / "interview.1.wav")
    return tmp_path / "interview.1.wav"


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_all_are_whisper_s_five_beside_a_sidecar_that_does_it_again(recording, tmp_path):
    result = menura.transcribe(recording, output=f"{tmp_path}/out/", models=Hearing())
    kinds = ("txt", "vtt", "srt", "tsv", "json", "transcribe.json")
    assert names(tmp_path / "out") == {f"interview.1.{kind}" for kind in kinds}
    told = json.loads((tmp_path / "out" / "interview.1.json").read_text())
    assert told["text"] == result.text == "one two three"
    assert [word["word"] for segment in told["segments"] for word in segment["words"]] == [" one", " two", " three"]
    sidecar = tmp_path / "out" / "interview.1.transcribe.json"
    again = menura.replay(sidecar, output=tmp_path / "again", models=Hearing())
    assert again.transcript == result.transcript


@pytest.mark.parametrize(("output", "written"), [("x.srt", "x.srt"), ("x.ass", "x.ass"), ("x.txt", "x.txt")])
def test_the_output_s_name_decides(recording, tmp_path, output, written):
    menura.transcribe(recording, output=tmp_path / "out" / output, models=Hearing())
    assert names(tmp_path / "out") == {written, "x.transcribe.json"}


def test_chapters_and_words_without_times(recording, tmp_path):
    how = {"output_format": "chapters", "word_timestamps": False}
    result = menura.transcribe(recording, output=tmp_path / "x", models=Hearing(), **how)
    assert json.loads((tmp_path / "x.chapters.json").read_text())["version"] == "1.2.0"
    assert result.transcript.words() == []


def test_files_are_called_as_the_recording_is(recording, tmp_path):
    task = Transcribe.build({"file": str(recording)})
    assert with_default_output(task).output.name == "interview.1"
    assert with_default_output(task, tmp_path).output == tmp_path / "interview.1"


def test_the_layout_of_captions_is_as_asked(recording, tmp_path):
    how = {"max_words_per_line": 1, "highlight_words": True}
    menura.transcribe(recording, output=tmp_path / "x.vtt", models=Hearing(), **how)
    assert (tmp_path / "x.vtt").read_text().count("<u>") == 3
