"""The log of a run: a line of JSON for every step and every check, each step once however often the run was resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from menura.files import write_bytes


class Log:
    """Appends to a log, after dropping what it says of steps that are about to be done again.

    Args:
        path: the file; it is made if need be.
        step: the last step that counts.
    """

    def __init__(self, path: Path, step: int) -> None:
        kept = [row for row in read(path) if row.get("step", 0) <= step] if path.exists() else []
        write_bytes(path, "".join(f"{json.dumps(row)}\n" for row in kept).encode(), overwrite=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a line; it is on its way to the disk when this returns."""
        self._file.write(json.dumps(row) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a log; one that a kill cut short is left out."""
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row
