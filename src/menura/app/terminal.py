"""What a person sees in the terminal: progress on stderr, results on stdout."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import progress as bars
from rich.console import Console
from rich.table import Table

from menura.progress import Progress
from menura.tasks.perform import Performed

_SILENT_S = 2.0
_LINE_EVERY_S = 10.0


class TerminalProgress(Progress):
    """A bar where stderr is a terminal; elsewhere a line now and then, once the work has taken two seconds."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__()
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar: bars.Progress | None = None
        self._tasks: dict[str, bars.TaskID] = {}
        self._next_line_s = time.monotonic() + _SILENT_S

    def show(self, done: int, total: int, what: str) -> None:
        if self._console.is_terminal:
            self._draw(done, total, what)
        elif time.monotonic() >= self._next_line_s:
            self._next_line_s = time.monotonic() + _LINE_EVERY_S
            self.say(f"{what}: {100 * done // max(total, 1)} %")

    def say(self, text: str) -> None:
        # A file's name may hold anything, escape sequences for the terminal among it.
        shown = "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)
        self._console.print(shown, markup=False)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _draw(self, done: int, total: int, what: str) -> None:
        if self._bar is None:
            columns = (bars.TextColumn("{task.description}", markup=False), bars.BarColumn(), bars.TaskProgressColumn())
            self._bar = bars.Progress(*columns, bars.TimeRemainingColumn(), console=self._console, transient=True)
            self._bar.start()
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what)
        self._bar.update(self._tasks[what], completed=done, total=total)


def print_json(verb: str, performed: Iterable[Performed]) -> None:
    """One JSON document: the verb, and for each result its summary and files."""
    results = [{**one.result.summary(), "files": [str(path) for path in one.files]} for one in performed]
    json.dump({"task": verb, "results": results}, sys.stdout, ensure_ascii=False, indent=2, default=str)
    print()


def print_results(performed: Iterable[Performed]) -> None:
    """Each result's summary, rows as a table, and its files."""
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for one in performed:
        for name, value in one.result.summary().items():
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
