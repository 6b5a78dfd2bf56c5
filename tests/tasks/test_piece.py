"""A piece is kept as asked for: the sound's format, bits and rate, stems, a bundle; and over nothing that is there."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from menura.audio import io
from menura.score import midi
from menura.score.notes import Score, Track
from menura.tasks.piece import Piece, Rendered

_NAMES = {"ogg": "OGG", "opus": "OGG", "mp3": "MP3", "wav": "WAV", "flac": "FLAC", "aiff": "AIFF"}
_SUBTYPES = {"16": "PCM_16", "24": "PCM_24", "32": "FLOAT"}


def score() -> Score:
    flute = np.array([[240 * k, 240, 72 + k, 80] for k in range(4)])
    bass = np.array([[480 * k, 480, 40, 70] for k in range(2)])
    return Score((Track("flute", 73, False, flute), Track("a / b", 32, False, bass), Track("drums", 0, True, bass)))


@pytest.fixture(scope="module")
def made() -> dict[tuple, Piece]:
    return {}


@pytest.fixture
def piece(made: dict[tuple, Piece], packaged_soundfont: Path):
    """Plays the little score as asked, each way once."""

    def play(**wanted: Any) -> Piece:
        key = tuple(sorted(wanted.items()))
        if key not in made:
            rendered = Rendered.model_validate({"rate": 8000, "soundfont": packaged_soundfont, **wanted})
            made[key] = rendered.rendered(score(), name="", seed=1, about={"key": "C major"})
        return made[key]

    return play


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_piece_is_kept_as_notes_sound_and_picture(piece, tmp_path: Path) -> None:
    kept = piece().save(tmp_path / "v1.2")
    assert names(tmp_path) == ["v1.2.mid", "v1.2.png", "v1.2.wav"]
    assert sorted(kept) == sorted(tmp_path.iterdir())
    again = midi.read(tmp_path / "v1.2.mid")
    assert [part.notes.tolist() for part in again.tracks] == [part.notes.tolist() for part in score().tracks]
    with Image.open(tmp_path / "v1.2.png") as picture:
        assert min(picture.size) > 100
    assert io.read(tmp_path / "v1.2.wav").num_samples == piece().audio.num_samples


def test_the_summary_counts_what_is_there(piece) -> None:
    summary = piece().summary()
    assert summary["key"] == "C major"
    assert (summary["bars"], summary["notes"]) == (1, 8)
    assert summary["seconds"] == pytest.approx(piece().audio.duration_s, abs=0.01)


@pytest.mark.parametrize("format", _NAMES)
@pytest.mark.parametrize("bits", _SUBTYPES)
def test_the_sound_has_the_format_and_bits_asked_for(piece, tmp_path: Path, format: str, bits: str) -> None:
    if format == "flac" and bits == "32":
        with pytest.raises(ValueError, match="flac holds 16 or 24 bits, not 32; wav holds 32"):
            piece(format=format, bits=bits)
        return
    piece(format=format, bits=bits).save(tmp_path / "a")
    info = soundfile.info(tmp_path / f"a.{format}")
    assert info.format == _NAMES[format]
    assert info.samplerate == 8000
    assert info.channels == 2
    if format in ("wav", "flac", "aiff"):
        assert info.subtype == _SUBTYPES[bits]


@pytest.mark.parametrize("rate", [11_025, 96_000])
def test_the_sound_has_the_rate_asked_for(piece, tmp_path: Path, rate: int) -> None:
    piece(rate=rate).save(tmp_path / "a")
    assert soundfile.info(tmp_path / "a.wav").samplerate == piece(rate=rate).audio.sample_rate_hz == rate


@pytest.mark.parametrize(
    "wanted", [{"bits": "12"}, {"rate": 7999}, {"rate": 192_001}, {"loudness": 0}, {"format": "exe"}], ids=str
)
def test_what_no_file_can_hold_is_refused_before_the_work(piece, wanted: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wanted))):
        piece(**wanted)


def test_stems_are_numbered_named_safely_and_add_up(piece, tmp_path: Path) -> None:
    piece(stems=True, bits="32").save(tmp_path / "a")
    assert names(tmp_path / "a-stems") == ["01-flute.wav", "02-a-b.wav", "03-drums.wav"]
    stems = sum(io.read(tmp_path / "a-stems" / name).samples for name in names(tmp_path / "a-stems"))
    assert np.abs(stems - io.read(tmp_path / "a.wav").samples).max() < 1e-4


def test_a_bundle_holds_everything_a_sequencer_wants(piece, tmp_path: Path) -> None:
    piece(bundle=True, format="flac", bits="24").save(tmp_path / "a")
    assert names(tmp_path) == ["a.flac", "a.mid", "a.png", "a.zip"], "stems were not asked for beside it"
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        held = archive.namelist()
        assert midi.read(archive.read("a/a.mid")).num_notes == 8
    assert all(name.startswith("a/") and ".." not in name for name in held)
    assert sum(name.endswith(".flac") for name in held) == 4


@pytest.mark.parametrize("taken", ["a.mid", "a.wav", "a.png", "a-stems/02-a-b.wav", "a.zip"])
def test_nothing_is_overwritten_unless_asked(piece, tmp_path: Path, taken: str) -> None:
    mine = tmp_path / taken
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    with pytest.raises(FileExistsError, match=r"exists already; name another output, or overwrite it \(--force\)"):
        piece(stems=True, bundle=True).save(tmp_path / "a")
    assert mine.read_text() == "mine"
    assert names(tmp_path) == [taken]
    piece(stems=True, bundle=True).save(tmp_path / "a", overwrite=True)
    assert mine.read_bytes() != b"mine"
