"""Notes: the one in-memory form of written music, which every reader, writer, model and renderer shares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

TICKS_PER_QUARTER = 480
"""Resolution of every `Score`; readers rescale to it."""

ONSET, DURATION, PITCH, VELOCITY = range(4)
"""Columns of `Track.notes`."""

_TONICS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MAJOR_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_KEY_PATTERN = re.compile(r"^\s*([A-Ga-g])\s*(sharp|flat|#|♯|b|♭)?[\s_-]*(major|maj|minor|min|m|M)?\s*$")


@dataclass(frozen=True, slots=True)
class Key:
    """A tonic (pitch class, 0 = C) and a mode, ``"major"`` or ``"minor"``."""

    tonic: int
    mode: str

    def __post_init__(self) -> None:
        if not 0 <= self.tonic < 12 or self.mode not in ("major", "minor"):
            raise ValueError(f"a key is a tonic 0-11 and major or minor, not {self.tonic} {self.mode}")

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read ``"D minor"``, ``"F# major"``, ``"b flat minor"``, ``"Am"`` or ``"Eb"`` (major unless said).

        Raises:
            ValueError: the text names no key.
        """
        match = _KEY_PATTERN.match(text.replace("-", " "))
        if not match:
            raise ValueError(f"{text[:40]!r} is not a key; write one as 'D minor', 'F# major' or 'Bb'")
        letter, accidental, mode = match.groups()
        shift = {"sharp": 1, "#": 1, "♯": 1, "flat": -1, "b": -1, "♭": -1}.get(accidental or "", 0)
        is_minor = mode is not None and (mode == "m" or mode.lower() in ("min", "minor"))
        return cls((_TONICS[letter.upper()] + shift) % 12, "minor" if is_minor else "major")

    @property
    def fifths(self) -> int:
        """Sharps (positive) or flats (negative) of the key signature, -6 to 6."""
        major_tonic = self.tonic if self.mode == "major" else (self.tonic + 3) % 12
        return (major_tonic * 7 + 5) % 12 - 5

    @property
    def scale(self) -> frozenset[int]:
        """Pitch classes of the major or natural minor scale."""
        steps = (0, 2, 4, 5, 7, 9, 11) if self.mode == "major" else (0, 2, 3, 5, 7, 8, 10)
        return frozenset((self.tonic + step) % 12 for step in steps)

    def __str__(self) -> str:
        names = _MAJOR_NAMES if self.mode == "major" else _MINOR_NAMES
        return f"{names[self.tonic]} {self.mode}"


@dataclass(frozen=True, slots=True)
class Tempo:
    """From `tick` on, `bpm` quarter notes a minute."""

    tick: int
    bpm: float


@dataclass(frozen=True, slots=True)
class Metre:
    """From `tick` on, bars of `numerator`/`denominator`."""

    tick: int
    numerator: int
    denominator: int

    @property
    def bar_ticks(self) -> int:
        return TICKS_PER_QUARTER * 4 * self.numerator // self.denominator

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


@dataclass(frozen=True, slots=True)
class KeyMark:
    """From `tick` on, this key signature."""

    tick: int
    key: Key


@dataclass(frozen=True, slots=True)
class Marker:
    """A word at a place: a section's name, say."""

    tick: int
    text: str


@dataclass(frozen=True, eq=False)
class Track:
    """One instrument's notes.

    Args:
        name: what a sequencer shows.
        program: General MIDI program, 0 to 127; ignored for drums.
        is_drum: a drum kit (MIDI channel 10), whose pitches name drums.
        notes: int32 ``[note, 4]``, columns onset and duration (ticks), pitch (0-127), velocity (1-127);
            kept sorted by onset, then pitch.
    """

    name: str
    program: int
    is_drum: bool
    notes: np.ndarray

    def __post_init__(self) -> None:
        notes = np.asarray(self.notes, dtype=np.int32).reshape(-1, 4)
        notes = notes[np.lexsort((notes[:, PITCH], notes[:, ONSET]))]
        notes.setflags(write=False)
        object.__setattr__(self, "notes", notes)

    @property
    def end_tick(self) -> int:
        return int((self.notes[:, ONSET] + self.notes[:, DURATION]).max(initial=0))


