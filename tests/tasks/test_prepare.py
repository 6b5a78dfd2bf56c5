"""`menura prepare`: the same shards whoever makes them and however often it is begun, and as good to train on."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest

from menura.app.cli import FAILED, OK, main
from menura.audio import Audio, mnr, write
from menura.data.prepare import Shard, write_shard
from menura.data.sound_folder import find_sounds
from menura.data.sounds import SoundCorpus
from menura.progress import Cancelled, Progress
from menura.tasks.models import Models
from menura.tasks.prepare import Prepare

RATE = 16_000
NUM = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Sounds of several kinds, one of them stereo, two damaged, some with what is said of them."""
    home = tmp_path_factory.mktemp("data") / "voices"
    home.mkdir()
    rng = np.random.default_rng(0)
    for index in range(NUM):
        channels = 2 if index == 3 else 1
        samples = rng.integers(-3000, 3000, (channels, 4000 + 100 * index)).astype(np.int16)
        write(Audio(samples, RATE), home / f"{index:02d}.v{index % 2}.wav")
        if index % 2:
            said = {"text": f"väl {index}", "speaker": f"s{index % 5}", "file": "x"}
            (home / f"{index:02d}.v1.json").write_text(json.dumps(said))
    (home / "07.v1.wav").write_text("no sound")
    (home / "99.wav").write_bytes(b"")
    return home


def prepare(folder: Path, out: Path, *more: str) -> int:
    return main(["prepare", str(folder), "--out", str(out), "--shard-mb", "0.1", *more])


def content(out: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def shards(folder, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("shards") / "out"
    assert prepare(folder, out) == OK
    return out


def test_the_bytes_are_the_same_with_two_workers(folder, shards, tmp_path):
    assert prepare(folder, tmp_path / "two", "--workers", "2") == OK
    assert content(tmp_path / "two") == content(shards)
    assert len(list(shards.glob("shard-*.tar"))) > 2


def test_they_are_the_same_on_a_cluster(folder, shards, tmp_path, cluster):
    assert prepare(folder, tmp_path / "many", "--workers", "2", "--ray", cluster) == OK
    assert content(tmp_path / "many") == content(shards)


def test_a_run_on_a_cluster_that_is_stopped_leaves_whole_files_alone_and_goes_on(folder, shards, tmp_path, cluster):
    class Stopped(Progress):
        def show(self, done: int, total: int, what: str) -> None:  # noqa: ARG002
            if done:
                self.cancel()

    task = Prepare.build({"data": folder, "out": tmp_path / "out", "shard_mb": 0.1, "ray": cluster, "workers": 2})
    with pytest.raises(Cancelled):
        list(task.run(Models(), Stopped()))
    assert content(tmp_path / "out").items() <= content(shards).items()
    assert prepare(folder, tmp_path / "out") == OK
    assert content(tmp_path / "out") == content(shards)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_that_is_killed_goes_on_to_the_same_bytes(folder, shards, tmp_path, workers):
    command = [sys.executable, "-m", "menura", "prepare", str(folder), "--out", str(tmp_path / "out")]
    run = subprocess.Popen([*command, "--shard-mb", "0.1", "--workers", workers], stderr=subprocess.DEVNULL)
    while not list((tmp_path / "out").glob("shard-*.tar")) and run.poll() is None:
        time.sleep(0.002)
    run.kill()
    run.wait()
    (tmp_path / "out" / ".0123456789ab.tmp.tar").write_bytes(b"unfinished")
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("shard-*.tar")}
    assert kept
    assert prepare(folder, tmp_path / "out") == OK
    assert content(tmp_path / "out") == content(shards)
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in kept.items()), "what is whole is not made again"


@pytest.mark.parametrize("after", range(0, NUM, 7))
def test_wherever_it_is_stopped_nothing_is_broken_and_it_goes_on(folder, shards, tmp_path, after):
    class Stopped(Progress):
        def show(self, done: int, total: int, what: str) -> None:
            assert (total, what) == (NUM + 1, "preparing")
            if done == after:
                self.cancel()

    task = Prepare.build({"data": folder, "out": tmp_path / "out", "shard_mb": 0.1})
    with pytest.raises(Cancelled):
        list(task.run(Models(), Stopped()))
    left = content(tmp_path / "out")
    assert not (tmp_path / "out" / "index.json").exists()
    assert left.items() <= content(shards).items(), "whole files alone are there"
    list(task.run(Models(), Progress()))
    assert content(tmp_path / "out") == content(shards)


