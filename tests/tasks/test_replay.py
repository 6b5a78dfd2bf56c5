"""A result is made again from its sidecar, which may come from anyone."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from menura import files, sidecar
from menura.audio import io
from menura.progress import Progress
from menura.score import midi
from menura.score.notes import Score, Track
from menura.score.synth import soundfont
from menura.tasks.decode import Decode
from menura.tasks.encode import Encode
from menura.tasks.models import Models
from menura.tasks.perform import perform
from menura.tasks.render import Render
from menura.tasks.replay import Replay


class Listener(Progress):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def warn(self, text: str) -> None:
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
        "continue": folder / "in.mid",
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


def test_sidecars_that_call_fields_as_python_does_are_still_read(piece):
    """Those of version 0.1 before fields were called by their spoken names alone."""
    note = json.loads(piece.read_text())
    for part in ("parameters", "inputs"):
        note[part]["continue_"] = note[part].pop("continue")
    change(piece, **note)
    (piece.parent / "in.mid").write_text("other ")
    listener = Listener()
    (performed,) = play(Replay.build({"file": piece}), listener)
    assert performed.result.text.startswith("other ")
    assert "in.mid has changed" in listener.said[0]


def test_the_name_of_the_output_decides_the_format_here_too(sound, codec_folder, tmp_path):
    """Whatever format the result had; and what the recorded verb writes is what is written."""
    play(Encode.build({"file": sound, "model": str(codec_folder), "output": tmp_path / "a.mnr"}))
    play(Replay.build({"file": tmp_path / "a.mnr.json", "output": tmp_path / "b.mnr"}))
    assert (tmp_path / "b.mnr").read_bytes() == (tmp_path / "a.mnr").read_bytes()
    play(Decode.build({"file": tmp_path / "a.mnr", "model": str(codec_folder), "output": tmp_path / "c.wav"}))
    (done,) = play(Replay.build({"file": tmp_path / "c.json", "output": tmp_path / "d.flac"}))
    assert done.files == (tmp_path / "d.flac", tmp_path / "d.json")
    assert np.array_equal(io.read(tmp_path / "d.flac").samples, io.read(tmp_path / "c.wav").samples)
    assert sidecar.read(tmp_path / "d.json").parameters["format"] == "flac"


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


def test_another_soundfont_is_told_and_the_same_one_elsewhere_is_not(packaged_soundfont, tmp_path, monkeypatch):
    """A result is the same only if the sounds are; where they lie and what they are called does not matter."""
    folders = [tmp_path / name for name in ("first", "moved", "other")]
    content = packaged_soundfont.read_bytes()
    middle = len(content) // 2
    one_sample_changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    for folder in folders:
        folder.mkdir()
    for folder, name in zip(folders, ("a.sf2", "b.sf2", "a.sf2"), strict=True):
        (folder / name).write_bytes(content if folder.name != "other" else one_sample_changed)
    notes = np.array([[0, 240, 72, 80]])
    midi.write(Score((Track("flute", 73, False, notes),)), tmp_path / "in.mid")
    monkeypatch.setenv(soundfont.VARIABLE, str(folders[0] / "a.sf2"))
    play(Render.build({"file": tmp_path / "in.mid", "rate": 8000, "output": tmp_path / "out"}))
    assert sidecar.read(tmp_path / "out.json").soundfonts == {"a.sf2": files.sha256(packaged_soundfont)}
    for path, count in ((folders[1] / "b.sf2", 0), (folders[2] / "a.sf2", 1)):
        monkeypatch.setenv(soundfont.VARIABLE, str(path))
        listener = Listener()
        play(Replay.build({"file": tmp_path / "out.json"}), listener)
        assert len(listener.said) == count
        assert all(f"{path} plays, which is not the a.sf2 that it was played with" in line for line in listener.said)


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
