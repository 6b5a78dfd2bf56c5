"""Whoever adds a family makes a page, a recipe and a test, and adds its lines to one table; every face then has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "menura"

PAGE = '''"""Toy: one number, that of what is said in text files."""

from dataclasses import dataclass

import torch
from torch import nn

from menura.nn.objective import Loss


@dataclass(frozen=True)
class ToyConfig:
    size: int = 1


class Toy(nn.Module):
    Config = ToyConfig

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.value = nn.Parameter(torch.zeros(config.size))

    def probe_inputs(self):
        return {"shift": torch.ones(1)}

    def probe(self, shift):
        return {"value": self.value.detach() + shift}


class ToyObjective(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    @property
    def networks(self):
        return {"model": self.model}

    def losses(self, batch, _fraction_done):
        error = ((self.model.value - batch) ** 2).mean()
        yield Loss("model", error, {"error": error.item()})

    def report(self, batch):
        return next(self.losses(batch, 0.0)).report
'''

RECIPE = '''"""The mean of the numbers in the text files of a folder."""

import torch

from menura.models.toy.model import Toy, ToyConfig, ToyObjective
from menura.train.recipe import Recipe, Settings


class ToyRecipe(Recipe[torch.Tensor]):
    family = "toy"
    presets = ("nano",)
    about = "It knows one number."

    def __init__(self, data, cache, preset, seed, progress, *, loudest=1.0):
        self.preset, self.seed, self.chosen = preset, seed, {"loudest": loudest}
        self.settings = Settings(minutes=1, peak_learning_rate=0.1, batch_size=1, validation_batches=1)
        numbers = [min(float(path.read_text()), loudest) for path in sorted(data.glob("*.txt"))]
        self.numbers = torch.tensor(numbers)
        self.model = Toy(ToyConfig())
        self.objective = ToyObjective(self.model)

    def batch(self, step, device):
        return self.numbers[step % len(self.numbers)].to(device)

    def validation_batch(self, index, device):
        return self.batch(index, device)

    def provenance(self):
        return {"data": ["numbers"]}
'''

OPTIONS = '''"""The options of a toy."""

from typing import Annotated

from pydantic import Field

from menura.train.options import Options


class ToyOptions(Options):
    loudest: Annotated[float, Field(gt=0, le=9, description="what larger numbers count as")] = 1.0
'''

TABLE = {
    "FAMILIES": "menura.models.toy.model:Toy",
    "RECIPES": "menura.models.toy.recipe:ToyRecipe",
    "OPTIONS": "menura.models.toy.options:ToyOptions",
}

TEST = """
import sys
from pathlib import Path
from menura import load
from menura.app.cli import main

data, out = sys.argv[1:]
assert main(["train", "toy", "--help"]) == 0
assert main(["train", "toy", data, "--out", out, "--steps", "60", "--loudest", "0.5", "--device", "cpu"]) == 0
assert main(["check", f"{out}/model"]) == 0
assert 0.2 < load(f"{out}/model").value.item() < 0.5
"""


@pytest.fixture
def package(tmp_path) -> Path:
    """The package with a family more; what is not edited is linked to."""
    copy = tmp_path / "src" / "menura"
    for folder, edited in ((SOURCE, "models"), (SOURCE / "models", "__init__.py")):
        place = copy / folder.relative_to(SOURCE)
        place.mkdir(parents=True)
        for path in folder.iterdir():
            if path.name not in (edited, "__pycache__"):
                (place / path.name).symlink_to(path)
    table = (SOURCE / "models" / "__init__.py").read_text()
    for name, reference in TABLE.items():
        table = table.replace(
            f"{name}: dict[str, str] = {{\n", f'{name}: dict[str, str] = {{\n    "toy": "{reference}",\n'
        )
    (copy / "models" / "__init__.py").write_text(table)
    (copy / "models" / "toy").mkdir()
    for name, text in {"__init__": "", "model": PAGE, "recipe": RECIPE, "options": OPTIONS}.items():
        (copy / "models" / "toy" / f"{name}.py").write_text(text)
    return copy.parent


def test_a_family_is_a_page_a_recipe_a_test_and_a_table(package, tmp_path):
    """Its own option is in the help, a run takes it, and what comes of it is a model like any other."""
    numbers = tmp_path / "numbers"
    numbers.mkdir()
    for index, number in enumerate((0.3, 0.5, 8.0)):
        (numbers / f"{index}.txt").write_text(str(number))
    done = subprocess.run(
        [sys.executable, "-c", TEST, numbers, tmp_path / "run"],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "--loudest" in done.stdout
    assert "what larger numbers count as" in done.stdout
