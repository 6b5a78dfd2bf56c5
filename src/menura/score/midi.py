"""Standard MIDI Files, read (MIDI Manufacturers Association, RP-001, 1996); `midi_writer` makes them.

The reader is our own: the compiled ones we tried crash the process on damaged files. It reads what is there, whatever
lengths and counts say, and tells what was odd in `Score.warnings`.
"""

from __future__ import annotations

import re
import struct
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np

from menura.files import read_bytes, write_bytes
from menura.score.midi_text import decoder
from menura.score.midi_writer import (
    BANK_SELECT,
    BANK_SELECT_FINE,
    DRUM_BANKS,
    DRUM_CHANNEL,
    MAX_QUARTERS,
    META,
    TEXT_KINDS,
    to_bytes,
    without_overlaps,
)
from menura.score.notes import (
    CHANNEL_PRESSURE,
    KEY_PRESSURE,
    PITCH_BEND,
    TICKS_PER_QUARTER,
    Key,
    KeyMark,
    Marker,
    Metre,
    Score,
    Tempo,
    Text,
    Track,
)

__all__ = [
    "MAX_BYTES",
    "MAX_CONTROLS",
    "MAX_NOTES",
    "MAX_QUARTERS",
    "MAX_TEXTS",
    "MAX_TRACKS",
    "read",
    "to_bytes",
    "write",
]

MAX_BYTES = 16 << 20
MAX_NOTES = 500_000
MAX_CONTROLS = 1_000_000
MAX_TEXTS = 100_000
MAX_TRACKS = 4096
"""Limits of what is read: size of the file, and what is in it; `MAX_QUARTERS` is that of its length."""

_DATA_BYTES = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
_PROGRAM = -1
"""In a channel's events, beside the controllers' numbers: a program is chosen."""
_ALL_SOUND_OFF, _ALL_NOTES_OFF = 120, 123
_MELODIC_BANK = 121
_UNKNOWN_DIVISION = 480
_KINDS_OF_TEXT = {number: kind for kind, number in TEXT_KINDS.items()}
_SENSELESS = {META["tempo"]: "tempo of 0", META["metre"]: "metre that is none", META["key"]: "key that is none"}
_MOST_OTHER_CHUNKS = 64
_MAX_WARNINGS = 20


def read(source: Path | str | bytes) -> Score:
    """Read a MIDI file of any type.

    Times are rescaled to `TICKS_PER_QUARTER`; the patterns of type 2 come one after another; SMPTE times lie on 120
    bpm. A track becomes one `Track` for each channel, bank and program in it, with all that moves the channel's
    controllers. Channel 10 is drums, and so is what GS, XG or GM2 say is. A note-off ends the oldest note of its pitch,
    but a note struck again while it sounds ends there; one never released ends with its track. Damaged tracks are kept
    up to the damage. System messages are dropped.

    Args:
        source: a path, or the file's content; at most `MAX_BYTES`, `MAX_QUARTERS` and so on.

    Raises:
        ValueError: nothing in it can be read as MIDI; the message says why.
        OSError: the file cannot be opened.
    """
    name = "this" if isinstance(source, bytes) else Path(source).name
    try:
        content = source if isinstance(source, bytes) else read_bytes(source, MAX_BYTES)
        return _Reader(content).read()
    except ValueError as error:
        raise ValueError(f"{name} is not a readable MIDI file: {error}") from error


def write(score: Score, path: Path | str, overwrite: bool = False) -> None:
    """Write a score as a MIDI file of type 1, whole or not at all.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false.
        ValueError: see `to_bytes`.
    """
    write_bytes(path, to_bytes(score), overwrite)


class _Damage(ValueError):
    """A track cannot be read on from here."""


@dataclass(slots=True)
class _Part:
    """One track chunk as read, times in the file's own ticks; channels counted on over ports."""

    name: bytes = b""
    instrument: bytes = b""
    left_out: set[str] = field(default_factory=set)
    end: int = 0
    notes: list[tuple[int, int, int, int, int]] = field(default_factory=list)  # channel, onset, end, pitch, velocity
    events: dict[int, array] = field(default_factory=dict)  # by channel: tick, controller, value, and so on


