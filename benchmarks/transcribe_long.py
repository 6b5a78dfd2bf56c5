"""How much memory hours of sound take: speech for ten seconds in every five minutes, and faint noise between.

python benchmarks/transcribe_long.py SPEECH.flac [--model whisper-tiny.en] [--hours 10]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from menura import audio
from menura.models.whisper.checkpoints import read_checkpoint
from menura.progress import Progress
from menura.tasks.hearing import HearingOptions, transcribe
from menura.tasks.models import Models
from menura.tasks.sections import RATE_HZ

EVERY_S = 300
BLOCK_S = 10


def blocks(speech: np.ndarray, hours: float) -> Iterator[np.ndarray]:
    """Ten seconds at a time."""
    rng = np.random.default_rng(0)
    count = BLOCK_S * RATE_HZ
    for number in range(round(3600 * hours / BLOCK_S)):
        noise = 1e-4 * rng.standard_normal(count, np.float32)
        if number % (EVERY_S // BLOCK_S) == 1:
            noise[: len(speech)] += speech[:count]
        yield noise


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("speech", type=Path)
    parser.add_argument("--model", default="whisper-tiny.en", help="name, folder, or public weights")
    parser.add_argument("--hours", type=float, default=10.0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    is_public = (Path(asked.model) / "model.bin").exists()
    model = read_checkpoint(asked.model).eval() if is_public else Models().get(asked.model)
    speech = audio.read(asked.speech, sample_rate_hz=RATE_HZ, mono=True).samples[0]
    options = HearingOptions(beam_size=None)
    list(transcribe(model, blocks(speech, 0.1), options, Progress()))
    before_mb, start = peak_mb(), time.process_time()
    segments = list(transcribe(model, blocks(speech, asked.hours), options, Progress()))
    spent_s = time.process_time() - start
    raw_mb = asked.hours * 3600 * RATE_HZ * 4 / 2**20
    print(
        f"{asked.hours:g} h of sound ({raw_mb:.0f} MB as samples): {spent_s:.0f} s of processor time, "
        f"{len(segments)} segments, the last at {segments[-1].end_s:.0f} s; peak memory {peak_mb():.0f} MB, "
        f"{peak_mb() - before_mb:.0f} MB more than six minutes took"
    )


if __name__ == "__main__":
    main()
