"""SSML, as far as a small voice can follow it: read into a plain text with its pauses, styles and pronunciations.

Standard: W3C, "Speech Synthesis Markup Language 1.1", 2010. `speak`, `p`, `s`, `break`, `prosody`, `emphasis`,
`say-as`, `sub`, `phoneme`, `voice`, `lang`, `mark`; other elements are errors, a DOCTYPE and entities are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from xml.parsers import expat

from menura.text.speech.markup import Fixed, Marked, Pause, Style, checked_ipa, seconds

SAY_AS = ("cardinal", "ordinal", "characters", "spell-out", "digits", "date", "time", "telephone", "currency", "number")
_ELEMENTS = {
    **{"speak": (), "p": (), "s": (), "break": ("time", "strength"), "prosody": ("rate", "pitch", "volume")},
    **{"emphasis": ("level",), "say-as": ("interpret-as",), "sub": ("alias",), "phoneme": ("ph",), "voice": ("name",)},
    **{"lang": ("xml:lang",), "mark": ("name",)},
}
"""Element -> its attributes that are read; others are passed over."""
_FIXED: dict[str, tuple[Literal["ipa", "words", "say-as"], str]] = {
    "sub": ("words", "alias"),
    "phoneme": ("ipa", "ph"),
    "say-as": ("say-as", "interpret-as"),
}
"""Elements whose text is read in a fixed way: how, and the attribute that says it."""
_NEEDED = {
    "say-as": "interpret-as",
    "sub": "alias",
    "phoneme": "ph",
    "voice": "name",
    "lang": "xml:lang",
    "mark": "name",
}
_EMPTY = ("break", "mark")
_BREAKS_S = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
_PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
_VOLUMES_DB = {
    "silent": -96.0,
    "x-soft": -12.0,
    "soft": -6.0,
    "medium": 0.0,
    "default": 0.0,
    "loud": 4.0,
    "x-loud": 8.0,
}
_LEVELS = ("strong", "moderate", "none", "reduced")


def is_ssml(text: str) -> bool:
    """Whether a text is meant as SSML: it begins with <speak>, or an XML declaration."""
    return bool(re.match(r"\s*<(?:\?xml|speak\b)", text))


def read_ssml(document: str) -> Marked:
    """A document's plain text, and how its places are said.

    Raises:
        ValueError: one line with the place of what cannot be read.
    """
    reader = _Reader(document)
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    reader.parser = parser
    try:
        parser.Parse(document.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise ValueError(f"SSML, line {error.lineno}, column {error.offset + 1}: {reason}") from None
    return reader.marked


class _Reader:
    """What the parser meets, in order."""

    parser: Any

    def __init__(self, document: str) -> None:
        self.marked = Marked()
        self._open: list[tuple[str, Mapping[str, str], int]] = []
        self._styles = [Style()]
        self._chars = _character_places(document)

    @property
    def _where(self) -> str:
        return f"SSML, line {self.parser.CurrentLineNumber}, column {self.parser.CurrentColumnNumber + 1}"

    def refuse(self, *_: object) -> None:
        raise ValueError(f"{self._where}: a DOCTYPE or entity is not allowed")

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name not in _ELEMENTS:
            raise ValueError(f"{self._where}: <{name[:40]}> is none of {', '.join(_ELEMENTS)}")
        if (name == "speak") == bool(self._open):
            raise ValueError(f"{self._where}: <speak> must be the outermost element, and the only one of its name")
        if name in _NEEDED and not attributes.get(_NEEDED[name]):
            raise ValueError(f'{self._where}: <{name}> needs {_NEEDED[name]}="…"')
        if self._open and self._open[-1][0] in (*_EMPTY, "sub", "phoneme", "say-as"):
            raise ValueError(f"{self._where}: <{self._open[-1][0]}> has no elements inside")
        if name in ("p", "s"):
            self._gap()
        if name == "break":
            self.marked.pauses.append(Pause(len(self.marked.plain), self._pause(attributes)))
        elif name == "mark":
            self.marked.pauses.append(Pause(len(self.marked.plain), 0.0, attributes["name"]))
        self._styles.append(self._style(name, attributes))
        self._open.append((name, attributes, len(self.marked.plain)))
        if name == "say-as" and attributes["interpret-as"] not in SAY_AS:
            raise ValueError(
                f'{self._where}: interpret-as="{attributes["interpret-as"][:40]}" is none of {", ".join(SAY_AS)}'
            )
        if name == "phoneme" and attributes.get("alphabet", "ipa") != "ipa":
            raise ValueError(f'{self._where}: alphabet="{attributes["alphabet"][:40]}" must be "ipa"')
        if name == "phoneme":
            checked_ipa(attributes["ph"], self._where)

    def text(self, data: str) -> None:
        source = self._chars.get(self.parser.CurrentByteIndex, 0)
        if self._open[-1][0] in _EMPTY and data.strip():
            raise ValueError(f"{self._where}: <{self._open[-1][0]}> has no text inside")
        self.marked.add(data, source, self._styles[-1])

    def end(self, name: str) -> None:
        _, attributes, start = self._open.pop()
        self._styles.pop()
        if name in _FIXED and self.marked.plain[start:].strip():
            kind, key = _FIXED[name]
            self.marked.fixed.append(Fixed(start, len(self.marked.plain), kind, attributes[key]))
        if name in ("p", "s"):
            self._gap()

    def _gap(self) -> None:
        source = self._chars.get(self.parser.CurrentByteIndex, 0)
        self.marked.add("\n\n", source, each=False)

    def _pause(self, attributes: Mapping[str, str]) -> float:
        if "time" in attributes:
            found = re.fullmatch(r"\s*\+?([\d.]+)(m?s)\s*", attributes["time"])
            if not found:
                raise ValueError(f'{self._where}: time="{attributes["time"][:40]}" must be as 500ms or 0.5s')
            return seconds(found[1], found[2], self._where)
        return self._named("strength", attributes.get("strength", "medium"), _BREAKS_S)

    def _named(self, name: str, value: str, table: Mapping[str, float]) -> float:
        if value not in table:
            raise ValueError(f'{self._where}: {name}="{value[:40]}" is none of {", ".join(table)}')
        return table[value]

    def _style(self, name: str, attributes: Mapping[str, str]) -> Style:
        style = self._styles[-1]
        if name == "voice":
            return replace(style, voice=attributes["name"])
        if name == "lang":
            return replace(style, language=attributes["xml:lang"].lower())
        if name == "emphasis":
            level = attributes.get("level", "moderate")
            if level not in _LEVELS:
                raise ValueError(f'{self._where}: level="{level[:40]}" is none of {", ".join(_LEVELS)}')
            return replace(style, emphasis=level)
        if name != "prosody":
            return style
        if "rate" in attributes:
            style = replace(style, rate=style.rate * self._rate(attributes["rate"]))
        if "pitch" in attributes:
            style = replace(style, pitch_semitones=style.pitch_semitones + self._pitch(attributes["pitch"]))
        if "volume" in attributes:
            style = replace(style, volume_db=style.volume_db + self._volume(attributes["volume"]))
        return style

    def _rate(self, written: str) -> float:
        found = re.fullmatch(r"([+-]?)(\d{1,4}(?:\.\d+)?)%", written)
        if not found:
            return self._named("rate", written, _RATES)
        share = float(found[2]) / 100
        rate = {"": share, "+": 1 + share, "-": 1 - share}[found[1]]
        if not 0.1 <= rate <= 10:
            raise ValueError(f'{self._where}: rate="{written}" must be 10% to 1000%')
        return rate

    def _pitch(self, written: str) -> float:
        found = re.fullmatch(r"([+-]\d{1,3}(?:\.\d+)?)(st|%)", written)
        if not found:
            return self._named("pitch", written, _PITCHES)
        semitones = float(found[1]) if found[2] == "st" else 12 * math.log2(max(0.25, 1 + float(found[1]) / 100))
        if abs(semitones) > 24:
            raise ValueError(f'{self._where}: pitch="{written}" must be within two octaves')
        return semitones

    def _volume(self, written: str) -> float:
        found = re.fullmatch(r"([+-]\d{1,2}(?:\.\d+)?)dB", written)
        return float(found[1]) if found else self._named("volume", written, _VOLUMES_DB)


def _character_places(document: str) -> dict[int, int]:
    """Byte of the document in UTF-8 -> its character."""
    places, reached = {}, 0
    for place, character in enumerate(document):
        places[reached] = place
        reached += len(character.encode("utf-8", "replace"))
    return places
