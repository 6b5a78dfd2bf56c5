"""Standard MIDI Files, read and written (MIDI Manufacturers Association, RP-001, 1996).

The reader is our own: the compiled ones we tried crash the process on damaged files.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from menura.files import read_bytes, write_bytes
from menura.score.notes import (
    DURATION,
    ONSET,
    PITCH,
    TICKS_PER_QUARTER,
    VELOCITY,
    Key,
    KeyMark,
    Marker,
    Metre,
    Score,
    Tempo,
    Track,
)

MAX_BYTES = 16 << 20
MAX_NOTES = 500_000
MAX_QUARTERS = 100_000
"""Limits of what is read: size of the file, notes in it, and its length (14 hours at 120 bpm)."""

_LAST_TICK = TICKS_PER_QUARTER * MAX_QUARTERS
_DRUM_CHANNEL = 9
_MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != _DRUM_CHANNEL)
_MAX_TEXT = 200
_TRACK_NAME, _MARKER, _PORT, _END, _TEMPO, _METRE, _KEY = 0x03, 0x06, 0x21, 0x2F, 0x51, 0x58, 0x59
_DATA_BYTES = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}


def read(source: Path | str | bytes) -> Score:
    """Read a MIDI file of type 0 or 1.

    Times are rescaled to `TICKS_PER_QUARTER`. A track becomes one `Track` for each channel and program in it;
    channel 10 is drums. A note struck again while it sounds ends there; one never released ends with its track.
    Controllers, lyrics and system messages are dropped.

    Args:
        source: a path, or the file's content; at most `MAX_BYTES`, `MAX_NOTES` and `MAX_QUARTERS`.

    Raises:
        ValueError: not a readable MIDI file; the message says why.
        OSError: the file cannot be opened.
    """
    name = "this" if isinstance(source, bytes) else Path(source).name
    try:
        content = source if isinstance(source, bytes) else read_bytes(source, MAX_BYTES)
        return _parse(content)
    except ValueError as error:
        raise ValueError(f"{name} is not a readable MIDI file: {error}") from error


def write(score: Score, path: Path | str, overwrite: bool = False) -> None:
    """Write a score as a MIDI file of type 1, whole or not at all.

    Raises:
        FileExistsError: `path` exists and `overwrite` is false.
        ValueError: see `to_bytes`.
    """
    write_bytes(path, to_bytes(score), overwrite)


def to_bytes(score: Score) -> bytes:
    """A score as the content of a MIDI file of type 1: a conductor track, then one track per instrument.

    Each melodic track has a channel of its own; beyond fifteen, tracks of one program share one, and further
    programs go to a further port. A note is released before its pitch is struck again.

    Raises:
        ValueError: a tempo, metre or note lies outside what MIDI can hold.
    """
    tracks = [_conductor_events(score)]
    for track, (port, channel) in zip(score.tracks, _channels(score.tracks), strict=True):
        tracks.append(_track_events(track, port, channel))
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), TICKS_PER_QUARTER)
    return header + b"".join(map(_chunk, tracks))


# Reading


@dataclass(slots=True)
class _Part:
    """One track chunk as read, times in the file's own ticks."""

    name: str = ""
    notes: list[tuple[int, int, int, int, int]] = field(default_factory=list)  # channel, onset, end, pitch, velocity
    programs: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # by channel: (tick, program)


@dataclass(slots=True)
class _Marks:
    """What belongs to all tracks, times in ticks of `TICKS_PER_QUARTER`."""

    tempos: dict[int, Tempo] = field(default_factory=dict)
    metres: dict[int, Metre] = field(default_factory=dict)
    keys: dict[int, KeyMark] = field(default_factory=dict)
    markers: list[Marker] = field(default_factory=list)


