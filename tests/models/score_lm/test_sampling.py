"""What is drawn from the note model is what was asked, the same each time, and follows the model's distributions."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
import torch

from menura.models.score_lm.choice import context_logits
from menura.models.score_lm.model import NUM_RELATIVE, Batch, Context, Head, ScoreLM
from menura.models.score_lm.partial_score import Plan
from menura.models.score_lm.sampling import BARS_A_TURN, Sampling, conditions_of, sample, sample_best, sample_many
from menura.score.harmony import NO_CHORD, NUM_CHORDS
from menura.score.instruments import INSTRUMENTS
from menura.score.notes import Key
from menura.score.steps.conditions import BARS_UNTIL, FUTURE, UNTIL_EDGES, Controls, bar_buckets, to_c
from menura.score.steps.context import Music, context
from menura.score.steps.grammar import Grammar
from menura.score.steps.tokens import (
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


def controls(
    num_bars: int, *programs: int, key: str = "C major", metre: tuple[int, int] = (3, 4), **more: object
) -> Controls:
    metres = np.tile(metre, (num_bars, 1))
    return Controls(slots=slots_for(programs or (0, 73)), key=Key.parse(key), bpm=100, metres=metres, **more)  # pyright: ignore[reportArgumentType]


def bars_of(piece: TokenPiece) -> list[list[list[int]]]:
    rows = np.split(piece.steps, piece.bar_rows[1:-1])
    return [part[1:].tolist() for part in rows]


def is_valid(piece: TokenPiece, asked: Controls) -> None:
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


ASKED = {
    "taught": controls(8),
    "F# minor": controls(6, key="F# minor"),
    "Db major": controls(6, key="Db major"),
    "many": controls(4, *range(40, 48), DRUMS, 0, 73, 73, metre=(4, 4)),
    "short bars": controls(12, 0, 40, 40, 42, metre=(1, 16)),
    "long bars": controls(2, 73, 32, metre=(8, 4)),
    "one bar": controls(1, 0, 73, DRUMS, metre=(6, 8)),
    "drums alone": controls(4, DRUMS, key="A minor"),
    "closed": controls(5, 0, 73, 43, DRUMS, key="Eb minor", closes=True),
    "closed at once": controls(1, *range(56, 66), metre=(1, 16), closes=True),
    "everything said": controls(
        4, styles={"bach": 0.3, "game": 0.7}, density=1.0, loudness=0.0, register=0.5, chromaticism=0.99
    ),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("guidance", [1.0, 1.5])
def test_whatever_is_asked_is_written(untaught: ScoreLM, asked: Controls, guidance: float) -> None:
    plan: Plan = [None] * len(asked.metres)
    is_valid(sample(untaught, asked, plan, Sampling(seed=3, guidance=guidance)), asked)


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
    is_valid(sample(untaught, controls(2), [None] * 2, how), controls(2))


@torch.no_grad()
@pytest.mark.parametrize("key", ["C major", "A minor"])
@pytest.mark.parametrize("guidance", [1.0, 1.5])
def test_the_likeliest_values_are_those_of_the_whole_model(untaught: ScoreLM, guidance: float, key: str) -> None:
    """What is sampled step by step, quickly, follows the distributions of `forward` under the grammar's masks."""
    asked = controls(6, 0, 40, 40, 73, key=key, metre=(2, 4), styles={"bach": 0.7, "game": 0.3}, density=0.4)
    piece = sample(untaught, asked, [None] * 6, Sampling(seed=0, top_p=1e-300, guidance=guidance, steering=0.0))
    steps = torch.from_numpy(piece.steps.astype(np.int64))
    steps[steps[:, POSITION_FIELD] != BAR, PITCH_FIELD] += to_c(asked.key.tonic)
    assert 12 < len(steps) < untaught.config.max_steps
    said = conditions_of(untaught, asked)
    zeros = {name: torch.zeros_like(getattr(said, name)) for name in ("styles", "mode", "tempo", "shares")}
    bar = (steps[:, POSITION_FIELD] == BAR).cumsum(0) - 1
    closed = np.concatenate((steps.numpy(), [[BAR, 0, 0, 0, 0]]))
    music = Music.of(closed, piece.metres, np.zeros(len(asked.slots), dtype=bool))
    contexts = Context.of(context(music, 0, len(closed)), np.full(len(closed), NO_CHORD))
    told = bar_buckets(np.column_stack((piece.metres[bar], bar, 5 - bar)))
    branches = []
    for conditions in (said, said._replace(**zeros)):
        known = torch.ones(1, dtype=torch.bool)
        x = untaught.embed(steps[None], torch.from_numpy(told)[None], conditions, known, contexts.steps(slice(-1)))
        branches.append((conditions, untaught.transformer(x + untaught.condition(conditions)[:, None])))
    grammar = Grammar(asked.slots, -to_c(asked.key.tonic), asked.metres)
    closing = torch.tensor([[BAR, 0, 0, 0, 0]])
    for place, target in enumerate(torch.cat((steps[1:], closing))):
        xs = [x[:, place : place + 1] for _, x in branches]
        for field in range(5):
            here = contexts.steps(slice(place + 1, place + 2))
            if field == PITCH_FIELD:
                xs = [x + untaught.chord(here.chord) for x in xs]
            logits = [
                untaught.logits(field, x, c, here)[0, 0].clamp(min=-1e9) for (c, _), x in zip(branches, xs, strict=True)
            ]
            guided = logits[1] + guidance * (logits[0] - logits[1])
            guided += torch.from_numpy(mask_of(grammar, field, target.tolist()))
            # Weights have 8 bits in the sampler, and a pitch's logit is a sum of up to seven rounded products.
            rounding = 0.05 * (7**0.5 if field == PITCH_FIELD else 1)
            assert guided[target[field]] > guided.max() - rounding, (place, field)
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
        last = bars_of(sample(untaught, controls(3, 0, 73, key=key, closes=True), [None] * 3, Sampling(seed=seed)))[-1]
        assert last[0][PITCH_FIELD] % 12 == 5
        assert {row[PITCH_FIELD] % 12 for row in last} <= chord


