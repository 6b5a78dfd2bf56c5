"""Arranging: from what a prompt says and what options say to every number a piece needs; options win."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, geometric_mean

import numpy as np

from menura.score.conditions import Wish
from menura.score.instruments import expand
from menura.score.notes import Key
from menura.score.tokens import GRID_PER_QUARTER, NUM_POSITIONS, bar_length, slots_for
from menura.text.prompts import BARS_RANGE, BPM_RANGE, MOODS, Understanding, understand
from menura.text.vocabulary import Mood

_USUAL_SECONDS = 40.0
_TAIL_S = 2.0
_LEAST_FILLED = 0.75
"""Of an exact duration: with bars and a tempo that fill less of it, one of the three is a mistake."""
_USUAL_BPM = 100.0
_USUAL_DENSITY = 0.55
"""Left to itself the model takes "slow" and small ensembles for an invitation to rest."""
_USUAL_ENSEMBLES: Sequence[tuple[str, str]] = (
    # The first style asked for whose name is here says who plays, where nobody was named.
    *(("quartet", "string quartet"), ("song", "voice, piano"), ("hymn", "satb"), ("chorale", "satb")),
    *(("game", "rock band"), ("symphony", "orchestra"), ("concerto", "chamber orchestra"), ("sousa", "marching band")),
    *((name, "nylon guitar") for name in ("giuliani", "sor", "carcassi", "diabelli")),
    *((name, "church organ") for name in ("buxtehude",)),
    *((name, "voice, piano") for name in ("franz", "wolf", "lang", "hensel", "chaminade")),
    *((name, "harpsichord") for name in ("handel", "telemann", "baroque")),
    *(("vivaldi", "violin, violin, viola, cello, harpsichord"), ("renaissance", "recorder consort")),
    *(("folk", "folk band"), ("japanese", "koto, shakuhachi"), ("march", "marching band"), ("jazz", "jazz trio")),
)


@dataclass(frozen=True)
class Arrangement:
    """A piece decided on, before its notes.

    Attributes:
        wish: what the model is asked.
        form: name of a form, or None for the usual one.
        duration_s: exact length asked for, or None.
        understanding: what the prompt was taken to say.
    """

    wish: Wish
    form: str | None
    duration_s: float | None
    understanding: Understanding

    @property
    def metre(self) -> tuple[int, int]:
        return int(self.wish.metres[0, 0]), int(self.wish.metres[0, 1])


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked outside the prompt; None or empty where nothing was."""

    key: str | None
    bpm: float | None
    metre: str | None
    bars: int | None
    duration_s: float | None
    instruments: Sequence[str]
    style: Mapping[str, float]
    mood: Sequence[str]
    density: float | None
    form: str | None


def arrange(prompt: str, options: Options, rng: np.random.Generator) -> Arrangement:
    """Decide everything.

    Raises:
        ValueError: the prompt or an option cannot be met, or options contradict each other.
    """
    said = understand(prompt)
    moods = [_mood(name) for name in (options.mood or said.mood)]
    metre = read_metre(options.metre) if options.metre else said.metre or (4, 4)
    if bar_length(*metre) > NUM_POSITIONS:
        raise ValueError(f"metre: {metre[0]}/{metre[1]} is longer than the 8 quarter notes a bar may have")
    # A prompt's length gives way to an option's, whichever of the two it was given as.
    by_option = options.bars is not None or options.duration_s is not None
    bars = options.bars if by_option else said.bars
    duration_s = options.duration_s if by_option else said.duration_s
    asked_bpm = options.bpm or said.bpm
    factor = geometric_mean([mood.bpm_factor for mood in moods]) if moods else 1.0
    length = _length(bars, duration_s, asked_bpm, _USUAL_BPM * factor, metre)
    style = dict(options.style or said.style)
    names = [name for asked in (options.instruments or said.instruments) for name in _players(asked)]
    programs = names or _usual_ensemble(style)
    mode = said.mode or next((mood.mode for mood in moods if mood.mode), None)
    key = Key.parse(options.key) if options.key else said.key or _any_key(mode, rng)
    density = _mean([said.density], moods, "density")
    wish = Wish(
        slots=slots_for(programs),
        key=key,
        bpm=length.bpm,
        metres=np.tile(np.array(metre), (length.bars, 1)),
        styles=style,
        closes=length.bars >= 4,
        density=next(share for share in (options.density, density, _USUAL_DENSITY) if share is not None),
        loudness=_mean([], moods, "loudness"),
        register=_mean([], moods, "register"),
        chromaticism=_mean([], moods, "chromaticism"),
    )
    return Arrangement(wish, options.form or said.form, duration_s, said)


