"""OpenAI's client sends a recording and gets its words in every format, as they come; what is wrong is told."""

from __future__ import annotations

import io

import openai
import pysubs2
import pytest
from tests.tasks.beeps import Beeps, sound, spoken
from tests.tasks.test_diarization import Pitches

from menura.app.server.api import create_app
from menura.app.server.settings import Settings
from menura.audio import write
from menura.tasks.models import Models
from menura.tasks.sections import Loud

from .conftest import refusal
from .test_guard import listening

TOKEN = "a-token-of-mine"
MODEL = "whisper-1"
_OTHERS = {"voice_activity": Loud(), "speaker": Pitches()}


@pytest.fixture(scope="module")
def hearing():
    """Every recognizer hears beeps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Models, "get", lambda _self, name: _OTHERS.get(name) or Beeps())
        patch.setattr(Models, "require", lambda _self, name, _contract: _known(name))
        yield


def _known(name):
    if not name.startswith("whisper-"):
        raise ValueError(f"no model {name!r}")


@pytest.fixture(scope="module")
def client(tmp_path_factory, hearing):
    del hearing
    settings = Settings(state=tmp_path_factory.mktemp("served"), grace_s=5.0, tokens=(TOKEN,))
    with listening(create_app(settings)) as port:
        yield openai.OpenAI(base_url=f"http://localhost:{port}/v1", api_key=TOKEN, max_retries=0)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "talk.wav"
    write(sound(spoken(["one", "two", "5", "three"])), path)
    return path


def test_words_come_as_json_and_as_text(client, recording):
    assert client.audio.transcriptions.create(file=recording, model=MODEL).text == "one two three"
    given = {"file": recording, "model": "whisper-tiny.en", "language": "en", "prompt": "Numbers."}
    assert client.audio.transcriptions.create(**given, response_format="text") == "one two three\n"


def test_captions_are_read_by_others(client, recording):
    for kind in ("srt", "vtt"):
        written = client.audio.transcriptions.create(file=recording, model=MODEL, response_format=kind)
        captions = pysubs2.SSAFile.from_string(written)
        assert " ".join(one.text for one in captions) == "one two three"
        assert captions[-1].start == pytest.approx(5900, abs=100)


def test_verbose_json_has_segments_and_words(client, recording):
    given = {"file": recording, "model": MODEL, "response_format": "verbose_json"}
    told = client.audio.transcriptions.create(**given, timestamp_granularities=["word", "segment"])
    assert (told.language, round(float(told.duration), 1)) == ("english", 6.3)
    assert [word.word for word in told.words] == ["one", "two", "three"]
    assert told.segments[0].text == " one two"
    assert client.audio.transcriptions.create(**given).words is None


def test_who_speaks_comes_as_openai_has_it(client, recording):
    given = {"file": recording, "model": "gpt-4o-transcribe-diarize", "response_format": "diarized_json"}
    told = client.audio.transcriptions.create(**given)
    assert [(one.speaker, one.text) for one in told.segments] == [("Speaker 1", " one two"), ("Speaker 1", " three")]
    assert told.segments[0].type == "transcript.text.segment"


def test_a_fault_of_ours_ends_the_events_with_an_error(client, recording, monkeypatch):
    monkeypatch.setattr("menura.tasks.transcribing.transcribe", lambda *_, **__: 1 / 0)
    with pytest.raises(openai.APIError, match="internal error"):
        list(client.audio.transcriptions.create(file=recording, model=MODEL, stream=True))


def test_words_come_as_they_are_recognised(client, recording):
    events = list(client.audio.transcriptions.create(file=recording, model=MODEL, stream=True))
    assert [event.type for event in events] == [*["transcript.text.delta"] * 2, "transcript.text.done"]
    assert "".join(event.delta for event in events[:-1]).strip() == events[-1].text == "one two three"


def test_the_client_raises_its_own_errors(client, recording):
    with pytest.raises(openai.NotFoundError, match="no model"):
        client.audio.transcriptions.create(file=recording, model="tts-1")
    with pytest.raises(openai.BadRequestError, match="no language that is known"):
        client.audio.transcriptions.create(file=recording, model=MODEL, language="xx")
    with pytest.raises(openai.BadRequestError, match="empty"):
        client.audio.transcriptions.create(file=("x.wav", io.BytesIO()), model=MODEL)
    with pytest.raises(openai.BadRequestError, match="knows English alone"):
        client.audio.translations.create(file=recording, model=MODEL)
    with pytest.raises(openai.APIError, match="is damaged or not a sound file"):
        list(client.audio.transcriptions.create(file=("x.wav", b"nothing"), model=MODEL, stream=True))


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"model": MODEL, "response_format": "midi"}, "response_format"),
        ({"model": MODEL, "temperature": "2"}, "temperature"),
        ({"model": MODEL, "timestamp_granularities[]": "letter"}, "timestamp_granularities"),
        ({}, "model"),
    ],
)
def test_what_is_wrong_is_told_as_openai_tells_it(serving, hearing, recording, form, param):
    del hearing
    client = serving()
    with recording.open("rb") as file:
        answer = client.post("/v1/audio/transcriptions", data=form, files={"file": file})
    assert answer.status_code == 400
    assert refusal(answer)["param"] == param
    assert refusal(client.post("/v1/audio/transcriptions", files={"model": (None, MODEL)}))["param"] == "file"
    assert client.post("/v1/audio/transcriptions", json={"model": MODEL}).status_code == 415
    assert client.app.state.server.streams == 0
