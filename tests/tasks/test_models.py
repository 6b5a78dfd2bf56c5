"""Models are found by name or folder, loaded once, and known by a hash of all they are."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from menura.tasks import models as models_module
from menura.tasks.models import PRETRAINED, Models, model_folder, model_folders, model_name, user_shelf


@pytest.fixture
def pretrained(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
        (tmp_path / name / "model.safetensors").write_text(name)
    return tmp_path


@pytest.fixture
def loads(monkeypatch):
    """Stands in for `checkpoint.load`, and says which folders were loaded; a parameter takes four bytes."""
    loaded: list = []

    def load(folder, device):
        loaded.append((folder.name, device))
        return torch.nn.Linear((folder / "model.safetensors").stat().st_size, 1, bias=False)

    hashes = {
        "menura.checkpoint:model_hash": lambda folder: f"sha256:{(folder / 'model.safetensors').read_text()}",
        "menura.checkpoint:weights_hash": lambda folder: f"sha256:weights-{folder.name}",
    }
    monkeypatch.setattr(models_module, "resolve_name", {"menura.checkpoint:load": load, **hashes}.__getitem__)
    return loaded


def test_a_model_is_found_by_name_or_by_folder(pretrained, tmp_path):
    assert model_folder("one", [pretrained]) == pretrained / "one"
    assert model_folder(tmp_path / "two", [pretrained]) == tmp_path / "two"
    with pytest.raises(ValueError, match=r"no model 'three'.*one, two"):
        model_folder("three", [pretrained])
    with pytest.raises(ValueError, match="no model"):
        model_folder("../one/..", [pretrained / "one"])


def test_of_two_with_one_name_the_first_shelf_has_the_model(pretrained, tmp_path_factory):
    """A name is looked up as shelves are listed, and a model goes before a run's of the same name."""
    other = tmp_path_factory.mktemp("shelf")
    for folder in (other / "one", other / "run" / "model", pretrained / "run"):
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
    for shelves in ([pretrained, other], [other, pretrained], [other], [pretrained]):
        for name, folder in model_folders(shelves).items():
            assert model_folder(name, shelves) == folder
    for path in ("..", ".", "one/../two", ""):
        with pytest.raises(ValueError, match="no model"):
            model_folder(path, [pretrained], only_named=True)


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


def test_what_was_forgotten_or_replaced_is_loaded_and_hashed_anew(pretrained, loads):
    """A model is never used under the hash of another, or after its folder has become another's."""
    models = Models("cpu", [pretrained])
    first = models.get("one")
    (pretrained / "one" / "model.safetensors").write_text("another")
    assert models.hash("one") == "sha256:another"
    second = models.unused()
    assert second.get("one") is not first
    assert second.used == {"one": "sha256:another"}
    assert second.get("one") is models.get("one")
    (pretrained / "one").rename(pretrained / "old")
    (pretrained / "two").rename(pretrained / "one")
    models.forget()
    assert models.num_loaded == 0
    models.get("one")
    assert models.used["one"] == "sha256:two"
    assert [name for name, _ in loads] == ["one"] * 3


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "inner/config.json", "inner/model.safetensors"])
@pytest.mark.parametrize("how", ["written", "moved there", "as long and as old"])
def test_a_change_of_any_file_of_a_model_is_noticed(pretrained, loads, name, how):
    path = pretrained / "one" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")
    models = Models("cpu", [pretrained])
    first, about = models.get("one"), path.stat()
    if how == "moved there":
        (pretrained / "new").write_text("[]")
        (pretrained / "new").rename(path)
    else:
        path.write_text("[]" if how == "as long and as old" else "[1, 2]")
        if how == "as long and as old":
            os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert models.get("one") is not first
    assert models.get("one") is models.get("one")
    assert len(loads) == 2


def test_a_folder_that_changes_while_it_is_read_is_not_used(pretrained, monkeypatch):
    def load(folder, _device):
        (folder / "config.json").write_text("{ }")

    parts = {"load": load, "model_hash": str, "weights_hash": str}
    monkeypatch.setattr(models_module, "resolve_name", lambda name: parts[name.partition(":")[2]])
    with pytest.raises(ValueError, match="one was changed while it was read"):
        Models("cpu", [pretrained]).get("one")


