"""One value of one field, drawn from a head's numbers: compiled, for a piece has thousands of notes of five fields."""

from __future__ import annotations

import numpy as np

from menura.compiled import compiled
from menura.models.score_lm.model import NUM_INTERVALS, NUM_RELATIVE, PITCH_PARTS, REACH
from menura.score.harmony import NO_CHORD, QUALITIES
from menura.score.steps.context import NONE, Context
from menura.score.steps.tokens import DURATION_FIELD, FIELD_SIZES, PITCH_FIELD, POSITION_FIELD, SLOT_FIELD

_QUALITIES = len(QUALITIES)
_DEGREES, _AGAINST, _RETURNS, _MOVED = (sum(PITCH_PARTS[:part]) for part in range(1, 5))
"""Where in the pitch head's numbers its parts begin."""


def choose(
    field: int,
    answer: np.ndarray,
    slots: np.ndarray,
    known: Context,
    chord: int,
    bias: np.ndarray,
    settings: tuple[float, float, float],
    uniform: float,
) -> int:
    """Draw a value.

    Args:
        field: which.
        answer: float32 ``[branch, number]``, of the field's head: as asked, and with nothing asked where there is
            guidance.
        slots: float32 ``[16, width]``: what the slot head's answer is compared with.
        known, chord: what the row stands beside.
        bias: ``[size]``, added to the logits; -inf forbids.
        settings: guidance, temperature, and the share of the likeliest values that are kept.
        uniform: a random number from 0 to below 1.
    """
    return int(_choose(field, answer, NUM_RELATIVE[field], slots, known, chord, bias, settings, uniform))


@compiled()
def _choose(field, answer, num_relative, slots, known, chord, bias, settings, uniform):
    guidance, temperature, top_p = settings
    values = np.zeros((len(answer), len(bias)))
    _add_answer(field, answer, num_relative, slots, known, chord, values)
    logits = values[0]
    if len(values) > 1:
        for value in range(len(logits)):
            logits[value] = values[1, value] + guidance * (logits[value] - values[1, value])
    for value in range(len(logits)):
        logits[value] = (logits[value] + bias[value]) / temperature
    return _nucleus(logits, top_p, uniform)


@compiled()
def _nucleus(logits, top_p, uniform):
    """One of the likeliest values that make up a share (Holtzman et al., 2020); of equals the first comes first."""
    likely = np.exp(logits - logits.max())
    wanted, kept = top_p * likely.sum(), 0.0
    order, share = np.empty(len(likely), np.int64), np.empty(len(likely))
    count = 0
    while count == 0 or (count < len(likely) and kept < wanted):
        best = likely.argmax()
        kept += likely[best]
        order[count], share[count] = best, kept
        likely[best] = -1.0
        count += 1
    for place in range(count):
        if share[place] > uniform * kept:
            return order[place]
    return order[count - 1]


def context_logits(field: int, relative: np.ndarray, known: Context, chord: int) -> np.ndarray:
    """As `menura.models.score_lm.model.ContextLogits`, for one row: float64 ``[branch, size]``."""
    logits = np.zeros((len(relative), FIELD_SIZES[field]))
    _add_context(field, relative.astype(np.float64), known, chord, logits)
    return logits


@compiled()
def _add_answer(field, answer, num_relative, slots, known, chord, values):
    branches, own = len(answer), answer.shape[1] - num_relative
    relative = np.empty((branches, num_relative))
    for branch in range(branches):
        for k in range(num_relative):
            relative[branch, k] = answer[branch, own + k]
    _add_context(field, relative, known, chord, values)
    for branch in range(branches):
        for value in range(values.shape[1]):
            logit = np.float64(0)
            if field == SLOT_FIELD:
                for k in range(own):
                    logit += answer[branch, k] * np.float64(slots[value, k])
            else:
                logit += answer[branch, value]
            values[branch, value] = logit + values[branch, value]


@compiled()
def _add_context(field, relative, known, chord, logits):
    if field == PITCH_FIELD:
        _add_context_of_pitches(relative, known, chord, logits)
        return
    for branch in range(len(relative)):
        for lag in range(relative.shape[1]):
            if field == SLOT_FIELD:
                for slot in range(logits.shape[1]):
                    if known.slots[0, lag, slot]:
                        logits[branch, slot] += relative[branch, lag]
                continue
            if field == POSITION_FIELD:
                stood = known.position[0, lag]
            elif field == DURATION_FIELD:
                stood = known.duration[0, lag]
            else:
                stood = known.velocity[0, lag]
            if stood != NONE:
                logits[branch, stood] += relative[branch, lag]


@compiled()
def _add_context_of_pitches(relative, known, chord, logits):
    root = (chord - 1) // _QUALITIES
    for branch in range(len(relative)):
        numbers, own = relative[branch], logits[branch]
        for pitch in range(len(own)):
            for place in range(known.anchors.shape[1]):
                anchor = known.anchors[0, place]
                if anchor != NONE:
                    apart = min(max(pitch - anchor, -REACH), REACH) + REACH
                    own[pitch] += numbers[place * NUM_INTERVALS + apart]
            if chord != NO_CHORD:
                own[pitch] += numbers[_DEGREES + (pitch - root) % 12]
            for sounding in range(12):
                if known.sounding[0, sounding]:
                    own[pitch] += numbers[_AGAINST + (pitch - sounding) % 12]
        for lag in range(known.pitches.shape[1]):
            for pitch in range(len(own)):
                if known.pitches[0, lag, pitch]:
                    own[pitch] += numbers[_RETURNS + lag]
            for pitch in range(len(own)):
                with_part = pitch + known.shift[0, lag]
                if known.pitches[0, lag, pitch] and 0 <= with_part < len(own):
                    own[with_part] += numbers[_MOVED + lag]