def _parse(content: bytes) -> Score:
    if content[:4] == b"RIFF" and content[8:12] == b"RMID":
        content = content[20:]
    if content[:4] != b"MThd" or len(content) < 14:
        raise ValueError("it does not begin with the header 'MThd'")
    if len(content) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES >> 20} MB")
    header_length, file_type, _, division = struct.unpack(">IHHH", content[4:14])
    if file_type > 1:
        raise ValueError(f"it is of type {file_type}; types 0 and 1 can be read")
    if division & 0x8000:
        raise ValueError("its times are SMPTE frames; only ticks per quarter note can be read")
    if division == 0:
        raise ValueError("it has 0 ticks per quarter note")
    marks, parts = _Marks(), []
    for chunk in _track_chunks(content, 8 + header_length):
        part = _TrackReader(chunk, len(parts) + 1, division, marks).read()
        parts.append(part)
        if sum(len(each.notes) for each in parts) > MAX_NOTES:
            raise ValueError(f"it has more than {MAX_NOTES} notes")
    if not parts:
        raise ValueError("it has no tracks")
    title = parts[0].name if file_type == 1 and not parts[0].notes else ""
    timed = tuple(marks.tempos.values()), tuple(marks.metres.values()), tuple(marks.keys.values())
    return Score(tuple(_tracks(parts, division)), *timed, tuple(marks.markers), title)


def _track_chunks(content: bytes, start: int) -> Iterator[bytes]:
    """The contents of the track chunks; other chunks are passed over, as the standard asks."""
    while start + 8 <= len(content):
        kind, length = struct.unpack(">4sI", content[start : start + 8])
        if kind == b"MTrk":
            yield content[start + 8 : start + 8 + length]
        start += 8 + length


class _TrackReader:
    """Reads one track chunk, event by event."""

    def __init__(self, chunk: bytes, number: int, division: int, marks: _Marks) -> None:
        self.chunk, self.number, self.division, self.marks = chunk, number, division, marks
        self.at, self.tick = 0, 0
        self.part = _Part()
        self.sounding: dict[tuple[int, int], tuple[int, int]] = {}  # (channel, pitch): (onset, velocity)

    def read(self) -> _Part:
        chunk, size, status = self.chunk, len(self.chunk), 0
        last_tick = MAX_QUARTERS * self.division
        try:
            while self.at < size:
                self.tick += self._varint()
                if self.tick > last_tick:
                    raise self._damage(f"lasts more than {MAX_QUARTERS} quarter notes")
                first = chunk[self.at]
                if first == 0xFF:
                    if self._meta():
                        break
                elif first in (0xF0, 0xF7):
                    self.at += 1
                    self._take(self._varint())
                else:
                    if first & 0x80:
                        status = first
                        self.at += 1
                    self._channel_message(status)
        except IndexError:
            raise self._damage("ends in the middle of an event") from None
        for (channel, pitch), (onset, velocity) in self.sounding.items():
            self.part.notes.append((channel, onset, self.tick, pitch, velocity))
        return self.part

    def _channel_message(self, status: int) -> None:
        kind, channel = status >> 4, status & 0xF
        size = _DATA_BYTES.get(kind)
        if size is None:
            raise self._damage(f"has an unknown event {status:#04x}" if status else "has data where an event should be")
        first = self.chunk[self.at]
        second = self.chunk[self.at + 1] if size == 2 else 0
        self.at += size
        if (first | second) & 0x80:
            raise self._damage("has a data byte above 127")
        if kind == 0x9 and second:
            self._release(channel, first)
            self.sounding[channel, first] = (self.tick, second)
        elif kind == 0x8 or kind == 0x9:
            self._release(channel, first)
        elif kind == 0xC:
            self.part.programs.setdefault(channel, []).append((self.tick, first))

    def _release(self, channel: int, pitch: int) -> None:
        if started := self.sounding.pop((channel, pitch), None):
            onset, velocity = started
            self.part.notes.append((channel, onset, self.tick, pitch, velocity))
            if len(self.part.notes) > MAX_NOTES:
                raise ValueError(f"it has more than {MAX_NOTES} notes")

    def _meta(self) -> bool:
        """Read a meta event; true at the end of the track."""
        kind = self.chunk[self.at + 1]
        self.at += 2
        content = self._take(self._varint())
        tick, marks = _rescaled(self.tick, self.division), self.marks
        if kind == _TEMPO and len(content) >= 3 and any(content[:3]):
            marks.tempos[tick] = Tempo(tick, _tidy_bpm(int.from_bytes(content[:3], "big")))
        elif kind == _METRE and len(content) >= 2 and content[0] and content[1] <= 6:
            marks.metres[tick] = Metre(tick, content[0], 1 << content[1])
        elif kind == _KEY and len(content) >= 2 and content[1] <= 1:
            fifths = content[0] - 256 if content[0] > 127 else content[0]
            if abs(fifths) <= 7:
                tonic = (7 * fifths + (9 if content[1] else 0)) % 12
                marks.keys[tick] = KeyMark(tick, Key(tonic, "minor" if content[1] else "major"))
        elif kind == _MARKER and (text := _decode(content)):
            marks.markers.append(Marker(tick, text))
        elif kind == _TRACK_NAME and not self.part.name:
            self.part.name = _decode(content)
        return kind == _END

    def _varint(self) -> int:
        value = 0
        for _ in range(4):
            byte = self.chunk[self.at]
            self.at += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise self._damage("has a number of more than four bytes")

    def _take(self, size: int) -> bytes:
        content = self.chunk[self.at : self.at + size]
        if len(content) < size:
            raise self._damage("ends in the middle of an event")
        self.at += size
        return content

    def _damage(self, what: str) -> ValueError:
        return ValueError(f"track {self.number} {what} (byte {self.at})")


