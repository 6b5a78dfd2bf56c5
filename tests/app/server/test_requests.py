"""No client reaches a path of the server: a file is an upload or a result of its own, a model one that is offered."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from menura.app.server.descriptions import offered, schema
from menura.app.server.requests import request
from menura.audio import Audio, write
from menura.tasks.models import PRETRAINED, Models
from menura.tasks.task import Task, choices, plain_types

from .conftest import refusal

_JSON = {"content-type": "application/json"}

NUMBERS = {int, float, bool}
WORDS = ("prompt", "text", "lyrics")
"""Fields that take any words, a path among them: they are sung, spoken or composed of."""
FIELDS = [
    (verb, name)
    for verb, kind in offered().items()
    for name, field in kind.model_fields.items()
    if not NUMBERS.issuperset(plain_types(field)) and not choices(field) and name not in WORDS
]
"""Verb and field, wherever text is taken."""
SPELLINGS = [(verb, name, said) for verb, name in FIELDS for said in sorted({name, name.rstrip("_"), f"{name}_"})]


@pytest.fixture(scope="module")
def private(tmp_path_factory, tunes) -> Path:
    """A folder with what tasks could well read: sound, notes and models that are nobody's business."""
    folder = tmp_path_factory.mktemp("private")
    write(Audio(np.full((1, 8000), 0.1, np.float32), 8000), folder / "mine.wav")
    shutil.copy(next(tunes(1).iterdir()), folder / "mine.mid")
    shutil.copytree(PRETRAINED / "codec", folder / "mine")
    return folder


def private_path(verb: str, name: str, private: Path) -> Path:
    """Of the kind that the field would take."""
    field = offered()[verb].model_fields[name]
    if Path not in plain_types(field):
        return private / "mine"
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return private / ("mine.mid" if ".mid" in extra.get("x-accept", ()) else "mine.wav")


def answers(client, verb: str, given: dict[str, str]) -> Iterator[tuple[str, str]]:
    """How it ended, and what was told, over every face."""
    address = f"/v1/tasks/{verb}?wait=60"
    alike = [
        client.post(address, json=given).json(),
        client.post(address, json={name: [value] for name, value in given.items()}).json(),
        client.post(address, files={name: (None, value) for name, value in given.items()}).json(),
    ]
    if offered()[verb].streams:
        alike.append(client.get(f"/v1/stream/{verb}", params=given).json())
        with client.websocket_connect(f"ws://localhost/v1/stream/{verb}") as socket:
            socket.send_json(given)
            alike.append(socket.receive_json())
    for answer in alike:
        yield answer.get("status", "refused"), (answer["error"] or {}).get("message", "")


@pytest.mark.parametrize(("verb", "name", "said"), SPELLINGS)
def test_a_path_of_the_server_is_not_reached_through_any_field(shared, private, verb, name, said):
    """What is there is answered as what is not there: it is neither read, nor is it told that it exists."""
    kind = offered()[verb]
    needed = {other: "file-none" for other in kind.inputs() if kind.model_fields[other].is_required()}
    given = needed | {said: str(private_path(verb, name, private))}
    there = list(answers(shared, verb, given))
    private.rename(private.with_name("away"))
    not_there = list(answers(shared, verb, given))
    private.with_name("away").rename(private)
    assert there == not_there
    assert {ended for ended, _ in there} <= {"refused", "failed"}


class Named(BaseModel):
    file: Path | None = None


class Curious(Task):
    """Take files in every shape a declaration may have."""

    name: ClassVar[str] = "curious"

    one: Annotated[Path | None, Field(description="a file")] = None
    either: Annotated[str | Path | None, Field(description="a file, or words")] = None
    several: Annotated[tuple[Path, ...], Field(description="files")] = ()
    pair: Annotated[tuple[int, Path] | None, Field(description="a file and a number")] = None
    named: Annotated[dict[str, Path] | None, Field(description="files by names")] = None
    inner: Annotated[Named | None, Field(description="a file further in")] = None
    mixed: Annotated[tuple[int | dict[str, tuple[Named, ...]], ...], Field(description="files far in")] = ()
    from_: Annotated[Path | None, Field(description="a file under a name that Python keeps")] = None
    output: Annotated[Path | None, Field(description="stem of the files to write")] = None


