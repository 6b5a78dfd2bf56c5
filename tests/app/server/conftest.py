"""A server with a codec small enough for tests, and clients that ask it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient

from menura import checkpoint
from menura.app.server.api import create_app
from menura.app.server.settings import Settings
from menura.audio import Audio, write
from menura.models.codec.model import Codec, tiny

COMPOSE = {"prompt": "a waltz for piano, 2 bars", "seed": 3, "n": 1, "rate": 8000}


@pytest.fixture(scope="session")
def shelf(tmp_path_factory) -> Path:
    """A folder of models: an untaught codec whose codebooks have seen its latents."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        model = Codec(tiny()).train()
        for _ in range(170):
            model.quantizer(model.encode_latents(0.1 * torch.randn(2, 40 * model.hop_samples)))
    return checkpoint.save(model.eval(), tmp_path_factory.mktemp("models") / "small", {}).parent


@pytest.fixture(scope="session")
def sound(tmp_path_factory) -> Path:
    """A second and a half of stereo noise at 16 kHz."""
    samples = 0.1 * np.random.default_rng(0).standard_normal((2, 24_000)).astype(np.float32)
    path = tmp_path_factory.mktemp("sound") / "in.wav"
    write(Audio(samples, 16_000), path)
    return path


@pytest.fixture
def settings(tmp_path, shelf) -> Settings:
    return Settings(state=tmp_path / "state", models=shelf, grace_s=5.0)


Serving = Callable[..., TestClient]


@pytest.fixture
def serving(settings) -> Iterator[Serving]:
    """Start a server, with other settings if need be; the client it gives is on loopback."""
    running = []

    def start(**changed: object) -> TestClient:
        app = create_app(replace(settings, **changed))
        client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
        client.__enter__()
        running.append(client)
        return client

    yield start
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, shelf) -> Iterator[TestClient]:
    """One server for the tests that leave it as it was."""
    app = create_app(Settings(state=tmp_path_factory.mktemp("served"), models=shelf, grace_s=5.0))
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client
    shutil.rmtree(app.state.server.settings.state)


def done(client: TestClient, task: str, parameters: dict, **options) -> dict:
    """A task's job when it has ended well."""
    answer = client.post(f"/v1/tasks/{task}?wait=60", json=parameters, **options)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "done", answer.text
    return answer.json()


def upload(client: TestClient, path: Path, **options) -> str:
    """The id of a file, now on the server."""
    answer = client.post("/v1/files", files={"file": (path.name, path.read_bytes())}, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def refusal(answer) -> dict:
    """The error of an answer that is one, in the shape all have."""
    assert answer.status_code >= 400, answer.text
    (key,) = answer.json()
    error = answer.json()[key]
    assert key == "error"
    assert error.keys() == {"message", "type", "param", "code"}
    assert "Traceback" not in answer.text
    assert "\n" not in error["message"]
    return error
