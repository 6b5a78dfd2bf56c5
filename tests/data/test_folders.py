"""A folder is looked through whole, through links too, each file once, and what is passed over is said."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menura.data.folders import each_once, files_under


@dataclass(frozen=True)
class File:
    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        return self.path.as_posix()


def put(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def link(path: Path, target: Path | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


def look(folder: Path) -> tuple[list[str], list[str]]:
    """Names of the ``.wav`` files, each once, and what was said."""
    said: list[str] = []
    paths = files_under(folder, lambda name: name.endswith(".wav"), said.append)
    found = each_once([File(path) for path in paths], folder, said.append)
    return [file.path.relative_to(folder).as_posix() for file in found], said


def test_a_cache_made_of_links_is_read(tmp_path):
    """As Hugging Face's: snapshots hold links to blobs, which have no suffix."""
    home = tmp_path / "datasets--me--bells"
    for number in range(3):
        put(home / "blobs" / f"{number}{number}", str(number))
        link(home / "snapshots" / "abc" / "data" / f"{number}.wav", f"../../../blobs/{number}{number}")
        link(home / "snapshots" / "def" / f"{number}.wav", f"../../blobs/{number}{number}")
    names, said = look(home / "snapshots" / "abc")
    assert names == ["data/0.wav", "data/1.wav", "data/2.wav"]
    assert said == [
        f"3 files lie outside {home}/snapshots/abc, behind links, and are read: "
        f"{home}/snapshots/abc/data/0.wav is {home}/blobs/00"
    ]
    names, said = look(home)
    assert names == [f"snapshots/abc/data/{number}.wav" for number in range(3)]
    assert "3 names lead to files that are read already" in said[0]


def test_a_linked_folder_is_looked_into_and_a_file_keeps_its_own_name(tmp_path):
    put(tmp_path / "elsewhere" / "deep" / "b.wav")
    home = tmp_path / "home"
    put(home / "z" / "a.wav")
    link(home / "a", "z")
    link(home / "c.wav", "z/a.wav")
    link(home / "more", "../elsewhere")
    names, said = look(home)
    assert names == ["more/deep/b.wav", "z/a.wav"]
    assert [line.split(" ", 1)[1].split(",")[0] for line in said] == [
        f"leads to {home}/z",
        f"files lie outside {home}",
        "names lead to files that are read already",
    ]


@pytest.mark.parametrize("target", ["loop", ".", "..", "../..", "/", "../home", "a/inner"])
def test_loops_end_and_links_to_what_holds_the_folder_are_not_followed(tmp_path, target):
    home = tmp_path / "home"
    put(tmp_path / "not-asked-for.wav")
    put(home / "a" / "x.wav")
    link(home / "a" / "inner", "../b")
    link(home / "b" / "back", "../a")
    link(home / "loop", target)
    names, said = look(home)
    assert names == ["a/x.wav"]
    assert said


def test_a_link_that_leads_nowhere_is_found_so_that_it_can_be_named(tmp_path):
    link(tmp_path / "gone.wav", "nowhere.wav")
    link(tmp_path / "self.wav", "self.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    assert look(tmp_path)[0] == ["gone.wav", "self.wav"]


def test_hidden_names_are_passed_over_and_said(tmp_path):
    for name in ("a.wav", "._a.wav", "__MACOSX/._a.wav", ".git/b.wav", ".DS_Store", "dir/.hidden.wav"):
        put(tmp_path / name)
    names, said = look(tmp_path)
    assert names == ["a.wav"]
    assert said == ["4 hidden files or folders are passed over, as ._a.wav"]


def test_a_folder_that_may_not_be_looked_into_is_said(tmp_path, monkeypatch):
    put(tmp_path / "open" / "a.wav")
    put(tmp_path / "shut" / "b.wav")
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    names, said = look(tmp_path)
    assert names == ["open/a.wav"]
    assert said == [f"{tmp_path}/shut cannot be looked into (permission denied); what it holds is missing"]


_PLACES = ("a", "b", "a/c", "a/c/d", "e")


@given(st.lists(st.tuples(st.sampled_from(_PLACES), st.sampled_from([*_PLACES, ".", "../out"])), max_size=8))
def test_whatever_the_links_every_file_is_read_exactly_once(tmp_path_factory, links):
    home = tmp_path_factory.mktemp("any") / "home"
    for place in (*_PLACES, "../out"):
        put(home / place / "x.wav", place)
    for number, (place, target) in enumerate(links):
        link(home / place / f"link-{number}", home / target)
    names, _ = look(home)
    contents = sorted((home / name).read_text() for name in names)
    reached = {"../out"} if any(target == "../out" for _, target in links) else set()
    assert contents == sorted({*_PLACES} | reached)
