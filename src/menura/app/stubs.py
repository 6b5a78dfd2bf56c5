"""The types of the Python face, for editors and type checkers: ``menura/__init__.pyi``, drawn from the declarations.

``python -m menura.app.stubs`` writes it anew.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from pkgutil import resolve_name
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from menura import files
from menura.app.function import RUN_PARAMETERS, help_text
from menura.app.names import PLACES
from menura.tasks import TASKS
from menura.tasks.inputs import Input, as_text
from menura.tasks.task import Result, Task

PLACE = Path(__file__).parents[1] / "__init__.pyi"
_HEAD = '''"""Written by ``python -m menura.app.stubs`` from the declarations of the tasks; not to be edited."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal, overload

from menura.app.watching import Watching
from menura.tasks.inputs import (
    CodesLike,
    DocumentLike,
    FileLike,
    LexiconLike,
    NotesLike,
    SidecarLike,
    SoundLike,
    TableLike,
    VoiceLike,
)
'''
_RUN_TYPES = {"models": "Models | None", "progress": "Watching", "overwrite": "bool"}


def text() -> str:
    """What the file should hold."""
    tasks: list[type[Task]] = [resolve_name(reference) for reference, _ in TASKS.values()]
    results = {task.result_type() for task in tasks} - {Result}
    places = {
        *PLACES.values(),
        *(f"{kind.__module__}:{kind.__qualname__}" for kind in (*results, Result)),
    }
    names = sorted(place.split(":") for place in places)
    imports = [f"from {module} import {name} as {name}" for module, name in names]
    parts = [_HEAD + "\n".join(imports), f"__all__ = {sorted([*PLACES, *TASKS, '__version__'])!r}\n__version__: str"]
    return "\n\n".join([*parts, *(part for task in tasks for part in _functions(task))]) + "\n"


def _functions(task: type[Task]) -> Iterator[str]:
    """The function of a task; several where what it returns depends on what it is given."""
    one, doc = task.result_type().__name__, textwrap.indent(f'"""{help_text(task)}\n"""', " " * 4)
    types = {name: _type_of(field) for name, field in task.model_fields.items()}
    if variants := task.variants():
        for value, kind in variants.items():
            own = {name: _type_of(field) for name, field in kind.model_fields.items()}
            own[task.positional[0]] = f"Literal[{value!r}]"
            yield "@overload\n" + _function(kind, own, one, "    ...")
        yield "@overload\n" + _function(task, types, one, doc)
        return
    if not task.counted_by:
        several = task.single is not Task.single
        yield _function(task, types, f"{one} | list[{one}]" if several else one, doc)
        return
    rests = {name: repr(task.model_fields[name].default) for name in task.counted_by}
    alone = {name: "None" if rest == "None" else f"Literal[{rest}]" for name, rest in rests.items()}
    yield "@overload\n" + _function(task, types | alone, one, doc)
    open_: dict[str, str] = {}
    for name in task.counted_by:
        counts = {"Literal[1]": one, _several(task.model_fields[name]): f"list[{one}]"}
        for count in (count for count in counts if count != alone[name]):
            counted = types | open_ | {name: count}
            yield "@overload\n" + _function(task, counted, counts[count], "    ...", needed=name)
        open_[name] = alone[name]
    yield "@overload\n" + _function(task, types, f"{one} | list[{one}]", "    ...")


def _function(task: type[Task], types: Mapping[str, str], returned: str, body: str, needed: str = "") -> str:
    lines = [f"def {task.name}("]
    names = sorted(task.model_fields, key=lambda name: name not in task.positional)
    for place, name in enumerate(names):
        if place == len(task.positional):
            lines.append("    *,")
        field = task.model_fields[name]
        default = "" if field.is_required() or name == needed else f" = {_default(field)}"
        lines.append(f"    {name}: {types[name]}{default},")
    if len(names) == len(task.positional):
        lines.append("    *,")
    lines += [f"    {name}: {_RUN_TYPES[name]} = {default!r}," for name, _, default, _ in RUN_PARAMETERS]
    return "\n".join([*lines, f") -> {returned}:", body])


def _several(field: FieldInfo) -> str:
    """More than one, as many as the field allows."""
    most = next(mark.le for mark in field.metadata if hasattr(mark, "le"))
    return f"Literal[{', '.join(map(str, range(2, most + 1)))}]"


def _default(field: FieldInfo) -> str:
    return repr(field.default) if isinstance(field.default, int | float | str | tuple | NoneType) else "..."


def _type_of(field: FieldInfo) -> str:
    found = list(dict.fromkeys(_types(field.annotation)))
    validators = [mark.func for mark in field.metadata if isinstance(mark, BeforeValidator)]
    if str in validators:  # numbers are taken too
        found += [found[0].replace("'", "")]
    elif as_text in validators:
        found += ["PathLike[str]"]
    elif validators:
        found += ["str"]
    return " | ".join([*(kind for kind in found if kind != "None"), *(["None"] if "None" in found else [])])


def _types(annotation: Any) -> Iterator[str]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _types(arguments[0])
    elif origin is Literal:
        yield f"Literal[{', '.join(map(repr, arguments))}]"
    elif origin is tuple:
        yield from ("str", f"Sequence[{' | '.join(_types(arguments[0]))}]")  # text is split at its commas
    elif origin is dict:
        yield f"Mapping[{', '.join(' | '.join(_types(part)) for part in arguments)}]"
    elif arguments:
        for part in arguments:
            yield from _types(part)
    elif annotation is Path:
        yield from ("str", "PathLike[str]")
    elif isinstance(annotation, type) and issubclass(annotation, Input):
        yield annotation.python
    else:
        yield "None" if annotation is NoneType else annotation.__name__


if __name__ == "__main__":
    files.write_bytes(PLACE, text().encode(), overwrite=True)
