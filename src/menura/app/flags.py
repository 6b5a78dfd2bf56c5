"""Flags and help of one verb, drawn from its task's declaration. Values stay text here: the task checks them."""

from __future__ import annotations

import argparse
import difflib
import re
import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic.fields import FieldInfo

from menura.tasks.task import Task, choices, limits, plain_types, spoken, takes_several

_RUN_FLAGS = (
    ("--json", "print the result as JSON, for machines"),
    ("--quiet", "print nothing but the result"),
    ("--force", "overwrite files that are there"),
    ("--threads N", "processor threads to use (default: all)"),
    ("--help", "show this"),
)
_ARGPARSE_WORDS = re.compile(r"^argument (?:-o/)?(--[\w-]+).*: expected .*argument.*$")
_MIN_WIDTH, _MAX_WIDTH, _DESCRIPTION_COLUMN = 60, 110, 30


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line.

    Attributes:
        values: field -> text, list of texts or truth; only those that were given.
        json, quiet, force: as the flags of these names.
        threads: text of ``--threads``.
        help: whether help was asked for.
    """

    values: dict[str, Any]
    json: bool
    quiet: bool
    force: bool
    threads: str | None
    help: bool


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(_ARGPARSE_WORDS.sub(r"\1: needs a value", message))


def parse(task: type[Task], arguments: Sequence[str]) -> Request:
    """Split the words after the verb into fields and flags.

    Raises:
        ValueError: an unknown flag, or a flag without its value; one line.
    """
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for name in task.positional:
        several = takes_several(task.model_fields[name])
        parser.add_argument(name, nargs="*" if several else "?", metavar=spoken(name))
    for name, field in task.model_fields.items():
        if name not in task.positional:
            _add_flag(parser, name, field)
    for flag in ("json", "quiet", "force"):
        parser.add_argument(f"--{flag}", action="store_true", dest=f"--{flag}")
    parser.add_argument("--threads", dest="--threads")
    parser.add_argument("-h", "--help", action="store_true", dest="--help")
    found, unknown = parser.parse_known_args(arguments)
    given = vars(found)
    if unknown and not given.get("--help"):
        raise ValueError(_unknown(task, unknown[0]))
    options = {name: given.pop(f"--{name}", False) for name in ("json", "quiet", "force", "help")}
    threads = given.pop("--threads", None)
    return Request(values={name: value for name, value in given.items() if value != []}, threads=threads, **options)


def help_text(task: type[Task]) -> str:
    """What ``menura VERB --help`` prints: every field with its description, limits and default."""
    width = min(max(shutil.get_terminal_size().columns, _MIN_WIDTH), _MAX_WIDTH)
    places = " ".join(_place(name, task.model_fields[name]) for name in task.positional)
    lines = [f"usage: menura {task.name} {places} [options]".replace("  ", " "), ""]
    lines += [textwrap.fill(part, width) for part in _paragraphs(task)]
    grouped = {name for names in task.groups.values() for name in names}
    rest = tuple(name for name in task.model_fields if name not in grouped and name not in task.positional)
    headings = {"": task.positional, **task.groups, "Options" if task.groups else "Options of this verb": rest}
    for heading, names in headings.items():
        if names:
            lines += ["", f"{heading}:"] if heading else [""]
            lines += [_entry(_term(task, name), _explained(task, name), width) for name in names]
    lines += ["", "Options of every verb:", *(_entry(term, text, width) for term, text in _RUN_FLAGS)]
    return "\n".join(lines)


def _add_flag(parser: argparse.ArgumentParser, name: str, field: FieldInfo) -> None:
    words = spoken(name)
    spellings = dict.fromkeys((f"--{words.replace('_', '-')}", f"--{words}"))
    flags = [*(["-o"] if name == "output" else []), *spellings]
    if bool in plain_types(field):
        parser.add_argument(*flags, dest=name, action=argparse.BooleanOptionalAction)
    elif takes_several(field):
        parser.add_argument(*flags, dest=name, nargs="+", action="extend")
    else:
        parser.add_argument(*flags, dest=name)


def _unknown(task: type[Task], word: str) -> str:
    if not word.startswith("-"):
        wanted = " ".join(spoken(name) for name in task.positional) or "no words"
        return f"{word[:60]!r} is one word too many: it takes {wanted}; put a sentence in quotes"
    flag = word.partition("=")[0]
    flags = [_flag(name) for name in task.model_fields if name not in task.positional]
    flags += [flag.split()[0] for flag, _ in _RUN_FLAGS]
    close = difflib.get_close_matches(flag, flags, n=2)
    return f"no flag {flag[:60]}" + (f"; did you mean {' or '.join(close)}?" if close else "; --help lists them")


def _flag(name: str) -> str:
    return f"--{spoken(name).replace('_', '-')}"


def _place(name: str, field: FieldInfo) -> str:
    word = spoken(name).upper() + (" …" if takes_several(field) else "")
    return word if field.is_required() else f"[{word}]"


def _term(task: type[Task], name: str) -> str:
    field = task.model_fields[name]
    if name in task.positional:
        return _place(name, field)
    if bool in plain_types(field):
        return f"--[no-]{_flag(name)[2:]}"
    kind = plain_types(field)[0]
    value = "A,B" if takes_several(field) else {int: "N", float: "X"}.get(kind, "TEXT")
    if choices(field):
        value = "|".join(choices(field))
    if "Path" in getattr(kind, "__name__", ""):
        value = "FILE"
    return f"{'-o, ' if name == 'output' else ''}{_flag(name)} {value}"


def _explained(task: type[Task], name: str) -> str:
    """A field's description, and whether it may come from stdin or go to stdout."""
    pipe = ""
    if not task.is_local and name in task.positional and name in task.inputs():
        pipe = "; - for stdin"
    elif name == "output" and not task.is_local:
        pipe = "; - for stdout"
    return _description(task.model_fields[name]) + pipe


def _description(field: FieldInfo) -> str:
    notes = [limits(field)]
    default = field.default
    if not field.is_required() and default is not None and default not in ((), "", False):
        shown = ",".join(map(str, default)) if isinstance(default, tuple) else str(default)
        notes.append(f"default {'yes' if default is True else shown}")
    text = field.description or ""
    noted = "; ".join(note for note in notes if note)
    return f"{text} ({noted})" if noted else text


def _entry(term: str, text: str, width: int) -> str:
    indent = " " * _DESCRIPTION_COLUMN
    lead = f"  {term}"
    if len(lead) > _DESCRIPTION_COLUMN - 2:
        return f"{lead}\n{textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent)}"
    return textwrap.fill(text, width, initial_indent=f"{lead:{_DESCRIPTION_COLUMN}}", subsequent_indent=indent)


def _paragraphs(task: type[Task]) -> list[str]:
    """The docstring's first line, and what follows it up to a section such as ``Attributes:``."""
    paragraphs = [" ".join(part.split()) for part in (task.__doc__ or "").split("\n\n")]
    return [part for part in paragraphs if part and not part.split()[0].endswith(":")]
