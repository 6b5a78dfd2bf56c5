"""A checkpoint is whole whenever the process dies, and one that does not fit is told in one line."""

from __future__ import annotations

import json
import os

import pytest
import torch
from safetensors.torch import load_file

from menura.train import resume
from menura.train.average import Average
from menura.train.loop import _optimiser
from menura.train.schedule import State

MADE_WITH = {"preset": "nano", "seed": 0}


def parts(toy, seed=0, steps=3):
    recipe = toy(seed)
    optimiser = _optimiser(recipe.model, recipe.settings)
    average = Average(recipe.model)
    for step in range(steps):
        recipe.objective.error(recipe.batch(step, "cpu")).backward()
        optimiser.step()
        average.update(recipe.model, step)
    return {"model": recipe.model}, average, {"model": optimiser}


def test_what_is_kept_is_restored_to_the_last_bit(toy, tmp_path):
    networks, average, optimisers = parts(toy)
    resume.keep(tmp_path, networks, average, optimisers, State(3, 12.5), MADE_WITH)
    fresh = parts(toy, seed=9, steps=0)
    assert resume.restore(tmp_path, *fresh, MADE_WITH) == State(3, 12.5)
    for name, weight in networks["model"].named_parameters():
        assert torch.equal(weight, fresh[0]["model"].get_parameter(name))
        assert torch.equal(average.weights[name], fresh[1].weights[name])
    own, restored = optimisers["model"].state_dict()["state"], fresh[2]["model"].state_dict()["state"]
    assert own.keys() == restored.keys()
    for index, slot in own.items():
        assert all(torch.equal(value, restored[index][name]) for name, value in slot.items())


def test_the_names_in_a_checkpoint_do_not_change(toy, tmp_path):
    resume.keep(tmp_path, *parts(toy), State(3, 1.0), {})
    names = load_file(tmp_path / "step-3.safetensors").keys()
    assert {name.split(".")[0] for name in names} == {"player", "average", "optimiser"}
    wanted = {"player.model.0.weight", "average.2.bias", "optimiser.model.0.exp_avg", "optimiser.model.3.step"}
    assert wanted <= names


def test_a_checkpoint_of_the_first_format_is_read(toy, tmp_path):
    resume.keep(tmp_path, *parts(toy), State(3, 1.0), {})
    stored = json.loads((tmp_path / "state.json").read_text())
    del stored["made_with"]
    (tmp_path / "state.json").write_text(json.dumps(stored))
    assert resume.restore(tmp_path, *parts(toy), MADE_WITH) == State(3, 1.0)


@pytest.mark.parametrize("dies_at", range(4))
def test_a_death_while_writing_leaves_the_former_checkpoint(toy, tmp_path, monkeypatch, dies_at):
    model, average, optimiser = parts(toy)
    resume.keep(tmp_path, model, average, optimiser, State(3, 1.0), {})
    calls = iter(range(10))

    def dying(function):
        def call(*arguments):
            if next(calls) == dies_at:
                raise MemoryError
            return function(*arguments)

        return call

    monkeypatch.setattr(os, "replace", dying(os.replace))
    monkeypatch.setattr(os, "fsync", dying(os.fsync))
    with pytest.raises(MemoryError):
        resume.keep(tmp_path, model, average, optimiser, State(4, 2.0), {})
    monkeypatch.undo()
    assert resume.restore(tmp_path, *parts(toy), {}) == State(3, 1.0)
    resume.keep(tmp_path, model, average, optimiser, State(5, 3.0), {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state.json", "step-5.safetensors"]


def test_another_run_s_checkpoint_is_refused(toy, tmp_path):
    model, average, optimiser = parts(toy)
    resume.keep(tmp_path, model, average, optimiser, State(3, 1.0), MADE_WITH)
    with pytest.raises(ValueError, match="was made with preset nano, not tiny"):
        resume.restore(tmp_path, model, average, optimiser, {"preset": "tiny"})


def test_every_difference_is_named_at_once(toy, tmp_path):
    made_with = {"seed": 0, "batch_size": 4, "betas": (0.9, 0.98), "init": "sha256:1", "data_sha256": "1"}
    resume.keep(tmp_path, *parts(toy), State(3, 1.0), made_with)
    assert resume.restore(tmp_path, *parts(toy), made_with) == State(3, 1.0)
    now = {"seed": 0, "batch_size": 8, "betas": (0.8, 0.98), "data_sha256": "2", "new": 1}
    with pytest.raises(ValueError, match="made with") as refusal:
        resume.restore(tmp_path, *parts(toy), now)
    said = "batch size 4, not 8; betas [0.9, 0.98], not [0.8, 0.98]; other data; init sha256:1, not without"
    assert str(refusal.value).endswith(f"was made with {said}; ask for the same, or name another folder")


def test_a_checkpoint_does_not_depend_on_how_an_optimiser_groups_parameters(toy, tmp_path):
    """Earlier versions decayed other parameters: their checkpoints are still read, each moment to its parameter."""
    networks, average, optimisers = parts(toy)
    resume.keep(tmp_path, networks, average, optimisers, State(3, 1.0), {})
    others, other_average, _ = parts(toy, seed=9, steps=0)
    every = list(reversed(list(others["model"].parameters())))
    regrouped = {"model": torch.optim.AdamW([{"params": every[:2]}, {"params": every[2:]}])}
    resume.restore(tmp_path, others, other_average, regrouped, {})
    for name, parameter in networks["model"].named_parameters():
        own, restored = (
            optimisers["model"].state[parameter],
            regrouped["model"].state[others["model"].get_parameter(name)],
        )
        assert all(torch.equal(value, restored[slot]) for slot, value in own.items())
        assert own.keys() == restored.keys()


def test_a_full_disk_leaves_no_half_checkpoint(toy, tmp_path, monkeypatch):
    def full(_, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(resume, "save_file", full)
    with pytest.raises(OSError, match="No space"):
        resume.keep(tmp_path, *parts(toy), State(3, 1.0), {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["gone", "cut", "other", "no json", "no step"])
def test_a_damaged_checkpoint_is_told_in_one_line(toy, tmp_path, damage):
    resume.keep(tmp_path, *parts(toy), State(3, 1.0), {})
    tensors = tmp_path / "step-3.safetensors"
    if damage == "gone":
        tensors.unlink()
    elif damage == "cut":
        tensors.write_bytes(tensors.read_bytes()[:500])
    elif damage == "no json":
        (tmp_path / "state.json").write_text("{")
    elif damage == "no step":
        (tmp_path / "state.json").write_text('{"tensors": "step-3.safetensors"}')
    fresh = parts(toy)
    if damage == "other":
        model = torch.nn.Linear(4, 4)
        fresh = {"model": model}, Average(model), {"model": _optimiser(model, toy().settings)}
    with pytest.raises(ValueError, match=r"damaged|not JSON") as refusal:
        resume.restore(tmp_path, *fresh, {})
    assert "\n" not in str(refusal.value)
