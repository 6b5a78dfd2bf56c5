"""Hands: swing, and the timing and loudness of people, as drummers of the Groove set have them.

The table was measured by ``benchmarks/score_grooves.py`` in the Groove MIDI Dataset, (c) 2019 Google LLC, CC BY 4.0
(Gillick, Roberts, Engel, Eck & Bamman, "Learning to groove with inverse sequence transformations", 2019): for each
family of styles, by piece of the kit and sixteenth of the bar, how late a hit is and how loud against the piece's mean.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from menura.score.arranger.patterns import beats_of
from menura.score.arranger.plan import Plan, drawn, tidy
from menura.score.arranger.style import Style
from menura.score.notes import ONSET, PITCH, TICKS_PER_QUARTER, VELOCITY, Track

TABLE = Path(__file__).with_name("groove.json")
PIECES = ("kick", "snare", "hat", "ride", "crash", "tom", "other")
_PIECE_OF = {
    **dict.fromkeys((35, 36), "kick"),
    **dict.fromkeys((37, 38, 39, 40), "snare"),
    **dict.fromkeys((42, 44, 46), "hat"),
    **dict.fromkeys((51, 53, 59), "ride"),
    **dict.fromkeys((49, 52, 55, 57), "crash"),
    **dict.fromkeys((41, 43, 45, 47, 48, 50), "tom"),
}
_PLACES = 16
_TIMED_AS = {True: "kick", False: "hat"}
_LOW_PART = 48
_STRAIGHT_BPM, _FULL_SWING_BPM = 340.0, 200.0
_COMMON = 0.7
"""How much of the spread in time the pieces of one moment share."""
_EVENED = 0.6
"""Tables of patterns have accents of their own: that much of the measured ones comes on top."""


def piece_of(pitch: int) -> str:
    """Which of PIECES a drum is."""
    return _PIECE_OF.get(pitch, "other")


@cache
def _table() -> dict[str, Any]:
    return json.loads(TABLE.read_text(encoding="utf-8"))


def swing_at(style: Style, bpm: float) -> float:
    """The ratio of long to short: at high tempos notes grow even (Friberg & Sundström 2002; so do those of the set)."""
    slower = (_STRAIGHT_BPM - bpm) / (_STRAIGHT_BPM - _FULL_SWING_BPM)
    return 1 + (style.swing - 1) * float(np.clip(slower, 0, 1))


def humanise(track: Track, plan: Plan, style: Style, seed: int, amount: float = 1.0) -> Track:
    """The same notes as people play them: swung as the style is, and a little off in time and loudness.

    Any part that goes with the band may be given, the melody too, on the straight grid. Where a style is a machine's
    (`Style.human` None), time stays exact.

    Args:
        track: on the plan's bars.
        seed: the same track and seed give the same notes.
        amount: 0 leaves swing alone, 1 is as people were measured, 2 twice as loose.

    Raises:
        ValueError: `amount` is not from 0 to 2.
    """
    if not 0 <= amount <= 2:
        raise ValueError(f"amount is from 0 to 2, not {amount:g}")
    notes = track.notes.astype(np.int64)
    if not len(notes):
        return track
    places = _places(plan, notes[:, ONSET])
    starts, ends = notes[:, ONSET], notes[:, ONSET] + notes[:, 1]
    starts, ends = _swung(starts, plan, style), _swung(ends, plan, style)
    feel = _table()[style.human or "pop"]
    rng = drawn(seed, "humanise", track.name)
    if track.is_drum:
        pieces = [piece_of(pitch) for pitch in notes[:, PITCH].tolist()]
    else:
        pieces = [_TIMED_AS[float(notes[:, PITCH].mean()) < _LOW_PART]] * len(notes)
    late, loud = _feel(feel, pieces, places, notes[:, ONSET], rng, by_chord=not track.is_drum)
    if style.human is None:
        late = np.zeros(len(notes))
    ticks = np.round(late * amount * plan.bpm * TICKS_PER_QUARTER / 60_000).astype(np.int64)
    onset = np.clip(starts + ticks, 0, None)
    notes[:, 1] = np.maximum(ends + ticks - onset, 1)
    notes[:, ONSET] = onset
    notes[:, VELOCITY] = np.round(notes[:, VELOCITY] * loud ** (amount * (1 if style.human else 0.4)))
    return Track(
        track.name,
        track.program,
        track.is_drum,
        tidy(map(tuple, notes.tolist()), int(plan.starts[-1])),
        track.controls,
        track.bank,
        track.channel,
    )


def _feel(
    feel: dict[str, Any],
    pieces: list[str],
    places: np.ndarray,
    onsets: np.ndarray,
    rng: np.random.Generator,
    by_chord: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """How late each note is, ms, and how loud against what was written."""
    moments, which = np.unique(onsets, return_inverse=True)
    common = rng.standard_normal(len(moments))[which]
    own = np.zeros(len(onsets)) if by_chord else rng.standard_normal(len(onsets))
    spread = np.clip(_COMMON * common + (1 - _COMMON**2) ** 0.5 * own, -2, 2)
    late = np.array([feel["late_ms"][piece][place] for piece, place in zip(pieces, places.tolist(), strict=True)])
    loud = np.array([feel["loudness"][piece][place] for piece, place in zip(pieces, places.tolist(), strict=True)])
    written = np.array([piece in ("snare", "tom", "crash", "other") for piece in pieces])
    loud = np.where(written | by_chord, 1.0, loud) ** _EVENED
    wobble = np.exp(np.clip(rng.standard_normal(len(onsets)), -2, 2) * min(feel["spread_loudness"], 0.12) / 2)
    return late + spread * feel["spread_ms"] / 2, loud * wobble


def _places(plan: Plan, ticks: np.ndarray) -> np.ndarray:
    """The sixteenths of a bar of four beats that ticks are nearest to."""
    starts = plan.starts
    bars = np.clip(np.searchsorted(starts, ticks, side="right") - 1, 0, len(plan.metres) - 1)
    rests = ticks - starts[bars]
    return np.array([_place(plan.metres[bar], rest) for bar, rest in zip(bars.tolist(), rests.tolist(), strict=True)])


@cache
def _place(metre: tuple[int, int], rest: int) -> int:
    """The sixteenth of a tick within its bar."""
    for beat, length in enumerate(beats_of(*metre)):
        if rest < length:
            return (beat * 4 + round(rest * 4 / length)) % _PLACES
        rest -= length
    return 0


def _swung(ticks: np.ndarray, plan: Plan, style: Style) -> np.ndarray:
    """Ticks moved so that the second of two notes comes late; beats of three eighths are as they are."""
    ratio = swing_at(style, plan.bpm)
    if ratio <= 1:
        return ticks
    whole = TICKS_PER_QUARTER if style.swing_unit == 8 else TICKS_PER_QUARTER // 2
    starts = plan.starts
    bars = np.clip(np.searchsorted(starts, ticks, side="right") - 1, 0, len(plan.metres) - 1)
    compound = np.array([any(beat % TICKS_PER_QUARTER for beat in beats_of(*metre)) for metre in plan.metres])
    within = ticks - starts[bars]
    base, rest = within // whole * whole, within % whole
    half, long = whole / 2, whole * ratio / (1 + ratio)
    moved = np.where(rest < half, rest * long / half, long + (rest - half) * (whole - long) / half)
    return np.where(compound[bars], ticks, np.round(starts[bars] + base + moved).astype(np.int64))
