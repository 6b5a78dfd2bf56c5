"""Models are found by name or folder, loaded once, and known by the hash of their weights."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from menura.tasks import models as models_module
from menura.tasks.models import Models, model_folder


@pytest.fixture
def pretrained(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
        (tmp_path / name / "model.safetensors").write_text(name)
    return tmp_path


@pytest.fixture
def loads(monkeypatch):
    """Stands in for `checkpoint.load`, and says which folders were loaded."""
    loaded: list = []

    def load(folder, device):
        loaded.append((folder.name, device))
        return object()

    hashes = {"menura.checkpoint:weights_hash": lambda folder: f"sha256:{(folder / 'model.safetensors').read_text()}"}
    monkeypatch.setattr(models_module, "resolve_name", {"menura.checkpoint:load": load, **hashes}.__getitem__)
    return loaded


def test_a_model_is_found_by_name_or_by_folder(pretrained, tmp_path):
    assert model_folder("one", [pretrained]) == pretrained / "one"
    assert model_folder(tmp_path / "two", [pretrained]) == tmp_path / "two"
    with pytest.raises(ValueError, match=r"no model 'three'.*one, two"):
        model_folder("three", [pretrained])
    with pytest.raises(ValueError, match="no model"):
        model_folder("../one/..", [pretrained / "one"])


def test_each_model_is_loaded_once_whatever_it_is_called_and_however_many_ask(pretrained, loads):
    models = Models("cpu", [pretrained])
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(models.get, ["one", str(pretrained / "one")] * 20))
    assert len(set(map(id, found))) == 1
    assert loads == [("one", "cpu")]


def test_the_record_of_use_is_of_one_task_and_the_models_are_shared(pretrained, loads):
    models = Models("cpu", [pretrained])
    first, second = models.unused(), models.unused()
    assert first.get("one") is second.get("one")
    second.get("two")
    assert first.used == {"one": "sha256:one"}
    assert second.used == {"one": "sha256:one", "two": "sha256:two"}
    assert models.used == {}
    assert models.hash("two") == "sha256:two"
    assert [name for name, _ in loads] == ["one", "two"]
