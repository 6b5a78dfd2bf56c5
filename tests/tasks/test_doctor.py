"""`menura doctor` tells a person, a machine and the eye what a folder of sound is like."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from menura.app.cli import FAILED, OK, main
from menura.audio import Audio, write
from menura.progress import Cancelled, Progress
from menura.tasks.doctor import Doctor
from menura.tasks.models import Models


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "voices"
    home.mkdir()
    rng = np.random.default_rng(0)
    for index in range(4):
        write(Audio(0.1 * rng.standard_normal((1, 8000)).astype(np.float32), 16_000), home / f"{index}.wav")
        (home / f"{index}.txt").write_text("hello")
    (home / "broken.wav").write_text("no sound")
    return home


def test_it_says_what_is_there_and_what_to_mend_in_words_json_and_a_picture(folder, tmp_path, capsys):
    stem = tmp_path / "report"
    assert main(["doctor", str(folder), "--no-estimate", "-o", str(stem), "--json"]) == OK
    (told,) = json.loads(capsys.readouterr().out)["results"]
    assert (told["sounds"], told["texts"], told["captions"]) == (4, 4, 0)
    assert told["rates"] == {"16000": 4}
    assert told["unreadable"] == [{"file": "voices/broken.wav", "reason": told["unreadable"][0]["reason"]}]
    assert "1 cannot be read: voices/broken.wav" in told["to_mend"][0]["found"]
    assert "training" not in told
    with Image.open(f"{stem}.png") as image:
        assert len(image.convert("L").getcolors(256) or []) > 2
    assert main(["doctor", str(folder), "--no-estimate", "-o", str(stem), "--force"]) == OK
    assert "cannot be read" in capsys.readouterr().out


def test_it_says_how_long_training_would_take_here(folder, monkeypatch):
    monkeypatch.setattr("menura.recipes.codec.seconds_a_step", lambda: 0.5)
    (diagnosis,) = Doctor.build({"data": folder}).run(Models(), Progress())
    assert "takes 0.50 s here" in diagnosis.summary()["training"]


def test_nothing_to_look_at_is_told_and_ctrl_c_stops_it(folder, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["doctor", str(tmp_path / "empty")]) == FAILED
    assert "there is no sound in" in capsys.readouterr().err
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        list(Doctor.build({"data": folder}).run(Models(), progress))
