"""Menura: make, train and understand sound.

Each task of the command line is a function here: ``menura.compose("a slow waltz", bars=8)``; ``help(menura.compose)``
shows its parameters. `load` and `save` are for models, `Models` keeps them loaded between calls. Everything is
imported when it is first asked for.
"""

from __future__ import annotations

from importlib.metadata import version
from pkgutil import resolve_name
from typing import Any

from menura.tasks import TASKS

_PLACES = {
    "Audio": "menura.audio.samples:Audio",
    "Models": "menura.tasks.models:Models",
    "Score": "menura.score.notes:Score",
    "load": "menura.app.function:load",
    "save": "menura.checkpoint:save",
}
_COMMAND_LINE_ONLY = {"train"}  # in Python that name is a package

__all__ = sorted([*_PLACES, *(TASKS.keys() - _COMMAND_LINE_ONLY), "__version__"])  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value = version("menura")
    elif name in _PLACES:
        value = resolve_name(_PLACES[name])
    elif name in TASKS and name not in _COMMAND_LINE_ONLY:
        value = resolve_name("menura.app.function:task_function")(resolve_name(TASKS[name][0]))
    else:
        raise AttributeError(f"module 'menura' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
