"""What the training loop costs: its steps against bare ones (loss, gradient, optimiser) on the same batches.

    python benchmarks/train_loop.py DATA --threads 1
    python benchmarks/train_loop.py DATA --quick

Bare steps and the loop's alternate in blocks, and medians are compared: everything that is not forward, backward or
optimiser is overhead: drawing and reading the batch, averaging weights, the log, the board, what is shown. The
loader's own share stands beside it. Goal: at most 5 % over a bare step.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import nn

from menura.models.codec.recipe import CodecRecipe
from menura.progress import Cancelled, Progress
from menura.train.loop import train
from menura.train.machine import autocast_dtype, keep_freed_memory
from menura.train.schedule import Schedule

GOAL_PERCENT = 5.0


@dataclass(frozen=True)
class Overhead:
    """Milliseconds a step, medians of blocks.

    Attributes:
        bare: loss, gradient and optimiser alone, on batches that lie ready.
        loop: the same in the training loop.
        loader: drawing one batch.
        percent: what the loop adds.
    """

    bare: float
    loop: float
    loader: float
    percent: float


class Bare:
    """The steps of a run and nothing else."""

    def __init__(self, recipe: CodecRecipe, batches: Sequence[Any]) -> None:
        self.recipe, self.batches = recipe, batches
        self.objective = recipe.objective.train()
        self.networks = {who: list(network.parameters()) for who, network in self.objective.networks.items()}
        self.optimisers = {who: torch.optim.AdamW(p, 1e-3, fused=True) for who, p in self.networks.items() if p}
        self.dtype = autocast_dtype("cpu")

    def block(self) -> float:
        """Milliseconds a step."""
        started = time.perf_counter()
        for batch in self.batches:
            with torch.autocast("cpu", self.dtype, enabled=self.dtype is not None):
                losses = self.objective.losses(batch, 0.0)
                loss = next(losses)
            loss.value.backward()
            nn.utils.clip_grad_norm_(self.networks[loss.network], 10.0)
            self.optimisers[loss.network].step()
            for optimiser in self.optimisers.values():
                optimiser.zero_grad()
        return 1000 * (time.perf_counter() - started) / len(self.batches)


def measure(data: Path, preset: str, steps: int, blocks: int, cache: Path) -> Overhead:
    """Alternate bare blocks and the loop's."""
    keep_freed_memory()
    made = [CodecRecipe(data, cache, preset, 0, Progress()) for _ in range(blocks + 1)]
    bare = Bare(made[0], [made[0].batch(step, "cpu") for step in range(steps)])
    bare.block()
    runs = []
    for recipe in made[1:]:
        alone = bare.block()
        started = time.perf_counter()
        for step in range(steps):
            recipe.batch(step, "cpu")
        loader = 1000 * (time.perf_counter() - started) / steps
        # The discriminators would join in at a later share of the run than a block of it reaches.
        schedule = Schedule(steps=steps * 100, checkpoint_minutes=1e9)
        with tempfile.TemporaryDirectory() as folder:
            stop = _Stop(steps)
            with contextlib.suppress(Cancelled):
                train(recipe, Path(folder), schedule, progress=stop)
        runs.append((alone, stop.ms, loader, 100 * (stop.ms / alone - 1)))
    return Overhead(*(round(median(values), 2) for values in zip(*runs, strict=True)))


class _Stop(Progress):
    """Stops a run after some steps, the first not counted, and times them."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps, self.seen, self.started, self.ms = steps, 0, 0.0, 0.0

    def show(self, done: int, total: int, what: str) -> None:  # noqa: ARG002
        self.seen += 1
        if self.seen == 3:  # what comes before a step is shown: two steps are over
            self.started = time.perf_counter()
        if self.seen == self.steps:
            self.ms = 1000 * (time.perf_counter() - self.started) / (self.steps - 3)
            self.cancel()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="The training loop's own cost.")
    parser.add_argument("data", type=Path, help="a folder of sound")
    parser.add_argument("--preset", default="nano", choices=CodecRecipe.presets)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=20, help="in a block")
    parser.add_argument("--blocks", type=int, default=7)
    parser.add_argument("--cache", type=Path, help="folder where prepared sound lies, or will")
    parser.add_argument("--quick", action="store_true", help="three blocks of eight steps")
    parser.add_argument("--json", action="store_true", help="one line of JSON and nothing else")
    args = parser.parse_args(arguments)
    torch.set_num_threads(args.threads)
    steps, blocks = (8, 3) if args.quick else (args.steps, args.blocks)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(args.data, args.preset, steps, blocks, args.cache or Path(folder))
    if args.json:
        print(json.dumps({"threads": args.threads, **asdict(found)}))
        return
    print(f"{args.threads} threads: bare step {found.bare:.1f} ms, in the loop {found.loop:.1f} ms")
    print(f"of which drawing a batch takes {found.loader:.2f} ms")
    print(f"overhead {found.percent:.1f} % (goal {GOAL_PERCENT:g} %)")


if __name__ == "__main__":
    main()
