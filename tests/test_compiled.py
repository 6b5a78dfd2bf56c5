"""What is compiled is kept between processes, but never once anything has changed that it was compiled from."""

from __future__ import annotations

import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numba
import pytest

from menura.compiled import _Kept, _seen_by
from menura.nn import series

CALLER = """
from menura.compiled import compiled
from package.called import {imported}

@compiled()
def answer(x):
    return {expression}
"""
CALLED = """
from menura.compiled import compiled

FACTOR = {factor}

@compiled()
def times(x):
    return {factor} * x
"""
SAY = """
from package.caller import answer
print(answer(1), sum(answer.stats.cache_hits.values()), answer.stats.cache_path)
"""


@pytest.fixture
def package(tmp_path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").touch()
    return folder


def written(package: Path, factor: int, constant: bool) -> None:
    imported, expression = ("FACTOR", "FACTOR * x") if constant else ("times", "times(x)")
    (package / "caller.py").write_text(CALLER.format(imported=imported, expression=expression))
    (package / "called.py").write_text(CALLED.format(factor=factor))


def said(package: Path, **environment: str) -> tuple[int, int, str]:
    """What the compiled function answers in a new process, whether it was kept, and where."""
    source = Path(__file__).parents[1] / "src"
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    paths = os.pathsep.join((str(package.parent), str(source)))
    done = subprocess.run(
        [sys.executable, "-c", SAY],
        env={**kept, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=package.parent,
    )
    assert done.returncode == 0, done.stderr
    answer, hits, folder = done.stdout.split(maxsplit=2)
    return int(answer), int(hits), folder.strip()


@pytest.mark.parametrize("constant", [False, True])
def test_what_is_kept_does_not_outlive_a_change_of_what_it_calls(package, constant):
    written(package, 3, constant)
    assert said(package)[:2] == (3, 0)
    assert said(package)[:2] == (3, 1)
    written(package, 5, constant)
    assert said(package)[:2] == (5, 0)


def test_a_caller_elsewhere_sees_what_it_calls_of_menura():
    """Else a test of compiled functions goes on trying those that it was compiled with."""
    caller = ModuleType("elsewhere")
    vars(caller)["gelu"] = series.gelu
    assert "menura.nn.series" in _seen_by(caller)


def test_without_a_place_beside_the_source_or_in_a_home_a_folder_for_temporary_files_does(package, tmp_path):
    """A file in the place of each folder keeps even root from making it."""
    written(package, 3, False)
    (package / "__pycache__").touch()
    nowhere, temporary = tmp_path / "nowhere", tmp_path / "temporary"
    nowhere.touch()
    temporary.mkdir()
    environment = {"HOME": str(nowhere), "XDG_CACHE_HOME": str(nowhere), "TMPDIR": str(temporary)}
    assert said(package, **environment)[:2] == (3, 0)
    answer, hits, folder = said(package, **environment)
    assert (answer, hits) == (3, 1)
    assert Path(folder).is_relative_to(temporary)
    assert stat.S_IMODE(next(temporary.iterdir()).stat().st_mode) == 0o700


def test_where_others_can_write_nothing_is_kept_and_without_any_place_it_is_compiled_anew(package, tmp_path):
    written(package, 3, False)
    (package / "__pycache__").touch()
    nowhere, temporary = tmp_path / "nowhere", tmp_path / "temporary"
    nowhere.touch()
    shared = temporary / f"menura-{os.getuid()}"
    shared.mkdir(parents=True)
    shared.chmod(0o777)
    environment = {"HOME": str(nowhere), "XDG_CACHE_HOME": str(nowhere), "TMPDIR": str(temporary)}
    for _ in range(2):
        assert said(package, **environment)[:2] == (3, 0)
    assert not list(shared.iterdir())


def test_numba_s_own_setting_is_heeded(package, tmp_path):
    written(package, 3, False)
    folder = said(package, NUMBA_CACHE_DIR=str(tmp_path / "kept"))[2]
    assert Path(folder).is_relative_to(tmp_path / "kept")


def test_what_was_kept_of_a_module_that_is_gone_is_compiled_anew_and_kept_again(package):
    written(package, 2, constant=False)
    _, _, folder = said(package)
    (index,) = Path(folder).glob("caller.*.nbi")
    index.write_bytes(pickle.dumps(numba.__version__) + b"cpackage.gone\nName\n.")
    assert said(package)[:2] == (2, 0)
    assert said(package)[:2] == (2, 1)


def test_two_that_compile_at_the_same_time_never_find_each_other_s_code(tmp_path):
    """Each looked before the other had kept anything."""
    one, other = (_Kept(str(tmp_path), "function", "stamp") for _ in range(2))
    for place in (one, other):
        place._load_index = dict
    one.save("float32", "code for float32")
    other.save("float64", "code for float64")
    after = _Kept(str(tmp_path), "function", "stamp")
    assert after.load("float64") == "code for float64"
    assert after.load("float32") in (None, "code for float32")


def test_code_of_an_earlier_source_is_thrown_away(package):
    for factor in (3, 5):
        written(package, factor, constant=False)
        said(package)
    assert sorted(file.suffix for file in (package / "__pycache__").iterdir()) == [".nbc", ".nbc", ".nbi", ".nbi"]
