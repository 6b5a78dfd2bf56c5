"""What moves a sound: modulators, envelopes and oscillators (SoundFont 2.01, sections 8.2, 8.4 and 9.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from menura.score.notes import CHANNEL_PRESSURE, PITCH_BEND
from menura.score.synth.controls import BEND_RANGE, REST, TUNING, ControllerState
from menura.score.synth.soundfont import Generator, Modulator, Region

_G = Generator
SILENCE_DB = 96.0
_RAMP_S = 64 / 44_100
"""How long a step of a controller takes, as in FluidSynth, so that it does not click."""
_FOLLOWED = frozenset((*range(5, 9), 10, 11, 13, _G.COARSE_TUNE, _G.FINE_TUNE))
"""Generators that controllers move while a note sounds; others are set when it starts."""


@dataclass(frozen=True, eq=False)
class Steps:
    """A value that moves during a note, whose samples are counted from its start: ``values[0]``, and ``values[k + 1]``
    from sample ``at[k]`` on."""

    at: np.ndarray
    values: np.ndarray

    def sampled(self, start: int, stop: int, rate: float, every: int = 1) -> np.ndarray:
        """Its course from sample `start` to before `stop`, one value in `every`."""
        if not len(self.at):
            return np.full(-(-(stop - start) // every), self.values[0])
        places, values = np.repeat(self.at, 2), np.repeat(self.values, 2)[1:-1]
        places[1::2] = np.minimum(self.at + max(int(_RAMP_S * rate), 1), np.append(self.at[1:], places[-1] + rate))
        return np.interp(np.arange(start, stop, every), places, values)


Value = float | Steps
Values = Mapping[int, Value]
"""A note's generators."""
_Numbers = float | np.ndarray


def first(value: Value) -> float:
    """A value when its note starts."""
    return float(value.values[0] if isinstance(value, Steps) else value)


def sampled(value: Value, start: int, stop: int, rate: float, every: int = 1) -> _Numbers:
    """A value from sample `start` to before `stop`: one number where it stands still."""
    return value.sampled(start, stop, rate, every) if isinstance(value, Steps) else value


def controllers(modulators: Iterable[Modulator]) -> set[int]:
    """The numbers, as in `ControllerState`, of all controllers that move some modulators."""
    sources = [source for modulator in modulators for source in (modulator.source, modulator.amount_source)]
    return {number for source in sources if (number := _controller(source)) is not None}


def modulated(
    region: Region,
    modulators: Sequence[Modulator],
    key: int,
    velocity: int,
    controls: ControllerState,
    start: int,
    stop: int,
) -> Values:
    """A note's generators, moved by its key and velocity, and by controllers from sample `start` to before `stop`."""
    moments = controls.moments(controls.moved({*controllers(modulators), TUNING}), start, stop)
    if len(moments) > 1:
        added = _added(modulators, key, velocity, lambda number: controls.positions(number, moments))
        added[_G.FINE_TUNE] = added.get(_G.FINE_TUNE, 0.0) + controls.positions(TUNING, moments)
    else:
        added = _added(modulators, key, velocity, lambda number: controls.position(number, start))
        added[_G.FINE_TUNE] = added.get(_G.FINE_TUNE, 0.0) + controls.position(TUNING, start)
    values: dict[int, Value] = dict(region.generators)
    for number, amount in added.items():
        total = region.generators.get(number, 0) + amount
        if isinstance(total, np.ndarray):
            is_still = number not in _FOLLOWED or (total == total[0]).all()
            total = float(total[0]) if is_still else Steps(moments[1:] - start, total)
        values[number] = total
    return values


def level_and_pan(
    region: Region,
    modulators: Sequence[Modulator],
    key: int,
    velocity: int,
    position: Callable[[int], _Numbers],
) -> tuple[_Numbers, _Numbers, _Numbers]:
    """Amplitude of a note, 1 where nothing attenuates it and its channel's volume rests, and its shares left and right.

    Args:
        position: where a controller stands, by its number in `ControllerState`.
    """
    added = _added(modulators, key, velocity, position)
    # Hardware that SoundFonts were made for applied 0.4 of the attenuation they state; every player follows it.
    stated = 0.4 * min(region.generators[_G.ATTENUATION], 1440)
    centibels = stated + added.get(_G.ATTENUATION, 0.0)
    level = 10 ** ((_CENTIBELS_AT_REST - np.maximum(centibels, 0.0)) / 200)
    angle = (np.clip(region.generators[_G.PAN] + added.get(_G.PAN, 0.0), -500, 500) / 1000 + 0.5) * np.pi / 2
    return level, 2**0.5 * np.cos(angle), 2**0.5 * np.sin(angle)


def send(region: Region, number: int, position: Callable[[int], _Numbers]) -> _Numbers:
    """Which share of a region's sound, 0 to 1, goes to an effect: generator `REVERB_SEND` or `CHORUS_SEND`."""
    moving = [modulator for modulator in region.moving_modulators if modulator.target == number]
    return np.clip((region.generators[number] + _added(moving, 60, 64, position).get(number, 0.0)) / 1000, 0, 1)


def _added(
    modulators: Iterable[Modulator], key: int, velocity: int, position: Callable[[int], _Numbers]
) -> dict[int, _Numbers]:
    """What modulators add to generators."""
    total: dict[int, _Numbers] = {}
    for modulator in modulators:
        value = _source_value(modulator.source, key, velocity, position)
        if modulator.amount_source:
            value = value * _source_value(modulator.amount_source, key, velocity, position)
        total[modulator.target] = total.get(modulator.target, 0.0) + modulator.amount * value
    return total


