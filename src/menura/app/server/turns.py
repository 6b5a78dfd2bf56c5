"""Turns at working: so many jobs work at once, and one that has worked for long lets those go first that wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Condition

_LOOK_EVERY_S = 0.1


class Turns:
    """A line of those who want to work, first come, first served.

    Args:
        count: how many work at once.
    """

    def __init__(self, count: int) -> None:
        self._free, self._line, self._changed = count, deque[object](), Condition()

    @property
    def is_free(self) -> bool:
        """Whether whoever asks now need not wait."""
        return self._free > len(self._line)

    @property
    def num_waiting(self) -> int:
        """How many stand in line."""
        return len(self._line)

    def take(self, go_on: Callable[[], bool]) -> bool:
        """Wait for a turn; False: `go_on`, which is asked ten times a second, said not to wait any longer."""
        me = object()
        with self._changed:
            self._line.append(me)
            try:
                while not (self._free > 0 and self._line[0] is me):
                    if not go_on():
                        return False
                    self._changed.wait(_LOOK_EVERY_S)
                self._free -= 1
                return True
            finally:
                self._line.remove(me)
                self._changed.notify_all()

    def give_back(self) -> None:
        """The work is done, or interrupted."""
        with self._changed:
            self._free += 1
            self._changed.notify_all()
