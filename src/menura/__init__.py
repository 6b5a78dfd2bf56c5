"""Menura: make, train and understand sound.

Each task of the command line is a function here: ``menura.compose("a slow waltz", bars=8)``; ``help(menura.compose)``
shows its parameters, what it returns and what it raises. `load` and `save` are for models. Everything is imported when
it is first asked for.
"""

from __future__ import annotations

from importlib.metadata import version
from pkgutil import resolve_name
from types import ModuleType
from typing import Any

from menura import train
from menura.app.names import PLACES
from menura.tasks import TASKS

__all__ = sorted([*PLACES, *TASKS, "__version__"])  # pyright: ignore[reportUnsupportedDunderAll]


class _Train(ModuleType):
    """The package ``menura.train``, which can be called too: the task has the same name."""

    def __call__(self, *values: Any, **named: Any) -> Any:
        return _function("train")(*values, **named)

    @property
    def __signature__(self) -> Any:
        return _function("train").__signature__

    @property
    def __doc__(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return _function("train").__doc__


train.__class__ = _Train  # pyright: ignore[reportFunctionMemberAccess, reportAttributeAccessIssue]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value = version("menura")
    elif name in PLACES:
        value = resolve_name(PLACES[name])
    elif name in TASKS:
        value = _function(name)
    else:
        raise AttributeError(f"module 'menura' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)


def _function(name: str) -> Any:
    return resolve_name("menura.app.function:task_function")(resolve_name(TASKS[name][0]))
