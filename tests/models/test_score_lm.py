"""The note model: its likelihoods are causal and exact, and what it writes is what was asked, the same each time."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
import torch

from menura import checkpoint
from menura.models.score_lm import Batch, Head, Sampling, ScoreLM, ScoreLMObjective, nano, tiny
from menura.score.conditions import BARS_UNTIL, FUTURE, UNTIL_EDGES, Wish, bar_buckets, to_c
from menura.score.grammar import Grammar
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import Key
from menura.score.tokens import (
    BAR,
    DRUMS,
    DURATIONS,
    FIELD_SIZES,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
    TokenPiece,
    bar_length,
    slots_for,
)
from menura.text.prompts import STYLES

Plan = list[np.ndarray | int | None]


def wish(num_bars: int, *programs: int, key: str = "C major", metre: tuple[int, int] = (3, 4), **more: object) -> Wish:
    metres = np.tile(metre, (num_bars, 1))
    return Wish(slots=slots_for(programs or (0, 73)), key=Key.parse(key), bpm=100, metres=metres, **more)  # pyright: ignore[reportArgumentType]


def bars_of(piece: TokenPiece) -> list[list[list[int]]]:
    rows = np.split(piece.steps, piece.bar_rows[1:-1])
    return [part[1:].tolist() for part in rows]


def is_valid(piece: TokenPiece, asked: Wish) -> None:
    assert piece.num_bars == len(asked.metres)
    assert (piece.metres == asked.metres).all()
    assert (piece.steps[:, POSITION_FIELD] == BAR).sum() == piece.num_bars
    lengths = [bar_length(*metre) for metre in piece.metres.tolist()]
    for bar, rows in enumerate(bars_of(piece)):
        for position, slot, pitch, duration, velocity in rows:
            instrument = INSTRUMENTS[asked.slots[slot].program]
            assert position < lengths[bar]
            assert instrument.low <= pitch <= instrument.high
            assert position + DURATIONS[duration] <= sum(lengths[bar:])
            assert 0 <= velocity < FIELD_SIZES[VELOCITY_FIELD]
    heard = set(piece.steps[piece.steps[:, POSITION_FIELD] != BAR, SLOT_FIELD].tolist())
    assert heard == set(range(len(asked.slots)))


def given_bars(num_bars: int, seed: int = 0, rows: int | None = None) -> list[np.ndarray]:
    """Bars as a file might have them: any pitch, some bars empty."""
    rng = np.random.default_rng(seed)
    bars = []
    for _ in range(num_bars):
        bar = rng.integers(0, (36, 2, 128, 20, 16), size=(rows or int(rng.integers(0, 9)), 5))
        bars.append(np.unique(bar, axis=0))
    return bars


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
        x, cache = model.step(batch.steps[:, begin:stop], batch.bars[:, begin:stop], batch.conditions, asked, cache)
        target, fields = batch.steps[:, stop : stop + 1], []
        for field in range(5):
            logits = model.logits(field, x, batch.conditions)[:, 0].log_softmax(-1)
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
        logits = untaught.logits(field, x, batch.conditions)
        assert logits.shape[-1] == size
        torch.testing.assert_close(logits.softmax(-1).sum(-1), torch.ones(len(batch.steps), 1))


@torch.no_grad()
def test_an_empty_slot_has_no_chance(untaught: ScoreLM, batch: Batch) -> None:
    x = torch.randn(len(batch.steps), 7, untaught.config.width)
    logits = untaught.logits(SLOT_FIELD, x, batch.conditions)
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
@pytest.mark.parametrize("name", ["styles", "mode", "tempo", "shares", "programs"])
def test_everything_that_is_asked_is_heard(untaught: ScoreLM, batch: Batch, name: str) -> None:
    value = getattr(batch.conditions, name)
    changed = {"styles": value.roll(1, -1), "mode": value + 1, "tempo": value + 1, "shares": (value + 1) % 9}
    changed["programs"] = torch.where(value == 73, 71, value)
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


def test_the_shipped_size_is_within_the_promise() -> None:
    with torch.device("meta"):
        model = ScoreLM(nano(STYLES))
    assert 4e6 <= sum(parameter.numel() for parameter in model.parameters()) <= 12.5e6


ASKED = {
    "taught": wish(8),
    "F# minor": wish(6, key="F# minor"),
    "Db major": wish(6, key="Db major"),
    "many": wish(4, *range(40, 48), DRUMS, 0, 73, 73, metre=(4, 4)),
    "short bars": wish(12, 0, 40, 40, 42, metre=(1, 16)),
    "long bars": wish(2, 73, 32, metre=(8, 4)),
    "one bar": wish(1, 0, 73, DRUMS, metre=(6, 8)),
    "drums alone": wish(4, DRUMS, key="A minor"),
    "closed": wish(5, 0, 73, 43, DRUMS, key="Eb minor", closes=True),
    "closed at once": wish(1, *range(56, 66), metre=(1, 16), closes=True),
    "everything said": wish(
        4, styles={"bach": 0.3, "game": 0.7}, density=1.0, loudness=0.0, register=0.5, chromaticism=0.99
    ),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("guidance", [1.0, 1.5])
def test_whatever_is_asked_is_written(untaught: ScoreLM, asked: Wish, guidance: float) -> None:
    plan: Plan = [None] * len(asked.metres)
    is_valid(untaught.sample(asked, plan, Sampling(seed=3, guidance=guidance)), asked)


@pytest.mark.parametrize(
    "how",
    [
        Sampling(seed=1, temperature=0.2),
        Sampling(seed=1, temperature=2.0, top_p=1.0),
        Sampling(seed=1, top_p=1e-300),
        Sampling(seed=1, guidance=0.0),
        Sampling(seed=1, guidance=5.0, temperature=0.2),
    ],
    ids=lambda how: f"{how.temperature}-{how.top_p}-{how.guidance}",
)
def test_the_ends_of_every_range_give_a_piece(untaught: ScoreLM, how: Sampling) -> None:
    is_valid(untaught.sample(wish(2), [None] * 2, how), wish(2))


@torch.no_grad()
@pytest.mark.parametrize("key", ["C major", "A minor"])
@pytest.mark.parametrize("guidance", [1.0, 1.5])
def test_the_likeliest_values_are_those_of_the_whole_model(untaught: ScoreLM, guidance: float, key: str) -> None:
    """What is sampled step by step, quickly, follows the distributions of `forward` under the grammar's masks."""
    asked = wish(6, 0, 40, 40, 73, key=key, metre=(2, 4), styles={"bach": 0.7, "game": 0.3}, density=0.4)
    piece = untaught.sample(asked, [None] * 6, Sampling(seed=0, top_p=1e-300, guidance=guidance, steering=0.0))
    steps = torch.from_numpy(piece.steps.astype(np.int64))
    steps[steps[:, POSITION_FIELD] != BAR, PITCH_FIELD] += to_c(asked.key.tonic)
    assert 12 < len(steps) < untaught.config.max_steps
    said = untaught.conditions(asked)
    zeros = {name: torch.zeros_like(getattr(said, name)) for name in ("styles", "mode", "tempo", "shares")}
    bar = (steps[:, POSITION_FIELD] == BAR).cumsum(0) - 1
    told = bar_buckets(np.column_stack((piece.metres[bar], bar, 5 - bar)))
    branches = []
    for conditions in (said, said._replace(**zeros)):
        known = torch.ones(1, dtype=torch.bool)
        x = untaught.embed(steps[None], torch.from_numpy(told)[None], conditions, known)
        branches.append((conditions, untaught.transformer(x + untaught.condition(conditions)[:, None])))
    grammar = Grammar(asked.slots, -to_c(asked.key.tonic), asked.metres)
    closing = torch.tensor([[BAR, 0, 0, 0, 0]])
    for place, target in enumerate(torch.cat((steps[1:], closing))):
        xs = [x[:, place : place + 1] for _, x in branches]
        for field in range(5):
            logits = [
                untaught.logits(field, x, c)[0, 0].clamp(min=-1e9) for (c, _), x in zip(branches, xs, strict=True)
            ]
            guided = logits[1] + guidance * (logits[0] - logits[1])
            guided += torch.from_numpy(mask_of(grammar, field, target.tolist()))
            assert guided[target[field]] > guided.max() - 0.05, (place, field)
            if target[POSITION_FIELD] == BAR:
                grammar.open_bar(min(int(bar[place]) + 1, 5))
                break
            if field < VELOCITY_FIELD:
                chosen = target[None, None]
                xs = [x + untaught.field(field, chosen, c, known) for (c, _), x in zip(branches, xs, strict=True)]
        else:
            grammar.take(target.numpy())