def test_ctrl_c_stops_all_workers_and_leaves_whole_files_alone(folder, shards, tmp_path):
    command = [sys.executable, "-m", "menura", "prepare", str(folder), "--out", str(tmp_path / "out")]
    run = subprocess.Popen(
        [*command, "--shard-mb", "0.1", "--workers", "2"], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list((tmp_path / "out").glob("shard-*.tar")) and run.poll() is None:
        time.sleep(0.002)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert "Traceback" not in said
    assert content(tmp_path / "out").items() <= content(shards).items()


def test_damaged_files_are_named_left_out_and_counted(folder, tmp_path, capsys):
    assert prepare(folder, tmp_path / "out", "--json") == OK
    out, said = capsys.readouterr()
    (told,) = json.loads(out)["results"]
    assert (told["sounds"], told["left_out"]) == (NUM - 1, 2)
    assert [row["file"] for row in told["unreadable"]] == ["voices/07.v1.wav", "voices/99.wav"]
    assert any(row["found"].startswith("2 cannot be read: voices/07.v1.wav") for row in told["to_mend"])
    assert "left out voices/07.v1.wav: " in said
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "a.wav").write_text("no sound")
    assert prepare(tmp_path / "none", tmp_path / "out of none") == FAILED
    assert "not one sound could be read; none/a.wav: " in capsys.readouterr().err


def test_what_is_trained_on_is_what_the_folder_gives(folder, shards, tmp_path):
    """Sixteen-bit sound of one rate is kept to the last bit; names, rows and splits are as they were."""
    corpora = {
        home: SoundCorpus.of([("speech", one) for one in find_sounds(home, print)], RATE, tmp_path, Progress())
        for home in (folder, shards)
    }
    old, new = corpora.values()
    assert np.array_equal(old.samples, new.samples)
    assert (old.names, old.splits) == (new.names, new.splits)
    found = {sound.name: sound for sound in find_sounds(shards, print)}
    assert found["voices/05.v1.wav"].row["text"] == "väl 5"
    for path in shards.glob("*.index.jsonl"):
        path.rename(tmp_path / path.name)
    try:
        assert {one.name: (one.place, one.row) for one in find_sounds(shards, print)} == {
            name: (one.place, one.row) for name, one in found.items()
        }, "without indices too"
    finally:
        for path in tmp_path.glob("*.index.jsonl"):
            path.rename(shards / path.name)


def test_others_read_the_shards_as_webdatasets(shards):
    """Keys have no dots, the members of one stand together, and the index is that of `wids`."""
    about = json.loads((shards / "index.json").read_text())
    assert (about["__kind__"], about["wids_version"]) == ("wids-shard-index-v1", 1)
    keys = []
    for shard in about["shardlist"]:
        with tarfile.open(shards / shard["url"]) as tar:
            members = tar.getmembers()
        names = [member.name for member in members]
        assert names == [f"{name[:9]}{suffix}" for name in names[::2] for suffix in (".flac", ".json")]
        assert shard["nsamples"] == len(names) / 2
        assert {(member.mtime, member.uid, member.gname) for member in members} == {(0, 0, "")}
        keys += [name[:9] for name in names[::2]]
    assert len(set(keys)) == len(keys) == NUM - 1


def test_sounds_are_resampled_mixed_and_encoded_if_asked(folder, tmp_path, capsys):
    out = tmp_path / "out"
    more = ("--rate", "24000", "--mono", "--encode", "codec", "--kbps", "1.5")
    few = tmp_path / "few"
    few.mkdir()
    for name in ("03.v1.wav", "04.v0.wav"):
        (few / name).write_bytes((folder / name).read_bytes())
    assert prepare(few, out, *more) == OK
    for sound in find_sounds(out, print):
        heard = sound.read()
        assert (heard.sample_rate_hz, heard.num_channels) == (24_000, 1)
        with tarfile.open(sound.path) as tar:
            file = tar.extractfile(sound.member.replace(".flac", ".mnr"))
            assert file
            header, codes = mnr.read(io.BytesIO(file.read()))
        assert header.kbps <= 1.5
        assert codes.num_samples == heard.num_samples
    assert prepare(few, tmp_path / "two", *more, "--workers", "2") == OK
    assert content(tmp_path / "two") == content(out)
    assert prepare(few, out, "--encode", "nothing") != OK
    assert "no model 'nothing'" in capsys.readouterr().err


def test_a_folder_that_holds_something_else_is_refused(folder, shards, tmp_path, capsys):
    assert prepare(folder, shards, "--mono") == FAILED
    assert "holds shards of other sounds, or in another form" in capsys.readouterr().err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").write_text("x")
    assert prepare(folder, tmp_path / "mine") == FAILED
    assert "holds other files; name a new folder" in capsys.readouterr().err
    assert prepare(folder, folder / "shards") == FAILED
    assert "would be prepared itself the next time" in capsys.readouterr().err
    assert not (folder / "shards").exists()
    assert prepare(folder, shards) == OK, "what is whole is told again"


def test_a_disk_that_is_full_is_no_damaged_sound(folder, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("menura.data.prepare._add", full)
    shard = Shard(tmp_path / "s.tar", 0, tuple(find_sounds(folder, print)))
    task = Prepare.build({"data": folder, "out": tmp_path})
    with pytest.raises(OSError, match="No space left"):
        write_shard(task._form(Models()), shard, lambda: None)
    assert not list(tmp_path.iterdir())
