"""Bells, chimes, alarms, sirens, telephones and clocks: what is made to be heard.

Partials of church bells: Lehr, in Fletcher and Rossing, "The Physics of Musical Instruments", 1998, ch. 21. Sirens,
telephones and clocks: Farnell, "Designing Sound", 2010, ch. 25 to 29; tones of telephones: ITU-T E.180.
"""

from __future__ import annotations

import numpy as np

from menura.synth import noise
from menura.synth.envelopes import decay
from menura.synth.generator import Choice, Generator, Parameter, Stage
from menura.synth.grains import placed, ring, steady, strew, uneven
from menura.synth.modes import Modes, modes_of, struck
from menura.synth.oscillators import harmonics, phase_of, pulse, saw, sine

_CHURCH = np.array([0.5, 1.0, 1.183, 1.506, 2.0, 2.514, 2.662, 3.011, 4.166, 5.433, 6.796, 8.215])
_CHURCH_DB = np.array([-4, -3, -2, -9, 0, -8, -9, -5, -8, -11, -14, -17])
_LAST = float(np.exp(-2.7))
"""What is left of a siren's fall at its end."""
_TOUCHES = 0.4
"""Share of strokes after which tubes touch one another without a pitch."""
_SPEAKER = noise.times(
    noise.band(420, 4200, 2),
    lambda hz: 1 + np.exp(-(((hz - 900) / 250) ** 2)) + 0.8 * np.exp(-(((hz - 2600) / 500) ** 2)),
)
"""A small loudspeaker."""
_PENTATONIC = (0, 2, 4, 7, 9, 12, 14, 16)


def bell(out: np.ndarray, rate: int, start: int, hz: float, longest_s: float, strength: float) -> np.ndarray:
    """Add one stroke, its partials split into pairs that beat; wraps."""
    partials = hz * _CHURCH
    gains = strength * 10 ** (_CHURCH_DB / 20)
    decays = longest_s / 6.9 / _CHURCH**0.75 * 1.6
    for split in (-0.0006, 0.0007):
        ring(
            out, rate, np.full(len(partials), start), partials * (1 + split * np.cos(7 * _CHURCH)), decays, 0.5 * gains
        )
    return out


def _bell(stage: Stage) -> np.ndarray:
    kind, out = stage.word("kind"), np.zeros(stage.num_samples)
    hz = stage["pitch_hz"]
    if kind == "church":
        bell(out, stage.rate, 0, hz, stage["seconds"], 1.0)
    elif kind == "hand":
        gains = np.array([1.0, 0.5, 0.25, 0.12])
        ratios = np.array([1.0, 3.0, 5.6, 8.9])
        decays = stage["seconds"] / 7 / ratios**0.5
        for split in (0.0, 0.0012):
            ring(out, stage.rate, np.zeros(4), stage.hz("pitch_hz", 4) * ratios * (1 + split), decays, 0.5 * gains)
    else:
        gong = np.cumprod(np.full(24, 1.19)) * stage.rng.uniform(0.97, 1.03, 24)
        swell = np.minimum(stage.times / 0.12, 1) ** 0.5
        ring(out, stage.rate, np.zeros(24), 0.3 * hz * gong, stage["seconds"] / 7 / gong**0.35, gong**-0.35)
        out *= swell
    smaller = (hz / 420) ** 0.5 * (2.0 if kind == "hand" else 1.0)
    strike = noise.shaped(stage.num_samples, stage.rate, noise.band(700 * smaller, 4500 * smaller), stage.detail)
    return out + 0.25 * strike * decay(stage.times, 0.005 / smaller, 0.0003)


def _chimes(stage: Stage) -> np.ndarray:
    gusts = noise.gusty(stage.num_samples, stage.rate, 0.4, 0.8, stage.rng)
    starts = uneven(stage["strikes_a_second"], gusts, stage.rate, stage.rng)
    out = np.zeros(stage.num_samples)
    bars = [stage.hz("pitch_hz", 2 ** (step / 12)) for step in _PENTATONIC]
    ratios = np.array([1.0, 2.756, 5.404, 8.933])
    count = len(starts)
    hz = np.array(bars)[stage.rng.integers(len(bars), size=count)][:, None] * ratios
    loud = stage.rng.uniform(0.2, 1, (count, 1))
    gains = loud * np.array([1.0, 0.35, 0.15, 0.06]) * stage.rng.uniform(0.6, 1, (count, 4))
    decays = np.broadcast_to(0.75 / ratios**0.8, gains.shape)
    ring(out, stage.rate, np.repeat(starts, 4), hz.ravel(), decays.ravel(), gains.ravel())
    touches = starts[stage.rng.random(count) < _TOUCHES]
    touches = (touches + stage.rng.integers(0, round(0.12 * stage.rate), len(touches))) % stage.num_samples
    length = round(0.005 * stage.rate)
    bank = noise.shaped(16 * length, stage.rate, noise.band(1800, 9000), stage.rng).reshape(16, length)
    bank = bank * np.linspace(1, 0, length) ** 2
    return strew(out, bank, touches, 0.06 * stage.rng.lognormal(0, 0.5, len(touches)), stage.rng)


