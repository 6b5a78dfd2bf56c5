"""Progress is a bar on a terminal and quiet elsewhere; results are plain text."""

from __future__ import annotations

import io

from rich.console import Console

from menura.app import terminal
from menura.app.terminal import TerminalProgress, print_results
from menura.tasks.perform import Performed


def shown(is_terminal, **changes):
    text = io.StringIO()
    progress = TerminalProgress(Console(file=text, force_terminal=is_terminal, width=80, **changes))
    for step in range(4):
        progress.update(step, 4, "[bold]composing")
    progress.close()
    return text.getvalue()


def test_a_terminal_shows_a_bar():
    assert "[bold]composing" in shown(True)


def test_elsewhere_short_work_is_silent():
    assert shown(False) == ""


def test_elsewhere_long_work_says_a_line_now_and_then(monkeypatch):
    clock = iter(range(0, 1000, 3))
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(clock))
    assert shown(False).splitlines()[0] == "[bold]composing: 0 %"


def test_what_is_said_is_shown_as_it_is():
    text = io.StringIO()
    TerminalProgress(Console(file=text, soft_wrap=True)).say("[red]not used[/red]: xyzzy")
    assert text.getvalue() == "[red]not used[/red]: xyzzy\n"


def test_results_are_shown_by_the_shape_of_their_summary(capsys, tmp_path):
    class Result:
        def summary(self):
            return {
                "key": "D minor",
                "time_s": 12.5,
                "unused": [],
                "styles": {"bach": 0.5, "jazz": 0.5},
                "rows": [{"name": "[flute]", "low": 60}, {"name": "piano", "low": 21}],
            }

    print_results([Performed(Result(), (tmp_path / "a.wav",))])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["key: D minor", "time s: 12.5", "styles: bach 0.5, jazz 0.5"]
    assert lines[3].split() == ["name", "low"]
    assert lines[4].split() == ["[flute]", "60"]
    assert lines[-1] == str(tmp_path / "a.wav")