def _tracks(parts: list[_Part], division: int) -> Iterator[Track]:
    anywhere: dict[int, list[tuple[int, int]]] = {}
    for part in parts:
        for channel, changes in part.programs.items():
            anywhere.setdefault(channel, []).extend(changes)
    for changes in anywhere.values():
        changes.sort(key=lambda change: change[0])
    for part in parts:
        voices: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
        for channel, onset, end, pitch, velocity in part.notes:
            changes = part.programs.get(channel) or anywhere.get(channel, [])
            index = bisect_right(changes, onset, key=lambda change: change[0])
            # Notes before the first program change play what it will choose: it comes late in careless files.
            program = changes[max(index - 1, 0)][1] if changes else 0
            start = _rescaled(onset, division)
            duration = max(_rescaled(end, division) - start, 1)
            voices.setdefault((channel, program), []).append((start, duration, pitch, velocity))
        for (channel, program), notes in sorted(voices.items()):
            array = _without_overlaps(np.array(notes, dtype=np.int32))
            yield Track(part.name, program, channel == _DRUM_CHANNEL, array)


def _without_overlaps(notes: np.ndarray) -> np.ndarray:
    """Notes ``[note, 4]``, each ended where its pitch is struck again; of those that start there the longest stays."""
    order = np.lexsort((notes[:, DURATION], notes[:, ONSET], notes[:, PITCH]))
    notes = notes[order].copy()
    gap = np.diff(notes[:, ONSET])
    same_pitch = np.diff(notes[:, PITCH]) == 0
    notes[:-1, DURATION] = np.where(same_pitch, np.minimum(notes[:-1, DURATION], gap), notes[:-1, DURATION])
    return notes[notes[:, DURATION] > 0]


def _rescaled(tick: int, division: int) -> int:
    return (2 * tick * TICKS_PER_QUARTER + division) // (2 * division)


def _tidy_bpm(microseconds: int) -> float:
    """The shortest decimal bpm that a file would hold as this many microseconds a quarter note: 90, not 89.99996."""
    bpm = 60e6 / microseconds
    for decimals in range(4):
        rounded = round(bpm, decimals)
        if rounded > 0 and round(60e6 / rounded) == microseconds:
            return rounded
    return bpm


def _decode(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_MAX_TEXT]


# Writing

_Event = tuple[int, bytes]


