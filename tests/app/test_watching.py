"""A Python programmer sees where work stands: through a function, a bar of tqdm, or the terminal's."""

from __future__ import annotations

import logging
import sys
import types
from typing import ClassVar

import pytest

from menura.app import watching
from menura.app.terminal import TerminalProgress
from menura.app.watching import CallbackProgress, TqdmProgress, watched
from menura.progress import Cancelled, Progress


class Bar:
    """What is used of tqdm's bars."""

    made: ClassVar[list[Bar]] = []
    written: ClassVar[list[str]] = []

    def __init__(self, total, desc, leave):
        self.total, self.desc, self.leave, self.n, self.closed = total, desc, leave, 0, False
        self.made.append(self)

    def update(self, count):
        self.n += count

    def set_postfix_str(self, text):
        self.postfix = text

    def close(self):
        self.closed = True

    write = written.append


@pytest.fixture
def bars(monkeypatch):
    monkeypatch.setattr(Bar, "made", [])
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", module := types.ModuleType("tqdm.auto"))
    module.tqdm = Bar  # pyright: ignore[reportAttributeAccessIssue]
    return Bar


def test_a_bar_follows_the_work(bars):
    progress = watched(True)
    assert isinstance(progress, TqdmProgress)
    progress.note("shown beside no bar")
    for done in (0, 1, 3):
        progress.update(done, 4, "composing")
    progress.note("loss 0.5")
    assert bars.made[0].postfix == "loss 0.5"
    progress.update(0, 1, "rendering")
    progress.say("bars 1–4")
    progress.close()
    progress.close()
    assert [(bar.desc, bar.total, bar.n, bar.closed) for bar in bars.made] == [
        ("composing", 4, 3, True),
        ("rendering", 1, 0, True),
    ]
    assert bars.written == ["bars 1–4"]


def test_without_tqdm_the_terminal_s_own_bar_is_drawn(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert isinstance(watched(True), TerminalProgress)


def test_what_the_command_line_would_say_is_logged(caplog):
    with caplog.at_level(logging.INFO, "menura"):
        watched(None).say("bars 1–4")
    assert caplog.messages == ["bars 1–4"]


def test_whoever_brings_a_progress_keeps_it():
    own = Progress()
    assert watched(own) is own
    for none in (None, False):
        assert isinstance(watched(none), CallbackProgress)
    progress = watched(lambda *_: progress.cancel())
    progress.update(0, 1, "working")
    with pytest.raises(Cancelled):
        progress.update(1, 1, "working")
    assert watching.log.name == "menura"
