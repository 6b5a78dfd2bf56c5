"""Explosions and shots.

A blast is a front of pressure (Friedlander, 1946: (1 - t / T) exp(-t / T)), fire that burns out under a falling
lowpass, and ground and pieces that follow (Farnell, "Designing Sound", 2010, ch. 44 and 45).
"""

from __future__ import annotations

import numpy as np

from menura.synth import noise
from menura.synth.envelopes import bump, curve, decay
from menura.synth.generator import Choice, Generator, Parameter, Stage
from menura.synth.grains import ring, strew
from menura.synth.noise import fast_size

_PIECES = 16


def front(times: np.ndarray, length_s: float) -> np.ndarray:
    """Friedlander's wave."""
    return np.where(times >= 0, (1 - times / length_s) * np.exp(-times / length_s), 0.0)


def _explosion(stage: Stage) -> np.ndarray:
    count, rate, times, scale = stage.num_samples, stage.rate, stage.times, stage["charge_kg"] ** (1 / 3)
    length = stage.seconds
    out = 2.0 * front(times, 0.006 * scale**0.5)
    roar = noise.shaped(count, rate, noise.tilted(-0.45, 40.0), stage.detail)
    falling = curve(times, (0, 5000), (0.08 * length, 1400), (0.35 * length, 400), (length, 120))
    churn = noise.gusty(count, rate, 12.0, 0.4, stage.rng)
    out += 2.6 * noise.swept(roar, rate, falling, 0.7, "low") * decay(times, 0.2 * length, 0.004) * churn
    rumble = noise.shaped(count, rate, noise.band(24, 90, 2), stage.detail)
    out += 0.8 * rumble * bump(times, 0.0, length, 0.1) * churn
    ring(out, rate, np.zeros(1), 58 / scale**0.3, 0.16 * scale**0.3, 1.4, -2.0)
    count_pieces = round(stage["debris"])
    starts = np.round((0.12 + stage.detail.gamma(2.0, 0.13 * length, count_pieces)) * rate).astype(int)
    starts = starts[starts < 0.85 * count]
    loud = 0.5 * stage.detail.lognormal(-1.2, 0.7, len(starts)) * np.exp(-starts / rate / (0.4 * length))
    strew(out, _pieces(stage), starts, loud, stage.detail, stage.detail.uniform(0.7, 3.0, len(starts)))
    return np.tanh(0.8 * out) * np.clip((length - times) / (0.5 * length), 0, 1)


def _pieces(stage: Stage) -> np.ndarray:
    """A bank of what falls to the ground."""
    length = fast_size(round(0.05 * stage.rate))
    fall = np.exp(-np.arange(length) / (0.25 * length)) * np.linspace(1, 0, length)
    gains = [noise.peak(hz, 1.5) for hz in stage.detail.uniform(300, 1800, _PIECES)]
    return np.stack([noise.shaped(length, stage.rate, gain, stage.detail) * fall for gain in gains])


def _shot(stage: Stage) -> np.ndarray:
    count, rate, times = stage.num_samples, stage.rate, stage.times
    weapon = stage.word("weapon")
    boom_hz, crack_hz, body_s = {
        "pistol": (140, 1900, 0.032),
        "rifle": (110, 2400, 0.045),
        "shotgun": (75, 1900, 0.07),
        "cannon": (42, 1500, 0.22),
    }[weapon]
    crack = noise.shaped(count, rate, noise.band(500, crack_hz, 1), stage.detail)
    body = noise.shaped(count, rate, noise.band(boom_hz, 9 * boom_hz, 1), stage.detail)
    out = 2.2 * front(times, 1 / (4 * boom_hz)) + 1.5 * crack * decay(times, 0.35 * body_s, 0.0003)
    out += 0.9 * body * decay(times, body_s, 0.0008)
    ring(out, rate, np.zeros(1), boom_hz, 1.4 * body_s, 1.0, -4.0)
    place = stage["echo_s"]
    if place > 0:
        tail = noise.shaped(count, rate, noise.band(120, 1800, 1), stage.detail)
        out += 0.16 * tail * decay(times - 0.03, 0.35 * place, 0.03)
        for number in range(3):
            at = place * (0.16 + 0.2 * number) * stage.rng.uniform(0.8, 1.2)
            out += 0.22 * 0.6**number * body * decay(times - at, 1.5 * body_s, 0.01)
    return np.tanh(out) * np.clip((stage.seconds - times) / (0.4 * stage.seconds), 0, 1)


GENERATORS = (
    Generator(
        "explosion",
        "a blast, its fire and its pieces",
        "event",
        _explosion,
        (
            Parameter("charge_kg", 0.01, 1000, 3, "kg", "of explosive", "size"),
            Parameter("debris", 0, 200, 50, "", "how many pieces fall", "intensity"),
        ),
        length_s=lambda values: 2.4 * float(values["charge_kg"]) ** 0.15,
        is_wide=True,
        level_db=5.0,
    ),
    Generator(
        "shot",
        "a shot, and its echo",
        "event",
        _shot,
        (
            Choice("weapon", ("pistol", "rifle", "shotgun", "cannon"), "pistol", "what is fired"),
            Parameter("echo_s", 0, 4, 1.2, "s", "how long it is heard from around", "size"),
        ),
        length_s=lambda values: 0.5 + float(values["echo_s"]) + (0.8 if values["weapon"] == "cannon" else 0),
        is_wide=True,
        level_db=4.0,
    ),
)
