"""What not everybody needs is installed by name, as ``pip install "menura[serve]"``; whoever lacks it is told how."""

from __future__ import annotations

import sys
from importlib.util import find_spec

EXTRAS: dict[str, tuple[str, ...]] = {
    "score": ("pretty_midi",),
    "media": ("av",),
    "train": ("tensorboard",),
    "eval": ("music21", "pesq", "pystoi", "sklearn", "transformers"),
    "serve": ("fastapi", "prometheus_client", "python_multipart", "starlette", "uvicorn", "websockets"),
    "speech": ("pypdf",),
    "scale": ("ray",),
}
"""Extra -> the modules that come with it."""


def how_to_install(extra: str) -> str:
    """The command that installs an extra for the Python that runs."""
    return f'{sys.executable or "python"} -m pip install "menura[{extra}]"'


def require(what: str, *modules: str) -> None:
    """Go on only if optional modules are there.

    Args:
        what: needs them.
        modules: each of an extra.

    Raises:
        ValueError: some are not; one line says how they are installed.
    """
    if missing := [module for module in modules if not is_there(module)]:
        raise ValueError(_lacking(what, missing))


def explained(error: ModuleNotFoundError) -> str | None:
    """What to say where a module of an extra was imported in vain; None where it is of none."""
    module = (error.name or "").partition(".")[0]
    return _lacking("this", [module]) if any(module in modules for modules in EXTRAS.values()) else None


def is_there(module: str) -> bool:
    """Whether a module can be imported."""
    return find_spec(module) is not None


def _lacking(what: str, modules: list[str]) -> str:
    extra = next(extra for extra, known in EXTRAS.items() if modules[0] in known)
    return f"{what} needs {', '.join(modules)}; this installs what it needs: {how_to_install(extra)}"
