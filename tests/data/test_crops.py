"""Crops depend on seed and index alone, say what their notes say, and change no interval."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from menura.data import crops as module
from menura.data.crops import NO_AUGMENTATION, Augmentation, Crops, crop, shares_of
from menura.data.scores import TRAIN, measure_steps
from menura.score.instruments import INSTRUMENTS
from menura.score.steps.conditions import (
    BARS_DONE,
    BARS_LEFT,
    BARS_UNTIL,
    FUTURE,
    UNTIL_EDGES,
    bar_buckets,
    tempo_index,
    to_c,
)
from menura.score.steps.tokens import BAR, DRUMS, MAX_SLOTS, PITCH_FIELD, POSITION_FIELD, SLOT_FIELD, Slot, slot_order

LENGTH = 64
AS_TRAINED = Augmentation()
ALWAYS_ARRIVE = replace(NO_AUGMENTATION, arrive=1.0)


def crops(corpus, seed=0, augmentation=AS_TRAINED, split="train"):
    return Crops(corpus, split, LENGTH, seed, augmentation)


def plain(corpus, piece=0, bar=0, variation=NO_AUGMENTATION, seed=0, length=LENGTH):
    start = int(corpus.bar_lines(piece)[bar])
    return start, crop(corpus, piece, start, length, variation, np.random.default_rng(seed))


def test_a_batch_depends_on_seed_and_index_alone(corpus):
    one, other = crops(corpus), crops(corpus)
    other.batch(7, 4)
    for index in (3, 0, 3):
        for first, second in zip(one.batch(index, 4), other.batch(index, 4), strict=True):
            assert first.keys() == second.keys()
            assert all(np.array_equal(first[name], second[name]) for name in first)
    assert not np.array_equal(one.batch(0, 4)[0]["steps"], one.batch(1, 4)[0]["steps"])
    assert not np.array_equal(one.batch(0, 4)[0]["steps"], crops(corpus, seed=1).batch(0, 4)[0]["steps"])


def test_all_crops_of_a_batch_have_one_shape_and_begin_at_a_bar_line(corpus):
    for index in range(20):
        for made in crops(corpus).batch(index, 4):
            assert made["steps"].shape == (LENGTH + 1, 5)
            assert made["bars"].shape == (LENGTH + 1, 8)
            assert made["weight"].shape == (LENGTH,)
            assert made["steps"][0, POSITION_FIELD] == BAR
            assert made["steps"].dtype == made["bars"].dtype == np.int64
            assert made["shares"].shape == (4,)
            assert made["styles"].sum() == pytest.approx(1) or made["styles"].sum() == 0


def test_only_pieces_of_the_split_are_drawn(corpus):
    kept = crops(corpus)
    assert set(corpus.split[kept.pieces]) == {TRAIN}
    empty = replace(corpus, split=np.zeros_like(corpus.split))
    with pytest.raises(ValueError, match="the corpus has no valid pieces"):
        crops(empty, split="valid")


def test_beginnings_and_ends_are_drawn_more_often(corpus):
    ends = crops(corpus, augmentation=replace(NO_AUGMENTATION, ends=0.5)).batch(0, 60)
    lefts = bar_buckets(np.array([[4, 4, 0, 0]]))[0, BARS_LEFT]
    begins = np.array([made["bars"][0, BARS_DONE] == 0 for made in ends])
    finishes = np.array([(made["bars"][made["steps"][:, 0] > 0, BARS_LEFT] == lefts).any() for made in ends])
    assert 15 < begins.sum() < 45
    assert (begins ^ finishes).all()


@pytest.mark.parametrize("piece", range(4))
def test_labels_are_what_is_measured(corpus, piece):
    start, made = plain(corpus, piece, bar=2)
    rows = slice(start, start + LENGTH + 1)
    measured = measure_steps(
        corpus.steps[rows], corpus.programs[piece], corpus.bars[rows], bool(corpus.dynamics[piece])
    )
    assert made["mode"] == 1 + measured.mode
    assert made["tempo"] == tempo_index(80 + 5 * piece)
    assert np.array_equal(made["shares"], shares_of(measured, corpus.edges))
    assert 1 <= made["shares"].min() <= made["shares"].max() <= 8
    assert np.array_equal(made["styles"] > 0, corpus.styles[piece])
    assert bool(made["has_velocity"]) == corpus.dynamics[piece]


@pytest.mark.parametrize("piece", range(10))
def test_moving_to_c_changes_no_interval_and_nothing_but_pitch(corpus, piece):
    start, made = plain(corpus, piece)
    own = corpus.steps[start : start + LENGTH + 1].astype(np.int64)
    moved = made["steps"][: len(own)]
    notes = own[:, POSITION_FIELD] != BAR
    shift = set((moved - own)[notes, PITCH_FIELD])
    measured = measure_steps(own, corpus.programs[piece], corpus.bars[start : start + LENGTH + 1], True)
    assert shift == {to_c(measured.tonic)}
    others = [field for field in range(5) if field != PITCH_FIELD]
    assert np.array_equal(moved[:, others], own[:, others])
    assert np.array_equal(moved[~notes], own[~notes])


@given(st.lists(st.integers(0, 127), min_size=1, max_size=20), st.booleans(), st.integers(0, 1))
def test_no_pitch_is_bent_at_the_ends_of_the_keyboard(pitches, with_drum, mode):
    rows = [[BAR, 0, 0, 0, 0]] + [[index, 1, pitch, 3, 8] for index, pitch in enumerate(pitches)]
    rows += [[50, 0, 36, 3, 8]] * with_drum
    steps, programs = np.array(rows), np.array([DRUMS, 0] + [-1] * (MAX_SLOTS - 2))
    measured = measure_steps(steps, programs, np.array([[4, 4, 0, 0]] * len(steps)), True)
    is_drum, all_rows = np.array([True, False]), slice(0, len(steps))
    moved, _, told = module._into_c(steps, is_drum, all_rows, replace(measured, mode=mode))
    own = slice(1, len(pitches) + 1)
    assert len(set(moved[own, PITCH_FIELD] - steps[own, PITCH_FIELD])) == 1
    assert ((moved >= 0) & (moved <= 127)).all()
    assert told in (0, 1 + mode)
    assert told or np.array_equal(moved, steps)
    assert not with_drum or moved[-1, PITCH_FIELD] == 36


def test_nothing_is_told_where_everything_is_forgotten(corpus):
    _, made = plain(corpus, variation=replace(NO_AUGMENTATION, forget=1.0))
    assert not made["styles"].any()
    assert not made["mode"]
    assert not made["tempo"]
    assert not made["shares"].any()


def test_the_weight_covers_exactly_the_rows_that_are_there(corpus):
    last = len(corpus.bar_lines(0)) - 1
    start, made = plain(corpus, 0, bar=last - 1)
    count = corpus.piece_rows(0).stop - start
    assert made["weight"].sum() == count - 1
    assert made["weight"][: count - 1].all()
    assert not made["steps"][count:].any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_music_to_arrive_at_is_given_first_and_the_rest_leads_to_it(corpus_once, seed):
    corpus = corpus_once
    piece, bar = seed % 10, seed % 3
    start, made = plain(corpus, piece, bar, ALWAYS_ARRIVE, seed)
    _, straight = plain(corpus, piece, bar, NO_AUGMENTATION, seed)
    given_rows = int((made["bars"][:, BARS_UNTIL] == FUTURE).sum())
    total = int(made["weight"].sum()) + max(given_rows - 1, 0) + 1
    ahead, led = made["steps"][:given_rows], made["steps"][given_rows:total]
    cut = len(led) - 1
    assert given_rows
    assert np.array_equal(led, straight["steps"][: cut + 1])
    assert np.array_equal(ahead, straight["steps"][cut : cut + given_rows])
    assert ahead[0, POSITION_FIELD] == led[0, POSITION_FIELD] == led[-1, POSITION_FIELD] == BAR
    assert 1 <= (ahead[:, POSITION_FIELD] == BAR).sum() <= 4
    assert not made["weight"][: given_rows - 1].any()
    assert made["weight"][given_rows - 1 : total - 1].all()
    assert not made["weight"][total - 1 :].any()
    assert (made["bars"][:given_rows, BARS_UNTIL] == FUTURE).all()
    bars = np.cumsum(led[:, POSITION_FIELD] == BAR) - 1
    until = np.maximum(bars[-1] - bars, 1)
    assert np.array_equal(made["bars"][given_rows:total, BARS_UNTIL], np.searchsorted(UNTIL_EDGES, until, "right"))
    exact = bar_buckets(corpus.bars[start : start + LENGTH + 1])
    place = [field for field in range(5) if field != BARS_UNTIL]
    assert np.array_equal(made["bars"][given_rows:total][:, place], exact[: cut + 1][:, place])
    assert np.array_equal(made["bars"][:given_rows][:, place], exact[cut : cut + given_rows][:, place])


@pytest.fixture(scope="module")
def corpus_once():
    """One corpus for many examples."""
    rng = np.random.default_rng(0)
    rows, bars, starts = [], [], [0]
    for _ in range(10):
        for bar in range(14):
            count = int(rng.integers(0, 6))
            places = np.sort(rng.choice(48, count, replace=False))
            rows += [[BAR, 0, 0, 0, 0], *([int(p), 0, int(rng.integers(50, 80)), 3, 8] for p in places)]
            bars += [[4, 4, bar, 13 - bar]] * (count + 1)
        rows.append([BAR, 0, 0, 0, 0])
        bars.append([4, 4, 13, 0])
        starts.append(len(rows))
    programs = np.full((10, MAX_SLOTS), -1)
    programs[:, 0] = 0
    return module.Corpus(
        steps=np.array(rows, dtype=np.int16),
        bars=np.array(bars, dtype=np.int16),
        chords=np.zeros((len(rows), 3), dtype=np.int16),
        starts=np.array(starts),
        programs=programs,
        copies=np.zeros((10, MAX_SLOTS), dtype=int),
        styles=np.zeros((10, 3), dtype=bool),
        bpm=np.full(10, 100.0),
        dynamics=np.ones(10, dtype=bool),
        split=np.zeros(10, dtype=np.int8),
        names=np.array([f"set/{index}" for index in range(10)]),
        edges=np.zeros((4, 7)),
    )


ENSEMBLES = ([0, 73], [128, 33, 27, 56], [40, 40, 41, 42], [43, 42, 41, 40, 47], [60, 57, 56, 58])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ENSEMBLES), st.integers(0, 10**6))
def test_revoicing_keeps_families_order_and_ranges(programs, seed):
    slots = slot_order(tuple(Slot(p, programs[:index].count(p)) for index, p in enumerate(programs)))
    own, copies = np.full(MAX_SLOTS, -1), np.zeros(MAX_SLOTS, dtype=int)
    own[: len(slots)], copies[: len(slots)] = [s.program for s in slots], [s.copy for s in slots]
    rng = np.random.default_rng(seed)
    rows = [[BAR, 0, 0, 0, 0]]
    for index, slot in enumerate(slots):
        instrument = INSTRUMENTS[slot.program]
        rows += [[0, index, int(rng.integers(instrument.low, instrument.high + 1)), 3, 8] for _ in range(3)]
    steps = np.array(rows)
    fresh = module._revoiced(own, copies, steps, rng)
    assert np.array_equal(fresh // 8, own // 8)
    assert np.array_equal(fresh < 0, own < 0)
    assert len(set(zip(fresh[fresh >= 0], copies[fresh >= 0], strict=True))) == len(slots)
    voiced = tuple(Slot(int(p), int(c)) for p, c in zip(fresh, copies, strict=True) if p >= 0)
    assert slot_order(voiced) == voiced
    for index in np.flatnonzero((own >= 0) & (own < DRUMS)):
        pitches = steps[1:][steps[1:, SLOT_FIELD] == index, PITCH_FIELD]
        instrument = INSTRUMENTS[fresh[index]]
        assert instrument.low <= pitches.min() <= pitches.max() <= instrument.high
    if (own == own[0]).sum() > 1:
        assert fresh[0] == own[0]


def test_revoicing_happens(corpus):
    changed = [
        plain(corpus, 0, 0, replace(NO_AUGMENTATION, revoice=1.0), seed)[1]["programs"].tolist() for seed in range(30)
    ]
    assert len({tuple(programs) for programs in changed}) > 3
