"""The training loop: AdamW, warm-up and decay, bf16 where it helps, a moving average of weights, exact resume."""

from __future__ import annotations

import contextlib
import math
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Generic

import numpy as np
import torch
from torch import nn

from menura.progress import Cancelled, Progress
from menura.train import resume as checkpoints
from menura.train.average import Average, assign
from menura.train.log import Log, read
from menura.train.machine import autocast_dtype, keep_freed_memory
from menura.train.recipe import Batch, Recipe
from menura.train.schedule import Schedule, State
from menura.train.verdict import verdict

_LARGEST_GRADIENT = 1.0
_BETAS = (0.9, 0.98)
_RECENT_STEPS = 100
_SAY_EVERY_S = 60.0


@dataclass(frozen=True)
class Trained:
    """A run that is over.

    Attributes:
        steps: done in all.
        minutes: spent in all.
        held_out: the objective's report on held-out data, with the averaged weights; the first is the one to judge by.
        verdict: whether it was still learning.
    """

    steps: int
    minutes: float
    held_out: Mapping[str, float]
    verdict: str


def train(
    recipe: Recipe[Any],
    out: Path,
    schedule: Schedule,
    *,
    device: str = "cpu",
    resume: bool = False,
    compile: bool = False,
    progress: Progress,
) -> Trained:
    """Train until the schedule ends; the recipe's model then has the averaged weights.

    ``out/training`` holds the last checkpoint, ``out/log.jsonl`` the loss at every step. What is drawn depends on the
    recipe's seed and the step alone, so a resumed run sees the batches it would have seen.

    Args:
        recipe: what to train, on what.
        out: folder of the run.
        schedule: how long.
        device: as torch names it.
        resume: go on with the run in `out`, if there is one.
        compile: let torch compile the model first: slow to start, faster after.
        progress: reports; where it is cancelled, a checkpoint is written first.

    Raises:
        ValueError: `out` holds a run and `resume` was not asked, or another run; or the loss is no longer a number.
        menura.progress.Cancelled: `progress` was told to stop.
    """
    keep_freed_memory()
    folder = out / "training"
    if checkpoints.exists(folder) and not resume:
        raise ValueError(f"{out} already holds a run; go on with it (--resume), or name another folder (--out)")
    run = _Run(recipe, device, compile)
    if checkpoints.exists(folder):
        run.restore(folder)
        progress.say(f"going on at step {run.state.step}, {run.state.spent_s / 60:.1f} minutes in")
    out.mkdir(parents=True, exist_ok=True)
    with Log(out / "log.jsonl", run.state.step) as log:
        return _Reporter(run, schedule, out, log, progress).train()


class _Run(Generic[Batch]):
    """A model being trained: what one step does, and what a checkpoint holds."""

    def __init__(self, recipe: Recipe[Batch], device: str, compile: bool) -> None:
        self.recipe, self.device = recipe, device
        self.model = recipe.model.to(device).train()
        if compile:
            self.model.compile(dynamic=False)
        self.optimiser = _optimiser(self.model, recipe.settings.peak_learning_rate, recipe.settings.weight_decay)
        self.average = Average(self.model, recipe.settings.average_decay)
        self.state = State()
        self.dtype = autocast_dtype(device)

    def step(self, rate: float) -> tuple[float, float]:
        """One step at a share of the peak learning rate; returns the loss and the norm of its gradient."""
        number = self.state.step
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.settings.peak_learning_rate * rate
        torch.manual_seed(int(np.random.SeedSequence((self.recipe.seed, number)).generate_state(1)[0]))
        narrow = contextlib.nullcontext() if self.dtype is None else torch.autocast(self.device, self.dtype)
        with narrow:
            loss = self.recipe.objective.loss(self.recipe.batch(number, self.device))
        loss.backward()
        norm = float(nn.utils.clip_grad_norm_(self.model.parameters(), _LARGEST_GRADIENT))
        value = float(loss.detach())
        if not math.isfinite(value) or not math.isfinite(norm):
            raise ValueError(
                f"the loss or its gradient is not a number at step {number + 1}; "
                "lower the recipe's learning rate, and start anew or go on from the last checkpoint"
            )
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.average.update(self.model, number)
        self.state.step += 1
        return value, norm

    def validate(self) -> dict[str, float]:
        """The objective's report with the averaged weights, mean over the held-out batches."""
        recipe, count = self.recipe, self.recipe.settings.validation_batches
        self.model.eval()
        totals: dict[str, float] = {}
        with self.average.within(self.model), torch.inference_mode():
            for index in range(count):
                for name, value in recipe.objective.report(recipe.validation_batch(index, self.device)).items():
                    totals[name] = totals.get(name, 0.0) + value / count
        self.model.train()
        return {name: round(value, 4) for name, value in totals.items()}

    def keep(self, folder: Path) -> None:
        checkpoints.keep(folder, self.model, self.average, self.optimiser, self.state, self.recipe.identity())

    def restore(self, folder: Path) -> None:
        self.state = checkpoints.restore(folder, self.model, self.average, self.optimiser, self.recipe.identity())


