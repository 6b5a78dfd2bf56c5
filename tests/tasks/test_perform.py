"""Performing a task keeps whole results with their sidecars, or nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from menura import files, sidecar
from menura.progress import Cancelled, Progress, check, warn
from menura.tasks.compose import Compose
from menura.tasks.decode import Decode
from menura.tasks.doctor import Doctor
from menura.tasks.encode import Encode
from menura.tasks.models import Models
from menura.tasks.perform import output_stem, perform
from menura.tasks.render import Render
from menura.tasks.replay import Replay
from menura.tasks.sample import Sample
from menura.tasks.task import spoken
from menura.tasks.vocode import Vocode


def draw(task, overwrite=False, progress=None):
    return list(perform(task, Models(), progress or Progress(), overwrite))


def test_nothing_is_written_without_an_output(sketch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (performed,) = draw(sketch.build({"prompt": "a cat"}))
    assert performed.files == ()
    assert list(tmp_path.iterdir()) == []


def test_a_result_is_kept_with_a_sidecar_that_says_everything(sketch, tmp_path):
    (performed,) = draw(sketch.build({"prompt": "a cat", "output": tmp_path / "new" / "cat"}))
    assert performed.files == (tmp_path / "new" / "cat.mid", tmp_path / "new" / "cat.json")
    note = sidecar.read(tmp_path / "new" / "cat.json")
    assert note.task == "sketch"
    assert set(note.parameters) == {spoken(name) for name in sketch.model_fields} - {"output"}
    assert note.seed == note.parameters["seed"] is not None
    assert note.files == {"cat.mid": files.sha256(tmp_path / "new" / "cat.mid")}


def test_input_files_are_named_from_the_sidecar_and_hashed(sketch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in.mid").write_text("before")
    draw(sketch.build({"prompt": "a", "continue": "in.mid", "output": "new/a"}))
    note = sidecar.read("new/a.json")
    assert note.parameters["continue"] == "../in.mid"
    assert note.inputs == {"continue": files.sha256("in.mid")}


def test_the_work_and_the_keeping_of_files_can_be_stopped_and_warn_from_deep_within(sketch, tmp_path, monkeypatch):
    class Told(Progress):
        def __init__(self):
            super().__init__()
            self.warnings = []

        def warn(self, text):
            self.warnings.append(text)

    def save(*_):
        warn("is odd")
        progress.cancel()
        check()

    progress = Told()
    monkeypatch.setattr(sys.modules[sketch.__module__].Drawing, "save", save)
    with pytest.raises(Cancelled):
        draw(sketch.build({"prompt": "a cat", "output": tmp_path / "cat"}), progress=progress)
    assert progress.warnings == ["is odd"]
    assert list(tmp_path.iterdir()) == []
    check()  # and whoever asked is not stopped with it


def test_several_results_have_several_names_and_sidecars(sketch, tmp_path):
    draw(sketch.build({"prompt": "a cat", "n": 3, "output": tmp_path / "cat"}))
    names = [f"cat-{index}.{suffix}" for index in (1, 2, 3) for suffix in ("json", "mid")]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_files_that_exist_are_refused_before_the_work_and_overwritten_when_asked(sketch, tmp_path):
    task = sketch.build({"prompt": "a cat", "seed": 1, "output": tmp_path / "cat"})
    (tmp_path / "cat.mid").write_text("mine")
    progress = Progress()
    progress.cancel()
    with pytest.raises(FileExistsError, match=r"cat\.mid exists already"):
        draw(task, progress=progress)
    assert [path.name for path in tmp_path.iterdir()] == ["cat.mid"]
    draw(task, overwrite=True)
    draw(task, overwrite=True)
    assert (tmp_path / "cat.mid").read_text().startswith("a cat")


def test_cancelled_work_leaves_no_file(sketch, tmp_path):
    progress = Progress()
    work = perform(sketch.build({"prompt": "a", "n": 3, "output": tmp_path / "a"}), Models(), progress)
    next(work)
    progress.cancel()
    with pytest.raises(Cancelled):
        next(work)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-1.json", "a-1.mid"]


@pytest.mark.parametrize(
    ("output", "stem"), [("cat", "cat"), ("cat.wav", "cat"), ("cat.MID", "cat"), ("v1.2", "v1.2"), ("a/b.json", "a/b")]
)
def test_a_result_suffix_is_no_part_of_the_stem(sketch, output, stem):
    assert output_stem(sketch.build({"prompt": "a", "output": output})) == Path(stem)


@pytest.mark.parametrize("output", [".", "", "folder", "folder/"])
def test_a_folder_is_no_output(sketch, tmp_path, monkeypatch, output):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    with pytest.raises(ValueError, match="is a folder; add a name"):
        draw(sketch.build({"prompt": "a", "output": output}))


SOUNDING = [
    (Compose, {"prompt": "a"}),
    (Render, {"file": "in.mid"}),
    (Decode, {"file": "in.mnr"}),
    (Sample, {}),
    (Vocode, {"file": "in.wav"}),
]


@pytest.mark.parametrize(("kind", "values"), SOUNDING)
@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".WAV"])
def test_the_name_of_the_output_decides_the_format(kind, values, suffix):
    """Of every task that writes sound: a file of that very name is among those that are written."""
    task = kind.build({**values, "output": f"new/bar{suffix}"})
    assert output_stem(task) == Path("new/bar")
    assert suffix.lower() in task.suffixes()
    assert task.format == suffix[1:].lower()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        *[(kind, {**values, "output": "bar.mp3", "format": "flac"}) for kind, values in SOUNDING],
        *[(kind, {**values, "output": f"bar{suffix}"}) for kind, values in SOUNDING for suffix in (".m4a", ".mnr")],
        (Compose, {"output": "bar.zip", "bundle": False}),
        (Sample, {"output": "bar.mid"}),
        (Encode, {"file": "in.wav", "output": "bar.wav"}),
        (Doctor, {"data": ".", "output": "bar.wav"}),
    ],
)
def test_a_name_that_no_file_would_have_is_refused(kind, values):
    """And told what would be written instead."""
    name, task = values["output"], kind.build(values)
    with pytest.raises(ValueError, match=f"would not write {name}, but .*{task.suffixes()[0]}"):
        output_stem(task)


def test_a_name_can_ask_for_what_is_not_written_otherwise():
    assert Compose.build({"output": "bar.zip"}).bundle
    assert Sample.build({"output": "bar.png"}).picture


def test_a_folder_in_the_way_leaves_everything_as_it_was(sketch, tmp_path):
    """Before the work, and however much overwriting is asked for."""
    (tmp_path / "cat.mid").write_text("mine")
    (tmp_path / "cat.wav").mkdir()
    task = sketch.build({"prompt": "a cat", "output": tmp_path / "cat"})
    progress = Progress()
    progress.cancel()
    with pytest.raises(IsADirectoryError, match=r"cat\.wav is a folder"):
        draw(task, overwrite=True, progress=progress)
    assert (tmp_path / "cat.mid").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_written_to_is_named_before_the_work(sketch, tmp_path):
    (tmp_path / "file").write_text("")
    progress = Progress()
    progress.cancel()
    with pytest.raises(NotADirectoryError, match=r"/file is not a folder"):
        draw(sketch.build({"prompt": "a cat", "output": tmp_path / "file" / "new" / "cat"}), progress=progress)


def test_one_seed_gives_one_result(sketch, tmp_path):
    for name in ("one", "two"):
        draw(sketch.build({"prompt": "a", "seed": 3, "output": tmp_path / name}))
    assert (tmp_path / "one.mid").read_bytes() == (tmp_path / "two.mid").read_bytes()
    one, two = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("one", "two"))
    assert list(one["files"].values()) == list(two["files"].values())


def test_nothing_takes_the_place_of_what_it_is_made_from(tmp_path):
    composed = Compose.build({"prompt": "piano", "bars": 1, "seed": 1, "output": tmp_path / "a"})
    draw(composed)
    before = (tmp_path / "a.mid").read_bytes()
    for task in (
        Render.build({"file": tmp_path / "a.mid", "output": tmp_path / "a"}),
        Compose.build({"continue": tmp_path / "a.mid", "bars": 1, "output": tmp_path / "a"}),
    ):
        with pytest.raises(ValueError, match=r"would take the place of a\.mid itself"):
            draw(task, overwrite=True)
    draw(Render.build({"file": tmp_path / "a.mid", "output": tmp_path / "b"}))
    replay = Replay.build({"file": tmp_path / "b.json", "output": tmp_path / "a"})
    with pytest.raises(ValueError, match=r"would take the place of a\.mid itself"):
        draw(replay, overwrite=True)
    assert (tmp_path / "a.mid").read_bytes() == before
