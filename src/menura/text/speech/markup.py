"""A text with marks taken out of it: what is plain, and which of its places are said in another way.

`[word](/ipa/)` and `[pause:0.5s]` may stand in any text; `ssml` reads the W3C's language into the same form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from menura.text.speech.phonemes import parse_ipa

LONGEST_PAUSE_S = 60.0
_INLINE = re.compile(r"\[([^\[\]\n]+)\]\(/([^/\n]*)/\)|\[pause:\s*([\d.]+)\s*(m?s)\]")


@dataclass(frozen=True)
class Style:
    """How words are said: times as fast, semitones higher, decibels louder."""

    rate: float = 1.0
    pitch_semitones: float = 0.0
    volume_db: float = 0.0
    emphasis: Literal["strong", "moderate", "none", "reduced"] = "none"
    voice: str = ""
    language: str = ""


@dataclass(frozen=True)
class Fixed:
    """`plain[start:end]` is said as IPA, as other words, or as a kind of thing."""

    start: int
    end: int
    kind: Literal["ipa", "words", "say-as"]
    value: str


@dataclass(frozen=True)
class Pause:
    """Before the character `place` of the plain text; one of no length is a mark of that name."""

    place: int
    seconds: float
    mark: str = ""


@dataclass
class Marked:
    """A plain text, and for each of its characters where it stood in the source."""

    plain: str = ""
    places: list[int] = field(default_factory=list)
    fixed: list[Fixed] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    styles: list[tuple[int, int, Style]] = field(default_factory=list)
    """From, to, style; in order."""

    def add(self, text: str, source: int, style: Style | None = None, each: bool = True) -> None:
        """More plain text, from `source`; without `each` all of its characters stand for that place."""
        if style is not None and text:
            self.styles.append((len(self.plain), len(self.plain) + len(text), style))
        self.places += [source + step * each for step in range(len(text))]
        self.plain += text

    def style_at(self, place: int) -> Style:
        """How the character is said."""
        return next((style for start, end, style in self.styles if start <= place < end), Style())


def read_inline(text: str) -> Marked:
    """A text with marks in square brackets.

    Raises:
        ValueError: for a pronunciation that is no IPA, or a pause that is too long, with its place.
    """
    marked, place = Marked(), 0
    for found in _INLINE.finditer(text):
        marked.add(text[place : found.start()], place)
        place = found.end()
        if found[3]:
            marked.pauses.append(
                Pause(len(marked.plain), seconds(found[3], found[4], f"character {found.start() + 1}"))
            )
            continue
        checked_ipa(found[2], f"character {found.start(2) + 1}")
        start = len(marked.plain)
        marked.add(found[1], found.start(1))
        marked.fixed.append(Fixed(start, len(marked.plain), "ipa", found[2]))
    marked.add(text[place:], place)
    return marked


def checked_ipa(ipa: str, where: str) -> None:
    """Raises ValueError with the place where IPA cannot be read."""
    try:
        sounds = parse_ipa(ipa)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    if not sounds:
        raise ValueError(f"{where}: a pronunciation in IPA is missing")


def seconds(number: str, unit: str, where: str) -> float:
    """The length of a pause, which is at most `LONGEST_PAUSE_S`."""
    try:
        length = float(number) * (0.001 if unit == "ms" else 1.0)
    except ValueError:
        length = -1.0
    if not 0 <= length <= LONGEST_PAUSE_S:
        raise ValueError(f'{where}: a pause of "{number}{unit}" must be 0 to {LONGEST_PAUSE_S:.0f} seconds')
    return length
