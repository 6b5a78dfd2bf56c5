"""The training loop: AdamW, warm-up and decay, bf16 where it helps, a moving average of weights, exact resume."""

from __future__ import annotations

import contextlib
import math
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Generic

import numpy as np
import torch
from torch import nn

from menura.audio import Audio
from menura.nn.objective import Loss
from menura.nn.parallel import average_gradients, averaged, broadcast, shard, world
from menura.progress import Cancelled, Progress
from menura.train import resume as checkpoints
from menura.train.average import Average, assign
from menura.train.board import Board
from menura.train.log import Log, read
from menura.train.machine import autocast_dtype, keep_freed_memory
from menura.train.recipe import Batch, Recipe, Settings
from menura.train.schedule import Schedule, State
from menura.train.verdict import verdict

_FIRST_STEPS, _RECENT_STEPS = 5, 100
_SAY_EVERY_S = 60.0
_FIRST_CHECKPOINT_S = 30.0
_LEARNT_BATCHES = 8
_TIMED_STEPS = 3
"""Steps after which it is said how long one takes; the first is slower than the others."""


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
        menura.progress.Cancelled: `progress` was metrics to stop.
    """
    keep_freed_memory()
    folder = out / "training"
    if checkpoints.exists(folder) and not resume:
        raise ValueError(f"{out} already holds a run; go on with it (--resume), or name another folder (--out)")
    run = _Run(recipe, device, compile)
    if checkpoints.exists(folder):
        run.restore(folder)
        progress.say(f"going on from the checkpoint at step {run.state.step}, {run.state.spent_s / 60:.1f} minutes in")
    elif resume:
        progress.say(f"there is no checkpoint in {out}; beginning at step 1")
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
        self.networks: Mapping[str, nn.Module] = self.objective.networks
        learning = {who: network for who, network in self.networks.items() if any(True for _ in network.parameters())}
        self.optimisers = {who: _optimiser(network, recipe.settings) for who, network in learning.items()}
        self.average = Average(self.model, recipe.settings.average_decay)
        self.state = State()
        self.dtype = autocast_dtype(device)

    def step(self, rate: float, fraction_done: float) -> dict[str, float]:
        """One step at a share of the peak learning rate; returns what to log of it."""
        number = self.state.step
        torch.manual_seed(int(np.random.SeedSequence((self.recipe.seed, number)).generate_state(1)[0]))
        losses = self.objective.losses(shard(self.recipe.batch(number, self.device)), fraction_done)
        metrics: dict[str, float] = {"learning_rate": self.recipe.settings.peak_learning_rate * rate}
        while (loss := self._next(losses)) is not None:
            metrics |= {"loss": next(iter(loss.report.values()))} if loss.network == "model" else {}
            metrics |= {**loss.report, f"gradient_norm_{loss.network}": self._learn(loss, rate)}
        self.average.update(self.model, number)
        self.state.step += 1
        return averaged(metrics)

    def _next(self, losses: Iterator[Loss]) -> Loss | None:
        with contextlib.nullcontext() if self.dtype is None else torch.autocast(self.device, self.dtype):
            return next(losses, None)

    def _learn(self, loss: Loss, rate: float) -> float:
        """Let a player learn from its loss; returns the norm of the gradient."""
        optimiser, settings = self.optimisers[loss.network], self.recipe.settings
        parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
        loss.value.backward()
        average_gradients(parameters)
        norm = float(nn.utils.clip_grad_norm_(parameters, settings.largest_gradient))
        if not math.isfinite(float(loss.value.detach())) or not math.isfinite(norm):
            raise ValueError(
                f"the loss or its gradient is not a number at step {self.state.step + 1}; begin anew with a learning "
                f"rate under {settings.peak_learning_rate:g} (--learning-rate)"
            )
        for group in optimiser.param_groups:
            group["lr"] = settings.peak_learning_rate * rate
        optimiser.step()
        for network in self.networks.values():
            network.zero_grad(set_to_none=True)
        return round(norm, 4)

    def validate(self) -> tuple[dict[str, float], float | None]:
        """The objective's report with the averaged weights, mean over the held-out batches; and the first of its
        numbers likewise on batches learnt from last, None where there are none yet."""
        recipe, held_out = self.recipe, range(self.recipe.settings.validation_batches)
        learnt = range(max(self.state.step - min(_LEARNT_BATCHES, len(held_out)), 0), self.state.step)
        self.objective.eval()
        with self.average.within(self.model), torch.inference_mode():
            judged = _means(self.objective.report(recipe.validation_batch(i, self.device)) for i in held_out)
            known = _means(self.objective.report(recipe.batch(step, self.device)) for step in learnt)
        self.objective.train()
        return judged, known.get(next(iter(judged)))

    def examples(self) -> Mapping[str, Audio]:
        """What the averaged weights make of the recipe's fixed held-out examples."""
        self.objective.eval()
        with self.average.within(self.model), torch.inference_mode():
            examples = self.recipe.examples()
        self.objective.train()
        return examples

    def keep(self, folder: Path) -> None:
        checkpoints.keep(folder, self.networks, self.average, self.optimisers, self.state, self.recipe.identity())

    def restore(self, folder: Path) -> None:
        self.state = checkpoints.restore(folder, self.networks, self.average, self.optimisers, self.recipe.identity())


