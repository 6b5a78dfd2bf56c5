"""Progress: how long work reports where it is, and where it notices that it should stop."""

from __future__ import annotations

from threading import Event


class Cancelled(Exception):
    """The work was asked to stop, and did."""


class Progress:
    """Reports nothing; what is shown to a person derives from it. May be cancelled from any thread."""

    def __init__(self) -> None:
        self._cancelled = Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next `update`."""
        self._cancelled.set()

    def update(self, done: int, total: int, what: str) -> None:
        """`done` of `total` steps of `what` are finished.

        Raises:
            Cancelled: the work has been asked to stop.
        """
        if self._cancelled.is_set():
            raise Cancelled
        self.show(done, total, what)

    def show(self, done: int, total: int, what: str) -> None:
        """Let a person see an update."""

    def say(self, text: str) -> None:
        """Tell one line that matters to the person who asked."""

    def close(self) -> None:
        """The work is over, well or not: take down what is shown."""
