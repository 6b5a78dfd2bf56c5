"""A synthesizer with a voice more: learnt from a minute of speech, or read from a file.

The speaker's point is learnt, and with it what moves the norms of all blocks (adaptive layer norms, as AdaSpeech has
them: Chen et al. 2021) and the last layers, of durations, prosody and mel frames: a tenth of the weights. What is said,
and how sounds follow each other, stays as it was learnt from many hours.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from menura.models.synthesizer.example import Example
from menura.models.synthesizer.manner import measured_manner
from menura.models.synthesizer.model import Batch, Manner, Spoken, Synthesizer
from menura.models.synthesizer.objective import SynthesizerObjective
from menura.progress import Progress

_HEADS = ("mel.", "prosody.", "duration.")
_STYLES = ".styles."
_TABLE = "speaker_table"
_POINT_RATE, _RATE = 1e-2, 2e-3
_WARMUP_STEPS, _DECAY_FROM = 20, 0.5
_BATCH_FRAMES = 1600
_LARGEST_GRADIENT = 1.0
_JUDGED = 8
"""Examples by which the voice to start from is found."""


class Adapted(NamedTuple):
    """What was learnt.

    Attributes:
        point: among speakers, and after it how it speaks, as `Synthesizer.speaker` has them.
        changes: what is added to weights, by their names.
        start: the voice it was begun with.
        before, after: mean differences on the examples, with that voice and with this.
    """

    point: Float[np.ndarray, " point_and_manner"]
    changes: Mapping[str, np.ndarray]
    start: str
    before: Mapping[str, float]
    after: Mapping[str, float]


def adapt(
    model: Synthesizer, examples: Sequence[Example], language: str, progress: Progress, steps: int = 300, seed: int = 0
) -> Adapted:
    """Learn a voice.

    Args:
        model: to begin with; it stays as it is.
        examples: what the speaker said.
        language: of it.
        progress: is told the step.
        steps: how many.
        seed: of what is drawn.

    Raises:
        ValueError: the language, or a symbol, is not known.
        menura.progress.Cancelled: it was told to stop.
    """
    if language not in model.languages:
        raise ValueError(f"language {language!r} is not one of {', '.join(model.languages)}")
    start, before = _nearest(model, examples, language, progress)
    own = _alone(model, model.speaker({start: 1.0}))
    learnt = [name for name, _ in own.named_parameters() if _learns(name)]
    for name, parameter in own.named_parameters():
        parameter.requires_grad_(name in learnt)
    weights = [own.get_parameter(name) for name in learnt]
    others = [one for one in weights if one is not own.speaker_table]
    groups = [{"params": [own.speaker_table], "lr": _POINT_RATE}, {"params": others, "lr": _RATE}]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share_of_rate(step, steps))
    objective, rng = SynthesizerObjective(own), np.random.default_rng(seed)
    with torch.enable_grad():
        for step in range(steps):
            progress.update(step, steps, "learning the voice")
            optimiser.zero_grad()
            for loss in objective.losses(_batch(own, _drawn(examples, rng), language), step / steps):
                loss.value.backward()
            nn.utils.clip_grad_norm_(weights, _LARGEST_GRADIENT)
            optimiser.step()
            schedule.step()
    after = objective.report(_batch(own, examples[:_JUDGED], language))
    manner = measured_manner(own, (_batch(own, [one], language) for one in examples))
    point = np.append(own.speaker_table.detach().cpu().numpy()[0], np.log(manner)).astype(np.float32)
    changes = {
        name: (own.get_parameter(name) - model.get_parameter(name)).detach().cpu().numpy()
        for name in learnt
        if name != _TABLE
    }
    return Adapted(point, changes, start, before, after)


@dataclass(frozen=True, eq=False)
class WithVoice:
    """A synthesizer, and a voice beside its own.

    A mixture with the voice has its share of what the voice adds to the weights. A speaker here is a point and, after
    it, that share.

    Args:
        model: the synthesizer.
        name: of the voice.
        point: of the voice, and how it speaks, as `Synthesizer.speaker` has them.
        changes: what is added to weights for it.
    """

    model: Synthesizer
    name: str
    point: Float[np.ndarray, " point_and_manner"]
    changes: Mapping[str, np.ndarray]

    def __post_init__(self) -> None:
        """Raises ValueError for a voice that is no such model's."""
        fitting = self.model.config.speaker_dim + len(Manner._fields)
        if self.point.shape != (fitting,):
            raise ValueError(f"{self.name} is a point of {len(self.point)} numbers; {fitting} fit")
        shapes = {name: tuple(one.shape) for name, one in self.model.named_parameters()}
        for name, change in self.changes.items():
            if shapes.get(name) != change.shape:
                raise ValueError(f"{self.name} changes {name[:60]}, which is not so in this synthesizer")
        object.__setattr__(self, "_moved", {0.0: self.model})

    @property
    def config(self) -> Any:
        return self.model.config

    @property
    def voices(self) -> tuple[str, ...]:
        return (self.name, *(voice for voice in self.model.voices if voice != self.name))

    @property
    def languages(self) -> tuple[str, ...]:
        return self.model.languages

    def speaker(
        self, shares: Mapping[str, float], formant: float = 1.0, pitch: float = 1.0
    ) -> Float[np.ndarray, " longer"]:
        """A voice mixed of several, as `Synthesizer.speaker`."""
        total = sum(shares.values())
        share = shares.get(self.name, 0.0) / total
        others = {name: one for name, one in shares.items() if name != self.name}
        point = share * self.point
        if others:
            point = point + (1 - share) * self.model.speaker(others)
        point[self.model.config.speaker_dim :] += np.log(Manner(formant=formant, pitch=pitch))
        return np.append(point, share).astype(np.float32)

    def synthesize(
        self, symbols: Sequence[str], speaker: Float[np.ndarray, " longer"], language: str, **how: Any
    ) -> Spoken:
        """As `Synthesizer.synthesize`."""
        return self._with_share(float(speaker[-1])).synthesize(symbols, speaker[:-1].copy(), language, **how)

    def _with_share(self, share: float) -> Synthesizer:
        """The synthesizer with that share of the changes; made once."""
        made: dict[float, Synthesizer] = vars(self)["_moved"]
        if not self.changes:
            return self.model
        if share not in made:
            moved = copy.deepcopy(self.model)
            with torch.no_grad():
                for name, change in self.changes.items():
                    weight = moved.get_parameter(name)
                    weight += share * torch.from_numpy(change.astype(np.float32)).to(weight.device)
            made[share] = moved.eval()
        return made[share]


