"""Drawing pieces from a `ScoreLM`, note by note: bars that are given or repeated stand, the others are composed.

sample_many(model, controls, plan, settings)
  Candidate      a piece that is drawn: the plan's next open bar, the latest rows, and its random numbers
    PartialScore   the bars so far, the rules for what may come next, and what is preferred
  Sampler        all candidates a row further: the model's step on a CPU, and then one field after another
    choose         position -> slot -> pitch -> duration -> velocity
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from menura.models.score_lm.choice import choose
from menura.models.score_lm.model import REACH, Conditions, Context, Head, ScoreLM
from menura.models.score_lm.partial_score import BAR_LINE, IS_AHEAD, PartialScore, Plan
from menura.nn.kernels import array
from menura.nn.transformer import Memory
from menura.score.steps.conditions import MEASURES, Controls, share_index, tempo_index
from menura.score.steps.context import NONE
from menura.score.steps.tokens import (
    BAR,
    FIELD_SIZES,
    MAX_SLOTS,
    PITCH_FIELD,
    SLOT_FIELD,
    TokenPiece,
)

DRUM_TEMPERATURES = (0.6, 0.8, 0.5, 1.0, 1.0)
"""What the temperature of position, slot, pitch, duration and velocity is multiplied by for drums: drawn any wilder, a
drummer keeps no pattern. Where, and by whom, the next note is played is drawn before its player is known: there it is
the geometric mean over all players."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How a piece is drawn.

    Args:
        seed: of everything random; a piece depends on nothing else.
        temperature: above 1 wilder, below 1 tamer; 0.2 to 2.
        top_p: only the likeliest values that make up this share, 0 to 1.
        guidance: how much more to listen to what was asked than the music alone would, 1 = as trained.
        steering: how firmly the asked key and density are kept, 0 = the model alone, 1 = usual.
        progress: called with bars done and bars in all.
    """

    seed: int
    temperature: float = 1.0
    top_p: float = 0.97
    guidance: float = 1.0
    steering: float = 1.0
    progress: Callable[[int, int], None] = lambda _done, _total: None

    def temperatures(self, is_drum: np.ndarray) -> np.ndarray:
        """Of each field, for each of some slots: ``[slot, 5]``; of position and slot the same for all."""
        factors = np.where(is_drum[:, None], DRUM_TEMPERATURES, 1.0)
        factors[:, :PITCH_FIELD] = np.exp(np.log(factors[:, :PITCH_FIELD]).mean(0))
        return self.temperature * factors


def sample(model: ScoreLM, controls: Controls, plan: Plan, settings: Sampling) -> TokenPiece:
    """As `sample_many`, of one candidate."""
    return sample_many(model, controls, plan, [settings])[0]


def sample_many(model: ScoreLM, controls: Controls, plan: Plan, settings: Sequence[Sampling]) -> list[TokenPiece]:
    """Compose the bars a plan leaves open, several times at once: the model's weights are read once for all candidates.

    A candidate is the same piece, note for note, whatever else is drawn beside it.

    Args:
        model: of the notes.
        controls: what is asked.
        plan: what stands already.
        settings: how to draw each candidate.

    Returns:
        The whole piece of each candidate, sounding in the wished key.

    Raises:
        ValueError: a style the model does not know.
    """
    with torch.inference_mode():
        return Sampler(model, controls, plan, settings).sample()


BARS_A_TURN = 4
"""Composed bars after which `sample_best` chooses."""


def sample_best(
    model: ScoreLM,
    controls: Controls,
    plan: Plan,
    settings: Sequence[Sampling],
    best: Callable[[Sequence[TokenPiece]], int],
) -> TokenPiece:
    """As `sample_many`, but every `BARS_A_TURN` bars all candidates go on from the one that is best so far.

    Args:
        settings: how to draw each candidate; they differ in their seeds alone.
        best: the number of the best of several beginnings, or in the end whole pieces, that are equally long.
    """
    with torch.inference_mode():
        return Sampler(model, controls, plan, settings).sample_best(best)


def conditions_of(model: ScoreLM, controls: Controls) -> Conditions:
    """Controls as the model reads them, in a batch of one.

    Raises:
        ValueError: a style it does not know.
    """
    unknown = [name for name in controls.styles if name not in model.config.styles]
    if unknown:
        raise ValueError(f"this model does not know the style {unknown[0]!r}; `menura styles` lists those it knows")
    programs = torch.full((1, MAX_SLOTS), -1)
    copies = torch.zeros(1, MAX_SLOTS, dtype=torch.long)
    for index, slot in enumerate(controls.slots):
        programs[0, index], copies[0, index] = slot.program, slot.copy
    styles = torch.tensor([[controls.styles.get(name, 0.0) for name in model.config.styles]])
    conditions = Conditions(
        programs,
        copies,
        styles / styles.sum().clamp(min=1e-9),
        torch.tensor([1 if controls.key.mode == "major" else 2]),
        torch.tensor([tempo_index(controls.bpm)]),
        torch.tensor([[share_index(getattr(controls, name)) for name in MEASURES]]),
        _of_slots(controls.roles),
        _of_slots(controls.activity),
    )
    return Conditions(*(one.to(model.style.device) for one in conditions))


def _of_slots(said: Sequence[int]) -> Tensor:
    """Numbers of slots, 0 where nothing is said."""
    return torch.tensor([[*said, *([0] * (MAX_SLOTS - len(said)))]])


class Candidate:
    """A piece that is being drawn: what stands of it, and what the model is to read next.

    Args:
        model: of the notes.
        score: the piece, of which nothing stands.
        settings: how to draw.
        conditions: what is asked; in a batch of two beside nothing asked, where there is guidance.
        memory: the part of the decoder's memory that is this candidate's, an item for each branch.

    Attributes:
        read: ``[width]``, the sum of the vectors of the row that the model reads next.
        known, chord: what the row stands beside that is being drawn.
        bars_left: how many bars are composed before it waits; None: it does not.
    """

    def __init__(
        self, model: ScoreLM, score: PartialScore, settings: Sampling, conditions: Conditions, memory: Memory
    ) -> None:
        self.model, self.score, self.settings, self.memory = model, score, settings, memory
        self.conditions, self.condition = conditions, model.condition(conditions)
        self.branches = len(self.condition)
        self.rng = np.random.default_rng(settings.seed)
        self.temperatures = settings.temperatures(score.is_drum)
        self.line = array(model.position.weight[BAR])
        self.bar = -1
        self.rows: list[tuple[int, ...]] = []
        self.read = self.line
        self.is_stale = True
        self.target: int | None = None
        self.bars_left: int | None = None

    def open_bar(self) -> bool:
        """Go on to the next bar that is to be composed; whether there is one."""
        total = len(self.score.plan)
        for bar in range(self.bar + 1, total):
            self.settings.progress(bar, total)
            self.score.open_bar(bar)
            planned = self.score.plan[bar]
            if planned is None:
                turns = self.score.leads_home(bar) and not self.score.leads_home(bar - 1)
                self.bar, self.rows, self.read = bar, [], self.line
                if self.is_stale or turns:
                    self._refill()
                bars = torch.from_numpy(self.score.bar_conditions(bar, 1, self._until(bar)))
                self.here = array(self.model.place(bars.to(self.condition.device)) + self.condition)
                return True
            self.score.take_planned(planned)
            self.is_stale = True
        self.bar = total
        self.settings.progress(total, total)
        return False

    def next_bar(self) -> bool:
        """Take what was drawn of the open bar as the whole of it, and `open_bar`, unless it is to wait."""
        self.score.close_bar(np.array(self.rows, dtype=np.int64).reshape(-1, 5))
        if self.bars_left is not None:
            self.bars_left -= 1
        return self.bars_left != 0 and self.open_bar()

    def follow(self, other: Candidate) -> None:
        """Go on from where another has opened a bar."""
        self.score = copy.deepcopy(other.score)
        self.memory.copy(other.memory)
        self.bar, self.rows, self.read, self.here = other.bar, [], self.line, other.here
        self.is_stale, self.target = other.is_stale, other.target

    def take(self, row: tuple[int, ...], read: np.ndarray) -> None:
        """Take a row that is drawn, whose fields' vectors have the sum `read`."""
        self.rows.append(row)
        self.score.take(row)
        self.read = read

    def next_input(self) -> np.ndarray:
        """What the model reads next, ``[branch, width]``; there is room for it in the memory."""
        if self.memory.length >= self.model.config.max_steps - 1:
            self._refill()
        return self.here + self.read

    def choose(self, row: Sequence[int], answer: np.ndarray, slots: np.ndarray) -> int:
        """Draw the next field of a row of which some are known, from the answer of its head."""
        field, score, settings = len(row), self.score, self.settings
        if field <= PITCH_FIELD:
            draft = (*row, 0, 0, 0, 0, 0)[:5] if row else (BAR, 0, 0, 0, 0)
            self.known, self.chord = score.rows.context_of_draft(draft)
        temperature = self.temperatures[row[SLOT_FIELD] if field >= PITCH_FIELD else 0, field]
        how = (settings.guidance, float(temperature), settings.top_p)
        value = choose(field, answer, slots, self.known, self.chord, score.bias(row), how, self.rng.random())
        return score.grammar.settled(row, int(value))

    def _refill(self) -> None:
        """Fill the memory anew: the music to arrive at, as many whole bars as take half of it, and what the model has
        read of this bar."""
        score, most = self.score, self.model.config.max_steps
        begun = np.concatenate((BAR_LINE, np.array(self.rows[:-1], dtype=np.int64).reshape(-1, 5)))
        begun = begun if self.rows else begun[:0]
        room = most // 2 - len(begun)
        parts = [(self.bar, begun)]
        for earlier in range(self.bar - 1, -1, -1):
            room -= len(score.bars[earlier]) + 1
            if room < 0:
                break
            parts.insert(0, (earlier, np.concatenate((BAR_LINE, score.bars[earlier]))))
        self.target, ahead = score.music_ahead(self.bar, most // 4)
        steps = np.concatenate([part for _, part in (*ahead, *parts)])[-most * 3 // 4 :]
        conditions = [score.bar_conditions(b, len(part), IS_AHEAD) for b, part in ahead]
        conditions += [score.bar_conditions(b, len(part), self._until(b)) for b, part in parts]
        both = self.branches
        cache = self.model.start(both)
        if len(steps):
            bars = np.concatenate(conditions)[-len(steps) :]
            steps_, bars_ = (torch.from_numpy(x.astype(np.int64)).expand(both, -1, -1) for x in (steps, bars))
            contexts = [score.rows.contexts_ahead(ahead), *(score.rows.contexts(b, len(part)) for b, part in parts)]
            known = Context(*(torch.cat(of, 1)[:, -len(steps) :] for of in zip(*contexts, strict=True)))
            device = self.condition.device
            known = Context(*(one.to(device) for one in known.expand(both)))
            _, cache = self.model.step(
                steps_.to(device), bars_.to(device), self.conditions, self.condition, known, cache
            )
        self.memory.fill(cache)
        self.is_stale = False

    def _until(self, bar: int) -> int:
        return 0 if self.target is None else max(self.target - bar, 1)


class Sampler:
    """Draws the open bars of a piece, for several candidates in step.

    Args:
        as of `sample_many`.
    """

    def __init__(self, model: ScoreLM, controls: Controls, plan: Plan, settings: Sequence[Sampling]) -> None:
        self.model = model
        asked = conditions_of(model, controls)
        guided = _with_unconditional(asked)
        fields = (model.position, model.pitch, model.duration, model.velocity, model.chord, model.interval)
        self.position, self.pitch, self.duration, self.velocity, self.chord, self.interval = (
            array(field.weight) for field in fields
        )
        self.slots = array(model.slot_vectors(asked)[0])
        self.decoder = model.transformer.decoder()
        self.heads = [cast(Head, head).decoder() for head in model.heads]
        branches = [2 if one.guidance != 1.0 else 1 for one in settings]
        self.memory = self.decoder.start(sum(branches))
        self.candidates: list[Candidate] = []
        self.places: dict[Candidate, np.ndarray] = {}
        first = 0
        for one, size in zip(settings, branches, strict=True):
            memory, conditions = self.memory.of(slice(first, first + size)), guided if size == 2 else asked
            score = PartialScore(controls, plan, one.steering, model.config.density)
            candidate = Candidate(model, score, one, conditions, memory)
            self.candidates.append(candidate)
            self.places[candidate] = np.arange(first, first + size)
            first += size

    def sample(self) -> list[TokenPiece]:
        """The pieces."""
        drawing = [candidate for candidate in self.candidates if candidate.open_bar()]
        while drawing:
            drawing = self._draw(drawing, self._step(drawing))
        return [candidate.score.piece() for candidate in self.candidates]

    def sample_best(self, best: Callable[[Sequence[TokenPiece]], int]) -> TokenPiece:
        """The piece of which the best candidate goes on."""
        leader, turn = self.candidates[0], 0
        while leader.open_bar():
            for candidate in self.candidates:
                if candidate is not leader:
                    candidate.follow(leader)
                if turn:
                    candidate.rng = np.random.default_rng((candidate.settings.seed, turn))
                candidate.bars_left = BARS_A_TURN
            drawing = self.candidates
            while drawing:
                drawing = self._draw(drawing, self._step(drawing))
            leader = self.candidates[best([candidate.score.piece() for candidate in self.candidates])]
            turn += 1
        return leader.score.piece()

    def _step(self, drawing: Sequence[Candidate]) -> np.ndarray:
        """Let the model read the next row of each; its outputs, ``[branch of each, width]``."""
        x = np.concatenate([candidate.next_input() for candidate in drawing])
        places = np.concatenate([self.places[candidate] for candidate in drawing])
        lengths = np.concatenate([np.full(candidate.branches, candidate.memory.length) for candidate in drawing])
        for candidate in drawing:
            candidate.memory.length += 1
        return self.decoder.step_each(x, *self.memory.arrays, places, lengths)

    def _draw(self, drawing: Sequence[Candidate], x: np.ndarray) -> list[Candidate]:
        """Draw the next row of each from the model's outputs; those that have a row to come."""
        positions = self._choose(drawing, x, [()] * len(drawing))
        plays = np.array([position != BAR for (position,) in positions])
        playing = [candidate for candidate, plays_on in zip(drawing, plays, strict=True) if plays_on]
        if playing:
            notes = [row for row in positions if row[0] != BAR]
            self._draw_notes(playing, x[np.repeat(plays, [one.branches for one in drawing])], notes)
        return [one for one, plays_on in zip(drawing, plays, strict=True) if plays_on or one.next_bar()]

    def _draw_notes(self, playing: Sequence[Candidate], x: np.ndarray, rows: list[tuple[int, ...]]) -> None:
        """Draw all fields but the position."""
        branches = [candidate.branches for candidate in playing]

        def last(table: np.ndarray) -> np.ndarray:
            return table[[row[-1] for row in rows]]

        read = last(self.position)
        rows = self._choose(playing, x + np.repeat(read, branches, axis=0), rows)
        read = read + last(self.slots)
        x = x + np.repeat(self.chord[[candidate.chord for candidate in playing]], branches, axis=0)
        rows = self._choose(playing, x + np.repeat(read, branches, axis=0), rows)
        is_drum = playing[0].score.is_drum[[row[SLOT_FIELD] for row in rows]]
        read = read + np.where(is_drum[:, None], last(self.pitch[FIELD_SIZES[PITCH_FIELD] :]), last(self.pitch))
        rows = self._choose(playing, x + np.repeat(read, branches, axis=0), rows)
        read = read + last(self.duration)
        rows = self._choose(playing, x + np.repeat(read, branches, axis=0), rows)
        before = [int(candidate.known.anchors[0, 1]) for candidate in playing]
        moved = [interval_index(row[PITCH_FIELD], pitch) for row, pitch in zip(rows, before, strict=True)]
        read = read + last(self.velocity) + self.interval[moved]
        for candidate, row, vector in zip(playing, rows, read, strict=True):
            candidate.take(row, vector)

    def _choose(
        self, candidates: Sequence[Candidate], x: np.ndarray, rows: Sequence[tuple[int, ...]]
    ) -> list[tuple[int, ...]]:
        """Draw one more field of each candidate's row."""
        answers = self.heads[len(rows[0])](x)
        ends = itertools.accumulate(candidate.branches for candidate in candidates)
        return [
            (*row, candidate.choose(row, answers[end - candidate.branches : end], self.slots))
            for candidate, row, end in zip(candidates, rows, ends, strict=True)
        ]


def interval_index(pitch: int, before: int) -> int:
    """The row of `ScoreLM.interval` for a pitch after another, which may be `NONE`."""
    return 0 if before == NONE else min(max(pitch - before, -REACH), REACH) + REACH + 1


def _with_unconditional(asked: Conditions) -> Conditions:
    """What is asked, and beside it in the batch the same instruments with nothing asked of them."""
    unconditional = asked._replace(
        styles=torch.zeros_like(asked.styles),
        mode=torch.zeros_like(asked.mode),
        tempo=torch.zeros_like(asked.tempo),
        shares=torch.zeros_like(asked.shares),
    )
    return Conditions(*(torch.cat(pair) for pair in zip(asked, unconditional, strict=True)))
