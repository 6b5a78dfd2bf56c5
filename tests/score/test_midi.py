"""MIDI files: what is written is read back; what is there is read, whatever else is wrong, and what is odd is told."""

from __future__ import annotations

import contextlib
import random
import re
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.score import midi
from menura.score.notes import (
    CHANNEL_PRESSURE,
    KEY_PRESSURE,
    PITCH_BEND,
    Key,
    KeyMark,
    Marker,
    Metre,
    Score,
    Tempo,
    Text,
    Track,
)

_TICKS = st.integers(0, 50_000)
_TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)


_CONTROLS = st.one_of(
    st.tuples(_TICKS, st.sampled_from((1, 6, 7, 10, 11, 38, 64, 91, 100, 101, 121, 123, 127)), st.integers(0, 127)),
    st.tuples(_TICKS, st.just(PITCH_BEND), st.integers(-8192, 8191)),
    st.tuples(_TICKS, st.sampled_from((CHANNEL_PRESSURE, KEY_PRESSURE, KEY_PRESSURE + 127)), st.integers(0, 127)),
)


@st.composite
def _tracks(draw: st.DrawFn) -> Track:
    """A track with notes, none of which starts while its pitch sounds."""
    ends: dict[int, int] = {}
    notes = []
    for onset in sorted(draw(st.lists(_TICKS, min_size=1, max_size=12))):
        pitch = draw(st.integers(0, 127))
        if ends.get(pitch, -1) <= onset:
            duration = draw(st.integers(1, 2000))
            notes.append((onset, duration, pitch, draw(st.integers(1, 127))))
            ends[pitch] = onset + duration
    controls = sorted(draw(st.lists(_CONTROLS, max_size=6)), key=lambda control: control[0])
    bank = draw(st.sampled_from((0, 0, 8 << 7, 3)))
    return Track(draw(_TEXT), draw(st.integers(0, 127)), draw(st.booleans()), np.array(notes), np.array(controls), bank)


@st.composite
def _scores(draw: st.DrawFn) -> Score:
    ticks = st.lists(_TICKS, max_size=3, unique=True)
    bpm = st.integers(2000, 40_000).map(lambda hundredths: hundredths / 100)
    denominators = st.sampled_from((1, 2, 4, 8, 16))
    keys = st.builds(Key, st.integers(0, 11), st.sampled_from(("major", "minor")))
    return Score(
        tracks=tuple(draw(st.lists(_tracks(), min_size=1, max_size=18))),
        tempos=tuple(Tempo(tick, draw(bpm)) for tick in draw(ticks)),
        metres=tuple(Metre(tick, draw(st.integers(1, 12)), draw(denominators)) for tick in draw(ticks)),
        keys=tuple(KeyMark(tick, draw(keys)) for tick in draw(ticks)),
        markers=tuple(Marker(tick, draw(_TEXT)) for tick in draw(ticks)),
        title=draw(_TEXT),
        texts=tuple(Text(tick, draw(st.sampled_from(("text", "lyric", "cue"))), draw(_TEXT)) for tick in draw(ticks)),
    )


def _plain(score: Score) -> tuple:
    tracks = [
        (track.name, track.program, track.bank, track.is_drum, track.notes.tolist(), track.controls.tolist())
        for track in score.tracks
    ]
    return tracks, score.tempos, score.metres, score.keys, score.markers, score.title, score.texts


_END = b"\x00\xff\x2f\x00"


def _chunk(content: bytes, length: int | None = None) -> bytes:
    return struct.pack(">4sI", b"MTrk", len(content) if length is None else length) + content


def _header(file_type: int = 1, num_tracks: int = 1, division: int = 480) -> bytes:
    return struct.pack(">4sIHHH", b"MThd", 6, file_type, num_tracks, division)


def _file(*events: bytes, division: int = 480, file_type: int = 0) -> bytes:
    """A MIDI file of one track with these (delta and message) events."""
    return _header(file_type, 1, division) + _chunk(b"".join(events) + _END)


def _notes(content: bytes) -> list[list[int]]:
    return midi.read(content).tracks[0].notes.tolist()


