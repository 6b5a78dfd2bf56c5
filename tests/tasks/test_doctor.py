"""`menura doctor` tells a person, a machine and the eye what a folder of sound is like."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from PIL import Image

from menura.app.cli import FAILED, OK, main
from menura.audio import Audio, write
from menura.data.audit import FileStats, SoundAudit
from menura.data.score_audit import ScoreAudit
from menura.progress import Cancelled, Progress
from menura.tasks.doctor import Diagnosis, Doctor
from menura.tasks.models import Models


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Reports that are not named are written where one is."""
    (tmp_path / "reports").mkdir()
    monkeypatch.chdir(tmp_path / "reports")


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
    assert any("1 cannot be read: voices/broken.wav" in row["found"] for row in told["to_mend"])
    assert "training" not in told
    with Image.open(f"{stem}.png") as image:
        assert len(image.convert("L").getcolors(256) or []) > 2
    assert main(["doctor", str(folder), "--no-estimate", "-o", str(stem), "--force"]) == OK
    assert "cannot be read" in capsys.readouterr().out


def test_it_says_how_long_training_would_take_here(folder, monkeypatch):
    monkeypatch.setattr("menura.models.codec.recipe.seconds_a_step", lambda: 0.5)
    (diagnosis,) = Doctor.build({"data": folder}).run(Models(), Progress())
    assert "takes 0.5 s here" in diagnosis.summary()["training"]


def test_it_knows_folders_of_music(tunes, tmp_path, capsys):
    music = tunes(4, tmp_path / "music")
    (music / "tune-3.mid").write_bytes((music / "tune-2.mid").read_bytes())
    (music / "broken.mid").write_bytes(b"MThd")
    assert main(["doctor", str(music), "--no-estimate", "-o", str(tmp_path / "report"), "--json"]) == OK
    (told,) = json.loads(capsys.readouterr().out)["results"]
    assert "sounds" not in told
    assert (told["pieces"], told["notes"]) == (4, 4 * (12 * 8 + 12 * 3))
    assert told["pieces_with"] == {"piano": 4, "flute": 4}
    found = [row["found"] for row in told["to_mend"]]
    assert found[0] == "too little data for score_lm: 528 notes in 4 pieces"
    assert found[1].startswith("1 cannot be read: music/broken.mid")
    assert found[2] == "1 are the same as another: music/tune-3.mid"
    with Image.open(tmp_path / "report.png") as image:
        assert len(image.convert("L").getcolors(256) or []) > 2


def test_a_folder_of_both_is_looked_over_for_both(folder, tunes, capsys, monkeypatch):
    for family, step_s in (("codec", 0.5), ("score_lm", 0.25)):
        monkeypatch.setattr(f"menura.models.{family}.recipe.seconds_a_step", lambda step_s=step_s: step_s)
    tunes(2, folder / "music")
    assert main(["doctor", str(folder), "--json"]) == OK
    (told,) = json.loads(capsys.readouterr().out)["results"]
    assert (told["sounds"], told["pieces"]) == (4, 2)
    assert "shipped codec (8 crops of a second) takes 0.5 s here" in told["training"]
    assert "shipped score_lm (4 crops of 512 notes) takes 0.25 s here" in told["training"]


def test_what_is_passed_over_and_what_lies_outside_is_said(folder, tmp_path, capsys):
    (folder / "._0.wav").write_text("macOS")
    write(Audio(np.full((1, 8000), 0.1, np.float32), 16_000), tmp_path / "elsewhere" / "x.wav")
    (folder / "more").symlink_to(tmp_path / "elsewhere")
    (folder / "more.wav").symlink_to("nowhere.wav")
    assert main(["doctor", str(folder), "--no-estimate", "--json"]) == OK
    out, error = capsys.readouterr()
    (told,) = json.loads(out)["results"]
    assert told["sounds"] == 5
    assert [row["file"] for row in told["unreadable"]] == ["voices/broken.wav", "voices/more.wav"]
    assert told["passed_over"][0] == "1 hidden files or folders are passed over, as ._0.wav"
    assert f"voices/more/x.wav is {tmp_path}/elsewhere/x.wav" in told["passed_over"][1]
    assert all(line in error for line in told["passed_over"])


@pytest.mark.parametrize("seconds", [0.02, 1.0, 30.0, 3000.0])
def test_no_amount_is_told_as_none(seconds):
    """However little there is, and however quick the machine: nothing takes "0 hours"."""
    heard = FileStats("a", "train", seconds, 8000, 1, 0.5, 0.0, 0.0, 0.0, -20.0, "x", {})
    told = Diagnosis(SoundAudit([heard], {}), ScoreAudit([], {}), (), 100.0, {"codec": 0.001}).summary()
    assert told["hours"] > 0
    assert told["minutes_by_split"]["train"] > 0
    assert not re.search(r"(?<![\d.,])0(\.0+)? (s|minutes|hours)", told["training"])
    little = [row["found"] for row in told["to_mend"] if row["found"].startswith("too little data for")]
    assert len(little) == (1 if seconds == 3000 else 2)


def test_files_of_collections_that_are_called_alike_are_told_apart(tmp_path):
    for home in ("one", "two"):
        (tmp_path / home / "audio").mkdir(parents=True)
        (tmp_path / home / "audio" / "x.wav").write_text("no sound")
        (tmp_path / home / "audio" / "manifest.jsonl").write_text('{"file": "x.wav"}\n')
    (diagnosis,) = Doctor.build({"data": tmp_path, "estimate": False}).run(Models(), Progress())
    names = [row["file"] for row in diagnosis.summary()["unreadable"]]
    assert names == [f"{tmp_path.name}/{home}/audio/x.wav" for home in ("one", "two")]


def test_nothing_to_look_at_is_told_and_ctrl_c_stops_it(folder, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["doctor", str(tmp_path / "empty")]) == FAILED
    assert "holds neither sound nor MIDI files" in capsys.readouterr().err
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        list(Doctor.build({"data": folder}).run(Models(), progress))
