"""How fast sounds are made by rules: each kind alone, in times of real time, and a scene of two layers, by one thread.

    OMP_NUM_THREADS=1 python benchmarks/sound_speed.py [NAME …]
    OMP_NUM_THREADS=1 python benchmarks/sound_speed.py --diffusion

Each kind is rendered at 48 kHz, one channel: 10 s of what lasts, and the natural length of an event. CPU time is
measured, the best of three, so that other work on the machine counts little.

The second is a step of `latent_diffusion` (nano, untrained) beside one of diffusers' StableAudioDiTModel (`pip install
diffusers`) of the same width, depth and heads, both for ten seconds at 43 latents a
second, one item, in 32 bits, by turns.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

import menura
from menura.synth.catalogue import GENERATORS

RATE_HZ = 48_000
SECONDS = 10.0
_TURNS = 20
SCENE = "heavy rain on a tin roof, distant thunder"


def cpu_s(work: Callable[[], object]) -> float:
    """The least of three, after one that compiles."""
    work()
    taken = []
    for _ in range(3):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def diffusion() -> None:
    """Print a step's time of both, and their sizes."""
    import torch
    from diffusers import StableAudioDiTModel  # pyright: ignore[reportMissingImports]

    from menura.models.latent_diffusion.model import LatentDiffusion, nano

    torch.manual_seed(0)
    ours, frames = LatentDiffusion(nano()).eval(), nano().max_frames
    theirs = StableAudioDiTModel(
        sample_size=frames, in_channels=32, out_channels=32, num_layers=5, attention_head_dim=64, num_attention_heads=4,
        num_key_value_attention_heads=4, cross_attention_dim=128, cross_attention_input_dim=128, time_proj_dim=256,
        global_states_input_dim=128,
    ).eval()  # fmt: skip
    x, words, seconds = torch.randn(1, frames, 32), torch.randn(1, 1, 128), torch.tensor([[0.0, 10.0]])
    angles = torch.outer(torch.arange(frames + 1.0), 10_000 ** (-torch.arange(0, 32, 2) / 32)).repeat(1, 2)
    rotary = angles.cos(), angles.sin()
    told = torch.tensor([True])
    steps = {
        "menura": lambda: ours(x, torch.tensor([0.5]), words, told, seconds),
        "diffusers": lambda: theirs(
            x.transpose(1, 2), torch.tensor([0.5]), words, words, rotary_embedding=rotary, return_dict=False
        ),
    }
    taken: dict[str, list[float]] = {name: [] for name in steps}
    with torch.inference_mode():
        for turn in range(_TURNS + 1):
            for name, step in steps.items():
                start = time.process_time()
                step()
                taken[name] += [time.process_time() - start] if turn else []
    for name, model in (("menura", ours), ("diffusers", theirs)):
        size = sum(one.numel() for one in model.parameters()) / 1e6
        print(f"{name:10} {size:.2f} M parameters, {1000 * np.median(taken[name]):.1f} ms a step")


def main() -> None:
    if sys.argv[1:] == ["--diffusion"]:
        diffusion()
        return
    speeds = {}
    for name in sys.argv[1:] or GENERATORS:
        generator = GENERATORS[name]
        values = generator.settled({})
        seconds = generator.natural_s(values) if generator.kind == "event" else SECONDS
        count = round(seconds * RATE_HZ)

        def once(generator=generator, values=values, count=count) -> object:
            return generator.render(values, count, RATE_HZ, np.random.default_rng(1))

        speeds[name] = seconds / cpu_s(once)
        print(f"{name:14} {generator.kind:8} {seconds:5.2f} s   {speeds[name]:6.0f} x real time", flush=True)
    slow = [name for name, speed in speeds.items() if speed < 50]
    print(f"median {np.median(list(speeds.values())):.0f} x; under 50 x: {', '.join(slow) or 'none'}")
    scene = cpu_s(lambda: menura.sound(SCENE, seconds=SECONDS, seed=1).audio)
    print(f"{SCENE!r}, {SECONDS:g} s, stereo: {scene:.2f} s")


if __name__ == "__main__":
    main()