def _controller(source: int) -> int | None:
    index = source & 0x7F
    return index if source & 0x80 else {13: CHANNEL_PRESSURE, 14: PITCH_BEND, 16: BEND_RANGE}.get(index)


def _source_value(source: int, key: int, velocity: int, position: Callable[[int], _Numbers]) -> _Numbers:
    """Value of a modulator's source: 0 to 1, or -1 to 1 where bipolar; 0 of what is none."""
    number = _controller(source)
    if number is not None:
        value = position(number)
        if number == PITCH_BEND:
            value = (value + 8192) / 128
        elif number == BEND_RANGE:
            value = value * (128 / 127)
    elif source & 0xFF in (2, 3):
        value = float(velocity if source & 0xFF == 2 else key)
    else:
        return 0.0
    falling, bipolar, shape = source & 0x100, source & 0x200, source >> 10
    value = 127 - value if falling else value
    if shape == 3:
        unipolar = np.where(np.asarray(value) >= 64, 1.0, 0.0)
    elif shape == 1:
        unipolar = _concave(value)
    elif shape == 2:
        unipolar = 1 - _concave(127 - value)
    else:
        unipolar = value / 128
    return 2 * unipolar - 1 if bipolar else unipolar


def _concave(value: _Numbers) -> _Numbers:
    return np.minimum(-40 / 96 * np.log10(np.maximum(127 - value, 1e-3) / 127), 1.0)


_CENTIBELS_AT_REST = 960 * float(_source_value(0x0587, 0, 0, lambda number: REST[number]))
"""How much a channel's volume attenuates while it is not moved."""


def seconds(timecents: float) -> float:
    return 0.0 if timecents <= -12_000 else 2.0 ** (min(timecents, 8_000) / 1200)


def decay(duration_s: float, rate: int) -> np.ndarray:
    """Falling 100 dB in a time, linear in decibels, until inaudible."""
    count = max(int(duration_s * rate * SILENCE_DB / 100), 2)
    curve = 10 ** (np.arange(1, count + 1, dtype=np.float32) * np.float32(-SILENCE_DB / 20 / count))
    return curve.astype(np.float32)


def volume_envelope(values: Values, key: int, start: int, stop: int, rate: int) -> np.ndarray:
    """Delay, attack (linear in amplitude), hold, decay to the sustained level (linear in decibels), from sample `start`
    to before `stop`, or until it is silent for good."""
    plain = {number: first(values[number]) for number in range(_G.VOL_ENV_DELAY, _G.KEY_TO_DECAY + 1)}
    delay, attack = (int(seconds(plain[number]) * rate) for number in (_G.VOL_ENV_DELAY, _G.VOL_ENV_ATTACK))
    hold = int(seconds(plain[_G.VOL_ENV_HOLD] + plain[_G.KEY_TO_HOLD] * (60 - key)) * rate)
    decay_s = seconds(plain[_G.VOL_ENV_DECAY] + plain[_G.KEY_TO_DECAY] * (60 - key))
    sustain_db = min(max(plain[_G.VOL_ENV_SUSTAIN], 0.0), 1000.0) / 10
    fall = delay + attack + hold
    fall_per_sample = 100 / max(decay_s * rate, 1.0)
    if sustain_db >= SILENCE_DB:
        stop = min(stop, fall + int(SILENCE_DB / fall_per_sample) + 1)
    envelope = np.ones(max(stop - start, 0), dtype=np.float32)
    envelope[: max(delay - start, 0)] = 0
    rise = np.linspace(0, 1, attack + 1, dtype=np.float32)[1:][max(start - delay, 0) : max(stop - delay, 0)]
    place = max(delay - start, 0)
    envelope[place : place + len(rise)] = rise
    if stop > fall:
        since = np.arange(max(start - fall, 0), stop - fall, dtype=np.float32)
        level_db = np.minimum(since * np.float32(fall_per_sample), np.float32(sustain_db))
        envelope[max(fall - start, 0) :] = 10 ** (level_db * np.float32(-0.05))
    return envelope


def modulation_envelope(values: Values, start: int, stop: int, rate: float) -> np.ndarray:
    """The second envelope, 0 to 1, its attack convex, without its release."""
    numbers = (_G.MOD_ENV_DELAY, _G.MOD_ENV_ATTACK, _G.MOD_ENV_HOLD, _G.MOD_ENV_DECAY)
    delay, attack, hold, decay = (seconds(first(values[number])) * rate for number in numbers)
    sustain = 1 - min(max(first(values[_G.MOD_ENV_SUSTAIN]), 0.0), 1000.0) / 1000
    time = np.arange(start, stop, dtype=np.float64) - delay
    rising = np.clip(time / max(attack, 1e-9), 0, 1)
    convex = np.clip(1 + 40 / 96 * np.log10(np.maximum(rising, 1e-3)), 0, 1)
    falling = np.maximum(1 - np.maximum(time - attack - hold, 0) / max(decay, 1e-9), sustain)
    return np.where(time < 0, 0.0, np.minimum(convex, falling))


def oscillation(frequency: Value, delay: Value, start: int, stop: int, rate: float) -> np.ndarray:
    """A low-frequency triangle, -1 to 1, from 0 after its delay; its frequency in cents, the delay in timecents."""
    hz = 8.176 * 2 ** (min(max(first(frequency), -16_000), 4_500) / 1200)
    step = hz / rate
    phase = np.maximum(np.arange(start, stop) * step - seconds(first(delay)) * hz, 0) + 0.25
    phase -= np.floor(phase)
    return 1 - 4 * np.abs(phase - 0.5)