@dataclass(slots=True)
class _Marks:
    """What belongs to all tracks, times in ticks of `TICKS_PER_QUARTER`."""

    tempos: dict[int, Tempo] = field(default_factory=dict)
    metres: dict[int, Metre] = field(default_factory=dict)
    keys: dict[int, KeyMark] = field(default_factory=dict)
    texts: list[tuple[int, int, bytes]] = field(default_factory=list)  # tick, kind, words
    drum_parts: dict[int, bool] = field(default_factory=dict)  # by channel: what GS or XG say it is
    is_gs: bool = False


class _Reader:
    """Reads a file, chunk by chunk."""

    def __init__(self, content: bytes) -> None:
        if len(content) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES >> 20} MB")
        start = content.find(b"MThd")
        if start < 0 or len(content) < start + 14 or (start > 0 and content.find(b"MTrk", start) < 0):
            raise ValueError("it does not begin with the header 'MThd'")
        size = int.from_bytes(content[max(start - 4, 0) : start], "little") if content[:4] == b"RIFF" else 0
        self.content, self.at = content[start : start + size if size >= 14 else None], 14
        self.warnings: list[str] = []
        self.damage: list[str] = []
        self.marks, self.parts = _Marks(), []
        header_length, self.file_type, self.num_tracks, division = struct.unpack(">IHHH", self.content[4:14])
        if start and content[:4] != b"RIFF":
            self.warnings.append(f"{start} bytes before its header are passed over")
        if header_length != 6 and self._is_chunk(8 + header_length):
            self.at = 8 + header_length
        self.has_frames = bool(division & 0x8000)
        self.scale = self._scale(division)

    def read(self) -> Score:
        if self.file_type > 1:
            how = "one after another" if self.file_type == 2 else "together"
            self.warnings.append(f"it is of type {self.file_type}; its tracks are played {how}")
        self._read_chunks()
        parts = self.parts
        if not parts:
            raise ValueError("it has no tracks")
        if self.damage and not any(part.notes for part in parts):
            raise ValueError(self.damage[0])
        if self.num_tracks != len(parts):
            self.warnings.append(f"its header says {self.num_tracks} tracks; {len(parts)} are there")
        decode = decoder([part.name or part.instrument for part in parts] + [words for _, _, words in self.marks.texts])
        names = [decode(part.name or part.instrument) for part in parts]
        title = names[0] if _names_the_piece(parts[0], self.file_type) else ""
        if title and parts[0].notes:
            names[0] = ""
        marks = self.marks
        texts = [(tick, kind, decode(words, kind != META["marker"])) for tick, kind, words in marks.texts]
        return Score(
            tracks=tuple(_tracks(parts, names, self.scale, marks)),
            tempos=() if self.has_frames else tuple(marks.tempos.values()),
            metres=tuple(marks.metres.values()),
            keys=tuple(marks.keys.values()),
            markers=tuple(Marker(tick, text) for tick, kind, text in texts if kind == META["marker"] and text),
            title=title,
            texts=tuple(Text(tick, _KINDS_OF_TEXT[kind], text) for tick, kind, text in texts if _is_said(kind, text)),
            warnings=_shortened(self.warnings),
        )

    def _scale(self, division: int) -> Fraction:
        """Ticks of ours for each of the file's."""
        if self.has_frames:
            frames, ticks = 256 - (division >> 8), division & 0xFF
            per_second = Fraction(30_000, 1001) if frames == 29 else Fraction(frames)
            if frames and ticks:
                return 2 * TICKS_PER_QUARTER / (per_second * ticks)  # two quarters a second, at 120 bpm
        if not division or self.has_frames:
            self.warnings.append(f"it does not say how long a tick is; taken as {_UNKNOWN_DIVISION} to a quarter note")
            division, self.has_frames = _UNKNOWN_DIVISION, False
        return Fraction(TICKS_PER_QUARTER, division)

    def _is_chunk(self, at: int) -> bool:
        """Whether a track begins here, or the file ends, or other kinds of chunks come before either."""
        content = self.content
        for _ in range(_MOST_OTHER_CHUNKS):
            if at == len(content) or content[at : at + 4] == b"MTrk":
                return True
            if not re.fullmatch(rb"[ -~]{4}", content[at : at + 4]) or at + 8 > len(content):
                return False
            at += 8 + int.from_bytes(content[at + 4 : at + 8], "big")
        return False

    def _read_chunks(self) -> None:
        """All tracks; other chunks are passed over, as the standard asks."""
        content, num_notes, num_controls = self.content, 0, 0
        while self.at + 8 <= len(content):
            kind, length = struct.unpack(">4sI", content[self.at : self.at + 8])
            if kind == b"MTrk":
                self.at = self._read_track(self.at + 8, length)
                part = self.parts[-1]
                num_notes += len(part.notes)
                num_controls += sum(len(events) for events in part.events.values()) // 3
                _check_limits(num_notes, num_controls, len(self.marks.texts), len(self.parts))
                continue
            if self._is_chunk(self.at):
                self.at += 8 + length
                continue
            following = content.find(b"MTrk", self.at)
            following = len(content) if following < 0 else following
            self.warnings.append(f"{following - self.at} bytes that are no track are passed over")
            self.at = following

    def _read_track(self, start: int, length: int) -> int:
        """Read one track and say where it ends: where its own end mark stands, whatever its length says."""
        content, stated, number = self.content, start + length, len(self.parts) + 1
        limit = stated
        if not self._is_chunk(stated):
            following = content.find(b"MTrk", start)
            limit = len(content) if following < 0 else following
        offset = self.parts[-1].end if self.file_type == 2 and self.parts else 0
        reader = _TrackReader(memoryview(content)[start:limit], offset, self.scale, self.marks)
        try:
            self.parts.append(reader.part)
            has_end = reader.read()
        except _Damage as damage:
            self.damage.append(f"track {number} {damage} (byte {start + reader.at})")
            self.warnings.append(f"{self.damage[-1]}; what comes before is kept")
            following = content.find(b"MTrk", start + reader.at)
            return following if 0 <= following < limit else limit
        finally:
            reader.finish()
        if not has_end:
            self.warnings.append(f"track {number} has no end mark")
        end = start + reader.at
        if end != stated and content[end : end + 4] != b"MTrk":
            end = limit
        if end != stated:
            self.warnings.append(f"track {number} says that it is {length} bytes long; it is {end - start}")
        if reader.part.left_out:
            self.warnings.append(f"track {number} has a {' and a '.join(sorted(reader.part.left_out))}, left out")
        if reader.unended:
            self.warnings.append(f"track {number} never ends {reader.unended} of its notes; they end with it")
        return end