def mask_of(grammar: Grammar, field: int, row: list[int]) -> np.ndarray:
    if field == POSITION_FIELD:
        return grammar.positions()
    if field == SLOT_FIELD:
        return grammar.slot_mask(row[0])
    if field == VELOCITY_FIELD:
        return np.zeros(FIELD_SIZES[field])
    allowed = grammar.pitches(row[0], row[1]) if field == PITCH_FIELD else grammar.durations(row[0])
    return np.where(allowed, 0.0, -np.inf)


@pytest.mark.parametrize(("key", "chord"), [("F major", {5, 9, 0}), ("F minor", {5, 8, 0})])
def test_a_piece_that_closes_ends_on_its_tonic_chord(untaught: ScoreLM, key: str, chord: set[int]) -> None:
    for seed in range(4):
        last = bars_of(untaught.sample(wish(3, 0, 73, key=key, closes=True), [None] * 3, Sampling(seed=seed)))[-1]
        assert last[0][PITCH_FIELD] % 12 == 5
        assert {row[PITCH_FIELD] % 12 for row in last} <= chord


def test_a_seed_gives_one_piece_and_another_seed_another(taught: ScoreLM) -> None:
    one, two, other = (taught.sample(wish(6), [None] * 6, Sampling(seed=seed)).steps for seed in (1, 1, 2))
    assert (one == two).all()
    assert one.shape != other.shape or (one != other).any()


