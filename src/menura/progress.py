"""Progress: how long work reports where it is, and where it notices that it should stop.

Whoever begins work makes its `Progress` the current one (`with progress.active():`), so that what is called deep within
can `check` whether to go on and `warn` the person who asked, without being handed it.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from threading import Event, Thread
from typing import TypeVar

_LOOK_EVERY_S = 0.1
_SHORT = 60
T = TypeVar("T")


class Cancelled(Exception):
    """The work was asked to stop, and did."""


class Progress:
    """Reports nothing; what is shown to a person derives from it. May be cancelled from any thread."""

    def __init__(self) -> None:
        self._cancelled = Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next `update` or `check`."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the work has been asked to stop."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Go on, or not.

        Raises:
            Cancelled: the work has been asked to stop, or the time of a `cancel_after` is over.
        """
        if self._cancelled.is_set():
            raise Cancelled("the work was asked to stop")
        if time.monotonic() >= _deadline.get():
            raise Cancelled("the work took longer than it was given")

    def update(self, done: int, total: int, what: str) -> None:
        """`done` of `total` steps of `what` are finished.

        Raises:
            Cancelled: the work has been asked to stop.
        """
        self.check()
        self.show(done, total, what)

    def show(self, done: int, total: int, what: str) -> None:
        """Let a person see an update."""

    def note(self, text: str) -> None:
        """A few words to show beside the updates that follow, such as the loss of a model that is trained."""

    def say(self, text: str) -> None:
        """Tell one line that matters to the person who asked."""

    def warn(self, text: str) -> None:
        """Tell one line about something odd, which did not keep the work from being done."""
        warnings.warn(text, stacklevel=2)

    def close(self) -> None:
        """The work is over, well or not: take down what is shown."""

    @contextmanager
    def active(self) -> Iterator[None]:
        """Within, `check` and `warn` of this module are this progress's."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


class Noting(Progress):
    """Keeps warnings, for whoever asks for them later.

    Attributes:
        warnings: one line each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)


_current: ContextVar[Progress | None] = ContextVar("menura_progress", default=None)
_deadline: ContextVar[float] = ContextVar("menura_deadline", default=math.inf)


@contextmanager
def cancel_after(seconds: float) -> Iterator[None]:
    """Work of this thread that is still going on so many seconds from now ends with `Cancelled`, at its next step.

    Within another `cancel_after` the one that ends first counts.

    Args:
        seconds: 0 or more.

    Raises:
        ValueError: `seconds` is no such number.
    """
    if not seconds >= 0:
        raise ValueError(f"seconds are 0 or more, not {seconds}")
    token = _deadline.set(min(_deadline.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def check() -> None:
    """What long work calls at least every tenth of a second: go on, or not.

    Raises:
        Cancelled: the current work has been asked to stop.
    """
    if (progress := _current.get()) is not None:
        progress.check()


def aside(function: Callable[[], T]) -> T:
    """What `function` gives; where the current work is stopped meanwhile it is left to end by itself.

    For what takes seconds, but not many, and cannot be stopped from within.

    Raises:
        Cancelled: the current work has been asked to stop.
    """
    if (progress := _current.get()) is None:
        return function()
    future: Future[T] = Future()
    context = copy_context()

    def call() -> None:
        try:
            future.set_result(context.run(function))
        except BaseException as error:  # raised where the result is taken
            future.set_exception(error)

    Thread(target=call, name="menura-aside").start()
    while True:
        try:
            return future.result(_LOOK_EVERY_S)
        except TimeoutError:
            if future.done():  # which the function raised
                raise
            progress.check()


def end_of(note: str) -> str:
    """As much of a note as stands in a line beside a bar."""
    return note if len(note) <= _SHORT else "…" + note[-_SHORT:].partition(" ")[2]


def warn(text: str) -> None:
    """Tell whoever asked for the current work about something odd, in one line; Python's warnings where nobody did."""
    if (progress := _current.get()) is not None:
        progress.warn(text)
    else:
        warnings.warn(text, stacklevel=2)
