"""Footsteps, cloth and whooshes: a body that moves.

A step is a heel and a toe; loose ground is many grains that settle under them (Cook, "Modeling Bill's gait: analysis
and parametric synthesis of walking sounds", AES 22nd Conference, 2002; "Physically informed sonic modeling", 1997). A
whoosh is the wake of what passes: noise around 0.2 v / d Hz (Farnell, "Designing Sound", 2010).
"""

from __future__ import annotations

import numpy as np

from menura.synth import noise
from menura.synth.envelopes import bump, decay, shaped_once
from menura.synth.generator import Choice, Generator, Parameter, Stage
from menura.synth.grains import placed, ring, steady
from menura.synth.modes import Modes, driven, modes_of

_LOOSE: dict[str, tuple[float, float, float, int, float]] = {
    # noise from, to (Hz); seconds that a foot sinks; grains; seconds that a grain lasts
    "gravel": (1300, 7000, 0.17, 90, 0.0035),
    "snow": (500, 3200, 0.24, 260, 0.0022),
    "leaves": (2000, 8500, 0.22, 70, 0.005),
    "grass": (1600, 6500, 0.2, 60, 0.008),
    "sand": (900, 5000, 0.2, 300, 0.003),
}
_FIRM: dict[str, tuple[float, float, float, float]] = {
    # of the thud: Hz, seconds; of the click: highest Hz, level
    "wood": (95, 0.035, 2200, 0.6),
    "concrete": (120, 0.014, 2000, 1.1),
    "metal": (140, 0.03, 6000, 0.5),
    "carpet": (75, 0.04, 650, 0.25),
}
_STEP_S = 0.55
_BEFORE_S = 0.01
_STILL = 0.05
"""Of cloth between folds, which never hangs quite still."""
_SOUND_M_S = 343.0


def _step(stage: Stage, surface: str, mass: float, foot: float, rng: np.random.Generator) -> np.ndarray:
    """One step; the `foot`, -1 or 1, is a shoe of its own."""
    rate = stage.rate
    count = round(_STEP_S * rate)
    times = np.arange(count) / rate
    out = np.zeros(count)
    heavy = (mass / 70) ** 0.4
    toe_s = rng.uniform(0.07, 0.11) * (1 + 0.12 * foot)
    for at, level in ((0.0, 1.0), (toe_s, 0.5 * rng.uniform(0.7, 1.2))):
        if surface == "water":
            splash = noise.shaped(count, rate, noise.band(350, 3800, 1.5), rng)
            out += level * splash * bump(times, at, 0.2, 0.12)
            starts = np.round((at + rng.gamma(2.0, 0.035, 25)) * rate).astype(int)
            starts = starts[starts < 0.7 * count]
            ring(out, rate, starts, rng.uniform(600, 2600, len(starts)), 0.012, 0.5 * level, 8.0)
        elif surface in _LOOSE:
            low, high, sink_s, grains, grain_s = _LOOSE[surface]
            low, high = (hz * (1 + 0.06 * foot) * rng.uniform(0.92, 1.08) for hz in (low, high))
            starts = at + sink_s * rng.beta(1.6, 2.4, grains)
            force = np.zeros(count)
            np.add.at(force, np.round(starts * rate).astype(int), rng.lognormal(0, 0.8, grains))
            tail = np.exp(-np.arange(round(8 * grain_s * rate)) / (grain_s * rate))
            rustle = noise.shaped(count, rate, noise.band(low, high, 2), rng)
            out += 0.8 * level * rustle * np.convolve(force, tail)[:count] / grains**0.5
            if surface == "snow":
                squeak = noise.shaped(count, rate, noise.peak(rng.uniform(800, 1100), 6), rng)
                out += 0.5 * level * squeak * bump(times, at + 0.03, sink_s, 0.5)
        if surface in _FIRM:
            hz, time_s, highest, click = _FIRM[surface]
            hz, highest = hz / heavy * rng.uniform(0.94, 1.06) * (1 + 0.05 * foot), highest * (1 - 0.12 * foot)
            ring(out, rate, np.array([round(at * rate)]), hz, time_s * heavy, level * heavy, -2.0)
            knock = noise.shaped(count, rate, noise.band(250, highest, 1.5), rng)
            out += click * level * knock * (decay(times - at, 0.005, 0.0006) + 0.2 * decay(times - at, 0.02, 0.002))
            if surface in ("wood", "metal"):
                board = modes_of(surface, 0.35, rng, 10)
                longest = 0.025 if surface == "wood" else 0.16
                short = Modes(board.hz, np.minimum(board.decay_s, longest), board.gains)
                rung = driven(knock * decay(times - at, 0.004, 0.0005), rate, short, wraps=False)
                out += (0.55 if surface == "wood" else 0.4) * level * rung / max(np.abs(rung).max(), 1e-9)
        elif surface != "water":
            dull = noise.shaped(count, rate, noise.band(50, 260, 2), rng)
            out += 0.3 * heavy * level * dull * bump(times, at, 0.07, 0.2)
    return out * np.clip((count - np.arange(count)) / (0.2 * count), 0, 1)


