"""How fast sounds are made by rules: each kind alone, in times of real time, and a scene of two layers, by one thread.

    OMP_NUM_THREADS=1 python benchmarks/sound_speed.py [NAME …]

Each kind is rendered at 48 kHz, one channel: 10 s of what lasts, and the natural length of an event. CPU time is
measured, the best of three, so that other work on the machine counts little.
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


def main() -> None:
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