def read_metre(text: str) -> tuple[int, int]:
    """``"3/4"`` as numbers.

    Raises:
        ValueError: it is not a metre of 1 to 16 beats over 1, 2, 4, 8 or 16.
    """
    match = re.fullmatch(r"\s*(\d{1,2})\s*/\s*(\d{1,2})\s*", text)
    if match and 1 <= int(match[1]) <= 16 and int(match[2]) in (1, 2, 4, 8, 16):
        return int(match[1]), int(match[2])
    raise ValueError(f"metre: {text[:20]!r} is not one; write 3/4 or 6/8 (1 to 16 beats over 1, 2, 4, 8 or 16)")


def _mood(name: str) -> Mood:
    if name not in MOODS:
        raise ValueError(f"mood: {name[:20]!r} is not one of {', '.join(MOODS)}")
    return MOODS[name]


@dataclass(frozen=True, slots=True)
class _Length:
    bars: int
    bpm: float


def _length(
    bars: int | None, duration_s: float | None, bpm: float | None, usual_bpm: float, metre: tuple[int, int]
) -> _Length:
    quarters = bar_length(*metre) / GRID_PER_QUARTER
    if duration_s is None:
        bpm = bpm or round(usual_bpm)
        if bars is None:
            bars = min(max(round(_USUAL_SECONDS * bpm / 60 / quarters / 8), 1) * 8, BARS_RANGE[1])
        return _Length(bars, bpm)
    sounding_s = _sounding_s(duration_s)
    if bars is None:
        pace = bpm or usual_bpm
        bars = int(sounding_s * pace / 60 / quarters) if bpm else max(round(sounding_s * pace / 60 / quarters), 1)
        if bars < 1:
            raise ValueError(
                f"duration: one bar of {metre[0]}/{metre[1]} at {pace:g} bpm is longer than {duration_s:g} s"
            )
        if bars > 512:
            raise ValueError(f"duration: {duration_s:g} s at {pace:g} bpm are {bars} bars, more than 512")
        return _Length(bars, bpm or _needed_bpm(bars, quarters, duration_s))
    lasts_s = bars * quarters * 60 / bpm if bpm else sounding_s
    if not _LEAST_FILLED * sounding_s <= lasts_s <= duration_s:
        raise ValueError(
            f"{bars} bars of {metre[0]}/{metre[1]} at {bpm:g} bpm last {lasts_s:.1f} s, not {duration_s:g}; "
            "leave out bars, bpm or duration"
        )
    return _Length(bars, bpm or _needed_bpm(bars, quarters, duration_s))


def _sounding_s(duration_s: float) -> float:
    """What an exact duration leaves for notes, before the last of them dies away."""
    return duration_s - min(_TAIL_S, 0.1 * duration_s)


def _needed_bpm(bars: int, quarters: float, duration_s: float) -> float:
    needed = 60 * quarters * bars / _sounding_s(duration_s)
    if not BPM_RANGE[0] <= needed <= BPM_RANGE[1]:
        plural = "s" * (bars != 1)
        raise ValueError(f"{bars} bar{plural} in {duration_s:g} s would need {needed:.0f} bpm; 20 to 300 are possible")
    return round(needed, 3)


_COUNTED = re.compile(r"^\s*(\d{1,2})\s*[x×]?\s+(.*)$")


def _players(asked: str) -> list[int]:
    """Programs of ``"flute"``, ``"2 violins"`` or ``"string quartet"``; 128 is the drum kit."""
    match = _COUNTED.match(asked)
    count, name = (int(match[1]), match[2]) if match else (1, asked)
    if not 1 <= count <= 16:
        raise ValueError(f"instruments: {asked[:40]!r}: 1 to 16 players, not {count}")
    return [128 if player.is_drum else player.program for _ in range(count) for player in expand(name)]


def _usual_ensemble(style: Mapping[str, float]) -> list[int]:
    ensembles = dict(_USUAL_ENSEMBLES)
    for name in sorted(style, key=lambda name: -style[name]):
        if name in ensembles:
            return [program for part in ensembles[name].split(", ") for program in _players(part)]
    return [0]


def _any_key(mode: str | None, rng: np.random.Generator) -> Key:
    # Up to three sharps or flats, as most music has.
    mode = mode or ("major", "minor")[int(rng.random() < 0.4)]
    tonics = [tonic for tonic in range(12) if abs(Key(tonic, mode).fifths) <= 3]
    return Key(int(rng.choice(tonics)), mode)


def _mean(said: Sequence[float | None], moods: Sequence[Mood], name: str) -> float | None:
    values = [value for value in (*said, *(getattr(mood, name) for mood in moods)) if value is not None]
    return fmean(values) if values else None
