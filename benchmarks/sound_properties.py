"""Sounds of parameters drawn at random keep what they promise: finite, centred, bounded, silent at their ends.

    python benchmarks/sound_properties.py [--sets 10000] [--first 0] [--seed 0]

Every set is another kind, another rate (8, 44.1 or 48 kHz) and other values from all over their ranges. One line is
printed for each that breaks a promise, and what kind, seed and values it had.
"""

from __future__ import annotations

import argparse

import numpy as np

from menura.synth.catalogue import GENERATORS
from menura.synth.generator import Choice, Generator, Value

RATES_HZ = (8000, 44_100, 48_000)
LONGEST_S = 1.0


def drawn(generator: Generator, rng: np.random.Generator) -> dict[str, Value]:
    """Values from all over their ranges."""
    values: dict[str, Value] = {}
    for parameter in generator.parameters:
        if isinstance(parameter, Choice):
            values[parameter.name] = parameter.values[rng.integers(len(parameter.values))]
        else:
            values[parameter.name] = parameter.moved(rng.uniform(-1, 1))
    return values


def faults(samples: np.ndarray, wraps: bool, is_event: bool) -> list[str]:
    """What is broken."""
    if not np.isfinite(samples).all():
        return ["not finite"]
    found = []
    if np.abs(samples).max() > 0.9 + 1e-6:
        found.append(f"peak {np.abs(samples).max():.3f}")
    if is_event and np.abs(samples).max() < 0.5:
        found.append(f"soft {np.abs(samples).max():.3g}")
    if np.abs(samples.mean()) > 1e-4:
        found.append(f"mean {samples.mean():.2g}")
    if not wraps and np.abs(samples[[0, -1]]).max() > 0.02:
        found.append(f"ends {np.abs(samples[[0, -1]]).max():.3f}")
    steps = np.abs(np.diff(samples, append=samples[:1]))
    if wraps and steps[-1] > 1.001 * steps[:-1].max():
        found.append(f"seam {steps[-1]:.3f}, at most {steps[:-1].max():.3f} inside")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first set")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    names, broken = list(GENERATORS), 0
    for number in range(options.first, options.first + options.sets):
        rng = np.random.default_rng((options.seed, number))
        generator, rate = GENERATORS[names[number % len(names)]], RATES_HZ[rng.integers(len(RATES_HZ))]
        values = drawn(generator, rng)
        wraps = generator.kind != "event" and bool(rng.random() < 0.5)
        count = round(rng.uniform(0.05, LONGEST_S) * rate)
        if generator.kind == "event":
            count = min(round(generator.natural_s(values) * rate) + 1, 3 * rate)
        found = faults(generator.render(values, count, rate, rng, 1, wraps)[0], wraps, generator.kind == "event")
        if found:
            broken += 1
            print(f"{generator.name} at {rate} Hz, set {number}: {'; '.join(found)}: {values}", flush=True)
    print(f"{options.sets} sets, {broken} broken")


if __name__ == "__main__":
    main()
