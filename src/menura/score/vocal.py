"""A melody for words: when syllables are sung, and on which notes.

Chords come first. The rhythm of a line is found by dynamic programming over the places where its syllables may begin:
stressed ones rather on beats, and longer; the last one is held, and a breath follows. So are its notes: chord tones
where it matters, steps rather than leaps, along an arch. A line that returns with other words returns with its tune.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from menura.score.arranger.plan import drawn
from menura.score.arranger.progressions import Chords
from menura.score.harmony import Chord
from menura.score.notes import TICKS_PER_QUARTER, Key

HELD = -1.0
"""In place of a syllable's stress: the one before it is held for another note."""
_LEAST_S, _LEAST_END_S = 0.36, 0.8
"""How much time a line has at least: for each syllable, and for its end."""
_MOST_S, _MOST_IN_THREE_S, _MOST_END_S = 0.95, 1.2, 1.5
"""And at most, if it has more for the sake of strong beats, of which a bar of an odd number of beats has one."""
_BREATH_S = 0.25
_LONGEST_PACE_S = 0.62
_MOST_LAST_BEATS = 4
_EIGHTH, _SIXTEENTH = TICKS_PER_QUARTER // 2, TICKS_PER_QUARTER // 4
_STRENGTHS = (1.0, 0.8, 0.6, 0.15, 0.0)
"""Of a bar's first beat, its middle one, other beats, eighths between them, and all else."""
_ON_BEAT = 0.5
_WEAK_STRESS, _OFF_BEAT_STRESS, _STRONG_UNSTRESSED = 4.0, 1.6, 0.8
_UNEVEN, _OTHER_RHYTHM = 0.8, 0.35
_STRESSED_PACE, _UNSTRESSED_PACE, _LAST_PACE = 1.25, 0.85, 2.2
_INTERVALS = (0.9, 0.05, 0.0, 0.3, 0.35, 0.7, 3.0, 1.0, 2.2, 2.3, 3.4, 4.0, 2.8)
"""What a step of so many semitones costs."""
_AGAIN = (_INTERVALS[0], 1.8, 4.0)
"""What a pitch costs that is sung for the second time in a row, for the third, and every time after."""
_FOREIGN_STRONG, _FOREIGN_WEAK, _CLASH = 1.8, 0.4, 1.2
_OFF_ARCH, _WHIM, _OTHER_TUNE, _OTHER_MOTIF = 0.14, 0.9, 2.5, 1.6
_ARCH = ((0.0, 0.4, 0.75, 1.0), (0.15, 1.0, 0.7, 0.1))
"""How far through a line, and how high there."""
_SPAN = 7
"""Semitones from the foot of an arch to its top."""


@dataclass(frozen=True)
class VocalLine:
    """A line of words in its place.

    Attributes:
        section: name; lines of one name, bars and place in it have one tune.
        place, count: its number in its section, from 0, and how many there are.
        start, end: ticks; a line may begin up to a beat before its start.
        stresses: of each note 1 stressed, 0.5 less so, 0 not, or `HELD`.
        lift: semitones above the lowest register, 0 or more.
        closes: whether the section comes to rest with it.
        ends: whether the song does.
    """

    section: str
    place: int
    count: int
    start: int
    end: int
    stresses: tuple[float, ...]
    lift: int = 0
    closes: bool = False
    ends: bool = False


