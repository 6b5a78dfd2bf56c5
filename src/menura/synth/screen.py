"""Sounds of film and of media: static, vinyl, tape, rooms; drones, risers, hits, sub drops, magic.

Noise by its source: Farnell, "Designing Sound", 2010; vinyl as clicks, crackle and rumble: Välimäki et al., "Digital
audio antiquing", Computer Music Journal 32(3), 2008. The rest is the craft of trailers: Sonnenschein, "Sound Design",
2001.
"""

from __future__ import annotations

import numpy as np

from menura.synth import noise
from menura.synth.envelopes import curve, decay
from menura.synth.generator import Choice, Generator, Parameter, Stage
from menura.synth.grains import poisson, ring, steady
from menura.synth.oscillators import harmonics, phase_of, saw, sine


def _noise(stage: Stage) -> np.ndarray:
    power = {"white": 0.0, "pink": -0.5, "brown": -1.0, "blue": 0.5}[stage.word("colour")]
    return noise.shaped(stage.num_samples, stage.rate, noise.tilted(power, 20.0), stage.detail)


def _static(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    hiss = noise.shaped(count, rate, noise.band(300, 5500, 1.5), stage.detail)
    fades = noise.gusty(count, rate, 3.0, 0.35, stage.rng)
    out = hiss * fades
    bursts = poisson(14 * stage["disturbance"], count, rate, stage.detail)
    ring(out, rate, bursts, stage.detail.uniform(800, 4000, len(bursts)), 0.002, 4 * stage.detail.random(len(bursts)))
    whistle = noise.gusty(count, rate, 0.5, 0.9, stage.rng)
    tone = sine(phase_of(900 * np.exp(0.5 * noise.slow(count, rate, 0.4, stage.rng)), count, rate, wraps=True))
    return out + 0.12 * stage["disturbance"] * tone * whistle


def _vinyl(stage: Stage) -> np.ndarray:
    count, rate, wear = stage.num_samples, stage.rate, stage["wear"]
    out = 0.02 * noise.shaped(count, rate, noise.times(noise.band(200, 8000, 0.7), noise.tilted(-0.3)), stage.detail)
    rumble = noise.shaped(count, rate, noise.band(20, 70, 2), stage.detail)
    turns = phase_of(33.33 / 60, count, rate, wraps=True)
    out += 0.03 * rumble * (1 + 0.5 * sine(turns))
    small = poisson(30 * wear, count, rate, stage.detail)
    ring(
        out, rate, small, stage.detail.uniform(1500, 7000, len(small)), 0.00025, 0.16 * stage.detail.random(len(small))
    )
    pops = poisson(1.6 * wear, count, rate, stage.detail)
    ring(out, rate, pops, stage.detail.uniform(500, 2200, len(pops)), 0.0012, stage.detail.uniform(0.2, 0.7, len(pops)))
    scratch = steady(1.8, 0.0, count, rate, stage.rng)
    return ring(out, rate, scratch, 900.0, 0.0016, 0.35 * min(wear, 1.5))


def _tape(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    hiss = noise.shaped(count, rate, noise.times(noise.band(300, 8000, 1), noise.tilted(-0.1)), stage.detail)
    hum = harmonics(phase_of(50, count, rate, wraps=True), np.array([1, 0.3, 0.5, 0.1, 0.2]), 250, rate)
    low = noise.shaped(count, rate, noise.band(30, 200, 1), stage.detail)
    reel = 1 + 0.08 * sine(phase_of(2.2, count, rate, wraps=True))
    return hiss * reel * noise.gusty(count, rate, 4.0, 0.06, stage.rng) + 0.25 * stage["hum"] * hum + 0.15 * low


def _room(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    corner = 420 * (40 / stage["volume_m3"]) ** 0.2
    air = noise.shaped(count, rate, noise.times(noise.band(35, corner, 0.8), noise.tilted(-0.4)), stage.detail)
    duct = noise.shaped(count, rate, noise.peak(1.6 * corner, 1.2), stage.detail)
    mains = harmonics(phase_of(100, count, rate, wraps=True), np.array([0.6, 0.3, 0.15, 0.1]), 400, rate)
    return air * noise.gusty(count, rate, 0.5, 0.08, stage.rng) + 0.15 * duct + 0.05 * mains


def _drone(stage: Stage) -> np.ndarray:
    count, rate, hz = stage.num_samples, stage.rate, stage["pitch_hz"]
    chord = {"dark": (1, 1.5, 2, 2.378), "bright": (1, 1.5, 2, 2.52, 3), "eerie": (1, 1.414, 2.12, 2.245)}[
        stage.word("mood")
    ]
    out = np.zeros(count)
    for number, ratio in enumerate(chord):
        level = noise.gusty(count, rate, 0.25, 0.5, stage.rng) / (1 + number)
        for detune in (-0.003, 0.0035):
            out += level * saw(phase_of(hz * ratio * (1 + detune), count, rate, wraps=True))
    sweep = (500 if stage.word("mood") == "dark" else 1100) * np.exp(0.6 * noise.slow(count, rate, 0.2, stage.rng))
    out = noise.swept(noise.swept(out, rate, sweep, 1.2, "low"), rate, 2 * sweep, 0.7, "low")
    breath = noise.swept(stage.detail.standard_normal(count), rate, 2 * sweep, 3.0)
    return out / max(out.std(), 1e-9) + 0.08 * breath / max(breath.std(), 1e-9)


def _riser(stage: Stage) -> np.ndarray:
    count, rate, times, length = stage.num_samples, stage.rate, stage.times, stage.seconds
    bend, top = stage.rng.uniform(0.15, 0.6), stage.rng.uniform(600, 1400)
    hz = curve(times, (0, 70), (0.6 * length, 70 * (top / 70) ** bend), (length, top))
    third = stage.rng.choice([1.26, 1.335, 1.5])
    tone = np.sum([saw(phase_of(hz * ratio, count, rate)) for ratio in (1, 1.008, third, 2.01)], 0)
    hiss = noise.shaped(count, rate, noise.tilted(-0.2), stage.detail)
    swept = noise.swept(hiss, rate, curve(times, (0, 300), (length, 9000)), 1.4)
    beats = phase_of(curve(times, (0, 2), (length, 16)), count, rate)
    out = 0.25 * noise.swept(tone, rate, 5 * hz, 0.8, "low") + 1.5 * swept
    level = (times / length) ** 1.8 * np.clip((length - times) / 0.03, 0, 1)
    return out * level * (1 - 0.4 * (0.5 + 0.5 * sine(beats)))


def _hit(stage: Stage) -> np.ndarray:
    count, rate, times, length = stage.num_samples, stage.rate, stage.times, stage.seconds
    top, low = stage.rng.uniform(85, 150), stage.rng.uniform(38, 56)
    hz = curve(times, (0, top), (0.12, low), (length, 0.75 * low))
    boom = np.tanh(2.5 * sine(phase_of(hz, count, rate)) * decay(times, 0.25 * length, 0.002))
    slap = noise.shaped(count, rate, noise.band(200, 6000, 1), stage.detail) * decay(times, 0.03, 0.0005)
    hall = noise.shaped(count, rate, noise.times(noise.band(60, 2500, 1), noise.tilted(-0.5)), stage.detail)
    metal = np.zeros(count)
    ratios = np.cumprod(stage.rng.uniform(1.2, 1.42, 12))
    ring(metal, rate, np.zeros(12), 90 * ratios, 0.2 * length / ratios**0.3, 0.1)
    fall = np.clip((length - times) / (0.4 * length), 0, 1)
    return (1.2 * boom + 0.8 * slap + 0.5 * hall * decay(times, 0.22 * length, 0.01) + metal) * fall


def _sub_drop(stage: Stage) -> np.ndarray:
    times, length = stage.times, stage.seconds
    hz = curve(times, (0, stage["top_hz"]), (length, max(stage["top_hz"] / 4.5, 22)))
    tone = np.tanh(1.8 * sine(phase_of(hz, stage.num_samples, stage.rate)))
    return tone * np.minimum(times / 0.004, 1) * np.clip((length - times) / (0.6 * length), 0, 1) ** 1.2


def _magic(stage: Stage) -> np.ndarray:
    count, rate, times, length = stage.num_samples, stage.rate, stage.times, stage.seconds
    out = np.zeros(count)
    steps = np.array([0, 2, 4, 7, 9, 12, 14, 16, 19, 21, 24, 26, 28, 31])
    starts = np.sort(length * 0.6 * stage.rng.random(round(stage["sparkles"])))
    for start in starts:
        along = start / (0.6 * length)
        step = steps[min(int(along * 10 + stage.rng.integers(0, 5)), len(steps) - 1)]
        hz = stage.hz("pitch_hz", 2 ** (step / 12))
        gains = stage.rng.uniform(0.3, 1) * np.array([1, 0.3, 0.12])
        place = np.full(3, round(start * rate))
        ring(out, rate, place, hz * np.array([1, 2.756, 5.404]), 0.16 * (1 - 0.4 * along), gains)
    shimmer = noise.swept(stage.detail.standard_normal(count), rate, curve(times, (0, 2000), (length, 9000)), 3)
    out += 0.35 * shimmer / max(shimmer.std(), 1e-9) * np.sin(np.pi * times / length) ** 2 * 0.5
    return out * np.clip((length - times) / (0.25 * length), 0, 1)


def _scifi_door(stage: Stage) -> np.ndarray:
    count, rate, times, length = stage.num_samples, stage.rate, stage.times, stage.seconds
    air = noise.shaped(count, rate, noise.band(700, 9000, 1), stage.detail)
    motor_hz = curve(times, (0, 90), (0.3 * length, 310), (0.75 * length, 280), (length, 80))
    motor = noise.swept(saw(phase_of(motor_hz, count, rate)), rate, 6 * motor_hz, 2.0, "low")
    out = 0.9 * air * (decay(times, 0.12 * length, 0.01) + 0.25 * np.sin(np.pi * times / length))
    out += 0.35 * motor * np.sin(np.pi * times / length) ** 0.7
    at = 0.78 * length
    thud = noise.shaped(count, rate, noise.band(50, 900, 1), stage.detail)
    ring(out, rate, np.array([round(at * rate)]), 72.0, 0.05, 1.6)
    return (out + 1.2 * thud * decay(times - at, 0.03, 0.002)) * np.clip((length - times) / (0.12 * length), 0, 1)


_SECONDS = Parameter("seconds", 0.3, 20, 3, "s", "how long", "-speed")
GENERATORS = (
    Generator(
        "noise",
        "noise of one colour",
        "texture",
        _noise,
        (Choice("colour", ("white", "pink", "brown", "blue"), "white", "how it falls with frequency"),),
        is_wide=True,
        level_db=-4.0,
    ),
    Generator(
        "static",
        "a radio between stations",
        "texture",
        _static,
        (Parameter("disturbance", 0, 3, 1, "", "how much crackles and whistles", "intensity"),),
        level_db=-4.0,
    ),
    Generator(
        "vinyl",
        "the surface of a record",
        "texture",
        _vinyl,
        (Parameter("wear", 0.05, 6, 1, "", "how worn it is", "intensity"),),
        is_wide=True,
        level_db=-14.0,
    ),
    Generator(
        "tape",
        "the hiss of a tape",
        "texture",
        _tape,
        (Parameter("hum", 0, 3, 0.4, "", "how much mains hum is in it", "intensity"),),
        is_wide=True,
        level_db=-14.0,
    ),
    Generator(
        "room_tone",
        "a room in which nothing happens",
        "texture",
        _room,
        (Parameter("volume_m3", 5, 100_000, 40, "m³", "of the room", "size"),),
        is_wide=True,
        level_db=-16.0,
    ),
    Generator(
        "drone",
        "a low chord that moves slowly",
        "texture",
        _drone,
        (
            Choice("mood", ("dark", "bright", "eerie"), "dark", "which chord"),
            Parameter("pitch_hz", 25, 220, 55, "Hz", "its lowest note", "pitch"),
        ),
        is_wide=True,
        level_db=-3.0,
    ),
    Generator(
        "riser",
        "a tension that rises",
        "event",
        _riser,
        (_SECONDS,),
        length_s=lambda values: float(values["seconds"]),
    ),
    Generator(
        "hit",
        "a blow as in a trailer",
        "event",
        _hit,
        (_SECONDS,),
        length_s=lambda values: float(values["seconds"]),
        is_wide=True,
        level_db=4.0,
    ),
    Generator(
        "sub_drop",
        "a deep tone that falls",
        "event",
        _sub_drop,
        (Parameter("top_hz", 60, 300, 140, "Hz", "where it begins", "pitch"), _SECONDS),
        length_s=lambda values: float(values["seconds"]),
    ),
    Generator(
        "magic",
        "a spell that sparkles",
        "event",
        _magic,
        (
            Parameter("pitch_hz", 300, 3000, 880, "Hz", "of the lowest", "pitch"),
            Parameter("sparkles", 5, 120, 34, "", "how many", "density"),
            Parameter("seconds", 0.5, 8, 2, "s", "how long", "-speed"),
        ),
        length_s=lambda values: float(values["seconds"]),
    ),
    Generator(
        "scifi_door",
        "a door in a spaceship",
        "event",
        _scifi_door,
        (Parameter("seconds", 0.4, 5, 1.1, "s", "how long", "-speed"),),
        length_s=lambda values: float(values["seconds"]),
    ),
)
