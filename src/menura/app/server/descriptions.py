"""Tasks as HTTP describes them: their schemas for the page and for OpenAPI, drawn from their declarations."""

from __future__ import annotations

from functools import cache
from typing import Any

from menura.app.server.requests import NOT_ASKED, task_class
from menura.tasks import TASKS
from menura.tasks.models import Models
from menura.tasks.task import Task, spoken


@cache
def offered() -> dict[str, type[Task]]:
    """The tasks that are offered over HTTP."""
    found = {}
    for name in TASKS:
        try:
            found[name] = task_class(name)
        except KeyError:
            continue
    return found


@cache
def schema(kind: type[Task]) -> dict[str, Any]:
    """The JSON schema of a task's parameters, under the names people call them by."""
    whole = kind.model_json_schema()
    properties = {
        name: _property(name, kind, said) for name, said in whole["properties"].items() if name not in NOT_ASKED
    }
    described = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [name for name in whole.get("required", ()) if name not in NOT_ASKED]
    return (
        described | ({"required": required} if required else {}) | ({"$defs": d} if (d := whole.get("$defs")) else {})
    )


def description(name: str, models: Models | None = None) -> dict[str, Any]:
    """A task for those who draw a form of it; a field that names a model offers those of `models` that fit."""
    kind = offered()[name]
    paragraphs = [" ".join(part.split()) for part in (kind.__doc__ or "").split("\n\n")]
    groups = {
        heading: [spoken(field) for field in fields if field not in NOT_ASKED]
        for heading, fields in kind.groups.items()
    }
    return {
        "name": name,
        "category": kind.category,
        "summary": kind.summary(),
        "about": "\n\n".join(paragraphs[1:]),
        "positional": [spoken(field) for field in kind.positional],
        "groups": groups,
        "streams": kind.streams,
        "schema": schema(kind) if models is None else _with_models(schema(kind), models),
    }


def _with_models(described: dict[str, Any], models: Models) -> dict[str, Any]:
    properties = {
        name: said | ({"x-options": models.fitting(said["x-contract"])} if "x-contract" in said else {})
        for name, said in described["properties"].items()
    }
    return described | {"properties": properties}


def request_body(kind: type[Task]) -> dict[str, Any]:
    """What OpenAPI says of the body of a request for a task."""
    plain = schema(kind)
    files = {spoken(name) for name in kind.inputs()}
    parts = {
        name: {"type": "string", "format": "binary"} if name in files else said
        for name, said in plain["properties"].items()
    }
    content: dict[str, Any] = {"application/json": {"schema": plain}}
    if files:
        content["multipart/form-data"] = {"schema": plain | {"properties": parts}}
    return {"required": bool(plain.get("required")), "content": content}


def _property(name: str, kind: type[Task], said: dict[str, Any]) -> dict[str, Any]:
    """One property, with the alternative to null taken out: what is not asked for is left away."""
    kinds = [part for part in said.get("anyOf", ()) if part.get("type") != "null"]
    plain = {key: value for key, value in said.items() if key not in ("anyOf", "title")}
    if len(kinds) == 1:
        plain = kinds[0] | plain
    elif kinds:
        plain["anyOf"] = kinds
    if name in map(spoken, kind.inputs()):
        plain |= {"type": "string", "format": "file"}
    return plain
