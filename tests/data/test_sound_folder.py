"""Every sound of a folder is found once, with what is said of it, however it is said."""

from __future__ import annotations

import io
import json
import os
import tarfile

import numpy as np
import pytest

from menura.audio import Audio, write
from menura.data.sound_folder import find_sounds
from menura.progress import Progress

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
    found = find_sounds(tmp_path / "set", Progress().say)
    assert [sound.name for sound in found] == ["set/b.flac", "set/deep/a.wav"]
    assert found[0].row == {"text": "hello", "speaker": "Ann", "license": "CC0"}
    assert found[0].read().num_samples == 400


def test_a_manifest_speaks_for_its_folder(tmp_path):
    tone(tmp_path / "one" / "audio" / "a.wav")
    tone(tmp_path / "one" / "unlisted.wav")
    tone(tmp_path / "two" / "b.wav")
    row = {"file": "audio/a.wav", "text": "hello", "split": "test"}
    (tmp_path / "one" / "manifest.jsonl").write_text(json.dumps(row) + '\n{"file": "scores.mid"}\n')
    found = {sound.name: sound for sound in find_sounds(tmp_path, Progress().say)}
    assert found.keys() == {"one/audio/a.wav", f"{tmp_path.name}/two/b.wav"}
    assert found["one/audio/a.wav"].split() == "test"


def test_a_table_of_metadata_does_too(tmp_path):
    tone(tmp_path / "a.wav")
    (tmp_path / "metadata.csv").write_text('file_name,transcription,extra\na.wav,"hello, you",\n')
    (sound,) = find_sounds(tmp_path, Progress().say)
    assert sound.row == {"file_name": "a.wav", "transcription": "hello, you"}
    (tmp_path / "metadata.csv").write_text("path\na.wav\n")
    with pytest.raises(ValueError, match="needs a column file_name"):
        find_sounds(tmp_path, Progress().say)


def test_a_shard_gives_its_sounds_with_their_texts(tmp_path):
    wav = tone(tmp_path / "elsewhere" / "x.wav", 0.25).read_bytes()
    (tmp_path / "data").mkdir()
    members = {"k1.wav": wav, "k1.txt": b"hello", "k1.json": b'{"label": "bell"}', "k2.wav": wav, "k2.cls": b"3"}
    shard(tmp_path / "data" / "s.tar", members)
    first, second = find_sounds(tmp_path / "data", Progress().say)
    assert (first.name, first.row) == ("data/s.tar/k1.wav", {"label": "bell", "text": "hello"})
    assert second.row == {}
    assert second.read().samples[0, 0] == pytest.approx(0.25, abs=1e-3)
    (tmp_path / "data" / "s.tar").write_bytes(b"no tar")
    with pytest.raises(ValueError, match="not a sound shard"):
        find_sounds(tmp_path / "data", Progress().say)


def test_a_speaker_does_not_fall_into_two_splits_unless_the_rows_say_so(tmp_path):
    for speaker in range(30):
        for take in range(3):
            path = tone(tmp_path / f"{speaker}-{take}.wav")
            path.with_suffix(".json").write_text(json.dumps({"speaker": f"s{speaker}"}))
    splits: dict[object, set[str]] = {}
    for sound in find_sounds(tmp_path, Progress().say):
        splits.setdefault(sound.row["speaker"], set()).add(sound.split())
    assert all(len(found) == 1 for found in splits.values())


def test_what_is_no_sound_is_told_when_read_and_a_folder_that_is_none_at_once(tmp_path):
    (tmp_path / "text.wav").write_text("this is no sound")
    (sound,) = find_sounds(tmp_path, Progress().say)
    with pytest.raises(ValueError, match=r"text\.wav: is damaged or not a sound file"):
        sound.read()
    with pytest.raises(ValueError, match="is not a folder; give one that holds sound"):
        find_sounds(tmp_path / "nowhere", Progress().say)


