"""Work that is shared out: in turn, to processes of this machine, or to a cluster by Ray.

Work is a function of an item and of a ``tick``, which it calls after every step. Items are given to whoever is free, in
no order that matters, so what is made of one may depend on that alone.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection, get_context, parent_process
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from socket import create_connection
from threading import Thread
from typing import Any, Generic, TypeVar

from menura.extras import require
from menura.progress import Cancelled

Item = TypeVar("Item")
Work = Callable[[Item, Callable[[], None]], None]
Told = Callable[[int], None]
"""Is told how many more steps are done; raises `Cancelled` to end the work."""

_LOOK_EVERY_S = 0.1


def in_turn(work: Work[Item], items: Sequence[Item], told: Told) -> None:
    """Do the work on every item, here."""
    for item in items:
        work(item, partial(told, 1))


def in_processes(work: Work[Item], items: Sequence[Item], count: int, told: Told) -> None:
    """Do the work on every item, in some processes. They end with this one, however it ends.

    Args:
        work: can be pickled, as the items.
        items: what to work on.
        count: of processes.
        told: is told of steps, ten times a second.

    Raises:
        ChildProcessError: a process ended by itself.
    """
    context = get_context("spawn")
    stop, steps, seen = context.Event(), context.Value("q", 0), 0
    with ProcessPoolExecutor(count, context, _begin, (stop, steps)) as pool:
        waiting = {pool.submit(_do, work, item) for item in items}
        try:
            while waiting:
                done, waiting = wait(waiting, _LOOK_EVERY_S)
                for future in done:
                    future.result()
                now = steps.value
                told(now - seen)
                seen = now
        except BrokenProcessPool as error:
            raise ChildProcessError("a worker was killed, by the system for want of memory perhaps") from error
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


class _Worker:
    """What a process was given when it began."""

    stop: Event
    steps: Synchronized[int]


def _begin(stop: Event, steps: Synchronized[int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that shares out, which then says so
    _Worker.stop, _Worker.steps = stop, steps
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _do(work: Work[Item], item: Item) -> None:
    work(item, _tick)


def _tick() -> None:
    if _Worker.stop.is_set():
        raise Cancelled("the work was asked to stop")
    with _Worker.steps.get_lock():
        _Worker.steps.value += 1


_ANSWERS_WITHIN_S = 10  # Ray itself tries for minutes
_RAY_ENDS_WITHIN_S = 30
_TOKEN = "RAY_AUTH_MODE=token in the environment, and the token in ~/.ray/auth_token or RAY_AUTH_TOKEN"


def on_ray(work: Work[Item], items: Sequence[Item], address: str, count: int | None, told: Told) -> None:
    """Do the work on every item, as a pipeline of Ray Data, a core to each.

    Ray ends the process that it is called from where something is wrong with it, so it gets one of its own.

    Args:
        work: can be pickled, as the items; what it reads and writes is where every machine sees it.
        items: what to work on.
        address: of the cluster, as ``"auto"`` or ``"10.0.0.1:6379"``; ``"local"`` for one that begins and ends here.
        count: of items at once, at most; None: as many as there are cores.
        told: is told of steps once an item is done, and can end the work only then.

    Raises:
        ValueError: Ray is not installed.
        ConnectionError: there is no such cluster, or it asks for a token that it was not given.
        OSError: the work could not be done on an item.
        ChildProcessError: Ray ended by itself.
    """
    require("a cluster", "ray")
    _must_answer(address)
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_drive, args=(sender, work, items, address, count))
    process.start()
    sender.close()
    patience_s = 0
    try:
        while (said := receiver.recv()) is not None:
            if isinstance(said, Exception):
                raise said
            told(said)
        patience_s = _RAY_ENDS_WITHIN_S
    except EOFError as error:
        raise ChildProcessError("Ray ended by itself, before the work was done") from error
    finally:
        process.join(patience_s)
        process.terminate()
        process.join(_RAY_ENDS_WITHIN_S)
        process.kill()
        process.join()


def _must_answer(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or "/" in host:
        return  # "auto" and "local", or by another protocol
    try:
        create_connection((host, int(port)), _ANSWERS_WITHIN_S).close()
    except (OSError, OverflowError) as error:
        raise ConnectionError(f"no cluster answers at {address}: {error}") from error


def _drive(
    sender: connection.Connection, work: Work[Item], items: Sequence[Item], address: str, count: int | None
) -> None:
    """Send how many steps each item took once it is done, then None; or what went wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    import ray  # pyright: ignore[reportMissingImports]
    import ray.data  # pyright: ignore[reportMissingImports]

    cores = {"num_cpus": count, "include_dashboard": False} if address == "local" else {}
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **cores)
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        ray.data.DataContext.get_current().enable_progress_bars = False
        rows = ray.data.from_items([{"item": item} for item in items], override_num_blocks=len(items))
        counted = rows.map(_Counted(work), num_cpus=1, compute=ray.data.TaskPoolStrategy(count))
        for row in counted.iter_rows():
            if row["failed"]:
                return sender.send(OSError(row["failed"]))
            sender.send(row["steps"])
        sender.send(None)
    except ConnectionError as error:
        sender.send(ConnectionError(f"{error}; if it asks for a token: {_TOKEN}"))


@dataclass(frozen=True)
class _Counted(Generic[Item]):
    """Work on a row of Ray's, which gives how many steps that took, and why it failed: Ray makes pages of an error."""

    work: Work[Item]

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        steps = 0

        def tick() -> None:
            nonlocal steps
            steps += 1

        try:
            self.work(row["item"], tick)
        except OSError as error:
            return {"steps": steps, "failed": str(error)}
        return {"steps": steps, "failed": ""}
