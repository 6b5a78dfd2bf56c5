"""Every file of a transcript is read back, by readers that are not ours, as what was said and when."""

from __future__ import annotations

import io
import json
import re
from html import unescape

import pysubs2
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from menura.text.captions import Layout, Word
from menura.text.transcript import Segment, Transcript
from menura.text.writers import MORE_WRITERS, WRITERS, from_json, to_ass, to_json, to_srt, to_tsv, to_txt, to_vtt

ODD = "He said: <b>so</b> & {so}, a --> b. \\N Then: 100\tthings!"


def transcript(*texts: str, speaker: str = "", with_words: bool = True) -> Transcript:
    """Segments of 10 s whose words last 0.4 s each, with 0.1 s between them."""
    segments = []
    for number, text in enumerate(texts):
        times = [(10 * number + place / 2, 10 * number + place / 2 + 0.4) for place in range(len(text.split()))]
        words = tuple(Word(word, *time, probability=0.5) for word, time in zip(text.split(), times, strict=True))
        times_s = number * 10.0, number * 10.0 + 9
        segments.append(
            Segment(number, *times_s, f" {text}", (5, 6), words=words if with_words else (), speaker=speaker)
        )
    return Transcript.of(segments, "en", 10.0 * len(texts))


texts = st.lists(st.from_regex(r"[a-z<&{\\]{1,12}[.,!]?( [a-zé'-]{1,50}[.,!]?){0,18}", fullmatch=True), max_size=4)
layouts = st.builds(Layout, st.integers(1, 60), st.integers(1, 4), st.none() | st.integers(1, 5), st.booleans())


def read_vtt(written: str) -> list[webvtt.Caption]:
    """Captions, whose texts still spell & < > as references."""
    return list(webvtt.from_buffer(io.StringIO(written)))


@given(texts, layouts)
def test_captions_hold_every_word_in_order_within_their_layout(said, layout):
    given_ = transcript(*said)
    cues = read_vtt(to_vtt(given_, layout)) if said else []
    assert len(pysubs2.SSAFile.from_string(to_srt(given_, layout), format_="srt")) == len(cues)
    once = [cue for cue in cues if "<u>" in cue.raw_text or not layout.highlight_words]
    text = "".join(cue.text for cue in once) if not layout.highlight_words else "".join(map(underlined, once))
    assert "".join(unescape(text).split()) == "".join("".join(said).split())
    for cue in cues:
        assert cue.start_in_seconds <= cue.end_in_seconds
        assert all(len(line) <= layout.max_line_width for line in unescape(cue.text).splitlines())


def underlined(cue: webvtt.Caption) -> str:
    return "".join(re.findall("<u>(.*?)</u>", cue.raw_text))


def test_srt_and_vtt_are_read_back_with_their_times_and_signs():
    said = transcript(ODD, speaker="A & B")
    every = pysubs2.SSAFile.from_string(to_srt(said), format_="srt")
    vtt = read_vtt(to_vtt(said))
    assert (every[0].start, vtt[0].start) == (0, "00:00:00.000")
    assert unescape(vtt[0].voice) == "A & B"
    assert unescape(vtt[0].text).startswith("He said: <b>so</b> & {so}")
    assert " ".join(one.text for one in every).count("->") == 1
    assert every[-1].end == round(1000 * said.words()[-1].end_s)


def test_the_word_that_sounds_is_underlined_and_time_has_no_gaps_within_a_caption():
    said = transcript("One two three.")
    shown = read_vtt(to_vtt(said, Layout(highlight_words=True)))
    marked = [re.findall("<u>(.*?)</u>", cue.raw_text) for cue in shown]
    assert marked == [["One"], [], ["two"], [], ["three."]]
    assert all(cue.text == "One two three." for cue in shown)
    assert [cue.start for cue in shown[1:]] == [cue.end for cue in shown[:-1]]


def test_few_words_in_a_line_are_asked_for():
    lines = [cue.text for cue in read_vtt(to_vtt(transcript("a b c d e"), Layout(20, 1, 2)))]
    assert all(len(line.split()) <= 2 for line in lines)


def test_without_times_of_words_a_segment_is_a_caption():
    said = transcript("word " * 30, "Two.", with_words=False)
    first, second = read_vtt(to_vtt(said))
    assert (first.start, first.end, second.text) == ("00:00:00.000", "00:00:09.000", "Two.")
    assert all(len(line) <= 42 for line in first.text.splitlines())


def test_a_long_silence_parts_captions():
    words = (Word("So", 0.0, 0.5), Word("then", 4.0, 4.5), Word("go.", 4.5, 5.0))
    said = Transcript.of([Segment(0, 0.0, 5.0, " So then go.", words=words)], "en", 5.0)
    assert [cue.text for cue in read_vtt(to_vtt(said))] == ["So", "then go."]


@pytest.mark.parametrize("speaker", ["", "Ann, B"])
def test_karaoke_colours_each_word_as_it_sounds(speaker):
    said = transcript("One {two} three.", speaker=speaker)
    (event,) = pysubs2.SSAFile.from_string(to_ass(said))
    assert (event.start, event.end, event.plaintext) == (0, 1400, "One (two) three.")
    assert re.findall(r"\{\\k(\d+)\}", event.text) == ["40", "10", "40", "10", "40"]
    assert event.name == speaker.replace(",", " ")


def test_json_has_whisper_s_fields():
    said = json.loads(to_json(transcript("One two.", "Three.")))
    assert said["text"] == "One two. Three."
    assert said["language"] == "en"
    fields = "id seek start end text tokens temperature avg_logprob compression_ratio no_speech_prob words"
    assert list(said["segments"][0]) == fields.split()
    assert said["segments"][0]["words"][1] == {"word": " two.", "start": 0.5, "end": 0.9, "probability": 0.5}
    for segment in said["segments"]:
        assert "".join(word["word"] for word in segment["words"]) == segment["text"]


def test_tsv_is_in_milliseconds_and_txt_has_a_line_a_segment():
    said = transcript("One\ttwo.", "Three.", speaker="ANNA")
    assert to_tsv(said) == "start\tend\ttext\n0\t9000\tANNA: One two.\n10000\t19000\tANNA: Three.\n"
    assert to_txt(said) == "ANNA: One two.\nANNA: Three.\n"


@pytest.mark.parametrize("format", [*WRITERS, *MORE_WRITERS])
def test_of_nothing_said_every_file_is_sound(format):
    written = {**WRITERS, **MORE_WRITERS}[format](Transcript.of([], "en", 3.0), Layout())
    if format in ("json", "chapters"):
        assert json.loads(written)
    elif format == "vtt":
        assert read_vtt(written) == []
    elif format == "ass":
        assert len(pysubs2.SSAFile.from_string(written)) == 0


@given(texts, st.booleans())
def test_json_is_read_back_as_it_was_written(said, with_words):
    written = to_json(transcript(*said, speaker="ANNA", with_words=with_words))
    assert to_json(from_json(written)) == written


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\xff", "[]", "{}", "[" * 100_000, '{"segments": 1}', '{"segments": [{"start": 0, "end": 1}]}'),
        *('{"segments": [{"start": 2, "end": 1, "text": ""}]}', '{"segments": [{"start": 0, "end": NaN, "text": ""}]}'),
    ],
)
def test_what_is_no_transcript_is_said_so(content):
    with pytest.raises(ValueError, match="is no transcript"):
        from_json(content)
