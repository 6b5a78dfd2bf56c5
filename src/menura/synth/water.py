"""Streams, waves, drops and bubbles: water is heard by the air in it.

A bubble of radius r mm rings at 3260 / r Hz (Minnaert, "On musical air bubbles and the sound of running water", 1933),
and higher as it nears the surface; its damping and the sizes in running water are van den Doel's, "Physically based
models for liquid sounds", ACM Transactions on Applied Perception 2(4), 2005.
"""

from __future__ import annotations

import numpy as np

from menura.synth import noise
from menura.synth.envelopes import bump
from menura.synth.generator import Choice, Generator, Parameter, Stage
from menura.synth.grains import placed, poisson, ring, steady, uneven

_COARSE = 48
"""Samples of waves from one point of an envelope to the next."""
_MINNAERT = 3260.0
"""Hz mm."""


def bubbles(
    out: np.ndarray, stage: Stage, starts: np.ndarray, radius_mm: np.ndarray, rise: float, level: float
) -> np.ndarray:
    """Add bubbles of these sizes, and return `out`."""
    hz = _MINNAERT / radius_mm
    damping = 0.13 * 1000 / radius_mm + 0.0072 * (1000 / radius_mm) ** 1.5  # van den Doel 2005, eq. 5
    depth = stage.detail.random(len(starts)) ** 2.5
    amplitudes = level * depth * (radius_mm / 3) ** 1.1
    climbs = np.where(stage.detail.random(len(starts)) < 0.5, rise * damping * 0.25, 0.0)
    return ring(out, stage.rate, starts, hz, 1 / damping, amplitudes, climbs)


def _stream(stage: Stage) -> np.ndarray:
    flow, size_mm = stage["flow_l_s"], stage["bubble_mm"]
    eddies = noise.gusty(stage.num_samples, stage.rate, 2.5, 0.35, stage.rng)
    rate_hz = 260 * flow**0.45
    out = np.zeros(stage.num_samples)
    for share, scale in ((0.72, 0.6), (0.22, 1.3), (0.06, 3.0)):
        swirl = eddies * noise.gusty(stage.num_samples, stage.rate, 5.0, 0.5, stage.detail)
        starts = uneven(share * rate_hz, swirl, stage.rate, stage.detail)
        radius = np.clip(size_mm * scale * stage.detail.lognormal(0, 0.35, len(starts)), 0.4, 20)
        bubbles(out, stage, starts, radius, 1.2, 1.0)
    out /= max(out.std(), 1e-9)
    hiss = noise.shaped(stage.num_samples, stage.rate, noise.band(700, 5500, 1), stage.detail)
    rush = noise.shaped(stage.num_samples, stage.rate, noise.band(120, 700, 1), stage.detail)
    share = min(0.12 + 0.16 * flow**0.4, 1.6)
    return out + share * (0.6 * hiss + 0.5 * rush) * eddies