def _walk(stage: Stage) -> np.ndarray:
    starts = steady(1 / stage["steps_a_second"], 0.06, stage.num_samples, stage.rate, stage.rng)
    starts = (starts + round(_BEFORE_S * stage.rate)) % stage.num_samples
    out = np.zeros(stage.num_samples)
    surface = stage.word("surface")
    for number, start in enumerate(starts):
        side = 1.0 if number % 2 else 0.88
        step = _step(stage, surface, stage["mass_kg"], 1.0 if number % 2 else -1.0, stage.rng)
        placed(out, step, int(start), side * stage.rng.uniform(0.8, 1.1))
    return out


def _cloth(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    low, high = {"cotton": (700, 4500), "silk": (2500, 10000), "leather": (350, 2800), "flag": (90, 1600)}[
        stage.word("fabric")
    ]
    rustle = noise.shaped(count, rate, noise.band(low, high, 1.5), stage.detail)
    folds = np.maximum(noise.slow(count, rate, 6 * stage["speed"], stage.rng) + 0.2, 0) ** 2
    still = _STILL * noise.gusty(count, rate, 2.0, 0.5, stage.detail)
    return rustle * (folds + still) * noise.gusty(count, rate, 60.0, 0.5, stage.detail)


def _whoosh(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    pass_by = shaped_once(count, 0.55)
    hz = 0.2 * stage["speed_m_s"] / stage["thickness_m"]
    air = noise.shaped(count, rate, noise.tilted(-0.35), stage.detail)
    towards = np.tanh(8 * (0.55 - np.arange(count) / count)) * stage["speed_m_s"] / _SOUND_M_S
    centre = hz * (0.25 + 0.9 * pass_by) / (1 - towards)
    tone = noise.swept(air, rate, centre, 2.2)
    body = noise.swept(air, rate, 0.45 * centre, 0.8)
    wake = noise.shaped(count, rate, noise.band(250, 2200, 1), stage.detail)
    return (tone + 0.7 * body) * pass_by**1.6 + 0.3 * air.std() * wake * pass_by**2.5


GENERATORS = (
    Generator(
        "footsteps",
        "somebody who walks or runs",
        "cycle",
        _walk,
        (
            Choice("surface", (*_FIRM, *_LOOSE, "water"), "concrete", "the ground"),
            Parameter("steps_a_second", 0.6, 4.5, 1.8, "1/s", "how fast; 2.8 is running", "speed"),
            Parameter("mass_kg", 15, 160, 70, "kg", "of who walks", "size"),
        ),
        level_db=-5.0,
    ),
    Generator(
        "cloth",
        "cloth that moves",
        "texture",
        _cloth,
        (
            Choice("fabric", ("cotton", "silk", "leather", "flag"), "cotton", "what it is"),
            Parameter("speed", 0.2, 4, 1, "", "times as fast", "speed"),
        ),
        level_db=-9.0,
    ),
    Generator(
        "whoosh",
        "something that passes quickly",
        "event",
        _whoosh,
        (
            Parameter("seconds", 0.1, 5, 0.6, "s", "how long", "-speed"),
            Parameter("speed_m_s", 3, 80, 20, "m/s", "how fast it goes", "intensity"),
            Parameter("thickness_m", 0.001, 0.2, 0.005, "m", "of what passes", "size"),
        ),
        length_s=lambda values: float(values["seconds"]),
        level_db=-3.0,
    ),
)
