"""What is asked of `speak` is what is written: sound, captions, a file for each row; else a line says what is wrong."""

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
from menura.progress import Progress
from menura.tasks.limits import MOST_CHARACTERS
from menura.tasks.models import Models
from menura.tasks.perform import with_default_output
from menura.tasks.speak import Speak
from menura.tasks.voiced import Speech


@pytest.fixture
def say(speech_models: Path) -> Callable[..., Any]:
    """Speaks with models that have learnt nothing."""
    models = Models(shelves=(speech_models,))
    return lambda *text, **how: menura.speak(*text, **{"seed": 3, "models": models, **how})


def test_a_text_is_sound_with_the_times_of_its_words(say, speech_models, tmp_path):
    text = 'Hello there, "Dr. Smith" paid $5.20. Then he left!'
    result = say(text, output=tmp_path / "hello.flac", captions="vtt")
    assert read(tmp_path / "hello.flac").num_samples == result.audio.num_samples
    assert [word.text for word in result.words] == text.split()
    assert all(text[word.start : word.end] in word.text for word in result.words)
    assert 0 < result.words[0].start_s < result.words[-1].end_s < result.audio.duration_s
    assert result.summary()["words"] == 9
    assert result.summary()["voice"] == "heart"
    shown = (tmp_path / "hello.vtt").read_text()
    assert shown.startswith("WEBVTT\n")
    assert "Then he left!" in shown
    again: Any = menura.replay(
        tmp_path / "hello.json", output=tmp_path / "again", models=Models(shelves=(speech_models,))
    )
    assert np.array_equal(again.audio.samples, result.audio.samples)


def test_captions_as_json_stand_beside_the_sidecar(say, tmp_path):
    result = say("One two.", output=tmp_path / "x", captions="json")
    rows = json.loads((tmp_path / "x.words.json").read_text())["words"]
    assert [row["text"] for row in rows] == ["One", "two."]
    assert rows[0]["start_s"] == pytest.approx(result.words[0].start_s, abs=1e-6)
    assert json.loads((tmp_path / "x.json").read_text())["task"] == "speak"


def test_an_output_called_srt_has_captions(say, tmp_path):
    say("One two.", output=tmp_path / "x.srt")
    assert (tmp_path / "x.srt").read_text().startswith("1\n00:00:0")
    assert (tmp_path / "x.wav").exists()


def test_what_is_streamed_is_the_whole(say, speech_models):
    values = {"text": "One. Two, three.\n\nFour.", "seed": 3}
    task, models = Speak.build(values), Models(shelves=(speech_models,))
    stream = task.stream(models, Progress())
    parts = list(stream.parts)
    assert len(parts) == 6  # a short first piece, the rest of its sentence, the others, and the silence after each
    assert (stream.sample_rate_hz, stream.num_channels, stream.num_samples) == (24_000, 1, None)
    assert np.array_equal(np.concatenate(parts, 1), say(values["text"]).audio.samples)


def test_speed_pitch_and_seed_are_heard(say):
    usual, fast, high, other = (
        say("Hello there.", **how).audio for how in ({}, {"speed": 2}, {"pitch": 5}, {"seed": 4})
    )
    assert fast.duration_s < usual.duration_s == high.duration_s == other.duration_s
    assert not np.array_equal(high.samples, usual.samples)
    assert not np.array_equal(other.samples, usual.samples)


def test_a_voice_brings_its_language_and_a_language_its_voice(say):
    german = say("Guten Tag.", voice="kerstin").summary()
    assert german == {**german, "voice": "kerstin", "language": "de"}
    assert say("Guten Tag.", language="de").summary() == german
    mixed = say("Hello.", voice="heart:0.4,kerstin:0.6").summary()
    assert mixed["language"] == "de"
    drawn = say("Hello.", voice="random:7", language="en-us").summary()["voice"]
    assert "kerstin" not in drawn, "who does not speak the language is not drawn"
    assert say("Hello.", voice=drawn, language="en-us").summary()["voice"] == drawn