def _channels(tracks: tuple[Track, ...]) -> list[tuple[int, int]]:
    """The (port, channel) of each track."""
    melodic = [track for track in tracks if not track.is_drum]
    alone = len(melodic) <= len(_MELODIC_CHANNELS)
    seats: dict[int, int] = {}
    channels = []
    for index, track in enumerate(tracks):
        if track.is_drum:
            channels.append((0, _DRUM_CHANNEL))
            continue
        seat = seats.setdefault(index if alone else track.program, len(seats))
        port, place = divmod(seat, len(_MELODIC_CHANNELS))
        channels.append((port, _MELODIC_CHANNELS[place]))
    return channels


def _conductor_events(score: Score) -> list[_Event]:
    events = [(0, _text(_TRACK_NAME, score.title))] if score.title else []
    events += [(mark.tick, _tempo(mark)) for mark in score.tempos]
    events += [(mark.tick, _metre(mark)) for mark in score.metres]
    for mark in score.keys:
        signature = struct.pack("bB", mark.key.fifths, mark.key.mode == "minor")
        events.append((mark.tick, _meta_event(_KEY, signature)))
    events += [(mark.tick, _text(_MARKER, mark.text)) for mark in score.markers]
    if any(not 0 <= tick <= _LAST_TICK for tick, _ in events):
        raise ValueError(f"a tempo, metre, key or marker lies outside the first {MAX_QUARTERS} quarter notes")
    return sorted(events, key=lambda event: event[0])


def _track_events(track: Track, port: int, channel: int) -> list[_Event]:
    if not 0 <= track.program < 128:
        raise ValueError(f"track {track.name!r} has program {track.program}; MIDI has 0 to 127")
    events = [(0, _text(_TRACK_NAME, track.name))] if track.name else []
    if port:
        events.append((0, _meta_event(_PORT, bytes([port]))))
    events.append((0, bytes([0xC0 | channel, track.program])))
    notes = _without_overlaps(track.notes)
    if len(notes):
        lowest, highest = notes.min(axis=0), notes.max(axis=0)
        last = int((notes[:, ONSET].astype(np.int64) + notes[:, DURATION]).max())
        fits = lowest[ONSET] >= 0 and last <= _LAST_TICK and lowest[PITCH] >= 0 and highest[PITCH] <= 127
        if not (fits and lowest[VELOCITY] >= 1 and highest[VELOCITY] <= 127):
            raise ValueError(f"track {track.name!r} has a note whose time, pitch or velocity MIDI cannot hold")
    changes = []
    for onset, duration, pitch, velocity in notes.tolist():
        changes.append((onset, 1, pitch, velocity))
        changes.append((onset + duration, 0, pitch, 64))
    for tick, is_on, pitch, velocity in sorted(changes):  # at one tick, what ends before what begins
        events.append((tick, bytes([(0x90 if is_on else 0x80) | channel, pitch, velocity])))
    return events


def _tempo(mark: Tempo) -> bytes:
    microseconds = round(60e6 / mark.bpm) if mark.bpm > 0 else 0
    if not 0 < microseconds < 1 << 24:
        raise ValueError(f"{mark.bpm} bpm cannot be written to a MIDI file; 4 to 60 000 000 can")
    return _meta_event(_TEMPO, microseconds.to_bytes(3, "big"))


def _metre(mark: Metre) -> bytes:
    power = mark.denominator.bit_length() - 1
    if not 0 < mark.numerator < 256 or mark.denominator != 1 << power or power > 6:
        raise ValueError(f"the metre {mark} cannot be written to a MIDI file; its denominator is 1, 2, 4, … 64")
    return _meta_event(_METRE, bytes([mark.numerator, power, 96 // mark.denominator, 8]))


def _text(kind: int, text: str) -> bytes:
    return _meta_event(kind, text.encode("utf-8", "replace"))


def _meta_event(kind: int, content: bytes) -> bytes:
    return bytes([0xFF, kind]) + _variable(len(content)) + content


def _chunk(events: list[_Event]) -> bytes:
    content, last = bytearray(), 0
    for tick, message in events:
        content += _variable(tick - last) + message
        last = tick
    content += b"\x00\xff\x2f\x00"
    return struct.pack(">4sI", b"MTrk", len(content)) + bytes(content)


def _variable(value: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the highest first."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
