"""A server takes no folder but its own, and says in one line what is wrong with it; it changes nothing in others."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from menura.app.server import database
from menura.app.server.database import as_json, is_disk_full
from menura.app.server.records import DONE
from menura.app.server.store import Store


def contents(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def of_another_program(path: Path, *tables: str) -> None:
    with sqlite3.connect(path) as other:
        for table in tables:
            other.execute(f"CREATE TABLE {table} (id)")
    other.close()


@pytest.mark.parametrize(
    "files",
    [
        ["song.wav"],
        ["files/holiday.jpg"],
        ["jobs/thesis.doc"],
        ["jobs/job-00000000000000000000/a.wav", "notes.txt"],
        ["files/file-00000000000000000000", "files/mine"],
        ["jobs/job-0"],
        ["other.sqlite"],
        [".bashrc"],
    ],
)
def test_a_folder_of_other_things_is_refused_and_left_as_it_was(tmp_path, files):
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(b"dear")
    before = contents(tmp_path)
    with pytest.raises(ValueError, match="no folder of menura serve"):
        Store(tmp_path)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("tables", [("songs",), ("jobs",), ("jobs", "files", "users")])
def test_a_database_of_another_program_is_refused_and_left_as_it_was(tmp_path, tables):
    of_another_program(tmp_path / "jobs.sqlite", *tables)
    with sqlite3.connect(tmp_path / "jobs.sqlite") as other:
        before = other.execute("SELECT * FROM sqlite_master").fetchall()
    other.close()
    with pytest.raises(ValueError, match="no database of menura serve"):
        Store(tmp_path)
    with sqlite3.connect(tmp_path / "jobs.sqlite") as other:
        assert other.execute("SELECT * FROM sqlite_master").fetchall() == before
    other.close()


def test_what_a_file_system_makes_or_a_former_start_left_is_no_reason_to_refuse(tmp_path):
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "jobs").mkdir()
    Store(tmp_path).close()
    Store(tmp_path / "deep" / "within").close()


def filled(folder: Path) -> Path:
    """A state folder with enough rows that its tables take several pages."""
    store = Store(folder)
    for _ in range(40):
        id = store.add("a", "x", {"prompt": "y" * 500}, {}, max_queued=100, max_queued_of_client=100).id
        store.end(id, DONE)
        (store.job_folder(id) / "piece.wav").write_bytes(b"dear")
    store.close()
    return folder / "jobs.sqlite"


DAMAGES = {
    "written over": lambda content: b"x" * len(content),
    "its head lost": lambda content: bytes(4096) + content[4096:],
    "cut in half": lambda content: content[: len(content) // 2],
    "a few bytes": lambda content: content[:100],
    "a page of rows lost": lambda content: (lambda at: content[:at] + b"\xff" * 4096 + content[at + 4096 :])(
        content.rindex(b"y" * 400) // 4096 * 4096
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_said_and_nothing_is_touched(tmp_path, damage):
    path = filled(tmp_path / "state")
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    before = {name: content for name, content in contents(tmp_path).items() if "sqlite" not in name}
    with pytest.raises(ValueError, match=r"jobs\.sqlite is damaged .*put back a copy"):
        Store(tmp_path / "state").recover()
    assert {name: content for name, content in contents(tmp_path).items() if "sqlite" not in name} == before


def test_a_folder_of_a_later_version_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_VERSION", 99)
    Store(tmp_path).close()
    monkeypatch.undo()
    with pytest.raises(ValueError, match="later Menura"):
        Store(tmp_path)


def test_a_file_in_the_place_of_the_folder_or_the_database_is_said(tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ValueError, match=r"state: .* cannot be used: (file exists|not a directory); name another"):
            Store(place)
    (tmp_path / "state" / "jobs.sqlite").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"jobs\.sqlite cannot be used"):
        Store(tmp_path / "state")


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EROFS, "read-only file system"), (errno.EACCES, "permission denied"), (errno.ENOSPC, "the disk is full")],
)
def test_a_folder_that_cannot_be_written_to_is_said(tmp_path, monkeypatch, number, said):
    def refused(**_named):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(database.tempfile, "TemporaryFile", refused)
    with pytest.raises(ValueError, match=f"state: .* cannot be used: {said}; name another"):
        Store(tmp_path)


def test_a_full_disk_is_known_by_what_failed_on_it(tmp_path):
    full = sqlite3.connect(tmp_path / "x.sqlite")
    full.execute("PRAGMA page_size = 512")
    full.execute("PRAGMA max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as caught:
        full.execute("CREATE TABLE x AS SELECT zeroblob(9999)")
    full.close()
    assert is_disk_full(caught.value)
    assert is_disk_full(OSError(errno.ENOSPC, "no"))
    wrapped = ValueError("cannot write")
    wrapped.__cause__ = OSError(errno.EDQUOT, "no")
    assert is_disk_full(wrapped)
    assert not is_disk_full(OSError(errno.EACCES, "no"), tmp_path)
    assert not is_disk_full(ValueError("no"), tmp_path / "gone")


def test_json_for_rows_is_what_every_reader_takes():
    assert as_json({"a": [1.5, float("-inf"), True, None, Path("x")]}) == '{"a": [1.5, null, true, null, "x"]}'
