"""Without the extras everything starts, notes are composed, and whatever else is missing is told with its command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest

from menura.app.cli import one_line
from menura.audio import Audio, write
from menura.extras import EXTRAS, explained, how_to_install, require

ROOT = Path(__file__).parents[1]
WITHOUT = f"""
import sys
sys.modules |= dict.fromkeys({sorted(module for modules in EXTRAS.values() for module in modules)})
from menura.app.cli import COMMANDS, main
from menura.tasks import TASKS
"""
"""A Python in which no extra is installed."""


def run_without(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """With no SoundFont in the system's folders either."""
    blind = "from menura.score.synth import soundfont; soundfont._FOLDERS = ()\n"
    environment = {name: value for name, value in os.environ.items() if name != "MENURA_SOUNDFONT"}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT + blind + script],
        cwd=folder,
        env={**environment, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_the_table_is_that_of_the_package():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    comes_from = {module: names[0].lower() for module, names in packages_distributions().items()}
    for extra, modules in EXTRAS.items():
        asked = {re.split(r"[<>=\[]", line)[0].replace("_", "-") for line in extras[extra]}
        brought = {comes_from.get(module, module).replace("_", "-") for module in modules}
        brought -= {"starlette"}  # fastapi brings it
        assert brought == asked


def test_verbs_without_their_extras_say_which_command_installs_them(tmp_path):
    write(Audio(np.full((1, 8000), 0.1, np.float32), 8000), tmp_path / "a.wav")
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A ")
    done = run_without(
        """
for verb in (*TASKS, *COMMANDS):
    assert main([verb, "--help"]) == 0, verb
assert main(["serve", "--state", "state"]) == 1
assert main(["evaluate", "a.wav", "a.wav", "--metrics", "pesq"]) == 1
assert main(["evaluate", "a.wav", "a.wav", "--metrics", "stoi"]) == 1
assert main(["encode", "a.m4a"]) == 1
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    for extra, count in (("serve", 1), ("eval", 2), ("media", 1)):
        assert done.stderr.count(how_to_install(extra)) == count
    assert "internal error" not in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_soundfont_notes_are_composed(tmp_path, model_folder):
    done = run_without(
        f"""
assert main(["compose", "a waltz", "--bars", "2", "--model", {str(model_folder)!r}, "-o", "w"]) == 0
assert main(["compose", "a waltz", "--bars", "2", "--model", {str(model_folder)!r}, "-o", "x", "--stems"]) == 1
assert main(["render", "w.mid", "-o", "y"]) == 1
""",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w.json", "w.mid", "w.png"]
    assert "only notes are written, without sound" in done.stderr
    assert done.stderr.count(how_to_install("score")) == 3


@pytest.mark.parametrize("extra", EXTRAS)
def test_whatever_is_imported_in_vain_is_told_in_one_line(extra, monkeypatch):
    module = EXTRAS[extra][0]
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ValueError, match=r"^a thing needs .*") as error:
        require("a thing", *EXTRAS[extra])
    assert str(error.value).endswith(how_to_install(extra))
    assert one_line(ModuleNotFoundError(name=f"{module}.inner")).endswith(how_to_install(extra))
    assert explained(ModuleNotFoundError(name="menura_of_old")) is None
