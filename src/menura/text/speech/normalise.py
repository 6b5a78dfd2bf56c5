"""Normalising: a text as it is written -> the words that are spoken, each with its place in the text."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

from menura.text.speech.dutch import Dutch
from menura.text.speech.english import British, English
from menura.text.speech.german import German
from menura.text.speech.reader import Reader
from menura.text.speech.tokens import Token

Language = Literal["en-us", "en-gb", "de", "nl"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_READERS: dict[str, type[Reader]] = {"en-us": English, "en-gb": British, "de": German, "nl": Dutch}


@cache
def _reader(language: str) -> Reader:
    if language not in _READERS:
        raise ValueError(f'language: "{language}" cannot be read; known are {", ".join(LANGUAGES)}')
    return _READERS[language]()


def normalise(text: str, language: Language = "en-us") -> list[Token]:
    """The spoken words of a text: numbers, dates, money, units, abbreviations and the like said in full.

    Tokens are in order, and every letter and digit of the text is within the span of one.
    """
    return list(_reader(language).read(text))
