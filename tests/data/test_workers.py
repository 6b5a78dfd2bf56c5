"""Whoever does the work, every item is worked on once, steps are told, and stopping or failing ends all of it."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from multiprocessing import active_children
from pathlib import Path

import pytest

from menura.data.workers import in_processes, in_turn, on_ray
from menura.progress import Cancelled


def leave(folder: Path, item: int, tick) -> None:
    """A file for every item, by whom, in as many steps as its number."""
    for _ in range(item):
        tick()
    with (folder / str(item)).open("a") as file:
        file.write(f"{os.getpid()}\n")
    if item == 99:
        raise OSError("no space is left")


def dawdle(_folder: Path, _item: int, tick) -> None:
    while True:
        time.sleep(0.01)
        tick()


def die(_folder: Path, _item: int, _tick) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_two(work, items, told) -> None:
    in_processes(work, items, 2, told)


@pytest.mark.parametrize("share", [in_turn, in_two])
def test_all_is_done_once_and_every_step_is_told(share, tmp_path):
    steps: list[int] = []
    share(partial(leave, tmp_path), range(1, 7), steps.append)
    assert sum(steps) == sum(range(1, 7))
    who = {int(path.name): path.read_text().split() for path in tmp_path.iterdir()}
    assert sorted(who) == list(range(1, 7))
    assert all(len(each) == 1 for each in who.values())
    assert ({str(os.getpid())} == {pid for (pid,) in who.values()}) == (share is in_turn)


@pytest.mark.parametrize("share", [in_turn, in_two])
def test_a_failure_is_one_line(share, tmp_path):
    with pytest.raises(OSError, match=r"^no space is left$"):
        share(partial(leave, tmp_path), [1, 99], lambda _: None)


def test_a_failure_on_a_cluster_is_one_line(cluster, tmp_path):
    with pytest.raises(OSError, match=r"^no space is left$"):
        on_ray(partial(leave, tmp_path), [1, 99], cluster, 2, lambda _: None)


def test_whoever_is_told_can_end_the_work_of_the_processes(tmp_path):
    def stop(_more: int) -> None:
        raise Cancelled("enough")

    started = time.monotonic()
    with pytest.raises(Cancelled, match="enough"):
        in_two(partial(dawdle, tmp_path), range(4), stop)
    assert time.monotonic() - started < 60


def test_a_process_that_is_killed_is_told_in_one_line(tmp_path):
    with pytest.raises(ChildProcessError, match="a worker was killed"):
        in_two(partial(die, tmp_path), range(2), lambda _: None)


def test_a_cluster_that_is_not_there_is_told_in_one_line(tmp_path):
    pytest.importorskip("ray")
    with pytest.raises(ConnectionError, match=r"^no cluster answers at 127\.0\.0\.1:1: [^\n]+$"):
        on_ray(partial(leave, tmp_path), [1], "127.0.0.1:1", 2, lambda _: None)


def test_ray_that_ends_by_itself_is_told_in_one_line(cluster, tmp_path):
    def kill_ray(_more: int) -> None:
        (child,) = active_children()
        child.kill()
        child.join()

    with pytest.raises(ChildProcessError, match=r"^Ray ended by itself[^\n]+$"):
        on_ray(partial(leave, tmp_path), [1, 2, 3, 4], cluster, 1, kill_ray)


def test_ray_is_told_of_where_it_is_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    monkeypatch.setattr("menura.extras.find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"a cluster needs ray; .*menura\[scale\]"):
        on_ray(partial(leave, tmp_path), [1], "local", 2, lambda _: None)
