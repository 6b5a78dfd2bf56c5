"""A recipe small enough to train a hundred steps in a tenth of a second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from menura.nn.objective import Loss
from menura.progress import Progress
from menura.train.recipe import Recipe, Settings


class Squares(nn.Module):
    """Mean squared error."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.networks = {"model": model}

    def losses(self, batch: tuple[Tensor, Tensor], fraction_done: float) -> Iterator[Loss]:
        assert 0 <= fraction_done < 1
        value = self.error(batch)
        yield Loss("model", value, {"squared_error": float(value.detach())})

    def error(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        x, y = batch
        return (self.model(x).float() - y).square().mean()

    def report(self, batch: tuple[Tensor, Tensor]) -> dict[str, float]:
        return {"squared_error": float(self.error(batch).detach()), "batches": 1.0}


class Toy(Recipe[Any]):
    """Learns a linear map with noise; 5 inputs, 3 outputs."""

    family, presets, about = "toy", ("only",), "Maps five numbers to three."

    def __init__(self, data: Path, cache: Path, preset: str, seed: int, progress: Progress) -> None:  # noqa: ARG002
        self.preset, self.seed = preset, seed
        self.settings = Settings(
            minutes=1, peak_learning_rate=0.03, batch_size=16, warmup_steps=5, validation_batches=2
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model = nn.Sequential(nn.Linear(5, 16), nn.Dropout(0.1), nn.Linear(16, 3))
        self.objective = Squares(self.model)
        self.truth = torch.arange(15.0).view(5, 3) / 10

    def batch(self, step: int, device: str) -> tuple[Tensor, Tensor]:
        x = torch.randn(16, 5, generator=torch.Generator().manual_seed(1000 * self.seed + step))
        return x.to(device), (x @ self.truth).to(device)

    def validation_batch(self, index: int, device: str) -> tuple[Tensor, Tensor]:
        return self.batch(10**6 + index, device)

    def amount(self) -> str:
        return "80 pairs to learn from"

    def provenance(self) -> dict[str, Any]:
        return {"data": ["noise"], "pieces": 1}


def make(seed: int = 0) -> Toy:
    return Toy(Path(), Path(), "only", seed, Progress())


@pytest.fixture
def toy():
    """Makes the same untaught recipe at every call."""
    return make
