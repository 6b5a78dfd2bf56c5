"""A voice is cloned of who agreed, from speech whose words are known, and spoken in wherever a voice is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import menura
from menura.audio import Audio, write
from menura.progress import Cancelled, Progress
from menura.tasks import voice_files
from menura.tasks.clone import Clone
from menura.tasks.models import Models
from menura.tasks.perform import perform
from menura.tasks.task import Refused

CONSENT = "I am Ada King and I agree that my voice is cloned."
TEXT = "So he sings, and nobody listens."


@pytest.fixture
def recording(tmp_path):
    """Four seconds of noise."""
    sound = 0.1 * np.random.default_rng(0).standard_normal((1, 4 * 16_000)).astype(np.float32)
    write(Audio(sound, 16_000), tmp_path / "said.wav")
    return tmp_path / "said.wav"


@pytest.fixture
def models(speech_models) -> dict[str, str]:
    return {name: str(speech_models / name) for name in ("synthesizer", "vocoder", "aligner")}


@pytest.fixture
def clone(models, recording) -> Callable[..., Any]:
    usual: dict[str, Any] = {"consent": CONSENT, "steps": 2, "seed": 1, "aligner": models["aligner"]}
    usual["model"] = models["synthesizer"]
    return lambda file=recording, **how: menura.clone(file, **{**usual, **how})


@pytest.fixture
def speak(models) -> Callable[..., Any]:
    usual = {"model": models["synthesizer"], "vocoder": models["vocoder"], "seed": 1}
    return lambda **how: menura.speak("Hello there.", **{**usual, **how})


def test_a_cloned_voice_speaks_and_sings_by_its_file_its_bytes_and_its_result(clone, speak, models, tmp_path):
    cloned = clone(text=TEXT, output=tmp_path / "ada.voice")
    voice = voice_files.parse((tmp_path / "ada.voice").read_bytes(), "ada.voice")
    assert voice.consent
    assert (voice.name, voice.consent.speaker, voice.consent.statement) == ("ada", "Ada King", CONSENT)
    by_file = speak(voice=str(tmp_path / "ada.voice"))
    for given in (tmp_path / "ada.voice", (tmp_path / "ada.voice").read_bytes()):
        np.testing.assert_array_equal(speak(voice_file=given).audio.samples, by_file.audio.samples)
    assert by_file.about["voice"] == speak(voice_file=cloned).about["voice"] == "ada"
    mixed = speak(voice="ada:0.5,fenrir:0.5", voice_file=cloned)
    assert mixed.audio != by_file.audio
    sung = menura.sing(
        "la la", tune="C4 E4", voice="ada", voice_file=cloned, choir=2, model=models["synthesizer"],
        vocoder=models["vocoder"],
    )  # fmt: skip
    assert np.isfinite(sung.audio.samples).all()


def test_the_sidecar_of_speech_in_a_cloned_voice_makes_it_again(clone, speak, tmp_path):
    clone(text=TEXT, output=tmp_path / "ada")
    first = speak(voice=tmp_path / "ada.voice", output=tmp_path / "one.wav")
    again: Any = menura.replay(tmp_path / "one.json", output=tmp_path / "two.wav")
    np.testing.assert_array_equal(again.audio.samples, first.audio.samples)


def test_texts_are_read_beside_recordings_and_in_folders(clone, recording, tmp_path):
    recording.with_suffix(".txt").write_text(TEXT)
    one = clone()
    assert one.voice.name == "ada-king"
    shutil.copy(recording, tmp_path / "more.wav")
    (tmp_path / "more.txt").write_text("Hello there.")
    assert clone(tmp_path).seconds == pytest.approx(2 * one.seconds)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "transcript: said.wav: what is said in it must be known.* no recogniser yet"),
        ({"text": "word " * 300}, "said.wav: .* it is another text"),
        ({"text": TEXT, "language": "nl"}, "^language: the model does not speak nl; it speaks en-us, de"),
        ({"text": TEXT, "model": "codec"}, "^model: codec is not a synthesizer"),
        ({"text": TEXT, "consent": ""}, "^consent: there is none; say who speaks"),
        ({"text": TEXT, "consent": "I am Ada."}, "^consent: it does not say that they agree"),
        ({"text": TEXT, "called": "a/b"}, "^called: "),
    ],
)
def test_what_cannot_be_cloned_is_told_and_nothing_is_written(clone, tmp_path, given, says):
    with pytest.raises(ValueError, match=says):
        clone(output=tmp_path / "ada", **given)
    assert not list(tmp_path.glob("ada*"))


def test_silence_and_too_little_are_told(clone, tmp_path):
    write(Audio(np.zeros((1, 64_000), np.float32), 16_000), tmp_path / "silent.wav")
    with pytest.raises(ValueError, match=r"silent\.wav: it is silent"):
        clone(tmp_path / "silent.wav", text=TEXT)
    noise = np.random.default_rng(0).standard_normal((1, 32_000)).astype(np.float32)
    write(Audio(noise / 9, 16_000), tmp_path / "short.wav")
    with pytest.raises(ValueError, match=r"there are 2\.0 s of speech with its text; 3 s are the least"):
        clone(tmp_path / "short.wav", text="So.")


def test_a_folder_without_texts_and_one_with_a_transcript_are_told(clone, recording, tmp_path):
    assert recording.is_file()
    with pytest.raises(ValueError, match=r"none of its 1 recordings \(.*said.wav\) has a text"):
        clone(tmp_path)
    with pytest.raises(ValueError, match="is a folder; in it each recording needs a text"):
        clone(tmp_path, text=TEXT)


def test_cancelled_nothing_is_written(models, recording, tmp_path):
    values = {"file": recording, "text": TEXT, "consent": CONSENT, "output": tmp_path / "ada", "steps": 500}
    task = Clone.build({**values, "model": models["synthesizer"], "aligner": models["aligner"]})

    class Soon(Progress):
        def show(self, done: int, total: int, what: str) -> None:  # noqa: ARG002
            if what == "learning the voice" and done == 2:
                self.cancel()

    with pytest.raises(Cancelled):
        list(perform(task, Models(), Soon()))
    assert not list(tmp_path.glob("*ada*"))


def test_a_voice_for_other_weights_and_what_is_no_voice_are_refused(clone, speak, tmp_path):
    voice = clone(text=TEXT).voice
    other = voice_files.VoiceFile(**{**vars(voice), "synthesizer": "sha256:0"})
    with pytest.raises(Refused, match=r"^voice_file: ada-king was made for other weights"):
        speak(voice_file=other)
    (tmp_path / "no.voice").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"no.voice is not a voice's file"):
        speak(voice=tmp_path / "no.voice")
