"""Controllers: what a channel's wheels, faders and pedals are at any time, as MIDI 1.0 and General MIDI say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from menura.score.notes import CHANNEL_PRESSURE, DURATION, ONSET, PITCH, PITCH_BEND

MODULATION, VOLUME, PAN, EXPRESSION = 1, 7, 10, 11
SUSTAIN, SOSTENUTO = 64, 66
REVERB_SEND, CHORUS_SEND = 91, 93
BEND_RANGE, TUNING = 512, 513
"""Beside the numbers in `Track.controls`: semitones of a full bend, and cents, both set by registered parameters."""

REST = {VOLUME: 100.0, PAN: 64.0, EXPRESSION: 127.0, BEND_RANGE: 2.0}
"""Where controllers stand until they are moved; others at 0."""

_DATA, _DATA_FINE = 6, 38
_NRPN_FINE, _NRPN, _RPN_FINE, _RPN = 98, 99, 100, 101
_ALL_SOUND_OFF, _RESET, _ALL_NOTES_OFF = 120, 121, 123
_NOT_RESET = frozenset((0, 7, 8, 10, 32, *range(70, 80), *range(91, 96), BEND_RANGE, TUNING))
"""What "reset all controllers" leaves alone (RP-015)."""
_EVER = np.iinfo(np.int64).max
_BEFORE = -(1 << 62)


@dataclass(frozen=True, eq=False)
class Curve:
    """A controller's course: it is ``values[k]`` from ``at[k]`` on; the first holds from ever."""

    at: np.ndarray
    values: np.ndarray

    def index(self, times: np.ndarray) -> np.ndarray:
        """Which of its values holds at each time."""
        return np.searchsorted(self.at, times, side="right") - 1


@dataclass(frozen=True, eq=False)
class ControllerState:
    """All controllers of a channel that are ever moved.

    Args:
        curves: by number as in `Track.controls`, `BEND_RANGE` or `TUNING`.
        notes_off: times of "all notes off", ascending.
        sound_off: times of "all sound off", ascending.
    """

    curves: dict[int, Curve] = field(default_factory=dict)
    notes_off: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    sound_off: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @classmethod
    def read(cls, rows: np.ndarray) -> ControllerState:
        """From `Track.controls`, times in ticks."""
        reader = _Reader()
        for tick, number, value in rows.tolist():
            reader.move(tick, number, value)
        curves = {
            number: Curve(
                np.array([_BEFORE, *ticks], dtype=np.int64), np.array([REST.get(number, 0.0), *reader.values[number]])
            )
            for number, ticks in reader.ticks.items()
        }
        return cls(curves, np.array(reader.notes_off, dtype=np.int64), np.array(reader.sound_off, dtype=np.int64))

    def timed(self, times_of: Callable[[np.ndarray], np.ndarray]) -> ControllerState:
        """The same at other times, `times_of` those here."""
        curves = {
            number: Curve(np.concatenate(([_BEFORE], times_of(curve.at[1:]))).astype(np.int64), curve.values)
            for number, curve in self.curves.items()
        }
        return ControllerState(curves, times_of(self.notes_off), times_of(self.sound_off))

    def moved(self, numbers: Iterable[int]) -> list[int]:
        """Those of the controllers that are ever moved."""
        return sorted(number for number in numbers if number in self.curves)

    def position(self, number: int, time: int) -> float:
        """Where a controller stands at a time."""
        curve = self.curves.get(number)
        return REST.get(number, 0.0) if curve is None else float(curve.values[curve.index(np.array(time))])

    def positions(self, number: int, times: np.ndarray) -> np.ndarray:
        """Where a controller stands at each time."""
        curve = self.curves.get(number)
        return np.full(len(times), REST.get(number, 0.0)) if curve is None else curve.values[curve.index(times)]

    def moves(self, numbers: Sequence[int], start: np.ndarray, stop: np.ndarray) -> np.ndarray:
        """Whether any of the controllers moves after each start and before its stop."""
        moves = np.zeros(len(start), dtype=bool)
        for number in numbers:
            curve = self.curves[number]
            moves |= curve.index(start) < curve.index(stop - 1)
        return moves

    def moments(self, numbers: Sequence[int], start: int, stop: int) -> np.ndarray:
        """`start`, and every time before `stop` at which one of the controllers moves."""
        if not numbers:
            return np.array([start])
        ends = np.array([start, stop - 1])
        courses = [self.curves[number] for number in numbers]
        moments = [curve.at[slice(*(curve.index(ends) + 1))] for curve in courses]
        return np.unique(np.concatenate(([start], *moments)))

    def ends(self, notes: np.ndarray, last_tick: int) -> np.ndarray:
        """When notes ``[note, 4]`` end, in ticks, as long as pedals hold them; at `last_tick` all pedals are let go.

        A held note ends where its pitch is struck again.
        """
        onset = notes[:, ONSET].astype(np.int64)
        end = np.minimum(onset + notes[:, DURATION], _next(self.notes_off, onset))
        held = end
        for number in (SOSTENUTO, SUSTAIN):
            if number not in self.curves:
                continue
            down, up = self._presses(number, last_tick)
            press = np.searchsorted(down, held, side="left") - 1  # the last before the key is let go
            holds = (press >= 0) & (up[press] > held)
            if number == SOSTENUTO:  # holds the keys that were down when it was pressed
                holds &= onset < down[press]
            held = np.where(holds, up[press], held)
        return np.minimum(held, np.maximum(_struck_again(notes), end))

    def _presses(self, number: int, last_tick: int) -> tuple[np.ndarray, np.ndarray]:
        """When a pedal goes down and up; there is at least one press."""
        curve = self.curves[number]
        is_down = curve.values >= 64
        changes = np.flatnonzero(np.diff(is_down.astype(np.int8))) + 1
        down, up = curve.at[changes[is_down[changes]]], curve.at[changes[~is_down[changes]]]
        if len(up) < len(down):
            up = np.append(up, max(last_tick, down[-1]))
        return (down, up) if len(down) else (np.array([_EVER]), np.array([_EVER]))


