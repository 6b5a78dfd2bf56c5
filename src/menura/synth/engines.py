"""Engines, aeroplanes, machines, fans and trains.

An engine is a train of bursts through a pipe: so many cylinders fire in two turns (Farnell, "Designing Sound", 2010,
ch. 47; Baldan et al., "Physically informed car engine sound synthesis", 2015). Fans and propellers beat the air:
Farnell ch. 48 and 49. Rails: two wheels of a bogie over each joint.
"""

from __future__ import annotations

import numpy as np

from menura.synth import noise
from menura.synth.envelopes import decay
from menura.synth.generator import Choice, Generator, Parameter, Stage
from menura.synth.grains import placed, steady
from menura.synth.modes import Modes, driven, modes_of
from menura.synth.oscillators import harmonics, phase_of, sine


def _engine(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    cylinders = {"car": 4, "lorry": 6, "motorcycle": 2, "tractor": 3}[stage.word("kind")]
    wander = 1 + 0.012 * noise.slow(count, rate, 1.5, stage.rng)
    turns = phase_of(stage["rpm"] / 120 * wander, count, rate, wraps=True)  # of the four strokes
    fires = turns * cylinders
    uneven = np.array([1.0, 0.86, 0.95, 0.8, 0.9, 0.84])[:cylinders]
    which = np.floor(fires).astype(np.int64) % cylinders
    place = fires % 1.0
    pushes = uneven[which] * np.exp(-place * 24) * (1 - np.exp(-place * 150))
    breath = noise.shaped(count, rate, noise.band(80, 3500, 1), stage.detail)
    force = pushes - pushes.mean() + 0.25 * breath * pushes
    length_m = {"car": 2.4, "lorry": 3.6, "motorcycle": 1.1, "tractor": 1.6}[stage.word("kind")]
    pipe = Modes(
        85 / length_m * np.array([1.0, 3, 5, 7, 9, 13]), np.full(6, 0.012), np.array([1, 0.7, 0.45, 0.3, 0.2, 0.1])
    )
    out = driven(force, rate, pipe)
    out /= max(out.std(), 1e-9)
    out += 0.8 * force / max(force.std(), 1e-9)
    top = 500 + stage["load"] * 4500
    out = noise.filtered(out, rate, noise.times(noise.band(100, top, 1), noise.peak(380, 0.4)))
    clatter = noise.shaped(count, rate, noise.band(1500, 6000, 1), stage.detail)
    out /= max(out.std(), 1e-9)
    return out + 0.12 * clatter * (0.3 + np.exp(-place * 12)) + 0.03 * harmonics(turns * 22, np.ones(3), 900, rate)


def _aeroplane(stage: Stage) -> np.ndarray:
    count, rate, kind = stage.num_samples, stage.rate, stage.word("kind")
    drift = 1 + 0.004 * noise.slow(count, rate, 0.3, stage.rng)
    air = noise.shaped(count, rate, noise.times(noise.band(60, 1800, 1), noise.tilted(-0.5)), stage.detail)
    if kind == "propeller":
        blades_hz = stage["rpm"] / 60 * 3
        tones = sum(
            harmonics(
                phase_of(blades_hz * part * drift, count, rate, wraps=True), 0.85 ** np.arange(24), 26 * blades_hz, rate
            )
            for part in (1.0, 1.007)
        )
        return tones / max(np.std(tones), 1e-9) + 0.45 * air
    if kind == "helicopter":
        beats = phase_of(stage["rpm"] / 60 / 2.2 * drift, count, rate, wraps=True)
        chop = np.exp(-(((beats % 1.0) - 0.5) ** 2) * 60)
        thump = noise.shaped(count, rate, noise.band(45, 420, 1.5), stage.detail)
        whine = harmonics(
            phase_of(stage["rpm"] * 0.55 * drift, count, rate, wraps=True), np.array([1, 0.3]), 2000, rate
        )
        return 1.8 * thump * chop + 0.45 * air * (0.35 + chop) + 0.05 * whine
    roar = noise.shaped(count, rate, noise.times(noise.band(60, 480, 1), noise.tilted(-0.4)), stage.detail)
    whine = sum(
        level * sine(phase_of(hz * drift, count, rate, wraps=True)) for hz, level in ((2350, 0.03), (3480, 0.015))
    )
    rumble = noise.shaped(count, rate, noise.band(25, 110, 2), stage.detail)
    return roar * noise.gusty(count, rate, 1.2, 0.12, stage.rng) + 0.5 * rumble + (whine if rate > 12_000 else 0.0)


_STROKES = 6
"""Of a machine, that differ; then they come again."""


def _machine(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    turns = phase_of(stage["rpm"] / 60, count, rate, wraps=True)
    hum_hz = 50.0
    hum = harmonics(phase_of(hum_hz, count, rate, wraps=True), np.array([0.3, 1, 0.2, 0.6, 0.1, 0.3]), 6 * hum_hz, rate)
    out = 0.4 * hum
    teeth = stage.rng.integers(11, 29)
    gears = harmonics(turns * teeth, np.array([1, 0.6, 0.4, 0.2]), 4 * teeth * stage["rpm"] / 60, rate)
    out += 0.35 * gears * (1 + 0.4 * sine(turns))
    out += 0.3 * noise.shaped(count, rate, noise.band(200, 3000, 1), stage.detail) * (1 + 0.5 * sine(2 * turns))
    starts = steady(60 / stage["strokes_a_minute"], 0.01, count, rate, stage.rng)
    plate = modes_of("metal", 0.5 * float(stage.rng.lognormal(0, 0.4)), stage.rng, 14)
    plate = Modes(plate.hz, np.minimum(plate.decay_s, 0.07), plate.gains)
    size = round(0.35 * rate)
    times = np.arange(size) / rate
    strokes = []
    for _ in range(min(_STROKES, len(starts))):
        blow = noise.shaped(size, rate, noise.band(60, 2500, 1), stage.rng) * decay(times, 0.012, 0.001)
        rung = driven(blow, rate, plate, wraps=False)
        one = blow + 0.9 * rung / max(np.abs(rung).max(), 1e-9)
        strokes.append(one * np.clip((size - np.arange(size)) / (0.2 * size), 0, 1))
    for number, start in enumerate(starts):
        placed(out, strokes[number % len(strokes)], int(start), 2.2 if number % 2 else 1.5)
    return out


def _fan(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    turns = phase_of(stage["rpm"] / 60, count, rate, wraps=True)
    blades = turns * round(stage["blades"])
    air = noise.shaped(count, rate, noise.times(noise.band(110, 3500, 1), noise.tilted(-0.3)), stage.detail)
    beat = 1 + 0.35 * sine(blades) + 0.12 * sine(turns)
    hum = harmonics(phase_of(100, count, rate, wraps=True), np.array([1, 0.4, 0.2]), 300, rate)
    bearing = noise.shaped(count, rate, noise.peak(min(2700.0, 0.3 * rate), 9), stage.detail)
    bearing *= np.maximum(sine(phase_of(stage["rpm"] / 60 * 0.41, count, rate, wraps=True)), 0) ** 4
    return air * beat + 0.25 * sine(blades) + 0.15 * hum + 0.12 * bearing


def _train(stage: Stage) -> np.ndarray:
    count, rate, speed = stage.num_samples, stage.rate, stage["speed_km_h"] / 3.6
    low = noise.shaped(count, rate, noise.band(35, 220, 1.5), stage.detail)
    wheels = noise.shaped(count, rate, noise.times(noise.band(180, 2600, 0.8), noise.tilted(-0.4)), stage.detail)
    loud = noise.gusty(count, rate, 0.8, 0.15, stage.rng)
    out = (0.6 * low + 0.5 * wheels * min(speed / 20, 1.6)) * loud
    curves = np.maximum(noise.slow(count, rate, 0.4, stage.rng) - 0.9, 0)
    squeal_hz = min(2300.0, 0.3 * rate) * np.exp(0.02 * noise.slow(count, rate, 3.0, stage.rng))
    squeal = noise.swept(stage.detail.standard_normal(count), rate, squeal_hz, 40.0)
    out += 0.35 * squeal / max(squeal.std(), 1e-9) * curves
    size = round(0.22 * rate)
    times = np.arange(size) / rate
    rail = modes_of("metal", 0.4, np.random.default_rng(5), 12)
    rail = Modes(rail.hz, np.minimum(rail.decay_s, 0.035), rail.gains)
    for start in steady(stage["rail_m"] / speed, 0.02, count, rate, stage.rng):
        for bogie, level in ((0.0, 1.0), (2.5 / speed, 0.9), (6.0 / speed, 0.75), (8.5 / speed, 0.65)):
            blow = noise.shaped(size, rate, noise.band(70, 1600, 1), stage.rng) * decay(times, 0.018, 0.001)
            rung = driven(blow, rate, rail, wraps=False)
            one = 2.2 * blow + 0.7 * rung / max(np.abs(rung).max(), 1e-9)
            one *= np.clip((size - np.arange(size)) / (0.3 * size), 0, 1)
            placed(out, one, (int(start) + round(bogie * rate)) % count, level * stage.rng.uniform(0.8, 1.1))
    return out


_RPM = "turns of the shaft"
GENERATORS = (
    Generator(
        "engine",
        "an engine that runs",
        "cycle",
        _engine,
        (
            Choice("kind", ("car", "lorry", "motorcycle", "tractor"), "car", "of what"),
            Parameter("rpm", 400, 9000, 1400, "1/min", _RPM, "speed"),
            Parameter("load", 0, 1, 0.3, "", "how hard it works", "intensity"),
        ),
    ),
    Generator(
        "aeroplane",
        "an aeroplane or helicopter",
        "cycle",
        _aeroplane,
        (
            Choice("kind", ("jet", "propeller", "helicopter"), "jet", "which"),
            Parameter("rpm", 300, 4000, 1800, "1/min", "of its propeller", "speed"),
        ),
        level_db=2.0,
    ),
    Generator(
        "machine",
        "a machine in a factory",
        "cycle",
        _machine,
        (
            Parameter("rpm", 60, 6000, 900, "1/min", _RPM, "speed"),
            Parameter("strokes_a_minute", 10, 600, 90, "1/min", "how often it strikes", "intensity"),
        ),
    ),
    Generator(
        "fan",
        "a fan",
        "cycle",
        _fan,
        (
            Parameter("rpm", 60, 6000, 1100, "1/min", _RPM, "speed"),
            Parameter("blades", 2, 12, 5, "", "how many blades"),
        ),
        level_db=-5.0,
    ),
    Generator(
        "train",
        "a train on jointed rails, from inside",
        "cycle",
        _train,
        (
            Parameter("speed_km_h", 15, 200, 60, "km/h", "how fast", "speed"),
            Parameter("rail_m", 8, 40, 25, "m", "from joint to joint"),
        ),
        is_wide=True,
    ),
)
