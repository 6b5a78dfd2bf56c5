"""The Python face: a task as a function, with a signature and help drawn from its declaration."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from menura.progress import Progress
from menura.tasks.models import Models, model_folder
from menura.tasks.perform import perform
from menura.tasks.task import Result, Task, limits

_RUN_PARAMETERS = (
    ("models", Models | None, None, "loaded models to share between calls"),
    ("progress", Progress | None, None, "reports, and where the work can be cancelled"),
    ("overwrite", bool, False, "whether files of the output may be replaced"),
)


def task_function(task: type[Task]) -> Callable[..., Result | list[Result]]:
    """A function that performs `task`: its one result, or a list where the request asks for several.

    Files are written only where ``output`` is given. It raises `ValueError` for a request that cannot be met.
    """
    signature = _signature(task)

    def function(*values: Any, **named: Any) -> Result | list[Result]:
        given = signature.bind(*values, **named).arguments
        models, progress = given.pop("models", None), given.pop("progress", None)
        overwrite = given.pop("overwrite", False)
        request = task.build(given)
        work = perform(request, models or Models(), progress or Progress(), overwrite)
        results = [one.result for one in work]
        return results[0] if request.single() else results

    function.__name__ = function.__qualname__ = task.name
    function.__module__ = "menura"
    function.__doc__ = _help(task)
    function.__signature__ = signature  # pyright: ignore[reportFunctionMemberAccess]
    return function


def load(model: str | Path, device: str = "cpu") -> Any:
    """Load a model that comes with Menura, by its name, or any model folder.

    Raises:
        ValueError: there is no such model, or its folder is not sound.
    """
    return resolve_name("menura.checkpoint:load")(model_folder(model), device)


def _signature(task: type[Task]) -> inspect.Signature:
    parameters = []
    for name in sorted(task.model_fields, key=lambda name: name not in task.positional):
        field = task.model_fields[name]
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if name in task.positional else inspect.Parameter.KEYWORD_ONLY
        default = inspect.Parameter.empty if field.is_required() else field.get_default(call_default_factory=True)
        parameters.append(inspect.Parameter(name, kind, default=default, annotation=field.annotation))
    for name, annotation, default, _ in _RUN_PARAMETERS:
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters.append(inspect.Parameter(name, kind, default=default, annotation=annotation))
    return inspect.Signature(parameters)


def _help(task: type[Task]) -> str:
    lines = [inspect.cleandoc(task.__doc__ or ""), "", "Args:"]
    for name, field in task.model_fields.items():
        note = f" ({limits(field)})" if limits(field) else ""
        lines.append(f"    {name}: {field.description or ''}{note}.")
    lines += [f"    {name}: {text}." for name, _, _, text in _RUN_PARAMETERS]
    return "\n".join(lines)
