"""Sidecars: the JSON file beside a result that says how it was made, from which it can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from menura import files

MAX_BYTES = 1 << 20


class Sidecar(BaseModel):
    """How a result was made.

    Attributes:
        menura: version of the package.
        task: the verb.
        parameters: every parameter, the output's name aside.
        seed: the seed used; None where nothing was random.
        models: name -> hash of configuration and weights, for each model that took part; older ones have that of the
            weights alone.
        inputs: parameter -> hash of the file it names; where it is null, of what a program gave in a file's place.
        soundfonts: name -> hash of the SoundFont that was found to play, where none was named.
        files: name -> hash, for each file of the result.
        remarks: what else is told of the result, as which notes of a melody begin a line; replaying needs none of it.
        created: UTC, ISO 8601.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    menura: str
    task: str
    parameters: dict[str, Any]
    seed: int | None = None
    models: dict[str, str] = {}
    inputs: dict[str, str] = {}
    soundfonts: dict[str, str] = {}
    files: dict[str, str] = {}
    remarks: dict[str, str] = {}
    created: str


def now(
    task: str,
    parameters: Mapping[str, Any],
    models: Mapping[str, str],
    inputs: Mapping[str, str],
    results: Mapping[str, str],
    soundfonts: Mapping[str, str] = MappingProxyType({}),
    remarks: Mapping[str, str] = MappingProxyType({}),
) -> Sidecar:
    """The sidecar of a result made at this moment by this version."""
    return Sidecar(
        menura=version("menura"),
        task=task,
        parameters=dict(parameters),
        seed=parameters.get("seed"),
        models=dict(models),
        inputs=dict(inputs),
        soundfonts=dict(soundfonts),
        files=dict(results),
        remarks=dict(remarks),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def write(path: Path, sidecar: Sidecar) -> None:
    """Write a sidecar whole or not at all, over none that exists."""
    files.write_json(path, sidecar.model_dump(mode="json"))


def read(path: Path | str) -> Sidecar:
    """Read an untrusted sidecar; its parameters are still to be checked by the task it names.

    Raises:
        ValueError: the file is not a sidecar; one line that says why.
        OSError: it cannot be read.
    """
    return checked(files.read_json(path, MAX_BYTES), str(path))


def checked(content: Mapping[str, Any], name: str) -> Sidecar:
    """The sidecar in an untrusted mapping that is called `name` in complaints.

    Raises:
        ValueError: it is not a sidecar; one line that says why.
    """
    try:
        return Sidecar.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])[:60]
        place = place if place.isprintable() else repr(place)
        raise ValueError(f"{name} is not a sidecar: {place}: {first['msg'].lower()}") from None
