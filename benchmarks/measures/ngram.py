"""Interpolated n-grams: what counting alone can do, for a neural model of tokens to be measured against.

Every token is of a kind (a field of a note), and the kind of the next one is known beforehand, as it is to a model that
writes fields in turn. The estimate of an order is mixed with that of the order below it as Witten & Bell ("The
Zero-Frequency Problem", 1991) do, by how many different tokens have followed the context; how much that weighs is tuned
on held-out tokens for each order and kind. Below the lowest order every token of the kind is equally likely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from menura.score.steps.conditions import Controls, to_c
from menura.score.steps.grammar import Grammar
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    DURATION_FIELD,
    FIELD_SIZES,
    MAX_COPIES,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
    TokenPiece,
)

MAX_TOKENS = 1023
"""Largest vocabulary of an `NGram`."""
_TOKEN_BITS = np.uint64(10)
_LAST_TOKEN = np.uint64(MAX_TOKENS)
_WEIGHTS = np.array([4.0**power for power in range(-2, 5)])


@dataclass(frozen=True, eq=False)
class Sequences:
    """Token sequences end to end.

    Args:
        tokens: int64 ``[token]``.
        ages: int64 ``[token]``, how many tokens of its own sequence stand before each.
    """

    tokens: np.ndarray
    ages: np.ndarray

    @classmethod
    def join(cls, sequences: Sequence[np.ndarray]) -> Sequences:
        """Sequences ``[token]``, none of which sees another."""
        ages = [np.arange(len(sequence)) for sequence in sequences]
        return cls(np.concatenate(sequences).astype(np.int64), np.concatenate(ages))


@dataclass(frozen=True, eq=False)
class Table:
    """Counts of one order.

    Args:
        keys: uint64 ``[gram]``, sorted: the hash of a context in the high bits, the token after it in the low ones.
        before: int64 ``[gram + 1]``, how often all grams before this one were seen.
    """

    keys: np.ndarray
    before: np.ndarray


@dataclass(frozen=True, eq=False)
class NGram:
    """An interpolated n-gram.

    Args:
        kinds: int ``[vocabulary]``, the kind of every token.
        tables: counts after contexts of 0, 1, 2, … tokens.
        escape: ``[order, kind]``, how much the order below weighs for every different token seen after a context.
    """

    kinds: np.ndarray
    tables: tuple[Table, ...]
    escape: np.ndarray

    @property
    def order(self) -> int:
        return len(self.tables)

    def shortened(self, order: int) -> NGram:
        """The same counts with shorter contexts; to be tuned anew."""
        return NGram(self.kinds, self.tables[:order], np.ones((order, self.escape.shape[1])))


def fit(sequences: Sequences, kinds: np.ndarray, order: int) -> NGram:
    """Count every run of up to `order` tokens.

    Args:
        kinds: int ``[vocabulary]``, the kind of every token there can be.
        order: 1 counts tokens alone, 2 pairs, and so on, up to the longest sequence.

    Raises:
        ValueError: there are no tokens, or more different ones than a key can hold.
    """
    if not len(sequences.tokens) or order < 1:
        raise ValueError("an n-gram needs an order of at least 1 and some tokens to count")
    if len(kinds) > MAX_TOKENS:
        raise ValueError(f"an n-gram holds at most {MAX_TOKENS} different tokens, not {len(kinds)}")
    tables = []
    order = min(order, int(sequences.ages.max()) + 1)
    for length, contexts in enumerate(_contexts(kinds[sequences.tokens], sequences.tokens, order)):
        keys, counts = np.unique(_keys(contexts, sequences.tokens)[sequences.ages >= length], return_counts=True)
        tables.append(Table(keys, np.concatenate(([0], np.cumsum(counts)))))
    return NGram(kinds, tuple(tables), np.ones((order, int(kinds.max()) + 1)))


def tuned(model: NGram, held_out: Sequences, rounds: int = 2) -> NGram:
    """The same counts with the `escape` under which held-out tokens are likeliest, found one number at a time."""
    counts = _counts(model, held_out)
    kinds = model.kinds[held_out.tokens]
    escape = model.escape.copy()
    for kind in np.unique(kinds):
        own = counts[..., kinds == kind]
        floor = np.full(own.shape[-1], 1.0 / (model.kinds == kind).sum())
        for length in [*range(model.order)] * rounds:
            trials = np.tile(escape[:, kind], (len(_WEIGHTS), 1))
            trials[:, length] = _WEIGHTS
            likelihood = [np.log(_mixed(own, floor, trial)).sum() for trial in trials]
            escape[length, kind] = _WEIGHTS[int(np.argmax(likelihood))]
    return replace(model, escape=escape)


def probabilities(model: NGram, sequences: Sequences) -> np.ndarray:
    """The probability of every token ``[token]`` after those before it in its sequence."""
    kinds = model.kinds[sequences.tokens]
    return _mixed(_counts(model, sequences), 1.0 / np.bincount(model.kinds)[kinds], model.escape[:, kinds])


def probabilities_among(model: NGram, sequences: Sequences, at: np.ndarray, choices: np.ndarray) -> np.ndarray:
    """The probability of some tokens where it is known which could have come.

    Args:
        at: int ``[place]``, which tokens.
        choices: int ``[place, choice]``, what could have stood there, all of the token's kind; -1 for no choice.

    Returns:
        ``[place]``.
    """
    kinds = model.kinds[sequences.tokens[at]]
    floor = (1.0 / np.bincount(model.kinds)[kinds])[:, None]
    counts = _counts(model, sequences, at, np.maximum(choices, 0))
    likely = _mixed(counts, floor, model.escape[:, kinds][..., None]) * (choices >= 0)
    return (likely * (choices == sequences.tokens[at, None])).sum(1) / likely.sum(1)


def next_distribution(model: NGram, history: Sequence[int], kind: int) -> np.ndarray:
    """Probabilities ``[vocabulary]`` of the token of a kind that follows `history`; 0 for other kinds."""
    likely = (model.kinds == kind) / (model.kinds == kind).sum()
    recent = np.array([*history[max(len(history) - model.order + 1, 0) :], 0], dtype=np.int64)
    contexts = _contexts(np.full(len(recent), kind), recent, len(recent))
    for table, context, escape in zip(model.tables, contexts, model.escape[:, kind], strict=False):
        first, last = np.searchsorted(table.keys, _bounds(context[-1:]))[:, 0]
        if first == last:
            break
        back = escape * (last - first)
        likely *= back
        likely[(table.keys[first:last] & _LAST_TOKEN).astype(np.int64)] += np.diff(table.before[first : last + 1])
        likely /= back + table.before[last] - table.before[first]
    return likely


def _contexts(kinds: np.ndarray, tokens: np.ndarray, order: int) -> Iterator[np.ndarray]:
    """For contexts of 0, 1, 2, … tokens: the hash of each token's context and of its own kind."""
    contexts = _stirred(kinds.astype(np.uint64) + np.uint64(1))
    yield contexts
    for length in range(1, order):
        earlier = np.zeros(len(tokens), dtype=np.uint64)
        earlier[length:] = tokens[: max(len(tokens) - length, 0)]
        contexts = _stirred(contexts * np.uint64(0xBF58476D1CE4E5B9) + earlier)
        yield contexts


