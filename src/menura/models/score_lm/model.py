"""Music as notes: a language model that writes one note a step (MuseNet, Payne 2019; DeepJ, Mao et al. 2018).

A transformer reads the notes so far and predicts the next one field after another: where, which instrument, what pitch,
how long, how loud; each field is told those before it, so a chord is one distribution and the likelihood is exact.
Every step is told what was asked (any mixture of styles, mode, tempo, density, loudness, register, chromaticism, who
leads and who accompanies) and where it stands (metre, bars done, bars left, chords), so a piece can be asked for, ends
when it should, and mixes styles by a slider. Music is written in C and moved to its key outside the model.

    steps [B, T, 5] --embed--+
    conditions [B, ...] -----+--> transformer [B, T, D] --> position -> slot -> pitch -> duration -> velocity
    bars [B, T, 8] ----------+                              (each head sees the fields chosen before it)

A head's logits have two parts. One is of values as such: this pitch, this position. The other is relative
(`ContextLogits`): of intervals from the part's last notes, from the bass and from the chord's root, and of what stood
at the same place 1, 2, 4 and 8 bars ago, as it was or moved with the part (`menura.score.steps.context`; relative pitch
as in RIPO attention, Guo et al. 2023). Without it a model of this size hears no melodies.

Shapes: B batch, T step, D width, S slot (16), K style, L lag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from menura.nn.objective import Loss
from menura.nn.parallel import all_reduce, world
from menura.nn.transformer import Cache, PerceptronDecoder, Transformer
from menura.score.harmony import NO_CHORD, NUM_CHORDS, QUALITIES
from menura.score.roles import NUM_ACTIVITIES, ROLES
from menura.score.steps.conditions import (
    BARS_DONE,
    BARS_LEFT,
    BARS_UNTIL,
    CHORDS,
    DENOMINATOR,
    DONE_EDGES,
    FUTURE,
    LEFT_EDGES,
    NUM_SHARES,
    NUM_TEMPI,
    NUMERATOR,
    tempo_index,
)
from menura.score.steps.context import ANCHORS, LAGS, Music
from menura.score.steps.context import Context as RowContext
from menura.score.steps.context import context as rows_context
from menura.score.steps.tokens import (
    BAR,
    DRUMS,
    FIELD_SIZES,
    MAX_COPIES,
    MAX_SLOTS,
    PITCH_FIELD,
    POSITION_FIELD,
    SLOT_FIELD,
    VELOCITY_FIELD,
)


@dataclass(frozen=True, kw_only=True)
class ScoreLMConfig:
    """Sizes of a `ScoreLM`.

    Args:
        styles: names of the styles it knows, in the order of its weights.
        width, depth, heads, hidden: of the transformer.
        max_steps: the longest context, in notes and bar lines.
        density: how many notes its music has, see `menura.score.steps.steering.usual_density`.
    """

    styles: tuple[str, ...]
    width: int = 384
    depth: int = 6
    heads: int = 6
    hidden: int = 960
    max_steps: int = 512
    density: tuple[float, float] = (1.0, 0.5)

    def __post_init__(self) -> None:
        if not all(0.01 <= number <= 100 for number in self.density):
            raise ValueError(f"density is a factor and a spread, 0.01 to 100, not {self.density}")


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
        roles: of each slot: 0 not said, else 1 to 6 as `menura.score.roles.ROLES` has them.
        activity: in how many eighths of the bars each slot sounds: 0 not said, else 1 to 8.
    """

    programs: Int[Tensor, "batch slot"]
    copies: Int[Tensor, "batch slot"]
    styles: Float[Tensor, "batch style"]
    mode: Int[Tensor, "batch"]
    tempo: Int[Tensor, "batch"]
    shares: Int[Tensor, "batch 4"]
    roles: Int[Tensor, "batch slot"]
    activity: Int[Tensor, "batch slot"]


