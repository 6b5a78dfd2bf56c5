"""The command line's entrance. It imports next to nothing, so that ``menura --help`` answers at once."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pkgutil import resolve_name

from menura.extras import explained
from menura.tasks import TASKS

COMMANDS = {
    "serve": ("menura.app.serve:Serve", "Open the studio in a browser, and answer over HTTP, until Ctrl-C."),
}
"""What only the command line has, as `TASKS`."""
LIVE = {"transcribe": "menura.app.live:TranscribeLive"}
"""Verbs that take ``--live``, and what they then are."""
OK, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes."""


def main(arguments: Sequence[str] | None = None, tasks: Mapping[str, tuple[str, str]] = TASKS) -> int:
    """Run ``menura ARGUMENTS`` and return the exit code; errors are one line on stderr.

    With ``MENURA_DEBUG=1`` in the environment an error shows its traceback.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    verb, tasks = arguments[0] if arguments else "--help", {**tasks, **COMMANDS}
    try:
        if verb in ("-h", "--help", "help"):
            print(overview(tasks))
            return OK
        if verb in ("-V", "--version"):
            print(f"menura {version('menura')}")
            return OK
        if (name := verb.replace("-", "_")) not in tasks:
            return _complain(f"menura: no verb {verb[:60]!r}{_hint(verb, tasks)}", MISUSED)
        kind, words = tasks[name][0], arguments[1:]
        if name in LIVE and "--live" in words:
            kind, words = LIVE[name], [word for word in words if word != "--live"]
        return resolve_name("menura.app.command:run")(resolve_name(kind), words)
    except KeyboardInterrupt:
        return _complain(f"menura {verb}: stopped", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at exit
        return FAILED
    except Exception as error:
        if os.environ.get("MENURA_DEBUG") == "1":
            raise
        return _complain(f"menura {verb}: {one_line(error)}", FAILED)


def overview(tasks: Mapping[str, tuple[str, str]] = TASKS) -> str:
    """What ``menura --help`` prints: the verbs, a line each."""
    width = max(map(len, tasks))
    verbs = "\n".join(f"  {name.replace('_', '-'):{width}}  {summary}" for name, (_, summary) in tasks.items())
    return (
        "Menura: make, train and understand sound.\n\n"
        f"usage: menura VERB …\n\n{verbs}\n\n"
        "menura VERB --help   what a verb takes\n"
        "menura --version     which version this is"
    )


def one_line(error: BaseException) -> str:
    """An error as one line for the person who sees it."""
    text = " ".join(str(error).split())
    if isinstance(error, MemoryError) or "can't allocate memory" in text:
        return "out of memory; ask for less, or close other programs"
    if isinstance(error, ModuleNotFoundError) and (how := explained(error)):
        return how
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}" if error.filename else error.strerror.lower()
    if isinstance(error, OSError | ValueError):
        return text or type(error).__name__
    return f"internal error, {type(error).__name__}: {text[:300]} (MENURA_DEBUG=1 shows where)"


def _hint(verb: str, tasks: Mapping[str, tuple[str, str]]) -> str:
    close = difflib.get_close_matches(verb, tasks, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(close)}?" if close else "; menura --help lists them"


def _complain(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code