def test_a_seed_gives_one_piece_and_another_seed_another(taught: ScoreLM) -> None:
    one, two, other = (sample(taught, controls(6), [None] * 6, Sampling(seed=seed)).steps for seed in (1, 1, 2))
    assert (one == two).all()
    assert one.shape != other.shape or (one != other).any()


def test_the_world_s_randomness_takes_no_part(taught: ScoreLM) -> None:
    torch.manual_seed(1)
    one = sample(taught, controls(3), [None] * 3, Sampling(seed=1)).steps
    state = torch.random.get_rng_state()
    torch.manual_seed(2)
    np.random.seed(3)  # noqa: NPY002
    assert (sample(taught, controls(3), [None] * 3, Sampling(seed=1)).steps == one).all()
    assert not torch.equal(torch.random.get_rng_state(), state)


def test_what_was_learnt_is_what_is_written(taught: ScoreLM) -> None:
    piece = sample(taught, controls(8), [None] * 8, Sampling(seed=1, temperature=0.5))
    pitches = [row[PITCH_FIELD] for rows in bars_of(piece) for row in rows]
    assert np.mean([pitch % 12 in Key(0, "major").scale for pitch in pitches]) > 0.9


def test_guidance_changes_what_is_written(untaught: ScoreLM) -> None:
    asked = controls(6, styles={"bach": 1.0}, density=0.9)
    plain, guided = (sample(untaught, asked, [None] * 6, Sampling(seed=5, guidance=g)).steps for g in (1.0, 3.0))
    assert plain.shape != guided.shape or (plain != guided).any()


