"""A result is made again from its sidecar, which may come from anyone."""

from __future__ import annotations

import json
import shutil

import pytest

from menura import sidecar
from menura.progress import Progress
from menura.tasks.models import Models
from menura.tasks.perform import perform
from menura.tasks.replay import Replay


class Listener(Progress):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def play(task, progress=None):
    return list(perform(task, Models(), progress or Progress()))


@pytest.fixture
def piece(sketch, tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "in.mid").write_text("before ")
    values = {
        "prompt": "a, cat",
        "continue_": folder / "in.mid",
        "instruments": "flute,piano",
        "output": folder / "cat",
    }
    play(sketch.build(values))
    return folder / "cat.json"


def change(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_replayed_result_is_the_same_and_so_is_its_sidecar(piece):
    listener = Listener()
    play(Replay.build({"file": piece, "output": piece.parent / "again"}), listener)
    assert listener.said == []
    assert (piece.parent / "again.mid").read_bytes() == (piece.parent / "cat.mid").read_bytes()
    first, second = sidecar.read(piece), sidecar.read(piece.parent / "again.json")
    assert second.task == "sketch"
    assert second.parameters == first.parameters
    assert list(second.files.values()) == list(first.files.values())


def test_a_result_is_replayed_where_it_was_moved_with_its_inputs(piece, tmp_path):
    moved = shutil.move(piece.parent, tmp_path / "there")
    (performed,) = play(Replay.build({"file": moved / "cat.json"}))
    assert performed.result.text == (moved / "cat.mid").read_text()
    assert performed.files == ()


def test_what_has_changed_since_is_told(piece):
    change(piece, menura="0.0.0")
    (piece.parent / "in.mid").write_text("other ")
    listener = Listener()
    play(Replay.build({"file": piece}), listener)
    assert len(listener.said) == 2
    assert "made by menura 0.0.0" in listener.said[0]
    assert "in.mid has changed" in listener.said[1]


def test_other_weights_are_told(piece, monkeypatch):
    change(piece, models={"score_lm": "sha256:old"})
    monkeypatch.setattr(Models, "hash", lambda *_: "sha256:new")
    listener = Listener()
    play(Replay.build({"file": piece}), listener)
    assert "weights of score_lm are not those" in listener.said[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"task": "nobody"}, "no task 'nobody'"),
        ({"task": "replay"}, "no task 'replay'"),
        ({"task": "styles"}, "names no output"),
        ({"task": "os:system"}, "no task 'os:system'"),
        ({"parameters": {"prompt": "a", "output": "/tmp/hostile"}}, "names no output"),
        ({"parameters": {"prompt": "a", "colour": 1}}, "colour: no such parameter"),
        ({"parameters": {"prompt": "a", "bpm": 900}}, "bpm: 900 is not in 20–300"),
        ({"parameters": {}}, "prompt: is needed"),
        ({"inputs": {"prompt": "sha256:1"}}, "prompt: "),
    ],
)
def test_a_hostile_sidecar_is_refused_in_one_line(piece, changes, words):
    change(piece, **changes)
    with pytest.raises(ValueError, match=words) as refusal:
        play(Replay.build({"file": piece}))
    assert "\n" not in str(refusal.value)


def test_a_missing_sidecar_is_a_plain_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        play(Replay.build({"file": tmp_path / "nothing.json"}))