@dataclass(frozen=True)
class Ground:
    """What a melody stands on.

    Attributes:
        chords: of the halves of every bar.
        key: of the piece.
        metre: of all bars.
        bpm: quarters a minute.
        compass: lowest and highest pitch of the voice.
    """

    chords: Chords
    key: Key
    metre: tuple[int, int]
    bpm: float
    compass: tuple[int, int]

    @property
    def bar(self) -> int:
        """Ticks."""
        return TICKS_PER_QUARTER * 4 * self.metre[0] // self.metre[1]

    @property
    def beat(self) -> int:
        """Ticks."""
        numerator, denominator = self.metre
        return self.bar // (numerator // 3 if denominator >= 8 and numerator % 3 == 0 else numerator)

    def seconds(self, ticks: float) -> float:
        return ticks / TICKS_PER_QUARTER * 60 / self.bpm

    def chord_at(self, tick: int) -> Chord | None:
        bar, within = divmod(max(tick, 0), self.bar)
        return self.chords[min(bar, len(self.chords) - 1)][int(2 * within >= self.bar)]

    def strength(self, tick: int) -> float:
        """How strong a place in the bar is, 0 to 1."""
        within = tick % self.bar
        if within == 0:
            return _STRENGTHS[0]
        if 2 * within == self.bar and within % self.beat == 0:
            return _STRENGTHS[1]
        if within % self.beat == 0:
            return _STRENGTHS[2]
        return _STRENGTHS[3] if within % _EIGHTH == 0 else _STRENGTHS[4]

    def strong_beats(self, bars: int) -> int:
        """On how many strong beats of so many bars a syllable may begin."""
        beats = range(0, bars * self.bar - self.beat, self.beat)
        return sum(self.strength(tick) >= _STRENGTHS[1] for tick in beats)

    def is_on_beat(self, tick: int) -> bool:
        return self.strength(tick) > _ON_BEAT


def bars_of_line(stresses: Sequence[float], ground: Ground) -> int:
    """How many bars a line has, of whose notes `stresses` are those of `VocalLine`: the least power of two that leaves
    time to be understood and, unless that is slow, a strong beat for each that is stressed."""
    count = len(stresses)
    bar_s = ground.seconds(ground.bar)
    bars = 2 ** max(math.ceil(math.log2((_LEAST_S * count + _LEAST_END_S) / bar_s)), 0)
    wanted = sum(stress >= 1 for stress in stresses)
    most_s = (_MOST_IN_THREE_S if ground.metre[0] % 2 else _MOST_S) * count + _MOST_END_S
    while ground.strong_beats(bars) < wanted and 2 * bars * bar_s <= most_s:
        bars *= 2
    return bars


def melody(lines: Sequence[VocalLine], ground: Ground, seed: int) -> list[Int[np.ndarray, "note 3"]]:
    """The notes of each line: onset and length in ticks, pitch.

    Args:
        lines: in order, none over another.
        ground: chords, key, metre, tempo and compass.
        seed: the same gives the same melody.

    Raises:
        ValueError: a line has more notes than its bars have room for.
    """
    found: list[np.ndarray] = []
    tunes: dict[tuple[str, int, int], np.ndarray] = {}
    for line, onsets in zip(lines, rhythms(lines, ground), strict=True):
        own = _same_tune(line)
        notes = _pitches(line, onsets, ground, (tunes.get(own), _motif(line, tunes)), seed)
        tunes.setdefault(own, notes - np.array([line.start, 0, 0]))
        found.append(notes)
    return found


def rhythms(lines: Sequence[VocalLine], ground: Ground) -> list[Int[np.ndarray, "note 2"]]:
    """Onsets and lengths of the notes of each line, in ticks, whatever the chords are; arguments as of `melody`.

    Raises:
        ValueError: a line has more notes than its bars have room for.
    """
    found: list[np.ndarray] = []
    firsts: dict[tuple[str, int, int], np.ndarray] = {}
    for line in lines:
        known = firsts.get(_same_tune(line))
        found.append(_rhythm(line, ground, None if known is None else known + line.start))
        firsts.setdefault(_same_tune(line), found[-1][:, 0] - line.start)
    return found