def _alarm(stage: Stage) -> np.ndarray:
    count, rate, kind = stage.num_samples, stage.rate, stage.word("kind")
    hz, period = stage["pitch_hz"], stage["period_s"]
    place = phase_of(1 / period, count, rate, wraps=True) % 1.0
    if kind == "clock":
        burst = (place < 0.5) * (np.floor(place * 16) % 2 == 0)
        tone = pulse(phase_of(2 * hz, count, rate, wraps=True), 0.5)
    elif kind == "buzzer":
        burst = place < 0.55
        tone = 0.7 * saw(phase_of(0.18 * hz, count, rate, wraps=True)) + 0.5 * pulse(
            phase_of(0.183 * hz, count, rate, wraps=True), 0.3
        )
    else:
        burst = place < 0.5
        phase = phase_of(hz, count, rate, wraps=True)
        tone = harmonics(phase, np.array([1.0, 0.1, 0.3, 0.05, 0.12]), hz, rate)
    sounds = np.tanh(1.5 * tone) * noise.filtered(burst.astype(float), rate, noise.band(0, 150, 1))
    return noise.filtered(sounds, rate, _SPEAKER) if kind != "buzzer" else sounds


def _siren(stage: Stage) -> np.ndarray:
    count, rate, kind = stage.num_samples, stage.rate, stage.word("kind")
    cycles = max(round(stage.seconds / stage["period_s"]), 1)
    place = (np.arange(count) * cycles / count) % 1.0
    low, high = stage["low_hz"], 2.2 * stage["low_hz"]
    if kind == "two_tone":
        step = noise.filtered((place < 0.5).astype(float), rate, noise.band(0, 60, 1))
        hz = low * (1 + 0.335 * step)
        tone = harmonics(phase_of(hz, count, rate, wraps=True), 1 / np.arange(1, 9) ** 0.8, 1.34 * low, rate)
    elif kind == "yelp":
        sweep = (place * 5) % 1.0
        hz = low * (high / low) ** np.where(sweep < 0.85, sweep / 0.85, (1 - sweep) / 0.15)
        tone = noise.swept(saw(phase_of(hz, count, rate, wraps=True)), rate, 1800, 0.7, "low")
    else:
        rise = np.where(
            place < 0.4,
            1 - np.exp(-place * 9),
            (np.exp(-(place - 0.4) * 4.5) - _LAST) / (1 - _LAST) * (1 - np.exp(-3.6)),
        )
        rise = (rise - rise.min()) / (rise.max() - rise.min())
        hz = low * (high / low) ** rise
        hz = hz * (0.55 if kind == "air_raid" else 1.0)
        tone = noise.swept(saw(phase_of(hz, count, rate, wraps=True)), rate, 1600, 0.8, "low")
    horn = noise.times(noise.band(350, 3200, 1), lambda f: 1 + 1.5 * np.exp(-(((f - 1100) / 500) ** 2)))
    return noise.filtered(tone, rate, horn)


