"""A piano roll: a score as a picture, for looking at its form, texture and dynamics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from menura.score.instruments import DRUM_NAMES, INSTRUMENTS
from menura.score.notes import LOOP_END, LOOP_START, PITCH, Marker, Score, Track

_SCALE = 2
"""Everything is drawn this much larger, then reduced, so that edges are smooth."""

_WIDTH, _MARGIN, _GUTTER = 1600, 36, 64
_ROLL_WIDTH = _WIDTH - 2 * _MARGIN - _GUTTER
_TITLE_SIZE, _SMALL_TITLE_SIZE, _LARGE_TITLE_LINES = 22, 14, 2
_HEAD, _SYSTEM_GAP, _RULER, _MARKER_LINE = 42, 26, 18, 18
_DRUM_ROW, _DRUM_GAP = 9, 8
_LEGEND_LINE = 22
_LEAST_PITCHES = 24
_BARS_PER_SYSTEM = ((16, 16), (64, 16), (96, 24), (192, 32), (512, 64))
"""Up to so many bars, so many in a system; beyond, `_MAX_SYSTEMS` share them."""

_MAX_SYSTEMS = 8
_CHORD_INDENT, _CHORD_ROOM = 22, 60
_STEPS = tuple(k * 10**power for power in range(8) for k in (1, 2, 4, 5))
"""Every how many bars a line or a number may stand."""

_PAPER, _INK, _FAINT_INK = (255, 255, 255), (32, 36, 44), (120, 126, 138)
_ROW, _BLACK_KEY_ROW, _OCTAVE_LINE, _BAR_LINE = (251, 251, 253), (244, 245, 248), (200, 204, 214), (222, 225, 232)
_MARKER_INK, _DRUM_COLOUR = (176, 52, 44), (70, 76, 88)
_NEW_BARS, _NEW_EDGE = (255, 236, 179), (230, 160, 20)
_COLOURS = (
    *((46, 110, 187), (224, 122, 24), (44, 150, 88), (196, 54, 62), (128, 88, 176), (24, 160, 172)),
    *((212, 88, 160), (134, 148, 30), (150, 92, 64), (92, 126, 220), (236, 160, 24), (96, 110, 124)),
)
_BLACK_KEYS = frozenset((1, 3, 6, 8, 10))


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things go, in pixels before enlarging."""

    systems: tuple[tuple[int, int], ...]  # first bar and the bar after the last
    bars: np.ndarray  # tick of each bar line, the final one included
    pixels_per_tick: float
    low: int
    high: int
    row: int
    drums: tuple[int, ...]
    head: int  # height of title, facts and legend
    has_markers: bool

    @property
    def starts(self) -> np.ndarray:
        """The tick at which each system starts."""
        return self.bars[[first for first, _ in self.systems]]

    @property
    def roll_height(self) -> int:
        return (self.high - self.low + 1) * self.row if self.high >= self.low else 0

    @property
    def drum_height(self) -> int:
        return len(self.drums) * _DRUM_ROW + (_DRUM_GAP if self.roll_height else 0) if self.drums else 0

    @property
    def system_height(self) -> int:
        return self.above + self.roll_height + self.drum_height + _SYSTEM_GAP

    @property
    def above(self) -> int:
        """Height of what stands over the notes: bar numbers, and markers if there are any."""
        return _RULER + (_MARKER_LINE if self.has_markers else 0)

    @property
    def height(self) -> int:
        return self.head + len(self.systems) * self.system_height + _MARGIN // 2

    def top(self, system: int) -> int:
        """Where the notes of a system begin."""
        return self.head + system * self.system_height + self.above

    def x(self, tick: float, system: int) -> float:
        return _MARGIN + _GUTTER + (tick - self.bars[self.systems[system][0]]) * self.pixels_per_tick

    def y(self, pitch: int, system: int) -> float:
        """Upper edge of a pitch's row."""
        return self.top(system) + (self.high - pitch) * self.row


