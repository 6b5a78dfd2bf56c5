"""Turns at working go round: first come, first served, and no more at once than there may be."""

from __future__ import annotations

import time
from threading import Lock, Thread

from menura.app.server.turns import Turns


def test_so_many_work_at_once_and_everybody_gets_a_turn():
    turns, lock, working, most, worked = Turns(2), Lock(), 0, 0, []

    def work(name):
        nonlocal working, most
        for _ in range(5):
            assert turns.take(lambda: True)
            with lock:
                working += 1
                most = max(most, working)
            time.sleep(0.002)
            with lock:
                working -= 1
                worked.append(name)
            turns.give_back()

    threads = [Thread(target=work, args=(name,)) for name in range(6)]
    assert turns.take(lambda: True)
    assert turns.take(lambda: True)
    for thread in threads:
        thread.start()
    while turns.num_waiting < 6:  # all are in line before the first works
        time.sleep(0.001)
    turns.give_back()
    turns.give_back()
    for thread in threads:
        thread.join()
    assert most == 2
    assert sorted(worked) == sorted(5 * list(range(6)))
    assert set(worked[:12]) == set(range(6))  # nobody works twice while others have not had a turn


def test_whoever_waits_no_longer_leaves_the_line_to_the_next():
    turns = Turns(1)
    assert turns.is_free
    assert turns.take(lambda: True)
    assert not turns.is_free
    assert not turns.take(lambda: False)
    assert turns.num_waiting == 0
    turns.give_back()
    assert turns.take(lambda: False)