@pytest.mark.parametrize("given", [0, 3])
def test_pieces_longer_than_the_memory_are_written_to_the_end(untaught: ScoreLM, given: int) -> None:
    verbose = copy.deepcopy(untaught)
    head = cast(Head, verbose.heads[POSITION_FIELD])
    head.out.bias.data[: FIELD_SIZES[POSITION_FIELD]] = -10.0 * torch.arange(
        FIELD_SIZES[POSITION_FIELD]
    )  # never a bar line, every chord full
    asked = controls(5 + given, 0, 40, metre=(4, 4))
    plan: Plan = [None, None, None, *given_bars(given, rows=90), None, None]
    piece = sample(verbose, asked, plan, Sampling(seed=0))
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
    piece = sample(taught, controls(8, key=key), plan, Sampling(seed=2))
    written = bars_of(piece)
    for k, rows in enumerate(bars):
        if plan[k] is not None:
            assert written[k] == rows.tolist()
    assert written[gap[1] - 1] or gap[1] < 8


def test_music_to_arrive_at_is_heard(untaught: ScoreLM) -> None:
    asked, how = controls(6), Sampling(seed=2, temperature=1.5)
    plans: list[Plan] = [[None] * 3 + given_bars(3, seed) for seed in (0, 1)]
    one, two = (bars_of(sample(untaught, asked, plan, how))[:3] for plan in plans)
    assert one != two


def test_bars_to_compose_are_told_how_far_the_given_music_is(untaught: ScoreLM, monkeypatch) -> None:
    told: list[list[int]] = []
    place = ScoreLM.place

    def watched(self: ScoreLM, bars: torch.Tensor) -> torch.Tensor:
        told.append(bars[..., BARS_UNTIL].flatten().tolist())
        return place(self, bars)

    monkeypatch.setattr(ScoreLM, "place", watched)
    plan: Plan = [None] * 14 + given_bars(2, rows=4)
    sample(untaught, controls(16), plan, Sampling(seed=0))
    alone = [buckets[0] for buckets in told if len(buckets) == 1]
    expected = np.searchsorted(UNTIL_EDGES, 14 - np.arange(14), "right")
    assert alone == expected.tolist()
    assert FUTURE not in alone
    ahead = [value for buckets in told if len(buckets) > 1 for value in buckets[:10]]
    assert ahead[:10] == [FUTURE] * 10


def test_a_repeated_bar_is_equal_to_the_one_it_repeats(taught: ScoreLM) -> None:
    plan: Plan = [None, None, 0, 1, None, 0, None, None]
    written = bars_of(sample(taught, controls(8, key="Bb major"), plan, Sampling(seed=4)))
    assert written[2] == written[5] == written[0]
    assert written[3] == written[1]