def _means(reports: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each number over the reports that have it."""
    found: dict[str, list[float]] = {}
    for report in reports:
        for name, value in report.items():
            found.setdefault(name, []).append(value)
    return {name: round(fmean(values), 4) for name, values in found.items()}


def _optimiser(network: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """AdamW (Loshchilov & Hutter 2019), which decays matrices alone.

    What has a single axis is a bias, or a gain, of a norm or of weight normalisation: its size is what it means. The
    rows of an embedding are decayed at every step, but learn in the few that show them, so that rare ones would fade.
    """
    embeddings = [getattr(module, name) for module in network.modules() for name in _looked_up(module)]
    kept = {id(p) for p in [*embeddings, *(p for p in network.parameters() if sum(n > 1 for n in p.shape) < 2)]}
    groups = [
        {"params": [p for p in network.parameters() if id(p) not in kept], "weight_decay": settings.weight_decay},
        {"params": [p for p in network.parameters() if id(p) in kept], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.peak_learning_rate, betas=settings.betas, fused=True)


def _looked_up(module: nn.Module) -> tuple[str, ...]:
    """Names of a module's own parameters that are embeddings."""
    return ("weight",) if isinstance(module, nn.Embedding) else getattr(module, "embeddings", ())


class _Reporter:
    """Runs a run to its end, and tells nobody: the others of several processes, of which one keeps and tells."""

    def __init__(self, run: _Run[Any], schedule: Schedule, progress: Progress) -> None:
        self.run, self.schedule, self.progress = run, schedule, progress
        self.first: list[float] = []
        self.recent: deque[float] = deque(maxlen=_RECENT_STEPS)
        self.held_out: list[float] = []
        self.checked_s = run.state.spent_s

    def train(self) -> Trained:
        state, schedule = self.run.state, self.schedule
        clock = time.perf_counter()
        try:
            while (fraction_done := schedule.fraction_done(state)) < 1.0:
                self.progress.update(int(1000 * fraction_done), 1000, "training")
                metrics = self.run.step(schedule.rate(state), fraction_done)
                now = time.perf_counter()
                state.spent_s, clock = broadcast(state.spent_s + now - clock), now
                self.record(metrics)
                if (
                    state.spent_s - self.checked_s >= 60 * schedule.checkpoint_minutes
                    and schedule.fraction_done(state) < 1.0
                ):
                    self.checked_s = state.spent_s
                    self.check()
        except Cancelled:
            self.keep()
            self.progress.say(f"stopped at step {state.step}; --resume goes on from there")
            raise
        trained = self.check(is_over=True)
        assign(self.run.model, self.run.average.weights)
        return trained

    def record(self, metrics: dict[str, float]) -> None:
        """Note what a step metrics."""
        self.first += [metrics["loss"]] if len(self.first) < _FIRST_STEPS else []
        self.recent.append(metrics["loss"])

    def keep(self) -> None:
        """Keep a checkpoint."""

    def check(self, is_over: bool = False) -> Trained:
        """Judge by held-out data."""
        (held_out, training), state = self.run.validate(), self.run.state
        self.held_out.append(next(iter(held_out.values())))
        went = (fmean(self.first), fmean(self.recent)) if self.recent else None
        words = verdict(self.held_out, training, is_over, went)
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
        losses = [row["loss"] for row in rows if "loss" in row]
        self.first = losses[:_FIRST_STEPS]
        self.recent.extend(losses)
        self.said_s = self.begun_s = self.timed_s = run.state.spent_s
        self.begun, self.kept = run.state.step, checkpoints.exists(self.folder)

    def train(self) -> Trained:
        recipe = self.run.recipe
        size = sum(parameter.numel() for parameter in self.run.model.parameters()) / 1e6
        self.progress.say(
            f"training {recipe.family} ({recipe.preset}, {size:.2f} million parameters) on {self.run.device}, "
            f"{self.schedule.words()} in all: {recipe.amount()}"
        )
        return super().train()

    def record(self, metrics: dict[str, float]) -> None:
        super().record(metrics)
        state, minutes = self.run.state, round(self.run.state.spent_s / 60, 3)
        self.log.write({"step": state.step, "minutes": minutes, **metrics})
        self.board.numbers(state.step, metrics)
        self.progress.note(f"step {state.step}, loss {fmean(self.recent):.3f}")
        self._say_how_long()
        if not self.kept and state.spent_s - self.begun_s >= _FIRST_CHECKPOINT_S:
            self.keep()
            self.progress.say(f"the first checkpoint is kept, at step {state.step}")
        if state.spent_s - self.said_s >= _SAY_EVERY_S:
            self.said_s = state.spent_s
            self.progress.say(f"step {state.step}, {minutes:.0f} minutes in: loss {fmean(self.recent):.3f}")

    def _say_how_long(self) -> None:
        """Once a few steps have been timed."""
        state, done = self.run.state, self.run.state.step - self.begun
        if done == 1:
            self.timed_s = state.spent_s
        if done == _TIMED_STEPS:
            step_s = max((state.spent_s - self.timed_s) / (done - 1), 1e-6)
            steps, every = self.schedule.steps_in_all(state, step_s), self.schedule.checkpoint_minutes
            first = "" if self.kept else "the first checkpoint within a minute, then "
            self.progress.say(
                f"{step_s:.2g} s a step: about {steps} steps; {first}a checkpoint every {every:g} minutes"
            )

    def keep(self) -> None:
        self.run.keep(self.folder)
        self.kept = True

    def check(self, is_over: bool = False) -> Trained:
        """Keep a checkpoint, and judge it."""
        self.keep()
        trained, step = super().check(is_over), self.run.state.step
        self.log.write({"step": step, "held_out": trained.held_out})
        self.board.numbers(step, trained.held_out, "held_out")
        self.board.sounds(step, self.run.examples())
        name, judged = next(iter(trained.held_out.items()))
        self.progress.say(f"step {step}: held out {judged:.3f} {name.replace('_', ' ')}, {trained.verdict}")
        return trained