def _stirred(values: np.ndarray) -> np.ndarray:
    """The last steps of splitmix64 (Steele et al. 2014): near values become far ones."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _keys(contexts: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    return (contexts >> _TOKEN_BITS << _TOKEN_BITS) | tokens.astype(np.uint64)


def _bounds(contexts: np.ndarray) -> np.ndarray:
    """Between which keys the grams of a context stand, ``[2, …]``."""
    low = contexts >> _TOKEN_BITS << _TOKEN_BITS
    return np.stack((low, low | _LAST_TOKEN))


def _counts(
    model: NGram, sequences: Sequences, at: np.ndarray | None = None, candidates: np.ndarray | None = None
) -> np.ndarray:
    """For each order: how often a token followed its context, how often the context came, and how many different tokens
    followed it; ``[order, 3, token]``, or ``[order, 3, place, candidate]`` for candidates at places."""
    found = []
    ages, tokens = sequences.ages, sequences.tokens
    everywhere = _contexts(model.kinds[tokens], tokens, model.order)
    if at is not None and candidates is not None:
        ages, tokens = ages[at, None], candidates
    for length, (table, contexts) in enumerate(zip(model.tables, everywhere, strict=True)):
        if at is not None:
            contexts = contexts[at, None]
        keys = _keys(contexts, tokens)
        gram = np.minimum(np.searchsorted(table.keys, keys), len(table.keys) - 1)
        first, last = np.searchsorted(table.keys, _bounds(contexts))
        times = (table.before[gram + 1] - table.before[gram]) * (table.keys[gram] == keys)
        context = np.broadcast_to(table.before[last] - table.before[first], times.shape)
        different = np.broadcast_to(last - first, times.shape)
        found.append(np.stack((times, context, different)) * (ages >= length))
    return np.stack(found)


def _mixed(counts: np.ndarray, floor: np.ndarray, escape: np.ndarray) -> np.ndarray:
    """Witten and Bell's mixture, from the lowest order up."""
    likely = floor
    for (times, context, different), weight in zip(counts, escape, strict=True):
        back = weight * different
        likely = np.where(context > 0, (times + back * likely) / np.maximum(context + back, 1e-9), likely)
    return likely


# Notes

