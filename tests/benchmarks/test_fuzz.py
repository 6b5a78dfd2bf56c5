"""A few cases for each reader pass, and what should not be is found: exceptions, long lines, warnings, time, memory."""

from __future__ import annotations

import mmap
import os
import random
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import fuzz
from measures.readers import READERS, Reader
from menura import files
from menura.progress import warn


@pytest.mark.parametrize("name", READERS)
def test_a_few_cases_of_each_kind_are_read_or_refused(name, tmp_path):
    """Valid input is read; damaged input is one of the two."""
    reader = fuzz.ready(READERS[name], tmp_path / name)
    outcomes = [fuzz.tried(reader, fuzz.drawn(reader, 1, number), 20.0, 512.0) for number in range(8)]
    assert [one.finding for one in outcomes if one.finding] == []


class Hostile(Reader):
    """Does what it is given."""

    name = "hostile"

    def __init__(self, _folder: Path) -> None: ...

    def valid(self) -> list:
        return []

    def draw(self, rng: random.Random) -> int:
        return rng.randrange(3)

    def read(self, given: Callable[[], object]) -> None:
        given()


def _refuse(text: str) -> None:
    raise ValueError(text)


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        (lambda: None, None),
        (lambda: files.parse_json(b"[", "this"), None),
        (lambda: Path("/nowhere/at/all").read_bytes(), None),
        (lambda: warn("is odd"), None),
        (lambda: {}["x"], "KeyError"),
        (lambda: int("x"), "not of ours"),
        (lambda: b"\xff".decode(), "UnicodeDecodeError"),
        (lambda: files.parse_json(b"[", "two\nlines"), "no printable line"),
        (lambda: files.parse_json(b"[", "x" * 2000), "signs"),
        (lambda: warn("two\nlines"), "no printable line"),
        (lambda: warnings.warn("deep within", RuntimeWarning, stacklevel=1), "RuntimeWarning"),
        (lambda: sum(range(10**7)), "s$"),
        (lambda: np.frombuffer(mmap.mmap(-1, 30 << 20), np.uint8).fill(1), "MB"),  # room nobody had before
        (lambda: bytearray(4 << 30), "MemoryError"),
    ],
)
def test_what_should_not_be_is_found(deed, found, tmp_path):
    outcome = fuzz.tried(Hostile(tmp_path), deed, 0.05 if found == "s$" else 10.0, 20.0)
    assert (outcome.finding is None) if found is None else found.rstrip("$") in (outcome.finding or "")


def test_a_worker_that_crashes_or_hangs_is_a_finding_and_is_begun_again(monkeypatch):
    """Neither ends the run."""
    monkeypatch.setattr(fuzz, "_serve", _serve)
    worker = fuzz.Worker(0, seconds=0.2, megabytes=64)
    try:
        worker.prepared = {"x"}
        assert "exit code 7" in (worker.run("x", 7).finding or "")
        worker.prepared = {"x"}
        assert "has not ended" in (worker.run("x", 0).finding or "")
    finally:
        worker.stop()


def _serve(connection, *_) -> None:
    _, number = connection.recv()
    if number:
        os._exit(number)
    time.sleep(60)


def test_the_command_prints_a_table_and_says_how_it_went(capsys):
    with pytest.raises(SystemExit) as ended:
        fuzz.main(["--cases", "3", "--only", "prompt"])
    assert ended.value.code == 0
    table = capsys.readouterr().out
    assert table.startswith("| reader | cases |")
    assert "| prompt | 3 |" in table