def test_a_script_has_voices_as_asked_and_others_for_the_rest(say):
    script = "ANNA: Hello.\nBEN: Good day.\nCARL: Hi."
    result = say(script, voices="anna=kerstin")
    assert [word.speaker for word in result.words] == ["ANNA", "BEN", "BEN", "CARL"]
    assert result.summary()["voice"] == "kerstin, fenrir"
    assert say(script, dialogue=True).summary()["voice"] == "fenrir, kerstin"
    with pytest.raises(menura.Refused, match="voices: DORA says nothing"):
        say(script, voices={"DORA": "heart"})


def test_a_document_is_read_without_what_formats_it(say, tmp_path):
    (tmp_path / "a.md").write_text("# A title\n\nSee [this](https://a.example/).\n\n```\ncode\n```\n")
    assert [word.text for word in say(file=tmp_path / "a.md").words] == ["A", "title", "See", "this."]
    (tmp_path / "a.txt").write_text("\ufeffJust text.")
    assert [word.text for word in say(file=tmp_path / "a.txt").words] == ["Just", "text."]
    assert [word.text for word in say(file=b"# Title\n\ntext").words] == ["Title", "text"]


def test_a_table_is_a_file_for_each_row(say, tmp_path):
    (tmp_path / "guests.csv").write_text('name,city\nAnna,"York, UK"\nBen Ö,Rome\n')
    made = say(table=tmp_path / "guests.csv", template="Welcome, {name} of {city}!", output=tmp_path / "out")
    assert [one.words[1].text for one in made] == ["Anna", "Ben"]
    names = sorted(path.name for path in tmp_path.glob("*.wav"))
    assert names == ["out-1-anna.wav", "out-2-ben-o.wav"]
    rows = [{"name": "Anna"}]
    assert [word.text for word in say(table=rows, template="Hi {name}.")[0].words] == ["Hi", "Anna."]
    for template, told in (("Hi {nam}", "no column 'nam'; did you mean {name}"), ("{zz}!", "there are name, city")):
        with pytest.raises(menura.Refused, match=told):
            say(table=tmp_path / "guests.csv", template=template)


def test_a_lexicon_says_how_words_are_said(say, tmp_path):
    (tmp_path / "words.tsv").write_text("menura\tmɛˈnʊɹə\n")
    usual, told = say("Menura."), say("Menura.", lexicon=tmp_path / "words.tsv")
    assert not np.array_equal(usual.audio.samples, told.audio.samples)
    assert np.array_equal(say("Menura.", lexicon={"menura": "mɛˈnʊɹə"}).audio.samples, told.audio.samples)


def test_words_of_other_scripts_are_told(say):
    with pytest.warns(UserWarning, match="not said, for its script cannot be read: 世界"):
        result = say("Hello 世界.")
    assert [word.text for word in result.words] == ["Hello."]