_SIZES = (FIELD_SIZES[0], (DRUMS + 1) * MAX_COPIES, 2 * FIELD_SIZES[2], FIELD_SIZES[3], FIELD_SIZES[4])
_OFFSETS = np.concatenate(([0], np.cumsum(_SIZES[:-1])))
NOTE_KINDS = np.repeat(np.arange(len(_SIZES)), _SIZES)
"""The kind of every token of `flattened` notes: the number of its field."""


def slot_tokens(programs: np.ndarray, copies: np.ndarray) -> np.ndarray:
    """The tokens of instruments, -1 where a program is -1."""
    tokens = _OFFSETS[SLOT_FIELD] + programs.astype(np.int64) * MAX_COPIES + copies
    return np.where(programs < 0, -1, tokens)


def flattened(steps: np.ndarray, programs: np.ndarray, copies: np.ndarray, velocities: bool) -> np.ndarray:
    """Steps as one row of tokens: a bar line is one, a note four, or five with its velocity.

    Args:
        steps: int ``[step, 5]``.
        programs, copies: int ``[slot]``; a slot's token says which instrument it is, a drum is no pitch.
        velocities: whether they mean anything.
    """
    tokens = steps.astype(np.int64) + _OFFSETS
    tokens[:, SLOT_FIELD] = slot_tokens(programs, copies)[steps[:, SLOT_FIELD]]
    tokens[:, PITCH_FIELD] += FIELD_SIZES[PITCH_FIELD] * (programs[steps[:, SLOT_FIELD]] == DRUMS)
    exists = np.ones(tokens.shape, dtype=bool)
    exists[steps[:, POSITION_FIELD] == BAR, SLOT_FIELD:] = False
    exists[:, VELOCITY_FIELD] &= velocities
    return tokens[exists]


def compose(model: NGram, controls: Controls, seed: int, top_p: float = 1.0) -> TokenPiece:
    """A piece drawn from an n-gram over `flattened` notes in C, under the same grammar as any model's.

    It hears neither style nor mode; only the instruments, the metres and the tonic are as wished.
    """
    rng = np.random.default_rng(seed)
    shift = -to_c(controls.key.tonic)
    grammar = Grammar(controls.slots, shift, controls.metres)
    players = slot_tokens(*np.array([(slot.program, slot.copy) for slot in controls.slots]).T)
    history: list[int] = []
    rows: list[list[int]] = []
    for bar in range(len(controls.metres)):
        grammar.open_bar(bar)
        history.append(BAR)
        rows.append([BAR, 0, 0, 0, 0])
        while (row := _draw_note(model, grammar, players, history, rng, top_p)) is not None:
            grammar.take(row)
            is_drum = controls.slots[row[SLOT_FIELD]].program == DRUMS
            sounding = row.copy()
            sounding[PITCH_FIELD] += 0 if is_drum else shift
            rows.append(sounding)
    return TokenPiece(controls.slots, np.asarray(controls.metres, dtype=np.int16), np.array(rows, dtype=np.int16))


def _draw_note(
    model: NGram, grammar: Grammar, players: np.ndarray, history: list[int], rng: np.random.Generator, top_p: float
) -> list[int] | None:
    """The next note, or None for the next bar line. What was drawn joins `history`, but for velocities: only some of
    the music that was counted has them."""
    row = [0] * len(FIELD_SIZES)
    for field, size in enumerate(FIELD_SIZES):
        is_drum = field == PITCH_FIELD and grammar.slots[row[SLOT_FIELD]].program == DRUMS
        tokens = players if field == SLOT_FIELD else _OFFSETS[field] + size * is_drum + np.arange(size)
        likely = next_distribution(model, history, field)[tokens]
        row[field] = _drawn(likely * _allowed(grammar, field, row), rng, top_p)
        if field == POSITION_FIELD and row[0] == BAR:
            return None
        if field != VELOCITY_FIELD:
            history.append(int(tokens[row[field]]))
    return row


def _allowed(grammar: Grammar, field: int, row: Sequence[int]) -> np.ndarray | float:
    """What the grammar multiplies the probabilities of a field by."""
    if field == POSITION_FIELD:
        return np.exp(grammar.positions())
    if field == SLOT_FIELD:
        return np.exp(grammar.slot_mask(row[POSITION_FIELD])[: len(grammar.slots)])
    if field == PITCH_FIELD:
        return grammar.pitches(row[POSITION_FIELD], row[SLOT_FIELD])
    if field == DURATION_FIELD:
        return grammar.durations(row[POSITION_FIELD])
    return 1.0


def _drawn(likely: np.ndarray, rng: np.random.Generator, top_p: float) -> int:
    order = np.argsort(-likely, kind="stable")
    share = np.cumsum(likely[order])
    kept = min(int(np.searchsorted(share, top_p * share[-1])) + 1, len(order))
    return int(order[np.searchsorted(share[:kept], rng.random() * share[kept - 1], side="right").clip(max=kept - 1)])