@settings(max_examples=60, deadline=None)
@given(_scores())
def test_what_is_written_is_read_back(score: Score) -> None:
    assert _plain(midi.read(midi.to_bytes(score))) == _plain(score)


def _small_file() -> bytes:
    melody = np.array([[k * 240, 240, 60 + k % 12, 40 + k] for k in range(24)])
    tracks = (Track("Flöte", 73, False, melody), Track("drums", 0, True, np.array([[0, 10, 36, 90]])))
    marks = ((Tempo(0, 90),), (Metre(0, 3, 4),), (KeyMark(0, Key(2, "minor")),), (Marker(960, "B"),))
    return midi.to_bytes(Score(tracks, *marks, title="Waltz"))


def _corrupted(content: bytes, rng: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(damaged) + 1)
        match rng.randrange(5):
            case 0:
                damaged[place : place + 1] = bytes([rng.randrange(256)])
            case 1:
                del damaged[place:]
            case 2:
                damaged[place:place] = rng.randbytes(rng.randint(1, 8))
            case 3:
                damaged[place : place + 4] = b"\xff\xff\xff\x7f"
            case 4:
                damaged[4:14] = rng.randbytes(10)
    return bytes(damaged)


def test_corrupted_files_give_an_error_of_one_line_or_a_valid_score() -> None:
    original, rng = _small_file(), random.Random(0)
    errors, scores = [], []
    for _ in range(2000):
        try:
            scores.append(midi.read(_corrupted(original, rng)))
        except ValueError as error:
            errors.append(str(error))
    assert errors
    assert not any("\n" in error for error in errors)
    assert scores
    for score in scores:
        assert _plain(midi.read(midi.to_bytes(score)))[0] == _plain(score)[0]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_give_anything_but_a_value_error(content: bytes) -> None:
    for start in (b"", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\xff"):
        with contextlib.suppress(ValueError):
            midi.read(start + content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "does not begin"),
        (b"RIFF", "does not begin"),
        (_file()[:14], "no tracks"),
        (_file(b"\x00\x90\x3c\x80"), "above 127"),
        (_file(b"\x00\x90\x3c"), "middle of an event"),
        (_file(b"\x00\x3c\x40"), "where an event should be"),
        (_file(b"\xff\xff\xff\xff\xff\x00"), "more than four bytes"),
        (_file(b"\xff\xff\xff\x7f\x90\x3c\x40", division=1), "quarter notes"),
        (b"MThd" + bytes(midi.MAX_BYTES), "16 MB"),
    ],
)
def test_the_error_says_why_a_file_cannot_be_read(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        midi.read(content)


def test_a_file_with_too_many_notes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi, "MAX_NOTES", 10)
    with pytest.raises(ValueError, match="more than 10 notes"):
        midi.read(_file(b"\x00\x90\x3c\x40", *[b"\x01\x3c\x40"] * 20))


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "piece.mid"
    path.write_bytes(b"no music")
    with pytest.raises(ValueError, match=r"^piece\.mid is not a readable MIDI file: "):
        midi.read(path)


def test_running_status_and_note_on_without_velocity_are_understood() -> None:
    assert _notes(_file(b"\x00\x90\x3c\x40", b"\x60\x3c\x00", b"\x00\x3e\x40", b"\x60\x3e\x00")) == [
        [0, 96, 60, 64],
        [96, 96, 62, 64],
    ]


def test_overlapping_and_stuck_notes_are_closed() -> None:
    struck_twice = _file(b"\x00\x90\x3c\x40", b"\x60\x90\x3c\x50", b"\x60\x80\x3c\x00")
    assert _notes(struck_twice) == [[0, 96, 60, 64], [96, 96, 60, 80]]
    never_released = _file(b"\x00\x90\x3c\x40", b"\x60\xb0\x07\x40")
    assert _notes(never_released) == [[0, 96, 60, 64]]


def test_times_are_rescaled_and_no_note_is_empty() -> None:
    assert _notes(_file(b"\x60\x90\x3c\x40", b"\x60\x80\x3c\x00", division=96)) == [[480, 480, 60, 64]]
    assert _notes(_file(b"\x00\x90\x3c\x40", b"\x01\x80\x3c\x00", division=9600)) == [[0, 1, 60, 64]]