def test_the_world_s_randomness_takes_no_part(taught: ScoreLM) -> None:
    torch.manual_seed(1)
    one = taught.sample(wish(3), [None] * 3, Sampling(seed=1)).steps
    state = torch.random.get_rng_state()
    torch.manual_seed(2)
    np.random.seed(3)  # noqa: NPY002
    assert (taught.sample(wish(3), [None] * 3, Sampling(seed=1)).steps == one).all()
    assert not torch.equal(torch.random.get_rng_state(), state)


def test_what_was_learnt_is_what_is_written(taught: ScoreLM) -> None:
    piece = taught.sample(wish(8), [None] * 8, Sampling(seed=1, temperature=0.5))
    pitches = [row[PITCH_FIELD] for rows in bars_of(piece) for row in rows]
    assert np.mean([pitch % 12 in Key(0, "major").scale for pitch in pitches]) > 0.9


def test_guidance_changes_what_is_written(untaught: ScoreLM) -> None:
    asked = wish(6, styles={"bach": 1.0}, density=0.9)
    plain, guided = (untaught.sample(asked, [None] * 6, Sampling(seed=5, guidance=g)).steps for g in (1.0, 3.0))
    assert plain.shape != guided.shape or (plain != guided).any()


@pytest.mark.parametrize("given", [0, 3])
def test_pieces_longer_than_the_memory_are_written_to_the_end(untaught: ScoreLM, given: int) -> None:
    verbose = copy.deepcopy(untaught)
    head = cast(Head, verbose.heads[POSITION_FIELD])
    head.out.bias.data = -10.0 * torch.arange(FIELD_SIZES[POSITION_FIELD])  # never a bar line, every chord full
    asked = wish(5 + given, 0, 40, metre=(4, 4))
    plan: Plan = [None, None, None, *given_bars(given, rows=90), None, None]
    piece = verbose.sample(asked, plan, Sampling(seed=0))
    assert len(piece.steps) > 3 * untaught.config.max_steps
    assert max(np.diff(piece.bar_rows)) > 0.8 * untaught.config.max_steps
    written = bars_of(piece)
    assert all(written[bar] == rows.tolist() for bar, rows in enumerate(plan) if isinstance(rows, np.ndarray))
    if not given:
        is_valid(piece, asked)