def harmony(notes: Int[np.ndarray, "note 3"], ground: Ground, lowest: int) -> Int[np.ndarray, "note 3"]:
    """A second voice below a melody: thirds and sixths that fit the chords."""
    second = notes.copy()
    before = None
    for row in second:
        tick, pitch = int(row[0]), int(row[2])
        chord = ground.chord_at(tick)
        tones = frozenset(chord.pitch_classes) if chord else ground.key.scale
        prices: dict[int, float] = {}
        for below, price in ((3, 0.0), (4, 0.0), (5, 0.8), (8, 0.5), (9, 0.5), (12, 2.0)):
            at = pitch - below
            if at % 12 not in ground.key.scale | tones or at < lowest:
                continue
            step = 0.0 if before is None else 0.12 * abs(at - before)
            prices[at] = price + step + (0 if at % 12 in tones else 1.0 if ground.is_on_beat(tick) else 0.3)
        row[2] = before = min(prices, key=lambda at: prices[at]) if prices else pitch
    return second


def _same_tune(line: VocalLine) -> tuple[str, int, int]:
    """What lines have in common that are sung to one tune."""
    return line.section, line.place, line.end - line.start


def _motif(line: VocalLine, tunes: dict[tuple[str, int, int], np.ndarray]) -> np.ndarray | None:
    """The tune with which a line begins as the one two lines before it does."""
    return tunes.get((line.section, line.place - 2, line.end - line.start)) if line.place % 4 == 2 else None


def _rhythm(line: VocalLine, ground: Ground, tune: np.ndarray | None) -> Int[np.ndarray, "note 2"]:
    """Onsets and lengths."""
    for unit in (_EIGHTH, _SIXTEENTH):
        if (found := _fitted(line, ground, unit, tune)) is not None:
            return found
    bars = (line.end - line.start) // ground.bar
    raise ValueError(f"{len(line.stresses)} notes do not fit {bars} bar{'s' * (bars != 1)}")


def _fitted(line: VocalLine, ground: Ground, unit: int, tune: np.ndarray | None) -> Int[np.ndarray, "note 2"] | None:
    breath = math.ceil(_BREATH_S / ground.seconds(unit)) * unit
    pickup = max(ground.beat - breath, 0) // unit * unit if line.start else 0
    end = line.end - max(ground.beat, breath)
    count = len(line.stresses)
    onsets = np.arange(line.start - pickup, end, unit)
    if len(onsets) < count + 1:
        return None
    strength = np.array([ground.strength(int(tick)) for tick in onsets])
    price = np.zeros((count, len(onsets)))
    for row, stress in enumerate(line.stresses):
        stressed = _WEAK_STRESS * (1 - strength) + _OFF_BEAT_STRESS * (strength < _ON_BEAT)
        price[row] = max(stress, 0) * stressed + (1 - max(stress, 0)) * _STRONG_UNSTRESSED * strength
    if tune is not None:
        price += _OTHER_RHYTHM * ~np.isin(onsets, tune)
    pace = min((end - line.start) / (count + 1.2), _LONGEST_PACE_S / ground.seconds(1))
    most = max(min(len(onsets), int(3 * ground.beat / unit)), 1)
    steps = np.arange(1, most + 1) * unit
    best = price[0].copy()
    best[onsets > line.start + ground.beat] = np.inf
    came_from = []
    for row in range(1, count):
        wanted = pace * (_STRESSED_PACE if line.stresses[row - 1] >= 1 else _UNSTRESSED_PACE)
        uneven = _UNEVEN * np.abs(np.log(steps / wanted))
        options = np.full((most, len(onsets)), np.inf)
        for number in range(min(most, len(onsets) - 1)):
            options[number, number + 1 :] = best[: -number - 1] + uneven[number]
        came_from.append(options.argmin(0) + 1)
        best = options.min(0) + price[row]
    lasts = np.minimum(end - onsets, _MOST_LAST_BEATS * ground.beat)
    best = best + 0.6 * np.abs(np.log(lasts / (_LAST_PACE * pace))) + 2.0 * (lasts < pace)
    if not np.isfinite(best).any():
        return None
    places = [int(best.argmin())]
    last = int(lasts[places[0]])
    for back in reversed(came_from):
        places.append(places[-1] - int(back[places[-1]]))
    begun = onsets[places[::-1]]
    lengths = np.append(np.diff(begun), last)
    return np.column_stack((begun, lengths))


