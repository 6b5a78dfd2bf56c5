"""Speech that a teacher made is a folder to learn from: every phoneme's duration, in splits by text."""

from __future__ import annotations

import json
from itertools import cycle, islice

import numpy as np
import pytest

from menura.data.teacher_speech import RATE_HZ, Said, Speaker, Teacher, write_speech
from menura.text.speech.phonemes import from_teacher

TEXTS = ["Was there a secret marriage?", "Two sentences. They are left out.", "He said that it was seven o'clock."]


class Buzz(Teacher):
    """Says everything as a tone, 50 ms a symbol."""

    speakers = (Speaker("one", {"a": 1.0}), Speaker("both", {"a": 0.4, "b": 0.6}, british=True))
    about = {"license": "CC0"}  # noqa: RUF012

    def say(self, phonemes: str, speaker: Speaker) -> Said:  # noqa: ARG002
        units = np.full(len(phonemes) + 2, 2)
        seconds = np.arange(units.sum() * RATE_HZ // 40) / RATE_HZ
        return Said(2 * np.sin(2 * np.pi * 220 * seconds), units)


def test_rows_say_text_speaker_and_durations_that_add_up_to_the_sound(tmp_path):
    hours = write_speech(Buzz(), TEXTS, 1.0, tmp_path / "speech")
    rows = [json.loads(line) for line in (tmp_path / "speech" / "manifest.jsonl").read_text().splitlines()]
    assert [row["text"] for row in rows] == [TEXTS[0], TEXTS[2]]
    assert [row["mix"] for row in rows] == [{"a": 1.0}, {"a": 1.0}]
    for row in rows:
        assert len(row["durations_ms"]) == len(from_teacher(row["phonemes"])) + 2
        assert sum(row["durations_ms"]) / 1000 == pytest.approx(row["duration_s"])
        assert (tmp_path / "speech" / row["file"]).is_file()
    assert hours == pytest.approx(sum(row["duration_s"] for row in rows) / 3600)


def test_it_ends_where_there_is_enough(tmp_path):
    assert write_speech(Buzz(), list(islice(cycle(TEXTS), 60)), 10 / 3600, tmp_path / "speech") < 15 / 3600
