"""A task: what a user can ask for, declared once. Every face (command line, Python, …) is drawn from it."""

from __future__ import annotations

import difflib
import secrets
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self, Union, get_args, get_origin, runtime_checkable

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from menura.progress import Progress
from menura.tasks.models import Models

RESULT_SUFFIXES = (".json", ".mid", ".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".png", ".zip")
"""Suffixes of the files that pieces of music may have."""

_MAX_SHOWN_CHARACTERS = 60
_MAX_COMPLAINTS = 6
_MAX_SEED = 2**31
_LIMIT_WORDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".m4a", ".mp4", ".webm", ".mov")
"""Suffixes of files that can be read as sound."""


@dataclass(frozen=True)
class Stream:
    """Sound as it is made.

    Attributes:
        sample_rate_hz, num_channels: of every part.
        num_samples: of the whole, in each channel; None where that is not known yet.
        parts: float32 ``[channel, sample]``, one after another.
    """

    sample_rate_hz: int
    num_channels: int
    num_samples: int | None
    parts: Iterator[np.ndarray]


@runtime_checkable
class Result(Protocol):
    """What a task yields."""

    def summary(self) -> Mapping[str, Any]:
        """What to tell a person, or a machine in JSON: plain values, lists of them, or rows (a list of mappings)."""
        ...


@runtime_checkable
class FileResult(Result, Protocol):
    """A result that can be kept as files. `name` is added to the stem of the files (``""``, ``"-2"``)."""

    @property
    def name(self) -> str: ...

    def save(self, stem: Path, overwrite: bool = False) -> list[Path]:
        """Write the files ``<stem>.<suffix>`` and return their paths."""
        ...


class Task(BaseModel):
    """Declare a task by deriving from this: a summary line, fields with descriptions and ranges, and `run`.

    A field named ``output`` is the stem of the files to write; where it is None nothing is written. A field named
    ``seed`` that is None is drawn when the task is performed. Text given for a tuple is split at its commas.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False, arbitrary_types_allowed=False)

    name: ClassVar[str]
    """The verb."""
    positional: ClassVar[tuple[str, ...]] = ()
    """Fields given without a flag, in order."""
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Headings of the help, each with its fields; fields in no group come last."""
    is_local: ClassVar[bool] = False
    """Whether it works on folders of this machine, and so is not offered to others over HTTP."""
    streams: ClassVar[bool] = False
    """Whether it has `stream`."""

    def run(self, models: Models, progress: Progress) -> Iterator[Result]:
        """Do the work, yielding results as they become ready.

        Raises:
            ValueError: the request cannot be met; the message is one line for the person who asked.
            menura.progress.Cancelled: `progress` was told to stop.
        """
        raise NotImplementedError

    def stream(self, models: Models, progress: Progress) -> Stream:
        """The sound of the result as it is made; its parts, joined, are the sound of the result of `run`.

        Raises:
            ValueError, menura.progress.Cancelled: as `run`.
        """
        raise NotImplementedError(f"{self.name} does not stream")

    def single(self) -> bool:
        """Whether `run` yields exactly one result."""
        return True

    def suffixes(self) -> tuple[str, ...]:
        """Suffixes of the files that the results may have; one at the end of an output is not part of the stem."""
        return RESULT_SUFFIXES

    def sidecar_suffix(self) -> str:
        """Suffix of the sidecar beside the results."""
        return ".json"

    def recorded(self) -> Task:
        """The task that goes into the sidecar of a result."""
        return self

    def seeded(self) -> Self:
        """The same task with its seed drawn, if it has one that is still open."""
        if "seed" in type(self).model_fields and vars(self)["seed"] is None:
            return self.model_copy(update={"seed": secrets.randbelow(_MAX_SEED)})
        return self

    @classmethod
    def inputs(cls) -> tuple[str, ...]:
        """The fields that name files to read."""
        return tuple(
            name for name, field in cls.model_fields.items() if name != "output" and Path in plain_types(field)
        )

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Self:
        """The task from untrusted values: the one place where they are checked, whichever face they came from.

        Fields may be called as they are spoken.

        Raises:
            ValueError: one line that names every field that is wrong and what would be right.
        """
        try:
            names = {spoken(name): name for name in cls.model_fields}
            return cls.model_validate({names.get(name, name): value for name, value in values.items()})
        except ValidationError as error:
            raise ValueError("; ".join(_complaints(cls, error))) from None

    @model_validator(mode="before")
    @classmethod
    def _split_at_commas(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: _split(value) if cls._is_tuple(name) else value for name, value in values.items()}

    @classmethod
    def _is_tuple(cls, name: str) -> bool:
        field = cls.model_fields.get(name)
        return field is not None and takes_several(field)