class _Reader:
    """Follows one channel's controllers through time."""

    def __init__(self) -> None:
        self.ticks: dict[int, list[int]] = {}
        self.values: dict[int, list[float]] = {}
        self.notes_off: list[int] = []
        self.sound_off: list[int] = []
        self.selected: dict[int, int] = {_RPN: 127, _RPN_FINE: 127}
        self.data: dict[tuple[int, int], int] = {}  # of registered parameters, by parameter and byte

    def move(self, tick: int, number: int, value: int) -> None:
        if number == _ALL_SOUND_OFF:
            self.sound_off.append(tick)
        elif _ALL_NOTES_OFF <= number < PITCH_BEND:  # the modes that follow it turn notes off as well
            self.notes_off.append(tick)
        elif number == _RESET:
            self._reset(tick)
        elif number in (_RPN, _RPN_FINE):
            self.selected[number] = value
        elif number in (_NRPN, _NRPN_FINE):
            self.selected = {_RPN: 127, _RPN_FINE: 127}
        elif number in (_DATA, _DATA_FINE):
            self._enter(tick, number, value)
        elif number <= CHANNEL_PRESSURE:
            self._set(tick, number, value)

    def _set(self, tick: int, number: int, value: float) -> None:
        values = self.values.setdefault(number, [])
        if value != (values[-1] if values else REST.get(number, 0.0)):
            values.append(value)
            self.ticks.setdefault(number, []).append(tick)

    def _reset(self, tick: int) -> None:
        for number in list(self.ticks):
            if number not in _NOT_RESET:
                self._set(tick, number, REST.get(number, 0.0))
        self.selected = {_RPN: 127, _RPN_FINE: 127}

    def _enter(self, tick: int, number: int, value: int) -> None:
        """Registered parameters 0 (range of the pitch bend), 1 and 2 (fine and coarse tuning)."""
        parameter = self.selected[_RPN] << 7 | self.selected[_RPN_FINE]
        self.data[parameter, number] = value
        coarse, fine = (self.data.get((parameter, byte), 0) for byte in (_DATA, _DATA_FINE))
        if parameter == 0:
            self._set(tick, BEND_RANGE, coarse + fine / 100)
        elif parameter in (1, 2):
            semitones = self.data.get((2, _DATA), 64) - 64
            fine_tune = (self.data.get((1, _DATA), 64) << 7 | self.data.get((1, _DATA_FINE), 0)) - 8192
            self._set(tick, TUNING, 100 * semitones + 100 * fine_tune / 8192)


def _next(times: np.ndarray, after: np.ndarray) -> np.ndarray:
    """The first of ascending `times` after each of others."""
    return np.append(times, _EVER)[np.searchsorted(times, after, side="right")]


def _struck_again(notes: np.ndarray) -> np.ndarray:
    """When each note's pitch is struck next."""
    order = np.lexsort((notes[:, ONSET], notes[:, PITCH]))
    again = np.full(len(notes), _EVER)
    same = np.flatnonzero(np.diff(notes[order, PITCH]) == 0)
    again[order[same]] = notes[order[same + 1], ONSET]
    return again