def test_a_change_of_program_starts_another_track() -> None:
    notes = (b"\x00\x90\x3c\x40", b"\x60\x80\x3c\x00")
    score = midi.read(_file(b"\x00\xff\x03\x04Solo", b"\x00\xc0\x28", *notes, b"\x00\xc0\x49", *notes))
    assert [(track.name, track.program, len(track.notes)) for track in score.tracks] == [
        ("Solo", 40, 1),
        ("Solo", 73, 1),
    ]


def test_sysex_lyrics_and_unknown_chunks_are_passed_over() -> None:
    track = _file(b"\x00\xf0\x03\x01\x02\xf7", b"\x00\xff\x05\x02la", b"\x00\x90\x3c\x40", b"\x60\x80\x3c\x00")
    content = track[:14] + b"XFIH\0\0\0\2ab" + track[14:]
    assert _notes(content) == [[0, 96, 60, 64]]
    assert _notes(b"RIFF\0\0\0\0RMIDdata\0\0\0\0" + content) == [[0, 96, 60, 64]]


def test_fifteen_melodic_tracks_and_drums_have_channels_of_their_own() -> None:
    note = np.array([[0, 480, 60, 80]])
    tracks = tuple(Track("", 0, False, note) for _ in range(15))
    content = midi.to_bytes(Score((*tracks, Track("", 0, True, note))))
    assert {status for status in range(0x90, 0xA0) if bytes([status, 60, 80]) in content} == set(range(0x90, 0xA0))


def test_more_programs_than_channels_stay_what_they_are() -> None:
    note = np.array([[0, 480, 60, 80]])
    score = Score(tuple(Track("", program, False, note) for program in range(40)))
    assert [track.program for track in midi.read(midi.to_bytes(score)).tracks] == list(range(40))


def test_a_pitch_is_released_before_it_is_struck_again() -> None:
    overlapping = Track("", 0, False, np.array([[0, 960, 60, 80], [480, 480, 60, 90]]))
    assert midi.read(midi.to_bytes(Score((overlapping,)))).tracks[0].notes.tolist() == [
        [0, 480, 60, 80],
        [480, 480, 60, 90],
    ]


@pytest.mark.parametrize("note", [[-1, 480, 60, 80], [0, 480, 128, 80], [0, 480, 60, 0], [0, 480, 60, 128]])
def test_what_midi_cannot_hold_is_refused(note: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        midi.to_bytes(Score((Track("x", 0, False, np.array([note])),)))
    with pytest.raises(ValueError, match="cannot be written"):
        midi.to_bytes(Score((), metres=(Metre(0, 4, 3),)))
    with pytest.raises(ValueError, match="cannot be written"):
        midi.to_bytes(Score((), tempos=(Tempo(0, 1.0),)))


def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    path, score = tmp_path / "a.mid", midi.read(_small_file())
    midi.write(score, path)
    with pytest.raises(FileExistsError):
        midi.write(score, path)
    midi.write(score, path, overwrite=True)
    assert _plain(midi.read(path)) == _plain(score)
    assert [each.name for each in tmp_path.iterdir()] == ["a.mid"]


def _vlq(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))


_ON, _OFF = 0x90, 0x80


def _played(*events: tuple[int, int, int], velocity: int = 64, end: int = 0) -> list[list[int]]:
    """Onsets and durations that are read from (tick, on or off, pitch), in that order, the track ending `end` later."""
    content, last = b"", 0
    for tick, status, pitch in events:
        content += _vlq(tick - last) + bytes((status, pitch, velocity))
        last = tick
    track = midi.read(_header(0) + _chunk(content + _vlq(end) + b"\xff\x2f\x00")).tracks[0]
    return track.notes[:, :3].tolist()


