"""Notes: the one in-memory form of written music, which every reader, writer, model and renderer shares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pkgutil import resolve_name
from typing import TypeVar

import numpy as np

TICKS_PER_QUARTER = 480
"""Resolution of every `Score`; readers rescale to it."""

ONSET, DURATION, PITCH, VELOCITY = range(4)
"""Columns of `Track.notes`."""

TICK, CONTROLLER, VALUE = range(3)
"""Columns of `Track.controls`."""

PITCH_BEND, CHANNEL_PRESSURE, KEY_PRESSURE = 128, 129, 130
"""What `Track.controls` holds beside MIDI's controllers 0 to 127; pressure on key 60 is ``KEY_PRESSURE + 60``."""

LOOP_START, LOOP_END = "loopStart", "loopEnd"
"""Markers between which players that know them (libADLMIDI, Sekaiju, Woof!) play a file over and over."""

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


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a place, of one of the kinds that MIDI has: ``"text"``, ``"copyright"``, ``"lyric"`` or ``"cue"``."""

    tick: int
    kind: str
    text: str


def _no_controls() -> np.ndarray:
    return np.empty((0, 3), dtype=np.int32)


@dataclass(frozen=True, eq=False, repr=False)
class Track:
    """One instrument's notes.

    At one tick notes end first, then controllers move, then notes begin.

    Args:
        name: what a sequencer shows.
        program: General MIDI program, 0 to 127; of a drum kit where `is_drum`.
        is_drum: a drum kit (as on MIDI channel 10), whose pitches name drums.
        notes: int32 ``[note, 4]``, columns onset and duration (ticks), pitch (0-127), velocity (1-127);
            kept sorted by onset, then pitch.
        controls: int32 ``[event, 3]``, columns tick, controller, value: 0 to 127, or -8192 to 8191 of `PITCH_BEND`;
            kept sorted by tick. Bank select is not among them, see `bank`.
        bank: as MIDI selects it, 0 to 16383: 128 times controller 0, and controller 32.
        channel: the MIDI channel it came from, counted from 0, from 16 on further ports; None: any.
    """

    name: str
    program: int
    is_drum: bool
    notes: np.ndarray
    controls: np.ndarray = field(default_factory=_no_controls)
    bank: int = 0
    channel: int | None = None

    def __post_init__(self) -> None:
        notes = np.asarray(self.notes, dtype=np.int32).reshape(-1, 4)
        notes = notes[np.lexsort((notes[:, PITCH], notes[:, ONSET]))]
        controls = np.asarray(self.controls, dtype=np.int32).reshape(-1, 3)
        if (np.diff(controls[:, TICK]) < 0).any():
            controls = controls[np.argsort(controls[:, TICK], kind="stable")]
        for name, rows in (("notes", notes), ("controls", controls)):
            rows.setflags(write=False)
            object.__setattr__(self, name, rows)

    def __repr__(self) -> str:
        return f"Track({self.name[:40]!r}, {'drums' if self.is_drum else self.program}, {len(self.notes)} notes)"

    @property
    def end_tick(self) -> int:
        return int((self.notes[:, ONSET] + self.notes[:, DURATION]).max(initial=0))

    def later(self, ticks: int) -> Track:
        """The same, `ticks` later."""
        return replace(
            self, notes=self.notes + np.array([ticks, 0, 0, 0]), controls=self.controls + np.array([ticks, 0, 0])
        )


@dataclass(frozen=True, eq=False, repr=False)
class Score:
    """A piece as notes. Tempo and metre default to 120 bpm and 4/4 where none is given at tick 0.

    Args:
        texts: lyrics and other words.
        warnings: what was odd in the file it was read from, one line each.
    """

    tracks: tuple[Track, ...]
    tempos: tuple[Tempo, ...] = ()
    metres: tuple[Metre, ...] = ()
    keys: tuple[KeyMark, ...] = ()
    markers: tuple[Marker, ...] = ()
    title: str = field(default="")
    texts: tuple[Text, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "tracks", tuple(self.tracks))
        set_(self, "tempos", _from_zero(self.tempos, Tempo(0, 120.0)))
        set_(self, "metres", _from_zero(self.metres, Metre(0, 4, 4)))
        set_(self, "keys", tuple(sorted(self.keys, key=lambda mark: mark.tick)))
        set_(self, "markers", tuple(sorted(self.markers, key=lambda mark: mark.tick)))
        set_(self, "texts", tuple(sorted(self.texts, key=lambda text: text.tick)))

    def __repr__(self) -> str:
        length = f"{len(self.bar_starts())} bars, {float(self.seconds(self.end_tick)):.1f} s"
        names = [track.name[:20] for track in self.tracks[:4]]
        return f"Score({self.title[:40]!r}, {names!r}, {length}, {self.num_notes} notes)"

    def _repr_html_(self) -> str:
        return resolve_name("menura.audio.notebook:picture")(resolve_name("menura.score.piano_roll:piano_roll")(self))

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
            notes, controls = track.notes.copy(), track.controls.copy()
            if not track.is_drum:
                notes[:, PITCH] = _folded(notes[:, PITCH] + semitones)
                on_keys = controls[:, CONTROLLER] >= KEY_PRESSURE
                keys = _folded(controls[on_keys, CONTROLLER] - KEY_PRESSURE + semitones)
                controls[on_keys, CONTROLLER] = KEY_PRESSURE + keys
            tracks.append(replace(track, notes=notes, controls=controls))
        keys = tuple(KeyMark(mark.tick, Key((mark.key.tonic + semitones) % 12, mark.key.mode)) for mark in self.keys)
        return replace(self, tracks=tuple(tracks), keys=keys)


def _folded(pitch: np.ndarray) -> np.ndarray:
    return np.where(pitch < 0, pitch % 12, np.where(pitch > 127, 115 + (pitch - 115) % 12, pitch))


_Mark = TypeVar("_Mark", Tempo, Metre)


def _from_zero(marks: Iterable[_Mark], default: _Mark) -> tuple[_Mark, ...]:
    ordered = tuple(sorted(marks, key=lambda mark: mark.tick))
    if not ordered or ordered[0].tick > 0:
        return (default, *ordered)
    return ordered
