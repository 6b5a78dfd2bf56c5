"""OpenAI's client asks for speech and gets it in every format, as it is made; what is wrong is told in its words."""

from __future__ import annotations

import base64
import io
import json
import warnings

import numpy as np
import openai
import pytest

import menura
from menura.app.server.api import create_app
from menura.app.server.settings import Settings
from menura.audio import read
from menura.tasks.models import Models

from .conftest import refusal
from .test_guard import listening

TOKEN = "a-token-of-mine"
SAY = {"model": "tts-1", "input": "Hello there. How are you?", "voice": "alloy"}


@pytest.fixture(scope="module")
def port(tmp_path_factory, speech_models):
    """A server with a voice, that asks for a token."""
    settings = Settings(state=tmp_path_factory.mktemp("served"), models=speech_models, grace_s=5.0, tokens=(TOKEN,))
    with listening(create_app(settings)) as port:
        yield port


@pytest.fixture
def client(port):
    return openai.OpenAI(base_url=f"http://localhost:{port}/v1", api_key=TOKEN, max_retries=0)


@pytest.fixture
def speaking(serving, speech_models):
    """A client of a server on this machine."""
    return serving(models=speech_models)


def heard(content: bytes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the length that a header does not say
        return read(io.BytesIO(content))


@pytest.mark.parametrize("format", ["mp3", "opus", "aac", "flac", "wav"])
def test_every_format_is_a_file_of_the_same_speech(client, format, speech_models):
    if format == "aac":
        pytest.importorskip("av")
    content = client.audio.speech.create(**SAY, response_format=format, extra_body={"seed": 3}).content
    same = menura.speak(SAY["input"], voice="heart", seed=3, models=Models(shelves=(speech_models,))).audio
    assert heard(content).duration_s == pytest.approx(same.duration_s, abs=0.2)


def test_pcm_is_the_samples_and_comes_in_parts(client, speech_models):
    given = {**SAY, "voice": "fenrir:0.5,heart:0.5", "speed": 1.5, "response_format": "pcm"}
    with client.audio.speech.with_streaming_response.create(**given, extra_body={"seed": 3}) as answer:
        assert answer.headers["content-type"] == "audio/pcm"
        parts = list(answer.iter_bytes())
    samples = np.frombuffer(b"".join(parts), "<i2") / 32768
    models = Models(shelves=(speech_models,))
    same = menura.speak(given["input"], voice=given["voice"], speed=1.5, seed=3, models=models).audio
    assert np.abs(samples - same.samples[0]).max() < 1e-4


def test_events_hold_the_sound_and_end(client):
    given = {**SAY, "response_format": "pcm", "stream_format": "sse", "instructions": "cheerfully"}
    with client.audio.speech.with_streaming_response.create(**given, extra_body={"seed": 3}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]
    assert len(events) > 2
    assert [event["type"] for event in events[:-1]] == ["speech.audio.delta"] * (len(events) - 1)
    assert events[-1]["type"] == "speech.audio.done"
    sound = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert sound == client.audio.speech.create(**SAY, response_format="pcm", extra_body={"seed": 3}).content
    assert events[-1]["usage"]["input_tokens"] == len(SAY["input"])


def test_the_usual_answer_is_mp3(client):
    answer = client.audio.speech.create(**SAY)
    assert answer.response.headers["content-type"] == "audio/mpeg"
    assert heard(answer.content).sample_rate_hz == 24_000


def test_names_of_openai_ask_for_voices_of_ours(speaking):
    def samples(**asked):
        answer = speaking.post("/v1/audio/speech", json={**SAY, "response_format": "pcm", "seed": 3, **asked})
        assert answer.status_code == 200, answer.text
        return answer.content

    assert samples(voice="echo") == samples(voice="fenrir") == samples(voice={"id": "fenrir"})
    assert samples(voice="alloy") == samples(voice="heart") != samples(voice="echo")
    assert samples(model="synthesizer") == samples() == samples(model="gpt-4o-mini-tts", language="en-us")


@pytest.mark.parametrize(
    ("asked", "status", "param", "told"),
    [
        ({"input": ""}, 400, "input", "at least 1 character"),
        ({"input": "😀"}, 400, "input", "input: has no letters or digits to say"),
        ({"input": "世界"}, 400, "input", "input: has no word that can be said"),
        ({"input": "a" * 100_000}, 400, "input", "at most 50000 characters"),
        ({"input": "<speak>Hi"}, 400, "input", "input: SSML, line 1, column 10"),
        ({"input": '<speak><voice name="x">Hi</voice></speak>'}, 400, "voice", "there is no voice 'x'"),
        ({"input": "\ud800"}, 400, "input", "input"),
        ({"voice": "hart"}, 400, "voice", "did you mean heart"),
        ({"voice": ""}, 400, "voice", "voice is empty"),
        ({"model": "gpt-5"}, 404, "model", "is no synthesizer of speech; there are synthesizer"),
        ({"response_format": "midi"}, 400, "response_format", "input should be 'mp3'"),
        ({"speed": 9}, 400, "speed", "less than or equal to 4"),
        ({"language": "nl"}, 400, "language", "the model does not speak nl"),
        ({"stream_format": "video"}, 400, "stream_format", "input should be 'audio'"),
    ],
)
def test_what_is_wrong_is_told_as_openai_tells_it(speaking, asked, status, param, told):
    content, headers = json.dumps({**SAY, **asked}), {"content-type": "application/json"}
    answer = speaking.post("/v1/audio/speech", content=content, headers=headers)
    assert answer.status_code == status
    error = refusal(answer)
    assert error["param"] == param
    assert told in error["message"]


def test_the_client_raises_its_own_errors(client):
    with pytest.raises(openai.BadRequestError, match="there is no voice 'hart'"):
        client.audio.speech.create(**{**SAY, "voice": "hart"})
    with pytest.raises(openai.NotFoundError, match="is no synthesizer"):
        client.audio.speech.create(**{**SAY, "model": "whisper-1"})
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").audio.speech.create(**SAY)


def test_voices_are_listed(speaking):
    listed = speaking.get("/v1/audio/voices").json()
    assert listed["object"] == "list"
    assert [voice["id"] for voice in listed["data"]] == ["heart", "fenrir", "kerstin"]
    assert listed["data"][0] == {
        **{"id": "heart", "object": "audio.voice", "name": "heart", "language": "en-us"},
        **{"gender": "female", "about": "American"},
    }
    assert refusal(speaking.get("/v1/audio/voices", params={"model": "codec"}))["code"] == "model_not_found"


def test_streams_have_slots_and_give_them_back(speaking):
    server = speaking.app.state.server
    for _ in range(3):
        assert speaking.post("/v1/audio/speech", json=SAY).status_code == 200
        speaking.post("/v1/audio/speech", json={**SAY, "language": "nl"})
    assert server.streams == 0
    server.slots._most = 0
    assert refusal(speaking.post("/v1/audio/speech", json=SAY))["type"] == "server_error"


def test_without_a_synthesizer_that_is_told(serving, shelf, tmp_path, monkeypatch):
    monkeypatch.setattr("menura.tasks.models.PRETRAINED", tmp_path)
    client = serving(models=shelf)
    answer = client.post("/v1/audio/speech", json=SAY)
    assert answer.status_code == 404
    assert "there is none here" in refusal(answer)["message"]
