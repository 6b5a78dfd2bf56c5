"""Training learns, stops when told, and goes on as if it had never stopped."""

from __future__ import annotations

import itertools

import pytest
import torch

from menura.progress import Cancelled, Progress
from menura.train import loop
from menura.train.log import read
from menura.train.loop import train
from menura.train.schedule import Schedule


class Listening(Progress):
    """Keeps what is said, and cancels at an update."""

    def __init__(self, cancel_at: int = 10**9) -> None:
        super().__init__()
        self.said: list[str] = []
        self.updates, self.cancel_at = 0, cancel_at

    def say(self, text: str) -> None:
        self.said.append(text)

    def show(self, done: int, total: int, what: str) -> None:
        assert 0 <= done <= total
        assert what
        self.updates += 1
        if self.updates == self.cancel_at:
            self.cancel()


def losses(out):
    return {row["step"]: row["loss"] for row in read(out / "log.jsonl") if "loss" in row}


def test_the_loss_falls_and_the_model_ends_with_the_average(toy, tmp_path):
    recipe, progress = toy(), Listening()
    trained = train(recipe, tmp_path, Schedule(steps=300, warmup_steps=5), progress=progress)
    history = losses(tmp_path)
    assert list(history) == list(range(1, 301))
    assert history[300] < 0.3 * history[1]
    assert trained.steps == 300
    assert list(trained.held_out) == ["squared_error", "batches"]
    assert trained.held_out["batches"] == 1
    recipe.model.eval()
    now = sum(recipe.objective.report(recipe.validation_batch(i, "cpu"))["squared_error"] for i in range(2)) / 2
    assert now == pytest.approx(trained.held_out["squared_error"], abs=1e-4)
    assert "held out" in progress.said[-1]


@pytest.mark.parametrize("narrow", [False, True])
def test_a_stopped_run_goes_on_bit_for_bit(toy, tmp_path, narrow, monkeypatch):
    monkeypatch.setattr(loop, "autocast_dtype", lambda _: torch.bfloat16 if narrow else None)
    schedule = Schedule(steps=30, warmup_steps=5)
    whole = toy()
    train(whole, tmp_path / "whole", schedule, progress=Progress())
    for cancel_at in (10, 3):
        with pytest.raises(Cancelled):
            train(toy(), tmp_path / "cut", schedule, resume=True, progress=Listening(cancel_at))
    again, progress = toy(), Listening()
    train(again, tmp_path / "cut", schedule, resume=True, progress=progress)
    assert progress.said[0].startswith("going on at step 13")
    assert losses(tmp_path / "cut") == losses(tmp_path / "whole")
    for name, parameter in whole.model.named_parameters():
        assert torch.equal(parameter, again.model.get_parameter(name))


def test_cancelling_leaves_a_checkpoint_and_says_how_to_go_on(toy, tmp_path):
    progress = Listening(cancel_at=7)
    with pytest.raises(Cancelled):
        train(toy(), tmp_path, Schedule(steps=50), progress=progress)
    assert progress.said[-1] == "stopped at step 7; --resume goes on from there"
    assert [path.name for path in sorted((tmp_path / "training").iterdir())] == ["state.json", "step-7.safetensors"]


def test_a_run_is_not_started_over_another(toy, tmp_path):
    train(toy(), tmp_path, Schedule(steps=2), progress=Progress())
    with pytest.raises(ValueError, match=r"already holds a run; go on with it \(--resume\)"):
        train(toy(), tmp_path, Schedule(steps=2), progress=Progress())
    with pytest.raises(ValueError, match="was made with seed 0, not 1"):
        train(toy(1), tmp_path, Schedule(steps=2), resume=True, progress=Progress())


def test_a_finished_run_gone_on_with_is_still_finished(toy, tmp_path):
    first = train(toy(), tmp_path, Schedule(steps=5), progress=Progress())
    again = train(toy(), tmp_path, Schedule(steps=5), resume=True, progress=Progress())
    assert (again.steps, again.held_out) == (5, first.held_out)


def test_a_loss_that_is_no_number_stops_the_run_before_the_weights_are_spoilt(toy, tmp_path):
    recipe = toy()
    batches = recipe.batch
    recipe.batch = lambda step, device: (batches(step, device)[0] * (float("nan") if step == 6 else 1), recipe.truth[0])
    with pytest.raises(ValueError, match="not a number at step 7"):
        train(recipe, tmp_path, Schedule(steps=50, checkpoint_minutes=0), progress=Progress())
    assert all(bool(torch.isfinite(parameter).all()) for parameter in recipe.model.parameters())
    assert (tmp_path / "training" / "step-6.safetensors").exists()


def test_a_run_by_minutes_ends(toy, tmp_path, monkeypatch):
    clock = itertools.count(step=0.5)
    monkeypatch.setattr(loop.time, "perf_counter", lambda: next(clock))
    trained = train(toy(), tmp_path, Schedule(minutes=0.1), progress=Progress())
    assert trained.steps == 12
    assert trained.minutes == 0.1


def test_matrices_decay_and_vectors_do_not(toy):
    matrices, vectors = loop._optimiser(toy().model, toy().settings).param_groups
    assert {parameter.ndim for parameter in matrices["params"]} == {2}
    assert {parameter.ndim for parameter in vectors["params"]} == {1}
    assert (matrices["weight_decay"], vectors["weight_decay"]) == (0.1, 0.0)