def _telephone(stage: Stage) -> np.ndarray:
    count, rate, kind = stage.num_samples, stage.rate, stage.word("kind")
    cycles = max(round(stage.seconds / stage["period_s"]), 1)
    place = (np.arange(count) * cycles / count) % 1.0 * stage.seconds / cycles
    if kind == "bell":
        out = np.zeros(count)
        strokes = np.arange(int(min(0.45 * stage.seconds / cycles, 2.0) * 22))
        starts = (np.arange(cycles)[:, None] * count // cycles + np.round(strokes / 22 * rate).astype(int)) % count
        starts = starts.ravel()
        hz = np.where(np.tile(strokes, cycles) % 2, 1480.0, 1730.0)[:, None] * np.array([1.0, 2.31, 3.9, 5.7])
        gains = np.array([1, 0.6, 0.35, 0.2]) * stage.rng.uniform(0.8, 1, (len(starts), 1))
        decays = np.broadcast_to(np.array([0.22, 0.1, 0.06, 0.03]), gains.shape)
        return ring(out, rate, np.repeat(starts, 4), hz.ravel(), decays.ravel(), gains.ravel())
    on = place < 0.4 * stage.seconds / cycles
    if kind == "tone":
        tone = sine(phase_of(440, count, rate, wraps=True)) + sine(phase_of(480, count, rate, wraps=True))
        return tone * noise.filtered(on.astype(float), rate, noise.band(0, 80, 1))
    warble = np.floor(place * 14) % 2
    phases = [phase_of(hz, count, rate, wraps=True) for hz in (1020.0, 1330.0)]
    tone = np.where(warble == 0, pulse(phases[0]), pulse(phases[1]))
    return noise.filtered(np.tanh(1.3 * tone * on), rate, _SPEAKER)


def _clock(stage: Stage) -> np.ndarray:
    out = np.zeros(stage.num_samples)
    size = stage["size_m"]
    starts = steady(1 / stage["ticks_a_second"], 0.0, stage.num_samples, stage.rate, stage.rng)
    case, wheel = modes_of("wood", 0.6 * size, stage.rng, 10), modes_of("metal", 0.22 * size, stage.rng, 10)
    wheel = Modes(wheel.hz, np.minimum(wheel.decay_s, 0.012), wheel.gains)
    for number, start in enumerate(starts):
        high = 1.0 if number % 2 else 0.86
        one = np.zeros(round(0.25 * stage.rate))
        for at, level in ((0.0, 0.5), (0.006, 1.0), (0.019, 0.35)):
            begin = round(at * stage.rate)
            struck(one, stage.rate, Modes(wheel.hz * high, wheel.decay_s, wheel.gains), begin, level, 0.00005)
            struck(one, stage.rate, Modes(case.hz * high, case.decay_s, case.gains), begin, 0.22 * level, 0.0006)
        one[-round(0.05 * stage.rate) :] *= np.linspace(1, 0, round(0.05 * stage.rate))
        placed(out, one, int(start))
    return out


GENERATORS = (
    Generator(
        "bell",
        "a bell or gong that is struck once",
        "event",
        _bell,
        (
            Choice("kind", ("church", "hand", "gong"), "church", "which"),
            Parameter("pitch_hz", 80, 1500, 420, "Hz", "its note", "pitch"),
            Parameter("seconds", 0.5, 20, 6, "s", "until it is silent", "size"),
        ),
        length_s=lambda values: float(values["seconds"]),
    ),
    Generator(
        "chimes",
        "wind chimes",
        "texture",
        _chimes,
        (
            Parameter("strikes_a_second", 0.2, 30, 3, "1/s", "how often", "intensity"),
            Parameter("pitch_hz", 200, 3000, 900, "Hz", "of the lowest", "pitch"),
        ),
        is_wide=True,
        level_db=-5.0,
    ),
    Generator(
        "alarm",
        "an alarm that beeps",
        "cycle",
        _alarm,
        (
            Choice("kind", ("beep", "clock", "buzzer"), "beep", "which"),
            Parameter("pitch_hz", 300, 4000, 1000, "Hz", "how high", "pitch"),
            Parameter("period_s", 0.15, 4, 1, "s", "from one to the next", "-speed"),
        ),
    ),
    Generator(
        "siren",
        "the siren of a car, or over a town",
        "cycle",
        _siren,
        (
            Choice("kind", ("wail", "yelp", "two_tone", "air_raid"), "wail", "which"),
            Parameter("low_hz", 200, 1200, 620, "Hz", "its lowest note", "pitch"),
            Parameter("period_s", 0.6, 12, 4, "s", "from one rise to the next", "-speed"),
        ),
    ),
    Generator(
        "telephone",
        "a telephone that rings",
        "cycle",
        _telephone,
        (
            Choice("kind", ("bell", "electronic", "tone"), "bell", "an old one, a newer one, or in the receiver"),
            Parameter("period_s", 1, 8, 4, "s", "from ring to ring", "-speed"),
        ),
    ),
    Generator(
        "clock",
        "a clock that ticks",
        "cycle",
        _clock,
        (
            Parameter("ticks_a_second", 0.5, 8, 2, "1/s", "how often", "speed"),
            Parameter("size_m", 0.03, 2, 0.3, "m", "of the clock", "size"),
        ),
        level_db=-9.0,
    ),
)
