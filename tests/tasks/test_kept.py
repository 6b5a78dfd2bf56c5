"""What was made once is found as it was, by all that it was made of; nothing that is damaged is taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from menura.tasks.kept import Kept, told

ONES = np.ones(100, np.float32)


@pytest.fixture
def kept(monkeypatch, tmp_path):
    monkeypatch.setenv("MENURA_CACHE", str(tmp_path))
    return Kept("songs", memory_bytes=1000, disk_bytes=2000)


def test_it_is_made_once_and_read_by_other_processes(kept):
    made = []

    def make():
        made.append(1)
        return {"sound": ONES, "words": np.frombuffer(b"la", np.uint8)}

    first, again = kept.get(("a", told(ONES)), make), kept.get(("a", told(ONES)), make)
    kept.forget()
    read = kept.get(("a", told(ONES)), make)
    assert len(made) == 1
    assert first is again
    assert np.array_equal(read["sound"], ONES)
    assert read["words"].tobytes() == b"la"
    kept.get(("a", told(ONES + 1)), make)
    assert len(made) == 2


def test_nobody_changes_it(kept):
    with pytest.raises(ValueError, match="read-only"):
        kept.get("a", lambda: {"sound": ONES.copy()})["sound"][0] = 2


def test_the_oldest_make_room(kept):
    for number in range(8):
        kept.get(number, lambda: {"sound": ONES})
    assert sum(path.stat().st_size for path in kept.folder.iterdir()) <= 2000


def test_a_damaged_file_or_a_folder_that_cannot_be_is_as_nothing(kept):
    kept.get("a", lambda: {"sound": ONES})
    (file,) = kept.folder.iterdir()
    file.write_bytes(file.read_bytes()[:50])
    kept.forget()
    assert kept.get("a", lambda: {"sound": 2 * ONES})["sound"][0] == 2
    blocked = Kept("songs/" + file.name, 1000, 2000)
    assert blocked.get("a", lambda: {"sound": 3 * ONES})["sound"][0] == 3
