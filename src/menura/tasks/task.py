"""A task: what a user can ask for, declared once. Every face (command line, Python, …) is drawn from it."""

from __future__ import annotations

import difflib
import secrets
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    Protocol,
    Self,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    runtime_checkable,
)

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from menura.files import slug
from menura.kinds import KINDS
from menura.progress import Progress
from menura.tasks.inputs import Input
from menura.tasks.models import Models

RESULT_SUFFIXES = tuple(suffix for kind in KINDS for suffix in kind.written)
"""Suffixes of the files that results may have."""

_MAX_SHOWN_CHARACTERS = 60
_MAX_COMPLAINTS = 6
_MAX_SEED = 2**31
_LIMIT_WORDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


Category = Literal["Music", "Voice", "Sound", "Listen", "Check", "Train"]
"""What a person wants when asking for a task, in the order of the page."""


class Refused(ValueError):
    """What was asked cannot be done as asked; one line for the person who asked, which says what would be right."""


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


def spoken(name: str) -> str:
    """A field's name as people write it: ``continue_``, so named because Python keeps the word, is ``continue``."""
    return name.rstrip("_")


@runtime_checkable
class Played(Protocol):
    """A result that a SoundFont played."""

    @property
    def soundfont(self) -> Path | None: ...


@runtime_checkable
class Remarked(Protocol):
    """A result of which its sidecar is to say more."""

    @property
    def remarks(self) -> Mapping[str, str]: ...


class Task(BaseModel):
    """Declare a task by deriving from this: a summary line, fields with descriptions and ranges, and `run`.

    A field named ``output`` is the stem of the files to write; where it is None nothing is written. A field named
    ``seed`` that is None is drawn when the task is performed. Text given for a tuple is split at its commas.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=False, arbitrary_types_allowed=False, alias_generator=spoken
    )

    name: ClassVar[str]
    """The verb; between its words, if it has several, stand underscores."""
    category: ClassVar[Category]
    """The heading that a page lists it under."""
    positional: ClassVar[tuple[str, ...]] = ()
    """Fields given without a flag, in order."""
    groups: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Headings of the help, each with its fields; fields in no group come last."""
    is_local: ClassVar[bool] = False
    """Whether it works on folders of this machine, and so is not offered to others over HTTP."""
    counted_by: ClassVar[tuple[str, ...]] = ()
    """Fields that say how many results there are, of which the first that is given counts; none of them for one."""
    older: ClassVar[Mapping[str, object]] = {}
    """What sidecars meant that were written before there was such a field."""
    streams: ClassVar[bool] = False
    """Whether it has `stream`."""
    takes_more_files: ClassVar[bool] = False
    """Whether the command line takes several files for its first word, and does each by itself."""
    variant_of: ClassVar[str] = ""
    """Of one of a task's `variants`: the value that asks for it."""

    @classmethod
    def verb(cls) -> str:
        """The name as it is written on a command line."""
        return cls.name.replace("_", "-")

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

    def check(self) -> None:
        """Look at what several fields say together; `build` calls it.

        Raises:
            ValueError: they contradict each other; the message begins with the name of a field.
        """

    def uses(self, _field: str) -> bool:
        """Whether what a field names is needed for what is asked, so that it has to be there."""
        return True

    def check_models(self, models: Models) -> None:
        """Look whether the models that are named can do what they are named for, before any work.

        Raises:
            Refused: one cannot, or there is none of that name.
        """
        for name, field in type(self).model_fields.items():
            contract, value = contract_of(field), vars(self)[name]
            if contract is not None and value is not None and self.uses(name):
                try:
                    models.require(value, contract)
                except ValueError as error:
                    raise Refused(f"{spoken(name)}: {error}") from None

    @classmethod
    def variants(cls) -> Mapping[str, type[Self]]:
        """The declarations with fields of their own, by the value of the first positional field that asks for each."""
        return {}

    @classmethod
    def variant(cls, values: Mapping[str, Any]) -> type[Self]:
        """The declaration that holds for some values: one of the variants, or this."""
        said = values.get(spoken(cls.positional[0])) if cls.positional else None
        return cls.variants().get(said, cls) if isinstance(said, str) else cls

    @classmethod
    def variants_with(cls, field: str) -> list[str]:
        """The values that ask for a variant with a field that this has not."""
        with_it = (value for value, variant in cls.variants().items() if field in variant.model_fields)
        return [] if field in cls.model_fields else list(with_it)

    @classmethod
    def all_fields(cls) -> dict[str, FieldInfo]:
        """Its fields, and after them those that only variants have."""
        fields = dict(cls.model_fields)
        for variant in cls.variants().values():
            fields |= {name: field for name, field in variant.model_fields.items() if name not in fields}
        return fields

    def single(self) -> bool:
        """Whether `run` yields exactly one result."""
        return next((count for name in self.counted_by if (count := vars(self)[name]) is not None), 1) == 1

    @classmethod
    def result_type(cls) -> type[Result]:
        """What `run` yields; the usual kind, where there are several."""
        kind = get_args(get_type_hints(cls.run)["return"])[0]
        return get_args(kind)[0] if get_origin(kind) in (Union, types.UnionType) else kind

    def names(self) -> tuple[str, ...]:
        """What is added to the stem of the files for each of the results, as far as that is known before the work."""
        return ("",)

    def suffixes(self) -> tuple[str, ...]:
        """Suffixes of the files that the results may have; one at the end of an output is not part of the stem."""
        return RESULT_SUFFIXES

    def sidecar_suffix(self) -> str:
        """Suffix of the sidecar beside the results."""
        return ".json"

    def default_output(self, source: Path) -> Path:
        """Stem of the files where nobody named one, after the first file that was given: where the program is."""
        return Path(f"{slug(source.stem)}-{self.name}".strip("-"))

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
        """The fields that name files to read, in whatever shape."""
        return tuple(
            name for name, field in cls.model_fields.items() if name != "output" and _holds_paths(field.annotation)
        )

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Self:
        """The task from untrusted values: the one place where they are checked, whichever face they came from.

        Fields are called as they are spoken, and not otherwise. Where values ask for a variant, it is one of that.

        Raises:
            Refused: one line that names every field that is wrong and what would be right.
        """
        kind = cls.variant(values)
        try:
            task = kind.model_validate(dict(values))
            task.check()
            return task
        except ValidationError as error:
            raise Refused("; ".join(_complaints(kind, error))) from None
        except ValueError as error:
            raise Refused(str(error)) from None

    @model_validator(mode="before")
    @classmethod
    def _split_at_commas(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: _split(value) if cls._is_tuple(name) else value for name, value in values.items()}

    @classmethod
    def _is_tuple(cls, name: str) -> bool:
        return any(spoken(own) == name and takes_several(field) for own, field in cls.model_fields.items())