def test_progress_is_told_and_may_stop_the_work(taught: ScoreLM) -> None:
    told: list[tuple[int, int]] = []
    sample(taught, controls(3), [None] * 3, Sampling(seed=0, progress=lambda *at: told.append(at)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample(taught, controls(3), [None] * 3, Sampling(seed=0, progress=stop))


DRAWN: dict[str, tuple[Controls, Plan]] = {
    "all bars": (controls(5, density=0.8), [None] * 5),
    "with drums": (controls(3, 0, DRUMS, 33, metre=(4, 4)), [None] * 3),
    "between given bars": (controls(8, key="Eb major"), [None, *given_bars(2), None, None, 0, None, *given_bars(1, 5)]),
    "no open bar": (controls(2), given_bars(2)),
}


@pytest.mark.parametrize("case", DRAWN)
def test_a_candidate_is_the_same_piece_whatever_is_drawn_beside_it(untaught: ScoreLM, case: str) -> None:
    """Of other seeds, with or without guidance, wilder or tamer."""
    settings = [
        Sampling(seed=seed, guidance=guidance, temperature=temperature)
        for seed, guidance, temperature in zip(range(8), [1.0, 3.0] * 4, [1.0, 1.0, 0.7, 1.6] * 2, strict=True)
    ]
    alone = [sample(untaught, *DRAWN[case], one).steps for one in settings]
    for chosen in (slice(0, 8), slice(0, 2), slice(5, 2, -1)):
        together = sample_many(untaught, *DRAWN[case], settings[chosen])
        for expected, piece in zip(alone[chosen], together, strict=True):
            assert np.array_equal(piece.steps, expected)


def test_candidates_whose_memory_is_full_at_different_times_do_not_disturb_each_other(untaught: ScoreLM) -> None:
    model = copy.deepcopy(untaught)
    cast(Head, model.heads[POSITION_FIELD]).out.bias.data[BAR] -= 8  # bars of many notes
    asked, plan = controls(40, 0, 40, metre=(4, 4), density=1.0), [None] * 40
    settings = [Sampling(seed=seed, guidance=guidance) for seed, guidance in enumerate((1.0, 2.0, 1.0))]
    together = [piece.steps for piece in sample_many(model, asked, plan, settings)]
    assert min(len(steps) for steps in together) > 2 * model.config.max_steps
    assert len({len(steps) for steps in together}) == 3
    for one, steps in zip(settings, together, strict=True):
        assert np.array_equal(sample(model, asked, plan, one).steps, steps)


def test_each_candidate_tells_its_progress_and_any_may_stop_all(taught: ScoreLM) -> None:
    told: list[list[tuple[int, int]]] = [[], []]
    settings = [Sampling(seed=k, progress=lambda *at, k=k: told[k].append(at)) for k in range(2)]
    sample_many(taught, controls(3), [None] * 3, settings)
    assert told == [[(0, 3), (1, 3), (2, 3), (3, 3)]] * 2

    def stop(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample_many(taught, controls(3), [None] * 3, [settings[0], Sampling(seed=1, progress=stop)])


def test_nothing_is_drawn_where_no_candidate_is_asked(taught: ScoreLM) -> None:
    assert sample_many(taught, controls(1), [None], []) == []


def test_of_a_short_piece_the_best_candidate_is_kept_as_it_is(untaught: ScoreLM, monkeypatch) -> None:
    monkeypatch.setattr("menura.models.score_lm.sampling.BARS_A_TURN", 8)
    settings = [Sampling(seed=seed, guidance=1.5) for seed in range(3)]
    for case in DRAWN.values():
        expected = sample_many(untaught, *case, settings)[2]
        assert np.array_equal(sample_best(untaught, *case, settings, lambda _: 2).steps, expected.steps)


def test_every_few_bars_all_go_on_from_the_best(untaught: ScoreLM) -> None:
    """What was chosen stays, repeated bars return in it, and the same choices give the same piece."""
    bars = 2 * BARS_A_TURN + 1
    asked, plan = controls(bars, key="Eb major"), [None] * (bars - 1) + [3]
    settings = [Sampling(seed=seed) for seed in range(3)]

    def drawn() -> tuple[TokenPiece, list[list[TokenPiece]]]:
        judged: list[list[TokenPiece]] = []
        choices = iter((1, 2))
        return sample_best(
            untaught, asked, plan, settings, lambda all_: judged.append(list(all_)) or next(choices)
        ), judged

    piece, judged = drawn()
    assert piece.num_bars == bars
    assert [{one.num_bars for one in turn} for turn in judged] == [{BARS_A_TURN}, {2 * BARS_A_TURN}]
    for turn, chosen in zip(judged, (1, 2), strict=True):
        assert bars_of(turn[chosen]) == bars_of(piece)[: turn[chosen].num_bars]
        assert len({one.steps.tobytes() for one in turn}) == 3
    assert bars_of(piece)[-1] == bars_of(piece)[3]
    assert np.array_equal(drawn()[0].steps, piece.steps)


def test_drums_are_drawn_tamer_and_others_as_they_were() -> None:
    how = Sampling(seed=0, temperature=2.0)
    assert how.temperatures(np.array([False, False])).tolist() == [[2.0] * 5] * 2
    assert how.temperatures(np.array([True])) == pytest.approx(np.array([[1.2, 1.6, 1.0, 2.0, 2.0]]))
    drums, piano = how.temperatures(np.array([True, False]))
    assert drums[:2].tolist() == piano[:2].tolist() == pytest.approx([2 * 0.6**0.5, 2 * 0.8**0.5])
    assert piano[2:].tolist() == [2.0] * 3
    assert drums[PITCH_FIELD] == 1.0


def test_a_style_it_does_not_know_is_refused_in_one_line(taught: ScoreLM) -> None:
    with pytest.raises(ValueError, match=r"does not know the style 'polka'; `menura styles`"):
        sample(taught, controls(1, styles={"polka": 1.0}), [None], Sampling(seed=0))


def test_styles_are_mixed_by_weight(taught: ScoreLM) -> None:
    one, both = (
        conditions_of(taught, controls(1, styles=s)).styles for s in ({"bach": 2.0}, {"bach": 1.0, "game": 3.0})
    )
    assert one.sum() == 1.0
    assert both[0, STYLES.index("bach")] == 0.25
    assert both[0, STYLES.index("game")] == 0.75
    assert not conditions_of(taught, controls(1)).styles.any()


def test_a_wish_becomes_the_numbers_that_training_gave(taught: ScoreLM) -> None:
    asked = replace(controls(1, 73, 0, 73, key="E minor"), density=0.0)
    conditions = conditions_of(taught, asked)
    assert conditions.programs[0, :4].tolist() == [slot.program for slot in asked.slots] + [-1]
    assert conditions.copies[0, :3].tolist() == [slot.copy for slot in asked.slots]
    assert conditions.mode.tolist() == [2]
    assert conditions.shares.tolist() == [[1, 0, 0, 0]]


@torch.no_grad()
@pytest.mark.parametrize("field", range(5))
def test_what_rows_stand_beside_counts_alike_in_sampling_and_in_training(untaught: ScoreLM, field: int) -> None:
    """What is compiled for the sampler and the model's tensors give the same logits, for notes of a real piece."""
    piece = sample(untaught, controls(10), [None] * 10, Sampling(seed=4))
    music = Music.of(piece.steps, piece.metres, np.zeros(2, dtype=bool))
    known = context(music, 0, len(piece.steps))
    chords = np.arange(len(piece.steps)) % NUM_CHORDS
    relative = torch.randn(1, len(piece.steps), NUM_RELATIVE[field], generator=torch.Generator().manual_seed(0))
    expected = untaught.context_logits(field, relative, Context.of(known, chords))[0].numpy()
    for row in np.flatnonzero(piece.steps[:, POSITION_FIELD] != BAR):
        one = type(known)(*(part[row : row + 1] for part in known))
        ours = context_logits(field, relative[0, row : row + 1].numpy(), one, int(chords[row]))[0]
        np.testing.assert_allclose(ours, expected[row], atol=1e-4)


def test_weights_from_before_context_answer_as_they_did(taught: ScoreLM, batch: Batch) -> None:
    """Weights of format 1 are filled up with zeros, which say nothing."""
    new = ("role", "activity", "chords", "chord", "interval")
    old = {name: weight for name, weight in taught.state_dict().items() if name.partition(".")[0] not in new}
    for field, count in enumerate(NUM_RELATIVE):
        for part in ("weight", "bias"):
            old[f"heads.{field}.out.{part}"] = old[f"heads.{field}.out.{part}"][:-count]
    again = ScoreLM(taught.config)
    again.load_state_dict(ScoreLM.upgraded_weights(old, taught.config))
    assert all(not again.state_dict()[name].any() for name in again.state_dict() if name.partition(".")[0] in new)
    with torch.no_grad():
        unsaid = batch.context._replace(chord=torch.zeros_like(batch.context.chord))
        alone = again(batch)
        assert torch.equal(alone, again(batch._replace(context=unsaid)))
