"""Two processes learn what one does, and a process that is killed loses nothing but the steps since its checkpoint."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

from menura.train.log import read

WORKER = Path(__file__).with_name("worker.py")
STEPS = 16
"""Discriminators are from the eighth on."""


def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(WORKER), *arguments], env={**os.environ, **environment})


def losses(out: Path) -> dict[int, float]:
    return {row["step"]: row["loss"] for row in read(out / "log.jsonl") if "loss" in row}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process makes of the run."""
    out = tmp_path_factory.mktemp("alone")
    assert start(str(out), str(STEPS)).wait(120) == 0
    return out


def test_two_processes_learn_what_one_does(alone, tmp_path):
    """Codebooks, discriminators and balancer too see the whole batch. They are followed until rounding has grown."""
    together = tmp_path / "together"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    both = [start(str(together), str(STEPS), RANK=str(rank), LOCAL_RANK=str(rank), **shared) for rank in (0, 1)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert Path(f"{together}-order").read_text() == "01", "what the first prepares, the other finds"
    one, two = losses(alone), losses(together)
    assert one.keys() == two.keys()
    for step in range(1, STEPS + 1):  # once rounding has turned a sound to another code, it grows
        near = 1e-5 if step < 4 else 1e-3 if step < 11 else 0.05
        assert two[step] == pytest.approx(one[step], rel=near), step


def test_a_killed_run_goes_on_to_the_same_end(alone, tmp_path):
    process = start(str(tmp_path), str(STEPS), "0.1")
    deadline = time.monotonic() + 60
    while not (tmp_path / "log.jsonl").exists() or len(losses(tmp_path)) < STEPS // 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert max(losses(tmp_path)) < STEPS
    assert start(str(tmp_path), str(STEPS)).wait(120) == 0
    assert losses(tmp_path) == losses(alone)
    ends = [load_file(out / "training" / f"step-{STEPS}.safetensors") for out in (alone, tmp_path)]
    assert ends[0].keys() == ends[1].keys()
    assert all(bool((ends[1][name] == weight).all()) for name, weight in ends[0].items())
