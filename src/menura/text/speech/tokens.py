"""Tokens: what is spoken of a text, each with the characters that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["word", "letter", "punctuation", "pause"]
PUNCTUATION = ",.;:!?…—“”()"
"""The signs that a voice hears; others are dropped."""


@dataclass(frozen=True)
class Token:
    """A spoken word, a letter by its name, or a sign; `text[start:end]` is what it was written as."""

    text: str
    start: int
    end: int
    kind: Kind
