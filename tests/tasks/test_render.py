"""`menura render` plays any MIDI file, and leaves it as it was."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import menura
from menura.app.cli import FAILED, MISUSED, OK, main
from menura.audio import io
from menura.score import midi
from menura.score.notes import Score, Tempo


@pytest.fixture
def here(tunes, tmp_path, monkeypatch):
    """A folder with one piece, which is also the current one."""
    tunes(1, tmp_path / "here", bars=2)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


QUICK = ["--rate", "16000"]


def test_a_piece_becomes_sound_picture_notes_and_sidecar(here):
    before = (here / "tune-0.mid").read_bytes()
    assert main(["render", "tune-0.mid", *QUICK]) == OK
    names = {f"tune-0-render{suffix}" for suffix in (".wav", ".mid", ".png", ".json")}
    assert {path.name for path in here.iterdir()} == names | {"tune-0.mid"}
    assert (here / "tune-0.mid").read_bytes() == before
    sound, score = io.read(here / "tune-0-render.wav"), midi.read(here / "tune-0.mid")
    assert sound.sample_rate_hz == 16_000
    assert sound.duration_s >= score.duration_s
    assert midi.read(here / "tune-0-render.mid").num_notes == score.num_notes


def test_the_same_request_gives_the_same_samples_and_so_does_replay(here):
    for name in ("one", "two"):
        assert main(["render", "tune-0.mid", "-o", name, *QUICK]) == OK
    assert main(["replay", "one.json", "-o", "three"]) == OK
    sounds = {(here / f"{name}.wav").read_bytes() for name in ("one", "two", "three")}
    assert len(sounds) == 1
    note = json.loads((here / "one.json").read_text())
    assert note["parameters"]["file"] == "tune-0.mid"
    assert note["seed"] == 0


def test_a_whole_tempo_comes_out_whole(here, capsys):
    """Though MIDI files hold it in microseconds."""
    midi.write(replace(midi.read("tune-0.mid"), tempos=(Tempo(0, 67.0),)), here / "a.mid")
    assert main(["render", "a.mid", "-o", "b", "--json", *QUICK]) == OK
    assert json.loads(capsys.readouterr().out)["results"][0]["bpm"] == 67


def test_the_sound_options_are_compose_s(here):
    assert main(["render", "tune-0.mid", "-o", "loud", "--format", "flac", "--stems", "--loudness=-20", *QUICK]) == OK
    assert (here / "loud.flac").exists()
    assert [path.name for path in sorted((here / "loud-stems").iterdir())] == ["01-flute.flac", "02-piano.flac"]


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("output", ["tune-0", "tune-0.wav", "../here/tune-0"])
def test_the_piece_itself_is_never_overwritten(here, capsys, output, force):
    before = (here / "tune-0.mid").read_bytes()
    assert main(["render", "tune-0.mid", "-o", output, *QUICK, *force]) == FAILED
    assert capsys.readouterr().err.count("\n") == 1
    assert (here / "tune-0.mid").read_bytes() == before
    assert [path.name for path in here.iterdir()] == ["tune-0.mid"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MThd",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x00\x60MTrk\x00\x00\x00\x04\x00\xff",
    ],
)
def test_what_is_no_midi_is_told_in_one_line_and_leaves_no_file(here, capsys, content):
    (here / "broken.mid").write_bytes(content)
    assert main(["render", "broken.mid"]) == FAILED
    error = capsys.readouterr().err
    assert error.startswith("menura render: broken.mid is not a readable MIDI file: ")
    assert error.count("\n") == 1
    assert {path.name for path in here.iterdir()} == {"broken.mid", "tune-0.mid"}


def test_silence_and_absence_are_told(here, capsys):
    midi.write(Score(()), here / "silent.mid")
    assert main(["render", "silent.mid"]) == FAILED
    assert capsys.readouterr().err == "menura render: silent.mid has no notes to render\n"
    assert main(["render", "absent.mid"]) == FAILED
    assert "absent.mid: no such file" in capsys.readouterr().err
    assert main(["render", "tune-0.mid", "--rate", "1"]) == MISUSED
    assert {path.name for path in here.iterdir()} == {"silent.mid", "tune-0.mid"}


def test_in_python_the_sound_is_at_hand_and_nothing_is_written(here):
    piece = menura.render("tune-0.mid", rate=8000)
    assert piece.audio.sample_rate_hz == 8000
    assert piece.summary()["instruments"] == ["flute", "piano"]
    assert piece.summary()["bpm"] == 80
    assert [path.name for path in here.iterdir()] == ["tune-0.mid"]


def _odd() -> bytes:
    """Two tracks without names, whose lengths are wrong."""
    tracks = b""
    for channel in (0, 1):
        notes = bytes((0, 0xC0 | channel, 73, 0, 0x90 | channel, 72, 80, 0x87, 0x40, 0x80 | channel, 72, 0))
        tracks += b"MTrk\x7f\xff\xff\xff" + notes + b"\x00\xff\x2f\x00"
    return b"MThd\x00\x00\x00\x06\x00\x01\x00\x02\x01\xe0" + tracks


def test_what_is_odd_in_a_file_is_told_on_every_face_and_all_of_it_is_played(here, capsys):
    (here / "odd.mid").write_bytes(_odd())
    assert main(["render", "odd.mid", *QUICK]) == OK
    shown = capsys.readouterr()
    assert shown.err.count("warning: odd.mid: track ") == 2
    assert "instruments: flute, flute 2" in shown.out
    with pytest.warns(UserWarning, match="says that it is"):
        piece = menura.render("odd.mid", rate=8000)
    assert len(piece.score.warnings) == 2
    assert piece.summary()["instruments"] == ["flute", "flute 2"]