def _optimiser(model: nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW (Loshchilov & Hutter 2019), which decays matrices alone."""
    matrices = [parameter for parameter in model.parameters() if parameter.ndim >= 2]
    vectors = [parameter for parameter in model.parameters() if parameter.ndim < 2]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=_BETAS, fused=True)


class _Reporter:
    """Runs a run to its end, with its log, its checkpoints and what is said of it."""

    def __init__(self, run: _Run[Any], schedule: Schedule, out: Path, log: Log, progress: Progress) -> None:
        self.run, self.schedule, self.log, self.progress = run, schedule, log, progress
        self.folder = out / "training"
        rows = list(read(out / "log.jsonl"))
        self.held_out = [next(iter(row["held_out"].values())) for row in rows if "held_out" in row]
        self.recent = deque((row["loss"] for row in rows if "loss" in row), maxlen=_RECENT_STEPS)
        self.checked_s = self.said_s = run.state.spent_s

    def train(self) -> Trained:
        state, schedule = self.run.state, self.schedule
        clock = time.perf_counter()
        try:
            while (spent := schedule.spent(state)) < 1.0:
                self.progress.update(int(1000 * spent), 1000, "training")
                self._record(*self.run.step(schedule.rate(state)))
                if state.spent_s - self.checked_s >= 60 * schedule.checkpoint_minutes:
                    self.checked_s = state.spent_s
                    self._check()
                now = time.perf_counter()
                state.spent_s, clock = state.spent_s + now - clock, now
        except Cancelled:
            self.run.keep(self.folder)
            self.progress.say(f"stopped at step {state.step}; --resume goes on from there")
            raise
        trained = self._check()
        assign(self.run.model, self.run.average.weights)
        return trained

    def _record(self, loss: float, norm: float) -> None:
        state = self.run.state
        self.recent.append(loss)
        minutes = round(state.spent_s / 60, 3)
        self.log.write({"step": state.step, "minutes": minutes, "loss": loss, "gradient_norm": round(norm, 4)})
        if state.spent_s - self.said_s >= _SAY_EVERY_S:
            self.said_s = state.spent_s
            self.progress.say(f"step {state.step}, {minutes:.0f} minutes in: loss {fmean(self.recent):.3f}")

    def _check(self) -> Trained:
        """Keep a checkpoint, and judge it."""
        self.run.keep(self.folder)
        held_out = self.run.validate()
        state = self.run.state
        self.log.write({"step": state.step, "held_out": held_out})
        name, judged = next(iter(held_out.items()))
        self.held_out.append(judged)
        words = verdict(self.held_out, fmean(self.recent) if self.recent else judged)
        self.progress.say(f"step {state.step}: held out {judged:.3f} {name.replace('_', ' ')}, {words}")
        return Trained(state.step, round(state.spent_s / 60, 2), held_out, words)
