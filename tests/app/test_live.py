"""Speech through a pipe is printed as it comes."""

from __future__ import annotations

import io
import json

import pytest
from tests.tasks.beeps import LiveBeeps, spoken

from menura.app.cli import MISUSED, OK, main
from menura.tasks.models import Models
from menura.tasks.sections import Loud


@pytest.fixture
def piped(monkeypatch):
    """Samples at 8 kHz that come through stdin; the model called "beeps" hears beeps."""
    samples = (spoken(["one", "two", "2", "three"])[::2] * 32767).astype("<i2")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(samples.tobytes())))
    monkeypatch.setattr(Models, "require", lambda *_: None)
    monkeypatch.setattr(Models, "get", lambda _self, name: Loud() if name == "voice_activity" else LiveBeeps())


@pytest.mark.usefixtures("piped")
def test_final_words_come_line_by_line(capsys):
    assert main(["transcribe", "--live", "--model", "beeps", "--rate", "8000", "--quiet"]) == OK
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(line.partition("] ")[2] for line in lines).split() == ["one", "two", "three"]
    assert "-> 3.2" in lines[-1]


@pytest.mark.usefixtures("piped")
def test_events_are_lines_of_json(capsys):
    assert main(["transcribe", "--live", "--model", "beeps", "--rate", "8000", "--events", "--quiet"]) == OK
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    final = [word["word"] for event in events if event["type"] == "final" for word in event["words"]]
    assert final == ["one", "two", "three"]


def test_it_has_a_help_of_its_own(capsys):
    assert main(["transcribe", "--live", "--help"]) == OK
    assert "--rate" in capsys.readouterr().out
    assert main(["transcribe", "--live", "--rate", "1"]) == MISUSED