@pytest.mark.parametrize(
    ("events", "notes"),
    [
        ([(0, _ON, 60), (96, _ON, 60), (96, _OFF, 60), (192, _OFF, 60)], [[0, 96, 60], [96, 96, 60]]),
        ([(0, _ON, 60), (96, _OFF, 60), (96, _ON, 60), (192, _OFF, 60)], [[0, 96, 60], [96, 96, 60]]),
        ([(0, _ON, 60), (96, _ON, 60), (192, _OFF, 60), (288, _OFF, 60)], [[0, 96, 60], [96, 192, 60]]),
        ([(0, _ON, 60), (96, _ON, 60), (192, _OFF, 60)], [[0, 96, 60], [96, 96, 60]]),
        ([(0, _ON, 60), (0, _ON, 60), (96, _OFF, 60), (96, _OFF, 60)], [[0, 96, 60]]),
        (
            [(0, _ON, 60), (96, _ON, 60), (192, _OFF, 60), (960, _ON, 60), (1000, _OFF, 60)],
            [[0, 96, 60], [96, 96, 60], [960, 40, 60]],
        ),
        ([(0, _ON, 60), (0, _OFF, 60), (96, _ON, 62), (192, _OFF, 62)], [[0, 1, 60], [96, 96, 62]]),
        ([(0, _OFF, 60), (0, _ON, 60), (96, _OFF, 60), (96, _OFF, 60)], [[0, 96, 60]]),
        ([(0, _ON, 60), (0, _ON, 64), (96, _OFF, 64), (192, _OFF, 60)], [[0, 192, 60], [0, 96, 64]]),
    ],
    ids=[
        "struck before it is released",
        "released before it is struck",
        "overlapping, the first in ends first",
        "two struck, one released",
        "doubled",
        "a release that never came",
        "of no length",
        "released before it was struck, and twice",
        "two pitches",
    ],
)
def test_notes_of_one_pitch_end_where_they_were_meant_to(events: list, notes: list) -> None:
    assert _played(*events) == notes


@given(st.lists(st.integers(1, 400), min_size=2, max_size=12), st.sampled_from(("on first", "off first")))
def test_repeated_notes_keep_their_lengths_in_either_order_of_on_and_off(lengths: list[int], order: str) -> None:
    ticks = np.concatenate(([0], np.cumsum(lengths))).tolist()
    events = [(0, _ON, 60)]
    for tick in ticks[1:-1]:
        pair = [(tick, _ON, 60), (tick, _OFF, 60)]
        events += pair if order == "on first" else pair[::-1]
    events.append((ticks[-1], _OFF, 60))
    assert [duration for _, duration, _ in _played(*events)] == lengths


@pytest.mark.parametrize("number", [120, 123, 124, 127])
def test_notes_that_only_all_notes_off_ends_end_there(number: int) -> None:
    content = _file(b"\x00\x90\x3c\x40", b"\x60\xb0" + bytes((number, 0)), b"\x87\x40\x90\x3e\x40", b"\x60\x80\x3e\x00")
    assert _notes(content) == [[0, 96, 60, 64], [1056, 96, 62, 64]]


def test_notes_that_are_never_ended_end_with_their_track_and_that_is_told() -> None:
    score = midi.read(_header() + _chunk(b"\x00\x90\x3c\x40\x00\x90\x40\x40\x87\x40\xff\x2f\x00"))
    assert score.tracks[0].notes[:, 1].tolist() == [960, 960]
    assert score.warnings == ("track 1 never ends 2 of its notes; they end with it",)


def _two_tracks() -> tuple[bytes, bytes]:
    """The contents of two tracks of four notes, without their end marks."""
    first = b"".join(b"\x00\x90" + bytes((60 + k, 64)) + b"\x60\x80" + bytes((60 + k, 0)) for k in range(4))
    second = b"".join(b"\x00\x91" + bytes((40 + k, 64)) + b"\x60\x81" + bytes((40 + k, 0)) for k in range(4))
    return first, second


def _whole(content: bytes) -> Score:
    """The score, all notes of `_two_tracks` in it."""
    score = midi.read(content)
    assert [track.notes.tolist() for track in score.tracks] == [
        [[96 * k, 96, first + k, 64] for k in range(4)] for first in (60, 40)
    ]
    return score


