"""A text that was heard is mended over HTTP: the captions say the new words, when they are said."""

from __future__ import annotations

import io

import pysubs2
import pytest

from menura.text.captions import Word
from menura.text.transcript import Segment, Transcript
from menura.text.writers import to_json

from .conftest import refusal


@pytest.fixture(scope="module")
def file(shared):
    """The id of a transcription of two segments."""
    words = [Word(text, start, start + 1.0) for start, text in enumerate(["one", "too", "three"])]
    segments = [
        Segment(0, 0.0, 2.0, " one too", words=tuple(words[:2])),
        Segment(1, 2.0, 3.0, " three", words=tuple(words[2:]), speaker="Speaker 1"),
    ]
    content = to_json(Transcript.of(segments, "en", 3.0)).encode()
    return shared.post("/v1/files", files={"file": ("talk.json", content)}).json()["id"]


def test_captions_say_the_new_words_when_they_are_said(shared, file):
    asked = {"file": file, "texts": ["one two", "three & four"], "format": "srt"}
    content = shared.post("/v1/transcripts", json=asked).json()["content"]
    cues = pysubs2.SSAFile.from_file(io.StringIO(content))
    assert [(cue.start, cue.end) for cue in cues] == [(0, 2000), (2000, 3000)]
    assert cues[0].plaintext == "one two"
    assert cues[1].plaintext.endswith("three & four")


def test_a_segment_without_text_is_gone(shared, file):
    asked = {"file": file, "texts": [" ", "three"], "format": "txt"}
    assert shared.post("/v1/transcripts", json=asked).json() == {"content": "Speaker 1: three\n"}


@pytest.mark.parametrize(
    ("changed", "param"),
    [({"texts": ["one"]}, "texts"), ({"file": "file-00000000000000000000"}, "file"), ({"format": "docx"}, "format")],
)
def test_what_cannot_be_is_refused(shared, file, changed, param):
    answer = shared.post("/v1/transcripts", json={"file": file, "texts": ["", ""], **changed})
    assert answer.status_code == 400
    assert refusal(answer)["param"] == param


def test_another_file_is_no_transcription(shared):
    other = shared.post("/v1/files", files={"file": ("x.json", b"{}")}).json()["id"]
    answer = shared.post("/v1/transcripts", json={"file": other, "texts": []})
    assert refusal(answer)["message"] == "x.json: is no transcript as whisper's JSON"
