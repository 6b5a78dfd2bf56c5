"""The note model: its likelihoods are causal and exact, and a saved one answers as it did."""

from __future__ import annotations

import pytest
import torch

from menura import checkpoint
from menura.models.score_lm.model import Batch, ScoreLM, ScoreLMObjective, nano, tiny
from menura.score.steps.tokens import BAR, FIELD_SIZES, PITCH_FIELD, POSITION_FIELD, SLOT_FIELD, VELOCITY_FIELD
from menura.text.prompts import STYLES


def nll_in_pieces(model: ScoreLM, batch: Batch, chunk: int) -> torch.Tensor:
    """The likelihoods by cached steps."""
    asked, cache = model.condition(batch.conditions), model.start(len(batch.steps))
    length = batch.steps.shape[1] - 1
    found = []
    for start in range(length):
        stop = start + 1
        if stop % chunk and stop != length:
            continue
        begin = start // chunk * chunk
        rows = slice(begin, stop)
        before, known = batch.context.steps(rows), batch.context.steps(slice(stop, stop + 1))
        x, cache = model.step(batch.steps[:, rows], batch.bars[:, rows], batch.conditions, asked, before, cache)
        target, fields = batch.steps[:, stop : stop + 1], []
        for field in range(5):
            if field == PITCH_FIELD:
                x = x + model.chord(known.chord)
            logits = model.logits(field, x, batch.conditions, known)[:, 0].log_softmax(-1)
            fields.append(-logits.gather(1, target[:, 0, field : field + 1])[:, 0])
            x = x + model.field(field, target, batch.conditions, batch.has_velocity)
        found.append(torch.stack(fields, -1))
    return torch.stack(found, 1)


