"""Things that are struck, broken, scraped, and that creak; doors.

Modes and contact: van den Doel and Pai, "The sounds of physical shapes", 1998. Breaking as one crack and a shower of
pieces: Farnell, "Designing Sound", 2010. Creaking as stick and slip, whose rate follows the push: Farnell ch. 33;
Avanzini, Serafin and Rocchesso, "Interactive simulation of rigid body interaction with friction-induced sound", 2005.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy

from menura.synth import noise
from menura.synth.envelopes import breakpoints, curve, decay, shaped_once
from menura.synth.generator import Choice, Generator, Parameter, Stage, Value
from menura.synth.grains import poisson, ring
from menura.synth.modes import MATERIALS, Modes, contact, driven, held_s, modes_of, struck

_HARD = ("wood", "metal", "tin", "glass", "ceramic", "stone", "plastic", "skin")
_CONTACTS = 3
"""Groups of modes that a contact which moves drives at different strengths."""
_OF_MATERIAL = Choice("material", _HARD, "wood", "what it is made of")


def thud(stage: Stage, hz: float, time_s: float, noise_hz: float) -> np.ndarray:
    """A dull blow: a tone that falls, and a knock of low noise."""
    times = stage.times
    tone = np.sin(2 * np.pi * hz * (times + 0.5 * time_s * (1 - np.exp(-times / (0.3 * time_s)))))
    knock = noise.shaped(stage.num_samples, stage.rate, noise.band(0.5 * hz, noise_hz, 2), stage.detail)
    return tone * decay(times, time_s, 0.001) + 0.5 * knock * decay(times, 0.3 * time_s, 0.0005)


def _impact(stage: Stage) -> np.ndarray:
    material, size, speed = stage.word("material"), stage["size_m"], stage["speed_m_s"]
    out = np.zeros(stage.num_samples)
    contact_s = 0.0009 * size**0.3 / speed**0.4 * (1.0 - 0.85 * stage["hardness"])
    modes = modes_of(material, size, stage.rng)
    struck(out, stage.rate, modes, contact_s=contact_s)
    out /= max(np.abs(out).max(), 1e-9)
    click = noise.shaped(stage.num_samples, stage.rate, noise.band(600, 3500 + 4500 * stage["hardness"]), stage.detail)
    out += 0.3 * click * decay(stage.times, 0.003, 0.0002)
    if size > 0.25:
        out += 0.5 * min(size, 1.5) * thud(stage, 75 * (0.5 / size) ** 0.3, 0.05, 300)
    for bounce in range(round(stage["bounces"])):
        at = sum(0.32 * 0.72**number for number in range(bounce + 1))
        again = np.zeros(stage.num_samples)
        strength = 0.55 * 0.62**bounce
        elsewhere = Modes(modes.hz, modes.decay_s, modes.gains * stage.rng.uniform(0.5, 1, len(modes.hz)))
        struck(again, stage.rate, elsewhere, contact_s=contact_s * 1.3)
        placed_at = round(at * stage.rate)
        again *= strength / max(np.abs(again).max(), 1e-9)
        out[placed_at:] += again[: max(stage.num_samples - placed_at, 0)]
    return out


def _impact_s(values: Mapping[str, Value]) -> float:
    kind = MATERIALS[str(values["material"])]
    size = float(values["size_m"])
    longest = 1 / (np.pi * kind.sizes_hz * (0.1 / size) ** 0.8 * kind.friction + 1 / held_s(kind, size))
    return float(7 * longest + 0.15 + (1.0 if float(values["bounces"]) else 0))


def _breaking(stage: Stage) -> np.ndarray:
    material, size, times, rate = stage.word("material"), stage["size_m"], stage.times, stage.rate
    out = np.zeros(stage.num_samples)
    for _ in range(4):
        struck(out, rate, modes_of(material, size * stage.rng.uniform(0.4, 1.2), stage.rng), contact_s=0.00006)
    out *= decay(times, 0.12, 0.0003) / max(np.abs(out).max(), 1e-9)
    bright = {"glass": (1500, 7500), "ceramic": (1200, 8000), "wood": (300, 3500)}[material]
    crack = noise.shaped(stage.num_samples, rate, noise.band(*bright, 1), stage.detail)
    out += 0.7 * crack * (decay(times, 0.012, 0.0004) + 0.35 * decay(times, 0.11, 0.004))
    out += 0.3 * size**0.5 * thud(stage, 150, 0.03, 700)
    count = round(stage["pieces"])
    spread = {"glass": 0.28, "ceramic": 0.16, "wood": 0.1}[material] * size**0.3 * 1.6
    starts = np.round((0.01 + stage.rng.gamma(1.3, spread, count)) * rate).astype(int)
    starts = starts[starts < 0.82 * stage.num_samples]
    late = np.exp(-starts / rate / (2.2 * spread))
    sizes = np.exp(stage.rng.uniform(np.log(0.02), np.log(0.2), len(starts))) * size**0.3
    strengths = (0.1 + 0.5 * late) * stage.rng.lognormal(-1.7, 0.6, len(starts)) * (sizes / 0.08) ** 0.5
    pieces = [modes_of(material, one, stage.rng, 5) for one in sizes]
    if pieces:
        hz, decays, gains = (np.stack([getattr(one, what) for one in pieces]) for what in ("hz", "decay_s", "gains"))
        shortest = np.minimum(decays, stage.rng.uniform(0.015, 0.06, (len(pieces), 1)))
        loud = strengths[:, None] * gains * contact(hz, 0.00008)
        ring(out, rate, np.repeat(starts, hz.shape[1]), hz.ravel(), shortest.ravel(), loud.ravel())
    return out * breakpoints(times, (0, 1), (0.8 * stage.seconds, 1), (stage.seconds, 0))


def _scrape(stage: Stage) -> np.ndarray:
    material, speed, rate = stage.word("material"), stage["speed_m_s"], stage.rate
    size = stage.num_samples
    push = shaped_once(size, 0.4) ** 0.5 * noise.gusty(size, rate, 8.0, 0.25, stage.rng)
    bumps_hz = speed / (stage["grain_mm"] / 1000)
    grit = noise.shaped(size, rate, noise.band(0.4 * bumps_hz, min(4 * bumps_hz, 9000) + 500, 1), stage.detail)
    grit *= 1 + 0.8 * noise.slow(size, rate, min(bumps_hz, 60), stage.detail)
    modes = modes_of(material, stage["size_m"], stage.rng)
    short = Modes(modes.hz, np.minimum(modes.decay_s, 0.03), modes.gains * modes.hz**0.5)
    rung = np.zeros(size)
    for part in range(_CONTACTS):
        here = Modes(*(one[part::_CONTACTS] for one in (short.hz, short.decay_s, short.gains)))
        rung += driven(grit * push * noise.gusty(size, rate, 5.0, 0.7, stage.rng), rate, here, wraps=False)
    return rung / max(rung.std(), 1e-9) + 0.5 * grit * push


def _creak(stage: Stage) -> np.ndarray:
    rate, size, times = stage.rate, stage.num_samples, stage.times
    length, slow_hz, fast_hz = stage.seconds, 14.0 * stage["tightness"], 95.0 * stage["tightness"]
    turns = sorted(stage.rng.uniform(0.1, 0.9, 2))
    ends = stage.rng.permutation([slow_hz, fast_hz, 0.6 * fast_hz])
    push = curve(times, (0, slow_hz), (turns[0] * length, ends[0]), (turns[1] * length, ends[1]), (length, slow_hz))
    push = push * np.exp(0.25 * noise.slow(size, rate, 6.0, stage.rng))
    slips = np.flatnonzero(np.diff(np.floor(np.cumsum(push / rate))) > 0)
    slips = slips + np.round(stage.rng.normal(0, 0.04, len(slips)) * rate / push[slips]).astype(int)
    slips = np.clip(slips, 0, size - 1)
    force = np.zeros(size)
    np.add.at(force, slips, stage.rng.lognormal(0, 0.3, len(slips)) * (slow_hz / push[slips]) ** 0.3)
    material = stage.word("material")
    modes = modes_of(material, 0.3 if material == "wood" else 0.5, stage.rng, 12)
    longest = 0.012 if material == "wood" else 0.05
    short = Modes(modes.hz * 1.9, np.minimum(modes.decay_s, longest), modes.gains * modes.hz**1.3)
    out = driven(noise.filtered(force, rate, noise.band(400, 9000, 1), wraps=False), rate, short, wraps=False)
    rub = noise.shaped(size, rate, noise.band(1500, 9000, 1), stage.detail)
    rub *= noise.filtered(force, rate, noise.band(0, 150), wraps=False)
    out = out / max(out.std(), 1e-9) + 0.5 * rub / max(rub.std(), 1e-9)
    return out * shaped_once(size, 0.45) ** 0.4


def _door(stage: Stage) -> np.ndarray:
    action, mass, times, rate = stage.word("action"), stage["mass_kg"], stage.times, stage.rate
    material = stage.word("material")
    panel = modes_of(material, 0.5 * (mass / 25) ** 0.4, stage.rng, 12)
    out = np.zeros(stage.num_samples)
    if action == "knock":
        for number in range(3):
            at = round((0.02 + number * stage.rng.uniform(0.19, 0.23)) * rate)
            struck(out, rate, modes_of(material, 0.28, np.random.default_rng(7)), at, stage.rng.uniform(0.7, 1), 0.0011)
            ring(out, rate, np.array([at]), 165.0, 0.03, 3.0, -2)
        return _in_hall(stage, out)
    if action in ("slam", "close"):
        hard = 1.0 if action == "slam" else 0.35
        at = 0.0 if action == "slam" else 0.05
        struck(out, rate, panel, round(at * rate), 0.4 + 0.6 * hard, 0.003 - 0.0012 * hard)
        out /= max(np.abs(out).max(), 1e-9)
        blow = noise.shaped(stage.num_samples, rate, noise.band(90, 420 + 400 * hard, 1.5), stage.detail)
        out += (0.6 + 1.8 * hard) * blow * decay(times - at, 0.045 + 0.03 * hard, 0.001)
        ring(out, rate, np.array([round(at * rate)]), 62 * (25 / mass) ** 0.2, 0.09, 0.7 * hard + 0.2, -1.0)
        rattle = round(rate * (at + 0.05)) + poisson(45 * hard + 8, round(0.25 * rate), rate, stage.rng)
        out += (
            0.1
            * noise.shaped(stage.num_samples, rate, noise.band(200, 1500), stage.detail)
            * decay(times - at, 0.25, 0.02)
        )
    else:
        rattle = np.array([round(0.26 * rate)])
    latch = modes_of("metal", 0.06, stage.rng, 8)
    short = Modes(latch.hz, np.minimum(latch.decay_s, 0.012), latch.gains)
    starts = np.append(rattle, np.round(np.array([0.03, 0.02 if action == "slam" else 0.09]) * rate).astype(int))
    gains = 0.05 * stage.rng.uniform(0.4, 1, (len(starts), 1)) * short.gains * contact(short.hz, 0.0002)
    hz, decay_s = (np.tile(one, len(starts)) for one in (short.hz, short.decay_s))
    ring(out, rate, np.repeat(starts, len(short.hz)), hz, decay_s, gains.ravel())
    return _in_hall(stage, out)


def _in_hall(stage: Stage, out: np.ndarray) -> np.ndarray:
    """With the room behind the door: a tail of noise under which high frequencies die away sooner."""
    count, rate = stage.num_samples, stage.rate
    times = np.arange(min(count, round(0.6 * rate))) / rate
    tail = noise.shaped(len(times), rate, noise.band(150, 1200, 0.7), stage.detail) * decay(times, 0.12, 0.008)
    room = scipy.signal.fftconvolve(out, tail / np.sqrt(np.sum(np.square(tail))))[:count]
    fade = np.clip((count - np.arange(count)) / (0.4 * count), 0, 1)
    return (out + 0.35 * room) * np.minimum(2 * fade, 1)


def _rolling(stage: Stage) -> np.ndarray:
    size, rate = stage.num_samples, stage.rate
    turning = noise.gusty(size, rate, 3.0, 0.2, stage.rng)
    bumps = poisson(60 * stage["speed_m_s"], size, rate, stage.detail)
    force = np.zeros(size)
    np.add.at(force, bumps, stage.detail.lognormal(0, 0.6, len(bumps)))
    force += 0.02 * noise.shaped(size, rate, noise.band(60, 1800, 1), stage.detail)
    modes = modes_of(stage.word("material"), stage["size_m"], stage.rng)
    short = Modes(modes.hz, np.minimum(modes.decay_s, 0.05), modes.gains / modes.hz**0.3)
    out = driven(noise.filtered(force, rate, noise.band(50, 3500)) * turning, rate, short)
    return out / max(out.std(), 1e-9) + 0.35 * noise.shaped(size, rate, noise.band(50, 350), stage.detail) * turning


GENERATORS = (
    Generator(
        "impact",
        "a thing that is struck or falls",
        "event",
        _impact,
        (
            _OF_MATERIAL,
            Parameter("size_m", 0.02, 2, 0.15, "m", "of the thing", "size"),
            Parameter("speed_m_s", 0.1, 20, 2, "m/s", "of the stroke", "intensity"),
            Parameter("hardness", 0, 1, 0.6, "", "of what strikes it: 0 felt, 1 steel"),
            Parameter("bounces", 0, 6, 0, "", "how often it bounces"),
        ),
        length_s=_impact_s,
    ),
    Generator(
        "breaking",
        "a thing that breaks into pieces",
        "event",
        _breaking,
        (
            Choice("material", ("glass", "ceramic", "wood"), "glass", "what it is made of"),
            Parameter("size_m", 0.05, 3, 0.5, "m", "of the thing", "size"),
            Parameter("pieces", 5, 200, 70, "", "how many pieces fall", "intensity"),
        ),
        length_s=lambda values: 1.8 * float(values["size_m"]) ** 0.25 + 0.5,
    ),
    Generator(
        "scrape",
        "a thing that is dragged over another",
        "event",
        _scrape,
        (
            _OF_MATERIAL,
            Parameter("seconds", 0.1, 8, 1.2, "s", "how long", "-speed"),
            Parameter("speed_m_s", 0.05, 3, 0.5, "m/s", "of the movement", "intensity"),
            Parameter("grain_mm", 0.05, 5, 0.4, "mm", "from ridge to ridge"),
            Parameter("size_m", 0.02, 2, 0.2, "m", "of the thing", "size"),
        ),
        length_s=lambda values: float(values["seconds"]),
        level_db=-4.0,
    ),
    Generator(
        "creak",
        "wood or a hinge that creaks",
        "event",
        _creak,
        (
            Choice("material", ("wood", "metal"), "wood", "what creaks"),
            Parameter("seconds", 0.2, 6, 1.6, "s", "how long", "-speed"),
            Parameter("tightness", 0.4, 4, 1, "", "how high", "pitch"),
        ),
        length_s=lambda values: float(values["seconds"]),
        level_db=-5.0,
    ),
    Generator(
        "door",
        "a door that is opened, closed, slammed or knocked at",
        "event",
        _door,
        (
            Choice("action", ("slam", "close", "open", "knock"), "slam", "what happens to it"),
            Choice("material", ("wood", "metal", "glass"), "wood", "what it is made of"),
            Parameter("mass_kg", 5, 200, 25, "kg", "of the door", "size"),
        ),
        length_s=lambda values: 2.2 if values["material"] == "metal" else 1.0,
    ),
    Generator(
        "rolling",
        "a ball or a barrel that rolls",
        "texture",
        _rolling,
        (
            _OF_MATERIAL,
            Parameter("size_m", 0.02, 2, 0.2, "m", "of the thing", "size"),
            Parameter("speed_m_s", 0.1, 8, 1, "m/s", "how fast", "speed"),
        ),
        level_db=-4.0,
    ),
)
