"""Checkpoints of a run that goes on: weights, their average, the optimiser and the step.

    training/state.json               {"step": …, "spent_s": …, "tensors": "step-1200.safetensors", "made_with": {…}}
    training/step-1200.safetensors    player.<who>.<name>, average.<name>, optimiser.<who>.<index>.<name>

A new file takes the old one's place only when it is whole, so a kill at any moment leaves a checkpoint.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from menura.files import read_json
from menura.train.average import Average, assign
from menura.train.schedule import State


def exists(folder: Path) -> bool:
    """Whether a folder holds a checkpoint."""
    return (folder / "state.json").exists()


def keep(
    folder: Path,
    networks: Mapping[str, nn.Module],
    average: Average,
    optimisers: Mapping[str, torch.optim.Optimizer],
    state: State,
    made_with: Mapping[str, Any],
) -> None:
    """Write a checkpoint in the place of the last one.

    Args:
        networks: everyone who learns, by name.
        average: of the model's weights.
        optimisers: by the name of the player.
        state: how far the run is.
        made_with: what must be the same when the run goes on: plain JSON values.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"average.{name}": weight for name, weight in average.weights.items()}
    for who, network in networks.items():
        tensors |= {f"player.{who}.{name}": weight for name, weight in network.state_dict().items()}
    for who, optimiser in optimisers.items():
        for index, parameter in enumerate(_in_order(networks[who])):
            slots = optimiser.state.get(parameter, {})
            tensors |= {f"optimiser.{who}.{index}.{name}": value for name, value in slots.items()}
    name = f"step-{state.step}.safetensors"
    whole = {key: value.contiguous().cpu() for key, value in tensors.items()}
    try:
        save_file(whole, folder / f"{name}.part")
        _take_place(folder / f"{name}.part", folder / name)
    finally:
        (folder / f"{name}.part").unlink(missing_ok=True)
    stored = {"step": state.step, "spent_s": state.spent_s, "tensors": name, "made_with": dict(made_with)}
    (folder / "state.json.part").write_text(json.dumps(stored), encoding="utf-8")
    _take_place(folder / "state.json.part", folder / "state.json")
    for old in folder.glob("step-*.safetensors*"):
        if old.name != name:
            old.unlink()


def restore(
    folder: Path,
    networks: Mapping[str, nn.Module],
    average: Average,
    optimisers: Mapping[str, torch.optim.Optimizer],
    made_with: Mapping[str, Any],
) -> State:
    """Take up a run where its last checkpoint left it.

    Raises:
        ValueError: the checkpoint is of a run made otherwise, or is damaged.
    """
    stored = read_json(folder / "state.json")
    if differences := list(_differences(stored.get("made_with", {}), made_with)):
        said = "; ".join(differences)
        raise ValueError(f"the run in {folder.parent} was made with {said}; ask for the same, or name another folder")
    try:
        tensors = load_file(folder / Path(str(stored["tensors"])).name)
        for who, network in networks.items():
            assign(network, _under(f"player.{who}.", tensors))
        for name, weight in average.weights.items():
            weight.copy_(tensors[f"average.{name}"])
        for who, optimiser in optimisers.items():
            places = {id(p): place for place, p in enumerate(p for g in optimiser.param_groups for p in g["params"])}
            order, slots = _in_order(networks[who]), dict[int, dict[str, Tensor]]()
            for key, value in _under(f"optimiser.{who}.", tensors).items():
                index, name = key.split(".", 1)
                slots.setdefault(places[id(order[int(index)])], {})[name] = value
            optimiser.load_state_dict({"state": slots, "param_groups": optimiser.state_dict()["param_groups"]})
        return State(int(stored["step"]), float(stored["spent_s"]))
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError, FileNotFoundError) as error:
        raise ValueError(f"the checkpoint in {folder} is of another model, or damaged: {error}") from error


def _in_order(network: nn.Module) -> list[nn.Parameter]:
    """A player's parameters in the order in which checkpoints number them, however an optimiser groups them."""
    return sorted(network.parameters(), key=lambda parameter: parameter.ndim < 2)


def _differences(former: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What a run was made with and is not any more. Runs of earlier versions say less; what they leave out is taken."""
    for name, value in json.loads(json.dumps(dict(now))).items():
        if former.get(name, value) != value:
            yield "other data" if name == "data_sha256" else f"{name.replace('_', ' ')} {former[name]}, not {value}"
    yield from (f"{name.replace('_', ' ')} {former[name]}, not without" for name in former if name not in now)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def _take_place(fresh: Path, path: Path) -> None:
    """Give a file its name once the disk has it, so that a power cut leaves a whole one too."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(fresh, path)
