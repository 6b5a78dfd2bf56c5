"""Progress is a bar on a terminal and quiet elsewhere; results are plain text."""

from __future__ import annotations

import io
import itertools

from rich.console import Console

from menura.app import terminal
from menura.app.terminal import Shown, TerminalProgress, print_results
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


def test_elsewhere_long_work_says_now_and_then_how_far_it_is_and_how_long_it_will_take(monkeypatch):
    """Never that nothing is done, as if that were news."""
    now_s, text = 0.0, io.StringIO()
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now_s)
    progress = TerminalProgress(Console(file=text))
    for now_s in (1.0, 3.0, 5.0, 9.0, 11.0):
        progress.update(int(now_s) // 2, 6, "[bold]composing")
    assert text.getvalue().splitlines() == [
        "[bold]composing: 16 %, about 10 s left",
        "[bold]composing: 66 %, about 4 s left",
    ]
    progress.update(0, 1, "rendering")
    now_s = 31.0
    progress.update(0, 1, "rendering")
    assert text.getvalue().splitlines()[2:] == ["rendering …"]


def test_work_in_one_step_has_no_share():
    """Nobody knows how far it is."""
    text = io.StringIO()
    progress = TerminalProgress(Console(file=text, force_terminal=True, width=80))
    progress.update(0, 1, "rendering")
    progress.close()
    assert "rendering" in text.getvalue()
    assert "%" not in text.getvalue()


def test_a_few_words_stand_beside_the_bar_and_in_the_lines(monkeypatch):
    """The loss of a model that is trained, say."""
    clock = itertools.count(step=3)
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(clock))
    for is_terminal in (True, False):
        text = io.StringIO()
        progress = TerminalProgress(Console(file=text, force_terminal=is_terminal, width=100))
        for step in range(40):
            progress.note(f"loss 0.{step}\x1b")
            progress.update(step, 40, "training")
        progress.close()
        assert "training" in text.getvalue()
        assert "loss 0.3" in text.getvalue()
        assert "\x1b, " not in text.getvalue()


def test_what_is_said_is_shown_as_it_is():
    text = io.StringIO()
    TerminalProgress(Console(file=text, soft_wrap=True)).say("[red]not used[/red]: xyzzy")
    assert text.getvalue() == "[red]not used[/red]: xyzzy\n"


def test_when_quiet_only_warnings_are_shown():
    text = io.StringIO()
    progress = TerminalProgress(Console(file=text, soft_wrap=True, force_terminal=True), quiet=True)
    progress.update(1, 2, "composing")
    progress.say("4 bars")
    progress.warn("in.wav: is cut short")
    progress.close()
    assert text.getvalue() == "warning: in.wav: is cut short\n"


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

    print_results([Shown.of(Performed(Result(), (tmp_path / "a.wav",)))])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["key: D minor", "time s: 12.5", "styles: bach 0.5, jazz 0.5"]
    assert lines[3].split() == ["name", "low"]
    assert lines[4].split() == ["[flute]", "60"]
    assert lines[-1] == str(tmp_path / "a.wav")
