"""Files appear whole or not at all, and never over another unless asked."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura import files


@contextmanager
def as_nobody() -> Iterator[None]:
    """As a user who may not write everywhere, which root may."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@given(st.text(), st.integers(1, 60))
def test_a_slug_is_a_safe_short_file_name(text, length):
    slug = files.slug(text, length)
    assert len(slug) <= length
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
    assert files.slug(slug, length) == slug


def test_a_slug_keeps_whole_words_and_accented_letters():
    assert files.slug("A slow Waltz, for flûte & piano!", 20) == "a-slow-waltz-for"
    assert files.slug("日本") == ""


def test_a_file_is_replaced_only_when_asked(tmp_path):
    path = tmp_path / "new" / "a.txt"
    files.write_bytes(path, b"one")
    with pytest.raises(FileExistsError, match=r"a\.txt exists already"):
        files.write_bytes(path, b"two")
    assert path.read_bytes() == b"one"
    files.write_bytes(path, b"two", overwrite=True)
    assert path.read_bytes() == b"two"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_interrupted_write_leaves_nothing_behind(tmp_path, error):
    def write_half(folder: Path) -> None:
        with files.writing(folder / "a.txt", overwrite=True) as temporary:
            temporary.write_text("half")
            raise error

    def write_half_of_two(folder: Path) -> None:
        with files.writing_beside(folder / "b", overwrite=True) as stem:
            files.suffixed(stem, ".txt").write_text("one of two")
            raise error

    def write_half_a_folder(folder: Path) -> None:
        with files.writing_folder(folder / "c", overwrite=True) as temporary:
            (temporary / "c.txt").write_text("one of two")
            raise error

    (tmp_path / "a.txt").write_text("whole")
    for write in (write_half, write_half_of_two, write_half_a_folder):
        with pytest.raises(error):
            write(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_files_written_together_move_together_or_not_at_all(tmp_path):
    def write(text: str, overwrite: bool = False) -> None:
        with files.writing_beside(tmp_path / "v1.2", overwrite) as stem:
            files.suffixed(stem, ".mid").write_text(text)
            files.suffixed(stem, "-stems").mkdir()
            (files.suffixed(stem, "-stems") / "flute.wav").write_text(text)

    write("one")
    (tmp_path / "v1.2-stems" / "other.wav").write_text("theirs")
    (tmp_path / "v1.2.mid").unlink()
    with pytest.raises(FileExistsError, match=r"flute\.wav"):
        write("two")
    assert not (tmp_path / "v1.2.mid").exists()
    write("two", overwrite=True)
    found = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"v1.2.mid": "two", "v1.2-stems/flute.wav": "two", "v1.2-stems/other.wav": "theirs"}


