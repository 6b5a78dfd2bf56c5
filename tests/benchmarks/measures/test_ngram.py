"""Probabilities are probabilities, longer contexts help where memory does, and drawn notes keep the rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measures import ngram
from measures.ngram import NOTE_KINDS, Sequences
from menura.score.notes import Key
from menura.score.steps.conditions import Controls
from menura.score.steps.tokens import BAR, DRUMS, bar_length, slots_for

KINDS = np.array([0, 0, 0, 0, 1, 1])


def markov_tokens(seed: int, length: int, order: int = 2) -> np.ndarray:
    """Tokens 0 to 3, each nearly settled by the `order` before it."""
    rng = np.random.default_rng(seed)
    rule = np.random.default_rng(0).integers(4, size=4**order)
    tokens = [0] * order
    for _ in range(length):
        usual = rule[int("".join(map(str, tokens[-order:])), 4)]
        tokens.append(int(usual) if rng.random() < 0.9 else int(rng.integers(4)))
    return np.array(tokens)


def nats(model: ngram.NGram, sequences: Sequences) -> float:
    return float(-np.log(ngram.probabilities(model, sequences)).mean())


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=30), min_size=1, max_size=5),
    st.lists(st.integers(0, 5), max_size=8),
    st.integers(1, 5),
    st.integers(0, 1),
)
def test_what_may_follow_sums_to_one_over_its_kind_after_any_history(sequences, history, order, kind):
    model = ngram.fit(Sequences.join([np.array(own) for own in sequences]), KINDS, order)
    likely = ngram.next_distribution(model, history, kind)
    assert likely.sum() == pytest.approx(1)
    assert (likely[kind == KINDS] > 0).all()
    assert (likely[kind != KINDS] == 0).all()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=20), st.integers(1, 5))
def test_one_token_at_a_time_and_all_at_once_agree(tokens, order):
    model = ngram.fit(Sequences.join([np.arange(6), np.array([3, 4, 3, 5, 0, 4])]), KINDS, order)
    held_out = Sequences.join([np.array([1, 4]), np.array(tokens)])
    singly = [ngram.next_distribution(model, tokens[:at], KINDS[own])[own] for at, own in enumerate(tokens)]
    np.testing.assert_allclose(ngram.probabilities(model, held_out)[2:], singly)


def test_a_context_that_was_never_seen_leaves_the_shorter_one_s_answer():
    model = ngram.fit(Sequences.join([np.array([0, 1, 0, 1, 0, 2])]), KINDS, 3)
    np.testing.assert_allclose(
        ngram.next_distribution(model, [3, 3, 0], 0), ngram.next_distribution(model.shortened(2), [0], 0)
    )


def test_sequences_do_not_see_each_other():
    apart = ngram.fit(Sequences.join([np.array([0]), np.array([1]), np.array([0]), np.array([1])]), KINDS, 2)
    together = ngram.fit(Sequences.join([np.array([0, 1, 0, 1])]), KINDS, 2)
    assert ngram.next_distribution(together, [0], 0)[1] > ngram.next_distribution(apart, [0], 0)[1]


def test_it_remembers_a_markov_source_better_the_longer_it_may():
    counted = ngram.fit(Sequences.join([markov_tokens(1, 5000)]), KINDS, 4)
    valid, held_out = (Sequences.join([markov_tokens(seed, 1000)]) for seed in (2, 3))
    one, two, three, four = (nats(ngram.tuned(counted.shortened(order), valid), held_out) for order in (1, 2, 3, 4))
    assert one > two > three + 0.3
    assert four < three + 0.02


def test_tuning_never_makes_the_tokens_tuned_on_less_likely():
    counted = ngram.fit(Sequences.join([markov_tokens(1, 300)]), KINDS, 4)
    valid = Sequences.join([markov_tokens(2, 300)])
    assert nats(ngram.tuned(counted, valid), valid) <= nats(counted, valid)


def test_knowing_what_could_have_come_shares_all_probability_among_that():
    sequences = Sequences.join([markov_tokens(1, 200)])
    model = ngram.fit(sequences, KINDS, 3)
    at = np.arange(10, 40)
    tokens = sequences.tokens[at]
    others = (tokens + 1) % 4
    choices = np.column_stack((tokens, others, np.full(30, -1)))
    first = ngram.probabilities_among(model, sequences, at, choices)
    changed = sequences.tokens.copy()
    changed[at[0]] = others[0]
    second = ngram.probabilities_among(model, Sequences(changed, sequences.ages), at[:1], choices[:1])
    assert first[0] + second[0] == pytest.approx(1)
    assert (first >= ngram.probabilities(model, sequences)[at]).all()


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(ValueError, match="some tokens to count"):
        ngram.fit(Sequences(np.zeros(0, dtype=int), np.zeros(0, dtype=int)), KINDS, 3)
    with pytest.raises(ValueError, match="at most 1023"):
        ngram.fit(Sequences.join([np.zeros(3)]), np.zeros(2000, dtype=int), 3)


STEPS = np.array([[BAR, 0, 0, 0, 0], [0, 0, 60, 11, 9], [12, 1, 36, 2, 10], [BAR, 0, 0, 0, 0], [0, 0, 62, 20, 8]])
PROGRAMS, COPIES = np.array([0, DRUMS, -1]), np.array([0, 0, 0])


def test_a_bar_line_is_one_token_and_a_note_has_one_for_each_field():
    tokens = ngram.flattened(STEPS, PROGRAMS, COPIES, velocities=True)
    assert NOTE_KINDS[tokens].tolist() == [0, *range(5), *range(5), 0, *range(5)]
    assert NOTE_KINDS[ngram.flattened(STEPS, PROGRAMS, COPIES, velocities=False)].tolist() == [
        *(0, 0, 1, 2, 3, 0, 1, 2, 3, 0, 0, 1, 2, 3)
    ]


def test_an_instrument_is_the_same_token_in_any_slot_and_a_drum_no_pitch():
    swapped = STEPS.copy()
    swapped[[1, 2, 4], 1] = [1, 0, 1]
    tokens = ngram.flattened(STEPS, PROGRAMS, COPIES, velocities=False)
    np.testing.assert_array_equal(tokens, ngram.flattened(swapped, PROGRAMS[[1, 0, 2]], COPIES, velocities=False))
    as_piano = ngram.flattened(STEPS, np.array([0, 1, -1]), COPIES, velocities=False)
    assert (tokens != as_piano).sum() == 2


@pytest.mark.parametrize("seed", [0, 1])
def test_a_drawn_piece_has_the_wished_bars_and_instruments_and_its_seed_decides_it(seed):
    crop = ngram.flattened(STEPS, PROGRAMS, COPIES, velocities=True)
    model = ngram.fit(Sequences.join([crop] * 3), NOTE_KINDS, 5)
    wish = Controls(slots=slots_for([0, DRUMS]), key=Key(2, "minor"), bpm=90, metres=np.tile([3, 4], (4, 1)))
    piece = ngram.compose(model, wish, seed)
    again = ngram.compose(model, wish, seed)
    np.testing.assert_array_equal(piece.steps, again.steps)
    assert piece.num_bars == 4
    assert (piece.steps[:, 0] == BAR).sum() == 4
    notes = piece.steps[piece.steps[:, 0] != BAR]
    assert set(notes[:, 1].tolist()) == {0, 1}
    assert (notes[:, 0] < bar_length(3, 4)).all()
    assert ngram.compose(model, wish, seed + 10).steps.tolist() != piece.steps.tolist()