@pytest.mark.parametrize("key", ["C major", "F# major", "Db minor"])
@pytest.mark.parametrize("gap", [(0, 3), (2, 4), (5, 8), (0, 8), (7, 8)])
def test_given_bars_stay_as_they_are(taught: ScoreLM, key: str, gap: tuple[int, int]) -> None:
    bars = given_bars(8)
    plan: Plan = [None if gap[0] <= k < gap[1] else rows for k, rows in enumerate(bars)]
    piece = taught.sample(wish(8, key=key), plan, Sampling(seed=2))
    written = bars_of(piece)
    for k, rows in enumerate(bars):
        if plan[k] is not None:
            assert written[k] == rows.tolist()
    assert written[gap[1] - 1] or gap[1] < 8


def test_music_to_arrive_at_is_heard(untaught: ScoreLM) -> None:
    asked, how = wish(6), Sampling(seed=2, temperature=1.5)
    plans: list[Plan] = [[None] * 3 + given_bars(3, seed) for seed in (0, 1)]
    one, two = (bars_of(untaught.sample(asked, plan, how))[:3] for plan in plans)
    assert one != two


def test_bars_to_compose_are_told_how_far_the_given_music_is(untaught: ScoreLM, monkeypatch) -> None:
    told: list[list[int]] = []
    place = ScoreLM.place

    def watched(self: ScoreLM, bars: torch.Tensor) -> torch.Tensor:
        told.append(bars[..., BARS_UNTIL].flatten().tolist())
        return place(self, bars)

    monkeypatch.setattr(ScoreLM, "place", watched)
    plan: Plan = [None] * 14 + given_bars(2, rows=4)
    untaught.sample(wish(16), plan, Sampling(seed=0))
    alone = [buckets[0] for buckets in told if len(buckets) == 1]
    expected = np.searchsorted(UNTIL_EDGES, 14 - np.arange(14), "right")
    assert alone == expected.tolist()
    assert FUTURE not in alone
    ahead = [value for buckets in told if len(buckets) > 1 for value in buckets[:10]]
    assert ahead[:10] == [FUTURE] * 10


def test_a_repeated_bar_is_equal_to_the_one_it_repeats(taught: ScoreLM) -> None:
    plan: Plan = [None, None, 0, 1, None, 0, None, None]
    written = bars_of(taught.sample(wish(8, key="Bb major"), plan, Sampling(seed=4)))
    assert written[2] == written[5] == written[0]
    assert written[3] == written[1]


def test_progress_is_told_and_may_stop_the_work(taught: ScoreLM) -> None:
    told: list[tuple[int, int]] = []
    taught.sample(wish(3), [None] * 3, Sampling(seed=0, progress=lambda *at: told.append(at)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taught.sample(wish(3), [None] * 3, Sampling(seed=0, progress=stop))


def test_a_style_it_does_not_know_is_refused_in_one_line(taught: ScoreLM) -> None:
    with pytest.raises(ValueError, match=r"does not know the style 'polka'; `menura styles`"):
        taught.sample(wish(1, styles={"polka": 1.0}), [None], Sampling(seed=0))


def test_styles_are_mixed_by_weight(taught: ScoreLM) -> None:
    one, both = (taught.conditions(wish(1, styles=s)).styles for s in ({"bach": 2.0}, {"bach": 1.0, "game": 3.0}))
    assert one.sum() == 1.0
    assert both[0, STYLES.index("bach")] == 0.25
    assert both[0, STYLES.index("game")] == 0.75
    assert not taught.conditions(wish(1)).styles.any()


def test_a_wish_becomes_the_numbers_that_training_gave(taught: ScoreLM) -> None:
    asked = replace(wish(1, 73, 0, 73, key="E minor"), density=0.0)
    conditions = taught.conditions(asked)
    assert conditions.programs[0, :4].tolist() == [slot.program for slot in asked.slots] + [-1]
    assert conditions.copies[0, :3].tolist() == [slot.copy for slot in asked.slots]
    assert conditions.mode.tolist() == [2]
    assert conditions.shares.tolist() == [[1, 0, 0, 0]]


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
    plans = [model.sample(wish(2), [None] * 2, Sampling(seed=1)).steps for model in (taught, again)]
    assert (plans[0] == plans[1]).all()