def _learns(name: str) -> bool:
    return name == _TABLE or _STYLES in name or name.startswith(_HEADS)


def _alone(model: Synthesizer, speaker: Float[np.ndarray, " point_and_manner"]) -> Synthesizer:
    """A copy of a model whose one speaker is a point."""
    own = copy.deepcopy(model)
    point = speaker[: model.config.speaker_dim].copy()
    own.speaker_table = nn.Parameter(torch.from_numpy(point)[None].to(model.speaker_table.device))
    return own


def _nearest(
    model: Synthesizer, examples: Sequence[Example], language: str, progress: Progress
) -> tuple[str, dict[str, float]]:
    """The voice whose own speech differs least from what was said, and by how much."""
    batch = _batch(model, examples[:_JUDGED], language)
    found: dict[str, dict[str, float]] = {}
    for number, voice in enumerate(model.voices):
        progress.update(number, len(model.voices), "comparing voices")
        found[voice] = SynthesizerObjective(_alone(model, model.speaker({voice: 1.0}))).report(batch)
    nearest = min(found, key=lambda voice: found[voice]["mel"] + found[voice]["f0"])
    return nearest, found[nearest]


def _share_of_rate(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / _WARMUP_STEPS, (1 - step / steps) / (1 - _DECAY_FROM))


def _drawn(examples: Sequence[Example], rng: np.random.Generator) -> list[Example]:
    """Some examples, of so many frames together."""
    drawn: list[Example] = []
    for place in rng.permutation(len(examples)):
        if drawn and sum(len(one.mel) for one in drawn) + len(examples[place].mel) > _BATCH_FRAMES:
            break
        drawn.append(examples[place])
    return drawn


def _batch(model: Synthesizer, examples: Sequence[Example], language: str) -> Batch:
    """Examples, for a model of one speaker."""
    count = len(examples)
    return model.batch(examples, np.ones((count, 1), np.float32), [language] * count, [True] * count)
