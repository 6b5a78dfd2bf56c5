"""A script for several voices: lines of ``NAME: what is said``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NAME = re.compile(r"^[ \t]*(?:\*\*)?([^\W\d_][\w .'’-]{0,39}?)(?:\*\*)?[ \t]*:(?:\*\*)?(?=[ \t])", re.MULTILINE)


@dataclass(frozen=True)
class Line:
    """`text[start:end]` is said by `name`; `""` before anybody is named."""

    name: str
    start: int
    end: int


def read_script(text: str) -> list[Line]:
    """The lines of a script in order. One without a name goes on with what stands before it."""
    found = list(_NAME.finditer(text))
    starts = [match.start() for match in found]
    lines = [Line("", 0, starts[0] if found else len(text))]
    for match, end in zip(found, [*starts[1:], len(text)], strict=False):
        lines.append(Line(match[1].strip(), match.end(), end))
    return [line for line in lines if text[line.start : line.end].strip()]


def names(lines: Sequence[Line]) -> list[str]:
    """Who speaks, in the order in which they begin."""
    return list(dict.fromkeys(line.name for line in lines if line.name))
