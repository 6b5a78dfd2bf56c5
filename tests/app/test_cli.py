"""The command line answers at once, and what goes wrong is one line and an exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.app.cli import FAILED, INTERRUPTED, MISUSED, OK, main, one_line
from menura.tasks import TASKS

HEAVY = {"torch", "numpy", "pydantic", "rich", "scipy", "soundfile", "symusic", "asyncio"}

WAITING_TASK = """
import sys, time
from typing import ClassVar
from menura.app.cli import main
from menura.tasks.task import Task

class Wait(Task):
    "Wait."
    name: ClassVar[str] = "wait"
    def run(self, models, progress):
        print("ready", flush=True)
        for step in range(1000):
            progress.update(step, 1000, "waiting")
            time.sleep(0.01)
        yield

if __name__ == "__main__":
    sys.exit(main(["wait", *sys.argv[1:]], {"wait": ("__main__:Wait", "Wait.")}))
"""


def test_help_answers_at_once_because_it_imports_next_to_nothing():
    show = "import sys; from menura.app.cli import main; main(['--help']); print(*sys.modules)"
    spent_s, shown = [], ""
    for _ in range(3):
        start = time.perf_counter()
        shown = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True).stdout
        spent_s.append(time.perf_counter() - start)
    listing, _, modules = shown.rstrip().rpartition("\n")
    for verb, (_, summary) in TASKS.items():
        assert f"{verb.replace('_', '-')} " in listing
        assert summary in listing
    assert not HEAVY & set(modules.split())
    assert min(spent_s) < 1.0


def test_what_is_slow_to_import_waits_until_it_is_used():
    """Not for the help of any verb, nor before a server answers."""
    helps = f"from menura.app.cli import main; [main([verb, '--help']) for verb in {list(TASKS)}]"
    told = "import sys, menura.app.server.api; print({'torch', 'scipy.signal', 'scipy.stats'} & {*sys.modules})"
    command = [sys.executable, "-c", f"{helps}; {told}"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown.endswith("set()\n")


def test_the_version_is_the_package_s(capsys):
    assert main(["--version"]) == OK
    assert capsys.readouterr().out == f"menura {version('menura')}\n"


def test_an_unknown_verb_suggests_the_nearest(capsys):
    assert main(["chek"]) == MISUSED
    assert capsys.readouterr().err == "menura: no verb 'chek'; did you mean check?\n"
    assert main(["xyzzy"]) == MISUSED
    assert capsys.readouterr().err == "menura: no verb 'xyzzy'; menura --help lists them\n"


@given(st.lists(st.text() | st.sampled_from(["check", "--json", "--tolerance", "-o", "--", "-", "--threads", "-3"])))
def test_no_words_give_a_traceback(arguments):
    assert main(["check", *arguments]) in (OK, FAILED, MISUSED)
    assert main([*arguments, "nothing"]) in (OK, FAILED, MISUSED)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (FileNotFoundError(2, "No such file or directory", "in.mid"), "in.mid: no such file or directory"),
        (FileExistsError("a.wav exists already"), "a.wav exists already"),
        (OSError(28, "No space left on device"), "no space left on device"),
        (ValueError("two\n lines"), "two lines"),
        (MemoryError(), "out of memory; ask for less, or close other programs"),
        (RuntimeError("[enforce fail] can't allocate memory: you tried"), one_line(MemoryError())),
        (KeyError("x"), "internal error, KeyError: 'x' (MENURA_DEBUG=1 shows where)"),
    ],
)
def test_an_error_is_one_line(error, line):
    assert one_line(error) == line


def test_debugging_shows_where(monkeypatch, tmp_path):
    monkeypatch.setenv("MENURA_DEBUG", "1")
    with pytest.raises(ValueError, match="no model"):
        main(["check", str(tmp_path)])


def interrupted(script, *flags):
    process = subprocess.Popen(
        [sys.executable, str(script), *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


@pytest.mark.parametrize("flags", [(), ("--quiet",)])
def test_ctrl_c_stops_cleanly(tmp_path, flags):
    script = tmp_path / "waiting.py"
    script.write_text(WAITING_TASK)
    code, errors = interrupted(script, *flags)
    assert code == INTERRUPTED
    assert errors == "menura wait: stopped; nothing was left half done\n"


def test_a_reader_that_goes_away_is_no_error():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "menura", "instruments"], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert done.stderr == ""
