"""Training learns, stops when told, and goes on as if it had never stopped."""

from __future__ import annotations

import itertools
from pkgutil import resolve_name

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrize import ParametrizationList

from menura.models import RECIPES
from menura.models.score_lm.model import ScoreLM
from menura.models.score_lm.model import tiny as tiny_score_lm
from menura.models.wavenet.model import WaveNet
from menura.models.wavenet.model import tiny as tiny_wavenet
from menura.nn.discriminators import Discriminators, PeriodDiscriminator, STFTDiscriminator
from menura.progress import Cancelled, Progress
from menura.text.prompts import STYLES
from menura.train import loop
from menura.train.board import Board
from menura.train.log import read
from menura.train.loop import train
from menura.train.recipe import Settings
from menura.train.schedule import Schedule, State


class Listening(Progress):
    """Keeps what is said, and cancels at an update."""

    def __init__(self, cancel_at: int = 10**9) -> None:
        super().__init__()
        self.said: list[str] = []
        self.noted: list[str] = []
        self.updates, self.cancel_at = 0, cancel_at

    def say(self, text: str) -> None:
        self.said.append(text)

    def note(self, text: str) -> None:
        self.noted.append(text)

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
    assert progress.said[0].startswith("going on from the checkpoint at step 13")
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
    with pytest.raises(
        ValueError, match=r"not a number at step 7; begin anew with a learning rate under 0\.03 \(--learning-rate\)"
    ):
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


@pytest.mark.parametrize("family", ["codec", "soundstream", "score_lm", "wavenet"])
def test_what_decays_in_each_family_is_a_matrix_or_a_kernel(family):
    """Gains (of norms and of weight normalisation), biases, scales and embeddings keep their size."""
    network = nn.ModuleList(untaught(family))
    decaying = {
        id(parameter)
        for parameter in loop._optimiser(network, Settings(minutes=1, peak_learning_rate=1, batch_size=1)).param_groups[
            0
        ]["params"]
    }
    for module in network.modules():
        for name, parameter in module.named_parameters(recurse=False):
            is_gain = isinstance(module, ParametrizationList) and name == "original0"
            is_norm = isinstance(module, nn.LayerNorm | nn.RMSNorm)
            is_embedding = isinstance(module, nn.Embedding) or name == "style"
            kept = name in ("bias", "scale") or is_gain or is_norm or is_embedding
            assert (id(parameter) in decaying) != kept, f"{type(module).__name__} {name} {tuple(parameter.shape)}"


def untaught(family: str) -> list[nn.Module]:
    """The models and judges of a family, tiny."""
    if family == "score_lm":
        return [ScoreLM(tiny_score_lm(STYLES))]
    if family == "wavenet":
        return [WaveNet(tiny_wavenet(categories={"speaker": ("any", "ada")}))]
    size = resolve_name(RECIPES[family]).sizes["tiny"]
    discriminators = Discriminators(STFTDiscriminator((64,), 4), PeriodDiscriminator((2,), 2))
    return [size.make(), size.discriminators(), discriminators]


def test_a_short_run_reaches_its_learning_rate_and_falls_within_it(toy, tmp_path, monkeypatch):
    """23 steps in two and a half minutes, say, are not all spent on warming up."""
    clock = itertools.count(step=6.5)
    monkeypatch.setattr(loop.time, "perf_counter", lambda: next(clock))
    recipe = toy()
    trained = train(recipe, tmp_path, Schedule(minutes=2.5, warmup_steps=200), progress=Progress())
    rates = [row["learning_rate"] for row in read(tmp_path / "log.jsonl") if "loss" in row]
    assert trained.steps == len(rates) == 24
    assert max(rates) == recipe.settings.peak_learning_rate
    assert rates.index(max(rates)) <= 3
    assert rates[-1] < 0.1 * max(rates)


def test_log_and_board_have_the_learning_rate_of_the_step(toy, tmp_path, monkeypatch):
    shown = {}
    monkeypatch.setattr(
        Board, "numbers", lambda _, step, values, group="": shown.setdefault(group, {}).update({step: values})
    )
    recipe, schedule = toy(), Schedule(steps=20, warmup_steps=2)
    train(recipe, tmp_path, schedule, progress=Progress())
    peak = recipe.settings.peak_learning_rate
    for step in (1, 2, 15, 20):
        rate = peak * schedule.rate(State(step - 1))
        assert shown[""][step]["learning_rate"] == pytest.approx(rate)
        assert rate > 0
    logged = {row["step"]: row["learning_rate"] for row in read(tmp_path / "log.jsonl") if "loss" in row}
    assert logged == {step: values["learning_rate"] for step, values in shown[""].items()}


def test_what_is_trained_and_how_long_is_said_at_the_start(toy, tmp_path, monkeypatch):
    clock = itertools.count(step=2.0)
    monkeypatch.setattr(loop.time, "perf_counter", lambda: next(clock))
    progress = Listening()
    train(toy(), tmp_path, Schedule(minutes=2, warmup_steps=5), progress=progress)
    assert progress.said[0] == (
        "training toy (only, 0.00 million parameters) on cpu, 2 minutes in all: 80 pairs to learn from"
    )
    assert progress.said[1] == (
        "2 s a step: about 60 steps; the first checkpoint within a minute, then a checkpoint every 5 minutes"
    )
    assert progress.noted[-1].startswith("step 60, loss 0.")


@pytest.mark.parametrize("step_s", [0.5, 2.0, 50.0])
def test_the_first_checkpoint_comes_within_a_minute_and_is_said(toy, tmp_path, monkeypatch, step_s):
    """A run that is killed early has something to go on from."""
    clock = itertools.count(step=step_s)
    monkeypatch.setattr(loop.time, "perf_counter", lambda: next(clock))
    progress = Listening(cancel_at=round(55 / step_s) + 1)
    kept = []
    monkeypatch.setattr(loop._Run, "keep", lambda run, _: kept.append(run.state.spent_s))
    with pytest.raises(Cancelled):
        train(toy(), tmp_path, Schedule(minutes=10), progress=progress)
    assert kept[0] <= 60
    assert sum(line.startswith("the first checkpoint is kept, at step") for line in progress.said) == 1


def test_going_on_without_a_checkpoint_is_said(toy, tmp_path):
    progress = Listening()
    train(toy(), tmp_path / "new", Schedule(steps=2), resume=True, progress=progress)
    assert progress.said[0] == f"there is no checkpoint in {tmp_path / 'new'}; beginning at step 1"


def test_a_number_that_a_batch_does_not_have_is_averaged_over_those_that_do(toy, tmp_path):
    recipe = toy()
    reports = iter([{"squared_error": 1.0, "velocity": 3.0}, {"squared_error": 2.0}, {"squared_error": 9.0}])
    recipe.objective.report = lambda _: next(reports)
    trained = train(recipe, tmp_path, Schedule(steps=1), progress=Progress())
    assert trained.held_out == {"squared_error": 1.5, "velocity": 3.0}


def test_what_is_learnt_by_heart_is_told_by_the_same_weights_on_both_kinds_of_data(toy, tmp_path):
    """Not by the running loss of weights that were still moving: after two steps nothing is learnt by heart."""
    recipe = toy()
    recipe.validation_batch = lambda index, device: recipe.batch(index, device)
    trained = train(recipe, tmp_path, Schedule(steps=2), progress=Progress())
    assert f"training {trained.held_out['squared_error']:.3f}, so little is learnt by heart" in trained.verdict