def listing(folder: Path) -> dict[str, str | None]:
    """What is below a folder: path -> text of a file, or None for a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_text() if path.is_file() else None for path in folder.rglob("*")
    }


NAMES = ("a.mid", "a.wav", "a-stems/1.wav", "a-stems/2.wav", "a.zip")


@settings(max_examples=60)
@given(
    st.sets(st.sampled_from(NAMES)),
    st.none() | st.sampled_from([*NAMES, "a-stems"]),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(0, 14),
)
def test_files_take_the_place_of_others_all_or_none(theirs, obstacle, overwrite, has_links, failing_call):
    """Whatever stands in the way, and whichever call of the system fails: all files are new, or all is as before."""
    calls = 0

    def interposed(call, is_link=False):
        def function(*values, **named):
            nonlocal calls
            calls += 1
            if calls - 1 == failing_call or (is_link and not has_links):
                raise OSError(errno.EIO, "Input/output error")
            return call(*values, **named)

        return function

    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        for path in theirs - {obstacle}:
            if obstacle != "a-stems" or "/" not in path:
                files.write_bytes(folder / path, b"theirs")
        if obstacle == "a-stems":
            (folder / obstacle).write_text("a file where a folder should be")
        elif obstacle:
            (folder / obstacle).mkdir(parents=True)
        before, works = listing(folder), not obstacle and (overwrite or not theirs) and failing_call is None
        patch.setattr(files.os, "link", interposed(os.link, is_link=True))
        patch.setattr(files.os, "replace", interposed(os.replace))
        try:
            with files.writing_beside(folder / "a", overwrite) as stem:
                for path in NAMES:
                    (stem.parent / path).parent.mkdir(exist_ok=True)
                    (stem.parent / path).write_text("ours")
        except OSError:
            assert not works
            assert listing(folder) == before
        else:
            assert {path: text for path, text in listing(folder).items() if text} == dict.fromkeys(NAMES, "ours")


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_that_appears_while_another_is_written_stays(tmp_path, monkeypatch, has_links):
    """Also on a file system without links."""
    if not has_links:
        monkeypatch.setattr(files.os, "link", Mock(side_effect=PermissionError(errno.EPERM, "Operation not permitted")))

    def write_a() -> None:
        with files.writing(tmp_path / "a.txt") as temporary:
            temporary.write_text("ours")
            (tmp_path / "a.txt").write_text("theirs")

    def write_b() -> None:
        with files.writing_beside(tmp_path / "b") as stem:
            for suffix in (".mid", ".txt"):
                files.suffixed(stem, suffix).write_text("ours")
            (tmp_path / "b.txt").write_text("theirs")

    for write in (write_a, write_b):
        with pytest.raises(FileExistsError, match=r"\.txt exists already"):
            write()
    assert listing(tmp_path) == {"a.txt": "theirs", "b.txt": "theirs"}
    files.write_bytes(tmp_path / "c.txt", b"ours")
    assert (tmp_path / "c.txt").read_text() == "ours"


@pytest.mark.parametrize("write", [files.writing, files.writing_beside, files.writing_folder])
def test_a_folder_that_cannot_be_written_to_is_named(write):
    """And not the temporary file that could not be made in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "file").write_text("")
        with pytest.raises(NotADirectoryError, match=r"/file is not a folder$"), write(folder / "file" / "new" / "a"):
            pass
        folder.chmod(0o555)
        refused = pytest.raises(PermissionError, match=f"the folder {name} cannot be written to")
        with as_nobody(), refused, write(folder / "new" / "a"):
            pass
        folder.chmod(0o755)
        assert [path.name for path in folder.iterdir()] == ["file"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_only_files_are_ever_replaced(tmp_path, overwrite):
    """No folder, no link to one and no pipe, however much it is asked for."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    os.mkfifo(tmp_path / "pipe")
    for path in tmp_path.iterdir():
        with pytest.raises(OSError, match=path.name), files.writing(path, overwrite) as temporary:
            temporary.write_text("ours")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link", "pipe"]


def test_a_written_folder_keeps_what_else_is_there(tmp_path):
    folder = tmp_path / "model"
    with files.writing_folder(folder) as temporary:
        (temporary / "a").write_text("one")
    (folder / "mine").write_text("kept")
    with pytest.raises(FileExistsError), files.writing_folder(folder) as temporary:
        (temporary / "a").write_text("two")
    with files.writing_folder(folder, overwrite=True) as temporary:
        (temporary / "a").write_text("two")
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"a": "two", "mine": "kept"}


def test_a_file_written_by_anyone_can_be_read_by_others(tmp_path):
    (tmp_path / "plain").write_text("")
    files.write_bytes(tmp_path / "a", b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_hash_is_the_one_sha256sum_prints(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.sha256(tmp_path / "abc") == f"sha256:{digest}"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_json_comes_back_as_written(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("json") / "a.json"
    files.write_json(path, content)
    assert files.read_json(path) == json.loads(path.read_text(encoding="utf-8")) == content


@given(st.binary(max_size=40))
def test_any_other_bytes_are_refused_in_one_line(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_bytes(content)
    try:
        assert isinstance(files.read_json(path), dict)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017
        assert "a.json" in str(error)  # noqa: PT017


def test_reading_has_a_limit(tmp_path):
    (tmp_path / "a").write_bytes(b"1234")
    assert files.read_bytes(tmp_path / "a", 4) == b"1234"
    with pytest.raises(ValueError, match="larger than 3 bytes"):
        files.read_bytes(tmp_path / "a", 3)
