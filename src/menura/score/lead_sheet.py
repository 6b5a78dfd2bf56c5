"""A lead sheet as a picture: one staff with the melody, chords above it, words below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from menura.score.harmony import Chord
from menura.score.musicxml import Piece, is_low, name_of, pieces, value_of
from menura.score.notes import Key, Score

_SCALE = 2
"""Drawn so many times larger than shown, for smooth edges."""
_WIDTH, _MARGIN = 1400, 60
_SPACE = 11.0
"""Between two lines of the staff, pixels."""
_ABOVE, _BELOW = 82.0, 98.0
_INK, _GREY = (20, 20, 24), (120, 120, 128)
_LEAST_NOTE, _LEAST_REST, _BAR_EDGE = 34.0, 30.0, 22.0
_STEPS = "CDEFGAB"
_E4 = 4 * 7 + 2
"""The lowest line of a treble staff, in steps of the scale from C0."""
_SHARPS, _FLATS = (10, 7, 11, 8, 5, 9, 6), (6, 9, 5, 8, 4, 7, 3)
"""Where the signs of a key stand, in steps above two under the lowest line."""
_ORDER = "FCGDAEB"
_CLEF = (
    *((0.3, -0.4), (-0.25, -0.15), (-0.2, 0.5), (0.45, 0.85), (1.1, 0.2), (0.8, -0.85), (-0.2, -1.05), (-1.1, -0.3)),
    *((-1.0, 0.9), (-0.1, 2.1), (0.75, 3.3), (0.7, 4.5), (0.35, 4.9), (-0.05, 4.2), (0.05, 2.6), (0.45, 0.0)),
    *((0.7, -1.7), (0.5, -2.6), (-0.1, -2.8), (-0.5, -2.4)),
)
"""A treble clef's stroke, in spaces right of and above its place on the second line."""


@dataclass(frozen=True)
class _Bar:
    """What stands in a bar, and how wide it is at least."""

    number: int
    pieces: Sequence[Piece]
    chords: Sequence[tuple[int, str]]
    mark: str | None

    @property
    def widths(self) -> list[float]:
        found = []
        for _, length, pitch, _, syllable in self.pieces:
            least = _LEAST_REST if pitch is None else _LEAST_NOTE
            text = _font(15).getlength(syllable[0] + " -") / _SCALE if syllable else 0.0
            found.append(max(least, text) + 2.5 * length**0.5)
        return found

    @property
    def width(self) -> float:
        chords = sum(_font(17).getlength(name + "  ") / _SCALE for _, name in self.chords)
        return max(sum(self.widths), chords) + _BAR_EDGE


def lead_sheet(score: Score, chords: Sequence[tuple[Chord | None, Chord | None]]) -> Image.Image:
    """The first track of a score with its lyrics and chords; arguments as of `to_musicxml`."""
    key = score.keys[0].key if score.keys else Key(0, "major")
    low = is_low(score)
    systems = _systems(list(_bars(score, chords, key)), _WIDTH - 2 * _MARGIN - _head_width(key, True))
    height = 110 + len(systems) * (_ABOVE + 4 * _SPACE + _BELOW)
    image = Image.new("RGB", (_WIDTH * _SCALE, round(height) * _SCALE), "white")
    pen = _Pen(ImageDraw.Draw(image), key, low)
    title = " ".join(score.title.split())[:90] or "Song"
    pen.text(_WIDTH / 2, 44, title, 26, "mm")
    pen.head(_MARGIN + 8, 84, 4.5, filled=True)
    pen.line([(_MARGIN + 14, 84), (_MARGIN + 14, 62)], 1.5)
    pen.text(_MARGIN + 24, 82, f"= {score.tempos[0].bpm:g}", 16, "lm")
    for number, bars in enumerate(systems):
        top = 110 + number * (_ABOVE + 4 * _SPACE + _BELOW) + _ABOVE
        pen.system(bars, top, score.metres[0].numerator, score.metres[0].denominator, is_first=number == 0)
    return image.resize((_WIDTH, round(height)), Image.Resampling.LANCZOS)