def piano_roll(score: Score, new_bars: tuple[int, int] | None = None, chords: Sequence[str] = ()) -> Image.Image:
    """Draw a score: time to the right in systems of some bars, pitch upwards, a colour per track.

    The stronger a note, the more solid its colour; notes of several tracks at one pitch and time share its row. Drums
    have a lane at the foot of each system; markers stand over the bar numbers. The picture is 1600 pixels wide, as high
    as the piece is long.

    Args:
        score: any piece.
        new_bars: first and last bar, counted from 1, to mark as new.
        chords: of each bar, to stand beside its number where there is room.
    """
    title, legend = _title(score), _legend(score)
    layout = _layout(score, title.height + len(legend) * _LEGEND_LINE)
    image = Image.new("RGB", (_WIDTH * _SCALE, layout.height * _SCALE), _PAPER)
    pen = _Pen(image)
    num_bars = len(layout.bars) - 1
    marked = range(max(new_bars[0] - 1, 0), min(new_bars[1], num_bars)) if new_bars else range(0)
    _draw_head(pen, title, _facts(score, num_bars, marked), legend)
    for system in range(len(layout.systems)):
        _draw_grid(pen, layout, system, marked)
        _draw_chords(pen, layout, system, chords)
    layers = _layers(score)
    for number, (track, colour) in enumerate(zip(score.tracks, _track_colours(score), strict=True)):
        if track.is_drum:
            _draw_drums(pen, layout, track, colour)
        else:
            _draw_notes(pen, layout, track, colour, layers[number])
    _draw_markers(pen, layout, score)
    return image.resize((_WIDTH, layout.height), Image.Resampling.BOX)


def _layers(score: Score) -> list[np.ndarray]:
    """For each note of each track, which of how many layers of its row it lies in, ``[note, 2]``.

    Notes at one pitch whose times overlap, directly or over others, share the row: each track has a layer of it.
    """
    layers = [np.zeros((len(track.notes), 2), dtype=int) for track in score.tracks]
    rows: dict[int, list[tuple[int, int, int, int]]] = {}
    for number, track in enumerate(score.tracks):
        if not track.is_drum:
            for index, (onset, duration, pitch, _) in enumerate(track.notes.tolist()):
                rows.setdefault(pitch, []).append((onset, onset + duration, number, index))
    for notes in rows.values():
        group: list[tuple[int, int, int, int]] = []
        group_end = 0
        for note in [*sorted(notes), (2**62, 0, 0, 0)]:
            if note[0] >= group_end and group:
                tracks = sorted({number for _, _, number, _ in group})
                for _, _, number, index in group:
                    layers[number][index] = tracks.index(number), len(tracks)
                group = []
            group.append(note)
            group_end = max(group_end, note[1]) if len(group) > 1 else note[1]
    return layers


class _Pen:
    """Draws on the enlarged image in layout's pixels; colours may be translucent."""

    def __init__(self, image: Image.Image) -> None:
        self._draw = ImageDraw.Draw(image, "RGBA")

    def box(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, ...]) -> None:
        left, top, right, bottom = (round(edge * _SCALE) for edge in (left, top, right, bottom))
        self._draw.rectangle((left, top, max(right, left + 2) - 1, max(bottom, top + 1) - 1), fill=colour)

    def text(self, x: float, y: float, text: str, colour: tuple[int, ...], size: int = 11, anchor: str = "ls") -> None:
        self._draw.text((x * _SCALE, y * _SCALE), text, fill=colour, font=_font(size), anchor=anchor)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * _SCALE)


@dataclass(frozen=True)
class _Title:
    """A title in lines that fit the picture, smaller where it is long."""

    lines: tuple[str, ...]
    size: int

    @property
    def height(self) -> int:
        """Down to the legend."""
        return _HEAD + len(self.lines) * round(1.6 * self.size)


def _title(score: Score) -> _Title:
    text = " ".join(score.title.split()) or "Piano roll"
    large = _wrapped(text, _WIDTH - 2 * _MARGIN, _TITLE_SIZE)
    if len(large) <= _LARGE_TITLE_LINES:
        return _Title(large, _TITLE_SIZE)
    return _Title(_wrapped(text, _WIDTH - 2 * _MARGIN, _SMALL_TITLE_SIZE), _SMALL_TITLE_SIZE)


def _wrapped(text: str, width: float, size: int) -> tuple[str, ...]:
    """A text in lines, cut between words, or within those that alone are too long."""
    font, room = _font(size), width * _SCALE
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".lstrip()
        if font.getlength(longer) <= room:
            lines[-1] = longer
            continue
        lines += [word] if lines[-1] else []
        lines[-1] = lines[-1] or word
        while font.getlength(lines[-1]) > room:
            fits = max(int(len(lines[-1]) * room / font.getlength(lines[-1])) - 1, 1)
            lines[-1:] = [lines[-1][:fits], lines[-1][fits:]]
    return tuple(lines)


def _shortened(text: str, width: float, size: int) -> str:
    """As much of a text as fits."""
    font, text, room = _font(size), " ".join(text.split())[:400], width * _SCALE
    if font.getlength(text) <= room:
        return text
    while text and (length := font.getlength(text + "…")) > room:
        text = text[: min(int(len(text) * room / length), len(text) - 1)]
    return text.rstrip() + "…"


