"""The bundle: one folder in a zip, whole or not at all, that a sequencer can take up."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from menura.audio import io as audio_io
from menura.audio.samples import Audio
from menura.score import midi
from menura.score.notes import Key, KeyMark, Marker, Metre, Score, Tempo, Track
from menura.score.synth.bundle import write_bundle
from menura.score.synth.render import Rendering


def _score() -> Score:
    tracks = (
        Track("Flöte", 73, False, np.array([[0, 480, 72, 80], [1440, 480, 74, 80]])),
        Track("../../etc/passwd", 0, False, np.array([[0, 480, 48, 80]])),
    )
    marks = ((Tempo(0, 90), Tempo(1440, 60)), (Metre(0, 3, 4),), (KeyMark(0, Key(2, "minor")),), (Marker(0, "A"),))
    return Score(tracks, *marks, title="A waltz")


def _rendering() -> Rendering:
    noise = np.random.default_rng(0).uniform(-0.2, 0.2, (2, 2, 8000)).astype(np.float32)
    stems = {track.name: Audio(samples, 8000) for track, samples in zip(_score().tracks, noise, strict=True)}
    return Rendering(Audio(noise.sum(axis=0), 8000), Path("sounds.sf2"), stems)


def test_everything_lies_in_one_folder(tmp_path: Path) -> None:
    path = tmp_path / "waltz.zip"
    write_bundle(path, _score(), _rendering())
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [
            "waltz/README.txt",
            "waltz/waltz.mid",
            "waltz/piano roll.png",
            "waltz/mix.wav",
            "waltz/stems/01 flote.wav",
            "waltz/stems/02 etc passwd.wav",
        ]
        readme = archive.read("waltz/README.txt").decode()
        score = midi.read(archive.read("waltz/waltz.mid"))
        sounds = [audio_io.read(io.BytesIO(archive.read(name))) for name in archive.namelist() if name.endswith("wav")]
    for fact in ("A waltz", "90 bpm", "3/4", "D minor", "Bars     2", "8000 Hz", "1 change(s) of tempo", "sounds.sf2"):
        assert fact in readme
    assert score.markers == _score().markers
    assert [track.name for track in score.tracks] == [track.name for track in _score().tracks]
    mix, *stems = (sound.samples for sound in sounds)
    assert np.abs(sum(stems) - mix).max() < 1e-5


@pytest.mark.parametrize("format", ["wav", "aiff", "flac"])
def test_what_can_be_smaller_is(tmp_path: Path, format: str) -> None:
    """Sound that comes uncompressed is compressed; nothing is compressed twice."""
    tone = np.tile(0.3 * np.sin(np.arange(8000) / 9), (2, 1)).astype(np.float32)
    rendering = Rendering(Audio(tone, 8000), Path("sounds.sf2"), {"flute": Audio(tone, 8000)})
    write_bundle(tmp_path / "a.zip", _score(), rendering, bits=16, format=format)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        sizes = {entry.filename: entry.compress_size / entry.file_size for entry in archive.infolist()}
    assert (max(sizes[f"a/mix.{format}"], sizes[f"a/stems/01 flute.{format}"]) < 0.9) == (format != "flac")
    assert sizes["a/piano roll.png"] == 1
    assert sizes["a/a.mid"] < 1


def test_the_same_piece_gives_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "x.zip", tmp_path / "b" / "x.zip"]
    for path in paths:
        write_bundle(path, _score(), _rendering(), bits=16, format="flac")
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_nothing_is_overwritten_or_left_half_written(tmp_path: Path) -> None:
    path = tmp_path / "waltz.zip"
    write_bundle(path, _score(), _rendering())
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        write_bundle(path, _score(), _rendering())
    with pytest.raises(ValueError, match="bits"):
        write_bundle(path, _score(), _rendering(), bits=7, overwrite=True)
    with pytest.raises(ValueError, match="stems"):
        write_bundle(tmp_path / "other.zip", _score(), Rendering(_rendering().mix, Path("sounds.sf2")))
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["waltz.zip"]