@pytest.mark.parametrize("first", [0, 1, 5, 20, 36, 37, 45, 100, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("second", [0, 3, 36, 41, 1000, 0xFFFFFFFF])
def test_tracks_are_read_whatever_their_lengths_say(first: int, second: int) -> None:
    one, two = _two_tracks()
    score = _whole(_header(1, 2) + _chunk(one + _END, first) + _chunk(two + _END, second))
    wrong = [k for k, length in enumerate((first, second), start=1) if length != 36]
    assert all(line.startswith(f"track {k} says that it is") for k, line in zip(wrong, score.warnings, strict=True))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda one, two: _header(1, 2) + _chunk(one) + _chunk(two + _END), "track 1 has no end mark"),
        (lambda one, two: _header(1, 2) + _chunk(one + _END) + _chunk(two), "track 2 has no end mark"),
        (lambda one, two: (_header(1, 2) + _chunk(one + _END) + _chunk(two + _END))[:-1], "track 2 says"),
        (
            lambda one, two: (_header(1, 2) + _chunk(one + _END) + _chunk(two + _END))[:-2],
            "track 2 breaks off|says|end",
        ),
        (lambda one, two: _header(1, 9) + _chunk(one + _END) + _chunk(two + _END), "says 9 tracks; 2 are there"),
        (lambda one, two: _header(1, 0) + _chunk(one + _END) + _chunk(two + _END), "says 0 tracks; 2 are there"),
        (lambda one, two: b"junk" * 32 + _header(1, 2) + _chunk(one + _END) + _chunk(two + _END), "128 bytes before"),
        (lambda one, two: _header(1, 2) + _chunk(one + _END) + bytes(9) + _chunk(two + _END), "9 bytes"),
        (lambda one, two: _header(1, 2) + b"abc" + _chunk(one + _END) + _chunk(two + _END), "3 bytes"),
        (lambda one, two: _header(1, 2) + _chunk(one + _END) + _chunk(two + _END) + b"\r\n" * 20, "40 bytes"),
        (lambda one, two: _header(7, 2) + _chunk(one + _END) + _chunk(two + _END), "type 7"),
        (lambda one, two: _header(0, 1) + _chunk(one + _END) + _chunk(two + _END), "says 1 tracks; 2 are there"),
        (lambda one, two: _header(1, 2, 0) + _chunk(one + _END) + _chunk(two + _END), "how long a tick is"),
        (lambda one, two: _header(1, 2, 0x8000) + _chunk(one + _END) + _chunk(two + _END), "how long a tick is"),
    ],
)
def test_all_notes_are_read_and_what_is_odd_is_told(content, told: str) -> None:
    (warning,) = _whole(content(*_two_tracks())).warnings
    assert "\n" not in warning
    assert re.search(told, warning)


@pytest.mark.parametrize(
    "content",
    [
        lambda one, two: _header(1, 2) + _chunk(one + _END) + _chunk(two + _END),
        lambda one, two: (
            b"RIFF\x99\0\0\0RMIDdata"
            + struct.pack("<I", 14 + 2 * 44)
            + (_header(1, 2) + _chunk(one + _END) + _chunk(two + _END) + b"LIST\x04\0\0\0INFO")
        ),
        lambda one, two: b"MThd\0\0\0\x08" + _header(1, 2)[8:] + b"\0\0" + _chunk(one + _END) + _chunk(two + _END),
        lambda one, two: (
            _header(1, 2) + b"XFIH\0\0\0\2abXFKM\0\0\0\0" + _chunk(one + _END) + _chunk(two + _END) + b"CASM\0\0\0\1a"
        ),
    ],
    ids=["plain", "RMI", "longer header", "other chunks"],
)
def test_what_the_standard_allows_is_not_odd(content) -> None:
    assert _whole(content(*_two_tracks())).warnings == ()


def test_a_file_cut_anywhere_gives_the_notes_before_the_cut_or_an_error() -> None:
    one, two = _two_tracks()
    content = _header(1, 2) + _chunk(one + _END) + _chunk(two + _END)
    counts = []
    for cut in range(len(content)):
        try:
            score = midi.read(content[:cut])
        except ValueError:
            counts.append(0)
            continue
        counts.append(score.num_notes)
        assert score.warnings, cut
    assert counts == sorted(counts)
    assert counts[-1] == 8
    assert counts.index(1) < 14 + 8 + 5


