"""Manifests are believed in what they say of files, and in nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.data.manifests import SPLITS, inside, rows, split_of


def test_rows_come_in_order_with_their_place(tmp_path):
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text('{"file": "a.wav", "text": "one"}\n\n{"file": "b.wav"}\n')
    assert [(where.rpartition(" ")[2], row["file"]) for where, row in rows(manifest)] == [
        ("1", "a.wav"),
        ("3", "b.wav"),
    ]


@pytest.mark.parametrize("line", ["{", "[]", '{"file": 3}', "[" * 100_000, "\x00\xff"])
def test_a_line_that_is_none_is_told_with_its_place(tmp_path, line):
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text(json.dumps({"file": "a.wav"}) + "\n" + line, encoding="latin-1")
    with pytest.raises(ValueError, match="line 2 is not") as refusal:
        list(rows(manifest))
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize("name", ["../x.wav", "/etc/passwd", "a/../../x.wav"])
def test_files_outside_the_folder_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match="lies outside the folder"):
        inside(tmp_path / "home", name, "here")


@given(st.text(max_size=20), st.sampled_from(["", "train", "VALID", "dev", "test", "nonsense"]))
def test_a_split_is_the_one_that_is_said_or_follows_the_group(group, said):
    split = split_of({"split": said}, group)
    assert split in SPLITS
    if said in ("train", "test"):
        assert split == said
    if said in ("VALID", "dev"):
        assert split == "valid"
    assert split_of({"split": said}, group, trusted=False) == split_of({}, group)


def test_about_one_group_in_twenty_is_held_out():
    splits = [split_of({}, str(number)) for number in range(2000)]
    for split in ("valid", "test"):
        assert 60 < splits.count(split) < 140
