"""The Python face: a task as a function, with a signature and help drawn from its declaration."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from menura.app.watching import Watching, watched
from menura.app.wording import in_python
from menura.tasks.models import Models, model_folder
from menura.tasks.perform import perform
from menura.tasks.task import Refused, Result, Task, limits, spoken

RUN_PARAMETERS = (
    ("models", Models | None, None, "loaded models to use; default: those that earlier calls have loaded"),
    ("progress", Watching, None, "a function of steps done, of all and a name; a menura.Progress; True for a bar"),
    ("overwrite", bool, False, "whether files of the output may be replaced"),
)
_RAISES = (
    ("menura.Refused", "it cannot be done as asked; a ValueError whose one line says what would be right"),
    ("menura.Cancelled", "it was stopped, by `progress` or `menura.cancel_after`"),
    ("FileExistsError", "a file of the output exists, and `overwrite` is false"),
    ("OSError", "a file cannot be read or written"),
)
_models = Models()
"""Shared by all calls that are given none."""


def task_function(task: type[Task]) -> Callable[..., Any]:
    """A function that performs `task`: its one result, or a list where the request asks for several.

    Files are written only where ``output`` is given. What it raises stands in its help.
    """
    signature = _signature(task)

    def function(*values: Any, **named: Any) -> Result | list[Result]:
        try:
            given = signature.bind(*values, **named).arguments
        except TypeError as error:
            kind = task.variant(dict(zip(task.positional, values, strict=False)) | named)
            known = _signature(kind).parameters
            unknown = [name for name in named if name not in known]
            close = difflib.get_close_matches(unknown[0], known, 1) if unknown else []
            call = f"{task.name}({kind.variant_of and repr(kind.variant_of)})"
            raise TypeError(f"{call}: {error}{f'; did you mean {close[0]}?' if close else ''}") from None
        models, overwrite = given.pop("models", None), given.pop("overwrite", False)
        asked = given.pop("progress", None)
        progress = watched(asked, partial(in_python, task=task))
        try:
            with _in_python_s_words(task):
                request = task.build({spoken(name): value for name, value in given.items()})
                results = [one.result for one in perform(request, models or _models, progress, overwrite)]
                return results[0] if request.single() else results
        finally:
            if progress is not asked:
                progress.close()

    function.__name__ = function.__qualname__ = task.name
    function.__module__ = "menura"
    function.__doc__ = help_text(task)
    function.__signature__ = signature  # pyright: ignore[reportFunctionMemberAccess]
    return function


def load(model: str | Path, device: str = "cpu") -> Any:
    """Load a model that comes with Menura, by its name, or any model folder.

    Raises:
        menura.Refused: there is no such model, or its folder is not sound.
    """
    with _in_python_s_words():
        return resolve_name("menura.checkpoint:load")(model_folder(model), device)


@contextmanager
def _in_python_s_words(task: type[Task] | None = None) -> Iterator[None]:
    """What cannot be done is raised as `Refused`, and speaks of parameters where the command line has flags."""
    try:
        yield
    except FileExistsError as error:
        raise FileExistsError(in_python(str(error), task)) from error
    except ValueError as error:
        raise Refused(in_python(str(error), task)) from error


def _returned(task: type[Task]) -> str:
    """What a function returns, by its type's name and first line."""
    kind = task.result_type()
    about = inspect.getdoc(kind) or ""
    several = " or ".join(f"`{name}`" for name in task.counted_by) or "the request"
    more = (
        f" A list of them where {several} asks for several."
        if task.single is not Task.single or task.counted_by
        else ""
    )
    return f"{kind.__name__}: {about.partition(chr(10))[0]}{more}"


def _signature(task: type[Task]) -> inspect.Signature:
    parameters, fields = [], task.all_fields()
    for name in sorted(fields, key=lambda name: name not in task.positional):
        field = fields[name]
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if name in task.positional else inspect.Parameter.KEYWORD_ONLY
        default = inspect.Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
        parameters.append(inspect.Parameter(name, kind, default=default, annotation=field.annotation))
    for name, annotation, default, _ in RUN_PARAMETERS:
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(name, kind, default=default, annotation=annotation))
    kind = task.result_type()
    returned = kind if task.single is Task.single and not task.counted_by else kind | list[kind]
    return inspect.Signature(parameters, return_annotation=returned)


def help_text(task: type[Task]) -> str:
    """What ``help`` says of the function of a task."""
    lines = [inspect.cleandoc(task.__doc__ or ""), "", "Args:"]
    for name, field in task.all_fields().items():
        note = f" ({limits(field)})" if limits(field) else ""
        having = task.variants_with(name)
        whose = f"{', '.join(having)} alone: " if having else ""
        lines.append(f"    {name}: {whose}{in_python(field.description or '', task)}{note}.")
    lines += [f"    {name}: {text}." for name, _, _, text in RUN_PARAMETERS]
    lines += ["", "Returns:", f"    {_returned(task)}"]
    lines += ["", "Raises:", *(f"    {error}: {when}." for error, when in _RAISES)]
    return "\n".join(lines)