def test_links_are_read_and_manifests_lead_to_them_but_not_out_by_themselves(tmp_path):
    tone(tmp_path / "outside.wav")
    home = tmp_path / "home"
    home.mkdir()
    (home / "link.wav").symlink_to(tmp_path / "outside.wav")
    (home / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    said: list[str] = []
    gone, link = find_sounds(home, said.append)
    assert link.read().num_samples == 400
    assert "2 files lie outside" in said[0]
    with pytest.raises(ValueError, match="there is no such file"):
        gone.read()
    (home / "manifest.jsonl").write_text('{"file": "link.wav", "text": "one"}\n')
    (listed,) = find_sounds(home, said.append)
    assert (listed.row["text"], listed.read().num_samples) == ("one", 400)
    (home / "manifest.jsonl").write_text('{"file": "../outside.wav"}\n')
    with pytest.raises(ValueError, match="lies outside"):
        find_sounds(home, said.append)


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path, kind):
    (tmp_path / "manifest.jsonl").write_text('{"file": "x.wav"}\n')
    os.mkfifo(tmp_path / "x.wav") if kind == "pipe" else (tmp_path / "x.wav").mkdir()
    (sound,) = find_sounds(tmp_path, Progress().say)
    with pytest.raises(ValueError, match=r"x\.wav: is not a file"):
        sound.read()


def test_what_lies_beside_a_sound_never_stops_the_others(tmp_path):
    for name in ("list", "broken", "huge", "good"):
        tone(tmp_path / f"{name}.wav")
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "huge.json").write_text('{"x": "' + "y" * (1 << 20) + '"}')
    (tmp_path / "good.json").write_text('{"label": "bell"}')
    said: list[str] = []
    found = {sound.name.split("/")[1]: sound.row for sound in find_sounds(tmp_path, said.append)}
    assert found == {"broken.wav": {}, "good.wav": {"label": "bell"}, "huge.wav": {}, "list.wav": {}}
    assert [line.split(" is left aside")[0] for line in said] == [
        f"what is said of {name}.wav" for name in ("broken", "huge", "list")
    ]


def test_tables_that_spreadsheets_write_are_read_and_broken_ones_told(tmp_path):
    tone(tmp_path / "a.wav")
    (tmp_path / "metadata.csv").write_text("file_name,label\na.wav,bell\n", encoding="utf-8-sig")
    (sound,) = find_sounds(tmp_path, Progress().say)
    assert sound.row["label"] == "bell"
    (tmp_path / "metadata.csv").write_text(f"file_name,label\na.wav,{'x' * 200_000}\n")
    with pytest.raises(ValueError, match=r"metadata\.csv line \d is not CSV"):
        find_sounds(tmp_path, Progress().say)


def test_hidden_members_of_a_shard_are_no_sounds_and_each_is_found_without_the_others(tmp_path, monkeypatch):
    """A shard of many is read member by member, not listed anew for each."""
    wav = tone(tmp_path / "elsewhere" / "x.wav", 0.25).read_bytes()
    (tmp_path / "data").mkdir()
    shard(tmp_path / "data" / "s.tar", {"a/._k1.wav": b"macOS", "a/k1.wav": wav, "a/k1.json": b"[1]"})
    said: list[str] = []
    (sound,) = find_sounds(tmp_path / "data", said.append)
    assert said[0].startswith(f"what {tmp_path}/data/s.tar says of a/k1.wav is left aside")
    monkeypatch.setattr(tarfile, "open", None)
    assert sound.read().num_samples == 400


def test_what_a_sound_is_known_by_changes_with_it(tmp_path):
    path = tone(tmp_path / "a.wav")
    (before,) = find_sounds(tmp_path, Progress().say)
    former = before.fingerprint()
    assert former == before.fingerprint()
    os.utime(path, ns=(0, 1))
    assert before.fingerprint() != former
    path.unlink()
    assert before.fingerprint().startswith("missing")
