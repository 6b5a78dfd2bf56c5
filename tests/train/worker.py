"""One process of a run, for the tests that start several, or kill one: ``worker.py OUT STEPS [SECONDS A STEP]``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from menura.models.codec.model import Codec, tiny
from menura.nn.coding import CodingObjective, SoundBatch
from menura.nn.discriminators import FrameDiscriminator
from menura.nn.parallel import world
from menura.progress import Progress
from menura.train import loop
from menura.train.processes import first_alone, together
from menura.train.recipe import Recipe, Settings
from menura.train.schedule import Schedule


class Tones(Recipe[SoundBatch]):
    """The smallest codec, with discriminators, on tones."""

    family, presets, about = "codec", ("tiny",), "Tones."

    def __init__(self, pause_s: float = 0.0) -> None:
        self.preset, self.seed, self.pause_s = "tiny", 0, pause_s
        self.settings = Settings(
            minutes=1, peak_learning_rate=1e-3, batch_size=4, warmup_steps=2, validation_batches=1
        )  # fmt: skip
        torch.manual_seed(0)
        self.model = Codec(tiny())
        self.objective = CodingObjective(self.model, FrameDiscriminator((256,), 2, 8), 0.5)

    def batch(self, step: int, device: str) -> SoundBatch:
        time.sleep(self.pause_s)
        rng = np.random.default_rng(step)
        time_s = np.arange(24 * 128) / 8000
        sound = 0.2 * np.sin(2 * np.pi * rng.uniform(100, 900, (4, 1)) * time_s).astype(np.float32)
        return SoundBatch(torch.from_numpy(sound).to(device), torch.from_numpy(rng.integers(1, 5, 4)))

    def validation_batch(self, index: int, device: str) -> SoundBatch:
        return self.batch(10**6 + index, device)

    def provenance(self) -> dict[str, Any]:
        return {}


def main(out: str, steps: str, pause_s: str = "0") -> None:
    torch.set_num_threads(1)
    loop.autocast_dtype = lambda _: None  # so that two processes round as one does
    schedule = Schedule(steps=int(steps), warmup_steps=2, checkpoint_minutes=0 if float(pause_s) else 5)
    with together("cpu"):
        with first_alone(), Path(f"{out}-order").open("a") as file:
            file.write(str(world()[0]))
        loop.train(Tones(float(pause_s)), Path(out), schedule, resume=True, progress=Progress())


if __name__ == "__main__":
    main(*sys.argv[1:])