@torch.no_grad()
@pytest.mark.parametrize("chunk", [1, 4])
def test_cached_steps_give_the_likelihoods_of_the_whole(untaught: ScoreLM, batch: Batch, chunk: int) -> None:
    whole, pieces = untaught(batch), nll_in_pieces(untaught, batch, chunk)
    length = whole.shape[1]
    places = [place for place in range(length) if (place + 1) % chunk == 0 or place + 1 == length]
    whole = whole[:, places]
    exists = whole > 0
    torch.testing.assert_close(pieces[exists], whole[exists], atol=1e-4, rtol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("place", [1, 10, 30])
def test_the_future_cannot_change_the_past(untaught: ScoreLM, batch: Batch, place: int) -> None:
    steps, bars = batch.steps.clone(), batch.bars.clone()
    steps[:, place:, POSITION_FIELD] = 5
    steps[:, place:, PITCH_FIELD] = 61
    bars[:, place:] += 1
    before, after = untaught(batch), untaught(batch._replace(steps=steps, bars=bars))
    assert torch.equal(before[:, : place - 1], after[:, : place - 1])
    assert not torch.equal(before[:, place - 1 :], after[:, place - 1 :])


@torch.no_grad()
@pytest.mark.parametrize("field", range(4))
def test_a_later_field_cannot_change_an_earlier_one(untaught: ScoreLM, batch: Batch, field: int) -> None:
    steps = batch.steps.clone()
    steps[:, -2, field + 1 :] = 1
    before, after = (untaught(b)[:, -2] for b in (batch, batch._replace(steps=steps)))
    assert torch.equal(before[:, : field + 1], after[:, : field + 1])


@torch.no_grad()
def test_likelihoods_are_those_of_distributions(untaught: ScoreLM, batch: Batch) -> None:
    x = torch.randn(len(batch.steps), 1, untaught.config.width)
    for field, size in enumerate(FIELD_SIZES):
        logits = untaught.logits(field, x, batch.conditions, batch.context.steps(slice(1, 2)))
        assert logits.shape[-1] == size
        torch.testing.assert_close(logits.softmax(-1).sum(-1), torch.ones(len(batch.steps), 1))


@torch.no_grad()
def test_an_empty_slot_has_no_chance(untaught: ScoreLM, batch: Batch) -> None:
    x = torch.randn(len(batch.steps), 7, untaught.config.width)
    logits = untaught.logits(SLOT_FIELD, x, batch.conditions, batch.context.steps(slice(7)))
    assert torch.isfinite(logits[..., :2]).all()
    assert (logits[..., 2:] == -torch.inf).all()


@torch.no_grad()
def test_bar_lines_have_a_position_alone_and_padding_counts_for_nothing(untaught: ScoreLM, batch: Batch) -> None:
    nll = untaught(batch)
    lines = batch.steps[:, 1:, POSITION_FIELD] == BAR
    assert (nll[lines][:, 0] > 0).all()
    assert not nll[lines][:, 1:].any()
    weight = batch.weight.clone()
    weight[:, 20:] = 0
    assert not untaught(batch._replace(weight=weight))[:, 20:].any()


@torch.no_grad()
def test_velocities_of_exports_without_dynamics_do_not_count(untaught: ScoreLM, batch: Batch) -> None:
    flat = batch._replace(has_velocity=torch.zeros(len(batch.steps), dtype=torch.bool))
    steps = batch.steps.clone()
    steps[..., VELOCITY_FIELD] = 3
    nll = untaught(flat)
    assert not nll[..., VELOCITY_FIELD].any()
    assert torch.equal(nll, untaught(flat._replace(steps=steps)))
    assert not torch.equal(untaught(batch), untaught(batch._replace(steps=steps)))


@torch.no_grad()
@pytest.mark.parametrize("name", ["styles", "mode", "tempo", "shares", "programs", "roles", "activity"])
def test_everything_that_is_asked_is_heard(untaught: ScoreLM, batch: Batch, name: str) -> None:
    value = getattr(batch.conditions, name)
    changed = {"styles": value.roll(1, -1), "mode": value + 1, "tempo": value + 1, "shares": (value + 1) % 9}
    changed |= {"programs": torch.where(value == 73, 71, value), "roles": (value + 1) % 7, "activity": (value + 1) % 9}
    conditions = batch.conditions._replace(**{name: changed[name]})
    assert not torch.equal(untaught(batch), untaught(batch._replace(conditions=conditions)))


def test_one_batch_is_learnt_by_heart(batch: Batch) -> None:
    torch.manual_seed(0)
    model = ScoreLM(tiny(STYLES))
    objective, optimiser = ScoreLMObjective(model), torch.optim.AdamW(model.parameters(), 8e-3)
    losses = []
    for _ in range(100):
        optimiser.zero_grad()
        loss = next(objective.losses(batch, 0.0)).value
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[0] > 10
    # What is left is each melody's first note, which nothing foretells but the crop.
    assert losses[-1] < 0.05 * losses[0]
    with torch.no_grad():
        report = objective.report(batch)
    assert report["nats_per_step"] == pytest.approx(losses[-1], rel=0.5)
    assert set(report) == {"nats_per_step", "position", "slot", "pitch", "duration", "velocity"}


def test_a_step_that_is_sure_counts_in_the_mean_and_what_is_nowhere_is_left_out(batch: Batch, monkeypatch) -> None:
    """Means are over the fields there are, not over those that cost something."""
    model = ScoreLM(tiny(STYLES))
    is_note = batch.steps[:, 1:, POSITION_FIELD] != BAR
    sure = torch.zeros(*is_note.shape, 5)
    sure[0, 0, 0] = 1.0
    monkeypatch.setattr(model, "forward", lambda _: sure)
    report = ScoreLMObjective(model).report(batch)
    assert report["position"] == pytest.approx(1 / is_note.numel())
    assert report["pitch"] == 0
    silent = batch._replace(has_velocity=torch.zeros_like(batch.has_velocity))
    assert "velocity" not in ScoreLMObjective(model).report(silent)
    nothing = batch._replace(weight=torch.zeros_like(batch.weight))
    assert ScoreLMObjective(model).report(nothing).keys() == {"nats_per_step"}


def test_the_shipped_size_is_within_the_promise() -> None:
    with torch.device("meta"):
        model = ScoreLM(nano(STYLES))
    assert 4e6 <= sum(parameter.numel() for parameter in model.parameters()) <= 12.5e6


def test_saved_and_loaded_it_is_the_same_and_answers_its_probe(taught: ScoreLM, model_folder) -> None:
    again = checkpoint.load(model_folder)
    assert again.config == taught.config
    for name, weight in taught.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name]), name
    probes = [model.probe(**model.probe_inputs())["nll"] for model in (taught, again, again)]
    assert torch.equal(probes[0], probes[1])
    assert torch.equal(probes[1], probes[2])
    assert torch.isfinite(probes[0]).all()
    assert checkpoint.check(model_folder).difference == 0.0
