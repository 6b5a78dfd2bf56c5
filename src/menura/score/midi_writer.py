"""Standard MIDI Files, written: a score as the content of a file of type 1."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from menura.score.notes import (
    CHANNEL_PRESSURE,
    CONTROLLER,
    DURATION,
    KEY_PRESSURE,
    ONSET,
    PITCH,
    PITCH_BEND,
    TICK,
    TICKS_PER_QUARTER,
    VALUE,
    VELOCITY,
    Metre,
    Score,
    Tempo,
    Track,
)

MAX_QUARTERS = 100_000
"""The longest piece that is read or written (14 hours at 120 bpm)."""

META = {
    "name": 0x03,
    "instrument": 0x04,
    "marker": 0x06,
    "port": 0x21,
    "end": 0x2F,
    "tempo": 0x51,
    "metre": 0x58,
    "key": 0x59,
}
TEXT_KINDS = {"text": 0x01, "copyright": 0x02, "lyric": 0x05, "cue": 0x07}
"""Numbers of meta events."""

DRUM_CHANNEL = 9
BANK_SELECT, BANK_SELECT_FINE = 0, 32
DRUM_BANKS = (120, 126, 127)
"""Banks (controller 0) that are drum kits on any channel, in GM2 and XG; in GS they are not."""

_MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_LAST_TICK = TICKS_PER_QUARTER * MAX_QUARTERS
_GS_RESET = bytes((0xF0, 10, 0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41, 0xF7))
_FIRST, _OFF, _CONTROL, _PROGRAM, _ON = range(5)
"""The order of events at one tick."""

_Event = tuple[int, bytes]
_Seat = tuple[int, int]  # port and channel


def to_bytes(score: Score) -> bytes:
    """A score as the content of a MIDI file of type 1: a conductor track, then one track per instrument.

    Tracks that came from one channel, and share its controllers, go back to it. Every other melodic track has a channel
    of its own; beyond fifteen, tracks of one program share one, and further programs go to a further port. A note is
    released before its pitch is struck again.

    Raises:
        ValueError: a tempo, metre, note or controller lies outside what MIDI can hold.
    """
    tracks = [_conductor_events(score)]
    seats = _seats(score.tracks)
    changes = _program_changes(score.tracks, seats)
    taken: set[_Seat] = set()
    for track, seat, programs in zip(score.tracks, seats, changes, strict=True):
        tracks.append(_track_events(track, seat, programs, has_controls=seat not in taken))
        taken.add(seat)
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), TICKS_PER_QUARTER)
    return header + b"".join(map(_chunk, tracks))


def without_overlaps(notes: np.ndarray) -> np.ndarray:
    """Notes ``[note, 4]``, each ended where its pitch is struck again; of those that start there the longest stays."""
    order = np.lexsort((notes[:, DURATION], notes[:, ONSET], notes[:, PITCH]))
    notes = notes[order].copy()
    gap = np.diff(notes[:, ONSET])
    same_pitch = np.diff(notes[:, PITCH]) == 0
    notes[:-1, DURATION] = np.where(same_pitch, np.minimum(notes[:-1, DURATION], gap), notes[:-1, DURATION])
    return notes[notes[:, DURATION] > 0]


def _seats(tracks: Sequence[Track]) -> list[_Seat]:
    """The port and channel of each track."""
    melodic = [track for track in tracks if not track.is_drum]
    from_channels = {(track.channel, track.controls.tobytes()) for track in melodic if track.channel is not None}
    alone = len(from_channels) + sum(track.channel is None for track in melodic) <= len(_MELODIC_CHANNELS)
    keys: list[tuple[object, ...]] = []  # tracks of one key share a seat
    wanted: dict[tuple[object, ...], _Seat] = {}
    for index, track in enumerate(tracks):
        controls = track.controls.tobytes()
        if track.is_drum:
            keys.append(("drums", controls))
        elif track.channel is not None:
            keys.append((track.channel, controls))
            if track.channel % 16 != DRUM_CHANNEL:
                wanted[keys[-1]] = divmod(track.channel, 16)
        else:
            keys.append(("alone", index) if alone else ("shared", track.program, track.bank, controls))
    seats: dict[tuple[object, ...], _Seat] = {}
    for key, seat in wanted.items():
        if seat not in seats.values():
            seats[key] = seat
    taken = set(seats.values())
    for key, track in zip(keys, tracks, strict=True):
        if key not in seats:
            seats[key] = next(seat for seat in _all_seats(track.is_drum) if seat not in taken)
            taken.add(seats[key])
    return [seats[key] for key in keys]


def _all_seats(is_drum: bool) -> Iterator[_Seat]:
    for port in range(128):
        for channel in (DRUM_CHANNEL,) if is_drum else _MELODIC_CHANNELS:
            yield port, channel
    raise ValueError("the score has more instruments than MIDI has channels on 128 ports")


def _program_changes(tracks: Sequence[Track], seats: Sequence[_Seat]) -> list[list[_Event]]:
    """When each track has to say which program its channel plays: at its start, or wherever another has said so."""
    changes: list[list[_Event]] = [[] for _ in tracks]
    by_seat: dict[_Seat, list[int]] = {}
    for index, seat in enumerate(seats):
        by_seat.setdefault(seat, []).append(index)
    for (_, channel), members in by_seat.items():
        voices = {(tracks[index].bank, tracks[index].program) for index in members}
        if len(voices) == 1:
            for index in members:
                changes[index].append((0, _program(tracks[index], channel, bool(tracks[index].bank))))
            continue
        onsets = sorted((int(onset), index) for index in members for onset in np.unique(tracks[index].notes[:, ONSET]))
        has_banks = len({bank for bank, _ in voices}) > 1 or any(bank for bank, _ in voices)
        for (_, before), (onset, index) in pairwise([(-1, -1), *onsets]):
            track = tracks[index]
            said = before >= 0 and (tracks[before].bank, tracks[before].program) == (track.bank, track.program)
            if not said or not changes[index]:
                changes[index].append((onset, _program(track, channel, has_banks)))
    return changes


def _program(track: Track, channel: int, has_bank: bool) -> bytes:
    if not (0 <= track.program < 128 and 0 <= track.bank < 1 << 14):
        raise ValueError(
            f"track {track.name!r} has program {track.program} of bank {track.bank}; MIDI has 0 to 127 of 0 to 16383"
        )
    banks = ((BANK_SELECT, track.bank >> 7), (BANK_SELECT_FINE, track.bank & 0x7F)) if has_bank else ()
    # Each message but the last is followed by the delta, 0, of the next.
    selected = b"".join(bytes((0xB0 | channel, number, value, 0)) for number, value in banks)
    return selected + bytes((0xC0 | channel, track.program))


def _conductor_events(score: Score) -> list[_Event]:
    events = [(0, _text(META["name"], score.title))] if score.title else []
    if any(not track.is_drum and track.bank >> 7 in DRUM_BANKS for track in score.tracks):
        events.append((0, _GS_RESET))
    events += [(mark.tick, _tempo(mark)) for mark in score.tempos]
    events += [(mark.tick, _metre(mark)) for mark in score.metres]
    for mark in score.keys:
        signature = struct.pack("bB", mark.key.fifths, mark.key.mode == "minor")
        events.append((mark.tick, _meta_event(META["key"], signature)))
    events += [(mark.tick, _text(META["marker"], mark.text)) for mark in score.markers]
    for text in score.texts:
        if text.kind not in TEXT_KINDS:
            raise ValueError(f"a text is {', '.join(TEXT_KINDS)}, not {text.kind!r}")
        events.append((text.tick, _text(TEXT_KINDS[text.kind], text.text)))
    if any(not 0 <= tick <= _LAST_TICK for tick, _ in events):
        raise ValueError(f"a tempo, metre, key, marker or text lies outside the first {MAX_QUARTERS} quarter notes")
    return sorted(events, key=lambda event: event[0])


def _track_events(track: Track, seat: _Seat, programs: list[_Event], has_controls: bool) -> list[_Event]:
    port, channel = seat
    notes = without_overlaps(track.notes)
    _check(track, notes)
    events = [(0, _FIRST, _text(META["name"], track.name))] if track.name else []
    if port:
        events.append((0, _FIRST, _meta_event(META["port"], bytes([port]))))
    events += [(tick, _PROGRAM, message) for tick, message in programs]
    for onset, duration, pitch, velocity in notes.tolist():
        events.append((onset, _ON, bytes((0x90 | channel, pitch, velocity))))
        events.append((onset + duration, _OFF, bytes((0x80 | channel, pitch, 64))))
    if has_controls:
        for tick, number, value in track.controls.tolist():
            events.append((tick, _CONTROL, _control(number, value, channel)))
    events.sort(key=lambda event: event[:2])
    return [(tick, message) for tick, _, message in events]


def _check(track: Track, notes: np.ndarray) -> None:
    if len(notes):
        lowest, highest = notes.min(axis=0), notes.max(axis=0)
        last = int((notes[:, ONSET].astype(np.int64) + notes[:, DURATION]).max())
        fits = lowest[ONSET] >= 0 and last <= _LAST_TICK and lowest[PITCH] >= 0 and highest[PITCH] <= 127
        if not (fits and lowest[VELOCITY] >= 1 and highest[VELOCITY] <= 127):
            raise ValueError(f"track {track.name!r} has a note whose time, pitch or velocity MIDI cannot hold")
    ticks, numbers, values = track.controls[:, TICK], track.controls[:, CONTROLLER], track.controls[:, VALUE]
    bends = numbers == PITCH_BEND
    fits = (ticks >= 0) & (ticks <= _LAST_TICK) & (numbers >= 0) & (numbers < KEY_PRESSURE + 128)
    fits &= (values >= np.where(bends, -8192, 0)) & (values <= np.where(bends, 8191, 127))
    if not fits.all():
        raise ValueError(f"track {track.name!r} has a controller whose time, number or value MIDI cannot hold")


def _control(number: int, value: int, channel: int) -> bytes:
    if number == PITCH_BEND:
        return bytes((0xE0 | channel, value + 8192 & 0x7F, value + 8192 >> 7))
    if number == CHANNEL_PRESSURE:
        return bytes((0xD0 | channel, value))
    if number >= KEY_PRESSURE:
        return bytes((0xA0 | channel, number - KEY_PRESSURE, value))
    return bytes((0xB0 | channel, number, value))


def _tempo(mark: Tempo) -> bytes:
    microseconds = round(60e6 / mark.bpm) if mark.bpm > 0 else 0
    if not 0 < microseconds < 1 << 24:
        raise ValueError(f"{mark.bpm} bpm cannot be written to a MIDI file; 4 to 60 000 000 can")
    return _meta_event(META["tempo"], microseconds.to_bytes(3, "big"))


def _metre(mark: Metre) -> bytes:
    power = mark.denominator.bit_length() - 1
    if not 0 < mark.numerator < 256 or mark.denominator != 1 << power or power > 6:
        raise ValueError(f"the metre {mark} cannot be written to a MIDI file; its denominator is 1, 2, 4, … 64")
    return _meta_event(META["metre"], bytes([mark.numerator, power, 96 // mark.denominator, 8]))


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