class _TrackReader:
    """Reads one track chunk, event by event."""

    def __init__(self, chunk: memoryview, offset: int, scale: Fraction, marks: _Marks) -> None:
        self.chunk, self.scale, self.marks = chunk, scale, marks
        self.at, self.tick = 0, offset
        self.last_tick = int(TICKS_PER_QUARTER * MAX_QUARTERS / scale)
        self.part = _Part()
        self.first_channel = 0  # of its port
        self.sounding: dict[tuple[int, int], deque[tuple[int, int]]] = {}  # (channel, pitch): (onset, velocity)
        self.released: dict[tuple[int, int], int] = {}  # when those end that get no note-off of their own
        self.all_released: dict[int, int] = {}  # the same of all of a channel
        self.num_struck = self.unended = 0

    def read(self) -> bool:
        """Read up to the end mark; false where there is none.

        Raises:
            _Damage: it cannot be read further.
        """
        chunk, size, status = self.chunk, len(self.chunk), 0
        try:
            while self.at < size:
                delta = self._varint()
                if self.tick + delta > self.last_tick:
                    raise _Damage(f"lasts more than {MAX_QUARTERS} quarter notes")
                self.tick += delta
                first = chunk[self.at]
                if first == 0xFF:
                    if self._meta():
                        return True
                elif first in (0xF0, 0xF7):
                    self.at += 1
                    content = self._take(self._varint())
                    if first == 0xF0:
                        self._system(content)
                elif first > 0xF0:
                    self.at += 1 + _SYSTEM_BYTES.get(first, 0)
                else:
                    if first & 0x80:
                        status = first
                        self.at += 1
                    self._channel_message(status)
        except IndexError:
            raise _Damage("ends in the middle of an event") from None
        return False

    def finish(self) -> None:
        """End what still sounds."""
        for key, notes in list(self.sounding.items()):
            self._end_released(key, notes)
            self.unended += len(notes)
            for onset, velocity in notes:
                self.part.notes.append((key[0], onset, self.tick, key[1], velocity))
        self.part.end = self.tick

    def _channel_message(self, status: int) -> None:
        kind, channel = status >> 4, self.first_channel + (status & 0xF)
        if not status:
            raise _Damage("has data where an event should be")
        size = _DATA_BYTES[kind]
        first = self.chunk[self.at]
        second = self.chunk[self.at + 1] if size == 2 else 0
        if (first | second) & 0x80:
            raise _Damage("has a data byte above 127")
        self.at += size
        if kind == 0x9 and second:
            self._strike(channel, first, second)
        elif kind == 0x8 or kind == 0x9:
            self._release(channel, first)
        elif kind == 0xB:
            if first == _ALL_SOUND_OFF or first >= _ALL_NOTES_OFF:
                self.all_released[channel] = self.tick
            self._control(channel, first, second)
        elif kind == 0xC:
            self._control(channel, _PROGRAM, first)
        elif kind == 0xE:
            self._control(channel, PITCH_BEND, (second << 7 | first) - 8192)
        elif kind == 0xD:
            self._control(channel, CHANNEL_PRESSURE, first)
        else:
            self._control(channel, KEY_PRESSURE + first, second)

    def _control(self, channel: int, number: int, value: int) -> None:
        events = self.part.events.get(channel)
        if events is None:
            events = self.part.events[channel] = array("q")
        events.extend((self.tick, number, value))
        if len(events) > 3 * MAX_CONTROLS:
            _check_limits(num_controls=len(events) // 3)

    def _strike(self, channel: int, pitch: int, velocity: int) -> None:
        key = channel, pitch
        notes = self.sounding.get(key)
        if notes is None:
            notes = self.sounding[key] = deque()
        elif notes:
            self._end_released(key, notes)
        notes.append((self.tick, velocity))
        self.num_struck += 1
        if self.num_struck > MAX_NOTES:
            _check_limits(num_notes=self.num_struck)

    def _release(self, channel: int, pitch: int) -> None:
        """End the oldest note of this pitch: where one is struck just before, the note-off is not meant for it."""
        key = channel, pitch
        if notes := self.sounding.get(key):
            onset, velocity = notes.popleft()
            self.part.notes.append((channel, onset, self.tick, pitch, velocity))
            if not notes:
                del self.sounding[key]
            elif notes[0][0] < self.tick:
                self.released[key] = self.tick

    def _end_released(self, key: tuple[int, int], notes: deque[tuple[int, int]]) -> None:
        """One note-off, or "all notes off", was all that several notes got: it ended each that had begun."""
        end = max(self.released.pop(key, 0), self.all_released.get(key[0], 0))
        while notes and notes[0][0] < end:
            onset, velocity = notes.popleft()
            self.part.notes.append((key[0], onset, end, key[1], velocity))

    def _meta(self) -> bool:
        """Read a meta event; true at the end of the track."""
        kind = self.chunk[self.at + 1]
        self.at += 2
        if kind == META["end"]:
            self.at += self.chunk[self.at : self.at + 1] == b"\0"
            return True
        content = self._take(self._varint())
        tick, marks = _rescaled(self.tick, self.scale), self.marks
        if kind == META["tempo"] and len(content) >= 3 and any(content[:3]):
            marks.tempos[tick] = Tempo(tick, _tidy_bpm(int.from_bytes(content[:3], "big")))
        elif kind == META["metre"] and len(content) >= 2 and content[0] and content[1] <= 6:
            marks.metres[tick] = Metre(tick, content[0], 1 << content[1])
        elif kind == META["key"] and (key := _key(content)):
            marks.keys[tick] = KeyMark(tick, key)
        elif kind in _SENSELESS:
            self.part.left_out.add(_SENSELESS[kind])
        elif kind == META["marker"] or kind in _KINDS_OF_TEXT:
            marks.texts.append((tick, kind, content))
            _check_limits(num_texts=len(marks.texts))
        elif kind == META["name"] and not self.part.name:
            self.part.name = content
        elif kind == META["instrument"] and not self.part.instrument:
            self.part.instrument = content
        elif kind == META["port"] and content:
            self.first_channel = 16 * (content[0] & 0x7F)
        return False

    def _system(self, content: bytes) -> None:
        """Heed what GS (of Roland) and XG (of Yamaha) say of which parts are drums."""
        marks, at = self.marks, self.first_channel
        if content[:1] == b"\x41" and content[2:4] == b"\x42\x12" and len(content) >= 9:
            if content[4:7] == b"\x40\x00\x7f":
                marks.is_gs = True
            elif content[4] == 0x40 and content[5] >> 4 == 1 and content[6] == 0x15:
                block = content[5] & 0xF
                marks.drum_parts[at + (DRUM_CHANNEL if not block else block - (block < 10))] = content[7] > 0
        elif content[:1] == b"\x43" and content[2:3] == b"\x4c" and len(content) >= 7:
            if content[3:6] == b"\x00\x00\x7e":
                marks.is_gs = False
            elif content[3] == 0x08 and content[4] < 16 and content[5] == 0x07:
                marks.drum_parts[at + content[4]] = content[6] > 0

    def _varint(self) -> int:
        value = 0
        for _ in range(4):
            byte = self.chunk[self.at]
            self.at += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise _Damage("has a number of more than four bytes")

    def _take(self, size: int) -> bytes:
        content = bytes(self.chunk[self.at : self.at + size])
        if len(content) < size:
            raise _Damage("ends in the middle of an event")
        self.at += size
        return content


def _names_the_piece(part: _Part, file_type: int) -> bool:
    """Whether the first track's name is that of the whole."""
    return len({note[0] for note in part.notes}) > 1 if file_type == 0 else file_type == 1 and not part.notes


def _check_limits(num_notes: int = 0, num_controls: int = 0, num_texts: int = 0, num_tracks: int = 0) -> None:
    for count, limit, what in (
        (num_notes, MAX_NOTES, "notes"),
        (num_controls, MAX_CONTROLS, "movements of controllers"),
        (num_texts, MAX_TEXTS, "words"),
        (num_tracks, MAX_TRACKS, "tracks"),
    ):
        if count > limit:
            raise ValueError(f"it has more than {limit} {what}")


_Voice = tuple[int, int, int]  # a bank's program is chosen: tick, bank, program


@dataclass(frozen=True, slots=True)
class _Channel:
    """A channel's events from all tracks."""

    voices: list[_Voice]
    voices_by_part: dict[int, list[_Voice]]
    controls: np.ndarray


def _channel(parts: list[tuple[int, array]], scale: Fraction) -> _Channel:
    """A channel from its events in each part that has any."""
    rows = [np.array(events, dtype=np.int64).reshape(-1, 3) for _, events in parts]
    owners = [np.full(len(events), index) for (index, _), events in zip(parts, rows, strict=True)]
    events = np.column_stack((np.concatenate(rows), np.concatenate(owners))) if rows else np.empty((0, 4), np.int64)
    events = events[np.argsort(events[:, 0], kind="stable")]
    number = events[:, 1]
    is_voice = (number == _PROGRAM) | (number == BANK_SELECT) | (number == BANK_SELECT_FINE)
    voices: list[_Voice] = []
    by_part: dict[int, list[_Voice]] = {}
    bank = {BANK_SELECT: 0, BANK_SELECT_FINE: 0}
    for tick, what, value, part in events[is_voice].tolist():
        if what == _PROGRAM:
            voices.append((tick, bank[BANK_SELECT] << 7 | bank[BANK_SELECT_FINE], value))
            by_part.setdefault(part, []).append(voices[-1])
        else:
            bank[what] = value
    controls = events[~is_voice, :3]
    controls[:, 0] = _rescaled(controls[:, 0], scale)
    return _Channel(voices, by_part, controls.astype(np.int32))


def _channels(parts: list[_Part], scale: Fraction) -> dict[int, _Channel]:
    """The channels on which there are notes."""
    events: dict[int, list[tuple[int, array]]] = {note[0]: [] for part in parts for note in part.notes}
    for index, part in enumerate(parts):
        for channel, own in part.events.items():
            if channel in events:
                events[channel].append((index, own))
    return {channel: _channel(own, scale) for channel, own in events.items()}


def _tracks(parts: list[_Part], names: list[str], scale: Fraction, marks: _Marks) -> Iterator[Track]:
    channels = _channels(parts, scale)
    for index, (part, name) in enumerate(zip(parts, names, strict=True)):
        notes = np.array(part.notes, dtype=np.int64).reshape(-1, 5)
        for channel in np.unique(notes[:, 0]).tolist():
            own, (_, onset, end, pitch, velocity) = channels[channel], notes[notes[:, 0] == channel].T
            start = _rescaled(onset, scale)
            rows = np.stack((start, np.maximum(_rescaled(end, scale) - start, 1), pitch, velocity), axis=1)
            # What the part says itself comes before what others do. Notes before the first program change play what it
            # will choose: it comes late in careless files.
            changes = np.array(own.voices_by_part.get(index) or own.voices or [(0, 0, 0)])
            voices = changes[np.maximum(np.searchsorted(changes[:, 0], onset, side="right") - 1, 0), 1:]
            for bank, program in np.unique(voices, axis=0).tolist():
                chosen = without_overlaps(rows[(voices == (bank, program)).all(axis=1)])
                is_drum = _is_drum(channel, bank >> 7, marks)
                yield Track(name, program, is_drum, chosen, own.controls, bank, channel)


def _is_drum(channel: int, bank: int, marks: _Marks) -> bool:
    if channel in marks.drum_parts:
        return marks.drum_parts[channel]
    if bank in DRUM_BANKS and not marks.is_gs:
        return True
    return channel % 16 == DRUM_CHANNEL and bank != _MELODIC_BANK


_Ticks = TypeVar("_Ticks", int, np.ndarray)


def _rescaled(tick: _Ticks, scale: Fraction) -> _Ticks:
    return (2 * tick * scale.numerator + scale.denominator) // (2 * scale.denominator)


def _key(content: bytes) -> Key | None:
    """The key of a key signature: sharps, or flats where negative, and whether it is minor."""
    if len(content) < 2 or content[1] > 1 or abs(fifths := int.from_bytes(content[:1], signed=True)) > 7:
        return None
    return Key((7 * fifths + 9 * content[1]) % 12, "minor" if content[1] else "major")


def _tidy_bpm(microseconds: int) -> float:
    """The shortest decimal bpm that a file would hold as this many microseconds a quarter note: 90, not 89.99996."""
    bpm = 60e6 / microseconds
    for decimals in range(4):
        rounded = round(bpm, decimals)
        if rounded > 0 and round(60e6 / rounded) == microseconds:
            return rounded
    return bpm


def _is_said(kind: int, text: str) -> bool:
    return kind in _KINDS_OF_TEXT and bool(text)


def _shortened(warnings: Iterable[str]) -> tuple[str, ...]:
    lines = list(warnings)
    if len(lines) > _MAX_WARNINGS:
        lines[_MAX_WARNINGS - 1 :] = [f"and {len(lines) - _MAX_WARNINGS + 1} more oddities"]
    return tuple(lines)