@dataclass(frozen=True, eq=False)
class Score:
    """A piece as notes. Tempo and metre default to 120 bpm and 4/4 where none is given at tick 0."""

    tracks: tuple[Track, ...]
    tempos: tuple[Tempo, ...] = ()
    metres: tuple[Metre, ...] = ()
    keys: tuple[KeyMark, ...] = ()
    markers: tuple[Marker, ...] = ()
    title: str = field(default="")

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "tracks", tuple(self.tracks))
        set_(self, "tempos", _from_zero(self.tempos, Tempo(0, 120.0)))
        set_(self, "metres", _from_zero(self.metres, Metre(0, 4, 4)))
        set_(self, "keys", tuple(sorted(self.keys, key=lambda mark: mark.tick)))
        set_(self, "markers", tuple(sorted(self.markers, key=lambda mark: mark.tick)))

    @property
    def num_notes(self) -> int:
        return sum(len(track.notes) for track in self.tracks)

    @property
    def end_tick(self) -> int:
        """The end of the last sounding note."""
        return max((track.end_tick for track in self.tracks), default=0)

    @cached_property
    def _tempo_map(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        ticks = np.array([tempo.tick for tempo in self.tempos], dtype=np.float64)
        pace = np.array([60.0 / (tempo.bpm * TICKS_PER_QUARTER) for tempo in self.tempos])
        starts = np.concatenate(([0.0], np.cumsum(np.diff(ticks) * pace[:-1])))
        return ticks, starts, pace

    def seconds(self, ticks: np.ndarray | int) -> np.ndarray:
        """Times in seconds of the given ticks, by the tempo map."""
        at, starts, pace = self._tempo_map
        ticks = np.asarray(ticks, dtype=np.float64)
        segment = np.clip(np.searchsorted(at, ticks, side="right") - 1, 0, None)
        return starts[segment] + (ticks - at[segment]) * pace[segment]

    @property
    def duration_s(self) -> float:
        return float(self.seconds(self.end_tick))

    def bar_starts(self, until_tick: int | None = None) -> np.ndarray:
        """Ticks at which bars start, up to the bar that holds the last tick before `until_tick`."""
        until = self.end_tick if until_tick is None else until_tick
        starts: list[int] = []
        for metre, following in zip(self.metres, (*self.metres[1:], None), strict=True):
            stop = until if following is None else min(following.tick, until)
            starts.extend(range(metre.tick, stop, metre.bar_ticks))
        return np.array(starts or [0], dtype=np.int64)

    def transposed(self, semitones: int) -> Score:
        """The piece `semitones` higher, drums left alone; notes that leave 0-127 are folded by octaves."""
        tracks = []
        for track in self.tracks:
            notes = track.notes.copy()
            if not track.is_drum:
                pitch = notes[:, PITCH] + semitones
                pitch = np.where(pitch < 0, pitch % 12, np.where(pitch > 127, 115 + (pitch - 115) % 12, pitch))
                notes[:, PITCH] = pitch
            tracks.append(replace(track, notes=notes))
        keys = tuple(KeyMark(mark.tick, Key((mark.key.tonic + semitones) % 12, mark.key.mode)) for mark in self.keys)
        return replace(self, tracks=tuple(tracks), keys=keys)


_Mark = TypeVar("_Mark", Tempo, Metre)


def _from_zero(marks: Iterable[_Mark], default: _Mark) -> tuple[_Mark, ...]:
    ordered = tuple(sorted(marks, key=lambda mark: mark.tick))
    if not ordered or ordered[0].tick > 0:
        return (default, *ordered)
    return ordered
