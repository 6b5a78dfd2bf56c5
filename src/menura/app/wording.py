"""What is written for those who type commands, in the words of those who write Python."""

from __future__ import annotations

import re

from menura.models import FAMILIES
from menura.tasks.task import Task, plain_types, spoken

_FLAG = re.compile(
    r"--(?P<no>no-)?(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)"
    rf"(?: (?:(?P<number>\d+)|(?P<family>{'|'.join(FAMILIES)})|[A-Z]+)\b)?"
)


def in_python(text: str, task: type[Task] | None = None) -> str:
    """``--resume`` as ``resume=True``, ``--out FOLDER`` as ``out=…``, ``--init codec`` as ``init="codec"``.

    Args:
        text: with flags.
        task: whose flags they are, where it is known.
    """
    fields = {spoken(name): (name, field) for name, field in task.all_fields().items()} if task else {}

    def said(flag: re.Match[str]) -> str:
        name = flag["name"].replace("-", "_")
        if name == "force":
            return "overwrite=True"
        own, field = fields.get(name, (name, None))
        if field is not None and bool in plain_types(field):
            return f"{own}={not flag['no']}"
        value = f'"{flag["family"]}"' if flag["family"] else flag["number"] or "…"
        return f"{own}={value}"

    return _FLAG.sub(said, text)