class Context(NamedTuple):
    """What each step stands beside: `menura.score.steps.context.Context`, of a batch, and the chord at its position.

    Args:
        chord: `menura.score.harmony.Chord.index`, `NO_CHORD` where it is not said.
    """

    anchors: Int[Tensor, "batch step 4"]
    sounding: Bool[Tensor, "batch step 12"]
    position: Int[Tensor, "batch step lag"]
    slots: Bool[Tensor, "batch step lag slot"]
    pitches: Bool[Tensor, "batch step lag 128"]
    shift: Int[Tensor, "batch step lag"]
    duration: Int[Tensor, "batch step lag"]
    velocity: Int[Tensor, "batch step lag"]
    chord: Int[Tensor, "batch step"]

    def steps(self, where: slice) -> Context:
        """Of some steps."""
        return Context(*(tensor[:, where] for tensor in self))

    def expand(self, batch: int) -> Context:
        """The same for each of a batch."""
        return Context(*(tensor.expand(batch, *tensor.shape[1:]) for tensor in self))

    @classmethod
    def of(cls, rows: RowContext, chord: np.ndarray) -> Context:
        """Of rows, as a batch of one."""
        whole = (torch.from_numpy(part).unsqueeze(0) for part in (*rows, chord))
        return cls(*(part if part.dtype == torch.bool else part.long() for part in whole))


class Batch(NamedTuple):
    """Crops to learn from.

    Args:
        steps: inputs and, one step later, targets.
        bars: numerator, denominator, buckets of bars done, left and until the music to arrive at, and the chords of the
            bar's halves and of what follows.
        weight: 1 where the *next* step counts, 0 over padding and over music given to arrive at.
        has_velocity: whether a crop's velocities mean anything.
        context: of each step.
    """

    steps: Int[Tensor, "batch step+1 5"]
    bars: Int[Tensor, "batch step+1 8"]
    weight: Float[Tensor, "batch step"]
    has_velocity: Bool[Tensor, "batch"]
    conditions: Conditions
    context: Context

    @classmethod
    def stack(cls, crops: Sequence[Mapping[str, np.ndarray]], device: torch.device | str = "cpu") -> Batch:
        """Crops of one length (`menura.data.crops`) as a batch."""
        stacked = {name: torch.from_numpy(np.stack([crop[name] for crop in crops])).to(device) for name in crops[0]}
        conditions = Conditions(**{name: stacked.pop(name) for name in Conditions._fields})
        context = Context(**{name: stacked.pop(f"context_{name}") for name in Context._fields})
        return cls(**stacked, conditions=conditions, context=context)


REACH = 25
"""Intervals of more semitones count as one of so many."""
NUM_INTERVALS = 2 * REACH + 1
_NUM_LAGS = len(LAGS)
PITCH_PARTS = (len(ANCHORS) * NUM_INTERVALS, 12, 12, _NUM_LAGS, _NUM_LAGS)
"""Of the pitch head: intervals from each anchor, from the chord's root and from all that sounds; returns, as they were
and moved."""
NUM_RELATIVE = tuple(sum(PITCH_PARTS) if field == PITCH_FIELD else _NUM_LAGS for field in range(len(FIELD_SIZES)))
"""How many numbers each head gives beside the logits of its field's values."""


class ContextLogits(nn.Module):
    """The part of logits that depends on where a step stands: no weights, for the heads give the numbers."""

    pitches: Tensor
    classes: Tensor
    apart: Tensor

    def __init__(self) -> None:
        super().__init__()
        pitches = torch.arange(FIELD_SIZES[PITCH_FIELD])
        self.register_buffer("pitches", pitches, persistent=False)
        self.register_buffer("classes", pitches % 12, persistent=False)
        apart = (torch.arange(12).unsqueeze(1) - torch.arange(12)) % 12
        self.register_buffer("apart", apart, persistent=False)

    def forward(self, field: int, relative: Float[Tensor, "batch step number"], context: Context) -> Tensor:
        """``[batch, step, size]``, of a field that has been given its numbers."""
        if field == PITCH_FIELD:
            return self._of_pitches(relative, context)
        if field == SLOT_FIELD:
            return torch.einsum("btl,btls->bts", relative, context.slots.to(relative.dtype))
        stood = (context.position, None, None, context.duration, context.velocity)[field]
        assert stood is not None
        # The first column stands for "nothing was there".
        there = F.one_hot(stood + 1, FIELD_SIZES[field] + 1)[..., 1:].to(relative.dtype)
        return torch.einsum("btl,btls->bts", relative, there)

    def _of_pitches(self, relative: Tensor, context: Context) -> Tensor:
        intervals, degrees, against, returns, moved = relative.split(PITCH_PARTS, -1)
        anchors = context.anchors.unsqueeze(-1)
        places = (self.pitches - anchors).clamp(-REACH, REACH) + REACH
        by_interval = intervals.unflatten(-1, (len(ANCHORS), -1)).gather(-1, places)
        logits = (by_interval * (anchors >= 0)).sum(-2)
        root = (context.chord - 1) // len(QUALITIES)
        by_degree = degrees.gather(-1, (self.classes - root.unsqueeze(-1)) % 12)
        logits = logits + by_degree * (context.chord != NO_CHORD).unsqueeze(-1)
        # What sounds d semitones below each pitch class, for every d.
        below = context.sounding.to(relative.dtype)[..., self.apart]
        logits = logits + torch.einsum("btcd,btd->btc", below, against)[..., self.classes]
        before = context.pitches.to(relative.dtype)
        from_where = self.pitches - context.shift.unsqueeze(-1)
        is_pitch = (from_where >= 0) & (from_where < len(self.pitches))
        with_part = before.gather(-1, from_where.clamp(0, len(self.pitches) - 1)) * is_pitch
        return logits + torch.einsum("btl,btlp->btp", returns, before) + torch.einsum("btl,btlp->btp", moved, with_part)


