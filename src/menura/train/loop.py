"""The training loop: AdamW, warm-up and decay, bf16 where it helps, a moving average of weights, exact resume."""

from __future__ import annotations

import contextlib
import math
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Generic

import numpy as np
import torch
from torch import nn

from menura.audio import Audio
from menura.nn.objective import Loss
from menura.nn.parallel import agreed, average_gradients, averaged, part, world
from menura.progress import Cancelled, Progress
from menura.train import resume as checkpoints
from menura.train.average import Average, assign
from menura.train.board import Board
from menura.train.log import Log, read
from menura.train.machine import autocast_dtype, keep_freed_memory
from menura.train.recipe import Batch, Recipe, Settings
from menura.train.schedule import Schedule, State
from menura.train.verdict import verdict

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
    recipe's seed and the step alone, so a resumed run sees the batches it would have seen. Where `torchrun` has started
    several processes (`menura.train.processes`), each takes its share of every batch, and one keeps and tells.

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
    if world()[0]:
        return _Reporter(run, schedule, progress).train()
    out.mkdir(parents=True, exist_ok=True)
    with Log(out / "log.jsonl", run.state.step) as log, Board(out / "board", run.state.step) as board:
        return _Keeper(run, schedule, progress, out, log, board).train()


class _Run(Generic[Batch]):
    """Everyone who learns: what one step does, and what a checkpoint holds."""

    def __init__(self, recipe: Recipe[Batch], device: str, compile: bool) -> None:
        self.recipe, self.device = recipe, device
        self.objective = recipe.objective.to(device).train()
        self.model = recipe.model
        if compile:
            self.model.compile(dynamic=False)
        self.players: Mapping[str, nn.Module] = self.objective.players
        learning = {who: player for who, player in self.players.items() if any(True for _ in player.parameters())}
        self.optimisers = {who: _optimiser(player, recipe.settings) for who, player in learning.items()}
        self.average = Average(self.model, recipe.settings.average_decay)
        self.state = State()
        self.dtype = autocast_dtype(device)

    def step(self, rate: float, spent: float) -> dict[str, float]:
        """One step at a share of the peak learning rate; returns what to log of it."""
        number = self.state.step
        torch.manual_seed(int(np.random.SeedSequence((self.recipe.seed, number)).generate_state(1)[0]))
        losses = self.objective.losses(part(self.recipe.batch(number, self.device)), spent)
        told: dict[str, float] = {}
        while (loss := self._next(losses)) is not None:
            told |= {"loss": next(iter(loss.report.values()))} if loss.player == "model" else {}
            told |= {**loss.report, f"gradient_norm_{loss.player}": self._learn(loss, rate)}
        self.average.update(self.model, number)
        self.state.step += 1
        return averaged(told)

    def _next(self, losses: Iterator[Loss]) -> Loss | None:
        with contextlib.nullcontext() if self.dtype is None else torch.autocast(self.device, self.dtype):
            return next(losses, None)

    def _learn(self, loss: Loss, rate: float) -> float:
        """Let a player learn from its loss; returns the norm of the gradient."""
        optimiser, settings = self.optimisers[loss.player], self.recipe.settings
        parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
        loss.value.backward()
        average_gradients(parameters)
        norm = float(nn.utils.clip_grad_norm_(parameters, settings.largest_gradient))
        if not math.isfinite(float(loss.value.detach())) or not math.isfinite(norm):
            raise ValueError(
                f"the loss or its gradient is not a number at step {self.state.step + 1}; "
                "lower the recipe's learning rate, and start anew or go on from the last checkpoint"
            )
        for group in optimiser.param_groups:
            group["lr"] = settings.peak_learning_rate * rate
        optimiser.step()
        for player in self.players.values():
            player.zero_grad(set_to_none=True)
        return round(norm, 4)

    def validate(self) -> dict[str, float]:
        """The objective's report with the averaged weights, mean over the held-out batches."""
        recipe, count = self.recipe, self.recipe.settings.validation_batches
        self.objective.eval()
        totals: dict[str, float] = {}
        with self.average.within(self.model), torch.inference_mode():
            for index in range(count):
                for name, value in self.objective.report(recipe.validation_batch(index, self.device)).items():
                    totals[name] = totals.get(name, 0.0) + value / count
        self.objective.train()
        return {name: round(value, 4) for name, value in totals.items()}

    def examples(self) -> Mapping[str, Audio]:
        """What the averaged weights make of the recipe's fixed held-out examples."""
        self.objective.eval()
        with self.average.within(self.model), torch.inference_mode():
            examples = self.recipe.examples()
        self.objective.train()
        return examples

    def keep(self, folder: Path) -> None:
        checkpoints.keep(folder, self.players, self.average, self.optimisers, self.state, self.recipe.identity())

    def restore(self, folder: Path) -> None:
        self.state = checkpoints.restore(folder, self.players, self.average, self.optimisers, self.recipe.identity())