WRONG = [
    ({}, "text: is empty; give a text, a file or a table"),
    ({"text": ""}, "text: is empty"),
    ({"text": " \n\t"}, "text: has no letters or digits to say"),
    ({"text": "😀 🎉!"}, "text: has no letters or digits to say"),
    ({"text": "世界"}, "text: has no word that can be said"),
    ({"text": "a" * 100_000}, f"text: 100000 characters are more than {MOST_CHARACTERS}"),
    ({"text": "Hi", "language": "fr"}, "language: fr is not one of en-us, en-gb, de, nl"),
    ({"text": "Hi", "language": "nl"}, "language: the model does not speak nl; it speaks en-us, de"),
    ({"text": "Hi", "voice": "hart"}, "voice: there is no voice 'hart'; did you mean heart?"),
    ({"text": "Hi", "voice": "heart:0"}, "voice: 'heart:0' has no weight above 0"),
    ({"text": "A: Hi", "voices": "A=hart"}, "voices: there is no voice 'hart'"),
    ({"text": "A: Hi", "voices": "heart"}, "voices: 'heart' names nobody, write it as ANNA=heart"),
    ({"text": "<speak>Hi"}, "text: SSML, line 1, column 10: no element found"),
    ({"text": "<speak>Hi <audio/></speak>"}, "text: SSML, line 1, column 11: <audio> is none of"),
    ({"text": '<speak><voice name="hart">Hi</voice></speak>'}, "voice: there is no voice 'hart'"),
    ({"text": '<speak><lang xml:lang="fr">Oui</lang></speak>'}, 'language: "fr" cannot be read'),
    ({"text": "[Hi](/q7/)"}, "text: character 7"),
    ({"text": "[pause:1000s] Hi"}, "must be 0 to 60 seconds"),
    ({"text": "Hi", "speed": 9}, "speed: 9 is not in 0.25–4"),
    ({"text": "Hi", "table": [{"a": "b"}], "template": "c"}, "table: there is a text too"),
    ({"table": [{"a": "b"}]}, "template: is needed"),
    ({"text": "Hi", "template": "c"}, "table: is needed"),
    ({"table": [], "template": "c"}, "has 0 rows, where there may be 1–1000"),
    ({"table": [{"a": "!"}], "template": "{a}"}, "table: the table given, row 1: has no letters or digits to say"),
    ({"table": b"a,a\n1,2\n", "template": "{a}"}, "its first row must name the columns"),
    ({"table": b"a\n1,2\n", "template": "{a}"}, "row 2: has 2 values for 1 columns"),
    ({"file": b"\xff\xfe"}, "is not UTF-8 text: byte 0"),
    ({"file": b""}, "has no letters or digits to say"),
    ({"file": b"b" * 4_000_001}, "4000001 characters are more than 4000000"),
    ({"file": b"b" * 60_000, "dialogue": True}, "dialogue: a book is read in one voice"),
    ({"text": "Hi", "chapters": "files"}, "chapters: only a file has some"),
    ({"text": "<speak>Hi</speak>", "format": "m4b"}, "text: SSML has no chapters"),
    ({"file": b"PK\x03\x04x", "format": "m4b"}, "the document given is damaged or locked"),
    ({"text": "Hi", "lexicon": b"no tab"}, "line 1: must be a word, a tab"),
    ({"text": "Hi", "lexicon": {"a": "q7"}}, '"a": "q7"'),
    ({"text": "Hi", "model": "vocoder"}, "model: vocoder is not a synthesizer of speech"),
    ({"text": "Hi", "vocoder": "synthesizer"}, "vocoder: synthesizer is not a vocoder"),
]


@pytest.mark.parametrize(("values", "told"), WRONG, ids=[told[:40] for _, told in WRONG])
def test_what_cannot_be_said_is_told_in_one_line_and_nothing_is_written(say, tmp_path, values, told):
    with pytest.raises(menura.Refused) as raised:
        say(**values, output=tmp_path / "out", captions="srt")
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_pauses_without_end_are_refused(say, monkeypatch, tmp_path):
    monkeypatch.setattr("menura.tasks.speak.MOST_SPOKEN_S", 60)
    with pytest.raises(menura.Refused, match="lasts longer than 1 minutes; cut it in parts"):
        say("Hi [pause:50s] you [pause:50s] there", output=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_what_one_voice_says_in_a_template_is_no_code(say):
    (one,) = say(table=[{"name": "Anna"}], template="{name} {{name}}")
    assert isinstance(one, Speech)
    with pytest.raises(menura.Refused, match=r"no column 'name\.__class__'"):
        say(table=[{"name": "Anna"}], template="{name.__class__}")


def test_without_an_output_files_are_called_after_what_is_said(tmp_path):
    (tmp_path / "My story.txt").write_text("Once.")
    named = {"hello-you": {"text": "Hello, you!"}, "my-story-speak": {"file": tmp_path / "My story.txt"}}
    for name, values in named.items():
        found: Any = with_default_output(Speak.build(values), tmp_path)
        assert found.output == tmp_path / name


@pytest.mark.parametrize(
    ("voice", "language", "f0_hz"), [("heart", "en-us", (140, 260)), ("fenrir", "en-us", (80, 170))]
)
def test_the_voices_that_come_with_the_package_speak(voice, language, f0_hz):
    result: Any = menura.speak("We were away a year ago, and nobody minded.", voice=voice, language=language, seed=1)
    heard = pitch(result.audio.samples[0], result.audio.sample_rate_hz, 300)
    assert 1.5 < result.audio.duration_s < 5
    assert integrated_lufs(result.audio) == pytest.approx(-19, abs=1)
    assert f0_hz[0] < np.median(heard[heard > 0]) < f0_hz[1]
    assert 0.3 < (heard > 0).mean() < 0.95
