"""Progress for Python programmers: a function that is called, or a bar."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from menura.app.terminal import TerminalProgress
from menura.progress import Progress, end_of

Callback = Callable[[int, int, str], object]
"""Told of steps done, steps in all, and what is being done."""
Watching = Progress | Callback | bool | None
"""What a Python programmer may give for ``progress``: see `watched`."""

log = logging.getLogger("menura")


class _Worded(Progress):
    """Tells what it is told in other words; warnings are Python's.

    Args:
        words: from the text to what is told.
    """

    def __init__(self, words: Callable[[str], str]) -> None:
        super().__init__()
        self._words = words

    def warn(self, text: str) -> None:
        super().warn(self._words(text))


class CallbackProgress(_Worded):
    """Calls a function at every step, and logs under ``menura`` what the command line would say.

    Args:
        callback: what is called; None for nothing. What it raises ends the work.
        words: as of `watched`.
    """

    def __init__(self, callback: Callback | None = None, words: Callable[[str], str] = str) -> None:
        super().__init__(words)
        self._callback = callback

    def show(self, done: int, total: int, what: str) -> None:
        if self._callback is not None:
            self._callback(done, total, what)

    def say(self, text: str) -> None:
        log.info(self._words(text))


class TqdmProgress(_Worded):
    """One bar of tqdm after another, a notebook's where one runs; gone when the work is over.

    Args:
        tqdm: the class of the bars.
        words: as of `watched`.
    """

    def __init__(self, tqdm: Any, words: Callable[[str], str] = str) -> None:
        super().__init__(words)
        self._tqdm, self._bar, self._what = tqdm, None, ""

    def show(self, done: int, total: int, what: str) -> None:
        if self._bar is None or what != self._what:
            self.close()
            self._bar, self._what = self._tqdm(total=total, desc=what, leave=False), what
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def note(self, text: str) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(end_of(text))

    def say(self, text: str) -> None:
        self._tqdm.write(self._words(text))

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def watched(progress: Watching, words: Callable[[str], str] = str) -> Progress:
    """What a Python programmer may give for `progress`, as a `Progress`.

    Args:
        progress: a `Progress`; a function of steps done, steps in all and what is being done; True for a bar, tqdm's
            where that is installed; False or None for nothing.
        words: how what the command line would say is said.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(progress, Progress):
        return progress
    if progress is True:
        return _bar(words)
    if progress is None or progress is False or callable(progress):
        return CallbackProgress(progress or None, words)
    raise TypeError(f"progress is a function, a menura.Progress or True, not {type(progress).__name__}")


def _bar(words: Callable[[str], str]) -> Progress:
    try:
        from tqdm.auto import tqdm  # pyright: ignore[reportMissingModuleSource]
    except ImportError:
        return TerminalProgress()
    return TqdmProgress(tqdm, words)
