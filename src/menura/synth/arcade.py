"""Sounds of games and of screens: lasers, zaps, jumps, coins, power-ups, clicks, notifications.

Square waves, steps and slides as the sound chips of the 1980s made them (Collins, "Game Sound", MIT Press, 2008;
Farnell, "Designing Sound", 2010, ch. 55 to 57).
"""

from __future__ import annotations

import numpy as np

from menura.synth import noise
from menura.synth.envelopes import breakpoints, curve, decay
from menura.synth.generator import Choice, Generator, Parameter, Stage
from menura.synth.grains import poisson, ring
from menura.synth.modes import Modes, modes_of, struck
from menura.synth.oscillators import harmonics, phase_of, pulse, saw, sine


def semitones(hz: float, steps: float) -> float:
    """So many semitones higher."""
    return hz * 2 ** (steps / 12)


def _laser(stage: Stage) -> np.ndarray:
    times, length = stage.times, stage.seconds
    turn, middle, end = stage.rng.uniform(0.2, 0.5), stage.rng.uniform(0.2, 0.45), stage.rng.uniform(0.04, 0.12)
    top_hz = stage["top_hz"]
    hz = curve(times, (0, top_hz), (turn * length, middle * top_hz), (length, end * top_hz))
    hz = np.minimum(hz, 0.4 * stage.rate)
    phase = phase_of(hz, stage.num_samples, stage.rate)
    mix, ratio = stage.rng.uniform(0.2, 0.8), stage.rng.choice([1.004, 1.5, 2.01])
    out = mix * saw(phase) + 0.5 * sine(ratio * phase) + 0.25 * pulse(0.5 * phase)
    out = noise.swept(out, stage.rate, 2.5 * hz, 1.4, "low")
    click = noise.shaped(stage.num_samples, stage.rate, noise.band(1500, 9000), stage.detail)
    kick_hz = curve(times, (0, 260), (0.03, 110), (0.2, 55))
    kick = sine(phase_of(kick_hz, stage.num_samples, stage.rate)) * decay(times, 0.05, 0.001)
    return out * decay(times, 0.35 * length, 0.002) + 0.3 * click * decay(times, 0.006, 0.0003) + 0.7 * kick


def _zap(stage: Stage) -> np.ndarray:
    count, rate, times = stage.num_samples, stage.rate, stage.times
    buzz_hz = stage["buzz_hz"] * np.exp(0.15 * noise.slow(count, rate, 30.0, stage.rng))
    arc = noise.shaped(count, rate, noise.band(stage.rng.uniform(700, 1900), 11000, 1), stage.detail)
    gate = np.maximum(sine(phase_of(buzz_hz, count, rate)), 0) ** 3
    flicker = (noise.slow(count, rate, 22.0, stage.rng) > -0.5).astype(float)
    flicker = noise.filtered(flicker, rate, noise.band(0, 300), wraps=False)
    out = arc * gate * flicker + 0.35 * saw(phase_of(buzz_hz, count, rate)) * flicker
    snaps = poisson(50, count, rate, stage.detail)
    ring(out, rate, snaps[snaps < 0.9 * count], 4200.0, 0.0008, 1.6)
    return out * breakpoints(times, (0, 1), (0.7 * stage.seconds, 0.8), (stage.seconds, 0))


def _jump(stage: Stage) -> np.ndarray:
    times, length = stage.times, stage.seconds
    low = stage["low_hz"]
    dip, top = stage.rng.uniform(0.7, 1.0), stage.rng.uniform(2.2, 4.2)
    hz = curve(times, (0, low), (0.08 * length, dip * low), (length, top * low))
    out = pulse(phase_of(hz, stage.num_samples, stage.rate), stage.rng.uniform(0.15, 0.5))
    return out * breakpoints(times, (0, 0), (0.004, 1), (0.6 * length, 0.7), (length, 0))


def _notes(stage: Stage, notes: list[tuple[float, float]], width: float, fall_s: float) -> np.ndarray:
    """A square wave that steps from (time, frequency) to the next, the last dying away."""
    times = stage.times
    hz = np.full(stage.num_samples, notes[0][1])
    for start, one in notes:
        hz[times >= start] = one
    out = pulse(phase_of(hz, stage.num_samples, stage.rate), width)
    level = np.where(times < notes[-1][0], 1.0, np.exp(-(times - notes[-1][0]) / fall_s))
    return out * level * np.clip((stage.seconds - times) / (0.25 * stage.seconds), 0, 1)


def _coin(stage: Stage) -> np.ndarray:
    hz = stage["pitch_hz"]
    step, first_s = stage.rng.choice([4, 5, 7, 12], p=[0.2, 0.5, 0.2, 0.1]), stage.rng.uniform(0.055, 0.095)
    return _notes(stage, [(0.0, hz), (first_s, semitones(hz, step))], stage.rng.choice([0.5, 0.25, 0.125]), 0.16)


def _powerup(stage: Stage) -> np.ndarray:
    hz, step_s = stage["pitch_hz"], stage["seconds"] / 14
    scale = {"up": (0, 4, 7, 12, 4, 7, 12, 16, 7, 12, 16, 19), "down": (12, 11, 9, 7, 5, 4, 2, 0, -1, -3, -5, -12)}
    notes = [(number * step_s, semitones(hz, step)) for number, step in enumerate(scale[stage.word("direction")])]
    return _notes(stage, notes, stage.rng.choice([0.125, 0.25, 0.5]), 2.2 * step_s)


