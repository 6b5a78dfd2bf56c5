"""Each task is a Python function whose signature and help say what the declaration says."""

from __future__ import annotations

import inspect
import pydoc
import re
import subprocess
import sys

import pytest

import menura
from menura.app import function
from menura.app.function import task_function
from menura.progress import Cancelled, Progress
from menura.tasks import TASKS
from menura.tasks.models import Models


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


def test_a_function_is_told_where_the_work_stands_and_can_end_it(sketch):
    seen = []
    task_function(sketch)("a cat", n=3, progress=lambda *where: seen.append(where))
    assert seen == [(0, 3, "drawing"), (1, 3, "drawing"), (2, 3, "drawing")]

    def enough(done, _total, _what):
        if done == 1:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        task_function(sketch)("a cat", n=3, progress=enough)
    with pytest.raises(TypeError, match=r"progress is a function, a menura.Progress or True, not int"):
        task_function(sketch)("a cat", progress=3)


def test_work_within_a_time_ends_when_it_is_over(sketch):
    draw = task_function(sketch)
    with menura.cancel_after(60):
        draw("a cat")
    with menura.cancel_after(0), pytest.raises(menura.Cancelled, match="longer than it was given"):
        draw("a cat")
    assert draw("a cat")


def test_what_cannot_be_done_is_refused_with_a_public_exception(sketch, tmp_path):
    """One that programs which expect a ValueError catch as well."""
    assert issubclass(menura.Refused, ValueError)
    with pytest.raises(menura.Refused, match=r"^bpm: 900 is not in 20–300$"):
        task_function(sketch)("a cat", bpm=900)
    with pytest.raises(menura.Refused, match="is a folder"):
        task_function(sketch)("a cat", output=tmp_path)
    with pytest.raises(menura.Refused, match="no model"):
        menura.load(tmp_path)


def test_what_exists_is_told_in_python_s_words(sketch, tmp_path):
    draw = task_function(sketch)
    draw("a cat", output=tmp_path / "cat")
    with pytest.raises(FileExistsError, match=r"overwrite=True") as refusal:
        draw("a cat", output=tmp_path / "cat")
    assert "--" not in str(refusal.value)


@pytest.mark.parametrize("name", TASKS)
def test_every_task_s_help_speaks_python_and_says_what_is_raised(name):
    text = pydoc.render_doc(getattr(menura, name), renderer=pydoc.plaintext)
    assert not re.search(r"(^|\s)--\w", text, re.MULTILINE)
    for error in ("menura.Refused: ", "menura.Cancelled: ", "FileExistsError: "):
        assert error in text
    for parameter in inspect.signature(getattr(menura, name)).parameters:
        assert f"    {parameter}: " in text


def test_models_stay_loaded_between_calls(monkeypatch, model_folder):
    """The second call finds what the first has loaded, and a folder of one's own is used where one is given."""
    monkeypatch.setattr(function, "_models", shared := Models())
    for _ in range(2):
        menura.compose("piano", bars=1, seed=1, n=1, rate=8000, model=str(model_folder))
    assert shared.num_loaded == 1
    own = Models()
    menura.compose("piano", bars=1, seed=1, n=1, rate=8000, model=str(model_folder), models=own)
    assert (own.num_loaded, shared.num_loaded) == (1, 1)


def test_train_is_a_function_and_stays_a_package():
    """Also where the package is used first."""
    lines = "import menura.train.schedule as s, menura, inspect; print(s.Schedule.__name__, callable(menura.train))"
    told = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["Schedule", "True"]
    assert "family" in inspect.signature(menura.train).parameters
    assert menura.train.__name__ == "menura.train"
    with pytest.raises(menura.Refused, match=r"^family: 'no' is not one that can be trained"):
        menura.train("no", ".", out="x")


def test_python_s_own_words_for_a_wrong_call(sketch):
    with pytest.raises(TypeError, match=r"^sketch\(\): got an unexpected .* 'bmp'; did you mean bpm\?$"):
        task_function(sketch)("a cat", bmp=3)
    with pytest.raises(TypeError, match="prompt"):
        task_function(sketch)()


def test_the_package_offers_every_task():
    assert set(TASKS) <= set(dir(menura))
    for name in dir(menura):
        assert getattr(menura, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = menura.nothing


def test_a_loaded_model_has_to_exist(tmp_path):
    with pytest.raises(ValueError, match="no model"):
        menura.load(tmp_path)