def _waves(stage: Stage) -> np.ndarray:
    height, period, shore = stage["height_m"], stage["period_s"], stage.word("shore")
    size, rate = stage.num_samples, stage.rate
    starts = steady(min(period, stage.seconds), 0.3, size, rate, stage.rng)
    spacing = stage.seconds / len(starts)
    points = max(size // _COARSE, 16)
    hills = np.zeros((3, points))
    times = np.arange(round(1.7 * spacing * points / stage.seconds)) * (stage.seconds / points)
    for start in starts * points // size:
        tall = stage.rng.lognormal(0, 0.25)
        at = spacing * 0.38
        for hill, sound, loud in zip(
            hills,
            (
                bump(times, 0, 1.1 * spacing, 0.42),
                bump(times, at, 0.6 * spacing, 0.22),
                bump(times, at + 0.12 * spacing, 1.15 * spacing, 0.28),
            ),
            (tall, tall**1.5, tall),
            strict=True,
        ):
            placed(hill, sound, int(start), loud)
    swell, crash, wash = (noise.stretched(hill, size) for hill in hills)
    boom = noise.shaped(size, rate, noise.band(35, 180, 1.5), stage.detail)
    roar = noise.shaped(size, rate, noise.band(180, 1400, 1), stage.detail)
    foam = noise.shaped(size, rate, noise.band(1100, 4500, 1), stage.detail)
    fizz = noise.gusty(size, rate, 30.0, 0.25, stage.detail)
    out = boom * (0.08 + 0.35 * height**0.5 * swell**2) + roar * (0.06 + 0.55 * crash * height**0.4 + 0.12 * wash)
    out += foam * fizz * (0.025 + 0.13 * crash + 0.2 * wash)
    if shore == "pebbles":
        clicks = uneven(700, np.maximum(wash, 0) ** 3 + 1e-4, rate, stage.detail)
        hz = stage.detail.uniform(1400, 5500, len(clicks))
        ring(out, rate, clicks, hz, 0.003, 0.5 * stage.detail.lognormal(-0.5, 0.7, len(clicks)))
    if shore == "rocks":
        slaps = uneven(25, crash**3 + 1e-5, rate, stage.detail)
        bubbles(out, stage, slaps, stage.detail.uniform(4, 16, len(slaps)), 0.5, 0.35)
    return out


def _drip(stage: Stage) -> np.ndarray:
    out = np.zeros(stage.num_samples)
    starts = steady(1 / stage["drops_a_second"], stage["jitter"], stage.num_samples, stage.rate, stage.rng)
    size_mm = stage["bubble_mm"]
    for start in starts:
        radius = size_mm * stage.rng.lognormal(0, 0.22)
        loud = stage.rng.uniform(0.6, 1)
        hz = _MINNAERT / radius
        pause = round(stage.rate * stage.rng.uniform(0.012, 0.03))
        count = round(0.006 * stage.rate)
        tick = noise.shaped(count, stage.rate, noise.band(2500, 9000), stage.rng) * np.hanning(count) ** 2
        placed(out, tick, start, 0.06 * loud)
        ring(out, stage.rate, np.array([(start + pause) % stage.num_samples]), hz, 0.022, loud, 9.0)
        if stage.rng.random() < 0.5:
            again = np.array([(start + 3 * pause) % stage.num_samples])
            ring(out, stage.rate, again, 1.6 * hz, 0.012, 0.3 * loud, 9.0)
    return out


def _risen(starts: np.ndarray, stage: Stage) -> np.ndarray:
    """Most bubbles come up in small flocks."""
    firsts = starts[::3]
    flocks = firsts[stage.detail.integers(0, max(len(firsts), 1), len(starts))] if len(starts) else starts
    return (flocks + (stage.detail.exponential(0.09, len(starts)) * stage.rate).astype(np.int64)) % stage.num_samples


def _bubbling(stage: Stage) -> np.ndarray:
    bursts = noise.gusty(stage.num_samples, stage.rate, 3.0, stage["unevenness"], stage.rng)
    starts = _risen(uneven(stage["bubble_rate"], bursts, stage.rate, stage.detail), stage)
    radius = np.clip(stage["bubble_mm"] * stage.detail.lognormal(0, 0.4, len(starts)), 0.5, 30)
    out = bubbles(np.zeros(stage.num_samples), stage, starts, radius, 2.2, 1.0)
    if stage["boil"] > 0:
        low = noise.shaped(stage.num_samples, stage.rate, noise.band(90, 700, 1), stage.detail)
        out += stage["boil"] * out.std() * low * noise.gusty(stage.num_samples, stage.rate, 14.0, 0.4, stage.detail)
    return out


def _splash(stage: Stage) -> np.ndarray:
    mass, times, rate = stage["mass_kg"], stage.times, stage.rate
    scale = mass**0.2
    slap = noise.shaped(stage.num_samples, rate, noise.band(110 / scale, 1400, 1), stage.detail)
    spray = noise.shaped(stage.num_samples, rate, noise.band(1100, 5500, 1), stage.detail)
    spray *= noise.gusty(stage.num_samples, rate, 40.0, 0.5, stage.detail)
    out = slap * bump(times, 0, 0.16 * scale, 0.12) + 0.4 * spray * bump(times, 0.01, 1.1 * scale, 0.1) ** 1.5
    count = round(90 * scale)
    starts = np.round(stage.detail.gamma(2.0, 0.11 * scale, count) * rate).astype(int)
    starts = starts[starts < 0.8 * stage.num_samples]
    bubbles(out, stage, starts, np.clip(stage.detail.lognormal(1.0, 0.5, len(starts)) * scale, 0.8, 16), 1.5, 0.9)
    late = poisson(25, stage.num_samples, rate, stage.detail)
    late = late[(late > 0.25 * stage.num_samples) & (late < 0.85 * stage.num_samples)]
    return bubbles(out, stage, late, stage.detail.uniform(0.8, 2.4, len(late)), 2.0, 0.7)


GENERATORS = (
    Generator(
        "stream",
        "running water, from a trickle to a river",
        "texture",
        _stream,
        (
            Parameter("flow_l_s", 0.05, 400, 3, "l/s", "how much water runs", "intensity"),
            Parameter("bubble_mm", 0.8, 6, 2.0, "mm", "radius of the usual bubble", "size"),
        ),
        is_wide=True,
    ),
    Generator(
        "waves",
        "waves that break on a shore",
        "texture",
        _waves,
        (
            Parameter("height_m", 0.1, 5, 0.8, "m", "of the waves", "intensity"),
            Parameter("period_s", 3, 15, 7, "s", "from wave to wave", "-speed"),
            Choice("shore", ("sand", "pebbles", "rocks"), "sand", "what they break on"),
        ),
        is_wide=True,
    ),
    Generator(
        "drip",
        "water that drips into water",
        "cycle",
        _drip,
        (
            Parameter("drops_a_second", 0.1, 12, 1.1, "1/s", "how often", "speed"),
            Parameter("bubble_mm", 0.8, 8, 2.6, "mm", "radius of the bubble that a drop traps", "size"),
            Parameter("jitter", 0, 1, 0.15, "", "how uneven, as a share of the distance"),
        ),
        level_db=-8.0,
    ),
    Generator(
        "bubbles",
        "bubbles, from an aquarium to a boiling pot",
        "texture",
        _bubbling,
        (
            Parameter("bubble_rate", 1, 400, 26, "1/s", "how many", "intensity"),
            Parameter("bubble_mm", 1, 20, 4.5, "mm", "radius of the usual bubble", "size"),
            Parameter("unevenness", 0, 1.2, 0.7, "", "whether they come in bursts"),
            Parameter("boil", 0, 2, 0.0, "", "share of the rumble of boiling"),
        ),
        is_wide=True,
        level_db=-3.0,
    ),
    Generator(
        "splash",
        "something that falls into water",
        "event",
        _splash,
        (Parameter("mass_kg", 0.02, 300, 2, "kg", "of what falls", "size"),),
        length_s=lambda values: 1.3 * float(values["mass_kg"]) ** 0.2,
        is_wide=True,
    ),
)
