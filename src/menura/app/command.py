"""One verb of the command line, run: words to a task, the task performed, results printed."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from pkgutil import resolve_name
from types import FrameType
from typing import Any

from menura.app import terminal
from menura.app.cli import FAILED, INTERRUPTED, MISUSED, OK, one_line
from menura.app.flags import Request, help_text, parse
from menura.progress import Cancelled, Progress
from menura.tasks.models import Models
from menura.tasks.perform import perform, with_default_output
from menura.tasks.task import Task, plain_types

_MAX_INPUT_CHARACTERS = 1 << 20


def run(kind: type[Task], arguments: Sequence[str]) -> int:
    """Run one verb and return the exit code.

    What is wrong with the request is told in one line, with exit code 2; what goes wrong later is raised. A file that
    is given as ``-`` comes from stdin, and an output ``-`` is the result's first file on stdout.
    """
    with tempfile.TemporaryDirectory(prefix="menura-") as folder:
        return _run(kind, arguments, Path(folder))


def _run(kind: type[Task], arguments: Sequence[str], scratch: Path) -> int:
    try:
        request = parse(kind, arguments)
        if request.help:
            print(help_text(request.task))
            return OK
        values, piped = with_input(kind, request.values, scratch), request.values.get("output") == "-"
        values = {**values, "output": str(scratch / kind.name)} if piped else values
        tasks, models = _tasks(kind, values, request.more_files), Models()
        tasks[0].check_models(models)
        threads = _threads(request)
    except ValueError as error:
        print(f"menura {kind.verb()}: {one_line(error)}", file=sys.stderr)
        return MISUSED
    if threads is not None:
        resolve_name("torch:set_num_threads")(threads)
    progress = terminal.TerminalProgress(quiet=request.quiet)
    try:
        with _cancelled_by_ctrl_c(progress):
            results, failed = _performed(tasks, models, progress, request.force)
    except Cancelled:
        print(f"menura {kind.verb()}: stopped; nothing was left half done", file=sys.stderr)
        return INTERRUPTED
    finally:
        progress.close()
    if piped:
        sys.stdout.buffer.write(results[0].files[0].read_bytes())
        sys.stdout.buffer.flush()
    elif request.json:
        terminal.print_json(kind.name, results)
    else:
        terminal.print_results(one for one in results if not (request.quiet and one.files))
    return FAILED if failed else OK


def _tasks(kind: type[Task], values: Mapping[str, Any], more_files: Sequence[str]) -> list[Task]:
    """A task for each of the files."""
    first = kind.positional[:1]
    tasks = [kind.build(values), *(kind.build({**values, name: file}) for name in first for file in more_files)]
    outputs = [output for task in tasks if (output := vars(task).get("output"))]
    if len(set(outputs)) < len(outputs):
        raise ValueError("output: several files need a folder of their own; end its name with /")
    return tasks


def _performed(
    tasks: Sequence[Task], models: Models, progress: Progress, overwrite: bool
) -> tuple[list[terminal.Shown], bool]:
    """What is shown of the results, and whether any of several tasks failed, which is told and keeps no other back."""
    results, failed = list[terminal.Shown](), False
    for task in tasks:
        try:
            named = with_default_output(task, overwrite=overwrite)
            results += map(terminal.Shown.of, perform(named, models, progress, overwrite))
        except (ValueError, OSError) as error:
            if len(tasks) == 1:
                raise
            print(f"menura {task.verb()}: {one_line(error)}", file=sys.stderr)
            failed = True
    return results, failed


def with_input(kind: type[Task], values: Mapping[str, Any], scratch: Path) -> dict[str, Any]:
    """The values, with what stdin says in the place of a word ``-``, or a file in `scratch` that holds it."""
    values = dict(values)
    for name in kind.positional:
        if values.get(name) != "-" or (kind.takes_more_files and kind.is_local):
            continue
        if str in plain_types(kind.model_fields[name]):
            values[name] = sys.stdin.read(_MAX_INPUT_CHARACTERS).strip()
        else:
            values[name] = str(scratch / "stdin")
            with (scratch / "stdin").open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
    return values


def _threads(request: Request) -> int | None:
    if request.threads is None:
        return None
    if not request.threads.isascii() or not request.threads.isdigit() or not 1 <= int(request.threads[:6]) <= 1024:
        raise ValueError(f"threads: {request.threads[:60]} is not in 1–1024")
    return int(request.threads)


@contextlib.contextmanager
def _cancelled_by_ctrl_c(progress: Progress) -> Iterator[None]:
    """The first Ctrl-C asks the work to stop at its next step; the second stops it where it is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(_number: int, _frame: FrameType | None) -> None:
        progress.cancel()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    former = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
