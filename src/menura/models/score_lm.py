"""Music as notes: a language model that writes one note a step (MuseNet, Payne 2019; DeepJ, Mao et al. 2018).

A transformer reads the notes so far and predicts the next one field after another: where, which instrument, what pitch,
how long, how loud; each field is told those before it, so a chord is one distribution and the likelihood is exact.
Every step is told what was asked (any mixture of styles, mode, tempo, density, loudness, register, chromaticism) and
where it stands (metre, bars done, bars left), so a piece can be asked for, ends when it should, and mixes styles by a
slider. Music is written in C and moved to its key outside the model.

    steps [B, T, 5] --embed--+
    conditions [B, ...] -----+--> transformer [B, T, D] --> position -> slot -> pitch -> duration -> velocity
    bars [B, T, 5] ----------+                              (each head sees the fields chosen before it)

Shapes: B batch, T step, D width, S slot (16), K style.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from menura.nn.objective import Loss
from menura.nn.parallel import total, world
from menura.nn.transformer import Cache, PerceptronDecoder, Transformer
from menura.score.conditions import (
    BARS_DONE,
    BARS_LEFT,
    BARS_UNTIL,
    DENOMINATOR,
    DONE_EDGES,
    FUTURE,
    LEFT_EDGES,
    MEASURES,
    NUM_SHARES,
    NUM_TEMPI,
    NUMERATOR,
    Wish,
    bar_buckets,
    share_index,
    tempo_index,
    to_c,
)
from menura.score.grammar import Grammar
from menura.score.steering import DensityKeeper, KeyKeeper
from menura.score.tokens import (
    BAR,
    DRUMS,
    DURATION_FIELD,
    DURATIONS,
    FIELD_SIZES,
    GRID_PER_QUARTER,
    MAX_COPIES,
    MAX_SLOTS,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
    TokenPiece,
)


@dataclass(frozen=True, kw_only=True)
class ScoreLMConfig:
    """Sizes of a `ScoreLM`.

    Args:
        styles: names of the styles it knows, in the order of its weights.
        width, depth, heads, hidden: of the transformer.
        max_steps: the longest context, in notes and bar lines.
    """

    styles: tuple[str, ...]
    width: int = 384
    depth: int = 6
    heads: int = 6
    hidden: int = 960
    max_steps: int = 512


def nano(styles: tuple[str, ...]) -> ScoreLMConfig:
    """The shipped size: 11.7 million parameters."""
    return ScoreLMConfig(styles=styles)


def tiny(styles: tuple[str, ...]) -> ScoreLMConfig:
    """For tests: trains in seconds."""
    return ScoreLMConfig(styles=styles, width=48, depth=2, heads=2, hidden=96, max_steps=96)


class Conditions(NamedTuple):
    """What a piece is asked to be.

    Args:
        programs: General MIDI program of each slot, 128 = drums, -1 = empty.
        copies: which of its kind each slot is.
        styles: weights that sum to 1, or all 0 for any style.
        mode: 0 not said, 1 major, 2 minor.
        tempo: 0 not said, else `tempo_index`.
        shares: density, loudness, register, chromaticism: 0 not said, else 1 to 8.
    """

    programs: Int[Tensor, "batch slot"]
    copies: Int[Tensor, "batch slot"]
    styles: Float[Tensor, "batch style"]
    mode: Int[Tensor, "batch"]
    tempo: Int[Tensor, "batch"]
    shares: Int[Tensor, "batch 4"]


class Batch(NamedTuple):
    """Crops to learn from.

    Args:
        steps: inputs and, one step later, targets.
        bars: numerator, denominator and buckets of bars done, left and until the music to arrive at.
        weight: 1 where the *next* step counts, 0 over padding and over music given to arrive at.
        has_velocity: whether a crop's velocities mean anything.
    """

    steps: Int[Tensor, "batch step+1 5"]
    bars: Int[Tensor, "batch step+1 5"]
    weight: Float[Tensor, "batch step"]
    has_velocity: Bool[Tensor, "batch"]
    conditions: Conditions

    @classmethod
    def stack(cls, crops: Sequence[Mapping[str, np.ndarray]], device: torch.device | str = "cpu") -> Batch:
        """Crops of one length (`menura.data.crops`) as a batch."""
        stacked = {name: torch.from_numpy(np.stack([crop[name] for crop in crops])).to(device) for name in crops[0]}
        conditions = Conditions(**{name: stacked.pop(name) for name in Conditions._fields})
        return cls(**stacked, conditions=conditions)


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


class Head(nn.Module):
    """Logits of one field from the transformer's output and the fields already chosen."""

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(width)
        self.inner = nn.Linear(width, width)
        self.out = nn.Linear(width, size)

    def forward(self, x: Float[Tensor, "*any width"]) -> Float[Tensor, "*any size"]:
        return self.out(F.gelu(self.inner(self.norm(x))))

    def decoder(self) -> PerceptronDecoder:
        """A copy of the weights laid out for one step at a time, on the CPU."""
        return PerceptronDecoder(self.norm, self.inner, self.out)