def _click(stage: Stage) -> np.ndarray:
    kind, out = stage.word("kind"), np.zeros(stage.num_samples)
    rng = stage.rng
    if kind == "tick":
        ring(out, stage.rate, np.zeros(1), stage.hz("pitch_hz", 1.6), 0.0035, 1.0)
        return ring(out, stage.rate, np.zeros(1), stage["pitch_hz"] * 2.9, 0.0012, 0.5)
    modes = modes_of("plastic", 0.05, rng, 10)
    short = Modes(
        modes.hz * stage["pitch_hz"] / 1400, np.minimum(modes.decay_s, 0.005), modes.gains * modes.hz[0] / modes.hz
    )
    gap = {"button": 0.055, "switch": 0.012, "keyboard": 0.075}[kind]
    gap *= rng.uniform(0.75, 1.35)
    second = (0.55 if kind != "switch" else 1.3) * rng.uniform(0.7, 1.2)
    for at, level in ((0.0, 1.0), (gap, second)):
        struck(out, stage.rate, short, round(at * stage.rate), level, 0.00012)
        ring(out, stage.rate, np.array([round(at * stage.rate)]), stage["pitch_hz"] / 6, 0.006, 0.7 * level)
        snap = noise.shaped(stage.num_samples, stage.rate, noise.band(700, 3200, 1), stage.detail)
        out += 0.5 * level * snap * decay(stage.times - at, 0.0016, 0.0001)
    return out


def _notification(stage: Stage) -> np.ndarray:
    out = np.zeros(stage.num_samples)
    steps = {"message": (0, 7), "success": (0, 4, 7, 12), "error": (0, -1), "question": (0, 5)}[stage.word("meaning")]
    gap = 0.24 if stage.word("meaning") == "error" else 0.13
    for number, step in enumerate(steps):
        hz = semitones(stage["pitch_hz"] * (0.4 if stage.word("meaning") == "error" else 1), step)
        times = stage.times - gap * number
        partials = np.array([1.0, 0.28, 0.1, 0.14]) if gap < 0.2 else np.array([1.0, 0.6, 0.5, 0.3])
        tone = harmonics(np.maximum(times, 0) * hz, partials, hz, stage.rate)
        out += tone * decay(times, 0.16 if number < len(steps) - 1 else 0.28, 0.004)
    return out * np.clip((stage.seconds - stage.times) / (0.3 * stage.seconds), 0, 1)


_PITCH = "of the first note"
GENERATORS = (
    Generator(
        "laser",
        "a ray gun",
        "event",
        _laser,
        (
            Parameter("top_hz", 400, 8000, 2600, "Hz", "where it begins", "pitch"),
            Parameter("seconds", 0.08, 2, 0.4, "s", "how long", "-speed"),
        ),
        length_s=lambda values: float(values["seconds"]),
    ),
    Generator(
        "zap",
        "an electric arc",
        "event",
        _zap,
        (
            Parameter("buzz_hz", 30, 400, 100, "Hz", "of its hum", "pitch"),
            Parameter("seconds", 0.05, 4, 0.6, "s", "how long", "size"),
        ),
        length_s=lambda values: float(values["seconds"]),
    ),
    Generator(
        "jump",
        "a jump in an old game",
        "event",
        _jump,
        (
            Parameter("low_hz", 80, 900, 260, "Hz", "where it begins", "pitch"),
            Parameter("seconds", 0.08, 1, 0.28, "s", "how long", "-speed"),
        ),
        length_s=lambda values: float(values["seconds"]),
    ),
    Generator(
        "coin",
        "a coin that is won in an old game",
        "event",
        _coin,
        (Parameter("pitch_hz", 300, 3000, 988, "Hz", _PITCH, "pitch"),),
        length_s=lambda _: 0.75,
    ),
    Generator(
        "powerup",
        "notes that rise, or fall, in an old game",
        "event",
        _powerup,
        (
            Choice("direction", ("up", "down"), "up", "whether something is won or lost"),
            Parameter("pitch_hz", 100, 1500, 392, "Hz", _PITCH, "pitch"),
            Parameter("seconds", 0.2, 3, 0.9, "s", "how long", "-speed"),
        ),
        length_s=lambda values: float(values["seconds"]) + 0.15,
    ),
    Generator(
        "click",
        "a button, switch or key",
        "event",
        _click,
        (
            Choice("kind", ("button", "switch", "keyboard", "tick"), "button", "what is pressed"),
            Parameter("pitch_hz", 400, 5000, 1400, "Hz", "how high", "pitch"),
        ),
        length_s=lambda _: 0.16,
        level_db=-8.0,
    ),
    Generator(
        "notification",
        "tones that tell something",
        "event",
        _notification,
        (
            Choice("meaning", ("message", "success", "error", "question"), "message", "what they tell"),
            Parameter("pitch_hz", 200, 2500, 660, "Hz", _PITCH, "pitch"),
        ),
        length_s=lambda values: 1.5 if values["meaning"] == "success" else 1.1,
        level_db=-4.0,
    ),
)