def test_a_byte_lost_or_changed_in_one_track_leaves_the_others_whole() -> None:
    one, two = _two_tracks()
    content = _header(1, 2) + _chunk(one + _END) + _chunk(two + _END)
    rows = midi.read(content).tracks[1].notes.tolist()
    for place in range(14 + 8, 14 + 8 + len(one)):
        for damaged in (content[:place] + content[place + 1 :], content[:place] + b"\xff" + content[place + 1 :]):
            assert rows in [track.notes.tolist() for track in midi.read(damaged).tracks], place


@pytest.mark.parametrize(
    "between",
    [
        b"\x00\xff\x01\x02hi",
        b"\x00\xff\x51\x03\x07\xa1\x20",
        b"\x00\xf0\x03\x01\x02\xf7",
        b"\x00\xf7\x02\x01\x02",
        b"\x00\xf8",
        b"\x00\xfe",
        b"\x00\xf3\x01",
        b"\x00\xf2\x01\x02",
    ],
)
def test_running_status_goes_on_after_what_is_no_channel_message(between: bytes) -> None:
    assert _notes(_file(b"\x00\x90\x3c\x40", between, b"\x60\x3c\x00", b"\x00\x3e\x40", between, b"\x60\x3e\x00")) == [
        [0, 96, 60, 64],
        [96, 96, 62, 64],
    ]


@pytest.mark.parametrize(
    ("division", "seconds"),
    [(0xE728, 1.0), (0xE250, 1000 / 2400), (0xE328, 1001 / 1200), (0xE804, 1000 / 96), (0x83E8, 1000 / (125 * 232))],
)
def test_smpte_times_are_seconds_whatever_tempo_is_set(division: int, seconds: float) -> None:
    tempo = b"\x00\xff\x51\x03\x01\x00\x00"
    score = midi.read(_file(tempo, b"\x00\x90\x3c\x40", b"\x87\x68\x80\x3c\x00", division=division))
    assert score.duration_s == pytest.approx(seconds, abs=0.002)
    assert score.warnings == ()


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (b"\xff\x51\x03\x00\x00\x00", "a tempo of 0"),
        (b"\xff\x51\x01\x07", "a tempo of 0"),
        (b"\xff\x58\x04\x00\x02\x18\x08", "a metre that is none"),
        (b"\xff\x58\x04\x04\x09\x18\x08", "a metre that is none"),
        (b"\xff\x59\x02\x08\x00", "a key that is none"),
        (b"\xff\x59\x02\xf8\x00", "a key that is none"),
        (b"\xff\x59\x02\x00\x07", "a key that is none"),
    ],
)
def test_tempi_metres_and_keys_that_cannot_be_are_left_out_and_that_is_told(event: bytes, told: str) -> None:
    score = midi.read(_file(b"\x00" + event, b"\x00\x90\x3c\x40", b"\x60\x80\x3c\x00"))
    assert score.warnings == (f"track 1 has {told}, left out",)
    assert (score.tempos, score.metres, score.keys) == ((Tempo(0, 120),), (Metre(0, 4, 4),), ())


@pytest.mark.parametrize("fifths", range(-7, 8))
@pytest.mark.parametrize("mode", [0, 1])
def test_all_key_signatures_are_read(fifths: int, mode: int) -> None:
    score = midi.read(_file(bytes((0, 0xFF, 0x59, 2, fifths % 256, mode)), b"\x00\x90\x3c\x40", b"\x60\x80\x3c\x00"))
    (mark,) = score.keys
    assert (mark.key.fifths - fifths) % 12 == 0
    assert mark.key.mode == ("major", "minor")[mode]


def test_a_track_without_a_name_is_called_as_its_instrument_is() -> None:
    one, two = _two_tracks()
    content = _header(1, 2) + _chunk(b"\x00\xff\x04\x04Oboe" + one + _END) + _chunk(two + _END)
    assert [track.name for track in midi.read(content).tracks] == ["Oboe", ""]