def _layout(score: Score, head: int) -> _Layout:
    bars = score.bar_starts()
    metre = [metre for metre in score.metres if metre.tick <= bars[-1]][-1]
    bars = np.append(bars, bars[-1] + metre.bar_ticks)
    count = len(bars) - 1
    width = next((width for most, width in _BARS_PER_SYSTEM if count <= most), -(-count // _MAX_SYSTEMS))
    systems = tuple((first, min(first + width, count)) for first in range(0, count, width))
    longest = max(bars[last] - bars[first] for first, last in systems)
    pitches = [track.notes[:, PITCH] for track in score.tracks if not track.is_drum and len(track.notes)]
    low, high = 0, -1
    if pitches:
        low, high = int(min(each.min() for each in pitches)) - 2, int(max(each.max() for each in pitches)) + 2
        spare = max(_LEAST_PITCHES - (high - low + 1), 0)
        low, high = max(low - spare // 2, 0), min(high + (spare + 1) // 2, 127)
    drums = np.unique(np.concatenate([t.notes[:, PITCH] for t in score.tracks if t.is_drum] or [np.empty(0, int)]))
    return _Layout(
        systems=systems,
        bars=bars,
        pixels_per_tick=_ROLL_WIDTH / float(longest),
        low=low,
        high=high,
        row=6 if high - low < 44 else 5 if high - low < 60 else 4,
        drums=tuple(drums.tolist()),
        head=head,
        has_markers=bool(_shown(score)),
    )


def _track_colours(score: Score) -> list[tuple[int, int, int]]:
    melodic = iter(range(len(score.tracks)))
    return [_DRUM_COLOUR if track.is_drum else _COLOURS[next(melodic) % len(_COLOURS)] for track in score.tracks]


def _legend(score: Score) -> list[list[tuple[float, str, tuple[int, int, int]]]]:
    """Lines of (x, name, colour)."""
    lines: list[list[tuple[float, str, tuple[int, int, int]]]] = [[]]
    x = float(_MARGIN)
    for track, colour in zip(score.tracks, _track_colours(score), strict=True):
        name = _shortened(track.name or INSTRUMENTS[128 if track.is_drum else track.program].name, 240, 13)
        width = _font(13).getlength(name) / _SCALE + 40
        if x + width > _WIDTH - _MARGIN and lines[-1]:
            lines.append([])
            x = float(_MARGIN)
        lines[-1].append((x, name, colour))
        x += width
    return lines


def _draw_head(
    pen: _Pen, title: _Title, facts: list[str], legend: list[list[tuple[float, str, tuple[int, int, int]]]]
) -> None:
    for number, line in enumerate(title.lines):
        pen.text(_MARGIN, 36 + round(1.6 * title.size * number), line, _INK, size=title.size)
    pen.text(_MARGIN, title.height - 20, " · ".join(facts), _FAINT_INK, size=13)
    for number, line in enumerate(legend):
        foot = title.height + number * _LEGEND_LINE + 10
        for x, name, colour in line:
            pen.box(x, foot - 10, x + 16, foot, colour)
            pen.text(x + 22, foot, name, _INK, size=13)


def _facts(score: Score, num_bars: int, new_bars: range) -> list[str]:
    facts = [f"{score.tempos[0].bpm:g} bpm", str(score.metres[0])]
    facts += [str(score.keys[0].key)] if score.keys else []
    minutes, seconds = divmod(round(score.duration_s), 60)
    facts += [f"{num_bars} bar{'s' if num_bars != 1 else ''}", f"{minutes}:{seconds:02d}"]
    if new_bars:
        facts.append(f"new: bars {new_bars[0] + 1}-{new_bars[-1] + 1}")
    return facts


def _draw_grid(pen: _Pen, layout: _Layout, system: int, new_bars: range) -> None:
    first, last = layout.systems[system]
    top, foot = layout.top(system), layout.top(system) + layout.roll_height
    left, right = layout.x(layout.bars[first], system), layout.x(layout.bars[last], system)
    end = foot + layout.drum_height
    if layout.roll_height:
        pen.box(left, top, right, foot, _ROW)
    for pitch in range(layout.low, layout.high + 1):
        y = layout.y(pitch, system)
        if pitch % 12 in _BLACK_KEYS:
            pen.box(left, y, right, y + layout.row, _BLACK_KEY_ROW)
        elif pitch % 12 == 0:
            pen.box(left, y + layout.row, right, y + layout.row + 1, _OCTAVE_LINE)
            pen.text(left - 8, y + layout.row, f"C{pitch // 12 - 1}", _FAINT_INK, anchor="rm")
    for index, drum in enumerate(layout.drums):
        y = end - (index + 1) * _DRUM_ROW
        pen.box(left, y, right, y + _DRUM_ROW - 1, _BLACK_KEY_ROW)
        pen.text(left - 8, y + _DRUM_ROW / 2, _drum_name(drum), _FAINT_INK, size=8, anchor="rm")
    new = range(max(first, new_bars.start), min(last, new_bars.stop))
    if new:
        start, stop = layout.x(layout.bars[new.start], system), layout.x(layout.bars[new.stop], system)
        pen.box(start, top, stop, end, (*_NEW_BARS, 120))
        pen.box(start, top - 3, stop, top, _NEW_EDGE)
    bar_width = (right - left) / (last - first)
    line_step, label_step = (next(s for s in _STEPS if s * bar_width >= least) for least in (5, 34))
    for bar in range(first, last + 1):
        x = layout.x(layout.bars[bar], system)
        if bar % line_step == 0 or bar in (first, last):
            pen.box(x, top, x + 1, end, _BAR_LINE)
        if bar < last and (bar == first or (bar % label_step == 0 and bar - first >= label_step)):
            pen.text(x + 2, top - 5, str(bar + 1), _FAINT_INK)


def _draw_chords(pen: _Pen, layout: _Layout, system: int, chords: Sequence[str]) -> None:
    first, last = layout.systems[system]
    for bar in range(first, min(last, len(chords))):
        x, end = layout.x(layout.bars[bar], system), layout.x(layout.bars[bar + 1], system)
        if end - x >= _CHORD_ROOM:
            pen.text(x + _CHORD_INDENT, layout.top(system) - 5, chords[bar], _INK)


def _drum_name(pitch: int) -> str:
    return _shortened(DRUM_NAMES.get(pitch, str(pitch)), _GUTTER + _MARGIN - 16, 8)


def _draw_notes(pen: _Pen, layout: _Layout, track: Track, colour: tuple[int, int, int], layers: np.ndarray) -> None:
    starts = layout.starts
    for (onset, duration, pitch, velocity), (layer, num_layers) in zip(
        track.notes.tolist(), layers.tolist(), strict=True
    ):
        height = layout.row / num_layers
        system = int(np.searchsorted(starts, onset, side="right")) - 1
        for part, begin, end in _parts(layout, system, onset, onset + duration):
            left, y = layout.x(begin, part), layout.y(pitch, part) + layer * height
            # A hair's breadth between repeated notes keeps them apart.
            pen.box(left, y, max(layout.x(end, part) - 1, left + 1.5), y + height, (*colour, _opacity(velocity)))


def _draw_drums(pen: _Pen, layout: _Layout, track: Track, colour: tuple[int, int, int]) -> None:
    rows = {drum: index for index, drum in enumerate(layout.drums)}
    for onset, _, pitch, velocity in track.notes.tolist():
        if pitch in rows:
            system = int(np.searchsorted(layout.starts, onset, side="right")) - 1
            x = layout.x(onset, system)
            foot = layout.top(system) + layout.roll_height + layout.drum_height - rows[pitch] * _DRUM_ROW
            pen.box(x, foot - _DRUM_ROW, x + 5, foot - 1, (*colour, _opacity(velocity)))


def _opacity(velocity: int) -> int:
    return 70 + round(185 * velocity / 127)


def _parts(layout: _Layout, system: int, onset: int, end: int) -> Iterator[tuple[int, int, int]]:
    """A note as (system, onset, end), cut where systems end."""
    while system < len(layout.systems):
        stop = int(layout.bars[layout.systems[system][1]])
        yield system, onset, min(end, stop)
        if end <= stop:
            return
        system, onset = system + 1, stop


def _shown(score: Score) -> list[Marker]:
    return [mark for mark in score.markers if mark.text not in (LOOP_START, LOOP_END)]


def _draw_markers(pen: _Pen, layout: _Layout, score: Score) -> None:
    marks = [mark for mark in _shown(score) if mark.tick < layout.bars[-1]]
    systems = [int(np.searchsorted(layout.starts, mark.tick, side="right")) - 1 for mark in marks]
    for index, (mark, system) in enumerate(zip(marks, systems, strict=True)):
        x, top = layout.x(mark.tick, system), layout.top(system)
        room = _WIDTH - 4 - x
        if systems[index + 1 : index + 2] == [system]:
            room = layout.x(marks[index + 1].tick, system) - x - 8
        pen.box(x, top - layout.above, x + 2, top + layout.roll_height + layout.drum_height, (*_MARKER_INK, 150))
        if room > 12:
            pen.text(x + 6, top - _RULER - 5, _shortened(mark.text, room - 6, 13), _MARKER_INK, size=13)