class Head(nn.Module):
    """What one field's logits are made of, from the transformer's output and the fields already chosen: a number for
    each value, and the numbers that `ContextLogits` takes."""

    def __init__(self, width: int, size: int, relative: int) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(width)
        self.inner = nn.Linear(width, width)
        self.out = nn.Linear(width, size + relative)
        nn.init.zeros_(self.out.weight[size:])
        nn.init.zeros_(self.out.bias[size:])

    def forward(self, x: Float[Tensor, "*any width"]) -> Float[Tensor, "*any size"]:
        return self.out(F.gelu(self.inner(self.norm(x))))

    def decoder(self) -> PerceptronDecoder:
        """A copy of the weights laid out for one step at a time, on the CPU."""
        return PerceptronDecoder(self.norm, self.inner, self.out)


class ScoreLM(nn.Module):
    """See the page's head. `config` says its sizes; weights alone decide the rest."""

    Config = ScoreLMConfig
    embeddings = ("style",)
    """Parameters whose rows are looked up, as those of `nn.Embedding` are."""

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
        self.role = nn.Embedding(len(ROLES) + 1, width)
        self.activity = nn.Embedding(NUM_ACTIVITIES + 1, width)
        self.chords = nn.Embedding(len(CHORDS) * NUM_CHORDS, width)
        self.chord = nn.Embedding(NUM_CHORDS, width)
        self.interval = nn.Embedding(NUM_INTERVALS + 1, width)  # the first: there was no note before
        self.ensemble = nn.Linear(width, width, bias=False)
        self.transformer = Transformer(width, config.depth, config.heads, config.hidden, config.max_steps)
        # The slot head's answer is compared with the slots themselves, so any ensemble can be asked.
        self.heads = nn.ModuleList(
            Head(width, width if field == SLOT_FIELD else size, NUM_RELATIVE[field])
            for field, size in enumerate(FIELD_SIZES)
        )
        self.context_logits = ContextLogits()
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
        nn.init.normal_(self.style, std=0.02)

    @classmethod
    def upgraded_weights(cls, weights: Mapping[str, Tensor], config: ScoreLMConfig) -> dict[str, Tensor]:
        """Weights whose heads knew no context, chords or roles, as those of format 1: with what is new at zero, they
        answer as they did."""
        with torch.device("meta"):
            expected = cls(config).state_dict()
        whole = dict(weights)
        for name, tensor in expected.items():
            if name not in whole and name.partition(".")[0] in ("role", "activity", "chords", "chord", "interval"):
                whole[name] = torch.zeros(tensor.shape)
            elif ".out." in name and name in whole and len(whole[name]) < len(tensor):
                whole[name] = torch.cat((whole[name], torch.zeros(len(tensor) - len(whole[name]), *tensor.shape[1:])))
        return whole

    def slot_vectors(self, conditions: Conditions) -> Float[Tensor, "batch slot width"]:
        """What each slot is: its program, its family, which of its kind, and what it has to do."""
        program = conditions.programs.clamp(min=0)
        player = self.program(program) + self.family(program // 8) + self.copy(conditions.copies)
        return player + self.role(conditions.roles) + self.activity(conditions.activity)

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
        bars: Int[Tensor, "batch step 8"],
        conditions: Conditions,
        has_velocity: Bool[Tensor, "batch"],
        context: Context,
    ) -> Float[Tensor, "batch step width"]:
        """Steps and their place in the piece, before the piece's own conditions are added."""
        is_note = (steps[..., POSITION_FIELD] != BAR).unsqueeze(-1)
        notes = self.melodic_interval(steps[..., PITCH_FIELD], context)
        for field in range(SLOT_FIELD, VELOCITY_FIELD + 1):
            notes = notes + self.field(field, steps, conditions, has_velocity)
        return self.position(steps[..., POSITION_FIELD]) + notes * is_note + self.place(bars)

    def melodic_interval(self, pitch: Int[Tensor, "batch step"], context: Context) -> Float[Tensor, "batch step width"]:
        """By how much each note lies above the top of its part's last onset."""
        top = context.anchors[..., 1]
        interval = (pitch - top).clamp(-REACH, REACH) + REACH + 1
        return self.interval(torch.where(top >= 0, interval, 0))

    def place(self, bars: Int[Tensor, "*any 8"]) -> Float[Tensor, "*any width"]:
        """Where a step stands in the piece."""
        chords = bars[..., CHORDS[0] :] + torch.arange(len(CHORDS), device=bars.device) * NUM_CHORDS
        return (
            self.chords(chords).sum(-2)
            + self.numerator(bars[..., NUMERATOR].clamp(max=16))
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

    def logits(
        self, field: int, x: Float[Tensor, "batch step width"], conditions: Conditions, context: Context
    ) -> Tensor:
        """Logits of one field; `x` holds the output and the vectors of the fields before it."""
        return self._compared(field, self.heads[field](x), conditions, context)

    def logits_of(
        self,
        field: int,
        answer: Float[Tensor, "batch step number"],
        slots: Float[Tensor, "batch slot width"],
        context: Context,
    ) -> Tensor:
        """Logits of one field from what its head gives; of slots also those that are empty."""
        values, relative = answer.split((answer.shape[-1] - NUM_RELATIVE[field], NUM_RELATIVE[field]), -1)
        by_context = self.context_logits(field, relative, context)
        return (values @ slots.transpose(1, 2) if field == SLOT_FIELD else values) + by_context

    def _compared(
        self, field: int, answer: Float[Tensor, "batch step number"], conditions: Conditions, context: Context
    ) -> Tensor:
        """As `logits`, from a head's answer: only slots that there are have a chance."""
        logits = self.logits_of(field, answer, self.slot_vectors(conditions), context)
        if field != SLOT_FIELD:
            return logits
        return logits.masked_fill((conditions.programs < 0).unsqueeze(1), float("-inf"))

    def forward(self, batch: Batch) -> Float[Tensor, "batch step 5"]:
        """Negative log-likelihood in nats of each field of each next step; 0 where a field does not exist."""
        return self._nll(batch, self.transformer(self._read(batch)), self.heads)

    def _read(self, batch: Batch) -> Float[Tensor, "batch step width"]:
        """What the transformer takes of a batch."""
        before = batch.context.steps(slice(-1))
        x = self.embed(batch.steps[:, :-1], batch.bars[:, :-1], batch.conditions, batch.has_velocity, before)
        return x + self.condition(batch.conditions).unsqueeze(1)

    def _nll(
        self, batch: Batch, x: Float[Tensor, "batch step width"], heads: Iterable[Callable[[Tensor], Tensor]]
    ) -> Float[Tensor, "batch step 5"]:
        """As `forward`, from the transformer's output; the heads are told the fields chosen before theirs."""
        targets, conditions, context = batch.steps[:, 1:], batch.conditions, batch.context.steps(slice(1, None))
        losses = []
        for field, head in enumerate(heads):
            if field == PITCH_FIELD:
                x = x + self.chord(context.chord)
            logits = self._compared(field, head(x), conditions, context).float()
            loss = F.cross_entropy(logits.flatten(0, 1), targets[..., field].flatten(), reduction="none")
            losses.append(loss.view(targets.shape[:2]))
            x = x + self.field(field, targets, conditions, batch.has_velocity)
        nll = torch.stack(losses, -1).masked_fill(~_exist(batch), 0.0)
        return nll * batch.weight.unsqueeze(-1)

    def start(self, batch: int) -> Cache:
        """An empty cache for `step`."""
        return self.transformer.start(batch)

    def step(
        self,
        steps: Int[Tensor, "batch step 5"],
        bars: Int[Tensor, "batch step 8"],
        conditions: Conditions,
        asked: Float[Tensor, "batch width"],
        context: Context,
        cache: Cache,
    ) -> tuple[Float[Tensor, "batch 1 width"], Cache]:
        """Read the next steps; `asked` is `condition(conditions)`. Returns the output at the last of them."""
        known = torch.ones(steps.shape[0], dtype=torch.bool, device=steps.device)
        x = self.embed(steps, bars, conditions, known, context) + asked.unsqueeze(1)
        x, cache = self.transformer.step(x, cache)
        return x[:, -1:], cache

    def probe_inputs(self) -> dict[str, Tensor]:
        """A fixed crop for `menura check`."""
        generator = torch.Generator().manual_seed(0)
        length = min(64, self.config.max_steps)
        columns = [torch.randint(0, size, (1, length + 1, 1), generator=generator) for size in FIELD_SIZES]
        steps = torch.cat(columns, -1)
        steps[..., SLOT_FIELD] %= 2
        steps[:, 0, POSITION_FIELD] = BAR
        return {"steps": steps}

    @torch.inference_mode()
    def probe(self, steps: Tensor) -> dict[str, Tensor]:
        """Likelihoods of the fixed crop, for piano and flute in 4/4 in the first style."""
        return {"nll": self(self._probe_batch(steps))}

    @torch.inference_mode()
    def probe_compiled(self, steps: Tensor) -> dict[str, Tensor]:
        """As `probe`, by the compiled step and heads that pieces are drawn with."""
        batch = self._probe_batch(steps)
        decoder = self.transformer.decoder()
        memory = decoder.start(len(steps))
        outputs = [torch.from_numpy(decoder.step(x.numpy(), memory)) for x in self._read(batch).unbind(1)]
        heads = [_for_frames(cast(Head, head).decoder()) for head in self.heads]
        return {"nll": self._nll(batch, torch.stack(outputs, 1), heads)}

    def _probe_batch(self, steps: Tensor) -> Batch:
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
            torch.zeros_like(programs),
            torch.zeros_like(programs),
        )
        bars = torch.tensor([4, 4, 1, 3, 0, *([NO_CHORD] * len(CHORDS))]).expand(batch, length, -1)
        weight, has_velocity = torch.ones(batch, length - 1), torch.ones(batch, dtype=torch.bool)
        music = Music.of(steps[0].numpy(), np.array([[4, 4]]), np.zeros(2, dtype=bool))
        context = Context.of(rows_context(music, 0, length), np.full(length, NO_CHORD))
        return Batch(steps, bars, weight, has_velocity, conditions, context)


