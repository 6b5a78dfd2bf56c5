"""A log says each step once, however often a run was killed."""

from __future__ import annotations

from menura.train.log import Log, read


def test_what_is_done_again_is_said_once(tmp_path):
    path = tmp_path / "log.jsonl"
    with Log(path, 0) as log:
        for step in range(1, 6):
            log.write({"step": step, "loss": step})
    with path.open("a") as file:
        file.write('{"step": 6, "lo')
    with Log(path, 3) as log:
        log.write({"step": 4, "loss": 40})
    assert [(row["step"], row["loss"]) for row in read(path)] == [(1, 1), (2, 2), (3, 3), (4, 40)]


def test_a_line_is_there_as_soon_as_it_is_written(tmp_path):
    with Log(tmp_path / "log.jsonl", 0) as log:
        log.write({"step": 1})
        assert list(read(tmp_path / "log.jsonl")) == [{"step": 1}]
