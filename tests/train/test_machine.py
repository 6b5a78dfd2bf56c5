"""What is asked of the machine holds where it can be had, and is left alone elsewhere."""

from __future__ import annotations

import platform

import pytest
import torch

from menura.train import machine


def test_glibc_keeps_freed_memory_and_others_are_left_alone(monkeypatch):
    assert machine.keep_freed_memory() == (platform.libc_ver()[0] == "glibc")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert machine.keep_freed_memory() is False


@pytest.mark.parametrize(
    ("flags", "dtype"), [({"avx2"}, None), ({"avx512_bf16"}, torch.bfloat16), ({"amx_bf16", "x"}, torch.bfloat16)]
)
def test_bf16_is_used_where_the_processor_has_it(monkeypatch, flags, dtype):
    monkeypatch.setattr(machine, "cpu_flags", lambda: frozenset(flags))
    assert machine.autocast_dtype("cpu") is dtype


def test_a_machine_that_says_nothing_has_no_flags(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "Path", lambda _: tmp_path / "cpuinfo")
    assert machine.cpu_flags() == frozenset()
    (tmp_path / "cpuinfo").write_text("processor: 0\nflags\t\t: fpu avx512_bf16\n")
    assert machine.cpu_flags() == {"fpu", "avx512_bf16"}


def test_a_step_is_timed_and_the_first_is_not(toy, monkeypatch):
    """On this machine the first step compiles and maps memory: it says nothing of those that follow."""
    clock = iter([10.0, 14.0])
    monkeypatch.setattr(machine.time, "perf_counter", lambda: next(clock))
    recipe, batches = toy(), []
    losses = recipe.objective.losses
    recipe.objective.losses = lambda batch, fraction_done: batches.append(batch) or losses(batch, fraction_done)
    assert machine.seconds_a_step(recipe.objective, recipe.batch(0, "cpu"), 4) == 1.0
    assert len(batches) == 5