def _pitches(
    line: VocalLine,
    onsets: Int[np.ndarray, "note 2"],
    ground: Ground,
    returning: tuple[np.ndarray | None, np.ndarray | None],
    seed: int,
) -> Int[np.ndarray, "note 3"]:
    pitches = np.arange(ground.compass[0], ground.compass[1] + 1)
    tune, motif = returning
    price = np.zeros((len(onsets), len(pitches)))
    for row, (tick, length) in enumerate(onsets.tolist()):
        price[row] = _fit(pitches, line, (tick, length), ground, is_last=row == len(onsets) - 1)
        whim = drawn(seed, "tune", line.section, line.place, tick - line.start)
        price[row] += _WHIM * whim.uniform(0, 1, len(pitches))
        for known, weight, until in ((tune, _OTHER_TUNE, 1.0), (motif, _OTHER_MOTIF, 0.5)):
            if known is not None and tick - line.start < until * (line.end - line.start):
                place = max(int(np.searchsorted(known[:, 0], tick - line.start, side="right")) - 1, 0)
                price[row] += weight * (pitches != known[place, 2])
    moves = _moves(pitches)
    stays = np.tile(np.eye(len(pitches)), (len(_AGAIN) + 1,) * 2)
    best = np.concatenate((price[0], np.full(len(_AGAIN) * len(pitches), np.inf)))
    came_from = []
    for row in range(1, len(onsets)):
        own = moves + 3.0 * stays if line.stresses[row] == HELD else moves
        options = best[:, None] + own
        came_from.append(options.argmin(0))
        best = options.min(0) + np.tile(price[row], len(_AGAIN) + 1)
    path = [int(best.argmin())]
    for back in reversed(came_from):
        path.append(int(back[path[-1]]))
    return np.column_stack((onsets, pitches[np.array(path[::-1]) % len(pitches)]))


def _moves(pitches: np.ndarray) -> Float[np.ndarray, "state state"]:
    """What it costs to go from a state to another: pitches that are new, that are sung again, and so on."""
    steps = np.abs(pitches[:, None] - pitches[None])
    leaps = np.where(steps < len(_INTERVALS), np.take(_INTERVALS, steps.clip(0, len(_INTERVALS) - 1)), np.inf)
    leaps[steps == 0] = np.inf
    moves = np.full((len(_AGAIN) + 1, len(pitches)) * 2, np.inf)
    moves[:, :, 0] = leaps
    for times in range(len(_AGAIN) + 1):
        again = min(times, len(_AGAIN) - 1)
        moves[times, range(len(pitches)), again + 1, range(len(pitches))] = _AGAIN[again]
    return moves.reshape(2 * [moves.shape[0] * len(pitches)])


def _fit(
    pitches: np.ndarray, line: VocalLine, note: tuple[int, int], ground: Ground, *, is_last: bool
) -> Float[np.ndarray, " pitch"]:
    """What each pitch costs at one place, whatever is around it."""
    tick, length = note
    chord = ground.chord_at(tick)
    tones = frozenset(chord.pitch_classes) if chord else ground.key.scale
    classes = pitches % 12
    in_chord = np.isin(classes, list(tones))
    matters = ground.is_on_beat(tick) or length >= ground.beat
    price = np.where(in_chord, 0.0, _FOREIGN_STRONG if matters else _FOREIGN_WEAK)
    price[~in_chord & ~np.isin(classes, list(ground.key.scale))] = np.inf
    if matters:
        price[~in_chord & np.isin((classes - 1) % 12, list(tones))] += _CLASH
    through = np.clip((tick - line.start) / (line.end - line.start), 0, 1)
    arch = np.interp(through, _ARCH[0], _ARCH[1])
    price += _OFF_ARCH * np.abs(pitches - (ground.compass[0] + 2 + line.lift + _SPAN * arch))
    if is_last:
        home = classes == ground.key.tonic
        price += 6.0 * ~home if line.ends else 0.0
        price += np.where(home, 0.0, 0.8) if line.closes else np.where(home, 0.5, 0.0)
        price += 2.0 * ~in_chord
    return price
