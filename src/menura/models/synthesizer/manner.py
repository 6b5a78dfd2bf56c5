"""How much longer a voice's sounds last, and how much further its F0 moves, than a synthesizer has learnt.

Both are learnt as medians, and what lies about them is lost: durations add up to less than speech, intonation is flat.
What is lost is measured on what the voice said, and kept with the voice (`Voice.length_scale`, `Voice.pitch_range`).

    python -m menura.models.synthesizer.recipe MODEL DATA      # of weights that are there already
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from menura.models.synthesizer.model import LEAST_F0_HZ, PER_STEP, Batch, Manner, Synthesizer

_LENGTHS, _RANGES = (0.8, 1.6), (1.0, 1.6)
"""The least and the most of each that is believed."""
_QUANTILES = 0.1, 0.9


@torch.inference_mode()
def measured_manner(model: Synthesizer, batches: Iterable[Batch]) -> Manner:
    """What a synthesizer's predictions have to be multiplied by.

    Args:
        model: with its final weights.
        batches: what one voice said.
    """
    lasting = predicted = 0.0
    moved, moving = [], []
    is_sound = torch.from_numpy(model.is_sound)
    for batch in batches:
        durations, log_f0, voiced = _predictions(model, batch)
        sounds = is_sound.to(durations.device)[batch.symbols.clamp(min=0)] & (batch.symbols >= 0)
        lasting += float((batch.durations * sounds).sum())
        predicted += float((durations * sounds).sum())
        moved += _deviations(batch.f0.clamp(min=LEAST_F0_HZ).log(), voiced)
        moving += _deviations(log_f0, voiced)
    length_scale = lasting / predicted if predicted else 1.0
    told, learnt = _spread(moved), _spread(moving)
    return Manner(_within(length_scale, _LENGTHS), _within(told / learnt if learnt else 1.0, _RANGES))


def _predictions(
    model: Synthesizer, batch: Batch
) -> tuple[Float[Tensor, "batch symbol"], Float[Tensor, "batch frame"], Bool[Tensor, "batch frame"]]:
    """Frames of each symbol, log F0 where these are the true ones, and where both say that it is voiced."""
    style = model.styles(batch.speaker @ model.speaker_table, batch.language)
    there = batch.symbols >= 0
    hidden = model.encode(batch.symbols.clamp(min=0), there, style)
    durations = model.log_durations(hidden, there, style).float().exp().sub(1).clamp(min=0)
    steps = model.expand(hidden, batch.durations, batch.mel.shape[1] // PER_STEP)
    frames = torch.arange(batch.mel.shape[1], device=style.device)[None] < batch.durations.sum(1, keepdim=True)
    prosody = model.prosody_of(steps, frames[:, ::PER_STEP, None].to(style.dtype), style)
    log_f0, voicing, _ = prosody.flatten(1, 2).unbind(-1)
    return durations, log_f0, frames & (batch.f0 > 0) & (voicing > 0) & batch.has_intonation[:, None]


def _deviations(log_f0: Float[Tensor, "batch frame"], voiced: Bool[Tensor, "batch frame"]) -> list[Tensor]:
    """Of each item, the differences from its median."""
    return [one[own] - one[own].median() for one, own in zip(log_f0, voiced, strict=True) if own.any()]


def _spread(deviations: list[Tensor]) -> float:
    """From the tenth to the ninetieth of a hundred: creaks, an octave below, are few, but much of a variance."""
    if not deviations:
        return 0.0
    low, high = np.quantile(torch.cat(deviations).cpu().numpy(), _QUANTILES)
    return float(high - low)


def _within(value: float, limits: tuple[float, float]) -> float:
    return round(min(max(value, limits[0]), limits[1]), 3)
