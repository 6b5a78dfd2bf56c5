"""Vocoders on held-out speech: what is made again from its mel frames (and F0), and how quickly.

    python benchmarks/vocoder.py DATA --models vocoder wavenet-voice

DATA is a folder of sound with a held-out split. Each sound is brought to the model's rate and given to what `menura
vocode` does; measures are against the sound at that rate. Speed is of the whole, mel and F0 included, on one thread.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from menura.app.terminal import TerminalProgress
from menura.data.sound_folder import Sound, find_sounds
from menura.metrics.sound import METRICS
from menura.models.contract import Vocoder
from menura.tasks.models import Models

_MEASURES = tuple(name for name in ("mel", "pesq", "stoi") if METRICS[name].is_available)
_PEAK = 0.8


def readings(model: Vocoder, sound: Sound, seconds: float) -> dict[str, float]:
    """Of one sound: each measure, and how many times as fast as it lasts it was made."""
    rate = model.sample_rate_hz
    samples = sound.read(rate, mono=True).samples[0, : round(seconds * rate)]
    samples = (samples * (_PEAK / max(float(np.abs(samples).max(initial=0)), 1e-4))).astype(np.float32)
    started = time.process_time()
    made = np.concatenate(list(model.vocode(samples, 0)))
    speed = len(samples) / rate / (time.process_time() - started)
    found = {name: METRICS[name].measure(samples, made.clip(-1, 1), rate) for name in _MEASURES}
    return {**found, "times real time": speed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--models", nargs="+", default=["vocoder", "wavenet-voice"])
    parser.add_argument("--count", type=int, default=20, help="sounds to measure")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each at most")
    args = parser.parse_args()
    torch.set_num_threads(1)
    sounds = find_sounds(args.data, TerminalProgress().say)
    held_out = [sound for sound in sounds if sound.split() == "test"] or sounds
    chosen = [
        held_out[index] for index in np.linspace(0, len(held_out) - 1, min(args.count, len(held_out))).astype(int)
    ]
    names = (*_MEASURES, "times real time")
    print(f"{len(chosen)} sounds of up to {args.seconds:g} s\n")
    print(f"| | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for name in args.models:
        model: Vocoder = Models().get(name)
        readings(model, chosen[0], args.seconds)  # the first is slower than those that follow
        rows = [readings(model, sound, args.seconds) for sound in chosen]
        print(f"| {name} | {' | '.join(f'{np.nanmedian([row[one] for row in rows]):.3f}' for one in names)} |")


if __name__ == "__main__":
    main()
