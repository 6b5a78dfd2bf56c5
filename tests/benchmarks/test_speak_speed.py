"""The benchmark of speaking: everybody says the same in turn, and figures are what was measured."""

from __future__ import annotations

import json

import numpy as np
import pytest

import speak_speed


def fake(sentences):
    for text in sentences:
        yield np.zeros(100 * len(text), np.float32), 1000


def test_all_say_the_same_in_turn():
    said: dict[str, list[tuple[str, ...]]] = {"first": [], "second": []}

    def saying(name):
        return lambda sentences: said[name].append(tuple(sentences)) or fake(sentences)

    found = speak_speed.alternating({name: saying(name) for name in said}, speak_speed.texts(), 3, 4)
    assert said["first"] == said["second"]
    assert len({text for part in said["first"] for text in part}) == 16
    assert [len(runs) for runs in found.values()] == [3, 3]


def test_figures_are_medians():
    runs = [speak_speed.Run(clock, clock / 2, 0.01, 0.005, 10.0) for clock in (1.0, 2.0, 4.0)]
    told = speak_speed.figures(runs)
    assert told["times real time"] == pytest.approx(5)
    assert told["by processor time"] == pytest.approx(10)
    assert told["first audio, ms"] == pytest.approx(10)
    assert told["of processor time"] == pytest.approx(5)


def test_it_runs(monkeypatch, capsys):
    for name in ("ours", "hibari", "piper", "mms"):
        monkeypatch.setattr(speak_speed, name, lambda *_: fake)
    speak_speed.main(["--quick", "--threads", "1", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["1"]["ours"]["sound, s"] > 0
    speak_speed.main(["--quick", "--threads", "1"])
    assert "times as fast as hibari-tts" in capsys.readouterr().out
