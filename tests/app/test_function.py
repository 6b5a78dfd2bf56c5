"""Each task is a Python function whose signature and help say what the declaration says."""

from __future__ import annotations

import inspect

import pytest

import menura
from menura.app.function import task_function
from menura.progress import Cancelled, Progress
from menura.tasks import TASKS


def test_the_signature_is_the_declaration(sketch):
    parameters = inspect.signature(task_function(sketch)).parameters
    assert [*parameters] == [*sketch.model_fields, "models", "progress", "overwrite"]
    assert parameters["prompt"].kind == inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert parameters["prompt"].default is inspect.Parameter.empty
    assert parameters["bpm"].kind == inspect.Parameter.KEYWORD_ONLY
    assert parameters["bpm"].annotation == float | None
    assert parameters["bars"].default == 4


def test_the_help_has_every_parameter_with_its_limits(sketch):
    text = inspect.getdoc(task_function(sketch)) or ""
    assert text.startswith("Draw a thing.")
    assert "    bpm: beats a minute (20–300)." in text
    assert "    overwrite: " in text


def test_one_result_comes_alone_and_several_in_a_list(sketch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw = task_function(sketch)
    assert draw("a cat", seed=1).text == draw("a cat", seed=1).text
    assert [result.name for result in draw("a cat", n=2)] == ["-1", "-2"]
    assert list(tmp_path.iterdir()) == []


def test_files_are_written_where_asked_and_not_over_others(sketch, tmp_path):
    draw = task_function(sketch)
    draw("a cat", output=tmp_path / "cat")
    with pytest.raises(FileExistsError):
        draw("a cat", output=tmp_path / "cat")
    draw("a cat", output=tmp_path / "cat", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cat.json", "cat.mid"]


def test_a_progress_can_cancel_the_work(sketch):
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        task_function(sketch)("a cat", progress=progress)


def test_python_s_own_words_for_a_wrong_call(sketch):
    with pytest.raises(TypeError, match="bmp"):
        task_function(sketch)("a cat", bmp=3)
    with pytest.raises(TypeError, match="prompt"):
        task_function(sketch)()


def test_the_package_offers_every_task():
    assert set(TASKS) - {"train"} <= set(dir(menura))
    for name in dir(menura):
        assert getattr(menura, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = menura.nothing


def test_a_loaded_model_has_to_exist(tmp_path):
    with pytest.raises(ValueError, match="no model"):
        menura.load(tmp_path)
