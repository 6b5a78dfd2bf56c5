"""MIDI files: what is written is read back; what is damaged is refused in one line."""

from __future__ import annotations

import contextlib
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.score import midi
from menura.score.notes import Key, KeyMark, Marker, Metre, Score, Tempo, Track

_TICKS = st.integers(0, 50_000)
_TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)


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
    return Track(draw(_TEXT), draw(st.integers(0, 127)), draw(st.booleans()), np.array(notes))


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
    )


def _plain(score: Score) -> tuple:
    tracks = [(track.name, track.program, track.is_drum, track.notes.tolist()) for track in score.tracks]
    return tracks, score.tempos, score.metres, score.keys, score.markers, score.title


def _file(*events: bytes, division: int = 480, file_type: int = 0) -> bytes:
    """A MIDI file of one track with these (delta and message) events."""
    content = b"".join(events) + b"\x00\xff\x2f\x00"
    header = struct.pack(">4sIHHH", b"MThd", 6, file_type, 1, division)
    return header + struct.pack(">4sI", b"MTrk", len(content)) + content


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
        (_file(file_type=2), "type 2"),
        (_file(division=0xE728), "SMPTE"),
        (_file(division=0), "0 ticks"),
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
