"""Editors and type checkers know the Python face: its types are written down, current, and true."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest

import menura
from menura.app import stubs
from menura.tasks import TASKS

GOOD = {
    'menura.compose("x")': "Piece",
    'menura.compose("x", bars=3, bits=24, style={"game": 1}, mood="calm", overwrite=True).audio': "Audio",
    'menura.compose("x", n=3)': "list[Piece]",
    'menura.compose("x", n=3, keep=1)': "Piece",
    'menura.compose("x", n=3, keep=2)[0].score': "Score",
    'menura.compose("x", n=count)': "Piece | list[Piece]",
    'menura.encode("x.wav", kbps=1.5).codes': "Codes",
    'menura.decode(path, format="flac", progress=True).audio': "Audio",
    'menura.train("codec", ".", out="x", progress=lambda done, total, what: None)': "Trained",
    'menura.train("wavenet", ".", out="x", global_="speaker", gc_channels=32)': "Trained",
    'menura.train("soundstream", ".", out="x", scores=3)': "Trained",
    'menura.train(str(path), ".", out="x", steps=3)': "Trained",
    "menura.styles()": "Listing",
    "menura.evaluate(path, path).mean": "dict[str, float | None]",
    'menura.replay("x.json")': "Result | list[Result]",
    "menura.Audio.of(path).duration_s": "float",
    "issubclass(menura.Refused, ValueError)": "bool",
    "menura.__version__": "str",
}
BAD = [
    'menura.compose("x", barz=3)',
    'menura.compose("x", bars="three")',
    'menura.compose("x", format="wave")',
    'menura.compose("x", form=None, n=2).audio',
    "menura.compose(3)",
    "menura.encode()",
    'menura.train("codec")',
    'menura.train("codec", ".", out="x", gc_channels=32)',
    'menura.train("score_lm", ".", out="x", scores=3)',
    'menura.train("wavenet", ".", out="x", gc_channels="many")',
    'menura.render("x.mid").barz',
    "menura.composer()",
    'menura.decode("x.mnr", "y.wav")',
    'menura.compose("x", progress=3)',
]


def test_what_is_written_is_what_the_declarations_say():
    """Else: python -m menura.app.stubs"""
    assert stubs.PLACE.read_text(encoding="utf-8") == stubs.text()
    assert (stubs.PLACE.parent / "py.typed").is_file()


@pytest.mark.parametrize("name", TASKS)
def test_a_result_has_the_type_that_is_declared(name):
    task = resolve_name(TASKS[name][0])
    assert inspect.isclass(task.result_type())
    assert task.result_type().__name__ in str(inspect.signature(getattr(menura, name)).return_annotation)


def test_a_type_checker_knows_every_parameter_and_every_result(tmp_path):
    lines = ["import menura", "from pathlib import Path", "count, path = int(), Path()"]
    lines += [f"reveal_type({expression})" for expression in GOOD] + BAD
    (tmp_path / "user.py").write_text("\n".join(lines))
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [str(Path(menura.__file__).parents[1])]}))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)[
        "generalDiagnostics"
    ]
    said = {one["range"]["start"]["line"] - 3: one for one in found}
    for line, (expression, kind) in enumerate(GOOD.items()):
        assert said[line]["message"].endswith(f'" is "{kind}"'), (expression, said[line]["message"])
    for line, expression in enumerate(BAD, len(GOOD)):
        assert line in said, f"{expression} is taken for right"
        assert said[line]["severity"] == "error", expression
    assert len(said) == len(GOOD) + len(BAD)
