"""Fire: lapping flames, hiss and crackling (Farnell, "Designing Sound", 2010, ch. 34)."""

from __future__ import annotations

import numpy as np

from menura.synth import noise
from menura.synth.generator import Generator, Parameter, Stage
from menura.synth.grains import strew, uneven

_SNAPS = 40


def _snaps(stage: Stage) -> np.ndarray:
    """A bank of crackles: wood fibres that break, each with a pitch of its own."""
    length = round(0.05 * stage.rate)
    times = np.arange(length) / stage.rate
    bank = np.zeros((_SNAPS, length))
    for snap in bank:
        hz = stage.detail.uniform(1200, 7000)
        body = noise.shaped(length, stage.rate, noise.peak(hz, stage.detail.uniform(1.5, 6)), stage.detail)
        snap += body * np.exp(-times / stage.detail.uniform(0.0006, 0.006)) * np.minimum(times / 0.00008, 1)
        snap /= max(np.abs(snap).max(), 1e-9)
        snap *= np.linspace(1, 0, length)
    return bank


def _fire(stage: Stage) -> np.ndarray:
    power, rate, size = stage["power_kw"], stage.rate, stage.num_samples
    scale = power**0.4
    flames = noise.gusty(size, rate, 7.0, 0.55, stage.rng)
    lapping = noise.shaped(size, rate, noise.times(noise.band(25, 130, 1), noise.tilted(-0.7)), stage.detail)
    roar = noise.shaped(size, rate, noise.band(90, 280, 1.5), stage.detail)
    hiss = noise.shaped(size, rate, noise.band(2000, 9000, 1), stage.detail)
    out = 0.08 * scale**0.7 * lapping * flames + 0.012 * scale * roar * flames**1.5
    jets = noise.gusty(size, rate, 0.6, 0.9, stage.detail) * noise.gusty(size, rate, 11.0, 0.5, stage.detail)
    out += 0.010 * hiss * jets
    showers = noise.gusty(size, rate, 1.6, 0.9, stage.rng)
    small = uneven(1.6 * stage["crackles_a_second"], showers, rate, stage.detail)
    bank = _snaps(stage)
    strew(out, bank[:, : len(bank[0]) // 4] * np.linspace(1, 0, len(bank[0]) // 4), small,
          0.10 * stage.detail.lognormal(0, 0.7, len(small)), stage.detail,
          stage.detail.uniform(0.9, 1.8, len(small)))  # fmt: skip
    large = uneven(0.22 * stage["crackles_a_second"], showers, rate, stage.detail)
    loud = np.minimum(0.35 * stage.detail.lognormal(0, 0.6, len(large)), 1.2)
    return strew(out, bank, large, loud, stage.detail, stage.detail.uniform(0.6, 1.2, len(large)))


GENERATORS = (
    Generator(
        "fire",
        "a fire of wood, from a candle's flutter to a blaze",
        "texture",
        _fire,
        (
            Parameter("power_kw", 0.2, 400, 8, "kW", "how much heat it gives", "intensity"),
            Parameter("crackles_a_second", 0, 80, 12, "1/s", "how often wood cracks", "density"),
        ),
        is_wide=True,
        level_db=-3.0,
    ),
)
