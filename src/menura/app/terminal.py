"""What a person sees in the terminal: progress on stderr, results on stdout."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich import progress as bars
from rich.console import Console
from rich.table import Table

from menura.progress import Progress, end_of
from menura.tasks.perform import Performed

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 10.0


class Shown(NamedTuple):
    """What is shown of a result, which itself may be large."""

    summary: Mapping[str, Any]
    files: Sequence[Path]

    @classmethod
    def of(cls, performed: Performed) -> Shown:
        return cls(performed.result.summary(), performed.files)


class TerminalProgress(Progress):
    """A bar where stderr is a terminal; elsewhere a line now and then, once the work has taken two seconds.

    Args:
        console: where to; stderr where None.
        quiet: whether only warnings are shown.
    """

    def __init__(self, console: Console | None = None, quiet: bool = False) -> None:
        super().__init__()
        self._quiet = quiet
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar: bars.Progress | None = None
        self._tasks: dict[str, bars.TaskID] = {}
        self._started_s: dict[str, float] = {}
        self._pause_s = _FIRST_PAUSE_S
        self._next_line_s = time.monotonic() + self._pause_s
        self._note = ""

    def show(self, done: int, total: int, what: str) -> None:
        if self._quiet:
            return
        now_s = time.monotonic()
        started_s = self._started_s.setdefault(what, now_s)
        if self._console.is_terminal:
            self._draw(done, total, what)
        elif now_s >= self._next_line_s and (done or now_s >= started_s + _FIRST_PAUSE_S):
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
            self._next_line_s = now_s + self._pause_s
            self.say(_line(done, total, what, now_s - started_s) + self._note)

    def note(self, text: str) -> None:
        self._note = f", {_printable(end_of(text))}"

    def say(self, text: str) -> None:
        if not self._quiet:
            self._print(text)

    def warn(self, text: str) -> None:
        self._print(f"warning: {text}")

    def _print(self, text: str) -> None:
        self._console.print(_printable(text), markup=False)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _draw(self, done: int, total: int, what: str) -> None:
        if self._bar is None:
            columns = (bars.TextColumn("{task.description}", markup=False), bars.BarColumn(), bars.TaskProgressColumn())
            self._bar = bars.Progress(*columns, bars.TimeRemainingColumn(), console=self._console, transient=True)
            self._bar.start()
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=None)
        # Of work in one step nobody knows how far it is: without a total its bar only moves.
        known = total if total > 1 or done else None
        self._bar.update(self._tasks[what], completed=done, total=known, description=what + self._note)


def _printable(text: str) -> str:
    """A file's name may hold anything, escape sequences for the terminal among it."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def _line(done: int, total: int, what: str, spent_s: float) -> str:
    """How far the work is: a share and an estimate, once there is something to tell them from."""
    if not 0 < done < total:
        return f"{what} …" if done < total else f"{what}: done"
    return f"{what}: {100 * done // total} %, about {max(round(spent_s * (total - done) / done), 1)} s left"


def print_json(verb: str, results: Iterable[Shown]) -> None:
    """One JSON document: the verb, and for each result its summary and files."""
    document = {
        "task": verb,
        "results": [{**one.summary, "files": [str(path) for path in one.files]} for one in results],
    }
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=str)
    print()


def print_results(results: Iterable[Shown]) -> None:
    """Each result's summary, rows as a table, and its files."""
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for one in results:
        for name, value in one.summary.items():
            if _are_rows(value):
                console.print(_table(value))
            elif value not in (None, "", [], (), {}):
                console.print(f"{name.replace('_', ' ')}: {_text(value)}")
        for path in one.files:
            console.print(str(path))


def _are_rows(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows[0]:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    return table


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
