"""Every sound of a folder is found once, with what is said of it, however it is said."""

from __future__ import annotations

import io
import json
import tarfile

import numpy as np
import pytest

from menura.audio import Audio, write
from menura.data.sound_folder import find_sounds

RATE = 8000


def tone(path, value: float = 0.5):
    path.parent.mkdir(parents=True, exist_ok=True)
    write(Audio(np.full((1, 400), value, np.float32), RATE), path)
    return path


def shard(path, members: dict[str, bytes]):
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def test_loose_files_have_what_lies_beside_them(tmp_path):
    tone(tmp_path / "set" / "deep" / "a.wav")
    tone(tmp_path / "set" / "b.flac")
    (tmp_path / "set" / "b.txt").write_text(" hello \n")
    (tmp_path / "set" / "b.json").write_text('{"speaker": "Ann", "license": "CC0"}')
    (tmp_path / "set" / "notes.md").write_text("no sound")
    found = list(find_sounds(tmp_path / "set"))
    assert [sound.name for sound in found] == ["set/b.flac", "set/deep/a.wav"]
    assert found[0].row == {"text": "hello", "speaker": "Ann", "license": "CC0"}
    assert found[0].read().num_samples == 400


def test_a_manifest_speaks_for_its_folder(tmp_path):
    tone(tmp_path / "one" / "audio" / "a.wav")
    tone(tmp_path / "one" / "unlisted.wav")
    tone(tmp_path / "two" / "b.wav")
    row = {"file": "audio/a.wav", "text": "hello", "split": "test"}
    (tmp_path / "one" / "manifest.jsonl").write_text(json.dumps(row) + '\n{"file": "scores.mid"}\n')
    found = {sound.name: sound for sound in find_sounds(tmp_path)}
    assert found.keys() == {"one/audio/a.wav", f"{tmp_path.name}/two/b.wav"}
    assert found["one/audio/a.wav"].split() == "test"


def test_a_table_of_metadata_does_too(tmp_path):
    tone(tmp_path / "a.wav")
    (tmp_path / "metadata.csv").write_text('file_name,transcription,extra\na.wav,"hello, you",\n')
    (sound,) = find_sounds(tmp_path)
    assert sound.row == {"file_name": "a.wav", "transcription": "hello, you"}
    (tmp_path / "metadata.csv").write_text("path\na.wav\n")
    with pytest.raises(ValueError, match="needs a column file_name"):
        list(find_sounds(tmp_path))


def test_a_shard_gives_its_sounds_with_their_texts(tmp_path):
    wav = tone(tmp_path / "elsewhere" / "x.wav", 0.25).read_bytes()
    (tmp_path / "data").mkdir()
    members = {"k1.wav": wav, "k1.txt": b"hello", "k1.json": b'{"label": "bell"}', "k2.wav": wav, "k2.cls": b"3"}
    shard(tmp_path / "data" / "s.tar", members)
    first, second = find_sounds(tmp_path / "data")
    assert (first.name, first.row) == ("data/s.tar/k1.wav", {"label": "bell", "text": "hello"})
    assert second.row == {}
    assert second.read().samples[0, 0] == pytest.approx(0.25, abs=1e-3)
    (tmp_path / "data" / "s.tar").write_bytes(b"no tar")
    with pytest.raises(ValueError, match="not a sound shard"):
        list(find_sounds(tmp_path / "data"))


def test_a_speaker_does_not_fall_into_two_splits_unless_the_rows_say_so(tmp_path):
    for speaker in range(30):
        for take in range(3):
            path = tone(tmp_path / f"{speaker}-{take}.wav")
            path.with_suffix(".json").write_text(json.dumps({"speaker": f"s{speaker}"}))
    splits: dict[object, set[str]] = {}
    for sound in find_sounds(tmp_path):
        splits.setdefault(sound.row["speaker"], set()).add(sound.split())
    assert all(len(found) == 1 for found in splits.values())


def test_what_lies_outside_is_refused_and_what_is_no_sound_is_told_when_read(tmp_path):
    tone(tmp_path / "outside.wav")
    home = tmp_path / "home"
    home.mkdir()
    (home / "link.wav").symlink_to(tmp_path / "outside.wav")
    with pytest.raises(ValueError, match="lies outside"):
        list(find_sounds(home))
    (home / "link.wav").unlink()
    (home / "text.wav").write_text("this is no sound")
    (sound,) = find_sounds(home)
    with pytest.raises(ValueError, match=r"text\.wav: is damaged or not a sound file"):
        sound.read()
    with pytest.raises(ValueError, match="is not a folder; give one that holds sound"):
        list(find_sounds(tmp_path / "nowhere"))