@pytest.mark.parametrize(
    "given",
    [
        {"one": "/secret"},
        {"either": "/secret"},
        {"several": ["/secret"]},
        {"pair": [1, "/secret"]},
        {"named": {"a": "/secret"}},
        {"inner": {"file": "/secret"}},
        {"mixed": [3, {"a": [{"file": None}, {"file": "/secret"}]}]},
        {"from": "/secret"},
        {"from_": "/secret"},
        {"output": "/secret"},
        {"one": "/upload/../secret"},
    ],
)
def test_no_shape_of_a_declaration_lets_a_path_through(monkeypatch, given: dict[str, Any]):
    """It is what was understood that is looked at, not what was said: a field yet to be declared is kept as well."""
    monkeypatch.setattr("menura.app.server.requests.task_class", lambda _name: Curious)
    with pytest.raises(ValueError, match=r"^\w+: "):
        request("curious", given, {}, Models())


def test_where_models_compute_is_the_server_s_to_say(shared):
    """No client chooses a device, and none is offered one."""
    for verb, kind in offered().items():
        assert not {"device", "output"} & schema(kind)["properties"].keys()
        if "device" in kind.model_fields:
            needed = {name: "file-none" for name in kind.inputs() if kind.model_fields[name].is_required()}
            for device in ("cpu", "cuda"):
                with pytest.raises(ValueError, match=r"^device: models compute where the server was told to$"):
                    request(verb, needed | {"device": device}, {}, Models())
    answer = shared.post("/v1/tasks/sample", json={"device": "cuda"})
    assert (answer.status_code, refusal(answer)["param"]) == (400, "device")


@pytest.mark.parametrize("field", [{"array": [0.1] * 9, "sampling_rate": 8000}, [8000, [0.1]], "RIFF", 3, True, {}])
def test_only_what_was_sent_as_a_file_is_one(shared, field):
    """What Python programs may give in a file's place is nothing that a client may."""
    for verb, name in (("encode", "file"), ("render", "file"), ("decode", "file"), ("sample", "prime")):
        assert refusal(shared.post(f"/v1/tasks/{verb}", json={name: field}))["param"] == name
        with pytest.raises(ValueError, match=rf"^{name}: "):
            request(verb, {name: field}, {}, Models())


def test_what_was_received_is_taken_and_nothing_beside_it(monkeypatch):
    monkeypatch.setattr("menura.app.server.requests.task_class", lambda _name: Curious)
    task = request("curious", {}, {"from": Path("/upload")}, Models())
    assert isinstance(task, Curious)
    assert task.from_ == Path("/upload")
    with pytest.raises(ValueError, match=r"^several: give the id of an upload"):
        request("curious", {"several": "/upload,/secret"}, {"from": Path("/upload")}, Models())


_TEXTS = st.text(st.characters(), max_size=5) | st.sampled_from(["\ud800", "a\udfff", "\x00", "\u202e", "😀"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
_FIELDS = st.sampled_from(["prompt", "bars", "key", "continue", "file", "model", "seed", "instruments"]) | _TEXTS


@settings(max_examples=60, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(task=st.sampled_from(["compose", "encode", "evaluate"]), asked=st.dictionaries(_FIELDS, _VALUES, max_size=4))
def test_whatever_json_can_spell_is_answered_in_words_and_can_be_listed(shared, task, asked):
    """Half signs, signs that end strings or turn them round, huge numbers, lists in lists: never an error of ours."""
    for options in ({}, {"idempotency-key": "one"}):
        answer = shared.post(f"/v1/tasks/{task}", content=json.dumps(asked), headers=_JSON | options)
        assert answer.status_code in (202, 400, 422, 429), answer.text
        if answer.status_code != 202:
            refusal(answer)
        else:
            shared.post(f"/v1/jobs/{answer.json()['id']}/cancel")
    assert shared.get("/v1/jobs").status_code == 200


@pytest.mark.parametrize(
    "asked", ['{"\\ud800": 1}', '{"prompt": "\\udfff"}', '{"instruments": ["\\ud800"]}', '{"a": {"\\ud8ff": 1}}']
)
def test_half_a_sign_is_refused_wherever_it_stands(shared, asked):
    assert "no text" in refusal(shared.post("/v1/tasks/compose", content=asked, headers=_JSON))["message"]
    assert shared.post("/v1/session", content=asked, headers=_JSON).status_code == 400
    with shared.websocket_connect("ws://localhost/v1/stream/decode") as stream:
        stream.send_text(asked)
        assert stream.receive_json()["type"] == "error"


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "utf-16-le", "idna", "no-such", "rot13"])
def test_a_form_in_a_strange_alphabet_is_answered_in_words(shared, charset):
    head = b'--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n'
    content = head + b"\\ud800 +2AA- x\r\n--b--\r\n"
    kind = {"content-type": f"multipart/form-data; boundary=b; charset={charset}"}
    answer = shared.post("/v1/tasks/compose", content=content, headers=kind)
    assert answer.status_code in (202, 400), answer.text
    if answer.status_code == 202:
        shared.post(f"/v1/jobs/{answer.json()['id']}/cancel")
