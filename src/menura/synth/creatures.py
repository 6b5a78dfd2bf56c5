"""Crowds, applause, animals, and the sounds of a body.

Voices are a source through formants (Fant, "Acoustic Theory of Speech Production", 1960; Klatt, 1980). Applause: each
pair of hands has a rate and a resonance of its own (Peltola et al., "Synthesis of hand clapping sounds", 2007).
Crickets, frogs and birds: Farnell, "Designing Sound", 2010, ch. 50 to 53; Smyth and Smith, "The sounds of the avian
syrinx", 2002.
"""

from __future__ import annotations

import numpy as np
from numpy.fft import irfft, rfft

from menura.synth import noise
from menura.synth.envelopes import bump
from menura.synth.generator import Choice, Generator, Parameter, Stage
from menura.synth.grains import placed, ring, steady, strew, uneven
from menura.synth.oscillators import phase_of, saw, sine

_VOWELS = (
    (730, 1090, 2440),
    (530, 1840, 2480),
    (270, 2290, 3010),
    (570, 840, 2410),
    (300, 870, 2240),
    (500, 1500, 2500),
)
_MOST_VOICES = 7
_VOICE_HZ = 12_000
_COARSE = 16
"""Samples of a voice from one point of an envelope to the next."""


def _voice(stage: Stage, hz: float, syllables_hz: float, excited: float) -> np.ndarray:
    """One speaker whom nobody understands; wraps."""
    count, rate, rng = stage.num_samples, stage.rate, stage.detail
    points = max(count // _COARSE, 16)
    slower = rate * points / count
    melody = hz * np.exp(
        0.12 * (1 + excited) * noise.slow(points, slower, 1.2, rng) + 0.03 * noise.slow(points, slower, 5, rng)
    )
    source = saw(phase_of(noise.stretched(melody, count), count, rate, wraps=True))
    source += 0.25 * rng.standard_normal(count, dtype=np.float32)
    number = max(round(stage.seconds * syllables_hz), 2)
    order = rng.integers(len(_VOWELS), size=number)
    tract = float(rng.uniform(0.95, 1.18)) if hz > 160 else float(rng.uniform(0.88, 1.02))
    out = np.zeros(count)
    for formant, (q, level) in enumerate(((6, 1.0), (9, 0.55), (10, 0.28))):
        targets = np.array([_VOWELS[one][formant] for one in order], float)
        out += level * noise.swept(source, rate, tract * noise.stretched(targets, points), q)
    places = np.arange(points) * (number / points)
    syllable = (0.5 - 0.5 * np.cos(2 * np.pi * places)) ** 0.7
    loud = rng.lognormal(0, 0.4, number)[np.floor(places).astype(int) % number]
    talks = np.clip(1.2 + 1.5 * noise.slow(points, slower, 0.35, rng), 0, 1)
    consonants = 0.2 * noise.stretched(rng.lognormal(-0.5, 0.8, number), points) * (1 - syllable) ** 4
    hiss = rng.standard_normal(count, dtype=np.float32)
    hiss -= np.roll(hiss, 2)  # nothing at half the rate, where a step would be heard
    return out * noise.stretched(syllable * loud * talks, count) + hiss * noise.stretched(consonants * talks, count)


def _voices(stage: Stage, mood: str, near: int, excited: float) -> np.ndarray:
    """Several speakers, made at a rate that is enough for them."""
    less = max(stage.rate // _VOICE_HZ, 1)
    count = max(stage.num_samples // less, 16)
    slower = Stage(count, round(stage.rate * count / stage.num_samples), stage.rng, stage.detail, stage.values)
    low, high = {"talking": (95, 230), "cheering": (180, 420), "children": (260, 430)}[mood]
    out = np.zeros(count)
    for _ in range(near):
        speed = stage.detail.uniform(3, 5) * (0.25 if mood == "cheering" else 1.0)
        voice = _voice(slower, stage.detail.uniform(low, high), speed, excited)
        out += voice * stage.detail.lognormal(-0.4, 0.6) / max(voice.std(), 1e-9)
    return irfft(rfft(out), stage.num_samples)


def _crowd(stage: Stage) -> np.ndarray:
    count, rate, mood = stage.num_samples, stage.rate, stage.word("mood")
    people = stage["people"]
    excited = {"talking": 0.0, "cheering": 1.0, "children": 0.6}[mood]
    out = _voices(stage, mood, int(min(people, _MOST_VOICES)), excited)
    out /= max(out.std(), 1e-9)
    if people > 6:
        formants = noise.times(
            noise.band(180, 2600, 1.2),
            lambda hz: 0.5 + np.exp(-(((hz - 600) / 350) ** 2)) + 0.5 * np.exp(-(((hz - 1500) / 600) ** 2)),
        )
        wash = noise.shaped(count, rate, formants, stage.detail) * noise.gusty(count, rate, 5.0, 0.2, stage.detail)
        if mood == "cheering":
            wash *= noise.gusty(count, rate, 0.4, 0.3, stage.rng)
        share = min(np.log10(people / 6) * 0.6, 1.6)
        out = out + share * wash
    return out


def _applause(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    length = round(0.03 * rate)
    times = np.arange(length) / rate
    bank = np.zeros((32, length))
    for clap in bank:
        hz = stage.detail.uniform(700, 2600)
        clap += noise.shaped(length, rate, noise.times(noise.peak(hz, 1.6), noise.band(300, 9000, 1)), stage.detail)
        clap *= np.exp(-times / stage.detail.uniform(0.002, 0.006)) * np.minimum(times / 0.0003, 1)
        clap *= np.linspace(1, 0, length) / np.abs(clap).max()
    out = np.zeros(count)
    people = stage["people"]
    single = int(min(people, 60))
    swell = noise.gusty(count, rate, 0.5, 0.2, stage.rng)
    for _ in range(single):
        starts = steady(1 / stage.detail.uniform(2.8, 4.6), 0.25, count, rate, stage.detail)
        starts = (starts + stage.detail.integers(count)) % count
        loud = stage.detail.lognormal(-0.6, 0.7)
        one = bank[stage.detail.integers(len(bank))][None]
        strew(out, one, starts, loud * stage.detail.uniform(0.6, 1.1, len(starts)) * swell[starts], stage.detail)
    if people > single:
        many = uneven(min(3.5 * (people - single), 3000), swell, rate, stage.detail)
        level = 0.5 * ((people - single) * 3.5 / max(len(many) / stage.seconds, 1)) ** 0.5
        strew(out, bank, many, level * stage.detail.lognormal(-0.8, 0.5, len(many)), stage.detail)
    return out


def _crickets(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    warmth = stage["celsius"]
    out = np.zeros(count)
    for _ in range(round(stage["how_many"])):
        hz = 4300 * stage.detail.lognormal(0, 0.16) * (1 + 0.006 * (warmth - 20))
        if hz > 0.45 * rate:
            hz = 0.35 * rate
        chirps_hz = max((0.09 * warmth + 0.5), 0.5) * stage.detail.uniform(0.85, 1.15)
        pulses_hz = 55 * stage.detail.uniform(0.9, 1.1)
        starts = steady(1 / chirps_hz, 0.08, count, rate, stage.detail)
        starts = (starts + stage.detail.integers(count)) % count
        length = round(4 / pulses_hz * rate)
        times = np.arange(length) / rate
        chirp = np.sin(2 * np.pi * (hz * times + 30 * times)) * np.sin(np.pi * ((times * pulses_hz) % 1.0)) ** 2
        chirp *= np.linspace(0.5, 1, length)
        strew(out, chirp[None], starts, stage.detail.lognormal(-0.9, 0.9) * np.ones(len(starts)), stage.detail)
    return out + 0.002 * noise.shaped(count, rate, noise.tilted(-0.4), stage.detail)


def _frogs(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    out = np.zeros(count)
    for _ in range(round(stage["how_many"])):
        hz = stage.detail.uniform(0.75, 1.3) * stage["pitch_hz"]
        rate_hz = stage.detail.uniform(25, 45)
        length = round(stage.detail.uniform(0.25, 0.45) * rate)
        times = np.arange(length) / rate
        throat = np.zeros(length)
        pulses = (np.arange(int(length / rate * rate_hz)) / rate_hz * rate).astype(int)
        for ratio, level in ((1.0, 1.0), (2.1, 0.6), (3.3, 0.25)):
            part = ring(np.zeros(length + rate // 10), rate, pulses, hz * ratio, 0.009, level)
            throat += part[:length]
        throat *= bump(times, 0, length / rate, 0.6)
        starts = uneven(stage["croaks_a_second"], np.ones(count), rate, stage.detail)
        if not len(starts):
            starts = stage.detail.integers(0, count, 1)
        loud, speeds = stage.detail.lognormal(-0.5, 0.6, len(starts)), stage.detail.uniform(0.88, 1.12, len(starts))
        strew(out, throat[None], starts, loud, stage.detail, speeds)
    return out


def _birds(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    out = np.zeros(count)
    for _ in range(round(stage["how_many"])):
        rng = stage.detail
        middle = stage["pitch_hz"] * rng.uniform(0.7, 1.35)
        loud = rng.lognormal(-0.5, 0.6)
        phrases = [(rng.uniform(0.04, 0.16), rng.uniform(-0.45, 0.45), rng.uniform(-0.25, 0.25), rng.integers(1, 5))
                   for _ in range(rng.integers(4, 8))]  # fmt: skip
        songs = uneven(stage["songs_a_second"], np.ones(count), rate, rng)
        songs = songs if len(songs) else rng.integers(0, count, 1)
        free = 0
        for song in songs:
            if song < free:
                continue  # nobody sings over himself
            at = 0.0
            for at_phrase in rng.integers(0, len(phrases), rng.integers(2, 5)):
                length_s, slide, shift, repeats = phrases[at_phrase]
                for _ in range(repeats):
                    size = round(length_s * rate)
                    times = np.arange(size) / size
                    hz = middle * np.exp(shift + slide * (times - 0.5) + 0.06 * np.sin(2 * np.pi * times * 3))
                    phase = phase_of(np.minimum(hz, 0.45 * rate), size, rate)
                    note = (sine(phase) + 0.12 * sine(2 * phase) * (middle < 0.2 * rate)) * np.sin(np.pi * times) ** 0.7
                    placed(out, note, (int(song) + round(at * rate)) % count, loud)
                    at += length_s * 1.25
                at += 0.03
            free = int(song) + round((at + 0.2) * rate)
    return out


def _insects(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    out = np.zeros(count)
    for _ in range(round(stage["how_many"])):
        hz = stage["wings_hz"] * stage.detail.uniform(0.93, 1.07)
        wander = np.exp(0.05 * noise.slow(count, rate, 2.5, stage.detail))
        tone = saw(phase_of(hz * wander, count, rate, wraps=True) + stage.detail.random())
        near = noise.gusty(count, rate, 0.7, 0.4, stage.detail)
        passes = noise.slow(count, rate, 0.5, stage.detail)
        out += tone * near / (1 + 1.5 * passes**2)
    hz = stage["wings_hz"]
    return noise.filtered(out, rate, noise.times(noise.band(0.7 * hz, 9 * hz, 1), noise.peak(3.2 * hz, 0.8)))


def _heartbeat(stage: Stage) -> np.ndarray:
    out = np.zeros(stage.num_samples)
    beat_s = 60 / stage["beats_a_minute"]
    for start in steady(beat_s, 0.03, stage.num_samples, stage.rate, stage.rng):
        for at, hz, time_s, level in ((0.0, 52, 0.055, 1.0), (0.33 * beat_s**0.5, 68, 0.035, 0.6)):
            size = round(0.3 * stage.rate)
            times = np.arange(size) / stage.rate
            tone = np.sin(2 * np.pi * hz * times * (1 - 0.5 * times)) + 0.4 * np.sin(2 * np.pi * 1.9 * hz * times)
            thump = tone * np.exp(-times / time_s) * np.minimum(times / 0.012, 1)
            valve = noise.shaped(size, stage.rate, noise.band(150, 700, 1.5), stage.rng)
            thump += 0.22 * valve * np.exp(-times / 0.018) * np.minimum(times / 0.006, 1)
            thump *= np.clip((size - np.arange(size)) / (0.3 * size), 0, 1)
            placed(out, thump, (int(start) + round(at * stage.rate)) % stage.num_samples, level)
    body = noise.shaped(stage.num_samples, stage.rate, noise.band(30, 160, 2), stage.detail)
    return out + 0.01 * body


def _breath(stage: Stage) -> np.ndarray:
    count, rate = stage.num_samples, stage.rate
    cycles = max(round(stage.seconds * stage["breaths_a_minute"] / 60), 1)
    place = (np.arange(count) * cycles / count) % 1.0
    inward, outward = bump(place, 0.02, 0.4, 0.8) ** 0.8, bump(place, 0.5, 0.42, 0.15)
    flutter = noise.gusty(count, rate, 25.0, 0.25, stage.detail)
    tract = noise.times(noise.band(350, 6500, 0.8), lambda hz: 0.4 + np.exp(-(((hz - 1700) / 600) ** 2)))
    nose = noise.times(noise.band(250, 3800, 0.8), lambda hz: 0.4 + np.exp(-(((hz - 900) / 400) ** 2)))
    drawn = noise.shaped(count, rate, tract, stage.detail) * inward * 0.8
    return drawn + noise.shaped(count, rate, nose, stage.detail) * outward * flutter


def _bark(stage: Stage) -> np.ndarray:
    count, rate, times = stage.num_samples, stage.rate, stage.times
    large = (stage["mass_kg"] / 20) ** (1 / 3)
    out = np.zeros(count)
    for at in (0.0, 0.32 * stage.rng.uniform(0.9, 1.3)):
        arch = bump(times, at, 0.2 * stage.rng.uniform(0.75, 1.25), stage.rng.uniform(0.2, 0.45))
        hz = (420 / large) * stage.rng.uniform(0.88, 1.14) * (0.65 + 0.55 * arch)
        source = saw(phase_of(hz, count, rate)) + 0.7 * stage.detail.standard_normal(count)
        for formant, q, level in ((780, 3, 1.0), (1500, 4, 0.7), (2700, 4, 0.35)):
            out += level * noise.swept(source * arch**0.7, rate, formant / large**0.6 * (0.8 + 0.35 * arch), q)
    return out


_OF_MANY = "how many"
GENERATORS = (
    Generator(
        "crowd",
        "people who talk or cheer",
        "texture",
        _crowd,
        (
            Choice("mood", ("talking", "cheering", "children"), "talking", "what they do"),
            Parameter("people", 2, 50_000, 40, "", _OF_MANY, "intensity"),
        ),
        is_wide=True,
    ),
    Generator(
        "applause",
        "people who clap",
        "texture",
        _applause,
        (Parameter("people", 1, 3000, 80, "", _OF_MANY, "intensity"),),
        is_wide=True,
    ),
    Generator(
        "crickets",
        "crickets at night",
        "texture",
        _crickets,
        (
            Parameter("how_many", 1, 30, 6, "", _OF_MANY, "density"),
            Parameter("celsius", 10, 38, 22, "°C", "how warm it is: they chirp faster", "speed"),
        ),
        is_wide=True,
        level_db=-8.0,
    ),
    Generator(
        "frogs",
        "frogs at a pond",
        "texture",
        _frogs,
        (
            Parameter("how_many", 1, 20, 4, "", _OF_MANY, "density"),
            Parameter("croaks_a_second", 0.1, 3, 0.5, "1/s", "of each", "speed"),
            Parameter("pitch_hz", 150, 2500, 520, "Hz", "of their throats", "pitch"),
        ),
        is_wide=True,
        level_db=-6.0,
    ),
    Generator(
        "birds",
        "birds that sing",
        "texture",
        _birds,
        (
            Parameter("how_many", 1, 20, 4, "", _OF_MANY, "density"),
            Parameter("songs_a_second", 0.05, 2, 0.25, "1/s", "of each", "speed"),
            Parameter("pitch_hz", 800, 7000, 3400, "Hz", "of their middle notes", "pitch"),
        ),
        is_wide=True,
        level_db=-6.0,
    ),
    Generator(
        "insects",
        "bees, flies or mosquitoes",
        "texture",
        _insects,
        (
            Parameter("how_many", 1, 20, 3, "", _OF_MANY, "density"),
            Parameter("wings_hz", 90, 800, 220, "1/s", "how fast wings beat", "pitch"),
        ),
        is_wide=True,
        level_db=-9.0,
    ),
    Generator(
        "heartbeat",
        "a heart that beats",
        "cycle",
        _heartbeat,
        (Parameter("beats_a_minute", 35, 200, 68, "1/min", "how fast", "speed"),),
        level_db=-4.0,
    ),
    Generator(
        "breath",
        "somebody who breathes",
        "cycle",
        _breath,
        (Parameter("breaths_a_minute", 5, 60, 15, "1/min", "how fast", "speed"),),
        level_db=-10.0,
    ),
    Generator(
        "bark",
        "a dog that barks twice",
        "event",
        _bark,
        (Parameter("mass_kg", 2, 80, 20, "kg", "of the dog", "size"),),
        length_s=lambda _: 0.75,
    ),
)
