"""Flags and help of one verb, drawn from its task's declaration. Values stay text here: the task checks them."""

from __future__ import annotations

import argparse
import difflib
import re
import shutil
import textwrap
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic.fields import FieldInfo

from menura.app.examples import EXAMPLES
from menura.tasks.task import Task, choices, limits, offered, plain_types, spoken, takes_several

_RUN_FLAGS = (
    ("--json", "print the result as JSON, for machines"),
    ("--quiet", "print nothing; a result that is not kept in files is printed alone"),
    ("--force", "overwrite files that are there"),
    ("--threads N", "processor threads to use (default: all)"),
    ("--help", "show this"),
)
_WORDS = "words"
_ARGPARSE_WORDS = re.compile(r"^argument (?:-o/)?(--[\w-]+).*: expected .*argument.*$")
_MIN_WIDTH, _MAX_WIDTH, _DESCRIPTION_COLUMN = 60, 110, 30


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line.

    Attributes:
        task: the declaration that holds for it: one of the verb's variants, or the verb's.
        values: field, as it is spoken -> text, list of texts or truth; only those that were given.
        json, quiet, force: as the flags of these names.
        threads: text of ``--threads``.
        more_files: to be done as the one among the values is, one after another.
        help: whether help was asked for.
    """

    task: type[Task]
    values: dict[str, Any]
    json: bool
    quiet: bool
    force: bool
    threads: str | None
    help: bool
    more_files: tuple[str, ...] = ()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(_ARGPARSE_WORDS.sub(r"\1: needs a value", message))


def parse(task: type[Task], arguments: Sequence[str]) -> Request:
    """Split the words after the verb into fields and flags; after ``--`` there are no more flags.

    A flag that takes several values takes all words that follow it, but for those that the verb itself still lacks and
    that are none of the values which the flag offers.

    Raises:
        ValueError: an unknown flag, a flag without its value, or a word too many; one line.
    """
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for name, field in task.all_fields().items():
        if name not in task.positional:
            _add_flag(parser, name, field)
    for flag in ("json", "quiet", "force"):
        parser.add_argument(f"--{flag}", action="store_true", dest=f"--{flag}")
    parser.add_argument("--threads", dest="--threads")
    parser.add_argument("-h", "--help", action="store_true", dest="--help")
    parser.add_argument(_WORDS, nargs="*")
    end = arguments.index("--") if "--" in arguments else len(arguments)
    found, unknown = parser.parse_known_intermixed_args(arguments[:end])
    given = vars(found)
    words = [*given.pop(_WORDS, []), *arguments[end + 1 :]]
    options = {name: given.pop(f"--{name}", False) for name in ("json", "quiet", "force", "help")}
    threads, places = given.pop("--threads", None), [spoken(name) for name in task.positional]
    kind = task.variant(dict(zip(places, words, strict=False)))
    if options["help"]:
        return Request(task=kind, values={}, threads=threads, **options)
    if unknown:
        raise ValueError(_unknown(kind, unknown[0]))
    several = {name: groups for name, groups in given.items() if isinstance(groups, list)}
    for name, groups in several.items():
        _give_back(words, len(places), groups, offered(_field(kind, name)))
    more_files = tuple(words[len(places) :]) if kind.takes_more_files else ()
    if len(words) > len(places) + len(more_files):
        wanted = " ".join(places) or "no words"
        shown = repr(words[len(places)][:60])
        raise ValueError(f"{shown} is one word too many: it takes {wanted}; put a sentence in quotes")
    given |= {name: [value for group in groups for value in group] for name, groups in several.items()}
    values = dict(zip(places, words, strict=False)) | given
    return Request(task=kind, values=values, threads=threads, more_files=more_files, **options)


def _give_back(words: list[str], wanted: int, groups: list[list[str]], offered: Container[str]) -> None:
    """Let the verb have the words it lacks of `wanted` from the last flag that took more than it offers."""
    for group in reversed(groups):
        taken: list[str] = []
        while len(words) + len(taken) < wanted and len(group) > 1 and group[-1] not in offered:
            taken.insert(0, group.pop())
        words += taken


def help_text(task: type[Task]) -> str:
    """What ``menura VERB --help`` prints: every field with its description, limits and default, then examples.

    Of a verb with variants it says how to see theirs.
    """
    width = min(max(shutil.get_terminal_size().columns, _MIN_WIDTH), _MAX_WIDTH)
    places = " ".join(_place(name, task.model_fields[name], task.takes_more_files) for name in task.positional)
    lines = [f"usage: menura {task.verb()} {places} [options]".replace("  ", " "), ""]
    lines += [textwrap.fill(part, width) for part in _paragraphs(task)]
    grouped = {name for names in task.groups.values() for name in names}
    rest = tuple(name for name in task.model_fields if name not in grouped and name not in task.positional)
    headings = {"": task.positional, **task.groups, "Options" if task.groups else "Options of this verb": rest}
    for heading, names in headings.items():
        if names:
            lines += ["", f"{heading}:"] if heading else [""]
            lines += [_entry(_term(task, name), _explained(task, name), width) for name in names]
    if variants := task.variants():
        place = _place(task.positional[0], task.model_fields[task.positional[0]])
        shown = f"  menura {task.verb()} {place} --help, of {', '.join(variants)}"
        lines += ["", f"Options of one {place.lower()}:", textwrap.fill(shown, width, subsequent_indent="    ")]
    lines += ["", "Options of every verb:", *(_entry(term, text, width) for term, text in _RUN_FLAGS)]
    if examples := EXAMPLES.get(task.name):
        lines += ["", "Examples:", *(f"  {example}" for example in examples)]
    return "\n".join(lines)


def _add_flag(parser: argparse.ArgumentParser, name: str, field: FieldInfo) -> None:
    words = spoken(name)
    spellings = dict.fromkeys((f"--{words.replace('_', '-')}", f"--{words}"))
    flags = [*(["-o"] if name == "output" else []), *spellings]
    if bool in plain_types(field):
        parser.add_argument(*flags, dest=words, action=argparse.BooleanOptionalAction)
    elif takes_several(field):
        parser.add_argument(*flags, dest=words, nargs="+", action="append")
    else:
        parser.add_argument(*flags, dest=words)


def _unknown(task: type[Task], word: str) -> str:
    flag = word.partition("=")[0]
    flags = [_flag(name) for name in task.model_fields if name not in task.positional]
    flags += [flag.split()[0] for flag, _ in _RUN_FLAGS]
    close = difflib.get_close_matches(flag, flags, n=2)
    of = f"{task.variant_of} has " if task.variant_of else ""
    return f"{of}no flag {flag[:60]}" + (f"; did you mean {' or '.join(close)}?" if close else "; --help lists them")


def _field(task: type[Task], name: str) -> FieldInfo:
    return next(field for own, field in task.all_fields().items() if spoken(own) == name)


def _flag(name: str) -> str:
    return f"--{spoken(name).replace('_', '-')}"


def _place(name: str, field: FieldInfo, more: bool = False) -> str:
    word = spoken(name).upper() + (" …" if takes_several(field) or more else "")
    return word if field.is_required() else f"[{word}]"


def _term(task: type[Task], name: str) -> str:
    field = task.model_fields[name]
    if name in task.positional:
        return _place(name, field, task.takes_more_files)
    if bool in plain_types(field):
        return f"--[no-]{_flag(name)[2:]}"
    kind = plain_types(field)[0]
    value = "A,B" if takes_several(field) else {int: "N", float: "X"}.get(kind, "TEXT")
    if choices(field):
        value = "|".join(choices(field))
    if name == "output" or name in task.inputs():
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
