"""The document that describes the server is true, and the page is let in and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import schemathesis
from hypothesis import HealthCheck, given, settings, strategies

from menura.app.server.descriptions import offered
from menura.tasks import TASKS
from menura.tasks.catalogue import catalogue
from menura.tasks.models import PRETRAINED

from .conftest import refusal
from .test_guard import without_lifespan

AS_IT_COMES = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
]


def test_whatever_is_sent_the_answer_is_one_of_those_described(shared, monkeypatch):
    monkeypatch.setattr("menura.app.server.workers.perform", lambda *_: ())  # what comes of jobs is tested elsewhere
    shared.app.state.server.settings = replace(shared.app.state.server.settings, max_queued_of_client=1)
    app = without_lifespan(shared.app)
    described = schemathesis.openapi.from_asgi("/openapi.json", app, headers={"host": "localhost"})
    tried = Counter()

    @settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=AS_IT_COMES)
    @given(data=strategies.data())
    def answered(operation, cases, data):
        case = data.draw(cases)
        if "/v1/tasks/" in operation.path:
            case.query = {**(case.query or {}), "wait": 0}
        answer = case.call(timeout=60, headers={"host": "localhost", "menura-client": "schemathesis"})
        described = operation.definition.raw["responses"]
        assert str(answer.status_code) in {*described, "405"}, (operation.label, answer.status_code, answer.text[:300])
        assert answer.status_code < 500, (operation.label, answer.text[:300])
        if answer.status_code >= 400:
            assert answer.json().keys() == {"error"}
        tried[operation.label] += 1

    for found in described.get_all_operations():
        operation = found.ok()  # pyright: ignore[reportAttributeAccessIssue]
        if not operation.path.endswith("/events"):  # a stream that ends with its job, tested by itself
            answered(operation=operation, cases=operation.as_strategy())
    assert len(tried) > 15
    assert sum(tried.values()) > 80
    for job in shared.get("/v1/jobs", headers={"menura-client": "schemathesis"}).json()["data"]:
        shared.app.state.server.workers.cancel(job["id"])


def test_every_task_that_may_be_offered_is(shared):
    data = shared.get("/v1/tasks").json()["data"]
    assert [task["name"] for task in data] == list(offered())
    assert offered().keys() | {"caption", "train", "doctor", "prepare", "replay", "fetch", "similar"} == TASKS.keys()
    paths = shared.get("/openapi.json").json()["paths"]
    assert {f"/v1/tasks/{name}" for name in offered()} <= paths.keys()


def test_a_task_s_schema_says_what_a_form_needs(shared):
    compose = next(task for task in shared.get("/v1/tasks").json()["data"] if task["name"] == "compose")
    fields = compose["schema"]["properties"]
    assert "output" not in fields
    assert fields["continue"]["format"] == "file"
    assert ".mid" in fields["continue"]["x-accept"]
    assert "flute" in fields["instruments"]["x-options"]
    assert "schubert" in fields["style"]["x-options"]
    assert len(fields["key"]["x-options"]) == 24
    assert (fields["bars"]["minimum"], fields["bars"]["maximum"]) == (1, 512)
    assert "flac" in fields["format"]["enum"]
    assert compose["positional"] == ["prompt"]
    assert compose["category"] == "Music"
    named = {name for names in compose["groups"].values() for name in names}
    assert named <= fields.keys()


def test_models_are_listed_with_their_cards(shared):
    listed = shared.get("/v1/models").json()
    assert listed["object"] == "list"
    by_name = {model["id"]: model for model in listed["data"]}
    assert by_name.keys() - catalogue() == {"small"} | {path.parent.name for path in PRETRAINED.glob("*/config.json")}
    assert by_name["score_lm"]["card"].startswith("# ")
    assert by_name["score_lm"]["owned_by"] == "menura"
    assert by_name["small"]["owned_by"] == "user"
    assert shared.get("/v1/models/small").json()["family"] == "codec"
    assert refusal(shared.get("/v1/models/none"))["type"] == "not_found_error"


def test_it_lives_and_is_ready_until_it_stops(serving):
    client = serving()
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    client.app.state.server.is_ready = False
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.post("/v1/tasks/styles", json={}).status_code == 503


def test_the_page_may_load_its_own_parts_and_nothing_else(shared):
    page = shared.get("/")
    assert page.status_code == 200
    assert "unsafe" not in page.headers["content-security-policy"]
    parts = [word.split('"')[0] for word in page.text.split('="')[1:] if word.startswith(("/", "./"))]
    assert parts
    for part in parts:
        assert shared.get(part.removeprefix(".")).status_code == 200
    assert shared.get("/assets/..%2findex.html").status_code == 404
    shared.cookies.clear()


def test_the_document_speaks_of_errors_in_one_shape(shared):
    described = shared.get("/openapi.json").json()
    assert "HTTPValidationError" not in json.dumps(described)
    for path in described["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorBody")


def test_the_document_says_who_may_ask_and_how(serving, tmp_path):
    """Security schemes, the key against doing things twice, and the WebSocket beside each stream."""
    for tokens, wanted in (((), [{}, {"client": []}]), (("a-token-of-mine",), [{"token": []}, {"cookie": []}])):
        client = serving(tokens=tokens, state=tmp_path / str(len(tokens)))
        described = client.get("/openapi.json", headers={"authorization": "Bearer a-token-of-mine"}).json()
        schemes = described["components"]["securitySchemes"]
        assert described["security"] == wanted
        assert {name for one in wanted for name in one} <= schemes.keys()
        assert (schemes["token"]["type"], schemes["token"]["scheme"]) == ("http", "bearer")
        for path, address in described["paths"].items():
            for operation in address.values():
                assert (operation.get("security") == []) == (path in ("/healthz", "/readyz", "/v1/session"))
    for path, address in described["paths"].items():
        for method, operation in address.items():
            keyed = any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
            assert keyed == (method == "post" and (path.startswith("/v1/tasks/") or path == "/v1/files")), path
    streams = {path: address["get"] for path, address in described["paths"].items() if path.startswith("/v1/stream/")}
    assert streams
    for operation in streams.values():
        assert "101" in operation["responses"]
        for message in (operation["x-websocket"]["send"], *operation["x-websocket"]["receive"]):
            reference = message.get("schema", {}).get("$ref", "#/components/schemas/StreamEnd")
            assert reference.rpartition("/")[2] in described["components"]["schemas"]
