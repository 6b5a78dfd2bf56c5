"""Tasks as clients ask for them: the files in them are such as the client has on the server, never paths."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any

from fastapi import Header
from starlette.datastructures import UploadFile

from menura.app.server import uploads
from menura.app.server.errors import Refusal
from menura.app.server.records import file_name
from menura.app.server.store import Store
from menura.tasks import TASKS
from menura.tasks.models import Models
from menura.tasks.task import Task, paths_in, spoken

_BLOCK_BYTES = 1 << 20
NOT_ASKED = {"output": "the server names the files", "device": "models compute where the server was told to"}
"""Fields that are the server's to say, and why they are refused."""


def task_class(name: str) -> type[Task]:
    """The task of a name.

    Raises:
        KeyError: there is none that is offered over HTTP.
    """
    kind: type[Task] = resolve_name(TASKS[name][0])
    if kind.is_local:
        raise KeyError(name)
    return kind


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="a word of the client's: what is asked with it again is not done twice, but answered as before",
    ),
]


def digest(given: Mapping[str, Any]) -> str:
    """What a request holds, in few signs: the same for equal parameters and files, however they travelled."""
    plain = {
        name: [file_name(value.filename), _digest_of_file(value)] if isinstance(value, UploadFile) else value
        for name, value in given.items()
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _digest_of_file(upload: UploadFile) -> str:
    content = hashlib.sha256()
    upload.file.seek(0)
    while block := upload.file.read(_BLOCK_BYTES):
        content.update(block)
    upload.file.seek(0)
    return content.hexdigest()


def check_text(given: Mapping[str, Any]) -> None:
    """Refuse what looks like text and is none: half of a surrogate pair, which JSON can spell and nothing can hold.

    Raises:
        Refusal: some name or value is.
    """
    try:
        json.dumps(given, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise Refusal(400, "the request holds half of a surrogate pair, which is no text") from None


def received(
    name: str, given: Mapping[str, Any], client: str, store: Store
) -> tuple[dict[str, Any], dict[str, tuple[Path, str]]]:
    """What a client asks, apart: parameters, and the file and its name for each parameter that takes one.

    Raises:
        Refusal: the client has no such file.
    """
    check_text(given)
    takes_file = {spoken(field) for field in task_class(name).inputs()}
    found = {
        field: uploads.find(value, field, client, store)
        for field, value in given.items()
        if field in takes_file and value is not None
    }
    return {field: value for field, value in given.items() if field not in takes_file}, found


def request(name: str, parameters: Mapping[str, Any], inputs: Mapping[str, Path], models: Models) -> Task:
    """A task from untrusted parameters and files that were received for it, by the names people call fields by.

    Raises:
        KeyError: there is no such task.
        ValueError: what is wrong with them, or that a model cannot do what it is named for, in one line.
    """
    kind = task_class(name)
    if asked := [name for name in NOT_ASKED if parameters.get(name) is not None and name in kind.model_fields]:
        raise ValueError(f"{asked[0]}: {NOT_ASKED[asked[0]]}")
    stray = (parameters.keys() - inputs.keys()) & {spoken(field) for field in kind.inputs()}
    task = kind.build({**parameters, **inputs})
    for field, value in task:
        paths = paths_in(value, field in kind.inputs())
        if spoken(field) in stray or any(path not in inputs.values() for path in paths):
            raise ValueError(f"{spoken(field)}: give the id of an upload, or job-…/name")
    task.check_models(models)
    return task
