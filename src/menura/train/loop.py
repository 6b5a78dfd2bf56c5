"""The training loop: AdamW, warm-up and decay, bf16 where it helps, an exponential moving average, exact resume."""

from __future__ import annotations

import contextlib
import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn


class Recipe(ABC):
    """What a family gives the loop: a model, a loss, and batches that are a pure function of the step."""

    model: nn.Module
    objective: Objective
    peak_learning_rate: float
    weight_decay: float
    batch_size: int
    validation_batches: int

    @abstractmethod
    def batch(self, step: int, device: str) -> object: ...

    @abstractmethod
    def validation_batch(self, index: int, device: str) -> object: ...

    @abstractmethod
    def provenance(self) -> dict[str, object]:
        """What a card should say of the data."""


class Objective(ABC):
    """A family's loss."""

    @abstractmethod
    def loss(self, batch: object) -> Tensor:
        """The scalar to step on."""

    @abstractmethod
    def report(self, batch: object) -> dict[str, float]:
        """Numbers to watch on a held-out batch."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When to stop, and the learning rate until then.

    Args:
        minutes: of training in all, over however many resumes.
        warmup_steps: of rising learning rate.
        decay_share: share of the time, at the end, over which the rate falls to zero.
        checkpoint_minutes: between checkpoints.
    """

    minutes: float
    warmup_steps: int = 200
    decay_share: float = 0.5
    checkpoint_minutes: float = 5.0

    def rate(self, step: int, spent_s: float) -> float:
        """Share of the peak learning rate."""
        left = 1.0 - spent_s / (60.0 * self.minutes)
        return min(1.0, (step + 1) / self.warmup_steps) * min(1.0, max(left, 0.0) / self.decay_share)


@dataclass(slots=True)
class State:
    """Where training stands."""

    step: int = 0
    spent_s: float = 0.0


class Average:
    """An exponential moving average of weights, quick at first: decay ``min(decay, (1 + n) / (10 + n))``."""

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        self.decay = decay
        self.weights = {name: p.detach().clone() for name, p in model.named_parameters()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self.decay, (1 + step) / (10 + step))
        own = list(self.weights.values())
        torch._foreach_lerp_(own, [p.detach() for p in model.parameters()], 1 - decay)


def train(
    recipe: Recipe,
    out: Path,
    schedule: Schedule,
    *,
    device: str,
    resume: bool,
    compile: bool,
    say: Callable[[str], None],
) -> Average:
    """Train until the schedule ends; returns the averaged weights.

    A checkpoint in ``out/training`` holds weights, average, optimiser and step; what is drawn depends on seed and step
    alone, so a resumed run sees the batches it would have seen.

    Raises:
        ValueError: `out` holds a run and `resume` was not asked, or the loss is no longer a number.
    """
    model = recipe.model.to(device).train()
    if compile:
        model.compile(dynamic=False)
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    plain = [p for p in model.parameters() if p.ndim < 2]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=recipe.peak_learning_rate,
        betas=(0.9, 0.98),
        fused=True,
    )
    average, state = Average(model), State()
    folder = out / "training"
    if (folder / "state.json").exists():
        if not resume:
            raise ValueError(f"{out} already holds a run; give --resume to go on with it, or another --out")
        state = _restore(folder, model, average, optimiser)
        say(f"resumed at step {state.step}, {state.spent_s / 60:.1f} minutes in")
    log = (out / "log.jsonl").open("a", encoding="utf-8")
    clock = time.perf_counter()
    saved_s = logged_s = state.spent_s
    running = 0.0
    with contextlib.closing(log):
        while state.spent_s < 60 * schedule.minutes:
            for group in optimiser.param_groups:
                group["lr"] = recipe.peak_learning_rate * schedule.rate(state.step, state.spent_s)
            torch.manual_seed(state.step)
            with torch.autocast(device, torch.bfloat16):
                loss = recipe.objective.loss(recipe.batch(state.step, device))
            loss.backward()
            norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            average.update(model, state.step)
            state.step += 1
            now = time.perf_counter()
            state.spent_s, clock = state.spent_s + now - clock, now
            value = float(loss.detach())
            if value != value:
                raise ValueError(f"the loss is not a number at step {state.step}; lower the learning rate")
            running = value if running == 0.0 else 0.98 * running + 0.02 * value
            if state.spent_s - logged_s > 15:
                logged_s = state.spent_s
                row = {"step": state.step, "minutes": round(state.spent_s / 60, 2), "loss": round(running, 4)}
                log.write(json.dumps({**row, "gradient_norm": round(float(norm), 3)}) + "\n")
                log.flush()
                say(f"step {state.step}  loss {running:.3f}  {state.spent_s / 60:.1f}/{schedule.minutes:g} min")
            if state.spent_s - saved_s > 60 * schedule.checkpoint_minutes:
                saved_s = state.spent_s
                _keep(folder, model, average, optimiser, state)
                row = {"step": state.step, "valid": validate(recipe, average, device)}
                log.write(json.dumps(row) + "\n")
                say(f"step {state.step}  held out: " + "  ".join(f"{k} {v:.3f}" for k, v in row["valid"].items()))
                clock = time.perf_counter()
    _keep(folder, model, average, optimiser, state)
    return average


def validate(recipe: Recipe, average: Average, device: str) -> dict[str, float]:
    """The objective's report with the averaged weights, mean over the validation batches."""
    model = recipe.model
    own = {name: p.detach().clone() for name, p in model.named_parameters()}
    _assign(model, average.weights)
    model.eval()
    totals: dict[str, float] = {}
    with torch.inference_mode():
        for index in range(recipe.validation_batches):
            for name, value in recipe.objective.report(recipe.validation_batch(index, device)).items():
                totals[name] = totals.get(name, 0.0) + value / recipe.validation_batches
    model.train()
    _assign(model, own)
    return {name: round(value, 4) for name, value in totals.items()}


@torch.no_grad()
def _assign(model: nn.Module, weights: dict[str, Tensor]) -> None:
    for name, parameter in model.named_parameters():
        parameter.copy_(weights[name])


def _keep(folder: Path, model: nn.Module, average: Average, optimiser: torch.optim.Optimizer, state: State) -> None:
    """Write a whole new checkpoint beside the old one, then take its place: a kill at any moment leaves one."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"model.{name}": p.detach() for name, p in model.named_parameters()}
    tensors |= {f"average.{name}": weight for name, weight in average.weights.items()}
    for index, slot in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{name}": value for name, value in slot.items()}
    name = f"step-{state.step}.safetensors"
    save_file({key: value.contiguous().cpu() for key, value in tensors.items()}, folder / f"{name}.part")
    os.replace(folder / f"{name}.part", folder / name)
    fresh = folder / "state.json.part"
    fresh.write_text(json.dumps({"step": state.step, "spent_s": state.spent_s, "tensors": name}))
    os.replace(fresh, folder / "state.json")
    for old in folder.glob("step-*.safetensors"):
        if old.name != name:
            old.unlink()


def _restore(folder: Path, model: nn.Module, average: Average, optimiser: torch.optim.Optimizer) -> State:
    stored = json.loads((folder / "state.json").read_text())
    tensors = load_file(folder / str(stored["tensors"]))
    _assign(model, {key[6:]: value for key, value in tensors.items() if key.startswith("model.")})
    for name, weight in average.weights.items():
        weight.copy_(tensors[f"average.{name}"])
    slots: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimiser."):
            _, index, name = key.split(".", 2)
            slots.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict({"state": slots, "param_groups": optimiser.state_dict()["param_groups"]})
    return State(int(stored["step"]), float(stored["spent_s"]))