class ScoreLM(nn.Module):
    """See the page's head. `config` says its sizes; weights alone decide the rest."""

    Config = ScoreLMConfig
    Sampling = Sampling

    def __init__(self, config: ScoreLMConfig) -> None:
        super().__init__()
        width = config.width
        self.config = config
        self.position = nn.Embedding(FIELD_SIZES[0], width)
        self.pitch = nn.Embedding(2 * FIELD_SIZES[2], width)  # drums speak of other things by the same numbers
        self.duration = nn.Embedding(FIELD_SIZES[3], width)
        self.velocity = nn.Embedding(FIELD_SIZES[4] + 1, width)  # the last: not known
        self.program = nn.Embedding(DRUMS + 1, width)
        self.family = nn.Embedding(DRUMS // 8 + 1, width)
        self.copy = nn.Embedding(MAX_COPIES, width)
        self.numerator = nn.Embedding(17, width)
        self.denominator = nn.Embedding(6, width)
        self.done = nn.Embedding(len(DONE_EDGES) + 1, width)
        self.left = nn.Embedding(len(LEFT_EDGES) + 1, width)
        self.until = nn.Embedding(FUTURE + 1, width)
        self.style = nn.Parameter(torch.empty(len(config.styles), width))
        self.mode = nn.Embedding(3, width)
        self.tempo = nn.Embedding(NUM_TEMPI, width)
        self.share = nn.Embedding(4 * (NUM_SHARES + 1), width)
        self.ensemble = nn.Linear(width, width, bias=False)
        self.transformer = Transformer(width, config.depth, config.heads, config.hidden, config.max_steps)
        # The slot head's answer is compared with the slots themselves, so any ensemble can be asked.
        self.heads = nn.ModuleList(
            Head(width, width if field == SLOT_FIELD else size) for field, size in enumerate(FIELD_SIZES)
        )
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
        nn.init.normal_(self.style, std=0.02)

    def slot_vectors(self, conditions: Conditions) -> Float[Tensor, "batch slot width"]:
        """What each slot is: its program, its family and which of its kind."""
        program = conditions.programs.clamp(min=0)
        return self.program(program) + self.family(program // 8) + self.copy(conditions.copies)

    def condition(self, conditions: Conditions) -> Float[Tensor, "batch width"]:
        """What is asked of the whole piece, added to every step."""
        present = (conditions.programs >= 0).unsqueeze(-1)
        ensemble = (self.slot_vectors(conditions) * present).sum(1) / present.sum(1).sqrt().clamp(min=1)
        offsets = torch.arange(4, device=conditions.shares.device) * (NUM_SHARES + 1)
        return (
            self.ensemble(ensemble)
            + conditions.styles @ self.style
            + self.mode(conditions.mode)
            + self.tempo(conditions.tempo)
            + self.share(conditions.shares + offsets).sum(1)
        )

    def embed(
        self,
        steps: Int[Tensor, "batch step 5"],
        bars: Int[Tensor, "batch step 5"],
        conditions: Conditions,
        has_velocity: Bool[Tensor, "batch"],
    ) -> Float[Tensor, "batch step width"]:
        """Steps and their place in the piece, before the piece's own conditions are added."""
        is_note = (steps[..., POSITION_FIELD] != BAR).unsqueeze(-1)
        notes = sum(self.field(f, steps, conditions, has_velocity) for f in range(SLOT_FIELD, VELOCITY_FIELD + 1))
        return self.position(steps[..., POSITION_FIELD]) + notes * is_note + self.place(bars)

    def place(self, bars: Int[Tensor, "*any 5"]) -> Float[Tensor, "*any width"]:
        """Where a step stands in the piece."""
        return (
            self.numerator(bars[..., NUMERATOR].clamp(max=16))
            + self.denominator(bars[..., DENOMINATOR].clamp(1, 32).float().log2().round().long())
            + self.done(bars[..., BARS_DONE])
            + self.left(bars[..., BARS_LEFT])
            + self.until(bars[..., BARS_UNTIL])
        )

    def field(
        self, field: int, steps: Tensor, conditions: Conditions, has_velocity: Tensor
    ) -> Float[Tensor, "batch step width"]:
        """Vectors of one field of every step."""
        values = steps[..., field]
        if field == POSITION_FIELD:
            return self.position(values)
        if field == SLOT_FIELD:
            slots = self.slot_vectors(conditions)
            return slots.gather(1, values.unsqueeze(-1).expand(-1, -1, slots.shape[-1]))
        if field == PITCH_FIELD:
            is_drum = conditions.programs.gather(1, steps[..., SLOT_FIELD]) == DRUMS
            return self.pitch(values + FIELD_SIZES[PITCH_FIELD] * is_drum)
        if field == VELOCITY_FIELD:
            known = has_velocity.unsqueeze(-1)
            return self.velocity(torch.where(known, values, FIELD_SIZES[VELOCITY_FIELD]))
        return self.duration(values)

    def logits(self, field: int, x: Float[Tensor, "batch step width"], conditions: Conditions) -> Tensor:
        """Logits of one field; `x` holds the output and the vectors of the fields before it."""
        answer = self.heads[field](x)
        if field != SLOT_FIELD:
            return answer
        scores = answer @ self.slot_vectors(conditions).transpose(1, 2)
        return scores.masked_fill((conditions.programs < 0).unsqueeze(1), float("-inf"))

    def forward(self, batch: Batch) -> Float[Tensor, "batch step 5"]:
        """Negative log-likelihood in nats of each field of each next step; 0 where a field does not exist (a bar line
        has a position alone) or is not known (velocities of exports that have none)."""
        inputs, targets = batch.steps[:, :-1], batch.steps[:, 1:]
        conditions = batch.conditions
        x = self.embed(inputs, batch.bars[:, :-1], conditions, batch.has_velocity)
        x = self.transformer(x + self.condition(conditions).unsqueeze(1))
        is_note = targets[..., POSITION_FIELD] != BAR
        losses = []
        for field in range(len(FIELD_SIZES)):
            logits = self.logits(field, x, conditions).float()
            loss = F.cross_entropy(logits.flatten(0, 1), targets[..., field].flatten(), reduction="none")
            exists = is_note if field else torch.ones_like(is_note)
            if field == VELOCITY_FIELD:
                exists = exists & batch.has_velocity.unsqueeze(1)
            losses.append(loss.view(is_note.shape).masked_fill(~exists, 0.0))
            x = x + self.field(field, targets, conditions, batch.has_velocity)
        return torch.stack(losses, -1) * batch.weight.unsqueeze(-1)

    def start(self, batch: int) -> Cache:
        """An empty cache for `step`."""
        return self.transformer.start(batch)

    def step(
        self,
        steps: Int[Tensor, "batch step 5"],
        bars: Int[Tensor, "batch step 5"],
        conditions: Conditions,
        asked: Float[Tensor, "batch width"],
        cache: Cache,
    ) -> tuple[Float[Tensor, "batch 1 width"], Cache]:
        """Read the next steps; `asked` is `condition(conditions)`. Returns the output at the last of them."""
        known = torch.ones(steps.shape[0], dtype=torch.bool, device=steps.device)
        x = self.embed(steps, bars, conditions, known) + asked.unsqueeze(1)
        x, cache = self.transformer.step(x, cache)
        return x[:, -1:], cache

    def conditions(self, wish: Wish) -> Conditions:
        """A wish as the model reads it, in a batch of one.

        Raises:
            ValueError: a style it does not know.
        """
        unknown = [name for name in wish.styles if name not in self.config.styles]
        if unknown:
            raise ValueError(f"this model does not know the style {unknown[0]!r}; `menura styles` lists those it knows")
        programs = torch.full((1, MAX_SLOTS), -1)
        copies = torch.zeros(1, MAX_SLOTS, dtype=torch.long)
        for index, slot in enumerate(wish.slots):
            programs[0, index], copies[0, index] = slot.program, slot.copy
        styles = torch.tensor([[wish.styles.get(name, 0.0) for name in self.config.styles]])
        return Conditions(
            programs,
            copies,
            styles / styles.sum().clamp(min=1e-9),
            torch.tensor([1 if wish.key.mode == "major" else 2]),
            torch.tensor([tempo_index(wish.bpm)]),
            torch.tensor([[share_index(getattr(wish, name)) for name in MEASURES]]),
        )

    def sample(self, wish: Wish, plan: Sequence[np.ndarray | int | None], sampling: Sampling) -> TokenPiece:
        """Compose the bars a plan leaves open.

        Args:
            wish: what is asked.
            plan: for every bar of the piece its rows (``[row, 5]`` without the bar line, sounding pitch), the number of
                an earlier bar to repeat, or None: compose it, leading into given bars that follow.
            sampling: how to draw.

        Returns:
            The whole piece, sounding in the wished key.
        """
        with torch.inference_mode():
            return _Pen(self, wish, plan, sampling).write()

    def probe_inputs(self) -> dict[str, Tensor]:
        """A fixed crop for `menura check`."""
        generator = torch.Generator().manual_seed(0)
        length = min(64, self.config.max_steps)
        columns = [torch.randint(0, size, (1, length + 1, 1), generator=generator) for size in FIELD_SIZES]
        steps = torch.cat(columns, -1)
        steps[..., SLOT_FIELD] %= 2
        steps[:, 0, POSITION_FIELD] = BAR
        return {"steps": steps}

    def probe(self, steps: Tensor) -> dict[str, Tensor]:
        """Likelihoods of the fixed crop, for piano and flute in 4/4 in the first style."""
        batch, length, _ = steps.shape
        programs = torch.full((batch, MAX_SLOTS), -1)
        programs[:, 0], programs[:, 1] = 0, 73
        styles = torch.zeros(batch, len(self.config.styles))
        styles[:, 0] = 1.0
        conditions = Conditions(
            programs,
            torch.zeros_like(programs),
            styles,
            torch.ones(batch, dtype=torch.long),
            torch.full((batch,), tempo_index(100)),
            torch.zeros(batch, 4, dtype=torch.long),
        )
        bars = torch.tensor([4, 4, 1, 3, 0]).expand(batch, length, 5)
        weight = torch.ones(batch, length - 1)
        with torch.inference_mode():
            return {"nll": self(Batch(steps, bars, weight, torch.ones(batch, dtype=torch.bool), conditions))}


class ScoreLMObjective(nn.Module):
    """Cross-entropy of the next step, all fields together, a step weighing the same in every crop."""

    def __init__(self, model: ScoreLM) -> None:
        super().__init__()
        self.model = model
        self.players = {"model": model}

    def losses(self, batch: Batch, spent: float) -> Iterator[Loss]:  # noqa: ARG002
        """Nats a step."""
        weight = total(batch.weight.sum()).clamp(min=1) / world()[1]
        value = self.model(batch).sum() / weight
        yield Loss("model", value, {"nats_per_step": float(value.detach())})

    def report(self, batch: Batch) -> dict[str, float]:
        """Nats a step, and of each field where it exists."""
        nll = self.model.forward(batch)  # not through __call__, which training may have compiled for another shape
        exists = (nll > 0).flatten(0, 1).sum(0).clamp(min=1)
        by_field = nll.flatten(0, 1).sum(0) / exists
        names = ("position", "slot", "pitch", "duration", "velocity")
        total = float(nll.sum() / batch.weight.sum().clamp(min=1))
        return {"nats_per_step": total, **{n: float(v) for n, v in zip(names, by_field, strict=True)}}


class _Pen:
    """One piece being written: bars so far, the grammar, and the model's memory of the latest of them."""

    def __init__(self, model: ScoreLM, wish: Wish, plan: Sequence[np.ndarray | int | None], how: Sampling) -> None:
        self.model, self.wish, self.plan, self.how = model, wish, plan, how
        self.rng = np.random.default_rng(how.seed)
        self.shift = -to_c(wish.key.tonic)
        triad = (0, 4, 7) if wish.key.mode == "major" else (0, 3, 7)
        self.grammar = Grammar(wish.slots, self.shift, wish.metres, triad if wish.closes else ())
        self.keeper = KeyKeeper(wish.key.mode)
        self.density = DensityKeeper(len(wish.slots), 0.5 if wish.density is None else wish.density)
        self.is_drum = np.array([slot.program == DRUMS for slot in wish.slots])
        order = np.arange(len(plan))
        self.places = np.column_stack((wish.metres, order, len(plan) - 1 - order))
        self.bars: list[np.ndarray] = []
        self.conditions = _with_unsaid(model.conditions(wish)) if how.guidance != 1.0 else model.conditions(wish)
        self.asked = model.condition(self.conditions)
        self.slots = model.slot_vectors(self.conditions)[0].numpy()
        fields = (model.position, model.pitch, model.duration, model.velocity)
        self.position, self.pitch, self.duration, self.velocity = (field.weight.detach().numpy() for field in fields)
        self.decoder = model.transformer.decoder()
        self.heads = [cast(Head, head).decoder() for head in model.heads]
        self.cache: Cache | None = None
        self.target: int | None = None

    def write(self) -> TokenPiece:
        total = len(self.plan)
        for bar, planned in enumerate(self.plan):
            self.how.progress(bar, total)
            self.grammar.open_bar(bar)
            if planned is None:
                self._compose(bar)
                continue
            rows = self.bars[planned] if isinstance(planned, int) else self._moved(planned, -self.shift)
            for row in rows:
                self.grammar.take(row)
            self._hear(bar, rows)
            self.bars.append(rows)
            self.cache = None
        self.how.progress(total, total)
        steps = np.concatenate([part for bar in range(total) for part in (_BAR_LINE, self._sounding(bar))])
        return TokenPiece(self.wish.slots, np.asarray(self.wish.metres, dtype=np.int16), steps.astype(np.int16))

    def _sounding(self, bar: int) -> np.ndarray:
        """A bar's rows in the wished key; a given one as it was given, for moving it to C may have clipped it."""
        planned = self.plan[bar]
        if isinstance(planned, int):
            return self._sounding(planned)
        return self._moved(self.bars[bar], self.shift) if planned is None else self._moved(planned, 0)

    def _compose(self, bar: int) -> None:
        """Write one bar, row by row, until the model draws the next bar line."""
        self.preferred = self.how.steering * self.keeper.bias()
        self._turn(bar)
        self._read(self.position[BAR])
        rows: list[tuple[int, ...]] = []
        while (drawn := self._draw()) is not None:
            row, vector = drawn
            rows.append(row)
            self.grammar.take(row)
            self._read(vector, rows)
        self.bars.append(np.array(rows, dtype=np.int64).reshape(-1, 5))
        self._hear(bar, rows)

    def _hear(self, bar: int, rows: Sequence[tuple[int, ...]] | np.ndarray) -> None:
        self.density.take(len(rows), float(self.grammar.lengths[bar]) / GRID_PER_QUARTER)
        for row in rows:
            if not self.is_drum[row[SLOT_FIELD]]:
                self.keeper.take(int(row[PITCH_FIELD]), float(DURATIONS[row[DURATION_FIELD]]))

    def _turn(self, bar: int) -> None:
        """Come to a bar to compose, and remember what leads to it if that is not in memory."""
        self.bar = bar
        if self.cache is None:
            self._remember(())
        place = self.model.place(torch.from_numpy(self._told(bar, 1, self._until(bar))))
        self.here = (place + self.asked).numpy()

    def _read(self, vector: np.ndarray, rows: Sequence[tuple[int, ...]] = ()) -> None:
        """Take in the next row, given as the sum of its fields' vectors."""
        if self.cache is None or self.cache.length >= self.model.config.max_steps - 1:
            self._remember(rows[:-1], with_line=bool(rows))
        assert self.cache is not None
        self.output, self.cache = self.decoder.step(self.here + vector, self.cache)

    def _remember(self, rows: Sequence[tuple[int, ...]], with_line: bool = False) -> None:
        """Read anew: the music to arrive at, as many whole bars as fill half the memory, and what is written of this
        bar: `rows` after its line, or nothing at all."""
        begun = np.concatenate((_BAR_LINE, np.array(rows, dtype=np.int64).reshape(-1, 5)))
        begun = begun if with_line else begun[:0]
        room = self.model.config.max_steps // 2 - len(begun)
        parts = [(self.bar, begun)]
        for earlier in range(self.bar - 1, -1, -1):
            room -= len(self.bars[earlier]) + 1
            if room < 0:
                break
            parts.insert(0, (earlier, np.concatenate((_BAR_LINE, self.bars[earlier]))))
        self.target, ahead = self._music_ahead(self.bar)
        steps = np.concatenate([rows for _, rows in (*ahead, *parts)])[-self.model.config.max_steps * 3 // 4 :]
        told = [self._told(b, len(rows), _IS_AHEAD) for b, rows in ahead]
        told += [self._told(b, len(rows), self._until(b)) for b, rows in parts]
        self.cache = self.model.start(len(self.asked))
        if len(steps):
            bars = np.concatenate(told)[-len(steps) :]
            both = len(self.asked)
            steps_, bars_ = (torch.from_numpy(x.astype(np.int64)).expand(both, -1, -1) for x in (steps, bars))
            _, self.cache = self.model.step(steps_, bars_, self.conditions, self.asked, self.cache)

    def _until(self, bar: int) -> int:
        return 0 if self.target is None else max(self.target - bar, 1)

    def _music_ahead(self, bar: int) -> tuple[int | None, list[tuple[int, np.ndarray]]]:
        """The next given bar, if any, and up to four of them, a quarter of the memory at most."""
        given = next((b for b in range(bar, len(self.plan)) if isinstance(self.plan[b], np.ndarray)), None)
        ahead: list[tuple[int, np.ndarray]] = []
        room = self.model.config.max_steps // 4
        for b in range(given if given is not None else len(self.plan), len(self.plan)):
            planned = self.plan[b]
            if not isinstance(planned, np.ndarray) or len(ahead) == 4 or (room := room - len(planned) - 1) < 0:
                break
            ahead.append((b, np.concatenate((_BAR_LINE, self._moved(planned, -self.shift)))))
        return (given if ahead else None), ahead

    def _told(self, bar: int, count: int, until: int) -> np.ndarray:
        """What `count` rows of a bar are told; `until` bars to the music ahead, 0 = there is none, or `_IS_AHEAD`."""
        place = np.repeat(self.places[bar : bar + 1], count, axis=0)
        told = bar_buckets(place, np.full(count, until) if until > 0 else None)
        if until == _IS_AHEAD:
            told[:, BARS_UNTIL] = FUTURE
        return told

    def _draw(self) -> tuple[tuple[int, ...], np.ndarray] | None:
        """The next row and the sum of its fields' vectors, or None for the next bar line."""
        grammar, x = self.grammar, self.output
        places = grammar.positions() + self.how.steering * self.density.bias(grammar.position)
        position = self._pick(self.heads[POSITION_FIELD](x), places)
        if position == BAR:
            return None
        vector = self.position[position]
        slot = self._pick(self.heads[SLOT_FIELD](x + vector) @ self.slots.T, grammar.slot_mask(position))
        vector = vector + self.slots[slot]
        wanted = np.where(grammar.pitches(position, slot), 0.0 if self.is_drum[slot] else self.preferred, -np.inf)
        pitch = self._pick(self.heads[PITCH_FIELD](x + vector), wanted)
        vector = vector + self.pitch[pitch + FIELD_SIZES[PITCH_FIELD] * int(self.is_drum[slot])]
        duration = self._pick(self.heads[DURATION_FIELD](x + vector), _additive(grammar.durations(position)))
        vector = vector + self.duration[duration]
        velocity = self._pick(self.heads[VELOCITY_FIELD](x + vector), np.zeros(FIELD_SIZES[VELOCITY_FIELD]))
        return (position, slot, pitch, duration, velocity), vector + self.velocity[velocity]

    def _pick(self, logits: np.ndarray, mask: np.ndarray) -> int:
        values = logits.astype(np.float64)
        if len(values) == 2:
            values = values[1:] + self.how.guidance * (values[:1] - values[1:])
        values = (values[0] + mask) / self.how.temperature
        likely = np.exp(values - values.max())
        order = np.argsort(-likely, kind="stable")
        share = likely[order].cumsum()
        kept = min(int(share.searchsorted(self.how.top_p * share[-1])) + 1, len(share))
        drawn = int(share[:kept].searchsorted(self.rng.random() * share[kept - 1], side="right"))
        return int(order[min(drawn, kept - 1)])

    def _moved(self, rows: np.ndarray, semitones: int) -> np.ndarray:
        moved = np.array(rows, dtype=np.int64).reshape(-1, 5)
        pitched = ~self.is_drum[moved[:, SLOT_FIELD]]
        moved[pitched, PITCH_FIELD] = np.clip(moved[pitched, PITCH_FIELD] + semitones, 0, 127)
        return moved


_BAR_LINE = np.array([[BAR, 0, 0, 0, 0]])
_IS_AHEAD = -1
"""In place of the bars until the music ahead: this is that music."""


def _with_unsaid(asked: Conditions) -> Conditions:
    """What is asked, and beside it in the batch the same instruments with nothing asked of them."""
    unsaid = asked._replace(
        styles=torch.zeros_like(asked.styles),
        mode=torch.zeros_like(asked.mode),
        tempo=torch.zeros_like(asked.tempo),
        shares=torch.zeros_like(asked.shares),
    )
    return Conditions(*(torch.cat(pair) for pair in zip(asked, unsaid, strict=True)))


def _additive(allowed: np.ndarray) -> np.ndarray:
    return np.where(allowed, 0.0, -np.inf)