def test_patterns_of_type_2_come_one_after_another() -> None:
    one, two = _two_tracks()
    score = midi.read(_header(2, 2) + _chunk(one + _END) + _chunk(b"\x00\xff\x51\x03\x0f\x42\x40" + two + _END))
    assert [track.notes[:, 0].tolist() for track in score.tracks] == [[0, 96, 192, 288], [384, 480, 576, 672]]
    assert [(mark.tick, mark.bpm) for mark in score.tempos] == [(0, 120), (384, 60)]
    assert score.warnings == ("it is of type 2; its tracks are played one after another",)


_XG_ON, _GS_ON = b"\x43\x10\x4c\x00\x00\x7e\x00\xf7", b"\x41\x10\x42\x12\x40\x00\x7f\x00\x41\xf7"


def _sysex(content: bytes) -> bytes:
    return b"\x00\xf0" + _vlq(len(content)) + content


@pytest.mark.parametrize(
    ("before", "channel", "is_drum"),
    [
        (b"", 9, True),
        (b"", 2, False),
        (b"\x00\xb2\x00\x7f\x00\xc2\x00", 2, True),
        (_sysex(_XG_ON) + b"\x00\xb2\x00\x7f\x00\xc2\x10", 2, True),
        (_sysex(_XG_ON) + b"\x00\xb2\x00\x7e\x00\xc2\x00", 2, True),
        (b"\x00\xb2\x00\x78\x00\xc2\x08", 2, True),
        (_sysex(_GS_ON) + b"\x00\xb2\x00\x7f\x00\xc2\x00", 2, False),
        (_sysex(b"\x41\x10\x42\x12\x40\x13\x15\x01\x17\xf7"), 2, True),
        (_sysex(b"\x41\x10\x42\x12\x40\x1a\x15\x02\x0f\xf7"), 10, True),
        (_sysex(b"\x41\x10\x42\x12\x40\x10\x15\x00\x1b\xf7"), 9, False),
        (_sysex(b"\x43\x10\x4c\x08\x02\x07\x02\xf7"), 2, True),
        (b"\x00\xb9\x00\x79\x00\xc9\x00", 9, False),
        (b"\x00\xb9\x00\x00\x00\xb9\x20\x00\x00\xc9\x00", 9, True),
        (b"\x00\xb2\x00\x08\x00\xc2\x10", 2, False),
    ],
)
def test_drums_are_those_of_channel_10_and_what_gs_xg_and_gm2_say(before: bytes, channel: int, is_drum: bool) -> None:
    note = bytes((0x90 | channel, 38, 64)), bytes((0x80 | channel, 38, 0))
    score = midi.read(_file(before + b"\x00" + note[0], b"\x60" + note[1]))
    assert [track.is_drum for track in score.tracks] == [is_drum]
    again = midi.read(midi.to_bytes(score))
    assert [(track.is_drum, track.bank, track.program) for track in again.tracks] == [
        (track.is_drum, track.bank, track.program) for track in score.tracks
    ]


def _controlled() -> bytes:
    """Two tracks on one channel, which the first's controllers move; the second changes program, and has a bank."""
    first = (
        b"\x00\xb4\x07\x50\x00\xb4\x40\x7f\x00\x94\x3c\x40\x60\xe4\x00\x50\x00\xd4\x20\x00\xa4\x3c\x11\x00\x84\x3c\x00"
        b"\x00\xb4\x65\x00\x00\xb4\x64\x00\x00\xb4\x06\x0c\x00\xb4\x40\x00"
    )
    second = b"\x00\xb4\x00\x08\x00\xc4\x28\x00\x94\x48\x40\x60\x84\x48\x00\x00\xc4\x49\x00\x94\x4a\x40\x60\x84\x4a\x00"
    lyrics = b"\x00\xff\x05\x03la \x60\xff\x05\x02lu\x00\xff\x02\x02me"
    return _header(1, 3) + b"".join(_chunk(content + _END) for content in (lyrics, first, second))