def offers(values: Iterable[str]) -> dict[str, Any]:
    """What a field's schema says of the values that are known, where others are taken too: for forms."""
    return {"x-options": list(values)}


def offered(field: FieldInfo) -> tuple[str, ...]:
    """The values of which a field's `offers` says that they are known."""
    extra = field.json_schema_extra
    return tuple(map(str, extra.get("x-options", ()))) if isinstance(extra, dict) else ()  # pyright: ignore[reportArgumentType]


def contract_of(field: FieldInfo) -> str | None:
    """The contract that the model must keep which a field names (`menura.models.contract.needs`)."""
    extra = field.json_schema_extra
    return str(extra["x-contract"]) if isinstance(extra, dict) and "x-contract" in extra else None


def pairs(value: object) -> object:
    """``a=b,c=d`` as a mapping."""
    if not isinstance(value, str):
        return value
    parts = [part.partition("=") for part in value.split(",") if part.strip()]
    if wrong := [name for name, sign, _ in parts if not sign]:
        raise ValueError(f"{wrong[0][:40]!r} says nothing, write it as name=value")
    return {name.strip(): said.strip() for name, _, said in parts}


def plain_types(field: FieldInfo) -> tuple[Any, ...]:
    """The types a field accepts, without None and without limits: of ``Annotated[int, …] | None``, ``(int,)``."""
    return tuple(get_args(part)[0] if get_origin(part) is Annotated else part for part in _alternatives(field))


def paths_in(value: Any, text_too: bool = False) -> Iterator[Path]:
    """Every path in a checked value, however deep; with `text_too` also what may be one."""
    if isinstance(value, Input):
        value = value.path
    if isinstance(value, PurePath) or (text_too and isinstance(value, str)):
        yield Path(value)
    elif isinstance(value, BaseModel):
        yield from paths_in(dict(value), text_too)
    elif isinstance(value, Mapping):
        yield from paths_in(list(value.values()), text_too)
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for part in value:
            yield from paths_in(part, text_too)


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


def _holds_paths(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_holds_paths(field.annotation) for field in annotation.model_fields.values())
    is_path = isinstance(annotation, type) and issubclass(annotation, PurePath | Input)
    return is_path or any(_holds_paths(part) for part in get_args(annotation))


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
    names, phrases = {spoken(name): name for name in task.all_fields()}, {}
    for detail in error.errors(include_url=False):
        said = str(detail["loc"][0])
        if said not in phrases:
            phrases[said] = f"{_shown(said)}: {_complaint(task, names.get(said, said), detail)}"
    complaints = list(phrases.values())
    return (
        complaints
        if len(complaints) <= _MAX_COMPLAINTS
        else [*complaints[:_MAX_COMPLAINTS], f"and {len(complaints) - _MAX_COMPLAINTS} more"]
    )


def _complaint(task: type[Task], name: str, detail: ErrorDetails) -> str:
    kind, given, context = detail["type"], _shown(detail["input"]), detail.get("ctx", {})
    if kind == "missing":
        return "is needed"
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(name[:_MAX_SHOWN_CHARACTERS], map(spoken, task.model_fields), n=1)
        if having := task.variants_with(name):
            return f"is an option of {', '.join(having)} alone"
        message = f"{task.variant_of} has no such option" if task.variant_of else "no such parameter"
        return message + (f"; did you mean {close[0]}?" if close else "")
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