def _bars(score: Score, chords: Sequence[tuple[Chord | None, Chord | None]], key: Key) -> Iterable[_Bar]:
    bar = score.metres[0].bar_ticks
    marks = {mark.tick // bar: mark.text for mark in score.markers}
    before = None
    for number, (own, halves) in enumerate(zip(pieces(score, len(chords)), chords, strict=True)):
        shown = []
        for place, chord in zip((0, 8 * score.metres[0].numerator // score.metres[0].denominator), halves, strict=True):
            if chord is not None and chord != before:
                shown.append((place, chord.symbol(key.fifths < 0)))
                before = chord
        yield _Bar(number, own, shown, marks.get(number))


def _systems(bars: Sequence[_Bar], width: float) -> list[list[_Bar]]:
    """Bars in lines, as many as have room, at most eight."""
    found: list[list[_Bar]] = []
    left = 0.0
    for bar in bars:
        if not found or bar.width > left or len(found[-1]) == 8:
            found.append([])
            left = width
        found[-1].append(bar)
        left -= bar.width
    return found


def _head_width(key: Key, with_metre: bool) -> float:
    return 4.6 * _SPACE + abs(key.fifths) * _SPACE + (3 * _SPACE if with_metre else 0.0)


@dataclass(frozen=True, eq=False)
class _Pen:
    """Draws on one staff after another; places in pixels of the picture that is shown."""

    draw: ImageDraw.ImageDraw
    key: Key
    low: bool

    def line(self, points: Sequence[tuple[float, float]], width: float = 1.2, ink: tuple[int, int, int] = _INK) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self.draw.line(scaled, fill=ink, width=max(round(width * _SCALE), 1), joint="curve")

    def text(self, x: float, y: float, text: str, size: int, anchor: str, ink: tuple[int, int, int] = _INK) -> None:
        self.draw.text((x * _SCALE, y * _SCALE), text, fill=ink, font=_font(size), anchor=anchor)

    def head(self, x: float, y: float, radius: float, *, filled: bool) -> None:
        """A note's head, a little tilted."""
        turn = np.linspace(0, 2 * np.pi, 40)
        wide, high = 1.3 * radius * np.cos(turn), 0.85 * radius * np.sin(turn)
        tilt = -0.35
        edge = np.column_stack(
            (x + wide * np.cos(tilt) - high * np.sin(tilt), y + wide * np.sin(tilt) + high * np.cos(tilt))
        )
        points = [(float(a) * _SCALE, float(b) * _SCALE) for a, b in edge]
        if filled:
            self.draw.polygon(points, fill=_INK)
        else:
            self.draw.line([*points, points[0]], fill=_INK, width=round(1.9 * _SCALE), joint="curve")

    def dot(self, x: float, y: float, radius: float = 2.0) -> None:
        self.draw.ellipse(
            [((x - radius) * _SCALE), (y - radius) * _SCALE, (x + radius) * _SCALE, (y + radius) * _SCALE], fill=_INK
        )

    def sign(self, x: float, y: float, kind: str) -> None:
        """A sharp, flat or natural."""
        half = _SPACE / 2
        if kind == "#":
            for across in (-2.0, 2.0):
                self.line([(x + across, y - 2.4 * half), (x + across, y + 2.4 * half)])
            for up in (-0.75 * half, 0.75 * half):
                self.line([(x - 4.5, y + up + 1.2), (x + 4.5, y + up - 1.2)], 2.4)
        elif kind == "b":
            self.line([(x - 3, y - 3.4 * half), (x - 3, y + half)])
            self.line(
                _curve(((x - 3, y - 0.5 * half), (x + 1, y - half), (x + 3.6, y - 0.3 * half), (x - 3, y + half))), 1.8
            )
        else:
            self.line([(x - 2.5, y - 2.4 * half), (x - 2.5, y + half)])
            self.line([(x + 2.5, y - half), (x + 2.5, y + 2.4 * half)])
            for up in (-half, half):
                self.line([(x - 2.5, y + up + 0.8), (x + 2.5, y + up - 0.8)], 2.2)

    def system(self, bars: Sequence[_Bar], top: float, numerator: int, denominator: int, *, is_first: bool) -> None:
        for number in range(5):
            self.line([(_MARGIN, top + number * _SPACE), (_WIDTH - _MARGIN, top + number * _SPACE)], 1.0)
        x = _MARGIN + 1.9 * _SPACE
        self.line(_curve([(x + a * _SPACE, top + 3 * _SPACE - b * _SPACE) for a, b in _CLEF]), 2.3)
        self.dot(x - 0.3 * _SPACE, top + 5.4 * _SPACE, 3.6)
        if self.low:
            self.text(x, top + 6.6 * _SPACE, "8", 13, "mm")
        x += 2.7 * _SPACE
        places = _SHARPS if self.key.fifths > 0 else _FLATS
        for place in places[: abs(self.key.fifths)]:
            self.sign(x, top + 4 * _SPACE - (place - 2) * _SPACE / 2, "#" if self.key.fifths > 0 else "b")
            x += _SPACE
        if is_first:
            self.text(x + _SPACE, top + _SPACE, str(numerator), 24, "mm")
            self.text(x + _SPACE, top + 3 * _SPACE, str(denominator), 24, "mm")
            x += 3 * _SPACE
        room = _WIDTH - _MARGIN - x
        needed = sum(bar.width for bar in bars)
        stretch = min(room / needed, 1.6) if len(bars) < 4 else room / needed
        self.text(_MARGIN, top - 20, str(bars[0].number + 1), 12, "lm", _GREY)
        for bar in bars:
            self.bar(bar, x, stretch, top)
            x += bar.width * stretch
            self.line([(x, top), (x, top + 4 * _SPACE)], 1.3)

    def bar(self, bar: _Bar, x: float, stretch: float, top: float) -> None:
        if bar.mark:
            wide = _font(14).getlength(bar.mark) / _SCALE + 12
            self.line([(x, top - 72), (x + wide, top - 72), (x + wide, top - 52), (x, top - 52), (x, top - 72)])
            self.text(x + 6, top - 62, bar.mark, 14, "lm")
        extra = (bar.width - _BAR_EDGE - sum(bar.widths)) * stretch
        x += _BAR_EDGE * stretch * 0.6
        place_of: dict[int, float] = {}
        altered: dict[int, int] = {}
        for (place, length, pitch, ties, syllable), width in zip(bar.pieces, bar.widths, strict=True):
            place_of[place] = x
            if pitch is None:
                self.rest(x + 8, top, length, is_whole=len(bar.pieces) == 1)
            else:
                self.note(x + 8, top, length, pitch, ties[0], altered)
            if ties[1] and pitch is not None:
                self.tie(x + 14, x + width * stretch, top, pitch)
            if syllable:
                self.text(x + 8, top + 4 * _SPACE + 66, syllable[0], 15, "mm")
                if syllable[1] in ("begin", "middle"):
                    beside = _font(15).getlength(syllable[0]) / _SCALE / 2 + 7
                    self.text(x + 8 + beside, top + 4 * _SPACE + 66, "-", 15, "mm")
            x += width * stretch + extra / len(bar.pieces)
        for place, name in bar.chords:
            at = max((one for one in place_of if one <= place), default=0)
            beside = 0.0 if at == place else 26.0
            self.text(place_of.get(at, x) + beside, top - 36, name, 17, "lm")

    def place(self, top: float, pitch: int) -> tuple[int, int, float]:
        """Steps above the lowest line, alteration, and the height on the page."""
        name = name_of(pitch % 12, self.key)
        alter = {"": 0, "#": 1, "b": -1}[name[1:]]
        octave = (pitch - alter) // 12 - 1 + self.low
        step = octave * 7 + _STEPS.index(name[0]) - _E4
        return step, alter, top + 4 * _SPACE - step * _SPACE / 2

    def tie(self, x: float, end: float, top: float, pitch: int) -> None:
        step, _, y = self.place(top, pitch)
        under = 1 if step < 4 else -1
        self.line(_curve(((x, y + under * 8), ((x + end) / 2, y + under * 14), (end, y + under * 8))), 1.6)

    def note(self, x: float, top: float, length: int, pitch: int, is_tied: bool, altered: dict[int, int]) -> None:
        step, alter, y = self.place(top, pitch)
        for ledger in (*range(-2, step - 1, -2), *range(10, step + 1, 2)):
            at = top + 4 * _SPACE - ledger * _SPACE / 2
            self.line([(x - 11, at), (x + 11, at)], 1.2)
        letter = _STEPS[(step + _E4) % 7]
        signed = _ORDER[: self.key.fifths] if self.key.fifths > 0 else _ORDER[::-1][: -self.key.fifths]
        usual = (1 if self.key.fifths > 0 else -1) if letter in signed else 0
        if alter != altered.get(step, usual) and not is_tied:
            self.sign(x - 15, y, {0: "n", 1: "#", -1: "b"}[alter])
            altered[step] = alter
        kind, dots = value_of(length)
        self.head(x, y, _SPACE / 2, filled=kind not in ("whole", "half"))
        for number in range(dots):
            self.dot(x + 13 + 6 * number, y - (_SPACE / 2 if step % 2 == 0 else 0))
        if kind != "whole":
            up = -1 if step < 4 else 1
            stem, end = x - up * 5.6, y + up * 3.4 * _SPACE
            self.line([(stem, y), (stem, end)], 1.5)
            for flag in range({"eighth": 1, "16th": 2}.get(kind, 0)):
                at = end - up * flag * 8
                self.line(
                    _curve(((stem, at), (stem + 5, at - up * 6), (stem + 9, at - up * 12), (stem + 7, at - up * 20))),
                    2.2,
                )

    def rest(self, x: float, top: float, length: int, *, is_whole: bool) -> None:
        kind, dots = value_of(length)
        middle = top + 2 * _SPACE
        if is_whole or kind in ("whole", "half"):
            on = top + _SPACE if is_whole or kind == "whole" else middle - _SPACE / 2
            box = [x - 7, on, x + 7, on + _SPACE / 2]
            self.draw.rectangle([one * _SCALE for one in box], fill=_INK)
            dots = 0 if is_whole else dots
        elif kind == "quarter":
            zigzag = ((-3, -13), (4, -5), (-3, 2), (4, 9), (-3, 7), (-2, 12), (1, 15))
            self.line([(x + a, middle + b) for a, b in zigzag], 2.6)
        else:
            for number in range(1 if kind == "eighth" else 2):
                self.dot(x - 3 - 2 * number, middle - 4 + 9 * number, 2.6)
                self.line(
                    [(x - 3 - 2 * number, middle - 3 + 9 * number), (x + 5 - 2 * number, middle - 6 + 9 * number)], 1.6
                )
            self.line([(x + 5, middle - 7), (x - 1, middle + 14)], 1.6)
        for number in range(dots):
            self.dot(x + 13 + 6 * number, middle - _SPACE / 2)


def _curve(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A smooth way through points (Catmull and Rom, 1974)."""
    found = []
    padded = [points[0], *points, points[-1]]
    for number in range(len(points) - 1):
        p = np.array(padded[number : number + 4])
        for t in np.linspace(0, 1, 10):
            at = 0.5 * (2 * p[1] + (p[2] - p[0]) * t + (2 * p[0] - 5 * p[1] + 4 * p[2] - p[3]) * t**2)
            at = at + 0.5 * (3 * p[1] - p[0] - 3 * p[2] + p[3]) * t**3
            found.append((float(at[0]), float(at[1])))
    return found


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * _SCALE)
