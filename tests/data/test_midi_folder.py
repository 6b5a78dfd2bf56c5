"""A folder is read in a fixed order, manifests are believed only where they can be, and works stay together."""

from __future__ import annotations

import json
import zipfile

import pytest

from menura.data.manifests import SPLITS
from menura.data.midi_folder import ScoreFile, find_scores
from menura.progress import Progress
from menura.score import midi


@pytest.fixture
def collection(tunes, tmp_path):
    """A folder with a manifest, a zip that holds two of its files, and one beside it."""
    loose = tunes(4)
    home = tmp_path / "data" / "set-a"
    home.mkdir(parents=True)
    with zipfile.ZipFile(home / "all.zip", "w") as archive:
        for seed in (0, 1):
            archive.write(loose / f"tune-{seed}.mid", f"midi/tune-{seed}.mid")
    (home / "tune-2.mid").write_bytes((loose / "tune-2.mid").read_bytes())
    rows = [{"file": f"midi/tune-{seed}.mid", "composer": "Bach", "split": "train"} for seed in (0, 1)]
    rows += [{"file": "tune-2.mid", "split": "validation"}, {"file": "notes.txt"}]
    (home / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    return home


def test_a_manifest_leads_to_files_in_a_zip_and_beside_it(collection):
    found = find_scores(collection.parent, Progress().say)
    assert [file.name for file in found] == [
        "set-a/midi/tune-0.mid",
        "set-a/midi/tune-1.mid",
        "set-a/tune-2.mid",
    ]
    assert all(midi.read(file.read()).num_notes for file in found)
    assert found[0].row["composer"] == "Bach"
    assert [file.split() for file in found] == ["train", "train", "valid"]


def test_a_folder_without_a_manifest_is_searched_through(tunes, tmp_path):
    tunes(2, tmp_path / "music" / "schubert")
    (tmp_path / "music" / "b.MIDI").write_bytes((tmp_path / "music" / "schubert" / "tune-0.mid").read_bytes())
    found = find_scores(tmp_path / "music", Progress().say)
    assert [file.name for file in found] == ["music/b.MIDI", "music/schubert/tune-0.mid", "music/schubert/tune-1.mid"]
    assert found[1].row == {"collection": "schubert", "source_path": "schubert/tune-0.mid"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 1 is not JSON"),
        ("[1]", "line 1 is not an object with a file"),
        ('{"title": "x"}', "line 1 is not an object with a file"),
        ('{"file": 3}', "line 1 is not an object with a file"),
        ('{"file": "../../secret.mid"}', "lies outside the folder of the manifest"),
        ('{"file": "/etc/secret.mid"}', "lies outside the folder of the manifest"),
        ("[" * 100_000, "line 1 is not JSON"),
    ],
)
def test_a_manifest_that_is_not_sound_is_told_by_line(tmp_path, line, words):
    (tmp_path / "manifest.jsonl").write_text(line + "\n")
    with pytest.raises(ValueError, match=words):
        find_scores(tmp_path, Progress().say)


def test_a_zip_that_is_none_and_a_folder_that_is_none_are_told(collection, tmp_path):
    (collection / "b.zip").write_text("no zip")
    with pytest.raises(ValueError, match=r"b\.zip is not a sound zip file"):
        find_scores(collection, Progress().say)
    with pytest.raises(ValueError, match="is not a folder; give one that holds MIDI files"):
        find_scores(tmp_path / "nothing", Progress().say)


def test_a_damaged_or_endless_member_of_a_zip_is_an_error_of_that_file_alone(collection):
    with zipfile.ZipFile(collection / "all.zip", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.mid", bytes(17 << 20))
    with (collection / "manifest.jsonl").open("a") as manifest:
        manifest.write('{"file": "bomb.mid"}\n{"file": "missing.mid"}\n')
    *_, bomb, missing = find_scores(collection, Progress().say)
    with pytest.raises(ValueError, match="larger than 16 MB"):
        bomb.read()
    with pytest.raises(FileNotFoundError):
        missing.read()


@pytest.mark.parametrize("spellings", [("Op. 10", "op.10", "OP. 10.", "[Op. 10]"), ("Op. 32", "Op. 32 No. 1")])
def test_editions_of_one_opus_never_fall_into_different_splits(tmp_path, spellings):
    rows = [{"opus": opus, "editions": 2, "split": split} for opus, split in zip(spellings, 2 * SPLITS, strict=False)]
    files = [ScoreFile(f"set/{number}.mid", tmp_path, row) for number, row in enumerate(rows)]
    assert len({file.group() for file in files}) == 1
    assert len({file.split() for file in files}) == 1


def test_about_one_file_in_twenty_is_held_out_for_each_purpose(tmp_path):
    splits = [ScoreFile(f"set/{number}.mid", tmp_path, {}).split() for number in range(2000)]
    assert 60 < splits.count("valid") < 140
    assert 60 < splits.count("test") < 140