def test_models_that_were_not_used_for_longest_make_room(pretrained, loads):
    """By what they take in memory, whatever their files do."""
    sizes = {"one": 25, "two": 25, "three": 60, "four": 250}
    for name, size in sizes.items():
        (pretrained / name).mkdir(exist_ok=True)
        (pretrained / name / "config.json").write_text("{}")
        (pretrained / name / "model.safetensors").write_bytes(bytes(size))
    models = Models("cpu", [pretrained], limit_bytes=350)
    for name, kept in (("one", 1), ("two", 2), ("one", 2), ("three", 2), ("one", 2), ("four", 1), ("four", 1)):
        models.unused().get(name)
        assert models.num_loaded == kept, name
    assert [name for name, _ in loads] == ["one", "two", "three", "four"]


def test_a_name_is_looked_up_in_the_package_then_in_the_user_s_folder_then_among_folders(pretrained, monkeypatch):
    """What comes with the package cannot be replaced from outside by a folder of its name."""
    monkeypatch.setenv("MENURA_CACHE", str(pretrained / "cache"))
    for name in ("own", "codec"):
        (pretrained / "cache" / "models" / name).mkdir(parents=True)
        (pretrained / "cache" / "models" / name / "config.json").write_text("{}")
    monkeypatch.chdir(pretrained)
    models = Models()
    assert models.folder("own") == (pretrained / "cache" / "models" / "own").resolve()
    assert models.folder("codec") == (PRETRAINED / "codec").resolve()
    assert models.folder("one") == (pretrained / "one").resolve()
    with pytest.raises(ValueError, match=r"no model 'none'.*codec.*own"):
        models.folder("none")


@pytest.mark.parametrize("places", [("a", "b"), ("b", "a")], ids=["sorted", "the other way round"])
def test_of_two_models_with_one_name_the_one_on_the_first_shelf_is_meant(tmp_path, places):
    """Wherever the shelves lie."""
    shelves = [tmp_path / place for place in places]
    for shelf in shelves:
        (shelf / "one").mkdir(parents=True)
        (shelf / "one" / "config.json").write_text("{}")
    assert model_folders(shelves) == {"one": shelves[0] / "one"}


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="they have folders of their own for this")
def test_the_user_s_folder_is_the_platform_s_for_caches(monkeypatch, tmp_path):
    monkeypatch.delenv("MENURA_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_shelf() == tmp_path / "menura" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert user_shelf() == tmp_path / "home" / ".cache" / "menura" / "models"


def test_a_model_on_another_device_is_another_and_is_forgotten_too(pretrained, loads):
    models = Models("cpu", [pretrained])
    there = models.unused("cuda")
    assert there.get("one") is not models.get("one")
    assert there.get("one") is models.unused("cuda").get("one")
    assert loads == [("one", "cuda"), ("one", "cpu")]
    models.forget()
    assert there.num_loaded == 0


def test_the_shipped_models_are_known_by_both_hashes():
    """Sidecars of the first version have the hash of the weights alone; what is recorded now covers ``config.json``."""
    models = Models()
    whole, weights = models.hash("codec"), models.weights_hash("codec")
    assert whole != weights
    assert models.is_same("codec", whole)
    assert models.is_same("codec", weights)
    assert not models.is_same("codec", models.hash("score_lm"))


def test_a_model_is_found_by_the_folder_of_its_run_and_bears_its_name(pretrained):
    """Wherever a model is named: by itself, by its run, or on a shelf of runs."""
    model = pretrained / "runs" / "w" / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    assert model_folder(pretrained / "runs" / "w", []) == model_folder(model, []) == model
    assert model_folder("w", [pretrained / "runs"], only_named=True) == model
    assert model_folders([pretrained, pretrained / "runs"]).keys() == {"one", "two", "w"}
    assert (model_name(model), model_name(pretrained / "one")) == ("w", "one")
    with pytest.raises(ValueError, match="no model"):
        model_folder(pretrained / "runs" / "w", [], only_named=True)
    (pretrained / "runs" / "x" / "training").mkdir(parents=True)
    (pretrained / "runs" / "x" / "training" / "state.json").write_text("{}")
    with pytest.raises(ValueError, match=r"runs/x is a run that has not ended, and has no model yet; .*--resume"):
        model_folder(pretrained / "runs" / "x", [])
