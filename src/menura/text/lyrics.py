"""Lyrics of a song: its sections and their lines.

[verse]                    a section; [chorus] alone sings the words of the chorus again
Hal-le-lu-jah _ , amen     hyphens cut a word, _ holds a syllable for a note more
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from menura.text.captions import Word

SectionName = Literal["intro", "verse", "chorus", "bridge", "instrumental", "outro"]
MOST_LINES = 400
_NAMES: dict[str, SectionName] = {
    **dict.fromkeys(("verse", "strophe", "vers", "couplet", "pre-chorus", "prechorus"), "verse"),
    **dict.fromkeys(("chorus", "refrain", "hook", "refrein"), "chorus"),
    **dict.fromkeys(("bridge", "middle eight", "brug"), "bridge"),
    **dict.fromkeys(("instrumental", "solo", "interlude", "break"), "instrumental"),
    **dict.fromkeys(("outro", "coda", "ending", "end"), "outro"),
    "intro": "intro",
}
_TAG = re.compile(r"\[\s*([^\[\]\n]*?)\s*\]")
_NUMBER = re.compile(r"[\s\d:.]*$")


@dataclass(frozen=True)
class LyricSection:
    """A section of a song.

    Attributes:
        name: what it is.
        lines: of words; none where only the band plays.
    """

    name: SectionName
    lines: tuple[str, ...]


def read_sections(text: str) -> list[LyricSection]:
    """The sections of lyrics, in order.

    Without tags, stanzas are verses, and one that returns word for word is the chorus. Text in brackets that is no
    section's name is an instruction, and not sung.

    Raises:
        ValueError: there are no words and no sections, or too many lines; one line.
    """
    found: list[LyricSection] = []
    if any(_named(tag) for tag in _TAG.findall(text)):
        pieces = _TAG.split(text)
        name: SectionName = "verse"
        lines = _lines(pieces[0])
        for tag, words in zip(pieces[1::2], pieces[2::2], strict=True):
            if known := _named(tag):
                _add(found, name, lines, told=len(found) > 0 or bool(lines))
                name, lines = known, []
            lines += _lines(words)
        _add(found, name, lines, told=True)
    else:
        stanzas = [_lines(stanza) for stanza in re.split(r"\n\s*\n", _TAG.sub("", text))]
        stanzas = [tuple(stanza) for stanza in stanzas if stanza]
        returning = {stanza for stanza in stanzas if stanzas.count(stanza) > 1 and len(stanzas) > 2}
        found = [LyricSection("chorus" if stanza in returning else "verse", stanza) for stanza in stanzas]
    if not found:
        raise ValueError("are empty; write lines of words, under [verse] and [chorus] if you like")
    if (count := sum(len(section.lines) for section in found)) > MOST_LINES:
        raise ValueError(f"{count} lines are more than the {MOST_LINES} that one song may have")
    return found


def to_lrc(words: Sequence[Word], title: str) -> str:
    """Words with their times as LRC, a line for each sentence, each word with its own time (A2 extension)."""
    lines: list[str] = [f"[ti:{title.replace(']', ')')}]"] if title else []
    last = None
    for word in words:
        if word.sentence != last:
            lines.append(f"[{_lrc_time(word.start_s)}]")
            last = word.sentence
        lines[-1] += f" <{_lrc_time(word.start_s)}> {word.text}"
    return "\n".join(lines) + "\n"


def _add(found: list[LyricSection], name: SectionName, lines: Sequence[str], *, told: bool) -> None:
    if not told:
        return
    if not lines and name in ("chorus", "verse", "bridge"):
        lines = next((section.lines for section in found if section.name == name), ())
    found.append(LyricSection(name, tuple(lines)))


def _named(tag: str) -> SectionName | None:
    return _NAMES.get(_NUMBER.sub("", tag).strip().lower())


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if any(map(str.isalnum, line))]


def _lrc_time(seconds: float) -> str:
    hundredths = round(100 * max(seconds, 0.0))
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"