def _for_frames(decoder: PerceptronDecoder) -> Callable[[Float[Tensor, "batch step width"]], Tensor]:
    return lambda x: torch.from_numpy(decoder(x.flatten(0, 1).numpy())).unflatten(0, x.shape[:2])


class ScoreLMObjective(nn.Module):
    """Cross-entropy of the next step, all fields together, a step weighing the same in every crop."""

    def __init__(self, model: ScoreLM) -> None:
        super().__init__()
        self.model = model
        self.networks = {"model": model}

    def losses(self, batch: Batch, fraction_done: float) -> Iterator[Loss]:  # noqa: ARG002
        """Nats a step."""
        weight = all_reduce(batch.weight.sum()).clamp(min=1) / world()[1]
        value = self.model(batch).sum() / weight
        yield Loss("model", value, {"nats_per_step": float(value.detach())})

    def report(self, batch: Batch) -> dict[str, float]:
        """Nats a step, and of each field where it exists; those that are nowhere are left out."""
        nll = self.model.forward(batch)  # not through __call__, which training may have compiled for another shape
        counts = (_exist(batch) * batch.weight.unsqueeze(-1)).sum((0, 1))
        sums = zip(("position", "slot", "pitch", "duration", "velocity"), nll.sum((0, 1)), counts, strict=True)
        total = float(nll.sum() / batch.weight.sum().clamp(min=1))
        return {"nats_per_step": total, **{name: float(part / count) for name, part, count in sums if count}}


def _exist(batch: Batch) -> Bool[Tensor, "batch step 5"]:
    """Which fields of the next steps there are: a bar line has a position alone, some exports have no velocities."""
    is_note = batch.steps[:, 1:, POSITION_FIELD] != BAR
    return torch.stack((torch.ones_like(is_note), *3 * [is_note], is_note & batch.has_velocity.unsqueeze(1)), -1)
