"""The benchmark of voices: its sentences are plain, rows compare like with like, and it runs from end to end."""

from __future__ import annotations

import json

import numpy as np
import pytest

import speak_quality
from measures.speech import Measures, Opinion
from menura.audio import Audio, write

RATE = 24_000


def buzz(text: str) -> Audio:
    time = np.arange(RATE) / RATE
    hz = 120 + len(text)
    return Audio(
        (0.05 * sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 9)))[None].astype(np.float32), RATE
    )


@pytest.mark.parametrize("language", ["en", "de", "nl"])
def test_there_are_a_hundred_plain_sentences_of_a_language(language):
    found = speak_quality.sentences(language, 1000)
    assert len(found) == len(set(found)) >= 100
    assert not [text for text in found if any(map(str.isdigit, text)) or text[-1] not in ".?!"]


def judged(name: str, errors: list[int], texts: tuple[str, ...] = ("a", "b")) -> speak_quality.Row:
    measured = Measures(2.0, 200.0, 3.0, -19.0, 0.3, 1)
    opinions = tuple(Opinion("", 10, wrong, 3.0, 4.0) for wrong in errors)
    return speak_quality.Row(name, texts, (measured,) * len(texts), opinions, None)


def test_figures_beside_a_teacher_need_the_same_texts():
    teacher = judged("hibari-tts", [1, 0])
    told = judged("ours, x", [1, 2]).figures(teacher)
    assert told["WER %"] == pytest.approx(15)
    assert told["more %"] == pytest.approx(10)
    assert told["words/min"] == pytest.approx(300)
    assert told["clicks"] == 2
    assert "more %" not in judged("recordings", [1, 2], ("c", "d")).figures(teacher)


def test_it_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(speak_quality, "hibari", lambda: buzz)
    monkeypatch.setattr(speak_quality, "espeak", lambda _: buzz)
    monkeypatch.setattr("measures.speech._transcribed", lambda *_: "nothing")
    monkeypatch.setattr("measures.speech._dnsmos", lambda *_: (3.0, 4.0))
    recorded = tmp_path / "speech"
    recorded.mkdir()
    for name, split in (("a", "train"), ("b", "test")):
        write(buzz(name), recorded / f"{name}.wav")
        with (recorded / "manifest.jsonl").open("a") as file:
            file.write(
                json.dumps({"file": f"{name}.wav", "text": f"So {name}.", "speaker": "x", "split": split}) + "\n"
            )
    given = ["--synthesizer", "none", "--vocoder", "none", "--count", "5", "--cache", str(tmp_path / "cache")]
    speak_quality.main([*given, "--recordings", str(recorded), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["hibari-tts", "espeak-ng", "recordings, speech"]
    assert told["recordings, speech"]["sentences"] == 2
    speak_quality.main([*given, "--misheard", "1"])
    said = capsys.readouterr().out
    assert "| espeak-ng | 5 | 1" in said
    assert "heard: nothing" in said
