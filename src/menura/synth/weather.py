"""Rain, hail, wind and thunder.

Rain is drops that strike something, near ones heard one by one and far ones as noise of the same spectrum (Farnell,
"Designing Sound", 2010, ch. 40; sizes by Marshall and Palmer, 1948). Wind is noise in bands that gusts open one after
another, and tones that obstacles shed at 0.2 v / d Hz (Strouhal; Farnell ch. 41). Thunder is a long crooked spark whose
parts are heard one after another (Few, "Power spectrum of thunder", 1969; Farnell ch. 42).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.fft import irfft, rfft, rfftfreq

from menura.synth import noise
from menura.synth.envelopes import bump, curve, decay
from menura.synth.generator import Choice, Generator, Parameter, Stage, Value
from menura.synth.grains import poisson, ring, strew, uneven
from menura.synth.modes import modes_of, struck

_GRAINS = 24
_LULL = 0.3
"""Of the mean wind, what blows at least."""
_LOW_RATE_HZ = 6000
"""Enough for what is low in wind."""
_CRACK_S = 3.5
_COARSE = 48
"""Samples of thunder from one point of an envelope to the next."""
_BOUNCES = 3
_SURFACES: dict[str, tuple[float, float, float, float]] = {
    # of a drop: noise from, to (Hz), seconds, share of noise against ringing
    "ground": (900.0, 4200.0, 0.004, 1.0),
    "leaves": (1800.0, 7000.0, 0.003, 1.0),
    "pavement": (1400.0, 9000.0, 0.003, 1.0),
    "tin": (900.0, 7000.0, 0.002, 0.25),
    "window": (1200.0, 6000.0, 0.002, 0.45),
    "water": (2500.0, 9000.0, 0.002, 0.12),
    "tent": (180.0, 1500.0, 0.006, 0.7),
    "roof": (500.0, 3200.0, 0.005, 0.7),
}
_AROUND = 1.0
"""Rain that falls elsewhere, against that which falls here."""
_FAR = noise.tilted(-0.5, 60.0)
_RINGING = {"tin": "tin", "window": "glass", "roof": "ceramic"}


def _drops(stage: Stage, surface: str) -> np.ndarray:
    """A bank of what single drops sound like on a surface, ``[grain, sample]``."""
    low, high, seconds, share = _SURFACES[surface]
    length = round(0.12 * stage.rate)
    times = np.arange(length) / stage.rate
    bank = np.zeros((_GRAINS, length))
    for grain in bank:
        size = stage.detail.uniform(0.6, 1.7)
        hiss = noise.shaped(length, stage.rate, noise.band(low / size, high / size, 3), stage.detail)
        burst = hiss * decay(times, seconds * size, 0.0003)
        grain += share * burst / max(np.abs(burst).max(), 1e-9)
        rung = np.zeros(length)
        if surface in _RINGING:
            metre = stage.detail.uniform(0.12, 0.3) if surface == "tin" else stage.detail.uniform(0.08, 0.2)
            struck(rung, stage.rate, modes_of(_RINGING[surface], metre, stage.detail, 12), contact_s=0.0002)
            rung *= np.exp(-times / (0.02 if surface == "tin" else 0.01))
        elif surface == "water":
            radius_mm = stage.detail.uniform(0.6, 2.2)
            delay = round(stage.detail.uniform(0.003, 0.02) * stage.rate)
            ring(rung, stage.rate, np.array([delay]), 3260 / radius_mm, 0.006 * radius_mm, 1.0, 6.0)
            rung[: delay // 2] = 0  # what came round
        elif surface == "tent":
            hz = stage.detail.uniform(130, 320)
            ring(rung, stage.rate, np.zeros(1), hz, 0.011, 1.0, -4.0)
        grain += (1 - share) * rung / max(np.abs(rung).max(), 1e-9)
        grain *= np.minimum((length - np.arange(length)) / (0.2 * length), 1)
    return bank


def _like(bank: np.ndarray, rate: int) -> noise.Gain:
    """The mean spectrum of a bank of grains, smooth."""
    power = np.square(np.abs(rfft(bank))).mean(0)
    width = max(len(power) // 150, 1)
    power = np.convolve(np.pad(power, width, mode="edge"), np.ones(2 * width + 1) / (2 * width + 1), "valid")
    hz = rfftfreq(bank.shape[1], 1 / rate)
    return lambda asked: np.sqrt(np.interp(asked, hz, power))


def _rain(stage: Stage) -> np.ndarray:
    surface, rate_hz, drop_mm = stage.word("surface"), stage["drop_rate"], stage["drop_size_mm"]
    bank = _drops(stage, surface)
    gusts = noise.gusty(stage.num_samples, stage.rate, 0.35, 0.12, stage.rng)
    wash_gain = noise.times(_like(bank, stage.rate), noise.band(150, 12_000, 1), noise.tilted(0.6, 300.0))
    wash = noise.shaped(stage.num_samples, stage.rate, wash_gain, stage.detail)
    around = noise.shaped(stage.num_samples, stage.rate, noise.times(noise.band(45, 9000, 1), _FAR), stage.detail)
    out = (wash + _AROUND * around) * gusts * (0.012 * rate_hz**0.5)
    short = bank[:, : round(0.012 * stage.rate)] * np.linspace(1, 0, round(0.012 * stage.rate))
    patter = uneven(min(4 * rate_hz, 2500), gusts, stage.rate, stage.detail)
    strew(out, short, patter, 0.16 * stage.detail.lognormal(0, 0.5, len(patter)), stage.detail, _speeds(stage, patter))
    near = uneven(min(0.35 * rate_hz, 160), gusts, stage.rate, stage.detail)
    heavy = np.minimum(stage.detail.lognormal(-0.5, 0.75, len(near)), 3.5) * (drop_mm / 2) ** 1.3
    return strew(out, bank, near, 0.5 * heavy, stage.detail, _speeds(stage, near) * (2 / drop_mm) ** 0.4)


def _speeds(stage: Stage, starts: np.ndarray) -> np.ndarray:
    return np.exp(stage.detail.normal(0, 0.15, len(starts)))


def _hail(stage: Stage) -> np.ndarray:
    material = stage.word("surface")
    bank = np.zeros((_GRAINS, round(0.2 * stage.rate)))
    for grain in bank:
        contact_s = 0.00025 * (stage["stone_mm"] / 10) ** 0.6
        modes = modes_of(material, stage.detail.uniform(0.1, 0.35), stage.detail)
        struck(grain, stage.rate, modes, contact_s=contact_s)
        click = noise.shaped(len(grain), stage.rate, noise.band(1200, 7000), stage.detail)
        grain /= max(np.abs(grain).max(), 1e-9)
        grain += 0.25 * click * np.exp(-np.arange(len(grain)) / (0.0015 * stage.rate))
        grain *= np.exp(-np.arange(len(grain)) / (0.04 * stage.rate)) * np.linspace(1, 0, len(grain))
    gusts = noise.gusty(stage.num_samples, stage.rate, 0.5, 0.35, stage.rng)
    out = 0.12 * noise.shaped(stage.num_samples, stage.rate, _like(bank, stage.rate), stage.detail) * gusts
    starts = uneven(stage["stone_rate"], gusts, stage.rate, stage.detail)
    loud = stage.detail.lognormal(-0.4, 0.7, len(starts))
    for _ in range(_BOUNCES):
        strew(out, bank, starts % stage.num_samples, loud, stage.detail, _speeds(stage, starts))
        starts = starts + (stage.detail.uniform(0.05, 0.13, len(starts)) * loud**0.3 * stage.rate).astype(np.int64)
        loud = loud * stage.detail.uniform(0.15, 0.45, len(starts))
    return out


def _eddies(size: int, rate: float, centre_hz: float, speed: float, rng: np.random.Generator) -> np.ndarray:
    centre_hz *= (speed / 8) ** 0.35
    return noise.shaped(size, round(rate), noise.band(centre_hz * 0.6, centre_hz * 1.5, 2), rng)


def _wind(stage: Stage) -> np.ndarray:
    speed, gustiness, place = stage["wind_m_s"], stage["gustiness"], stage.word("place")
    size, rate = stage.num_samples, stage.rate
    base = noise.slow(size, rate, 0.25, stage.rng)
    flow = np.maximum(1 + gustiness * (0.55 * base + 0.25 * noise.slow(size, rate, 0.9, stage.rng)), _LULL)
    less = max(rate // _LOW_RATE_HZ, 1)
    low, slower = size // less, flow[: size // less * less : less]
    out = np.zeros(low)
    for centre, power, level in ((70, 1.6, 0.7), (170, 2.0, 0.9), (380, 2.6, 0.5)):
        out += level * slower**power * _eddies(low, rate * low / size, centre, speed, stage.detail)
    out = irfft(rfft(out), size) * (size / low)
    for centre, power, level in ((800, 3.2, 0.18), (1700, 3.8, 0.05)):
        out += level * flow**power * _eddies(size, rate, centre, speed, stage.detail)
    if place == "trees":
        rustle = noise.shaped(size, rate, noise.band(1500, 6500, 1.5), stage.detail)
        flutter = noise.gusty(size, rate, 9.0, 0.4, stage.detail)
        out = 0.55 * out + 0.75 * rustle * flutter * np.minimum(flow, 2.2) ** 2.5
    if place in ("window", "wires"):
        hiss = noise.shaped(size, rate, noise.tilted(-0.3), stage.detail)
        tones = ((0.0036, 22.0), (0.0023, 30.0)) if place == "window" else ((0.0012, 45.0), (0.00087, 60.0))
        for diameter_m, q in tones:
            hz = 0.2 * speed * flow**0.8 / diameter_m
            whistle = noise.swept(hiss, rate, np.minimum(hz, 0.2 * rate), q)
            whistle /= max(whistle.std(), 1e-9)
            out += (0.8 if place == "window" else 0.35) * whistle * np.clip(flow - 0.5, 0, 1.6) ** 1.5
    return out


def _thunder(stage: Stage) -> np.ndarray:
    distance_km, length = stage["distance_m"] / 1000, _thunder_s(stage.values)
    size, rate, times = stage.num_samples, stage.rate, stage.times
    near = 1 / (1 + 2.2 * distance_km)
    coarse = times[::_COARSE]
    peals = np.full(len(coarse), 0.1)
    for _ in range(stage.rng.integers(4, 8)):
        start = length * 0.75 * stage.rng.beta(1.0, 2.4)
        peals += stage.rng.uniform(0.4, 1) * bump(coarse, start, stage.rng.uniform(0.12, 0.4) * length, 0.2)
    peals *= decay(coarse, 0.6 * length, 0.002 + 0.25 * (1 - near))
    peals *= noise.gusty(len(coarse), rate // _COARSE, 7.0, 0.6, stage.rng)
    out = np.zeros(size)
    for low, high, level, power in (
        (22, 70, 1.0, 0.9),
        (60, 160, 0.95, 1.1),
        (140, 700, 0.9 * near**0.3, 1.2),
        (500, 3000, 1.2 * near, 1.6),
    ):
        part = noise.shaped(size, rate, noise.band(low, high, 2), stage.detail)
        out += level * part * noise.stretched(peals**power, size)
    arrivals = poisson(60 / length * (1 + 2 * near), size, rate, stage.detail)
    claps = np.exp(-arrivals / rate / (0.25 * length)) * stage.detail.lognormal(-0.8, 0.7, len(arrivals))
    for start, clap in zip(arrivals, claps, strict=True):
        hz = stage.detail.uniform(35, 90) * (0.6 + near)
        wave = np.linspace(1, -1, round(rate / hz)) * np.hanning(round(rate / hz))
        room = size - start
        out[start : start + len(wave)] += clap * wave[:room]
    first = times[: min(size, round(_CRACK_S * rate))]
    crack = noise.shaped(len(first), rate, noise.band(350, 5000 * near + 300, 1), stage.detail)
    tears = sum(decay(first - at, 0.05) * level for at, level in ((0.0, 0.4), (0.07, 0.7), (0.16, 1.0), (0.31, 0.6)))
    out[: len(first)] += 3.2 * near**3 * crack * (tears + 0.25 * decay(first, 0.5, 0.05))
    lowpass = curve(
        coarse, (0, 500 + 14000 * near**1.3), (0.4 * length, 300 + 5000 * near**1.3), (length, 180 + 1200 * near)
    )
    return noise.swept(noise.swept(out, rate, lowpass, 0.7, "low"), rate, 1.5 * lowpass, 0.7, "low") * _fading(
        times, length
    )


def _fading(times: np.ndarray, length: float) -> np.ndarray:
    """1, and a long way down to 0 at the end."""
    return np.clip((length - times) / (0.5 * length), 0, 1) ** 1.3


def _thunder_s(values: Mapping[str, Value]) -> float:
    return float(values["rumble_s"])


GENERATORS = (
    Generator(
        "rain",
        "rain on a surface, from single drops to a downpour",
        "texture",
        _rain,
        (
            Parameter("drop_rate", 3, 1500, 150, "drops/m² s", "how many drops fall", "intensity"),
            Parameter("drop_size_mm", 1, 5, 2, "mm", "their size", "size"),
            Choice("surface", tuple(_SURFACES), "ground", "what they fall on"),
        ),
        is_wide=True,
    ),
    Generator(
        "hail",
        "hailstones that bounce off something hard",
        "texture",
        _hail,
        (
            Parameter("stone_rate", 3, 300, 60, "stones/s", "how many are heard", "intensity"),
            Parameter("stone_mm", 4, 40, 9, "mm", "their size", "size"),
            Choice("surface", ("tin", "glass", "stone", "wood", "plastic"), "tin", "what they fall on"),
        ),
        is_wide=True,
    ),
    Generator(
        "wind",
        "wind, with gusts",
        "texture",
        _wind,
        (
            Parameter("wind_m_s", 1, 30, 8, "m/s", "its mean speed", "intensity"),
            Parameter("gustiness", 0, 1, 0.6, "", "how far gusts go from the mean"),
            Choice("place", ("open", "trees", "window", "wires"), "open", "what it blows around"),
        ),
        is_wide=True,
    ),
    Generator(
        "thunder",
        "a clap of thunder and its roll",
        "event",
        _thunder,
        (
            Parameter("distance_m", 100, 12000, 1200, "m", "to the lightning"),
            Parameter("rumble_s", 2, 20, 8, "s", "how long it rolls", "size"),
        ),
        length_s=_thunder_s,
        is_wide=True,
        level_db=4.0,
    ),
)