def _optimiser(player: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """AdamW (Loshchilov & Hutter 2019), which decays matrices alone."""
    matrices = [parameter for parameter in player.parameters() if parameter.ndim >= 2]
    vectors = [parameter for parameter in player.parameters() if parameter.ndim < 2]
    groups = [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.peak_learning_rate, betas=settings.betas, fused=True)


class _Reporter:
    """Runs a run to its end, and tells nobody: the others of several processes, of which one keeps and tells."""

    def __init__(self, run: _Run[Any], schedule: Schedule, progress: Progress) -> None:
        self.run, self.schedule, self.progress = run, schedule, progress
        self.recent: deque[float] = deque(maxlen=_RECENT_STEPS)
        self.held_out: list[float] = []
        self.checked_s = run.state.spent_s

    def train(self) -> Trained:
        state, schedule = self.run.state, self.schedule
        clock = time.perf_counter()
        try:
            while (spent := schedule.spent(state)) < 1.0:
                self.progress.update(int(1000 * spent), 1000, "training")
                self.record(self.run.step(schedule.rate(state), spent))
                if state.spent_s - self.checked_s >= 60 * schedule.checkpoint_minutes:
                    self.checked_s = state.spent_s
                    self.check()
                now = time.perf_counter()
                state.spent_s, clock = agreed(state.spent_s + now - clock), now
        except Cancelled:
            self.keep()
            self.progress.say(f"stopped at step {state.step}; --resume goes on from there")
            raise
        trained = self.check()
        assign(self.run.model, self.run.average.weights)
        return trained

    def record(self, told: dict[str, float]) -> None:
        """Note what a step told."""
        self.recent.append(told["loss"])

    def keep(self) -> None:
        """Keep a checkpoint."""

    def check(self) -> Trained:
        """Judge by held-out data."""
        held_out, state = self.run.validate(), self.run.state
        self.held_out.append(next(iter(held_out.values())))
        words = verdict(self.held_out, fmean(self.recent) if self.recent else self.held_out[-1])
        return Trained(state.step, round(state.spent_s / 60, 2), held_out, words)


class _Keeper(_Reporter):
    """Runs a run to its end, with its log, its board, its checkpoints and what is said of it."""

    def __init__(
        self, run: _Run[Any], schedule: Schedule, progress: Progress, out: Path, log: Log, board: Board
    ) -> None:
        super().__init__(run, schedule, progress)
        self.log, self.board, self.folder = log, board, out / "training"
        rows = list(read(out / "log.jsonl"))
        self.held_out = [next(iter(row["held_out"].values())) for row in rows if "held_out" in row]
        self.recent.extend(row["loss"] for row in rows if "loss" in row)
        self.said_s = run.state.spent_s

    def record(self, told: dict[str, float]) -> None:
        super().record(told)
        state, minutes = self.run.state, round(self.run.state.spent_s / 60, 3)
        self.log.write({"step": state.step, "minutes": minutes, **told})
        self.board.numbers(state.step, {**told, "learning_rate": self.schedule.rate(state)})
        if state.spent_s - self.said_s >= _SAY_EVERY_S:
            self.said_s = state.spent_s
            self.progress.say(f"step {state.step}, {minutes:.0f} minutes in: loss {fmean(self.recent):.3f}")

    def keep(self) -> None:
        self.run.keep(self.folder)

    def check(self) -> Trained:
        """Keep a checkpoint, and judge it."""
        self.keep()
        trained, step = super().check(), self.run.state.step
        self.log.write({"step": step, "held_out": trained.held_out})
        self.board.numbers(step, trained.held_out, "held_out")
        self.board.sounds(step, self.run.examples())
        name, judged = next(iter(trained.held_out.items()))
        self.progress.say(f"step {step}: held out {judged:.3f} {name.replace('_', ' ')}, {trained.verdict}")
        return trained