def test_tracks_of_one_channel_share_its_controllers_and_go_back_to_it() -> None:
    score = midi.read(_controlled())
    assert [(track.channel, track.bank >> 7, track.program) for track in score.tracks] == [
        (4, 8, 40),
        (4, 8, 40),
        (4, 8, 73),
    ]
    rows = score.tracks[0].controls.tolist()
    assert rows[:2] == [[0, 7, 80], [0, 64, 127]]
    assert rows[2:5] == [[96, PITCH_BEND, 2048], [96, CHANNEL_PRESSURE, 32], [96, KEY_PRESSURE + 60, 17]]
    assert rows[5:] == [[96, 101, 0], [96, 100, 0], [96, 6, 12], [96, 64, 0]]
    assert all(track.controls.tolist() == rows for track in score.tracks)
    content = midi.to_bytes(score)
    assert content.count(b"\xb4\x07\x50") == 1
    again = midi.read(content)
    assert _plain(again) == _plain(score)
    assert [track.channel for track in again.tracks] == [4, 4, 4]
    assert midi.to_bytes(again) == content


def test_a_change_of_program_within_a_channel_is_written_where_it_happens() -> None:
    content = midi.to_bytes(midi.read(_controlled()))
    assert content.count(b"\xc4\x49") == 1
    assert content.index(b"\xc4\x28") < content.index(b"\xc4\x49")


def test_kits_that_change_stay_what_they_are_on_channel_10() -> None:
    hits = b"".join(bytes((0, 0xC9, kit, 0, 0x99, 38, 64, 96, 0x89, 38, 0)) for kit in (0, 25, 0))
    score = midi.read(_header(0) + _chunk(hits + _END))
    assert [(track.program, len(track.notes)) for track in score.tracks] == [(0, 2), (25, 1)]
    content = midi.to_bytes(score)
    assert _plain(midi.read(content)) == _plain(score)
    assert [content.count(bytes((0xC9, kit))) for kit in (0, 25)] == [2, 1]


def test_lyrics_and_other_words_are_kept() -> None:
    score = midi.read(_controlled())
    assert score.texts == (Text(0, "lyric", "la "), Text(96, "lyric", "lu"), Text(96, "copyright", "me"))
    assert midi.read(midi.to_bytes(score)).texts == score.texts


@pytest.mark.parametrize(
    "content",
    [
        _header(1, 4000) + b"".join(_chunk(_END, 4 * 12_000 - 12 * k - 8) for k in range(4000)),
        _header(1, 1) + _chunk(_END, 0xFFFF) + b"ABCD\0\0\0\0" * 100_000,
        _header(1, 1) + _chunk(b"\0\x90\x3c\x40" * 60_000),
        _header(1, 1) + _chunk(b"\0\x90\x3c\x40" + b"\0\xb0\x7b\x00" * 60_000 + _END),
        _header(1, 1) + _chunk((b"\0\x90\x3c\x40" * 50 + b"\0\x80\x3c\x40" * 50) * 500 + _END),
        _header(1, 5000) + _chunk(_END) * 5000,
        _header(1, 1) + _chunk(b"\0\xff\x05\x00" * 120_000 + _END),
    ],
    ids=["lengths to the end", "other chunks", "stuck notes", "all notes off", "doubled notes", "tracks", "words"],
)
def test_files_made_to_take_long_do_not(content: bytes) -> None:
    start = time.process_time()
    with contextlib.suppress(ValueError):
        midi.read(content)
    assert time.process_time() - start < 3


def test_a_score_with_too_many_controllers_or_one_midi_cannot_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi, "MAX_CONTROLS", 10)
    with pytest.raises(ValueError, match="more than 10 movements"):
        midi.read(_file(b"\x00\xb0\x07\x40", *[b"\x01\x07\x40"] * 20))
    for row in ([-1, 7, 0], [0, 7, 128], [0, 258, 0], [0, PITCH_BEND, 8192]):
        with pytest.raises(ValueError, match="controller whose time"):
            midi.to_bytes(Score((Track("x", 0, False, np.array([[0, 1, 60, 80]]), np.array([row])),)))


def test_the_name_of_a_single_track_with_several_instruments_is_the_piece_s() -> None:
    name = b"\x00\xff\x03\x04Song"
    one, two = _two_tracks()
    score = midi.read(_header(0) + _chunk(name + one + two + _END))
    assert (score.title, [track.name for track in score.tracks]) == ("Song", ["", ""])
    alone = midi.read(_header(0) + _chunk(name + one + _END))
    assert (alone.title, [track.name for track in alone.tracks]) == ("", ["Song"])
