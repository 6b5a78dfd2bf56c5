"""`menura train` ends with a model folder that loads, checks and says where it comes from."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from menura.app.cli import FAILED, MISUSED, OK, main
from menura.progress import Cancelled, Progress
from menura.tasks.models import Models
from menura.tasks.train import Train


@pytest.fixture(scope="module")
def music(tunes):
    return tunes(3)


@pytest.fixture(scope="module")
def trained(music, tmp_path_factory):
    """A run of two steps, and what was printed of it."""
    out = tmp_path_factory.mktemp("runs") / "mine"
    request = {"family": "score_lm", "data": music, "out": out, "preset": "tiny", "steps": 2}
    (result,) = Train.build(request).run(Models(), Progress())
    return result


def test_the_model_is_a_folder_with_its_provenance_and_card(trained, music):
    folder = trained.folder
    assert folder.name == "model"
    config = json.loads((folder / "config.json").read_text())
    provenance = config["provenance"]
    assert config["family"] == provenance["recipe"] == "score_lm"
    assert (provenance["preset"], provenance["seed"], provenance["steps"]) == ("tiny", 0, 2)
    assert provenance["data"] == [music.name]
    assert provenance["pieces"] >= 1
    assert provenance["held_out_pieces"] >= 1
    assert provenance["held_out"]["nats_per_step"] > 0
    assert (folder / "README.md").read_text().startswith("# score_lm (tiny)")
    assert {"training", "log.jsonl", "corpus.npz"} < {path.name for path in folder.parent.iterdir()}


def test_the_summary_says_steps_minutes_held_out_and_folder(trained):
    summary = trained.summary()
    assert summary["model"] == str(trained.folder)
    assert summary["steps"] == 2
    assert summary["held_out"]["nats_per_step"] > 0
    assert summary["minutes"] >= 0
    assert summary["verdict"]


def test_the_model_is_sound_and_may_be_asked_for_by_its_folder(trained, capsys):
    assert main(["check", str(trained.folder)]) == OK
    assert "family: score_lm" in capsys.readouterr().out


def test_a_run_goes_on_and_its_model_is_replaced(trained, music, capsys):
    out = trained.folder.parent
    words = ["train", "score_lm", str(music), "--out", str(out), "--preset", "tiny", "--steps", "3"]
    assert main(words) == FAILED
    assert "already holds a run; go on with it (--resume)" in capsys.readouterr().err
    assert main([*words, "--resume", "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["results"][0]["steps"] == 3
    assert json.loads((trained.folder / "config.json").read_text())["provenance"]["steps"] == 3
    assert main([*words, "--resume", "--seed", "5"]) == FAILED
    assert "was made with seed 0, not 5" in capsys.readouterr().err


def test_stopping_leaves_a_checkpoint_and_no_model(music, tmp_path):
    class Impatient(Progress):
        def show(self, done: int, total: int, what: str) -> None:  # noqa: ARG002
            if what == "training":
                self.cancel()

    request = {"family": "score_lm", "data": music, "out": tmp_path / "run", "preset": "tiny", "steps": 50}
    with pytest.raises(Cancelled):
        list(Train.build(request).run(Models(), Impatient()))
    assert (tmp_path / "run" / "training" / "step-1.safetensors").exists()
    assert not (tmp_path / "run" / "model").exists()


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["tts", "{music}", "--out", "x"], FAILED, "family: 'tts' is not one that can be trained: codec, score_lm"),
        (["score_lm", "{music}"], MISUSED, "out: is needed"),
        (["score_lm", "nowhere", "--out", "x"], FAILED, "nowhere is not a folder; give one that holds MIDI files"),
        (["score_lm", "{music}", "--out", "x", "--preset", "vast"], FAILED, "preset: 'vast' is not one of nano, tiny"),
        (["score_lm", "{music}", "--out", "x", "--minutes", "0"], MISUSED, "minutes: 0 is not above 0"),
        (["score_lm", "{music}", "--out", "x", "--steps", "many"], MISUSED, "steps: many is not a whole number"),
    ],
)
def test_what_cannot_be_met_is_told_in_one_line(music, tmp_path, monkeypatch, capsys, words, code, complaint):
    monkeypatch.chdir(tmp_path)
    assert main(["train", *(word.format(music=music) for word in words)]) == code
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_its_help_needs_no_torch():
    script = "import sys; from menura.app.cli import main; main(['train', '--help']); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "--minutes" in done.stdout