def takes(*suffixes: str) -> dict[str, Any]:
    """What a field's schema says of the files it takes: for pages that draw a form."""
    return {"x-accept": list(suffixes)}


def offers(values: Iterable[str]) -> dict[str, Any]:
    """What a field's schema says of the values that are known, where others are taken too: for pages likewise."""
    return {"x-options": list(values)}


def spoken(name: str) -> str:
    """A field's name as people write it: ``continue_``, so named because Python keeps the word, is ``continue``."""
    return name.rstrip("_")


def plain_types(field: FieldInfo) -> tuple[Any, ...]:
    """The types a field accepts, without None and without limits: of ``Annotated[int, …] | None``, ``(int,)``."""
    return tuple(get_args(part)[0] if get_origin(part) is Annotated else part for part in _alternatives(field))


def takes_several(field: FieldInfo) -> bool:
    """Whether a field is a tuple."""
    return any(get_origin(kind) is tuple for kind in plain_types(field))


def choices(field: FieldInfo) -> tuple[str, ...]:
    """The values of a field that takes one of a few (a ``Literal``)."""
    return tuple(str(value) for kind in plain_types(field) if get_origin(kind) is Literal for value in get_args(kind))


def limits(field: FieldInfo) -> str:
    """The limits of a number in words: ``"20–300"``, ``"above 0 and at most 1"``, or ``""``."""
    marks = list(field.metadata)
    for part in _alternatives(field):
        if get_origin(part) is Annotated:
            marks += [mark for note in part.__metadata__ for mark in getattr(note, "metadata", [note])]
    found = {name: getattr(mark, name) for mark in marks for name in _LIMIT_WORDS if hasattr(mark, name)}
    if found.keys() == {"ge", "le"}:
        return f"{found['ge']}–{found['le']}"
    return " and ".join(f"{word} {found[name]}" for name, word in _LIMIT_WORDS.items() if name in found)


def _alternatives(field: FieldInfo) -> tuple[Any, ...]:
    if get_origin(field.annotation) in (Union, types.UnionType):
        return tuple(part for part in get_args(field.annotation) if part is not type(None))
    return (field.annotation,)


def _split(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        return value
    parts = []
    for item in value:
        parts += [piece.strip() for piece in item.split(",") if piece.strip()] if isinstance(item, str) else [item]
    return parts


def _complaints(task: type[Task], error: ValidationError) -> list[str]:
    """One phrase for each field that is wrong, in the same words on every face."""
    phrases: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        field = str(detail["loc"][0])
        if field not in phrases:
            phrase = _complaint(task, field, detail)
            phrases[field] = f"{_shown(spoken(field))}: {phrase}"
    told = list(phrases.values())
    return (
        told if len(told) <= _MAX_COMPLAINTS else [*told[:_MAX_COMPLAINTS], f"and {len(told) - _MAX_COMPLAINTS} more"]
    )


def _complaint(task: type[Task], name: str, detail: ErrorDetails) -> str:
    kind, given, context = detail["type"], _shown(detail["input"]), detail.get("ctx", {})
    if kind == "missing":
        return "is needed"
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(name[:_MAX_SHOWN_CHARACTERS], task.model_fields, n=1)
        return "no such parameter" + (f"; did you mean {spoken(close[0])}?" if close else "")
    if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        wanted = limits(task.model_fields[name])
        return f"{given} is not {'in ' if '–' in wanted else ''}{wanted}"
    if kind in ("int_parsing", "int_from_float", "int_type", "int_parsing_size"):
        return f"{given} is not a whole number"
    if kind in ("float_parsing", "float_type", "finite_number"):
        return f"{given} is not a number"
    if kind in ("path_type", "path_parsing"):
        return f"{given} is not a file's name"
    if kind in ("bool_parsing", "bool_type"):
        return f"{given} is not yes or no"
    if kind == "literal_error":
        return f"{given} is not one of {', '.join(choices(task.model_fields[name])) or context['expected']}"
    if kind == "string_too_long":
        return f"{len(detail['input'])} characters are more than {context['max_length']}"
    if kind in ("string_too_short", "too_short"):
        return "is empty" if context.get("min_length") == 1 else f"{given} is shorter than {context['min_length']}"
    if kind == "too_long":
        return f"more than {context['max_length']} given"
    if kind in ("value_error", "assertion_error"):
        return " ".join(str(context["error"]).split())
    return f"{given}: {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _shown(value: Any) -> str:
    return _shortened(value if isinstance(value, str) and value.isprintable() and value.strip() else repr(value))


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN_CHARACTERS else text[: _MAX_SHOWN_CHARACTERS - 1] + "…"
